"""The room as a Django app."""

from django.apps import AppConfig


class CouncilsConfig(AppConfig):
    """Names the room."""

    name = "carethread.councils"

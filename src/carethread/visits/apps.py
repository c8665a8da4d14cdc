"""The room as a Django app."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """Names the room."""

    name = "carethread.visits"

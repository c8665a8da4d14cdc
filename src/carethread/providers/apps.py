"""The room as a Django app."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Names the room."""

    name = "carethread.providers"

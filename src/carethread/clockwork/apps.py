"""The room as a Django app."""

from django.apps import AppConfig


class ClockworkConfig(AppConfig):
    """Names the room."""

    name = "carethread.clockwork"

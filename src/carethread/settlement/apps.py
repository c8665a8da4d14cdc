"""The room as a Django app."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    """Names the room."""

    name = "carethread.settlement"

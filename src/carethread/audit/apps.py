"""The room as a Django app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Names the room."""

    name = "carethread.audit"

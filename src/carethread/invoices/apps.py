"""The room as a Django app."""

from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    """Names the room."""

    name = "carethread.invoices"

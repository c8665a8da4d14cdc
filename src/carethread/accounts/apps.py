"""The room as a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Names the room."""

    name = "carethread.accounts"

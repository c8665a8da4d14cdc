"""The room as a Django app."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Names the room."""

    name = "carethread.orders"

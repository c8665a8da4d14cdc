"""The room as a Django app."""

from django.apps import AppConfig


class InterchangeConfig(AppConfig):
    """Names the room."""

    name = "carethread.interchange"

"""The room as a Django app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Names the room."""

    name = "carethread.people"

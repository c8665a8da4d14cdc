"""The room as a Django app."""

from datetime import timedelta

from django.apps import AppConfig
from django.conf import settings

from carethread.clockwork import deeds


class SettlementConfig(AppConfig):
    """Names the room, and says what it does from time to time."""

    name = "carethread.settlement"

    def ready(self) -> None:
        """Look for runs that nobody settles any more."""
        from carethread.settlement.reaping import reap  # noqa: PLC0415 -- models are ready now

        every = timedelta(seconds=settings.RUN_LIFE_SECONDS / 4)
        deeds.register("give up dead runs", every, reap)

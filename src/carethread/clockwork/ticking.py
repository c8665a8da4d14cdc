"""Doing what is due. Of several processes that tick, one does each deed; a killed one's lease ends."""

import logging
import os
import secrets
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.models import Q

from carethread.clockwork.deeds import Deed, deeds
from carethread.clockwork.models import Turn

LEASE = timedelta(seconds=30)
"""How long a deed is left to a process that gives no sign of life."""
_RENEWED_EVERY = LEASE / 5
_MOST_WAIT = timedelta(hours=1)
Clock = Callable[[], datetime]
_log = logging.getLogger(__name__)


def a_name() -> str:
    """Return a name for this process that no other has."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


def tick(holder: str, clock: Clock) -> list[str]:
    """Do every deed that is due and that nobody else is doing; return their names."""
    return [
        deed.name for deed in deeds() if _is_taken(deed, holder, clock()) and _done(deed, holder, clock)
    ]


def _is_taken(deed: Deed, holder: str, at: datetime) -> bool:
    """Take a deed that is due: one update, which one process wins."""
    Turn.objects.get_or_create(deed=deed.name, defaults={"next_at": at})
    free = Q(until_at=None) | Q(until_at__lt=at)
    due = Turn.objects.filter(free, deed=deed.name, next_at__lte=at)
    return bool(due.update(holder=holder, until_at=at + LEASE))


def _done(deed: Deed, holder: str, clock: Clock) -> bool:
    """Do a deed; a failure is noted, and it is tried again later each time."""
    mine = Turn.objects.filter(deed=deed.name, holder=holder)
    try:
        with _renewing(deed, holder, clock):
            deed.do(clock())
    except (OperationalError, InterfaceError):
        connection.close()
        raise
    except Exception as error:  # noqa: BLE001 -- one deed's defect stops no other; data is not logged
        frames = "".join(traceback.format_tb(error.__traceback__))
        _log.error("%s: %s\n%s", deed.name, type(error).__name__, frames)
        failures = (mine.values_list("failures", flat=True).first() or 0) + 1
        wait = min(deed.every * 2 ** min(failures, 10), max(_MOST_WAIT, deed.every))
        told = {"failures": failures, "failure": type(error).__name__}
        mine.update(next_at=clock() + wait, holder="", until_at=None, **told)
        return False
    at = clock()
    mine.update(next_at=at + deed.every, holder="", until_at=None, done_at=at, failures=0, failure="")
    return True


@contextmanager
def _renewing(deed: Deed, holder: str, clock: Clock) -> Iterator[None]:
    """Renew a lease while a deed is done, from a thread with a connection of its own."""
    ended = Event()

    def renew() -> None:
        while not ended.wait(_RENEWED_EVERY.total_seconds()):
            try:
                Turn.objects.filter(deed=deed.name, holder=holder).update(until_at=clock() + LEASE)
            except (DatabaseError, InterfaceError):  # the next may get through
                connection.close()
        connection.close()

    thread = Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()

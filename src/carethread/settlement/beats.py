"""The sign of life of whoever settles a run, from a thread with a connection of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from carethread.batch.choose import Shown
from carethread.settlement.models import Run
from carethread.settlement.settling import Attempt, Lost, Silent
from carethread.settlement.states import RunStatus
from carethread.wall.scope import scoped, writing


class _Watched:
    """Shows how far a run has come, and ends it where its attempt was given up."""

    def __init__(self, shown: Shown, lost: Event) -> None:
        self._shown, self._lost = shown, lost

    def reading(self, file: str, part: float) -> None:
        """Show how much of a file has been read."""
        self._look()
        self._shown.reading(file, part)

    def doing(self, what: str, done: int, of: int) -> None:
        """Show how far a step has come."""
        self._look()
        self._shown.doing(what, done, of)

    def _look(self) -> None:
        if self._lost.is_set():
            message = "the attempt was given up, or the run was stopped"
            raise Lost(message)


@contextmanager
def beating(
    attempt: Attempt, *, clock: Callable[[], datetime], shown: Shown | None = None
) -> Iterator[Shown]:
    """Tell the books every few seconds that the attempt is alive; give what to show progress to."""
    ended, lost = Event(), Event()

    def beat() -> None:
        while not ended.wait(settings.RUN_BEAT_SECONDS):
            try:
                if not _is_told(attempt, clock()):
                    lost.set()
            except (DatabaseError, InterfaceError):  # the next beat may get through
                connection.close()
        connection.close()

    thread = Thread(target=beat, name="beat", daemon=True)
    thread.start()
    try:
        yield _Watched(shown or Silent(), lost)
    finally:
        ended.set()
        thread.join()


def _is_told(attempt: Attempt, at: datetime) -> bool:
    """Say that an attempt is alive; False where it is no longer the one under way."""
    with scoped(writing(attempt.council)):
        mine = Run.objects.filter(
            pk=attempt.run, attempts=attempt.number, status=RunStatus.RUNNING.value
        )
        return bool(mine.update(beat_at=at))

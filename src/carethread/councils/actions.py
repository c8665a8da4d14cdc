"""Writes: moving the clock of a council's books."""

from datetime import date, datetime

from django.db.models import F

from carethread.councils.models import BookChange, BookClock
from carethread.wall.scope import current


def wait_turn() -> int:
    """Wait for whoever changes the books of the council being written, and let others wait; return it.

    Until the transaction ends. What is read after this is what they left.
    """
    council = current().writes
    assert council is not None, "only a scope that writes can change the books"
    BookClock.objects.get_or_create(council_id=council)
    BookClock.objects.select_for_update().get(council_id=council)
    return council


def changed(*, first_on: date, last_on: date | None, what: str, by: str, at: datetime) -> int:
    """Note that the books of the council being written changed for some days; return its number.

    Until the transaction ends, whoever else changes this council's books waits.
    """
    council = wait_turn()
    BookClock.objects.update(number=F("number") + 1)
    number: int = BookClock.objects.get(council_id=council).number
    BookChange.objects.create(
        council_id=council,
        number=number,
        first_on=first_on,
        last_on=last_on,
        what=what,
        by=by,
        at=at,
    )
    return number

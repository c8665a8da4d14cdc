"""Writes: moving the clock of a council's books."""

from datetime import date, datetime

from django.db.models import F

from carethread.councils.models import BookChange, BookClock
from carethread.wall.scope import current, for_the_council


def changed(*, first_on: date, last_on: date | None, what: str, by: str, at: datetime) -> int:
    """Note that the books of the council being written changed for some days; return its number.

    Until the transaction ends, whoever else changes this council's books waits. Called before anything
    chained is recorded, so that no two wait for each other.
    """
    with for_the_council() as scope:
        council = scope.writes
        BookClock.objects.get_or_create(council_id=council)
        BookClock.objects.filter(council_id=council).update(number=F("number") + 1)
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


def hold_books() -> None:
    """Let whoever else changes the books of the council being written wait until the transaction ends.

    For who looks first and changes then: what was looked at stays so.
    """
    council = current().writes
    assert council is not None, "only a scope that writes can hold the books"
    BookClock.objects.get_or_create(council_id=council)
    BookClock.objects.select_for_update().get(council_id=council)

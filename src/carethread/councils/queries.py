"""Reads: councils by code, and what changed in their books."""

from datetime import date

from django.db.models import Q, QuerySet

from carethread.councils.models import BookChange, BookClock, Council
from carethread.wall.scope import current


class NoSuchCouncil(Exception):
    """No council has this code."""


def council_called(code: str) -> Council:
    """Return the council with a code.

    Raises:
        NoSuchCouncil: if there is none; the text says which there are.
    """
    found = Council.objects.filter(code=code).first()
    if found is None:
        codes = ", ".join(Council.objects.order_by("code").values_list("code", flat=True)) or "none yet"
        message = f"no council is called {code!r}; there are: {codes}"
        raise NoSuchCouncil(message)
    return found


def book_number() -> int:
    """Return the number of the last change of the one council in scope, 0 before the first."""
    (council,) = current().reads
    clock = BookClock.objects.filter(council_id=council).first()
    return 0 if clock is None else clock.number


def changes_since(number: int, first_on: date, last_on: date) -> QuerySet[BookChange]:
    """Return the changes after a number that bear on some days, both inclusive."""
    changes: QuerySet[BookChange] = BookChange.objects.filter(
        Q(last_on=None) | Q(last_on__gte=first_on), number__gt=number, first_on__lte=last_on
    )
    return changes.order_by("number")

"""Whose record was disposed of: nothing is taken in of them any more."""

from collections.abc import Iterable
from datetime import date

from carethread.people.models import Person

WHY = (
    "the record of {ref} was disposed of on {on:%d %B %Y}, when its retention was over; somebody who"
    " receives care again is entered under a new id"
)


def disposed_among(refs: Iterable[str]) -> dict[str, date]:
    """Return those of some ids whose record was disposed of, and when.

    Whatever takes in rows of people (an import, a package, a form) asks first, and returns rows of
    these with `why_refused`.
    """
    wanted = set(refs)
    return {ref: on for ref, on in disposed().items() if ref in wanted}


def disposed() -> dict[str, date]:
    """Return everybody whose record was disposed of, by id, and when."""
    gone = Person.objects.filter(disposed_on__isnull=False)
    return dict(gone.values_list("ref", "disposed_on"))


def why_refused(ref: str, on: date) -> str:
    """Return what whoever sent a row of such a person is told."""
    return WHY.format(ref=ref, on=on)

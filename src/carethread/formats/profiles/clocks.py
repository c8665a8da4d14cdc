"""Dates, times and lengths as other systems write them.

Every reader takes stripped, non-empty text and raises ValueError with words for the person who has
to mend the cell.
"""

import re
from datetime import date, datetime, timedelta
from enum import Enum

from carethread.engine import units
from carethread.formats.settlement import values
from carethread.formats.settlement.values import quoted

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: 00:00(?::00)?)?", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?", re.ASCII)
_LENGTH = re.compile(r"(\d{1,3}):(\d{2})(?::(\d{2})(?:\.\d+)?)?", re.ASCII)
_MINUTES = re.compile(r"\d{1,5}", re.ASCII)
_SIXTY = 60


class DateOrder(Enum):
    """How dates are written; a date that begins with its year is always taken."""

    ISO = "ISO"
    DAY_FIRST = "D/M/Y"


def day(cell: str, order: DateOrder) -> date:
    """Return a date: 2026-04-06 or, where days come first, 06/04/2026."""
    parts = _DAY_FIRST.fullmatch(cell) if order is DateOrder.DAY_FIRST else None
    if parts is not None:
        cell = f"{parts[3]}-{int(parts[2]):02d}-{int(parts[1]):02d}"
    elif order is DateOrder.DAY_FIRST and not cell[:4].isdigit():
        message = f"{quoted(cell)} is not a date; write it like 06/04/2026, the day first"
        raise ValueError(message)
    return values.day(cell)


def time_of_day(cell: str) -> timedelta:
    """Return how far into its day a time is: 8:30, 08:30 or 08:30:15."""
    found = _clock(cell, _TIME)
    if found is None or found >= timedelta(days=1):
        message = f"{quoted(cell)} is not a time of day; write it like 08:30"
        raise ValueError(message)
    return found


def length(cell: str) -> timedelta:
    """Return how long something lasted: 00:45, 00:45:30, or whole minutes: 45."""
    found = timedelta(minutes=int(cell)) if _MINUTES.fullmatch(cell) else _clock(cell, _LENGTH)
    if found is None:
        message = f"{quoted(cell)} is not a length of time; write it like 00:45, or 45 for minutes"
        raise ValueError(message)
    return found


def _clock(cell: str, form: re.Pattern[str]) -> timedelta | None:
    parts = form.fullmatch(cell)
    if parts is None or int(parts[2]) >= _SIXTY or int(parts[3] or 0) >= _SIXTY:
        return None
    return timedelta(hours=int(parts[1]), minutes=int(parts[2]), seconds=int(parts[3] or 0))


def wall_time(on: date, at: timedelta) -> datetime:
    """Return a date and a time of day as the clock on the wall in London shows them."""
    return datetime(on.year, on.month, on.day) + at  # noqa: DTZ001 -- the reader knows that it is London


def end_of(start: datetime, lasting: timedelta) -> str:
    """Return when something ended, with its offset: it lasted its true length across a clock change.

    Seconds count until the end is known, and are then cut off as the contract does (settlement §1).
    """
    instant, _ = units.instant_of(start)
    seconds = start.second + int(lasting.total_seconds())
    return units.iso(instant + seconds // _SIXTY)

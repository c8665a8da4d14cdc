"""Single values as text: what may stand in a cell, and what it means.

Every reader takes stripped, non-empty text and raises ValueError with words for the person who has
to mend the cell.

Source: settlement §1 and §2.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Generic, TypeVar

from carethread.engine import units

Word = TypeVar("Word", bound=StrEnum)
Reader = Callable[[str], object]
MOST = 1_000_000_000
"""Numbers beyond this are typing errors, not care or money (ten million pounds on one row)."""
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00:00(?:\.0+)?)?", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?"
    r"(?:([Zz])|([+-])(\d{2}):?(\d{2})?)?",
    re.ASCII,
)
_CLOCK = re.compile(r"(\d{2}):(\d{2})", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_LONGEST = 18
LAST_HOUR, LAST_MINUTE = 23, 59


def quoted(text: str) -> str:
    """Show a cell's text in a message, cut short."""
    longest = 40
    return repr(text if len(text) <= longest else f"{text[:longest]}…")


def text(cell: str) -> str:
    """Return the text itself."""
    return cell


def day(cell: str) -> date:
    """Return a date: 2026-04-06. A midnight behind it, as databases write dates, is let pass."""
    parts = _DATE.fullmatch(cell)
    if parts is None:
        message = f"{quoted(cell)} is not a date; write it like 2026-04-06"
        raise ValueError(message)
    try:
        found = date(*map(int, parts.groups()))
    except ValueError:
        message = f"{quoted(cell)} is not a day of the calendar"
        raise ValueError(message) from None
    if found.year < EARLIEST_YEAR:
        message = f"{quoted(cell)} is before the year {EARLIEST_YEAR}"
        raise ValueError(message)
    return found


def moment(cell: str) -> tuple[int, bool]:
    """Return an instant and whether the clock change decided it: 2026-04-06T08:00[:30][+01:00]."""
    parts = _MOMENT.fullmatch(cell)
    if parts is None:
        message = f"{quoted(cell)} is not a date and time; write it like 2026-04-06T08:00"
        raise ValueError(message)
    *fields, zulu, sign, hours, minutes = parts.groups()
    try:
        year, month, on, hour, minute, second = (int(part or 0) for part in fields)
        wall = datetime(year, month, on, hour, minute, second)  # noqa: DTZ001 -- the zone comes next
    except ValueError:
        message = f"{quoted(cell)} is not a time of the calendar"
        raise ValueError(message) from None
    if not EARLIEST_YEAR <= wall.year <= LATEST_YEAR:
        message = f"{quoted(cell)} is outside the years {EARLIEST_YEAR} to {LATEST_YEAR}"
        raise ValueError(message)
    if zulu:
        return units.instant_of_offset(wall.replace(tzinfo=UTC)), False
    if sign:
        return units.instant_of_offset(wall.replace(tzinfo=_zone(cell, sign, hours, minutes))), False
    return units.instant_of(wall)


def _zone(cell: str, sign: str, hours: str, minutes: str | None) -> timezone:
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if int(hours) > LAST_HOUR or int(minutes or 0) > LAST_MINUTE:
        message = f"{quoted(cell)} has an offset that no clock has"
        raise ValueError(message)
    return timezone(-ahead if sign == "-" else ahead)


def clock(cell: str) -> int:
    """Return a minute of the day: 08:00."""
    parts = _CLOCK.fullmatch(cell)
    if parts is None or int(parts[1]) > LAST_HOUR or int(parts[2]) > LAST_MINUTE:
        message = f"{quoted(cell)} is not a time of day; write it like 08:00"
        raise ValueError(message)
    return int(parts[1]) * 60 + int(parts[2])


def clock_or_midnight(cell: str) -> int:
    """Return a minute of the day, or 1440 for 24:00, the end of it."""
    return units.DAY_MINUTES if cell == "24:00" else clock(cell)


@dataclass(frozen=True)
class Whole:
    """A reader of whole numbers from `least` to `most`."""

    least: int
    most: int

    def __call__(self, cell: str) -> int:
        """Return the number."""
        if not _INTEGER.fullmatch(cell):
            message = f"{quoted(cell)} is not a whole number"
            raise ValueError(message)
        number = int(cell) if len(cell) <= _LONGEST else None
        if number is None or not self.least <= number <= self.most:
            message = f"{cell[:_LONGEST]} is not between {self.least} and {self.most}"
            raise ValueError(message)
        return number


class Pence(Whole):
    """A reader of pence."""

    def __call__(self, cell: str) -> int:
        """Return the pence."""
        try:
            return super().__call__(cell)
        except ValueError as error:
            message = f"{error}; money is in pence: 2244 for 22.44"
            raise ValueError(message) from None


def integer(least: int = -MOST, most: int = MOST) -> Whole:
    """Return a reader of whole numbers from `least` to `most`."""
    return Whole(least, most)


def pence(least: int = -MOST) -> Pence:
    """Return a reader of pence."""
    return Pence(least, MOST)


def truth(cell: str) -> bool:
    """Return true or false."""
    try:
        return {"true": True, "false": False}[cell.lower()]
    except KeyError:
        message = f"{quoted(cell)} is neither; write true or false"
        raise ValueError(message) from None


class OneOf(Generic[Word]):
    """A reader of the words of a vocabulary."""

    def __init__(self, words: type[Word]) -> None:
        self.known = {word.value: word for word in words}

    def __call__(self, cell: str) -> Word:
        """Return the word."""
        if cell not in self.known:
            message = f"{quoted(cell)} is not one of {', '.join(self.known)}"
            raise ValueError(message)
        return self.known[cell]


def one_of(words: type[Word]) -> OneOf[Word]:
    """Return a reader of the words of a vocabulary."""
    return OneOf(words)


def weekdays(cell: str) -> str:
    """Return seven marks, Monday first, 1 where there is a visit: 1111100."""
    if not re.fullmatch("[01]{7}", cell):
        message = f"{quoted(cell)} is not seven of 1 and 0, Monday first; write it like 1111100"
        if re.fullmatch("[01]{1,6}", cell):
            message += " (a spreadsheet drops leading zeros: make the column text)"
        raise ValueError(message)
    return cell


def slot(cell: str) -> int | None:
    """Return the slot a rate is for: 1, 2, or None for `any`."""
    if cell not in {"any", "1", "2"}:
        message = f"{quoted(cell)} is not one of any, 1, 2"
        raise ValueError(message)
    return None if cell == "any" else int(cell)

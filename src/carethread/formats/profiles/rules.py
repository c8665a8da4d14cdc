"""How one of our columns comes out of their row: a small closed set of rules.

Each rule says which of their columns it `needs` and what stands in our cell. What it cannot read it
refuses with `Unfit`, which names their column. An empty cell stays empty.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from carethread.engine import units
from carethread.formats.profiles import clocks
from carethread.formats.settlement import values

Cells = Mapping[str, str]
NOT_GIVEN = "not-given|"
"""What a stand-in for an id that their file does not have begins with."""


class Unfit(Exception):
    """A cell of theirs that a rule cannot read."""

    def __init__(self, column: str, say: str) -> None:
        super().__init__(say)
        self.column = column
        self.say = say


@dataclass(slots=True)
class Context:
    """What a rule must know beyond the row: how dates are written, which rows there were."""

    dates: clocks.DateOrder
    needs: Sequence[str] = ()
    _rows: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def occurrence(self, key: str, row: Cells) -> int:
        """Return which of the different rows with one key this is; the same row again is the same."""
        content = "\0".join(row[name] for name in self.needs).encode()
        digest = hashlib.blake2b(content, digest_size=16).digest()
        seen = self._rows[key]
        if digest not in seen:
            seen.append(digest)
        return seen.index(digest) + 1


class Rule(Protocol):
    """How one of our columns comes out of their row."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Their columns."""

    def of(self, row: Cells, context: Context) -> str:
        """Return our cell.

        Raises:
            Unfit: if their cell cannot be read.
        """


@dataclass(frozen=True, slots=True)
class Constant:
    """The same in every row."""

    value: str
    needs: tuple[str, ...] = ()

    def of(self, _row: Cells, _context: Context) -> str:
        """Return our cell."""
        return self.value


@dataclass(frozen=True, slots=True)
class Taken:
    """Their text as it is."""

    column: str

    @property
    def needs(self) -> tuple[str, ...]:
        """Their column."""
        return (self.column,)

    def of(self, row: Cells, _context: Context) -> str:
        """Return our cell."""
        return row[self.column]


@dataclass(frozen=True, slots=True)
class OnDay(Taken):
    """Their date."""

    def of(self, row: Cells, context: Context) -> str:
        """Return our cell: 2026-04-06."""
        try:
            return str(clocks.day(cell, context.dates)) if (cell := row[self.column]) else ""
        except ValueError as error:
            raise Unfit(self.column, str(error)) from None


@dataclass(frozen=True, slots=True)
class OfDay(Taken):
    """Their time of day."""

    def of(self, row: Cells, _context: Context) -> str:
        """Return our cell: 08:30, seconds cut off."""
        try:
            return _hours_and_minutes(clocks.time_of_day(cell)) if (cell := row[self.column]) else ""
        except ValueError as error:
            raise Unfit(self.column, str(error)) from None


@dataclass(frozen=True, slots=True)
class Minutes(Taken):
    """Their length of time."""

    def of(self, row: Cells, _context: Context) -> str:
        """Return our cell: whole minutes, seconds cut off."""
        try:
            length = clocks.length(cell) if (cell := row[self.column]) else None
        except ValueError as error:
            raise Unfit(self.column, str(error)) from None
        return "" if length is None else str(int(length.total_seconds()) // 60)


@dataclass(frozen=True, slots=True)
class Moment(Taken):
    """Their date and time in one column."""

    def of(self, row: Cells, context: Context) -> str:
        """Return our cell: 2026-04-06T08:30; what has an offset or begins with the year is kept."""
        cell = row[self.column]
        if not cell or cell[:4].isdigit():
            return cell
        wall = self.wall(row, context)
        return "" if wall is None else wall.isoformat(timespec="minutes")

    def wall(self, row: Cells, context: Context) -> datetime | None:
        """Return what the clock on the wall showed."""
        cell = row[self.column]
        if not cell:
            return None
        date_part, _, time_part = cell.replace("T", " ").partition(" ")
        try:
            if cell[:4].isdigit():
                return units.london(values.moment(cell)[0])
            at = clocks.time_of_day(time_part)
            return clocks.wall_time(clocks.day(date_part, context.dates), at)
        except ValueError:
            say = f"{values.quoted(cell)} is not a date and time; write it like 2026-04-06T08:00"
            raise Unfit(self.column, say) from None


@dataclass(frozen=True, slots=True)
class At:
    """Their date in one column and their time in another."""

    date: str
    time: str

    @property
    def needs(self) -> tuple[str, ...]:
        """Their columns."""
        return self.date, self.time

    def of(self, row: Cells, context: Context) -> str:
        """Return our cell: 2026-04-06T08:30."""
        wall = self.wall(row, context)
        return "" if wall is None else wall.isoformat(timespec="minutes")

    def wall(self, row: Cells, context: Context) -> datetime | None:
        """Return what the clock on the wall showed; a date without a time is none."""
        if not row[self.time]:
            return None
        if not row[self.date]:
            raise Unfit(self.date, f"is empty, but {self.time} is not")
        column = self.date
        try:
            on = clocks.day(row[self.date], context.dates)
            column = self.time
            return clocks.wall_time(on, clocks.time_of_day(row[self.time]))
        except ValueError as error:
            raise Unfit(column, str(error)) from None


@dataclass(frozen=True, slots=True)
class EndOf:
    """When something ended: its start and how long it lasted."""

    start: At | Moment
    lasting: str

    @property
    def needs(self) -> tuple[str, ...]:
        """Their columns."""
        return *self.start.needs, self.lasting

    def of(self, row: Cells, context: Context) -> str:
        """Return our cell: 2026-04-06T09:15:00+01:00; empty where start or length is."""
        wall = self.start.wall(row, context)
        if wall is None or not row[self.lasting]:
            return ""
        try:
            return clocks.end_of(wall, clocks.length(row[self.lasting]))
        except ValueError as error:
            raise Unfit(self.lasting, str(error)) from None


@dataclass(frozen=True, slots=True)
class Truth:
    """Their words for true and false; capitals do not matter."""

    column: str
    yes: tuple[str, ...]
    no: tuple[str, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        """Their column."""
        return (self.column,)

    def of(self, row: Cells, _context: Context) -> str:
        """Return our cell: true or false."""
        cell = row[self.column].casefold()
        for ours, theirs in (("true", self.yes), ("false", self.no)):
            if cell in [word.casefold() for word in theirs]:
                return ours
        if not cell:
            return ""
        say = f"{values.quoted(row[self.column])} is not one of {', '.join((*self.yes, *self.no))}"
        raise Unfit(self.column, say)


@dataclass(frozen=True, slots=True)
class Key:
    """A key made of what their row says, where their file has none.

    The parts stand one after the other with `|` between them, and at the end the number of the row
    among the file's rows with these parts: 1 for the first. A row that repeats another in everything
    the profile takes from it has the other's number: it is the same row sent twice. So a file sent
    again gives the same keys, in whatever other file the row stands; but the numbers beyond 1 depend
    on the order of the rows, and a row whose parts were corrected has another key.
    """

    parts: tuple[Rule, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        """Their columns."""
        return tuple(name for part in self.parts for name in part.needs)

    def of(self, row: Cells, context: Context) -> str:
        """Return our cell: A|P1|HOME CARE|2026-04-06T08:30|false|1."""
        parts = []
        for part in self.parts:
            value = part.of(row, context)
            if not value:
                raise Unfit(part.needs[-1], "is empty; the row's key is made of it")
            parts.append(value.replace("%", "%25").replace("|", "%7C"))
        key = "|".join(parts)
        return f"{key}|{context.occurrence(key, row)}"


@dataclass(frozen=True, slots=True)
class NotGiven:
    """A stand-in for an id that their file does not have: another for every key."""

    key: Key

    @property
    def needs(self) -> tuple[str, ...]:
        """Their columns."""
        return self.key.needs

    def of(self, row: Cells, context: Context) -> str:
        """Return our cell: not-given|A|P1|HOME CARE|2026-04-06T08:30|false|1."""
        return NOT_GIVEN + self.key.of(row, context)


def _hours_and_minutes(at: timedelta) -> str:
    return str(at).zfill(len("00:00:00"))[: len("00:00")]

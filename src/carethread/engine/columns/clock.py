"""London time for compiled code: the same answers as `units`, which made the tables.

Source: settlement §1.
"""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from carethread.engine import units
from carethread.engine.columns.arrays import Longs
from carethread.engine.columns.compiled import bare

DAY = units.DAY_MINUTES
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = 1899, 2202


def _offset(instant: int) -> int:
    return units.hour_change(0, instant)


def _transitions() -> tuple[list[int], list[int]]:
    """Return the instants at which London's offset changes, and the offsets before, between, after.

    No week has two of them; they fall on full hours.
    """
    begin = int((datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC) - _EPOCH) / timedelta(hours=1))
    end = int((datetime(_LAST_YEAR, 1, 1, tzinfo=UTC) - _EPOCH) / timedelta(hours=1))
    at: list[int] = []
    offsets = [_offset(begin * 60)]
    for week in range(begin, end, 168):
        if _offset((week + 168) * 60) != offsets[-1]:
            hours = range(week, week + 169)
            before = offsets[-1]
            place = bisect_left(hours, True, key=lambda hour: _offset(hour * 60) != before)
            at.append(hours[place] * 60)
            offsets.append(_offset(hours[place] * 60))
    return at, offsets


_AT, _OFFSETS = _transitions()
_BASE = units.instant_on(_EPOCH.date(), 0)[0]
"""In January 1970 London kept summer time: midnight on its clocks was 23:00 UTC."""
AT = np.array(_AT, np.int64)
OFFSET = np.array(_OFFSETS, np.int64) - _BASE
WALL = AT + np.maximum(OFFSET[:-1], OFFSET[1:])
"""The wall time from which a new offset rules: a repeated hour is read as its first occurrence, a
missing one as the offset before it has it, an hour later."""


_STRETCH = 13
"""A stretch of the tables below is 2 to this power of minutes, 5.7 days: none has two transitions."""
_BEGIN = int(AT[0]) - 2**20
_LAST = (int(AT[-1]) + 2**20 - _BEGIN) >> _STRETCH
_STARTS = _BEGIN + (np.arange(_LAST + 1) << _STRETCH)
_BEFORE = np.searchsorted(AT, _STARTS, side="right").astype(np.int16)
_WALL_BEFORE = np.searchsorted(WALL, _STARTS, side="right").astype(np.int16)


@bare
def _passed(times: Longs, before: NDArray[np.int16], time: int) -> int:
    """Return how many transitions lie at or before a time."""
    count = before[min(max((time - _BEGIN) >> _STRETCH, 0), _LAST)]
    while count < len(times) and times[count] <= time:
        count += 1
    return count


@bare
def offset_at(instant: int) -> int:
    """Return London's offset from UTC, in minutes."""
    return OFFSET[_passed(AT, _BEFORE, instant)]


@bare
def local_day(instant: int) -> int:
    """Return the London date of an instant, in days since 1970."""
    return (instant + offset_at(instant)) // DAY


@bare
def minute_of_day(instant: int) -> int:
    """Return what the clock on the wall shows in London, in minutes after midnight."""
    return (instant + offset_at(instant)) % DAY


@bare
def instant_on(day: int, minute: int) -> int:
    """Return the instant at which London clocks show this minute of this day."""
    wall = day * DAY + minute
    return wall - OFFSET[_passed(WALL, _WALL_BEFORE, wall)]


@bare
def is_changed(day: int, minute: int) -> bool:
    """Say whether the clock change decides what instant a wall time is."""
    wall = day * DAY + minute
    change = _passed(WALL, _WALL_BEFORE, wall)
    if change == len(AT):
        return False
    return AT[change] + min(OFFSET[change], OFFSET[change + 1]) <= wall


@bare
def weekday(day: int) -> int:
    """Return the day of the week, Monday 0."""
    return (day + 3) % 7


@bare
def monday_of(day: int) -> int:
    """Return the Monday of the day's week."""
    return day - (day + 3) % 7

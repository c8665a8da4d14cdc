"""Minutes, pence and London time: the only arithmetic on them.

An *instant* is an int: whole minutes since 1970-01-01T00:00Z. A *minute of day* is an int
from 0 (midnight) to 1439, as the clock on the wall shows it in London.
"""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
DAY_MINUTES = 1440
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- naive on purpose: an offset is added to it
_EPOCH_ORDINAL = _EPOCH.toordinal()


def half_up(amount: Fraction) -> int:
    """Round to a whole number, halves upward (2.5 -> 3, -2.5 -> -2).

    Source: settlement §5, "one rounding, half up, to the penny".
    """
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def instant_of(wall: datetime) -> tuple[int, bool]:
    """Return the instant of a London wall time, and whether the clock change decided it.

    A time that happens twice is its first occurrence; one that does not exist is moved forward
    one hour. Seconds are cut off first.

    Source: settlement §1.
    """
    wall = wall.replace(second=0, microsecond=0, tzinfo=None, fold=0)
    first, second = _offsets(wall.replace(minute=0))
    return _minutes(wall) - first, first != second


def instant_of_offset(moment: datetime) -> int:
    """Return the instant of a time that carries its own UTC offset, seconds cut off."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return _minutes(utc.replace(second=0, microsecond=0))


def instant_on(day: date, minute: int) -> tuple[int, bool]:
    """Return the instant at which London clocks show this minute of this day, as `instant_of`.

    `minute` may be 1440: the midnight that ends the day.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return instant_of(wall)


@lru_cache(maxsize=4096)
def _offsets(wall_hour: datetime) -> tuple[int, int]:
    """Return London's UTC offsets, in minutes, at the first and second reading of a wall hour."""
    aware = wall_hour.replace(tzinfo=LONDON)
    return _minutes_of(aware.utcoffset()), _minutes_of(aware.replace(fold=1).utcoffset())


@lru_cache(maxsize=4096)
def _offset_at(hour: int) -> int:
    """Return London's UTC offset, in minutes, in the hour that begins `hour` hours after 1970."""
    utc = (_EPOCH + timedelta(hours=hour)).replace(tzinfo=UTC)
    return _minutes_of(utc.astimezone(LONDON).utcoffset())


def _minutes_of(delta: timedelta | None) -> int:
    assert delta is not None
    return int(delta.total_seconds()) // 60


def _minutes(naive: datetime) -> int:
    days = naive.toordinal() - _EPOCH_ORDINAL
    return days * DAY_MINUTES + naive.hour * 60 + naive.minute


def london(instant: int) -> datetime:
    """Return the London wall time of an instant, without an offset."""
    return _EPOCH + timedelta(minutes=instant + _offset_at(instant // 60))


def local_date(instant: int) -> date:
    """Return the London date of an instant."""
    days = (instant + _offset_at(instant // 60)) // DAY_MINUTES
    return date.fromordinal(_EPOCH_ORDINAL + days)


def minute_of_day(instant: int) -> int:
    """Return what the clock on the wall shows in London: minutes after midnight, 0 to 1439."""
    return (instant + _offset_at(instant // 60)) % DAY_MINUTES


@lru_cache(maxsize=65_536)
def iso(instant: int) -> str:
    """Write an instant as files carry it: `2026-04-06T08:00:00+01:00`."""
    offset = _offset_at(instant // 60)
    sign, size = ("-", -offset) if offset < 0 else ("+", offset)
    return f"{london(instant).isoformat()}{sign}{size // 60:02d}:{size % 60:02d}"


def iso_local(instant: int) -> str:
    """Write an instant as a line id carries it: `2026-04-06T08:00`, London time."""
    return london(instant).isoformat(timespec="minutes")


def hour_change(begin: int, end: int) -> int:
    """Return by how many minutes London's clocks were put forward between two instants."""
    return _offset_at(end // 60) - _offset_at(begin // 60)


def monday_of(day: date) -> date:
    """Return the Monday of the day's Monday-to-Sunday week."""
    return date.fromordinal(day.toordinal() - day.weekday())

"""Single values of `contracts.toml`: what may stand after a key, and what it means.

Every reader raises ValueError with words for the person who has to mend the file.

Source: settlement §2.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from carethread.engine.units import DAY_MINUTES
from carethread.formats.settlement.values import EARLIEST_YEAR, LATEST_YEAR, MOST

Read = Callable[[Any], Any]


def whole(least: int = 0, most: int = MOST) -> Read:
    """Return a reader of whole numbers."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            message = "must be a whole number, without quotes or decimals"
            raise ValueError(message)  # noqa: TRY004 -- the file is wrong, not the program
        if not least <= value <= most:
            message = f"is {value}, but must be between {least} and {most}"
            raise ValueError(message)
        return value

    return read


def number(value: Any, most: int | None = None) -> Fraction:
    """Read a number of 0 or more, exactly."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        message = "must be a number, without quotes"
        raise ValueError(message)  # noqa: TRY004 -- the file is wrong, not the program
    if isinstance(value, Decimal) and not value.is_finite():
        message = "must be a number"
        raise ValueError(message)
    if value < 0 or value > (MOST if most is None else most):
        message = f"is {value}, but must be between 0 and {MOST if most is None else most}"
        raise ValueError(message)
    return Fraction(value)


def percent(value: Any) -> Fraction:
    """Read a percent from 0 to 100."""
    return number(value, 100)


def a_date(value: Any) -> date:
    """Read a date."""
    if isinstance(value, datetime) or not isinstance(value, date):
        message = "must be a date without quotes, like 2026-04-06"
        raise ValueError(message)  # noqa: TRY004 -- the file is wrong, not the program
    if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        message = f"is {value}, outside the years {EARLIEST_YEAR} to {LATEST_YEAR}"
        raise ValueError(message)
    return value


def truth(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        message = "must be true or false, without quotes"
        raise ValueError(message)  # noqa: TRY004 -- the file is wrong, not the program
    return value


def an_id(value: Any) -> str:
    """Read an id: text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        message = "must be text in quotes, and not empty"
        raise ValueError(message)
    return value.strip()


def word(vocabulary: type[Any], *, only: Sequence[str] | None = None) -> Read:
    """Return a reader of the words of a vocabulary, or of some of them."""
    allowed = [member.value for member in vocabulary if only is None or member.value in only]

    def read(value: Any) -> Any:
        if not isinstance(value, str) or value not in allowed:
            message = f"is {value!r}, not one of {', '.join(allowed)}"
            raise ValueError(message)
        return vocabulary(value)

    return read


def many(read_one: Read) -> Callable[[Any], list[Any]]:
    """Return a reader of lists."""

    def read(value: Any) -> list[Any]:
        if not isinstance(value, list):
            message = "must be a list, in square brackets"
            raise ValueError(message)  # noqa: TRY004 -- the file is wrong, not the program
        return [read_one(item) for item in value]

    return read


def pair(first: Read, second: Read) -> Read:
    """Return a reader of pairs."""

    def read(value: Any) -> tuple[Any, Any]:
        if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004
            message = "must hold pairs, like [[15, 15], [34, 30]]"
            raise ValueError(message)
        return first(value[0]), second(value[1])

    return read


def bands(value: Any) -> tuple[tuple[int, int], ...]:
    """Read bands of (up to, pays): limits that rise, pay that never falls."""
    read = many(pair(whole(1, DAY_MINUTES), whole(0, DAY_MINUTES)))(value)
    for (limit, pays), (next_limit, next_pays) in pairwise(read):
        if next_limit <= limit or next_pays < pays:
            message = f"must rise, but [{next_limit}, {next_pays}] follows [{limit}, {pays}]"
            raise ValueError(message)
    return tuple(read)


def notices(value: Any) -> tuple[tuple[Fraction, Fraction], ...]:
    """Read rows of (hours of notice, percent), each number of hours once."""
    read = many(pair(number, percent))(value)
    hours = [row[0] for row in read]
    if len(set(hours)) < len(hours):
        message = "has two rows for one number of hours"
        raise ValueError(message)
    return tuple(sorted(read))


def region(value: Any) -> bool:
    """Read the region of the bank holidays: England is the one that carethread knows."""
    if value != "ENG":
        message = f"is {value!r}; only ENG is known"
        raise ValueError(message)
    return True

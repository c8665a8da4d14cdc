"""Figures as people read them: dates, money, hours, shares."""

from datetime import date

_HOUR = 60


def day(on: date) -> str:
    """Write a date in words: Monday 6 April 2026."""
    return f"{on:%A} {short_day(on)}"


def short_day(on: date) -> str:
    """Write a date without its weekday: 6 April 2026."""
    return f"{on.day} {on:%B} {on.year}"


def money(pence: int) -> str:
    """Write pence as pounds without a sign of the currency: 10.00."""
    sign = "-" if pence < 0 else ""
    return f"{sign}{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def pounds(pence: int) -> str:
    """Write pence as pounds: £1,234.50."""
    return f"-£{money(-pence)}" if pence < 0 else f"£{money(pence)}"


def hours(minutes: int) -> str:
    """Write minutes as hours and minutes: 1,234:05."""
    return f"{minutes // _HOUR:,}:{minutes % _HOUR:02d}"


def duration(minutes: int) -> str:
    """Write minutes in words: 1 hour 5 minutes."""
    whole, rest = divmod(minutes, _HOUR)
    parts = [count(whole, "hour")] if whole else []
    parts += [count(rest, "minute")] if rest or not whole else []
    return " ".join(parts)


def count(number: int, one: str) -> str:
    """Write a number of things: 1 hour, 2 hours."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


def share(part: int, whole: int) -> str:
    """Write a share in percent, to one decimal, halves up; of nothing, nothing."""
    if not whole:
        return ""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"

"""Bank holidays in England, and the other kinds of day a rate card knows."""

from collections.abc import Callable
from datetime import date

import holidays

from carethread.engine.words import DayType

SATURDAY, SUNDAY = 5, 6


def bank_holidays(*, region: bool, extra: frozenset[date]) -> Callable[[date], bool]:
    """Return a test for bank holidays: England's (if `region`) and the council's extra days.

    Where a holiday falls on a Saturday or Sunday, the day that stands for it is the holiday, as
    gov.uk/bank-holidays lists them; the published list is held equal in the tests.

    Source: settlement §2, `[holidays]`; Banking and Financial Dealings Act 1971, schedule 1.
    """
    england = holidays.country_holidays("GB", subdiv="ENG")

    def is_bank_holiday(day: date) -> bool:
        return day in extra or (region and day.weekday() < SATURDAY and day in england)

    return is_bank_holiday


def day_types(day: date, *, bank_holiday: bool) -> frozenset[DayType]:
    """Return every day type the day is: a bank holiday is also its own day of the week.

    Source: settlement §5, Rate.
    """
    kinds = {DayType.ANY}
    if day.weekday() < SATURDAY:
        kinds.add(DayType.WEEKDAY)
    else:
        kinds |= {
            DayType.WEEKEND,
            DayType.SATURDAY if day.weekday() == SATURDAY else DayType.SUNDAY,
        }
    if bank_holiday:
        kinds.add(DayType.BANK_HOLIDAY)
    return frozenset(kinds)

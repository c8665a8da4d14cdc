"""Minutes, pence, London time, bank holidays."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays

from carethread.engine import units, written
from carethread.engine.holidays import bank_holidays


def at(text: str) -> tuple[str, bool]:
    """Read a London wall time and write it with its offset."""
    instant, changed = units.instant_of(datetime.fromisoformat(text))
    return units.iso(instant), changed


@pytest.mark.parametrize(
    ("wall", "instant", "changed"),
    [
        ("2026-01-05T08:00:59", "2026-01-05T08:00:00+00:00", False),
        ("2026-07-05T08:00", "2026-07-05T08:00:00+01:00", False),
        ("2026-03-29T00:59", "2026-03-29T00:59:00+00:00", False),
        ("2026-03-29T01:00", "2026-03-29T02:00:00+01:00", True),
        ("2026-03-29T01:59", "2026-03-29T02:59:00+01:00", True),
        ("2026-03-29T02:00", "2026-03-29T02:00:00+01:00", False),
        ("2026-10-25T00:59", "2026-10-25T00:59:00+01:00", False),
        ("2026-10-25T01:00", "2026-10-25T01:00:00+01:00", True),
        ("2026-10-25T01:59", "2026-10-25T01:59:00+01:00", True),
        ("2026-10-25T02:00", "2026-10-25T02:00:00+00:00", False),
    ],
)
def test_wall_times_around_the_clock_changes(wall: str, instant: str, *, changed: bool) -> None:
    assert at(wall) == (instant, changed)


def test_an_offset_says_which_of_the_two_hours() -> None:
    summer = datetime(2026, 10, 25, 1, 30, 40, tzinfo=timezone(timedelta(hours=1)))
    winter = datetime(2026, 10, 25, 1, 30, 40, tzinfo=UTC)
    assert units.instant_of_offset(winter) - units.instant_of_offset(summer) == 60
    assert units.iso(units.instant_of_offset(winter)) == "2026-10-25T01:30:00+00:00"


@pytest.mark.parametrize("text", ["1969-12-31T23:59", "1900-01-01T00:00", "2199-12-31T12:00"])
def test_instants_go_both_ways_whatever_the_year(text: str) -> None:
    instant, _ = units.instant_of(datetime.fromisoformat(text))
    assert units.iso_local(instant) == text
    assert units.local_date(instant).isoformat() == text[:10]
    assert units.minute_of_day(instant) == int(text[11:13]) * 60 + int(text[14:])


def test_midnight_at_the_end_of_a_day_is_the_next_day() -> None:
    ends, _ = units.instant_on(date(2026, 5, 11), units.DAY_MINUTES)
    assert units.iso(ends) == "2026-05-12T00:00:00+01:00"


def test_bank_holidays_are_those_that_gov_uk_lists() -> None:
    published = BankHolidays(use_cached_holidays=True).get_holidays(division="england-and-wales")
    listed = {holiday["date"] for holiday in published}
    is_bank_holiday = bank_holidays(region=True, extra=frozenset())
    day, last = min(listed), max(listed)
    assert (last - day).days > 15 * 365
    while day <= last:
        assert is_bank_holiday(day) == (day in listed), day
        day += timedelta(days=1)


def test_extra_days_stay_when_the_regions_are_dropped() -> None:
    extra, christmas = date(2026, 5, 9), date(2026, 12, 25)
    is_bank_holiday = bank_holidays(region=False, extra=frozenset({extra}))
    assert is_bank_holiday(extra)
    assert not is_bank_holiday(christmas)


def test_figures_as_people_read_them() -> None:
    assert written.pounds(123_456) == "£1,234.56"
    assert written.pounds(-5) == "-£0.05"
    assert written.hours(74_105) == "1,235:05"
    assert written.duration(60) == "1 hour"
    assert written.duration(61) == "1 hour 1 minute"
    assert written.duration(0) == "0 minutes"
    assert written.share(1, 8) == "12.5%"
    assert written.share(1, 0) == ""
    assert written.day(date(2026, 5, 4)) == "Monday 4 May 2026"

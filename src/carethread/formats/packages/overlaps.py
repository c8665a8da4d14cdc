"""Whether two orders ask for care at the same time."""

from datetime import date

from carethread.engine.records import OrderVersion
from carethread.engine.units import DAY_MINUTES
from carethread.engine.words import Basis

_WEEK = 7 * DAY_MINUTES


def dates_overlap(one: OrderVersion, other: OrderVersion) -> bool:
    """Say whether a day lies in the dates of both."""
    last = min(one.ends_on or date.max, other.ends_on or date.max)
    return max(one.starts_on, other.starts_on) <= last


def same_care(one: OrderVersion, other: OrderVersion) -> bool:
    """Say whether both would buy one service for one person at one time, whoever provides it.

    Visits do if they are on one weekday at times that overlap; weekly hours have no times, so two
    such orders of one service do, and one beside visits does not.
    """
    if (one.person_id, one.service) != (other.person_id, other.service):
        return False
    if not dates_overlap(one, other) or one.basis is not other.basis:
        return False
    return one.basis is Basis.WEEKLY_HOURS or _times_overlap(one, other)


def _times_overlap(one: OrderVersion, other: OrderVersion) -> bool:
    """Say whether a visit of the one begins or goes on during a visit of the other, in any week."""
    for begin, end in _visits(one):
        for start, stop in _visits(other):
            for shift in (-_WEEK, 0, _WEEK):
                if begin + shift < stop and start < end + shift:
                    return True
    return False


def _visits(order: OrderVersion) -> list[tuple[int, int]]:
    """Return the visits of a week, in minutes after its first midnight."""
    start, minutes = order.start_minute or 0, order.minutes or 0
    begins = [day * DAY_MINUTES + start for day, mark in enumerate(order.days) if mark == "1"]
    return [(begin, begin + minutes) for begin in begins]

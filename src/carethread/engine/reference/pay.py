"""From counted minutes to payable minutes and percent: the steps of pay, one function each.

Source: settlement §5.2 to §5.7.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from carethread.engine.records import Terms
from carethread.engine.units import half_up
from carethread.engine.words import Cap, PayBasis, Reason, Rounding


@dataclass(frozen=True, slots=True)
class Figure:
    """Payable minutes before cap and pool, with the reason and the rule that made them.

    `rule` is `below_minimum`, `planned`, `within_tolerance`, `band`, `round` or `zero`;
    `rule_minutes` its number: the minimum, the tolerance, the band's limit, the unit of rounding.
    """

    minutes: int
    reason: Reason | None
    rule: str
    rule_minutes: int | None = None


def figure(terms: Terms, counted: int, planned: int | None) -> Figure:
    """Return what the counted minutes pay under the terms; `planned` None means basis `actual`.

    Source: settlement §5.2 and §5.3.
    """
    if counted == 0 or counted < terms.minimum_minutes:
        return Figure(0, Reason.BELOW_MINIMUM, "below_minimum", terms.minimum_minutes)
    if planned is not None:
        if terms.pay_basis is PayBasis.PLANNED:
            return Figure(planned, None, "planned")
        tolerant = terms.pay_basis is PayBasis.PLANNED_WITHIN_TOLERANCE
        if tolerant and abs(counted - planned) <= terms.tolerance_minutes:
            reason = Reason.WITHIN_TOLERANCE
            return Figure(planned, reason, "within_tolerance", terms.tolerance_minutes)
    return _rounded_figure(terms, counted)


def _rounded_figure(terms: Terms, counted: int) -> Figure:
    band = next(((limit, pays) for limit, pays in terms.bands if counted <= limit), None)
    if band is not None:
        minutes, rule, number = band[1], "band", band[0]
    else:
        minutes = rounded(counted, terms.round_to_minutes, terms.round)
        rule, number = "round", terms.round_to_minutes
    reason = None
    if minutes != counted:
        reason = Reason.ROUNDED_UP if minutes > counted else Reason.ROUNDED_DOWN
    return Figure(minutes, reason, rule, number)


def rounded(minutes: int, unit: int, way: Rounding) -> int:
    """Round minutes to a multiple of the unit; `nearest` rounds halves up.

    Source: settlement §5.3 (with 15: 7 -> 0, 8 -> 15, 22 -> 15, 23 -> 30).
    """
    match way:
        case Rounding.UP:
            return -(-minutes // unit) * unit
        case Rounding.DOWN:
            return minutes // unit * unit
        case Rounding.NEAREST:
            return half_up(Fraction(minutes, unit)) * unit


def ceiling(terms: Terms, planned: int) -> int | None:
    """Return the most a visit can pay, in minutes; None when there is no cap.

    Source: settlement §5.4.
    """
    return planned + terms.cap_over_minutes if terms.cap is Cap.PLANNED else None


@dataclass(frozen=True, slots=True)
class Pooled:
    """A delivered line in a pool: its planned minutes, what it pays, and what the cap took."""

    planned: int
    payable: int
    taken: int


def give_back(lines: Sequence[Pooled]) -> list[int]:
    """Return the minutes each line of a pool is given back, earliest line first.

    Source: settlement §5.5 (planned 300/300/300, counted 240/420/360 -> 240/360/300).
    """
    room = sum(line.planned - line.payable for line in lines)
    given: list[int] = []
    for line in lines:
        back = max(0, min(room, line.taken))
        given.append(back)
        room -= back
    return given


def notice_percent(rows: Iterable[tuple[Fraction, Fraction]], notice_minutes: int | None) -> Fraction:
    """Return the percent a cancellation pays for its notice; None is notice after the start.

    The first row, by hours, whose hours exceed the notice decides; more notice than all pays nothing.

    Source: settlement §5.7.
    """
    for hours, percent in sorted(rows):
        if notice_minutes is None or hours * 60 > notice_minutes:
            return percent
    return Fraction(0)


def weekly_allowance(days_in_force: Iterable[tuple[int, int]]) -> int:
    """Return a week's allowance from (weekly minutes, days in force) of each version.

    Source: settlement §5.6; Carmarthenshire, charging policy 2024, appendix 2: weekly hours / 7 x
    days. (600 a week for 3 days and 420 for 4: 497.)
    """
    return half_up(Fraction(sum(minutes * days for minutes, days in days_in_force), 7))

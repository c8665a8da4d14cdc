"""The steps of pay, compiled: from counted minutes to payable minutes, and from minutes to pence.

Source: settlement §5.
"""

from carethread.engine.columns import tariff as tables
from carethread.engine.columns.arrays import NONE, Ints
from carethread.engine.columns.book import Orders
from carethread.engine.columns.clock import local_day, minute_of_day
from carethread.engine.columns.compiled import bare
from carethread.engine.columns.tariff import Tariff, card_on
from carethread.engine.words import Reason

RULES = (*("below_minimum", "planned", "within_tolerance", "band", "round", "zero", "share"),)
BELOW_MINIMUM, PLANNED, WITHIN_TOLERANCE, BAND, ROUND, ZERO, SHARE = range(7)
HOUR = 60
Quote = tuple[int, bool, bool, int, int, int, int, int]
SPLIT_KIND = -2
"""Stands for the rate of a line whose minutes have each their own."""


def bit(reason: Reason) -> int:
    """Return the reason's bit: the order of reasons on a line is the order of their bits."""
    return 1 << list(Reason).index(reason)


_BELOW, _WITHIN = bit(Reason.BELOW_MINIMUM), bit(Reason.WITHIN_TOLERANCE)
_ROUNDED_UP, _ROUNDED_DOWN = bit(Reason.ROUNDED_UP), bit(Reason.ROUNDED_DOWN)


@bare
def figure(tariff: Tariff, terms: int, counted: int, planned: int) -> tuple[int, int, int, int]:
    """Return (payable minutes, reason, rule, its number) of §5.2 and §5.3; planned NONE: `actual`."""
    row = tariff.terms[terms]
    if counted == 0 or counted < row[tables.MINIMUM]:
        return 0, _BELOW, BELOW_MINIMUM, row[tables.MINIMUM]
    if planned != NONE:
        if row[tables.BASIS] == tables.PLANNED:
            return planned, 0, PLANNED, NONE
        if row[tables.BASIS] == tables.TOLERANT and abs(counted - planned) <= row[tables.TOLERANCE]:
            return planned, _WITHIN, WITHIN_TOLERANCE, row[tables.TOLERANCE]
    minutes, rule, number = _rounded(row, counted), ROUND, row[tables.UNIT]
    for band in range(row[tables.BANDS_BEGIN], row[tables.BANDS_END]):
        if counted <= tariff.bands[band, 0]:
            minutes, rule, number = tariff.bands[band, 1], BAND, tariff.bands[band, 0]
            break
    reason = 0
    if minutes != counted:
        reason = _ROUNDED_UP if minutes > counted else _ROUNDED_DOWN
    return minutes, reason, rule, number


@bare
def _rounded(row: Ints, minutes: int) -> int:
    unit = row[tables.UNIT]
    if row[tables.ROUND] == tables.UP:
        return -(-minutes // unit) * unit
    if row[tables.ROUND] == tables.DOWN:
        return minutes // unit * unit
    return (2 * minutes + unit) // (2 * unit) * unit


@bare
def notice_percent(tariff: Tariff, terms: int, notice: int) -> int:
    """Return the place of the percent a cancellation pays for its notice, -1 for nothing.

    NONE is notice after the start.

    Source: settlement §5.7.
    """
    begin, end = tariff.terms[terms, tables.CANCELLED_BEGIN], tariff.terms[terms, tables.CANCELLED_END]
    for row in range(begin, end):
        if notice == NONE or notice < tariff.notices[row, 0]:
            return tariff.notices[row, 1]
    return -1


@bare
def _case(tariff: Tariff, table: Ints, card: int, day: int, slot: int, minute: int) -> int:
    kind = tariff.day_kind[day - tariff.first_day]
    return table[card, kind, slot, tariff.stretch[card, minute]]


@bare
def quote(
    tariff: Tariff, family: int, day: int, slot: int, start: int, minutes: int, split: bool
) -> Quote:
    """Price minutes: return sixtieths of a penny and how they came about.

    Returns (sixtieths or -1, whether there is no rate, whether it is ambiguous, card or -1, rate,
    step minutes, step pence, limit pence). The last three are NONE without a ladder or a cut.

    Source: settlement §5, "Rate" and "Amount".
    """
    if minutes == 0:
        return 0, False, False, -1, -1, NONE, NONE, NONE
    card = card_on(tariff, family, day)
    if card < 0:
        return -1, True, False, -1, -1, NONE, NONE, NONE
    if split:
        return _split(tariff, card, slot, start, minutes)
    rate = _case(tariff, tariff.rate, card, day, slot, minute_of_day(start))
    if tariff.problem[rate] != tables.NO_PROBLEM:
        is_none = tariff.problem[rate] == tables.NO_RATE
        return -1, is_none, not is_none, -1, -1, NONE, NONE, NONE
    sixtieths, length, price, limit = _climb(tariff, rate, minutes)
    return sixtieths, sixtieths < 0, False, card, rate, length, price, limit


@bare
def _climb(tariff: Tariff, rate: int, minutes: int) -> tuple[int, int, int, int]:
    """Price minutes on a rate's ladder and by the hour: (sixtieths, step minutes, its pence, limit).

    -1 where something remains and there is no hourly rate.
    """
    length, price, limit = 0, 0, NONE
    begin, end = tariff.steps_begin[rate], tariff.steps_begin[rate + 1]
    for step in range(begin, end):
        if tariff.steps[step, 0] > minutes:
            limit = tariff.steps[step, 1]
            break
        length, price = tariff.steps[step, 0], tariff.steps[step, 1]
    rest, hourly = minutes - length, tariff.hourly[rate]
    if rest > 0 and hourly == NONE:
        return -1, NONE, NONE, NONE
    sixtieths = price * HOUR
    if rest > 0:
        sixtieths += rest * hourly
    if limit != NONE and sixtieths > limit * HOUR:
        sixtieths = limit * HOUR
    else:
        limit = NONE
    if begin == end:
        length, price = NONE, NONE
    return sixtieths, length, price, limit


@bare
def minute_rate(tariff: Tariff, card: int, slot: int, moment: int) -> int:
    """Return the place of the hourly rate of a single minute, for split bands."""
    day = local_day(moment)
    return _case(tariff, tariff.split, card, day, slot, minute_of_day(moment))


@bare
def _split(tariff: Tariff, card: int, slot: int, start: int, minutes: int) -> Quote:
    sixtieths, none, ambiguous = 0, False, False
    for moment in range(start, start + minutes):
        rate = minute_rate(tariff, card, slot, moment)
        if tariff.problem[rate] == tables.NO_PROBLEM:
            sixtieths += tariff.hourly[rate]
        elif tariff.problem[rate] == tables.NO_RATE:
            none = True
        else:
            ambiguous = True
    if none or ambiguous:
        return -1, none, ambiguous, -1, -1, NONE, NONE, NONE
    return sixtieths, False, False, card, SPLIT_KIND, NONE, NONE, NONE


@bare
def pence_of(tariff: Tariff, sixtieths: int, percent: int) -> int:
    """Return a percent of sixtieths of a penny, rounded once, halves up, to the penny."""
    share = sixtieths * tariff.percents[percent, 0]
    whole = HOUR * 100 * tariff.percents[percent, 1]
    return (2 * share + whole) // (2 * whole)


@bare
def week_allowance(
    orders: Orders, first_order: int, end_order: int, code: int, monday: int, first: int, last: int
) -> int:
    """Return a weekly-hours order's allowance for a week, by its versions' settled days in force.

    Source: settlement §5.6.
    """
    total = 0
    for order in range(first_order, end_order):
        if orders.code[order] == code:
            begins = max(monday, first, orders.starts[order])
            ends = min(monday + 6, last, orders.ends[order])
            if ends >= begins:
                total += orders.weekly_minutes[order] * (ends - begins + 1)
    return (2 * total + 7) // 14

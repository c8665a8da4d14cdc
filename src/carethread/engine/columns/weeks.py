"""Weekly-hours orders: which visit is whose, and how far the week's allowance goes.

Source: settlement §5.6.
"""

from carethread.engine.columns import pay, says
from carethread.engine.columns.arrays import NONE, Ints, Longs
from carethread.engine.columns.book import Frame, Orders, Visits
from carethread.engine.columns.clock import monday_of
from carethread.engine.columns.compiled import bare
from carethread.engine.columns.desk import Draft, Drafts, days_between, weeks_of
from carethread.engine.columns.drafts import DELIVERED, terms_for
from carethread.engine.columns.minutes import take_figure
from carethread.engine.columns.notes import Notes, note_cut
from carethread.engine.columns.plan import in_force, is_care
from carethread.engine.columns.tariff import Tariff
from carethread.engine.words import Reason

WEEK = 7
_OVER_ALLOWANCE = pay.bit(Reason.OVER_WEEKLY_ALLOWANCE)


@bare
def clear_weeks(orders: Orders, person: int, used: Longs) -> int:
    """Clear the minutes used of a person's orders, by order version and week; return how many rows.

    An order's minutes stand with its first version. There are no rows without weekly hours.
    """
    begin, end = orders.begin[person], orders.begin[person + 1]
    for order in range(begin, end):
        if orders.weekly[order]:
            used[: end - begin] = 0
            return end - begin
    return 0


@bare
def _first_version(orders: Orders, person: int, order: int) -> int:
    """Return the first version of an order version's order: it stands for the whole order."""
    while order > orders.begin[person] and orders.code[order - 1] == orders.code[order]:
        order -= 1
    return order


@bare
def _allowance(orders: Orders, frame: Frame, person: int, order: int, monday: int) -> int:
    """Return the minutes an order may use in the week."""
    begin, end = orders.begin[person], orders.begin[person + 1]
    code = orders.code[order]
    return pay.week_allowance(orders, begin, end, code, monday, frame.first, frame.last)


@bare
def _used_before(
    orders: Orders, frame: Frame, person: int, order: int, monday: int, used: Longs
) -> int:
    """Return what is used of the order's week."""
    week = (monday - monday_of(frame.first)) // WEEK
    return used[_first_version(orders, person, order) - orders.begin[person], week]


@bare
def pay_weekly(
    drafts: Drafts,
    orders: Orders,
    visits: Visits,
    tariff: Tariff,
    frame: Frame,
    person: int,
    used: Longs,
) -> None:
    """Put visits that answer no slot under the weekly-hours orders of their care, earliest first."""
    if len(used) == 0:
        return
    for draft in drafts:
        order = _choose(draft, orders, visits, tariff, frame, person, used)
        if order >= 0:
            draft.order, draft.outcome = order, DELIVERED
            draft.terms, draft.missing = terms_for(orders, tariff, order, draft.day)
            _pay(draft, orders, tariff, frame, person, used)


@bare
def _choose(
    draft: Draft,
    orders: Orders,
    visits: Visits,
    tariff: Tariff,
    frame: Frame,
    person: int,
    used: Longs,
) -> int:
    """Return the first order whose room takes the whole visit, else the one with most, else -1."""
    provider, service = visits.provider[draft.visit], visits.service[draft.visit]
    monday, best, most = monday_of(draft.day), -1, 0
    for order in range(orders.begin[person], orders.begin[person + 1]):
        if not orders.weekly[order] or not is_care(orders, order, provider, service):
            continue
        if not in_force(orders, order, draft.day):
            continue
        room = _allowance(orders, frame, person, order, monday)
        room -= _used_before(orders, frame, person, order, monday, used)
        if _needed(draft, orders, tariff, order) <= room:
            return order
        if best < 0 or room > most:
            best, most = order, room
    return best


@bare
def _needed(draft: Draft, orders: Orders, tariff: Tariff, order: int) -> int:
    """Return the minutes a visit would use of an order."""
    terms, _ = terms_for(orders, tariff, order, draft.day)
    if terms < 0 or draft.counted == NONE:
        return 0
    return pay.figure(tariff, terms, draft.counted, NONE)[0]


@bare
def _pay(draft: Draft, orders: Orders, tariff: Tariff, frame: Frame, person: int, used: Longs) -> None:
    """Pay a visit out of what is left of its order's week."""
    if draft.terms < 0 or draft.counted == NONE:
        return
    monday = monday_of(draft.day)
    take_figure(draft, tariff, NONE)
    draft.allowance = _allowance(orders, frame, person, draft.order, monday)
    draft.used = _used_before(orders, frame, person, draft.order, monday, used)
    if draft.payable > draft.allowance - draft.used:
        draft.payable = draft.allowance - draft.used
        draft.steps |= _OVER_ALLOWANCE
    first = _first_version(orders, person, draft.order) - orders.begin[person]
    used[first, (monday - monday_of(frame.first)) // WEEK] += draft.payable


@bare
def _is_in_force(orders: Orders, order: int, end: int, first: int, last: int) -> bool:
    """Say whether a version of an order, from its first on, is in force between two days."""
    for version in range(order, end):
        if orders.code[version] != orders.code[order]:
            break
        begins, ends = days_between(orders, version, first, last)
        if begins <= ends:
            return True
    return False


@bare
def tell_weeks(
    orders: Orders, frame: Frame, person: int, used: Longs, weeks: Ints, count: int, notes: Notes
) -> int:
    """Write the use of every order's every week in force; note those that the period cuts.

    Return how many rows of (order code, monday, allowance, used) there are now.
    """
    begin, end = orders.begin[person], orders.begin[person] + len(used)
    for order in range(begin, end):
        if not orders.weekly[order] or _first_version(orders, person, order) != order:
            continue
        for week in range(weeks_of(frame)):
            monday = monday_of(frame.first) + WEEK * week
            sunday = monday + WEEK - 1
            first, last = max(monday, frame.first), min(sunday, frame.last)
            if not _is_in_force(orders, order, end, first, last):
                continue
            weeks[count, 0], weeks[count, 1] = orders.code[order], monday
            weeks[count, 2] = _allowance(orders, frame, person, order, monday)
            weeks[count, 3] = used[order - begin, week]
            count += 1
            if monday < first or last < sunday:
                note_cut(notes, says.CUT_WEEK, order, monday)
    return count

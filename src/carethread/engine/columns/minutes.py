"""The steps of pay on a line: from counted minutes to payable minutes and percent.

Source: settlement §5.2 to §5.8.
"""

from carethread.engine.columns import pay, says
from carethread.engine.columns import tariff as tables
from carethread.engine.columns.arrays import NONE
from carethread.engine.columns.book import Absences, Frame, Orders, Visits
from carethread.engine.columns.clock import monday_of
from carethread.engine.columns.compiled import bare
from carethread.engine.columns.desk import NO_PERCENT, Draft, Drafts, Pools, Slot, Slots
from carethread.engine.columns.drafts import CALLED_OFF, DELIVERED, SUSPENDED, TURNED_AWAY, UNPLANNED
from carethread.engine.columns.notes import Notes, note_cut
from carethread.engine.columns.plan import (
    DECEASED,
    HOSPITAL,
    absence_mask,
    hospital_stay_began,
    told_at,
)
from carethread.engine.columns.tariff import Tariff
from carethread.engine.words import Reason

_CAPPED, _POOLED = pay.bit(Reason.CAPPED), pay.bit(Reason.POOLED)
_FRUSTRATED_PAID, _LATE_CANCELLATION, _RETAINER = (
    pay.bit(reason) for reason in (Reason.FRUSTRATED_PAID, Reason.LATE_CANCELLATION, Reason.RETAINER)
)
_UNPLANNED_ZERO, _UNPLANNED = pay.bit(Reason.UNPLANNED_ZERO), pay.bit(Reason.UNPLANNED)


@bare
def take_figure(draft: Draft, tariff: Tariff, planned: int) -> None:
    """Give a line the figure of steps 2 and 3; planned NONE: by its own minutes.

    Source: settlement §5.2 and §5.3.
    """
    minutes, reason, rule, number = pay.figure(tariff, draft.terms, draft.counted, planned)
    draft.payable = draft.figure = minutes
    draft.steps |= reason
    draft.rule, draft.rule_minutes = rule, number


@bare
def pay_slots(
    drafts: Drafts,
    slots: Slots,
    orders: Orders,
    absences: Absences,
    visits: Visits,
    tariff: Tariff,
    person: int,
) -> None:
    """Work out the slots' lines, all but their pools."""
    for draft in drafts:
        if draft.terms < 0:
            continue
        slot, planned = slots[draft.slot], orders.minutes[draft.order]
        if draft.outcome == DELIVERED:
            if draft.counted != NONE:
                take_figure(draft, tariff, planned)
                _cap(draft, tariff, planned)
        elif draft.outcome == TURNED_AWAY:
            percent = tariff.terms[draft.terms, tables.FRUSTRATED]
            _pay_share(draft, tariff, planned, percent, _FRUSTRATED_PAID)
        elif draft.outcome == CALLED_OFF:
            percent = _cancelled_percent(draft, slot, orders, absences, visits, tariff, person)
            _pay_share(draft, tariff, planned, percent, _LATE_CANCELLATION)
        elif draft.outcome == SUSPENDED:
            percent = _retainer_percent(draft, slot, orders, absences, tariff, person)
            _pay_share(draft, tariff, planned, percent, _RETAINER)
        else:
            _pay_share(draft, tariff, planned, tariff.terms[draft.terms, tables.MISSED], 0)


@bare
def _cap(draft: Draft, tariff: Tariff, planned: int) -> None:
    """Cut a visit to the most it can pay, where there is a cap.

    Source: settlement §5.4.
    """
    over = tariff.terms[draft.terms, tables.CEILING]
    if over != NONE and draft.payable > planned + over:
        draft.payable = draft.ceiling = planned + over
        draft.steps |= _CAPPED


@bare
def _pay_share(draft: Draft, tariff: Tariff, planned: int, percent: int, reason: int) -> None:
    """Pay a percent of the planned minutes' price: the percent is of the money, not of the time.

    Source: settlement §5.7.
    """
    draft.rule = pay.SHARE
    if percent == NO_PERCENT or tariff.percents[percent, 0] == 0:
        draft.percent, draft.payable = NO_PERCENT, 0
    else:
        draft.percent, draft.payable = percent, planned
        draft.steps |= reason


@bare
def _cancelled_percent(
    draft: Draft,
    slot: Slot,
    orders: Orders,
    absences: Absences,
    visits: Visits,
    tariff: Tariff,
    person: int,
) -> int:
    """Return what a cancellation pays: by its notice, to the agreed start, or the suspension's.

    Without the time of notice it counts as told after the start.

    Source: settlement §5.7.
    """
    told = visits.notified_at[draft.status]
    if told != NONE:
        suspended = told_at(absences, orders, person, draft.order, slot.planned)
        if suspended != NONE:
            told = min(told, suspended)
        draft.told_at, draft.notice = told, slot.agreed - told
    return pay.notice_percent(tariff, draft.terms, draft.notice)


@bare
def _retainer_percent(
    draft: Draft, slot: Slot, orders: Orders, absences: Absences, tariff: Tariff, person: int
) -> int:
    """Return what a suspended slot pays: the retainer, on the first days of a hospital stay.

    Source: settlement §5.7.
    """
    mask = absence_mask(absences, orders, person, draft.order, slot.planned)
    if not mask & (1 << HOSPITAL) or mask & (1 << DECEASED):
        return NO_PERCENT
    draft.stay_from = hospital_stay_began(absences, orders, person, draft.order, slot.planned)
    if draft.day - draft.stay_from < tariff.terms[draft.terms, tables.RETAINER]:
        return tariff.terms[draft.terms, tables.SUSPENDED]
    return NO_PERCENT


@bare
def pay_unplanned(drafts: Drafts, tariff: Tariff) -> None:
    """Work out the lines of visits that nobody planned.

    Source: settlement §5.8.
    """
    for draft in drafts:
        if draft.outcome != UNPLANNED or draft.terms < 0 or draft.counted == NONE:
            continue
        choice = tariff.terms[draft.terms, tables.UNPLANNED]
        if choice == tables.ZERO:
            draft.payable, draft.rule = 0, pay.ZERO
            draft.steps |= _UNPLANNED_ZERO
            continue
        take_figure(draft, tariff, NONE)
        if choice == tables.HOLD:
            draft.holds |= _UNPLANNED


@bare
def pay_pools(
    drafts: Drafts, orders: Orders, tariff: Tariff, frame: Frame, pools: Pools, notes: Notes
) -> None:
    """Give back inside each pool what the cap took, where there is room; note the cut pools.

    The drafts of an order come earliest first.

    Source: settlement §5.5.
    """
    count = 0
    for draft in drafts:
        kind = _pool_kind(draft, tariff)
        if kind != tables.NO_POOL:
            code, start = orders.code[draft.order], _pool_start(tariff, kind, draft.day)
            draft.pool = _find_pool(pools[:count], code, kind, start)
            pool = pools[draft.pool]
            if draft.pool == count:
                pool.order_code, pool.kind, pool.start, pool.room = code, kind, start, 0
                _note_cut_pool(draft, tariff, frame, kind, start, notes)
                count += 1
            pool.room += orders.minutes[draft.order] - draft.payable
    if count > 0:
        for draft in drafts:
            if draft.pool >= 0:
                _give_back(draft, pools)


@bare
def _pool_kind(draft: Draft, tariff: Tariff) -> int:
    """Return what kind of pool a line is in."""
    if draft.outcome != DELIVERED or draft.terms < 0 or draft.payable <= 0:
        return tables.NO_POOL
    return tariff.terms[draft.terms, tables.POOL]


@bare
def _pool_start(tariff: Tariff, kind: int, day: int) -> int:
    """Return the first day of the pool's period that holds the day."""
    return tariff.month_first[day - tariff.first_day] if kind == tables.MONTH else monday_of(day)


@bare
def _find_pool(pools: Pools, order_code: int, kind: int, start: int) -> int:
    """Return the place of an order's pool, or how many there are."""
    for place in range(len(pools) - 1, -1, -1):
        pool = pools[place]
        if pool.order_code == order_code and pool.start == start and pool.kind == kind:
            return place
    return len(pools)


@bare
def _note_cut_pool(
    draft: Draft, tariff: Tariff, frame: Frame, kind: int, start: int, notes: Notes
) -> None:
    """Note a line's pool if it begins before the settled period, or ends after it."""
    if kind == tables.MONTH:
        saying, end = says.CUT_MONTH, tariff.month_last[draft.day - tariff.first_day]
    else:
        saying, end = says.CUT_WEEK, start + 6
    if start < frame.first or end > frame.last:
        note_cut(notes, saying, draft.order, start)


@bare
def _give_back(draft: Draft, pools: Pools) -> None:
    """Give a line what the cap took of it, as far as its pool has room."""
    pool = pools[draft.pool]
    back = min(pool.room, draft.figure - draft.payable)
    if back > 0:
        pool.room -= back
        draft.payable += back
        draft.pooled = back
        draft.steps |= _POOLED

"""A line in the making, and the teams of a double-up, as `reference.drafts` has them.

Source: settlement §4, §4.4, §5.1.
"""

from carethread.engine.columns import pay, says
from carethread.engine.columns import tariff as tables
from carethread.engine.columns.answers import ANSWERS
from carethread.engine.columns.arrays import NONE, Ints, Marks
from carethread.engine.columns.attend import FRUSTRATED, is_less, minutes_together
from carethread.engine.columns.book import Absences, Attended, Frame, Orders, Visits
from carethread.engine.columns.clock import local_day
from carethread.engine.columns.compiled import bare
from carethread.engine.columns.desk import Desk, Draft, Drafts, Slot, Slots
from carethread.engine.columns.notes import Notes, note_row
from carethread.engine.columns.plan import in_force, is_care, is_suspended
from carethread.engine.columns.slots import is_settled, is_team
from carethread.engine.columns.tariff import Tariff, terms_on
from carethread.engine.words import CancelledBy, Outcome, Reason

DELIVERED, MISSED, CALLED_OFF, TURNED_AWAY, SUSPENDED, UNPLANNED = (
    list(Outcome).index(outcome)
    for outcome in (
        *(Outcome.DELIVERED, Outcome.MISSED, Outcome.CANCELLED, Outcome.FRUSTRATED),
        *(Outcome.SUSPENDED, Outcome.UNPLANNED),
    )
)
NO_ORDER, NO_CONTRACT, NO_TERMS = (
    pay.bit(reason) for reason in (Reason.NO_ORDER, Reason.NO_CONTRACT, Reason.NO_TERMS)
)
_BY_PROVIDER = list(CancelledBy).index(CancelledBy.PROVIDER)


@bare
def terms_for(orders: Orders, tariff: Tariff, order: int, day: int) -> tuple[int, int]:
    """Return the terms in force for an order on a day and 0, or -1 and the reason why there are none.

    Source: settlement §2 ("No contract or no terms"), §5.8 ("none is finding `no_order`").
    """
    if order < 0:
        return -1, NO_ORDER
    contract = orders.contract[order]
    if not tariff.known[contract]:
        return -1, NO_CONTRACT
    terms = terms_on(tariff, contract, day)
    return terms, 0 if terms >= 0 else NO_TERMS


@bare
def slot_drafts(
    person: int,
    slots: Slots,
    orders: Orders,
    absences: Absences,
    visits: Visits,
    attended: Attended,
    tariff: Tariff,
    frame: Frame,
    desk: Desk,
    notes: Notes,
    told: Marks,
) -> int:
    """Begin the lines of the slots, with what answers or explains them; return how many there are."""
    count = 0
    for place in range(len(slots)):
        slot = slots[place]
        if slot.visit >= 0:
            desk.roles[slot.visit - desk.first_visit] |= ANSWERS
        if not is_settled(frame, slot.day):
            _leave_out(slot.visit, notes, told)
            _leave_out(slot.status, notes, told)
            continue
        draft = desk.drafts[count]
        slot.draft = count
        count += 1
        _begin(draft, place, slot.visit, slot.status, slot.order, slot.day)
        draft.outcome = _outcome(slot, orders, absences, visits, person)
        draft.counted = attended.own[slot.visit] if slot.visit >= 0 else NONE
        draft.terms, draft.missing = terms_for(orders, tariff, slot.order, slot.day)
    return count


@bare
def visit_drafts(
    person: int,
    heads: Ints,
    begin: int,
    orders: Orders,
    visits: Visits,
    attended: Attended,
    tariff: Tariff,
    frame: Frame,
    desk: Desk,
    notes: Notes,
    told: Marks,
) -> int:
    """Begin the lines of visits that answer no slot, earliest first; return how many there are.

    They follow `begin` others.
    """
    count = begin
    for visit in heads:
        if desk.roles[visit - desk.first_visit] & ANSWERS:
            continue
        day = local_day(visits.check_in[visit])
        if not is_settled(frame, day):
            _leave_out(visit, notes, told)
            continue
        draft = desk.drafts[count]
        count += 1
        order = _ruling_order(orders, visits, person, visit, day)
        _begin(draft, -1, visit, -1, order, day)
        draft.outcome = UNPLANNED
        draft.counted = attended.own[visit]
        draft.terms, draft.missing = terms_for(orders, tariff, order, day)
    return count - begin


@bare
def _leave_out(row: int, notes: Notes, told: Marks) -> None:
    """Note a visit row that belongs to another period, if there is one."""
    if row >= 0:
        note_row(notes, says.OUTSIDE, row)
        told[row] += 1


@bare
def _begin(draft: Draft, slot: int, visit: int, status: int, order: int, day: int) -> None:
    """Begin a line on which no step of pay has worked yet."""
    draft.slot, draft.visit, draft.status = slot, visit, status
    draft.order, draft.day, draft.line = order, day, -1
    draft.payable, draft.percent = NONE, tables.WHOLE
    draft.steps = draft.holds = 0
    draft.pool = draft.rule = -1
    draft.rule_minutes = draft.figure = draft.ceiling = draft.pooled = NONE
    draft.allowance = draft.used = NONE
    draft.told_at = draft.notice = draft.stay_from = NONE


@bare
def _outcome(slot: Slot, orders: Orders, absences: Absences, visits: Visits, person: int) -> int:
    """Return what became of a slot.

    Source: settlement §4, "Outcomes".
    """
    if slot.visit >= 0:
        return DELIVERED
    if slot.status < 0:
        suspended = is_suspended(absences, orders, person, slot.order, slot.planned)
        return SUSPENDED if suspended else MISSED
    if visits.status[slot.status] == FRUSTRATED:
        return TURNED_AWAY
    return MISSED if visits.cancelled_by[slot.status] == _BY_PROVIDER else CALLED_OFF


@bare
def _ruling_order(orders: Orders, visits: Visits, person: int, visit: int, day: int) -> int:
    """Return the order whose contract rules an unplanned visit: the first in force, -1 if none is.

    Source: settlement §5.8.
    """
    provider, service = visits.provider[visit], visits.service[visit]
    for order in range(orders.begin[person], orders.begin[person + 1]):
        if is_care(orders, order, provider, service) and in_force(orders, order, day):
            return order
    return -1


@bare
def put_longer_first(
    slots: Slots, orders: Orders, visits: Visits, attended: Attended, tariff: Tariff
) -> None:
    """Where a double-up is paid for time together, put the longer of two visits in slot 1.

    Source: settlement §4.4.
    """
    for place in range(len(slots)):
        if not is_team(slots, place):
            continue
        one, two = slots[place], slots[place + 1]
        if not _have_minutes(one.visit, two.visit, attended):
            continue
        terms, _ = terms_for(orders, tariff, one.order, one.day)
        if _pays_together(tariff, terms) and _goes_first(visits, attended, two.visit, one.visit):
            one.visit, two.visit = two.visit, one.visit


@bare
def _have_minutes(one: int, other: int, attended: Attended) -> bool:
    """Say whether there are two visits and both have a length."""
    return one >= 0 and other >= 0 and attended.own[one] != NONE and attended.own[other] != NONE


@bare
def _pays_together(tariff: Tariff, terms: int) -> bool:
    """Say whether the terms pay the second of a double-up for the time that both were there."""
    return terms >= 0 and tariff.terms[terms, tables.OVERLAP] == 1


@bare
def _goes_first(visits: Visits, attended: Attended, one: int, other: int) -> bool:
    """Say whether a visit is longer than another, or else earlier, or else first by id."""
    if attended.own[one] != attended.own[other]:
        return attended.own[one] > attended.own[other]
    if visits.check_in[one] != visits.check_in[other]:
        return visits.check_in[one] < visits.check_in[other]
    return is_less(visits, one, other)


@bare
def count_time_together(
    slots: Slots, drafts: Drafts, visits: Visits, attended: Attended, tariff: Tariff
) -> None:
    """Where a double-up is paid for time together, let slot 2 count only those minutes.

    Source: settlement §5.1.
    """
    for place in range(len(slots)):
        if not is_team(slots, place) or slots[place + 1].draft < 0:
            continue
        one, two = slots[place].visit, drafts[slots[place + 1].draft]
        if _have_minutes(one, two.visit, attended) and _pays_together(tariff, two.terms):
            two.counted = minutes_together(visits, attended, one, two.visit)

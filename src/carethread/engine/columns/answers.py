"""Which visit answers which slot, and which row explains it, as `reference.match` has it.

Source: settlement §4.1 to §4.3.
"""

from carethread.engine.columns import says
from carethread.engine.columns.arrays import NONE, Ints, Marks
from carethread.engine.columns.attend import DELIVERED, sort_by_time
from carethread.engine.columns.book import Attended, Frame, Visits
from carethread.engine.columns.clock import local_day
from carethread.engine.columns.compiled import bare
from carethread.engine.columns.desk import Care, Cares, Desk, Pairing, Slot, Slots
from carethread.engine.columns.match import assign
from carethread.engine.columns.notes import Notes, note_row
from carethread.engine.columns.slots import is_settled, takes_part
from carethread.engine.columns.tariff import MOST

NOT_HAD, ANSWERS = 1, 2
"""The role of a visit: it could not have the slot it names; it answers a slot."""


@bare
def count_heads(visits: Visits, attended: Attended, person: int) -> int:
    """Return how many visits of a person there are after joining."""
    begin, end = visits.begin[person], visits.begin[person + 1]
    last = begin
    while last < end and attended.heads[last] >= 0:
        last += 1
    return last - begin


@bare
def gather_statuses(visits: Visits, person: int, desk: Desk) -> int:
    """Gather a person's rows that explain slots, in order of (planned start, visit id)."""
    count = 0
    for row in range(visits.begin[person], visits.begin[person + 1]):
        if visits.state[row] == 0 and visits.status[row] != DELIVERED:
            desk.statuses[count] = row
            count += 1
    sort_by_time(visits, visits.planned_start, desk.statuses, desk.spare, count)
    return count


@bare
def answer(cares: Cares, slots: Slots, heads: Ints, visits: Visits, frame: Frame, desk: Desk) -> None:
    """Let visits answer slots, care by care: those they name, then by time.

    A visit that names a slot has not had it until it has.
    """
    for visit in heads:
        if visits.planned_start[visit] != NONE:
            desk.roles[visit - desk.first_visit] |= NOT_HAD
    for care in cares:
        theirs = slots[care.begin : care.end]
        left = _name(care, theirs, heads, visits, frame, desk)
        if len(theirs) > 0 and left > 0:
            _match_by_time(theirs, left, visits, frame.window, desk.pairing)


@bare
def _name(care: Care, slots: Slots, heads: Ints, visits: Visits, frame: Frame, desk: Desk) -> int:
    """Give each visit of a care the slot it names, if it can be had; return how many are left.

    Source: settlement §4.1.
    """
    left = 0
    for visit in heads:
        if visits.provider[visit] != care.provider or visits.service[visit] != care.service:
            continue
        check_in, start, place = visits.check_in[visit], visits.planned_start[visit], -1
        if not takes_part(frame, local_day(check_in)):
            continue
        if start != NONE:
            place = _named(slots, start, check_in, frame.window)
        if place >= 0:
            slots[place].visit = visit
            desk.roles[visit - desk.first_visit] &= ~NOT_HAD
        else:
            desk.pairing.visits[left] = visit
            left += 1
    return left


@bare
def _named(slots: Slots, start: int, came: int, window: int) -> int:
    """Return the place of the slot that a planned start names and that can be had, or -1.

    As moved goes before as agreed, then by order and number. All that it can name are of its day.
    """
    best, day = -1, local_day(start)
    for place in range(_first_of_day(slots, day), len(slots)):
        slot = slots[place]
        if slot.day != day:
            break
        if slot.visit >= 0 or slot.status >= 0 or abs(came - slot.planned) > window:
            continue
        if slot.planned == start:
            return place
        if slot.agreed == start and (best < 0 or _is_before(slot, slots[best])):
            best = place
    return best


@bare
def _first_of_day(slots: Slots, day: int) -> int:
    """Return the place of a care's first slot that is not before a day."""
    begin, end = 0, len(slots)
    while begin < end:
        middle = (begin + end) // 2
        if slots[middle].day < day:
            begin = middle + 1
        else:
            end = middle
    return begin


@bare
def _is_before(one: Slot, other: Slot) -> bool:
    """Say whether a slot goes before another by order and number."""
    if one.order != other.order:
        return one.order < other.order
    return one.number < other.number


@bare
def _match_by_time(slots: Slots, left: int, visits: Visits, window: int, pairing: Pairing) -> None:
    """Assign the visits that are left to a care's free slots.

    Source: settlement §4.2.
    """
    for i in range(left):
        pairing.check_ins[i] = visits.check_in[pairing.visits[i]]
    free = 0
    for place in range(len(slots)):
        if slots[place].visit < 0:
            pairing.slots[free], pairing.starts[free] = place, slots[place].planned
            free += 1
    assign(pairing.starts, pairing.check_ins, free, left, window, pairing.costs, pairing.answers)
    for i in range(free):
        if pairing.answers[i] >= 0:
            slots[pairing.slots[i]].visit = pairing.visits[pairing.answers[i]]


@bare
def explain(
    cares: Cares,
    slots: Slots,
    statuses: Ints,
    visits: Visits,
    frame: Frame,
    notes: Notes,
    told: Marks,
) -> None:
    """Give each status row the first free slot it names; the rest takes no part and says why.

    Source: settlement §4.3.
    """
    for row in statuses:
        start = visits.planned_start[row]
        theirs = slots[:0]
        for care in cares:
            if visits.provider[row] == care.provider and visits.service[row] == care.service:
                theirs = slots[care.begin : care.end]
        place = _named(theirs, start, start, MOST)
        if place >= 0:
            theirs[place].status = row
            continue
        told[row] += 1
        if not is_settled(frame, local_day(start)):
            note_row(notes, says.PLANNED_OUTSIDE, row)
        elif _is_overtaken(theirs, start):
            note_row(notes, says.OVERTAKEN, row)
        else:
            note_row(notes, says.WITHOUT_PLAN, row)


@bare
def _is_overtaken(slots: Slots, start: int) -> bool:
    """Say whether visits answer all slots that a planned start names, and there is one."""
    some, day = False, local_day(start)
    for place in range(_first_of_day(slots, day), len(slots)):
        slot = slots[place]
        if slot.day != day:
            break
        if start in (slot.planned, slot.agreed):
            some = True
            if slot.visit < 0:
                return False
    return some

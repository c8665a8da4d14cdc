"""Closing drafts: the order of lines, their price, their reasons in order, what is found of them.

As `reference.lines` has it.

Source: settlement §5 (Rate, Amount, 9) and §6.
"""

import numpy as np

from carethread.engine.columns import lines as table
from carethread.engine.columns import pay, says
from carethread.engine.columns import tariff as tables
from carethread.engine.columns.arrays import NONE, Longs, Marks
from carethread.engine.columns.attend import LOW, is_less, sort_numbers
from carethread.engine.columns.book import Absences, Attended, Frame, Orders, Visits
from carethread.engine.columns.clock import is_changed
from carethread.engine.columns.compiled import bare
from carethread.engine.columns.desk import NO_PERCENT, Draft, Drafts, Slots
from carethread.engine.columns.doubts import NO_CHECK_OUT
from carethread.engine.columns.drafts import NO_CONTRACT, NO_ORDER
from carethread.engine.columns.lines import Lines
from carethread.engine.columns.notes import Notes, answer_of, note_clock, note_line
from carethread.engine.columns.tariff import Tariff
from carethread.engine.words import Reason

_NO_RATE, _AMBIGUOUS = pay.bit(Reason.NO_RATE), pay.bit(Reason.AMBIGUOUS_RATE)


@bare
def put_in_order(
    drafts: Drafts,
    slots: Slots,
    orders: Orders,
    visits: Visits,
    frame: Frame,
    when: Longs,
    begin: int,
) -> None:
    """Put into `when` the places of a person's drafts in order of their lines, the first at `begin`.

    That is by planned start or check-in, then by line id.

    Source: settlement §6.
    """
    count = len(drafts)
    for place in range(count):
        when[place] = (np.int64(_time(drafts[place], slots, visits)) << 32) | place
    sort_numbers(when, count)
    for i in range(count):
        key, j = when[i], i
        draft = drafts[key & LOW]
        while j > 0 and when[j - 1] >> 32 == key >> 32:
            if not _has_lesser_id(draft, drafts[when[j - 1] & LOW], slots, orders, visits, frame):
                break
            when[j] = when[j - 1]
            j -= 1
        when[j] = key
    for i in range(count):
        when[i] &= LOW
        drafts[when[i]].line = begin + i


@bare
def _time(draft: Draft, slots: Slots, visits: Visits) -> int:
    """Return when a line's visit was planned, or without a slot when it began."""
    return slots[draft.slot].planned if draft.slot >= 0 else visits.check_in[draft.visit]


@bare
def _has_lesser_id(
    one: Draft, other: Draft, slots: Slots, orders: Orders, visits: Visits, frame: Frame
) -> bool:
    """Say whether a draft's line id goes before another's that has the same time."""
    tie, other_tie = _tie(one, slots, orders, frame), _tie(other, slots, orders, frame)
    if tie != other_tie:
        return tie < other_tie
    return one.slot < 0 and other.slot < 0 and is_less(visits, one.visit, other.visit)


@bare
def _tie(draft: Draft, slots: Slots, orders: Orders, frame: Frame) -> int:
    """Return a number that rises with the line ids of one time, but that of visits is one."""
    if draft.slot < 0:
        return frame.visit_tie * 4
    return orders.tie[draft.order] * 4 + slots[draft.slot].number


@bare
def close(
    places: Longs,
    drafts: Drafts,
    slots: Slots,
    orders: Orders,
    absences: Absences,
    visits: Visits,
    attended: Attended,
    tariff: Tariff,
    frame: Frame,
    person: int,
    lines: Lines,
    notes: Notes,
    told: Marks,
) -> None:
    """Price a person's drafts and write their lines, in order."""
    for place in places:
        draft = drafts[place]
        line = lines.columns[:, draft.line]
        number, start = _rating_start(draft, slots, visits)
        quote = _price(draft, orders, tariff, number, start, draft.payable)
        _note_problems(draft, quote, notes)
        line[table.PERSON] = person
        if draft.slot >= 0:
            table.write_slot(line, slots[draft.slot], orders, absences, person)
            if is_changed(draft.day, orders.start_minute[draft.order]):
                note_clock(notes, draft)
        else:
            table.write_no_slot(line, visits, draft.visit)
        table.write_answer(line, draft, visits, attended)
        table.write_pay(line, draft, orders)
        table.write_working(line, draft)
        table.write_rate(line, quote)
        line[table.HELD] = draft.holds != 0 or draft.missing != 0
        line[table.REASONS] = _reasons(draft)
        lines.pence[0, draft.line] = _amount(draft, tariff, quote)
        lines.pence[1, draft.line] = NONE
        if frame.with_plan_pence and draft.slot >= 0:
            planned = orders.minutes[draft.order]
            whole = quote[0]
            if draft.payable != planned:
                whole = _price(draft, orders, tariff, number, start, planned)[0]
            if whole >= 0:
                lines.pence[1, draft.line] = pay.pence_of(tariff, whole, tables.WHOLE)
        if answer_of(draft) >= 0:
            told[answer_of(draft)] += 1


@bare
def _rating_start(draft: Draft, slots: Slots, visits: Visits) -> tuple[int, int]:
    """Return the place in the team and the agreed start; without a slot, 0 and the check-in."""
    if draft.slot < 0:
        return 0, visits.check_in[draft.visit]
    return slots[draft.slot].number, slots[draft.slot].agreed


@bare
def _price(
    draft: Draft, orders: Orders, tariff: Tariff, number: int, start: int, minutes: int
) -> pay.Quote:
    """Quote minutes under a line's terms; without minutes or terms there is no price."""
    if draft.terms < 0 or minutes == NONE:
        return -1, False, False, -1, -1, NONE, NONE, NONE
    split = tariff.terms[draft.terms, tables.SPLIT] == 1
    family = orders.family[draft.order]
    return pay.quote(tariff, family, draft.day, number, start, minutes, split)


@bare
def _note_problems(draft: Draft, quote: pay.Quote, notes: Notes) -> None:
    """Note why a line has no terms, or no price; a line without a price waits for one."""
    if draft.missing == NO_ORDER:
        note_line(notes, says.NO_ORDER, draft, 0)
    elif draft.missing == NO_CONTRACT:
        note_line(notes, says.NO_CONTRACT, draft, 0)
    elif draft.missing:
        note_line(notes, says.NO_TERMS, draft, 0)
    _, none, ambiguous, _, _, _, _, _ = quote
    if none:
        note_line(notes, says.NO_RATE, draft, 0)
        draft.holds |= _NO_RATE
    if ambiguous:
        note_line(notes, says.AMBIGUOUS, draft, 0)
        draft.holds |= _AMBIGUOUS


@bare
def _reasons(draft: Draft) -> int:
    """Return the reasons of the steps, and why the line waits.

    What has no order, contract or terms says that alone; a visit without check-out, that alone.
    """
    if draft.missing:
        return draft.missing
    if draft.holds & NO_CHECK_OUT:
        return NO_CHECK_OUT
    return draft.steps | draft.holds


@bare
def _amount(draft: Draft, tariff: Tariff, quote: pay.Quote) -> int:
    """Return what a line pays in pence, NONE where that is not known.

    Source: settlement §5, "Amount".
    """
    sixtieths = quote[0]
    if sixtieths < 0 or draft.holds & NO_CHECK_OUT:
        return NONE
    if draft.percent == NO_PERCENT:
        return 0
    return pay.pence_of(tariff, sixtieths, draft.percent)

"""What is doubtful about a line, and which doubts hold it, as `reference.doubts` has it.

Source: settlement §4.5, §5.7, §5.9.
"""

from carethread.engine.columns import pay, says
from carethread.engine.columns import tariff as tables
from carethread.engine.columns.answers import NOT_HAD
from carethread.engine.columns.arrays import NONE
from carethread.engine.columns.book import Absences, Attended, Frame, Orders, Visits
from carethread.engine.columns.compiled import bare
from carethread.engine.columns.desk import Desk, Draft, Drafts, Slot, Slots
from carethread.engine.columns.drafts import CALLED_OFF, TURNED_AWAY, UNPLANNED
from carethread.engine.columns.notes import Notes, note_line, note_overlap
from carethread.engine.columns.plan import is_suspended, is_wholly_suspended, told_at
from carethread.engine.columns.slots import is_team
from carethread.engine.columns.tariff import Tariff
from carethread.engine.words import Method, Reason

NO_CHECK_OUT = pay.bit(Reason.NO_CHECK_OUT)
_MANUAL = list(Method).index(Method.MANUAL)
_MANUAL_WITHOUT_REASON = pay.bit(Reason.MANUAL_WITHOUT_REASON)
_IN_SUSPENSION, _TOLD_BEFORE = pay.bit(Reason.VISIT_IN_SUSPENSION), pay.bit(Reason.TOLD_BEFORE_VISIT)
_NO_PROOF = pay.bit(Reason.NO_ATTENDANCE_PROOF)
_NO_CANCELLED_BY, _NO_NOTICE_TIME = pay.bit(Reason.NO_CANCELLED_BY), pay.bit(Reason.NO_NOTICE_TIME)
_SAME_WORKER, _OVERLAP, _SHORT_TEAM, _LATE = range(len(tables.DOUBTS))
_REASONS = tuple(pay.bit(Reason(kind.value)) for kind in tables.DOUBTS)
"""The reasons of the doubts that hold a line only where its terms say so."""


@bare
def _doubt(notes: Notes, draft: Draft, saying: int, number: int, hold: int) -> None:
    """Note a finding on a line that waits for it; `hold` is the reason."""
    note_line(notes, saying, draft, number)
    draft.holds |= hold


@bare
def _hold_on(draft: Draft, tariff: Tariff, doubt: int) -> None:
    """Hold a line for a doubt if its terms say so.

    Source: settlement §2, `hold_on`; §5.9.
    """
    if draft.terms >= 0 and tariff.terms[draft.terms, tables.HOLD_ON] & (1 << doubt):
        draft.holds |= _REASONS[doubt]


@bare
def doubt_teams(slots: Slots, drafts: Drafts, visits: Visits, tariff: Tariff, notes: Notes) -> None:
    """Note double-ups logged by one worker, and those to which only one carer came.

    Source: settlement §4.5.
    """
    for place in range(len(slots)):
        if not is_team(slots, place) or slots[place].draft < 0 or slots[place + 1].draft < 0:
            continue
        one, two = drafts[slots[place].draft], drafts[slots[place + 1].draft]
        if one.visit >= 0 and two.visit >= 0:
            if visits.worker[one.visit] == visits.worker[two.visit]:
                note_line(notes, says.SAME_WORKER, one, 0)
                _hold_on(one, tariff, _SAME_WORKER)
                note_line(notes, says.SAME_WORKER, two, 0)
                _hold_on(two, tariff, _SAME_WORKER)
        elif one.visit >= 0:
            note_line(notes, says.SHORT_TEAM, one, 2)
            _hold_on(one, tariff, _SHORT_TEAM)
        elif two.visit >= 0:
            note_line(notes, says.SHORT_TEAM, two, 1)
            _hold_on(two, tariff, _SHORT_TEAM)


@bare
def doubt_visits(
    drafts: Drafts,
    slots: Slots,
    orders: Orders,
    visits: Visits,
    attended: Attended,
    tariff: Tariff,
    frame: Frame,
    desk: Desk,
    notes: Notes,
) -> None:
    """Note what is doubtful about delivered and unplanned lines' visits themselves."""
    for draft in drafts:
        if draft.visit < 0:
            continue
        if attended.overlap[draft.visit] >= 0:
            note_overlap(notes, draft, attended.overlap[draft.visit])
            _hold_on(draft, tariff, _OVERLAP)
        if draft.slot >= 0 and orders.critical[draft.order]:
            late = visits.check_in[draft.visit] - slots[draft.slot].agreed
            _doubt_late(draft, late, tariff, frame, notes)
        if attended.out[draft.visit] == NONE:
            _doubt(notes, draft, says.NO_CHECK_OUT, visits.check_in[draft.visit], NO_CHECK_OUT)
        holds_manual = draft.terms >= 0 and tariff.terms[draft.terms, tables.HOLD_MANUAL]
        if holds_manual and _has_silent_manual_clock(draft.visit, visits, attended):
            draft.holds |= _MANUAL_WITHOUT_REASON
        if desk.roles[draft.visit - desk.first_visit] & NOT_HAD:
            note_line(notes, says.NAMED_NOT_HAD, draft, 0)


@bare
def _doubt_late(draft: Draft, late: int, tariff: Tariff, frame: Frame, notes: Notes) -> None:
    """Note a time-critical visit that came too far from its time."""
    if abs(late) > frame.critical:
        note_line(notes, says.LATE if late > 0 else says.EARLY, draft, abs(late))
        _hold_on(draft, tariff, _LATE)


@bare
def _has_silent_manual_clock(visit: int, visits: Visits, attended: Attended) -> bool:
    """Say whether a clock was entered by hand and nobody said why."""
    is_manual = visits.in_method[visit] == _MANUAL or attended.out_method[visit] == _MANUAL
    return is_manual and attended.reason[visit] < 0


@bare
def doubt_suspensions(
    drafts: Drafts,
    slots: Slots,
    orders: Orders,
    absences: Absences,
    visits: Visits,
    person: int,
    notes: Notes,
) -> None:
    """Note care recorded in a suspension.

    A slot and a weekly-hours visit look at their own order; an unplanned visit is doubtful when all
    the person's orders in force that day are suspended.

    Source: settlement §4 ("A suspended slot"), §5.6, §5.8.
    """
    if absences.begin[person] == absences.begin[person + 1]:
        return
    for draft in drafts:
        if draft.visit < 0:
            continue
        came = visits.check_in[draft.visit]
        if draft.slot >= 0:
            planned = slots[draft.slot].planned
            suspended = is_suspended(absences, orders, person, draft.order, planned)
        elif draft.outcome == UNPLANNED:
            suspended = is_wholly_suspended(absences, orders, person, came)
        else:
            suspended = is_suspended(absences, orders, person, draft.order, came)
        if suspended:
            _doubt(notes, draft, says.IN_SUSPENSION, came, _IN_SUSPENSION)


@bare
def doubt_statuses(
    drafts: Drafts,
    slots: Slots,
    orders: Orders,
    absences: Absences,
    visits: Visits,
    frame: Frame,
    person: int,
    notes: Notes,
) -> None:
    """Note what is doubtful about the rows that explain slots."""
    for draft in drafts:
        if draft.outcome == TURNED_AWAY:
            slot, came = slots[draft.slot], visits.check_in[draft.status]
            told = told_at(absences, orders, person, draft.order, slot.planned)
            _doubt_attendance(draft, slot, came, told, frame, notes)
        elif draft.outcome == CALLED_OFF:
            _doubt_cancellation(draft, visits, notes)


@bare
def _doubt_attendance(
    draft: Draft, slot: Slot, came: int, told: int, frame: Frame, notes: Notes
) -> None:
    """Note a frustrated visit without proof, or made although the provider had been told.

    Source: settlement §4 ("A frustrated visit on a suspended slot"), §5.7.
    """
    if came == NONE:
        _doubt(notes, draft, says.NO_PROOF, 0, _NO_PROOF)
        return
    away = abs(came - slot.planned)
    if away > frame.window:
        _doubt(notes, draft, says.FAR_PROOF, away, _NO_PROOF)
    if told != NONE and came > told:
        _doubt(notes, draft, says.TOLD_BEFORE, told, _TOLD_BEFORE)


@bare
def _doubt_cancellation(draft: Draft, visits: Visits, notes: Notes) -> None:
    """Note a cancellation that leaves out by whom or when.

    Source: settlement §5.7.
    """
    if visits.cancelled_by[draft.status] < 0:
        _doubt(notes, draft, says.NO_CANCELLED_BY, 0, _NO_CANCELLED_BY)
    if visits.notified_at[draft.status] == NONE:
        _doubt(notes, draft, says.NO_NOTICE_TIME, 0, _NO_NOTICE_TIME)

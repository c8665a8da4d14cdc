"""What is doubtful about a line, and which doubts hold it.

Source: settlement §4.5, §5.7, §5.9.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from carethread.engine.records import Settings
from carethread.engine.reference.drafts import Draft, Team
from carethread.engine.reference.plan import Plan
from carethread.engine.reference.visits import Attendance
from carethread.engine.units import iso
from carethread.engine.words import Kind, Manual, Outcome, Reason

Overlaps = Mapping[Attendance, str]
"""Each visit whose worker is recorded at another person's too -> one such visit's id."""


def worker_overlaps(visits: Iterable[Attendance]) -> Overlaps:
    """Find visits that overlap another of the same provider's same worker at a different person.

    Source: settlement §4.5.
    """
    by_worker: dict[tuple[str, str], list[Attendance]] = defaultdict(list)
    for visit in visits:
        if visit.check_out is not None:
            by_worker[visit.provider_id, visit.worker_id].append(visit)
    overlaps: dict[Attendance, str] = {}
    for theirs in by_worker.values():
        for one, other in _overlapping(theirs):
            overlaps[one] = min(overlaps.get(one, other.visit_id), other.visit_id)
            overlaps[other] = min(overlaps.get(other, one.visit_id), one.visit_id)
    return overlaps


def _overlapping(visits: list[Attendance]) -> Iterable[tuple[Attendance, Attendance]]:
    going_on: list[Attendance] = []
    for visit in sorted(visits, key=lambda visit: (visit.check_in, visit.visit_id)):
        going_on = [v for v in going_on if (v.check_out or 0) > visit.check_in]
        for other in going_on:
            if other.check_in < (visit.check_out or 0) and other.person_id != visit.person_id:
                yield other, visit
        going_on.append(visit)


def doubt_teams(drafts: Iterable[Draft], pairs: Iterable[Team]) -> None:
    """Note double-ups logged by one worker, and those to which only one carer came.

    Source: settlement §4.5.
    """
    by_slot = {draft.slot: draft for draft in drafts}
    for one, two in pairs:
        team = [draft for draft in (by_slot.get(one), by_slot.get(two)) if draft]
        here = [draft for draft in team if draft.visit]
        if len(team) == 2 and len(here) == 1:  # noqa: PLR2004
            say = f"slot {3 - (here[0].slot or one).number} was not delivered"
            _doubt(here[0], Kind.SHORT_TEAM, say)
        if len(here) == 2 and len({d.visit.worker_id for d in here if d.visit}) == 1:  # noqa: PLR2004
            for draft in here:
                worker = draft.visit.worker_id if draft.visit else ""
                _doubt(draft, Kind.SAME_WORKER, f"both slots were logged by worker {worker}")


def _doubt(draft: Draft, kind: Kind, message: str) -> None:
    """Note one of the findings that hold a line only where its terms say so.

    Source: settlement §2, `hold_on`; §5.9.
    """
    hold = draft.terms is not None and kind in draft.terms.hold_on
    draft.doubt(kind, message, hold=hold)


def doubt_visit(draft: Draft, overlaps: Overlaps, settings: Settings) -> None:
    """Note what is doubtful about a delivered or unplanned line's visit itself."""
    visit, slot = draft.visit, draft.slot
    if visit is None:
        return
    if visit in overlaps:
        say = f"worker {visit.worker_id} is also recorded on visit {overlaps[visit]}"
        _doubt(draft, Kind.WORKER_OVERLAP, say)
    if slot is not None and slot.order.time_critical:
        late = visit.check_in - slot.agreed_start
        if abs(late) > settings.time_critical_minutes:
            way = "late" if late > 0 else "early"
            _doubt(draft, Kind.LATE_TIME_CRITICAL, f"{abs(late)} minutes {way}")
    if visit.check_out is None:
        draft.doubt(Kind.NO_CHECK_OUT, f"checked in {iso(visit.check_in)}, never out")
    if visit.has_silent_manual_clock and draft.terms and draft.terms.manual is Manual.HOLD:
        draft.holds.add(Reason.MANUAL_WITHOUT_REASON)


def doubt_suspension(draft: Draft, plan: Plan) -> None:
    """Note care recorded in a suspension.

    A slot and a weekly-hours visit look at their own order; an unplanned visit is doubtful when all
    the person's orders in force that day are suspended.

    Source: settlement §4 ("A suspended slot"), §5.6, §5.8.
    """
    visit = draft.visit
    if visit is None:
        return
    if draft.slot is not None:
        suspended = bool(draft.slot.suspensions)
    elif draft.outcome is Outcome.UNPLANNED:
        suspended = plan.is_wholly_suspended(visit.person_id, visit.check_in)
    else:
        suspended = draft.order is not None and bool(plan.suspensions_at(draft.order, visit.check_in))
    if suspended:
        draft.doubt(Kind.VISIT_IN_SUSPENSION, f"checked in {iso(visit.check_in)}")


def doubt_attendance(draft: Draft, window: int) -> None:
    """Note a frustrated visit without proof, or made although the provider had been told.

    Source: settlement §4 ("A frustrated visit on a suspended slot"), §5.7.
    """
    row, slot = draft.status, draft.slot
    if draft.outcome is not Outcome.FRUSTRATED or row is None or slot is None:
        return
    told = told_at(draft)
    if row.check_in is None:
        draft.doubt(Kind.NO_ATTENDANCE_PROOF, "no check-in")
    elif abs(row.check_in - slot.planned_start) > window:
        away = abs(row.check_in - slot.planned_start)
        draft.doubt(Kind.NO_ATTENDANCE_PROOF, f"the check-in is {away} minutes from the plan")
    if row.check_in is not None and told is not None and row.check_in > told:
        draft.doubt(Kind.TOLD_BEFORE_VISIT, f"the provider was told {iso(told)}")


def told_at(draft: Draft) -> int | None:
    """Return when the provider was first told of a suspension that the slot lies in."""
    suspensions = draft.slot.suspensions if draft.slot else ()
    return min((s.told_at for s in suspensions if s.told_at is not None), default=None)


def doubt_cancellation(draft: Draft) -> None:
    """Note a cancellation that leaves out by whom or when.

    Source: settlement §5.7.
    """
    if draft.outcome is not Outcome.CANCELLED or draft.status is None:
        return
    if draft.status.cancelled_by is None:
        draft.doubt(Kind.NO_CANCELLED_BY, "cancelled, but not said by whom")
    if draft.status.notified_at is None:
        draft.doubt(Kind.NO_NOTICE_TIME, "cancelled, but not said when the provider was told")

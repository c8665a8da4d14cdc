"""Visits against plans over a period and its margins: what answers what, and what stays outside.

Source: settlement §2 (`visits.csv`), §3, §4.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from carethread.engine.findings import found
from carethread.engine.records import Finding, Inputs, Period, VisitRow
from carethread.engine.reference import match, visits
from carethread.engine.reference.drafts import Team, put_longer_first, teams
from carethread.engine.reference.plan import Plan, Slot
from carethread.engine.reference.price import Tariff
from carethread.engine.reference.visits import Attendance
from carethread.engine.units import local_date
from carethread.engine.words import Kind

MARGIN = timedelta(days=7)
"""How far outside the settled period slots and visits take part.

Source: settlement §3.
"""


@dataclass(frozen=True, slots=True)
class Attended:
    """The visits that take part after joining, the status rows, and what was found on the way."""

    visits: Sequence[Attendance]
    status: Sequence[VisitRow]
    findings: Sequence[Finding]


def attend(inputs: Inputs, plan: Plan) -> Attended:
    """Settle versions over the whole folder, drop impossible times, join log-ins."""
    current, dropped = visits.current_versions(inputs.visits)
    delivered, status, unusable = visits.usable(current)
    gap = inputs.settings.join_gap_minutes
    joined, parts = visits.join(delivered, gap, plan)
    return Attended(joined, status, [*dropped, *unusable, *parts])


@dataclass(frozen=True, slots=True)
class Matched:
    """The slots of the period with what answers or explains them, and its visits left over.

    `not_had` are the visits that name a slot they could not have.
    """

    slots: Sequence[Slot]
    answers: match.Answers
    explanations: Mapping[Slot, VisitRow]
    unslotted: Sequence[Attendance]
    teams: Sequence[Team]
    not_had: set[Attendance]
    findings: Sequence[Finding]


def match_period(
    attended: Attended, plan: Plan, tariff: Tariff, period: Period, window: int
) -> Matched:
    """Match the visits to the plan, with a margin on either side, and keep what is settled here."""
    wide = Period(period.first_on - MARGIN, period.last_on + MARGIN)
    slots = list(plan.slots(wide.first_on, wide.last_on))
    names = match.Names(slots)
    taking_part = [visit for visit in attended.visits if wide.holds(local_date(visit.check_in))]
    answers, rest, not_had = match.named(taking_part, names, window)
    answers |= match.timed((slot for slot in slots if slot not in answers), rest, window)
    pairs = teams(slots)
    put_longer_first(pairs, answers, tariff)
    explanations, findings = match.explained(attended.status, names, answers, period)
    answering = set(answers.values())
    unslotted = [visit for visit in attended.visits if visit not in answering]
    return Matched(
        slots=[slot for slot in slots if period.holds(slot.planned_on)],
        answers=answers,
        explanations=explanations,
        unslotted=[visit for visit in unslotted if period.holds(local_date(visit.check_in))],
        teams=[pair for pair in pairs if period.holds(pair[0].planned_on)],
        not_had=not_had,
        findings=findings + _outside([answers, explanations], unslotted, period),
    )


def _outside(
    answered: Iterable[Mapping[Slot, Attendance | VisitRow]],
    unslotted: Iterable[Attendance],
    period: Period,
) -> list[Finding]:
    """Find what belongs to another period: by its slot's day, or without one by its check-in's."""
    rows: list[Attendance | VisitRow] = [
        row
        for mapping in answered
        for slot, row in mapping.items()
        if not period.holds(slot.planned_on)
    ]
    rows += [visit for visit in unslotted if not period.holds(local_date(visit.check_in))]
    say = "belongs to a day that is not settled here"
    return [
        found(Kind.OUTSIDE_PERIOD, say, subject=row.visit_id, table=visits.TABLE, row=row.row)
        for row in rows
    ]

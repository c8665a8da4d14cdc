"""What a run is told of people's decisions: further versions of visits, and what becomes of lines.

Both are asked inside a scope of one council. Nothing here is stored: what was recorded stays.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet

from carethread.engine.decide import (
    Correction,
    Decided,
    Effect,
    Lapse,
    Ruling,
    correct,
    counting,
    effect,
    visit_facts,
)
from carethread.engine.records import Period, VisitRow
from carethread.engine.results import Line
from carethread.engine.units import local_date
from carethread.orders.ruling import ruling_order
from carethread.settlement.models import Decision
from carethread.visits.versions import instant, versions_of, visit_row

__all__ = ["Effect", "InForce", "corrected_rows", "effects", "in_force"]


def corrected_rows(days: Period | None = None) -> list[VisitRow]:
    """Return the further versions that decisions give to visits, to be settled with the recorded ones.

    Each has the sequence after the highest recorded, and counts. Its row is 0: it stands in no file.

    Args:
        days: Only decisions that bear on these, as a run reads visits, margins included; None for all.
    """
    made = []
    for ruled in _by_visit(in_force(days)).values():
        row = correct(ruled[0].versions, _correction(ruled))
        if row is not None and any(one.changes_visit for one in ruled):
            made.append(row)
    return sorted(made, key=lambda row: row.visit_id.encode())


def effects(lines: Iterable[Line], days: Period | None = None) -> dict[str, Effect]:
    """Return what decisions make of lines as the pipeline settled them, by line id.

    A line without a decision in force that applies is not there. A decision about the line goes before
    one about its visit, which the line was settled by already.

    Args:
        lines: Settled over the recorded visits and `corrected_rows`.
        days: Only decisions that bear on these; None for all.
    """
    of_lines, of_visits = _by_subject(in_force(None if days is None else _with_midnight(days)))
    found: dict[str, Effect] = {}
    for line in lines:
        candidates = [*of_lines.get(line.line_id, ()), *of_visits.get(line.visit_id, ())]
        applied = (effect(line, one.decided) for one in candidates)
        first = next((one for one in applied if isinstance(one, Effect)), None)
        if first is not None:
            found[line.line_id] = first
    return found


def _with_midnight(days: Period) -> Period:
    """A visit's day may be the day beside its line's: it came before midnight, or after."""
    one = timedelta(days=1)
    return Period(days.first_on - one, days.last_on + one)


@dataclass(frozen=True, slots=True)
class InForce:
    """A decision in force as the engine takes it; versions: of its visit. lapse: why not applied.

    Whether one about a line has lapsed shows on the line alone.
    """

    decision: Decision
    decided: Decided
    versions: tuple[VisitRow, ...]
    lapse: Lapse | None

    @property
    def changes_visit(self) -> bool:
        """Say whether it gives the visit a further version."""
        return self.lapse is None and self.decided.ruling is not Ruling.ASK_PROVIDER


def in_force(days: Period | None = None, among: QuerySet[Decision] | None = None) -> list[InForce]:
    """Return the decisions in force, oldest first, with what they rest on today."""
    rows = Decision.objects.all() if among is None else among
    rows = rows.filter(undone_at=None)
    if days is not None:
        rows = rows.filter(first_on__lte=days.last_on, last_on__gte=days.first_on)
    rows = rows.select_related(
        "order__person", "order__provider", "order__contract", "provider"
    ).order_by("pk")
    decisions = list(rows)
    versions = versions_of(one.visit_ref for one in decisions if one.visit_ref)
    return [
        _as_taken(one, tuple(visit_row(visit) for visit in versions.get(one.visit_ref, ())))
        for one in decisions
    ]


def _as_taken(decision: Decision, versions: tuple[VisitRow, ...]) -> InForce:
    order = decision.order
    taken = Decided(
        decision=decision.pk,
        ruling=Ruling(decision.ruling),
        basis=decision.basis,
        of_visit=bool(decision.visit_ref),
        check_in=instant(decision.check_in),
        provider_id=order.provider.ref if order else "",
        service=order.service if order else "",
        contract_id=order.contract.ref if order else "",
    )
    lapse = _lapse(taken, versions) if decision.visit_ref else None
    return InForce(decision, taken, versions, lapse)


def _lapse(taken: Decided, versions: tuple[VisitRow, ...]) -> Lapse | None:
    """Say why a decision about a visit no longer rests on what it was made on."""
    is_accepted = taken.ruling is Ruling.ACCEPT_UNPLANNED
    today = visit_facts(versions, ruled_by(versions) if is_accepted else "")
    return None if today == taken.basis else Lapse.VISIT_CHANGED


def ruled_by(versions: Iterable[VisitRow]) -> str:
    """Return the contract that rules visits of the care recorded, that day; empty if none does."""
    base = counting(versions)
    at = None if base is None else base.check_in
    if base is None or at is None:
        return ""
    return ruling_order(base.care, local_date(at))[1]


def _correction(ruled: Iterable[InForce]) -> Correction:
    """Return what the decisions about one visit change together."""
    clock, care = None, None
    for one in ruled:
        decision = one.decision
        if not one.changes_visit:
            continue
        if one.decided.ruling is Ruling.CORRECT_CLOCK:
            check_in, check_out = instant(decision.check_in), instant(decision.check_out)
            assert check_in is not None
            assert check_out is not None
            clock = decision.pk, check_in, check_out
        elif decision.order is not None:
            care = decision.order.person.ref, decision.order.provider.ref, decision.order.service
    return Correction(clock, care)


def _by_visit(every: Iterable[InForce]) -> dict[str, list[InForce]]:
    found: dict[str, list[InForce]] = {}
    for one in every:
        if one.decision.visit_ref:
            found.setdefault(one.decision.visit_ref, []).append(one)
    return found


def _by_subject(every: Iterable[InForce]) -> tuple[dict[str, list[InForce]], dict[str, list[InForce]]]:
    """Return those about lines, and those about visits that apply: what releases a line comes first."""
    held = list(every)
    of_lines = {one.decision.line_ref: [one] for one in held if one.decision.line_ref}
    of_visits = _by_visit(_accepting_first(one for one in held if one.lapse is None))
    return of_lines, of_visits


def _accepting_first(every: Iterable[InForce]) -> Iterator[InForce]:
    yield from sorted(every, key=lambda one: one.decided.ruling is not Ruling.ACCEPT_UNPLANNED)

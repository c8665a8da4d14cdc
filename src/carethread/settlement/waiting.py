"""Reads: what of a run waits for a person, why, on whom, and what to look at next."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from carethread.engine.decide import Effect, Lapse, Ruling, effect
from carethread.engine.records import Period
from carethread.engine.words import HOLDING, Kind, Reason
from carethread.orders.models import OrderVersion
from carethread.settlement.decided import InForce, in_force
from carethread.settlement.models import Decision, Line, Run, RunFinding
from carethread.settlement.recorded import settled_line
from carethread.settlement.rules_decisions import TAKES_NO_PART
from carethread.settlement.states import Standing
from carethread.settlement.subjects import HAS_LINES


@dataclass(frozen=True, slots=True)
class Held:
    """A line that waits. cause: the first reason that holds it. decision: in force about it, if any."""

    line: Line
    cause: Reason
    standing: Standing
    is_time_critical: bool
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Held lines of one cause: each line once. pence: of those that have a price; unpriced: the rest.

    waits, asked, again, decided: lines by how they stand.
    """

    cause: Reason
    lines: int
    pence: int
    unpriced: int
    waits: int
    asked: int
    again: int
    decided: int


@dataclass(frozen=True, slots=True)
class DecideAgain:
    """A decision in force that is not applied, and why."""

    decision: Decision
    lapse: Lapse


def settled_run(number: int | None = None) -> Run | None:
    """Return a run by its key, else the one settled last that none has overtaken; None if none has."""
    runs = Run.objects.filter(status__in=HAS_LINES)
    if number is not None:
        found: Run | None = runs.filter(pk=number).first()
        return found
    newest: Run | None = runs.exclude(status="overtaken").order_by("-settled_at", "-pk").first()
    return newest


def held(run: Run) -> Iterator[Held]:
    """Yield the lines of a run that wait, what to look at next first.

    Time-critical care comes before other, safety going before money, and current care before old.

    Source: domain ("safety before money"), founding paper 000 (current disputes before historic).
    """
    of_lines, of_visits = _decisions(run)
    number = run.book_number or 0
    for line, is_time_critical in _held_lines(run):
        one = of_lines.get(line.ref) or of_visits.get(line.visit_ref)
        yield Held(
            line,
            _cause(line),
            _standing(line, one, number),
            is_time_critical,
            None if one is None else one.decision,
        )


def causes(lines: Iterable[Held]) -> list[Cause]:
    """Group lines that wait by why, in the order in which a line lists its reasons."""
    groups: dict[Reason, list[Held]] = {}
    for one in lines:
        groups.setdefault(one.cause, []).append(one)
    return [_grouped(reason, groups[reason]) for reason in Reason if reason in groups]


def off_every_line(run: Run) -> Mapping[Kind, int]:
    """Count the visits that take no part until somebody decides or sends them again, by why."""
    kinds = RunFinding.objects.filter(run=run, kind__in=[kind.value for kind in TAKES_NO_PART])
    counted = kinds.values("kind").annotate(visits=Count("subject", distinct=True))
    found = {row["kind"]: row["visits"] for row in counted}
    return {kind: found[kind.value] for kind in TAKES_NO_PART if kind.value in found}


def stale(run: Run) -> list[DecideAgain]:
    """Return the decisions of a run's days that are in force and not applied: decide again."""
    every = in_force(Period(run.first_on, run.last_on))
    refs = [one.decision.line_ref for one in every if one.decision.line_ref]
    lines = {
        line.ref: line for line in Line.objects.filter(run=run, ref__in=refs).select_related("provider")
    }
    found = []
    for one in every:
        lapse = one.lapse if one.decided.of_visit else _lapse(lines.get(one.decision.line_ref), one)
        if lapse is not None:
            found.append(DecideAgain(one.decision, lapse))
    return found


def _lapse(line: Line | None, one: InForce) -> Lapse | None:
    if line is None:
        return Lapse.LINE_GONE
    answer = effect(settled_line(line), one.decided)
    return answer if isinstance(answer, Lapse) else None


def _held_lines(run: Run) -> Iterator[tuple[Line, bool]]:
    critical = OrderVersion.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=OuterRef("service_on")),
        order__ref=OuterRef("order_ref"),
        time_critical=True,
        starts_on__lte=OuterRef("service_on"),
    )
    lines = Line.objects.filter(run=run, is_held=True).select_related("provider")
    ordered = lines.annotate(is_time_critical=Exists(critical)).order_by(
        "-is_time_critical", "-service_on", "ref"
    )
    for line in ordered.iterator(chunk_size=2_000):
        yield line, line.is_time_critical


def _decisions(run: Run) -> tuple[dict[str, InForce], dict[str, InForce]]:
    every = in_force(Period(run.first_on, run.last_on))
    of_lines = {one.decision.line_ref: one for one in every if one.decision.line_ref}
    of_visits = {one.decision.visit_ref: one for one in every if one.decision.visit_ref}
    return of_lines, of_visits


def _cause(line: Line) -> Reason:
    """Return the first reason that holds a line: every held line says why (settlement §5.9)."""
    reasons = [Reason(reason) for reason in line.reasons.split(";") if reason]
    return next(reason for reason in reasons if reason in HOLDING)


def _standing(line: Line, one: InForce | None, number: int) -> Standing:
    if one is None:
        return Standing.WAITS
    if one.lapse is not None:
        return Standing.AGAIN
    if one.decided.of_visit:
        is_known = one.decision.number <= number
        return Standing.WAITS if is_known else Standing.DECIDED
    if not isinstance(effect(settled_line(line), one.decided), Effect):
        return Standing.AGAIN
    return Standing.ASKED if one.decided.ruling is Ruling.ASK_PROVIDER else Standing.DECIDED


def _grouped(cause: Reason, lines: Iterable[Held]) -> Cause:
    every = list(lines)
    standing = [one.standing for one in every]
    priced = [one.line.amount_pence for one in every if one.line.amount_pence is not None]
    return Cause(
        cause=cause,
        lines=len(every),
        pence=sum(priced),
        unpriced=len(every) - len(priced),
        waits=standing.count(Standing.WAITS),
        asked=standing.count(Standing.ASKED),
        again=standing.count(Standing.AGAIN),
        decided=standing.count(Standing.DECIDED),
    )

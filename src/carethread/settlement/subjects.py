"""What a decision is about: the newest settled line, or a visit that is on none."""

from dataclasses import dataclass
from datetime import date

from carethread.engine import results
from carethread.engine.decide import facts
from carethread.engine.records import VisitRow
from carethread.engine.units import local_date
from carethread.engine.words import Kind
from carethread.kit.unable import UnableTo
from carethread.settlement.models import Line, Run, RunFinding
from carethread.settlement.recorded import settled_line
from carethread.settlement.rules_decisions import TAKES_NO_PART
from carethread.settlement.states import RunStatus
from carethread.visits.models import Visit
from carethread.visits.versions import instant, versions_of, visit_row

HAS_LINES = tuple(one.value for one in (RunStatus.SETTLED, RunStatus.APPROVED, RunStatus.OVERTAKEN))
"""The statuses of runs whose lines are there."""
_ON_A_LINE_OF_ANOTHER = Kind.JOINED


@dataclass(frozen=True, slots=True)
class Subject:
    """A line of the newest run of its days, or a visit that is on none.

    row, line: None for a visit on none. visits: every version of the visit; none where the line has no
    visit. takes_no_part: the finding that keeps the visit off every line.
    """

    run: Run
    row: Line | None
    line: results.Line | None
    visits: tuple[Visit, ...]
    takes_no_part: Kind | None

    @property
    def versions(self) -> tuple[VisitRow, ...]:
        """The visit's versions as the engine takes them."""
        return tuple(visit_row(visit) for visit in self.visits)

    @property
    def visit_ref(self) -> str:
        """The visit's id; empty if there is none."""
        return self.visits[-1].ref if self.visits else ""

    @property
    def service_on(self) -> date:
        """The day of care: the line's, else the visit's, else the day the visit was sent."""
        return self.row.service_on if self.row is not None else day_of(self.visits[-1])


def day_of(visit: Visit) -> date:
    """Return the day that a visit is of, or where it names none, the day it was sent."""
    if visit.service_on is not None:
        return visit.service_on
    sent = instant(visit.received_at)
    assert sent is not None
    return local_date(sent)


def newest_run(day: date) -> Run | None:
    """Return the run that settled a day last."""
    found: Run | None = (
        Run.objects.filter(status__in=HAS_LINES, first_on__lte=day, last_on__gte=day)
        .order_by("-settled_at", "-pk")
        .first()
    )
    return found


def subject(about: str, run: int | None = None) -> Subject:
    """Return what somebody names: a line by its id, or a visit by its own.

    Args:
        about: The id.
        run: The key of the run whose line was looked at; None for the newest.

    Raises:
        UnableTo: if there is none, or a newer run has settled it otherwise.
    """
    rows = Line.objects.filter(ref=about, run__status__in=HAS_LINES)
    if run is not None:
        rows = rows.filter(run_id=run)
    row = rows.select_related("run", "provider").order_by("-run__settled_at", "-run_id").first()
    if row is not None:
        return _of_line(_in_newest(row))
    visits = tuple(versions_of([about]).get(about, ()))
    if not visits:
        message = f"no settled line and no visit is called {about!r}; carethread held --list shows some"
        raise UnableTo(message)
    return _of_visit(visits)


def _of_line(row: Line) -> Subject:
    visits = tuple(versions_of([row.visit_ref]).get(row.visit_ref, ())) if row.visit_ref else ()
    return Subject(row.run, row, settled_line(row), visits, None)


def _in_newest(row: Line) -> Line:
    """Return the line as the newest run of its day has it, if it has not changed since."""
    newest = newest_run(row.service_on)
    assert newest is not None, "the line's own run settled its day"
    if newest.pk == row.run_id:
        return row
    twin: Line | None = (
        Line.objects.filter(run=newest, ref=row.ref).select_related("run", "provider").first()
    )
    if twin is None:
        message = f"run {newest.pk}, which settled that day last, has no such line any more"
        raise UnableTo(message + _moved_to(row, newest))
    if facts(settled_line(twin)) != facts(settled_line(row)):
        message = f"it has changed since: look at it as run {newest.pk} settled it, then decide"
        raise UnableTo(message)
    return twin


def _moved_to(row: Line, run: Run) -> str:
    """Say where the visit of a line that is gone is now."""
    there = Line.objects.filter(run=run, visit_ref=row.visit_ref, person_ref=row.person_ref).first()
    return f": its visit is on line {there.ref} now" if row.visit_ref and there is not None else ""


def _of_visit(visits: tuple[Visit, ...]) -> Subject:
    """Return the line that a visit is on, else what keeps it off every line."""
    ref, run = visits[-1].ref, _run_of(visits)
    row = (
        Line.objects.filter(
            run=run, visit_ref=ref, person_ref__in={visit.person_ref for visit in visits}
        )
        .select_related("run", "provider")
        .first()
    )
    if row is not None:
        return _of_line(row)
    kinds = [kind.value for kind in (*TAKES_NO_PART, _ON_A_LINE_OF_ANOTHER)]
    found = RunFinding.objects.filter(run=run, subject=ref, kind__in=kinds).order_by("pk").first()
    if found is None:
        message = f"visit {ref!r} takes no part in run {run.pk}, and no decision could change that"
        raise UnableTo(message)
    kind = Kind(found.kind)
    return Subject(run, None, None, visits, kind if kind in TAKES_NO_PART else None)


def _run_of(visits: tuple[Visit, ...]) -> Run:
    """Return the run that settled a visit last."""
    run = newest_run(day_of(visits[-1]))
    if visits[-1].service_on is None:
        found = (
            RunFinding.objects.filter(subject=visits[-1].ref, run__status__in=HAS_LINES)
            .select_related("run")
            .order_by("-run__settled_at", "-run_id")
            .first()
        )
        run = run if found is None else found.run
    if run is None:
        message = f"visit {visits[-1].ref!r} has not been settled yet: settle its days first"
        raise UnableTo(message)
    return run

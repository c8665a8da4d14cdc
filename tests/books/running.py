"""Running settlements in tests, in the process itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from carethread.councils.models import Council
from carethread.engine.records import Inputs
from carethread.engine.units import instant_of_offset
from carethread.formats.settlement.tables import LINES, written
from carethread.settlement.actions import ask_for_run, settle_run
from carethread.settlement.models import Line, Run
from carethread.settlement.results import RENAMED
from carethread.wall.scope import reading, scoped, writing
from tests.engines import Rows, inputs_of

CASES = sorted(Path("tests/data/cases").resolve().iterdir())
ASKER = "console:test"
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def ticking(start: datetime = NOW) -> Callable[[], datetime]:
    """Return a clock that goes a second further each time it is asked."""
    now = start

    def clock() -> datetime:
        nonlocal now
        now += timedelta(seconds=1)
        return now

    return clock


clock = ticking()


def ask(council: Council, first_on: date, last_on: date, *, later: bool = False) -> Run:
    with scoped(writing(council.pk)):
        return ask_for_run(first_on=first_on, last_on=last_on, later=later, by=ASKER, at=clock())


def run_of(council: Council, first_on: date, last_on: date) -> Run:
    """Ask for a run and settle it."""
    asked = ask(council, first_on, last_on)
    settle_run(council=council.pk, run=asked.pk, clock=clock)
    return again(asked)


def again(run: Run) -> Run:
    """Return a run as the books have it now."""
    with scoped(reading(run.council_id)):
        found: Run = Run.objects.get(pk=run.pk)
        return found


def lines_of(run: Run) -> Rows:
    """Return a run's lines as the rows of the published file."""
    with scoped(reading(run.council_id)):
        kept = list(Line.objects.filter(run=run).select_related("provider").order_by("pk"))
    return [_row(line) for line in kept]


def _row(line: Line) -> dict[str, str]:
    return {column.name: written(column, _value(line, column.name)) for column in LINES.columns}


def _value(line: Line, name: str) -> Any:
    if name == "provider_id":
        return line.provider.ref
    value = getattr(line, RENAMED.get(name, name))
    return instant_of_offset(value) if isinstance(value, datetime) else value


def daily(days: int = 21) -> Inputs:
    """Return the care of three visits a day, from the first day of WEEK on."""
    inputs = inputs_of(next(case for case in CASES if case.name == "bands"))
    orders = [replace(one, days="1111111") for one in inputs.orders[:3]]
    visits = [
        replace(
            one,
            row=3 * day + place + 2,
            visit_id=f"{one.visit_id}-{day:02d}",
            check_in=(one.check_in or 0) + 1440 * day,
            check_out=(one.check_in or 0) + 1440 * day + 15,
        )
        for day in range(days)
        for place, one in enumerate(inputs.visits[:3])
    ]
    return replace(inputs, orders=orders, visits=visits)


WEEK = date(2026, 5, 11), date(2026, 5, 17)

"""A small council's books for tests of decisions: drawn examples kept, and settled by the plain engine.

A run here is as simple as can be: recorded visits and further versions into the reference pipeline, its
lines stored with what came of decisions. People, providers and workers are invented.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from carethread.accounts.actions import open_council
from carethread.councils.models import Council
from carethread.councils.queries import book_number
from carethread.engine import records
from carethread.engine.decide import Effect, Ruling
from carethread.engine.reference.pipeline import settle
from carethread.engine.results import Line as SettledLine
from carethread.engine.results import Settlement
from carethread.orders.models import Order, OrderVersion
from carethread.providers.models import Provider
from carethread.settlement import decided
from carethread.settlement.decisions import Wish, decide
from carethread.settlement.models import Decision, Line, Run, RunFinding
from carethread.visits.models import Visit
from carethread.visits.versions import visit_row
from carethread.wall.scope import scoped, writing
from tests.engines import inputs_of, silent
from tests.factories.books import keep_records, keep_visits, moment
from tests.spec.drawn import MONDAY, Example

NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
ANN, BEN = "user:1", "user:2"


def at(clock: str, day: int = 0) -> datetime:
    """Return a time of the week's days in May, when London is an hour ahead of UTC."""
    hour, minute = map(int, clock.split(":"))
    start = datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=UTC) + timedelta(days=day)
    return start + timedelta(hours=hour - 1, minutes=minute)


@dataclass
class Small:
    """A council's books, from a drawn example. now: moves on with every deed."""

    council: Council
    inputs: records.Inputs
    now: datetime = NOW
    settlements: list[Settlement] = field(default_factory=list)

    def scope(self) -> Any:
        return scoped(writing(self.council.pk))

    def later(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def keep_order(self, like: str, **changes: Any) -> None:
        """Keep another order, like one that is there."""
        with self.scope():
            order = Order.objects.get(ref=like)
            version = OrderVersion.objects.filter(order=order).order_by("starts_on")[0]
            order.pk, version.pk = None, None
            for column, value in changes.items():
                setattr(order, column, value)
            order.save()
            version.order = order
            version.save()

    def send(self, rows: Iterable[records.VisitRow]) -> None:
        with self.scope():
            keep_visits(rows, self.council, at=self.now)

    def send_again(self, visit: str, **changes: Any) -> None:
        """Let a provider send a visit's next version."""
        with self.scope():
            newest = Visit.objects.filter(ref=visit).select_related("provider").order_by("-sequence")[0]
            row = visit_row(newest)
        self.send([replace(row, sequence=row.sequence + 1, **changes)])

    def settle(self) -> tuple[Settlement, dict[str, Effect]]:
        """Settle the recorded visits with the further versions; say what comes of decisions."""
        recorded = [visit_row(one) for one in Visit.objects.select_related("provider").order_by("pk")]
        visits = [*recorded, *decided.corrected_rows()]
        inputs = replace(self.inputs, visits=visits, findings=())
        settlement = settle(inputs, records.Period(MONDAY, MONDAY + timedelta(days=6)), silent)
        return settlement, decided.effects(settlement.lines)

    def run(self) -> Run:
        """Settle and store, as the next run of the week."""
        with self.scope():
            number = book_number()
            settlement, effects = self.settle()
            self.settlements.append(settlement)
            Run.objects.filter(status="settled").update(status="overtaken")
            run: Run = Run.objects.create(
                council=self.council,
                first_on=MONDAY,
                last_on=MONDAY + timedelta(days=6),
                version=len(self.settlements),
                status="settled",
                asked_by=ANN,
                asked_at=self.now,
                settled_at=self.later(),
                book_number=number,
                lines=len(settlement.lines),
                due_pence=0,
                held_pence=0,
                findings=len(settlement.findings),
                differences=0,
                difference_pence=0,
                digest="d" * 64,
            )
            for line in settlement.lines:
                self._store(run, line, effects.get(line.line_id))
            for found in settlement.findings:
                RunFinding.objects.create(
                    council=self.council,
                    run=run,
                    severity=found.severity.value,
                    kind=found.kind.value,
                    line_ref=found.line_id,
                    subject=found.subject,
                    message=found.message,
                )
            return run

    def _store(self, run: Run, line: SettledLine, effect: Effect | None) -> None:
        due = None if line.held else line.amount_pence
        Line.objects.create(
            council=self.council,
            run=run,
            provider=Provider.objects.get(ref=line.provider_id),
            ref=line.line_id,
            person_ref=line.person_id,
            order_ref=line.order_id,
            contract_ref=line.contract_id,
            service=line.service,
            service_on=line.service_on,
            slot=line.slot,
            agreed_start=moment(line.agreed_start),
            planned_start=moment(line.planned_start),
            planned_minutes=line.planned_minutes,
            visit_ref=line.visit_id,
            worker_ref=line.worker_id,
            check_in=moment(line.check_in),
            check_out=moment(line.check_out),
            counted_minutes=line.counted_minutes,
            start_deviation_minutes=line.start_deviation_minutes,
            outcome=line.outcome.value,
            payable_minutes=line.payable_minutes,
            amount_pence=line.amount_pence,
            held=line.held,
            reasons=";".join(reason.value for reason in line.reasons),
            decision=effect.decision if effect else None,
            due_pence=effect.due_pence if effect else due,
            is_held=effect.is_held if effect else line.held,
        )

    def decide(self, about: str, ruling: Ruling, because: str = "it is so", **more: Any) -> Decision:
        by = more.pop("by", ANN)
        with self.scope():
            return decide(wish=Wish(about, ruling, **more), because=because, by=by, at=self.later())

    def correct(self, about: str, check_in: str, check_out: str, **more: Any) -> Decision:
        """Correct a clock, to times of Monday."""
        times: dict[str, Any] = {"check_in": at(check_in), "check_out": at(check_out)}
        return self.decide(about, Ruling.CORRECT_CLOCK, **times | {"evidence": "the notes"} | more)

    def line(self, ref: str) -> Line:
        """Return a line as the newest run has it."""
        found: Line = Line.objects.filter(ref=ref).order_by("-run_id")[0]
        return found

    def figures(self) -> dict[str, tuple[int | None, bool, int | None]]:
        """Return what is due, held and decided of every line of the newest run."""
        with self.scope():
            newest = Run.objects.order_by("-pk")[0]
            rows = Line.objects.filter(run=newest).order_by("ref")
            return {row.ref: (row.due_pence, row.is_held, row.decision) for row in rows}


def small(folder: Path, example: Example, code: str = "north") -> Small:
    """Keep a drawn example's people, orders and visits in new books of a council."""
    council = open_council(code=code, name=f"{code} (invented)", by="console:test", at=NOW)
    books = Small(council, inputs_of(example.write(folder / code)))
    with books.scope():
        keep_records(books.inputs, council)
    return books


def drawn(visits: str, orders: str = "order_id\nO1", **more: Any) -> Example:
    """Draw an example."""
    return Example("drawn", "", visits=visits, orders=orders, **more)


def recorded(books: Small) -> Sequence[tuple[object, ...]]:
    """Return every recorded visit, every column."""
    with books.scope():
        return list(Visit.objects.order_by("pk").values_list())

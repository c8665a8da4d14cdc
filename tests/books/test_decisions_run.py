"""Decisions through runs as they are asked for: honoured, undone, byte for byte as before; approval."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from carethread.accounts.actions import add_user, give_role
from carethread.accounts.models import Role
from carethread.councils.models import Council
from carethread.engine.decide import Ruling
from carethread.kit.unable import UnableTo
from carethread.settlement.actions import approve_run
from carethread.settlement.decisions import Wish, decide, undo
from carethread.settlement.models import Decision, Difference, Line, Run
from carethread.settlement.states import Standing
from carethread.settlement.waiting import held, stale
from carethread.wall.scope import reading, scoped, writing
from tests.books.running import NOW, again, clock, lines_of, run_of
from tests.books.small import ANN, at, drawn
from tests.books.test_decisions import SLOT
from tests.databases import Books
from tests.engines import inputs_of
from tests.factories import books as factory
from tests.spec.drawn import MONDAY

SUNDAY = MONDAY + timedelta(days=6)
ORDERS = """
    order_id | person_id | days    | start_time
    O1       |           | 1100000 | 08:00
    O2       | P2        | 1000000 | 08:00
"""
VISITS = """
    visit_id | person_id | worker_id | service | check_in  | check_out
    V1       |           | W1        |         | 08:00     | 08:30
    V2       | P2        | W1        |         | 08:10     | 08:40
    V3       |           | W2        | SIT     | Tue 08:00 | Tue 08:30
    V4       | P2        | W3        |         | 14:00     |
    V5       | P2        | W3        |         |           | 18:30
    V6       | P2        | W4        |         | Wed 09:00 | Wed 09:20
"""
TUESDAY = "O1|2026-05-12T08:00|1"


@dataclass
class North:
    """A council's books, and its runs of the week."""

    council: Council

    def run(self) -> Run:
        return run_of(self.council, MONDAY, SUNDAY)

    def decide(self, about: str, ruling: Ruling, **more: Any) -> Decision:
        with scoped(writing(self.council.pk)):
            return decide(wish=Wish(about, ruling, **more), because="so", by=ANN, at=clock())

    def undo(self, made: Decision) -> None:
        with scoped(writing(self.council.pk)):
            undo(decision=made.pk, because="not so", by=ANN, at=clock())

    def due(self, run: Run) -> dict[str, tuple[int | None, bool, int | None]]:
        with scoped(reading(self.council.pk)):
            rows = Line.objects.filter(run=run).order_by("ref")
            return {one.ref: (one.due_pence, one.is_held, one.decision) for one in rows}


@pytest.fixture
def north(books: Books, tmp_path: Path) -> North:
    council = factory.council()
    factory.keep(drawn(VISITS, ORDERS).write(tmp_path / "north"), council)
    return North(council)


def times(check_in: str, check_out: str, day: int = 0) -> dict[str, datetime | str]:
    return {"check_in": at(check_in, day), "check_out": at(check_out, day), "evidence": "notes"}


def test_each_ruling_is_honoured_by_the_next_run_and_undone_by_the_one_after(north: North) -> None:
    first = north.run()
    before = lines_of(first)
    made = {
        "accepted": north.decide(SLOT, Ruling.ACCEPT_RECORDED),
        "rejected": north.decide("O2|2026-05-11T08:00|1", Ruling.REJECT),
        "moved": north.decide("visit|V3", Ruling.ACCEPT_UNPLANNED, order_ref="O1"),
        "corrected": north.decide("visit|V4", Ruling.CORRECT_CLOCK, **times("14:00", "14:30")),
        "put right": north.decide("V5", Ruling.CORRECT_CLOCK, **times("18:00", "18:30")),
        "asked": north.decide("visit|V6", Ruling.ASK_PROVIDER),
    }
    key = {name: one.pk for name, one in made.items()}
    second = north.run()
    assert north.due(second) == {
        SLOT: (1000, False, key["accepted"]),
        TUESDAY: (1000, False, key["moved"]),
        "O2|2026-05-11T08:00|1": (0, False, key["rejected"]),
        "visit|V4": (None, True, key["corrected"]),
        "visit|V5": (None, True, key["put right"]),
        "visit|V6": (None, True, key["asked"]),
    }
    with scoped(reading(north.council.pk)):
        assert stale(second) == []
        assert {one.line.ref: one.standing for one in held(second)} == {
            "visit|V4": Standing.WAITS,
            "visit|V5": Standing.WAITS,
            "visit|V6": Standing.ASKED,
        }
    accepted = north.decide("visit|V4", Ruling.ACCEPT_UNPLANNED, order_ref="O2")
    third = north.run()
    assert north.due(third)["visit|V4"] == (1000, False, accepted.pk)
    for one in (accepted, *made.values()):
        north.undo(one)
    last = north.run()
    assert lines_of(last) == before
    assert last.digest == first.digest
    assert north.due(last) == north.due(first)


def test_a_run_from_before_a_decision_is_not_approved(north: North) -> None:
    chief = add_user(email="chief@north.example", name="Chief", at=NOW)
    give_role(
        user=chief,
        council=north.council,
        role=Role.APPROVER,
        approval_limit_pence=1_000_000,
        since_on=MONDAY,
        by="console:test",
        at=NOW,
    )

    def approved(run: Run) -> Run:
        with scoped(writing(north.council.pk)):
            approve_run(run=run.pk, by=chief.actor, at=clock())
        return again(run)

    first = north.run()
    made = north.decide(SLOT, Ruling.ACCEPT_RECORDED)
    with pytest.raises(UnableTo):
        approved(first)
    second = north.run()
    assert approved(second).status == "approved"
    north.undo(made)
    third = north.run()
    with scoped(reading(north.council.pk)):
        (difference,) = Difference.objects.filter(run=third)
    assert (difference.line_ref, difference.pence) == (SLOT, -1000)
    assert (difference.before_due_pence, difference.after_is_held) == (1000, True)


def test_a_provider_s_answer_counts_and_is_listed(north: North, tmp_path: Path) -> None:
    north.run()
    made = north.decide("visit|V4", Ruling.CORRECT_CLOCK, **times("14:00", "14:30"))
    newer = "visit_id | sequence | person_id | check_in | check_out\nV4 | 2 | P2 | 14:00 | 14:12"
    inputs = inputs_of(drawn(newer).write(tmp_path / "later"))
    with scoped(writing(north.council.pk)):
        factory.keep_visits(inputs.visits, north.council)
    run = north.run()
    with scoped(reading(north.council.pk)):
        line = Line.objects.get(run=run, ref="visit|V4")
        assert (line.counted_minutes, line.decision) == (12, None)
        assert [(one.decision.pk, one.lapse) for one in stale(run)] == [(made.pk, "visit_changed")]

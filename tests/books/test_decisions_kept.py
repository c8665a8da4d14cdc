"""How decisions are kept: in the audit, in the clock of the books, by the database's own rules."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from carethread.audit.models import Entry
from carethread.audit.queries import values_of, verify
from carethread.councils.models import BookChange
from carethread.councils.queries import book_number, changes_since
from carethread.engine.decide import Ruling
from carethread.kit.unable import UnableTo
from carethread.orders.models import Order
from carethread.providers.models import Provider
from carethread.settlement import states
from carethread.settlement.decisions import undo
from carethread.settlement.models import Decision, Line, Run
from tests.books.small import ANN, BEN, NOW, Small, at, drawn, recorded, small
from tests.books.test_decisions import EXTRA, NO_OUT, OVERLAP, SLOT, TWO, undone
from tests.databases import Books, rolled_back


def test_deciding_and_undoing_are_in_the_chain_with_both_sides(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(NO_OUT))
    run = north.run()
    made = north.decide(
        SLOT,
        Ruling.CORRECT_CLOCK,
        "the provider rang",
        check_in=at("08:00"),
        check_out=at("08:20"),
        evidence="call log, 12 May",
    )
    undone(north, made)
    with north.scope():
        decided, undoing = Entry.objects.filter(subject=f"decision:{made.pk}").order_by("pk")
        assert (decided.action, undoing.action) == ("line.decided", "decision.undone")
        assert (decided.by, decided.person_ref) == (ANN, "P1")
        assert decided.place is not None
        assert undoing.place == decided.place + 1
        assert list(verify().broken) == []
        told, back = values_of(decided), values_of(undoing)
    assert told is not None
    assert back is not None
    assert told.why == "the provider rang"
    assert told.before is not None
    assert told.after is not None
    assert {key: told.before[key] for key in ("run", "ref", "held", "reasons", "check_out")} == {
        "run": run.pk,
        "ref": SLOT,
        "held": True,
        "reasons": "no_check_out",
        "check_out": None,
    }
    assert told.after["ruling"] == "correct_clock"
    assert told.after["evidence"] == "call log, 12 May"
    assert (back.why, back.before) == ("I was wrong", told.after)


def test_a_decision_moves_the_clock_of_the_books(books: Books, tmp_path: Path) -> None:
    """So that a run from before it is not approved."""
    north = small(tmp_path, drawn(OVERLAP, TWO))
    run = north.run()
    made = north.decide(SLOT, Ruling.ACCEPT_RECORDED)
    with north.scope():
        (change,) = changes_since(run.book_number or 0, run.first_on, run.last_on)
        assert (change.first_on, change.last_on, change.what) == (
            run.first_on,
            run.first_on,
            "decided",
        )
        assert change.number == made.number == book_number()
    undone(north, made)
    with north.scope():
        assert [one.what for one in BookChange.objects.order_by("number")] == [
            "decided",
            "decision undone",
        ]
        made.refresh_from_db()
        assert made.undone_number == made.number + 1


def kept(books: Small, **more: Any) -> dict[str, Any]:
    with books.scope():
        provider = Provider.objects.get(ref="A")
    plain = {
        "council": books.council,
        "provider": provider,
        "person_ref": "P1",
        "line_ref": "L1",
        "first_on": NOW.date(),
        "last_on": NOW.date(),
        "number": 1,
        "ruling": "reject",
        "basis": "a" * 64,
        "reason": "so",
        "made_by": ANN,
        "made_at": NOW,
    }
    return plain | more


CLOCK = {
    "line_ref": "",
    "visit_ref": "V9",
    "ruling": "correct_clock",
    "check_in": NOW,
    "check_out": NOW + timedelta(minutes=30),
    "evidence": "notes",
}
UNDONE = {"undone_by": BEN, "undone_at": NOW, "undone_why": "so", "undone_number": 2}
PROBES: list[dict[str, Any]] = [
    {"line_ref": ""},
    {"visit_ref": "V1"},
    {"ruling": "forgive"},
    {"reason": ""},
    {"basis": "guess"},
    {"last_on": NOW.date() - timedelta(days=1)},
    {"line_ref": "", "visit_ref": "V1"},
    {"ruling": "accept_unplanned"},
    {"check_in": NOW, "check_out": NOW},
    CLOCK | {"line_ref": "L1", "visit_ref": ""},
    CLOCK | {"evidence": ""},
    CLOCK | {"check_in": None},
    CLOCK | {"check_out": None},
    CLOCK | {"check_out": NOW - timedelta(minutes=1)},
    *(UNDONE | {column: empty} for column, empty in [("undone_by", ""), ("undone_why", "")]),
    *(UNDONE | {column: None} for column in ("undone_at", "undone_number")),
    UNDONE | {"undone_number": 1},
    {"undone_by": BEN},
]


def test_the_database_holds_its_rules(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(NO_OUT))
    for probe in PROBES:
        values = kept(north, **probe)
        with north.scope(), pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.create(**values)
    with north.scope():
        order = Order.objects.get()
        for values in (kept(north, order=order), kept(north, **CLOCK, order=order)):
            with pytest.raises(IntegrityError), transaction.atomic():
                Decision.objects.create(**values)


def test_one_decision_is_in_force_of_a_line_and_of_a_visit_for_each_ruling(
    books: Books, tmp_path: Path
) -> None:
    north = small(tmp_path, drawn(NO_OUT))
    every = [kept(north), kept(north, **CLOCK)]
    with north.scope():
        for values in every:
            Decision.objects.create(**values, **UNDONE)
            Decision.objects.create(**values)
            with pytest.raises(IntegrityError), transaction.atomic():
                Decision.objects.create(**values)


def test_every_standing_can_be_come_to_and_left() -> None:
    assert states.STANDING.reachable() == set(states.Standing)
    assert states.STANDING.final() == set()


def test_the_guide_draws_the_standings() -> None:
    page = (Path(__file__).parents[2] / "docs" / "guides" / "decisions.md").read_text()
    for deed, moves in states.STANDING.moves.items():
        for before, after in moves.items():
            assert f"    {before} --> {after}: {deed}\n" in page


MANY = """
    visit_id | person_id | service | check_in | check_out
    V1       |           |         | 08:00    | 08:30
    V2       | P2        |         | 08:10    | 08:40
    V3       |           | SIT     | 12:00    | 12:30
    V4       |           |         | 14:00    |
    V5       |           |         |          | 18:00
"""
NAMES = (SLOT, "O2|2026-05-11T08:00|1", "visit|V3", "visit|V4", "V1", "V3", "V5")
DEEDS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from([*Ruling, None, "undo"]), st.integers(0, 3)),
    max_size=12,
)


def more_of(ruling: Ruling) -> dict[str, Any]:
    if ruling is Ruling.CORRECT_CLOCK:
        return {"check_in": at("08:00"), "check_out": at("08:20"), "evidence": "notes"}
    return {"order_ref": "O1"} if ruling is Ruling.ACCEPT_UNPLANNED else {}


@settings(max_examples=25)
@given(deeds=DEEDS)
def play(deeds: list[tuple[str, Any, int]]) -> None:
    """Decide, settle and undo by chance; then undo all that is left."""
    with rolled_back(), TemporaryDirectory() as folder:
        north = small(Path(folder), drawn(MANY, TWO))
        north.run()
        rows, first, figures = recorded(north), north.settlements[0], north.figures()
        for about, ruling, number in deeds:
            _play_one(north, about, ruling, number)
            assert recorded(north) == rows
        with north.scope():
            for one in Decision.objects.filter(undone_at=None):
                undo(decision=one.pk, because="back", by=BEN, at=north.later())
        north.run()
        assert recorded(north) == rows
        assert north.settlements[-1] == first
        assert north.figures() == figures
        with north.scope():
            assert list(verify().broken) == []


def _play_one(north: Small, about: str, ruling: Any, number: int) -> None:
    if ruling is None:
        north.run()
        _check_sums(north)
        return
    try:
        if ruling != "undo":
            north.decide(about, ruling, **more_of(ruling))
            return
        with north.scope():
            in_force = list(Decision.objects.filter(undone_at=None).order_by("pk"))
        if in_force:
            undone(north, in_force[number % len(in_force)])
    except UnableTo as refused:
        assert str(refused)  # noqa: PT017 -- any may be refused, none without words


def _check_sums(north: Small) -> None:
    """What was settled automatically is there beside what came of decisions."""
    with north.scope():
        for line in Line.objects.filter(run=Run.objects.order_by("-pk")[0]):
            if line.decision is None:
                assert (line.is_held, line.due_pence) == (
                    line.held,
                    None if line.held else line.amount_pence,
                )
            elif not line.is_held:
                assert line.due_pence in (0, line.amount_pence)


def test_no_decisions_and_undoings_ever_change_what_was_recorded(books: Books) -> None:
    play()


def test_another_council_sees_no_decision(books: Books, tmp_path: Path) -> None:
    north, south = small(tmp_path, drawn(EXTRA)), small(tmp_path, drawn(EXTRA), "south")
    north.run()
    south.run()
    made = north.decide("visit|V2", Ruling.REJECT)
    south.run()
    assert south.figures()["visit|V2"] == (None, True, None)
    with south.scope(), pytest.raises(UnableTo, match="there is no decision"):
        undo(decision=made.pk, because="ours?", by=BEN, at=NOW)

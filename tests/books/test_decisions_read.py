"""What waits, why, on whom, what next; what is known of a line; and the commands that show it."""

from datetime import datetime
from pathlib import Path

import pytest

from carethread.accounts.actions import add_user
from carethread.cli import main
from carethread.engine.decide import Ruling
from carethread.settlement.history import decisions_in_force, history
from carethread.settlement.models import Decision, Run
from carethread.settlement.states import Standing
from carethread.settlement.waiting import Cause, causes, held, off_every_line, settled_run
from tests.books.small import NOW, Small, drawn, small
from tests.books.test_decisions import EXTRA, NO_OUT, SLOT, undone
from tests.databases import Books

ORDERS = """
    order_id | person_id | days    | start_time | time_critical
    O1       |           | 1000000 | 08:00      |
    O2       | P2        | 1100000 | 08:00      | true
    O3       | P3        | 0001000 | 08:00      |
"""
VISITS = """
    visit_id | person_id | worker_id | check_in  | check_out | in_method
    V1       |           | W1        | 08:00     | 08:30     |
    V2       | P2        | W1        | 08:10     | 08:40     |
    V3       | P2        | W2        | Tue 08:00 |           |
    V4       | P3        | W3        | Thu 08:00 |           |
    V5       | P3        | W3        | Thu 14:00 | Thu 14:30 |
    V6       | P3        | W3        |           | Thu 18:30 |
    V7       | P4        | W3        | Wed 18:00 | Wed 18:30 |
"""
TUESDAY, THURSDAY = "O2|2026-05-12T08:00|1", "O3|2026-05-14T08:00|1"
MONDAY_2 = "O2|2026-05-11T08:00|1"


def standings(books: Small, run: Run) -> dict[str, Standing]:
    with books.scope():
        return {one.line.ref: one.standing for one in held(run)}


def test_time_critical_care_comes_first_then_current_before_old(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(VISITS, ORDERS))
    run = north.run()
    assert list(standings(north, run)) == [
        TUESDAY,
        MONDAY_2,
        THURSDAY,
        "visit|V5",
        "visit|V7",
        SLOT,
    ]


def test_what_waits_is_grouped_by_why(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(VISITS, ORDERS))
    run = north.run()
    north.decide(TUESDAY, Ruling.ASK_PROVIDER)
    north.decide(SLOT, Ruling.ACCEPT_RECORDED)
    north.decide("visit|V7", Ruling.REJECT)
    with north.scope():
        groups = causes(held(run))
        off = off_every_line(run)
        lines = list(held(run))
    assert groups == [
        Cause("no_order", 1, 0, 1, waits=0, asked=0, again=0, decided=1),  # type: ignore[arg-type]
        Cause("no_check_out", 2, 0, 2, waits=1, asked=1, again=0, decided=0),  # type: ignore[arg-type]
        Cause("unplanned", 1, 1000, 0, waits=1, asked=0, again=0, decided=0),  # type: ignore[arg-type]
        Cause("worker_overlap", 2, 2000, 0, waits=1, asked=0, again=0, decided=1),  # type: ignore[arg-type]
    ]
    assert off == {"no_check_in": 1}
    assert sum(group.lines for group in groups) == len(lines) == 6


def test_how_a_line_stands_from_waiting_to_decided_and_again(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(NO_OUT))
    run = north.run()
    assert standings(north, run) == {SLOT: Standing.WAITS}
    asked = north.decide(SLOT, Ruling.ASK_PROVIDER)
    assert standings(north, run) == {SLOT: Standing.ASKED}
    run = north.run()
    assert standings(north, run) == {SLOT: Standing.ASKED}
    north.send_again("V1", worker_id="W2")
    run = north.run()
    assert standings(north, run) == {SLOT: Standing.AGAIN}
    undone(north, asked)
    assert standings(north, run) == {SLOT: Standing.WAITS}
    clock = north.correct(SLOT, "08:00", "08:30")
    assert standings(north, run) == {SLOT: Standing.DECIDED}
    assert standings(north, north.run()) == {}
    north.send_again("V1")
    assert standings(north, north.run()) == {SLOT: Standing.AGAIN}
    undone(north, clock)
    assert standings(north, north.run()) == {SLOT: Standing.WAITS}


def test_the_run_settled_last_is_shown_unless_another_is_named(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(EXTRA))
    with north.scope():
        assert settled_run() is None
    first, second = north.run(), north.run()
    with north.scope():
        assert settled_run() == second
        assert settled_run(first.pk) == first
        assert settled_run(4711) is None


def test_both_sides_of_a_line_are_known(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(EXTRA))
    first = north.run()
    made = north.decide("visit|V2", Ruling.REJECT, "nobody asked for it")
    second = north.run()
    undone(north, made)
    third = north.run()
    with north.scope():
        for known in (history("visit|V2"), history("V2")):
            assert [one.ref for one in known.recorded] == ["V2"]
            assert [line.ref for line in known.settled] == ["visit|V2"] * 3
            assert [one.pk for one in known.decided] == [made.pk]
        known = history("visit|V2")
        assert [
            (line.run_id, line.amount_pence, line.held, line.due_pence, line.is_held, line.decision)
            for line in known.settled
        ] == [
            (first.pk, 667, True, None, True, None),
            (second.pk, 667, True, 0, False, made.pk),
            (third.pk, 667, True, None, True, None),
        ]
        assert [(one.pk, one.reason, one.undone_why) for one in known.decided] == [
            (made.pk, "nobody asked for it", "I was wrong")
        ]
        assert not decisions_in_force().exists()
        assert history("V77").decided == []


@pytest.fixture
def north(books: Books, tmp_path: Path) -> Small:
    add_user(email="ann@north.example", name="Ann Clark", at=NOW)
    return small(tmp_path, drawn(VISITS, ORDERS))


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command; return its exit code and all it said."""
    capsys.readouterr()
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, out + err


def test_commands_from_what_waits_to_undone(north: Small, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "held", "north") == (2, "carethread: north has no settled run\n")
    run = north.run()
    code, said = told(capsys, "held", "north")
    assert code == 0
    assert f"Run {run.pk}, 11 May 2026 to 17 May 2026: settled" in said
    assert [line.split() for line in said.splitlines()[3:7]] == [
        ["no_order", "1", "0.00", "1", "1"],
        ["no_check_out", "2", "0.00", "2", "2"],
        ["unplanned", "1", "10.00", "1"],
        ["worker_overlap", "2", "20.00", "2"],
    ]
    assert "Visits on no line: 1 with no_check_in." in said
    ann = ("--because", "they live together", "--by", "ann@north.example")
    code, said = told(capsys, "decide", "north", SLOT, MONDAY_2, "accept_recorded", *ann)
    assert code == 0
    assert said.count("The next run honours it.") == 2
    code, said = told(capsys, "decide", "north", SLOT, "reject", *ann)
    assert code == 2
    assert "Ann Clark (user:" in said
    assert "decided accept_recorded on" in said
    times = ("--check-in", "2026-05-14T18:00", "--check-out", "2026-05-14T18:30")
    code, said = told(
        capsys, "decide", "north", "V6", "correct_clock", *times, "--evidence", "notes", *ann
    )
    assert (code, "correct_clock for visit V6" in said) == (0, True)
    told(capsys, "decide", "north", TUESDAY, "ask_provider", "--because", "when out?")
    code, said = told(capsys, "held", "north", "--list", "--first", "2")
    assert "... and 4 more lines" in said
    assert f"{TUESDAY}  2026-05-12  time-critical  no_check_out" in said
    assert "provider A (decision" in said
    assert "accept_recorded by the next run" in said
    with north.scope():
        made = Decision.objects.get(visit_ref="V6")
        assert made.check_in == datetime.fromisoformat("2026-05-14T18:00+01:00")
        assert made.made_by.startswith("user:")
    north.run()
    code, said = told(capsys, "decisions", "north", "--of", SLOT)
    assert "delivered, £10.00, held (worker_overlap)" in said
    assert "due £10.00" in said
    assert "they live together" in said
    with north.scope():
        accepted = Decision.objects.get(line_ref=SLOT)
    undo = ("undo", "north", str(accepted.pk), "--because", "they do not")
    assert told(capsys, *undo)[0] == 0
    assert told(capsys, *undo)[0] == 2
    code, said = told(capsys, "decisions", "north")
    assert SLOT not in said
    assert MONDAY_2 in said
    assert "undone" in told(capsys, "decisions", "north", "--of", SLOT)[1]
    north.send_again("V6")
    north.run()
    assert f"decision {made.pk}  correct_clock  V6  visit_changed" in told(capsys, "held", "north")[1]


def test_commands_refuse_with_words(north: Small, capsys: pytest.CaptureFixture[str]) -> None:
    why = ("--because", "so")
    assert told(capsys, "decisions", "north") == (0, "No decision is in force.\n")
    assert told(capsys, "decisions", "north", "--of", "V77")[1] == (
        "carethread: nothing is known of 'V77'\n"
    )
    code, said = told(capsys, "decide", "north", "V6", "correct_clock", "--check-in", "8", *why)
    assert (code, "--check-in: '8' is not a date and time" in said) == (2, True)
    code, said = told(capsys, "decide", "north", "V6", "reject", "--by", "nobody@x.example", *why)
    assert (code, "is not a user" in said) == (2, True)
    code, said = told(capsys, "undo", "north", "4711", *why)
    assert (code, "there is no decision 4711" in said) == (2, True)
    code, said = told(capsys, "held", "north", "--run", "4711")
    assert said == "carethread: north has no settled run 4711\n"

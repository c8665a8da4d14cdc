"""Each ruling, from a decision to the next run that honours it, and back."""

from datetime import timedelta
from pathlib import Path

import pytest

from carethread.engine.decide import Ruling
from carethread.kit.unable import UnableTo
from carethread.settlement.decisions import undo
from carethread.settlement.models import Decision
from carethread.settlement.waiting import stale
from tests.books.small import ANN, Small, at, drawn, recorded, small
from tests.databases import Books

SLOT = "O1|2026-05-11T08:00|1"
OVERLAP = """
    visit_id | person_id | check_in | check_out
    V1       |           | 08:00    | 08:30
    V2       | P2        | 08:10    | 08:40
"""
TWO = """
    order_id | person_id
    O1       |
    O2       | P2
"""
EXTRA = """
    visit_id | check_in | check_out
    V1       | 08:00    | 08:30
    V2       | 14:00    | 14:20
"""
STRANGE = """
    visit_id | service | check_in | check_out
    V1       | SIT     | 08:04    | 08:34
"""
NO_OUT = """
    visit_id | check_in | check_out
    V1       | 08:00    |
"""


def undone(books: Small, decision: Decision) -> None:
    with books.scope():
        undo(decision=decision.pk, because="I was wrong", by=ANN, at=books.later())


def there_and_back(books: Small, ref: str, decision: Decision, then: object) -> None:
    """A run honours the decision, another still does; undone, all is as it was, to the byte."""
    before, figures = books.settlements[-1], books.figures()
    books.run()
    assert books.figures()[ref] == then
    books.run()
    assert books.figures()[ref] == then
    undone(books, decision)
    books.run()
    assert books.settlements[-1] == before
    assert books.figures() == figures


def test_a_held_line_is_accepted_as_recorded(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(OVERLAP, TWO))
    north.run()
    assert north.figures()[SLOT] == (None, True, None)
    made = north.decide(SLOT, Ruling.ACCEPT_RECORDED, "the two live in one house")
    there_and_back(north, SLOT, made, (1000, False, made.pk))


def test_a_line_is_rejected_held_or_not(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(EXTRA))
    north.run()
    assert north.figures() == {SLOT: (1000, False, None), "visit|V2": (None, True, None)}
    paid = north.decide(SLOT, Ruling.REJECT, "the person was away, says the family")
    held = north.decide("visit|V2", Ruling.REJECT, "nobody asked for it")
    north.run()
    assert north.figures() == {SLOT: (0, False, paid.pk), "visit|V2": (0, False, held.pk)}
    undone(north, held)
    undone(north, paid)
    north.run()
    assert north.figures() == {SLOT: (1000, False, None), "visit|V2": (None, True, None)}


def test_the_provider_is_asked(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(NO_OUT))
    north.run()
    made = north.decide(SLOT, Ruling.ASK_PROVIDER, "when did the carer leave?")
    there_and_back(north, SLOT, made, (None, True, made.pk))


def test_a_clock_is_corrected(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(NO_OUT, terms='manual = "hold"'))
    north.run()
    rows = recorded(north)
    made = north.decide(
        SLOT,
        Ruling.CORRECT_CLOCK,
        check_in=at("08:00"),
        check_out=at("08:27"),
        evidence="the landline's bill shows the call at 08:27",
    )
    there_and_back(north, SLOT, made, (900, False, made.pk))
    assert recorded(north) == rows


def test_a_corrected_clock_says_so_and_who_it_was(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(NO_OUT))
    north.run()
    made = north.correct("V1", "08:02", "08:30")
    north.run()
    working = north.settlements[-1].workings[0]
    assert (working.in_method, working.out_method) == ("manual", "manual")
    assert working.reason_code == f"decision {made.pk}"
    kinds = [found.kind for found in north.settlements[-1].findings]
    assert kinds == ["superseded"]


@pytest.mark.parametrize(
    "row",
    ["V1 | | 08:20", "V1 | 08:30 | 08:00", "V1 | 08:00 | Wed 08:00"],
    ids=["no check-in", "out before in", "two days"],
)
def test_a_visit_on_no_line_is_put_right(books: Books, tmp_path: Path, row: str) -> None:
    north = small(tmp_path, drawn(f"visit_id | check_in | check_out\n{row}"))
    north.run()
    assert north.figures() == {SLOT: (0, False, None)}
    made = north.correct("V1", "08:00", "08:20")
    there_and_back(north, SLOT, made, (667, False, made.pk))


def test_versions_that_differ_in_their_clock_are_put_right(books: Books, tmp_path: Path) -> None:
    versions = """
        visit_id | check_in | check_out
        V1       | 08:00    | 08:20
        V1       | 08:00    | 08:30
    """
    north = small(tmp_path, drawn(versions))
    north.run()
    assert north.figures() == {SLOT: (0, False, None)}
    made = north.correct("V1", "08:00", "08:20")
    there_and_back(north, SLOT, made, (667, False, made.pk))


def test_an_unplanned_visit_is_accepted_for_the_order_that_prices_it(
    books: Books, tmp_path: Path
) -> None:
    north = small(tmp_path, drawn(EXTRA))
    north.run()
    made = north.decide("visit|V2", Ruling.ACCEPT_UNPLANNED, "she had fallen", order_ref="O1")
    assert (made.line_ref, made.visit_ref) == ("visit|V2", "")
    there_and_back(north, "visit|V2", made, (667, False, made.pk))


def test_a_visit_of_another_care_takes_the_slot_it_was_for(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(STRANGE))
    north.run()
    assert north.figures() == {SLOT: (0, False, None), "visit|V1": (None, True, None)}
    rows = recorded(north)
    made = north.decide("visit|V1", Ruling.ACCEPT_UNPLANNED, "a wrong code", order_ref="O1")
    assert (made.line_ref, made.visit_ref) == ("", "V1")
    there_and_back_of_visit(north, made, {SLOT: (1000, False, made.pk)})
    assert recorded(north) == rows


def there_and_back_of_visit(books: Small, made: Decision, then: object) -> None:
    before, figures = books.settlements[-1], books.figures()
    books.run()
    assert books.figures() == then
    undone(books, made)
    books.run()
    assert books.settlements[-1] == before
    assert books.figures() == figures


def test_a_visit_of_another_care_that_answers_no_slot_is_paid_at_that_orders_price(
    books: Books, tmp_path: Path
) -> None:
    visits = """
        visit_id | service | check_in | check_out
        V1       | PC      | 08:00    | 08:30
        V2       | SIT     | 14:00    | 14:20
    """
    north = small(tmp_path, drawn(visits))
    north.run()
    assert north.figures()["visit|V2"] == (None, True, None)
    made = north.decide("visit|V2", Ruling.ACCEPT_UNPLANNED, "a wrong code", order_ref="O1")
    there_and_back_of_visit(north, made, {SLOT: (1000, False, None), "visit|V2": (667, False, made.pk)})


def test_a_visit_of_another_provider_keeps_its_worker_apart(books: Books, tmp_path: Path) -> None:
    visits = """
        visit_id | provider_id | check_in | check_out
        V1       | A           | 08:00    | 08:30
        V2       | B           | 08:32    | 08:50
    """
    north = small(tmp_path, drawn(visits))
    north.run()
    made = north.decide("visit|V2", Ruling.ACCEPT_UNPLANNED, "B is A's branch", order_ref="O1")
    north.run()
    assert north.figures() == {SLOT: (1000, False, None), "visit|V2": (600, False, made.pk)}
    with north.scope():
        line = north.line("visit|V2")
        assert (line.provider.ref, line.worker_ref) == ("A", "B/W1")


def test_a_visit_of_weekly_hours_comes_out_of_the_week(books: Books, tmp_path: Path) -> None:
    orders = """
        order_id | service | basis        | weekly_minutes
        O1       | SIT     | weekly_hours | 30
    """
    rates = "service | amount_pence\nSIT | 2000"
    visits = "visit_id | check_in | check_out\nV1 | 08:00 | 08:45"
    north = small(tmp_path, drawn(visits, orders, rates=rates))
    north.run()
    made = north.decide("visit|V1", Ruling.ACCEPT_UNPLANNED, "a wrong code", order_ref="O1")
    north.run()
    assert north.figures() == {"visit|V1": (1000, False, made.pk)}
    assert north.settlements[-1].lines[0].reasons == ("over_weekly_allowance",)


def test_what_else_is_doubtful_of_an_accepted_visit_still_waits(books: Books, tmp_path: Path) -> None:
    visits = """
        visit_id | person_id | service | check_in | check_out
        V1       | P1        | SIT     | 08:00    | 08:30
        V2       | P2        | PC      | 08:10    | 08:40
    """
    north = small(tmp_path, drawn(visits, TWO))
    north.run()
    of_visit = north.decide("visit|V1", Ruling.ACCEPT_UNPLANNED, "a wrong code", order_ref="O1")
    north.run()
    assert north.figures()[SLOT] == (None, True, of_visit.pk)
    of_line = north.decide(SLOT, Ruling.ACCEPT_RECORDED, "one house")
    north.run()
    assert north.figures()[SLOT] == (1000, False, of_line.pk)
    undone(north, of_line)
    north.run()
    assert north.figures()[SLOT] == (None, True, of_visit.pk)


def test_a_clock_and_a_care_are_put_right_together(books: Books, tmp_path: Path) -> None:
    visits = "visit_id | service | check_in | check_out\nV1 | SIT | 08:00 |"
    north = small(tmp_path, drawn(visits))
    north.run()
    care = north.decide("V1", Ruling.ACCEPT_UNPLANNED, "a wrong code", order_ref="O1")
    north.run()
    assert north.figures()[SLOT] == (None, True, care.pk)
    clock = north.correct(SLOT, "08:00", "08:15")
    north.run()
    assert north.figures() == {SLOT: (500, False, care.pk)}
    undone(north, care)
    north.run()
    assert north.figures()["visit|V1"] == (None, True, clock.pk)


def test_late_data_makes_a_decision_lapse(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(OVERLAP, TWO))
    north.run()
    made = north.decide(SLOT, Ruling.ACCEPT_RECORDED)
    north.send_again("V1", check_out=north.inputs.visits[0].check_out + 15)  # type: ignore[operator]
    run = north.run()
    assert north.figures()[SLOT] == (None, True, None)
    with north.scope():
        assert [(one.decision.pk, one.lapse) for one in stale(run)] == [(made.pk, "facts_changed")]
    anew = north.decide(SLOT, Ruling.ACCEPT_RECORDED, "looked at again")
    run = north.run()
    assert north.figures()[SLOT] == (1000, False, anew.pk)
    with north.scope():
        assert stale(run) == []
        made.refresh_from_db()
        assert made.undone_why == "decided anew: accept_recorded"


def test_a_new_version_makes_a_correction_lapse(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(NO_OUT))
    north.run()
    made = north.correct(SLOT, "08:00", "08:20")
    north.send_again("V1", check_out=north.inputs.visits[0].check_in + 24)  # type: ignore[operator]
    run = north.run()
    assert north.figures()[SLOT] == (800, False, None)
    with north.scope():
        assert [(one.decision.pk, one.lapse) for one in stale(run)] == [(made.pk, "visit_changed")]


def test_the_same_row_again_changes_no_fact(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(NO_OUT))
    north.run()
    made = north.correct(SLOT, "08:00", "08:20")
    north.send(north.inputs.visits)
    north.run()
    assert north.figures()[SLOT] == (667, False, made.pk)


def test_an_order_for_its_own_care_makes_an_acceptance_lapse(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(STRANGE))
    north.run()
    made = north.decide("visit|V1", Ruling.ACCEPT_UNPLANNED, "a wrong code", order_ref="O1")
    north.keep_order("O1", ref="O9", service="SIT")
    run = north.run()
    assert north.figures()["visit|V1"][1:] == (True, None)
    with north.scope():
        assert [(one.decision.pk, one.lapse) for one in stale(run)] == [(made.pk, "visit_changed")]


def test_a_line_that_is_gone_is_said(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(EXTRA))
    north.run()
    made = north.decide("visit|V2", Ruling.REJECT, "nobody asked for it")
    north.send_again("V2", planned_start=None, check_in=None)
    run = north.run()
    with north.scope():
        assert [(one.decision.pk, one.lapse) for one in stale(run)] == [(made.pk, "line_gone")]
    with pytest.raises(UnableTo, match="no such line any more"):
        north.decide("visit|V2", Ruling.REJECT)


def test_a_correction_to_the_day_before_bears_on_both_days(books: Books, tmp_path: Path) -> None:
    visits = "visit_id | check_in | check_out\nV1 | Tue 00:10 |"
    north = small(tmp_path, drawn(visits))
    north.run()
    made = north.decide(
        "V1",
        Ruling.CORRECT_CLOCK,
        check_in=at("23:50"),
        check_out=at("00:20", 1),
        evidence="the care notes",
    )
    assert made.last_on - made.first_on == timedelta(days=1)
    north.run()
    assert north.settlements[-1].lines[1].counted_minutes == 30

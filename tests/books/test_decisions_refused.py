"""What cannot be decided, what is said instead, and two people at once."""

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from carethread.accounts.actions import add_user
from carethread.audit.actions import destroy_key
from carethread.councils.models import BookChange
from carethread.engine.decide import Ruling
from carethread.kit.unable import UnableTo
from carethread.orders.models import OrderVersion
from carethread.settlement.decisions import UnableToDecide, Wish, decide, decide_many, undo
from carethread.settlement.models import Decision
from tests.books.small import ANN, BEN, NOW, at, drawn, small
from tests.books.test_decisions import EXTRA, NO_OUT, OVERLAP, SLOT, STRANGE, TWO, undone
from tests.databases import Books

ACCEPT, UNPLANNED = Ruling.ACCEPT_RECORDED, Ruling.ACCEPT_UNPLANNED
CORRECT, REJECT, ASK = Ruling.CORRECT_CLOCK, Ruling.REJECT, Ruling.ASK_PROVIDER
NOTES: dict[str, Any] = {
    "check_in": at("08:00"),
    "check_out": at("08:20"),
    "evidence": "the notes",
}
ORDERS = """
    order_id | person_id | service | contract_id | starts_on  | ends_on    | start_time
    O1       |           |         |             |            |            |
    O2       | P2        |         |             |            |            |
    O3       |           | SIT     |             | 2026-05-18 |            |
    O4       |           | SIT     | D           | 2026-05-11 |            | 20:00
    O5       |           | SIT     | C           | 2026-05-11 |            | 21:00
"""
VISITS = """
    visit_id | service | status    | check_in | check_out | planned_start | cancelled_by
    V1       |         |           | 08:00    | 08:30     |               |
    V2       |         |           | 14:00    | 14:20     |               |
    V3       |         |           | 15:00    |           |               |
    V4       | BATH    |           | 16:00    | 16:30     |               |
    V5       | SIT     |           | 11:00    | 11:30     |               |
    V6       | SIT     | cancelled |          |           | 20:00         |
    V7       |         |           |          | 18:00     |               |
    V8       | SIT     |           | 16:10    | 16:05     |               |
    V9       | SIT     | cancelled |          |           | 10:00         | person
"""
CANCELLED = "O4|2026-05-11T20:00|1"
REFUSED: list[tuple[str, Ruling, dict[str, Any], str]] = [
    (SLOT, ACCEPT, {}, "payable already"),
    (SLOT, ASK, {}, "what is not disputed is paid"),
    (SLOT, UNPLANNED, {"order_ref": "O1"}, "delivered, not unplanned"),
    (SLOT, CORRECT, NOTES | {"evidence": "  "}, "what the times rest on"),
    (SLOT, CORRECT, NOTES | {"check_in": None}, "give both times"),
    (SLOT, CORRECT, {}, "give both times"),
    (SLOT, CORRECT, NOTES | {"check_in": at("08:21")}, "before the check-in"),
    (SLOT, CORRECT, NOTES | {"check_out": at("08:01", 1)}, "more than 24 hours cannot be"),
    (SLOT, CORRECT, NOTES | {"check_in": NOW, "check_out": at("11:00", 9)}, "has not come yet"),
    (
        SLOT,
        CORRECT,
        NOTES | {"check_in": at("09:00", 3), "check_out": at("09:30", 3)},
        "24 hours from every time",
    ),
    (SLOT, REJECT, NOTES, "belong to correct_clock"),
    (SLOT, REJECT, {"order_ref": "O1"}, "belongs to accept_unplanned"),
    ("O2|2026-05-11T08:00|1", REJECT, {}, "pays nothing as it is"),
    ("O2|2026-05-11T08:00|1", CORRECT, NOTES, "no visit is on this line"),
    ("visit|V2", ACCEPT, {}, "it waits for unplanned: accept it against an order"),
    ("visit|V2", UNPLANNED, {}, "name the order"),
    ("visit|V2", UNPLANNED, {"order_ref": "O77"}, "no order is called 'O77'"),
    ("visit|V2", UNPLANNED, {"order_ref": "O2"}, "another person's"),
    ("visit|V2", UNPLANNED, {"order_ref": "O3"}, "not in force on 11 May 2026"),
    ("visit|V2", UNPLANNED, {"order_ref": "O5"}, "under order O4, contract D"),
    ("visit|V3", ACCEPT, {}, "it waits for no_check_out: correct the clock"),
    ("visit|V3", UNPLANNED, {"order_ref": "O1"}, "it waits for no_check_out: correct the clock"),
    ("visit|V4", ACCEPT, {}, "it waits for no_order: accept it against an order"),
    ("visit|V5", ACCEPT, {}, "it waits for no_contract: state the contract"),
    ("visit|V5", ASK, {}, "which is the council's to put right: state the contract"),
    (CANCELLED, CORRECT, NOTES, "a cancelled visit has no clock"),
    ("V7", ACCEPT, {}, "on no line"),
    ("V8", REJECT, {}, "on no line"),
    ("V8", UNPLANNED, {"order_ref": "O1"}, "on no line"),
    ("V9", ASK, {}, "no decision could change that"),
    ("V77", ASK, {}, "no settled line and no visit is called 'V77'"),
]


def test_what_cannot_be_decided_says_what_to_do(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(VISITS, ORDERS))
    north.run()
    for about, ruling, more, says in REFUSED:
        with pytest.raises(UnableTo, match=says):
            north.decide(about, ruling, **more)
    with pytest.raises(UnableTo, match="say why"):
        north.decide(SLOT, REJECT, "  ")
    with north.scope():
        assert not Decision.objects.exists()
        assert not BookChange.objects.exists()


def test_a_visit_that_nobody_can_name_is_sent_again(books: Books, tmp_path: Path) -> None:
    versions = """
        visit_id | worker_id | check_in | check_out
        V1       | W1        | 08:00    | 08:20
        V1       | W2        | 08:00    | 08:30
    """
    north = small(tmp_path, drawn(versions))
    north.run()
    with pytest.raises(UnableTo, match="ask the provider to send it again"):
        north.decide("V1", CORRECT, **NOTES)
    made = north.decide("V1", ASK, "whose visit is it?")
    assert (made.visit_ref, made.ruling) == ("V1", "ask_provider")


def test_what_the_contract_pays_or_not_is_not_accepted(books: Books, tmp_path: Path) -> None:
    for code, unplanned in (("north", "pay"), ("south", "zero")):
        council = small(tmp_path, drawn(EXTRA, terms=f'unplanned = "{unplanned}"'), code)
        council.run()
        with pytest.raises(UnableTo, match="so nothing waits"):
            council.decide("visit|V2", UNPLANNED, order_ref="O1")


def test_an_order_that_the_run_did_not_know_is_settled_first(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(STRANGE))
    north.run()
    north.keep_order("O1", ref="O9", service="SIT")
    with pytest.raises(UnableTo, match="settle again first"):
        north.decide("visit|V1", UNPLANNED, order_ref="O9")


def test_nothing_is_decided_before_it_is_settled(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(NO_OUT))
    with pytest.raises(UnableTo, match="not been settled yet"):
        north.decide("V1", CORRECT, **NOTES)


def test_the_second_is_told_who_was_first(books: Books, tmp_path: Path) -> None:
    ann = add_user(email="ann@north.example", name="Ann Clark", at=NOW)
    north = small(tmp_path, drawn(OVERLAP, TWO))
    north.run()
    first = north.decide(SLOT, ACCEPT, "one house", by=ann.actor)
    for about, ruling, more in ((SLOT, REJECT, {}), (SLOT, CORRECT, NOTES), ("V1", ACCEPT, {})):
        with pytest.raises(UnableTo) as refused:
            north.decide(about, ruling, by=BEN, **more)
        assert str(refused.value) == (
            f"Ann Clark ({ann.actor}) decided accept_recorded on 20 May 2026 at 10:02: one house."
            f" Undo decision {first.pk}, or decide instead of it"
        )
    second = north.decide(SLOT, REJECT, "not one house", by=BEN, instead_of=first.pk)
    with north.scope():
        first.refresh_from_db()
        assert (first.undone_by, first.undone_why) == (BEN, "decided anew: reject")
        assert first.undone_number == second.number
    with pytest.raises(UnableTo, match="does not stand in the way"):
        north.decide("O2|2026-05-11T08:00|1", REJECT, instead_of=first.pk)


def test_a_line_waits_until_what_was_decided_of_its_visit_is_settled(
    books: Books, tmp_path: Path
) -> None:
    north = small(tmp_path, drawn(EXTRA))
    north.run()
    notes = NOTES | {"check_in": at("14:00"), "check_out": at("14:25")}
    clock = north.decide("visit|V2", CORRECT, **notes)
    with pytest.raises(UnableTo, match=r"the next run honours it"):
        north.decide("visit|V2", REJECT)
    north.run()
    with pytest.raises(UnableTo, match=f"decided correct_clock.*Undo decision {clock.pk}"):
        north.decide("visit|V2", CORRECT, **notes)
    undone(north, clock)
    with pytest.raises(UnableTo, match="undone since: settle again first"):
        north.decide("visit|V2", REJECT)
    again = north.decide("visit|V2", CORRECT, **notes)
    assert again.pk != clock.pk


def test_a_line_that_is_gone_says_where_its_visit_is(books: Books, tmp_path: Path) -> None:
    """Corrected to the morning, the visit is one with the morning's, which two log-ins make."""
    north = small(tmp_path, drawn(EXTRA))
    north.run()
    north.send_again("V1", check_in=None)
    north.correct("visit|V2", "08:10", "08:30")
    run = north.run()
    with pytest.raises(UnableTo, match=f"run {run.pk}.*its visit is on line O1.2026-05-11T08:00.1"):
        north.decide("visit|V2", REJECT)


def test_an_older_run_counts_where_nothing_changed(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(OVERLAP, TWO))
    first = north.run()
    north.run()
    undone(north, north.decide(SLOT, ACCEPT, run=first.pk))
    north.send_again("V1", check_out=north.inputs.visits[0].check_out + 15)  # type: ignore[operator]
    third = north.run()
    with pytest.raises(UnableTo, match=f"look at it as run {third.pk} settled it"):
        north.decide(SLOT, ACCEPT, run=first.pk)


def test_what_is_undone_stays_undone(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(OVERLAP, TWO))
    north.run()
    made = north.decide(SLOT, ACCEPT)
    undone(north, made)
    with pytest.raises(UnableTo, match=r"was undone by user:1 on 20 May 2026 .*: I was wrong"):
        undone(north, made)
    with north.scope(), pytest.raises(UnableTo, match="there is no decision 4711"):
        undo(decision=4711, because="why not", by=ANN, at=NOW)
    with north.scope(), pytest.raises(UnableTo, match="say why"):
        undo(decision=made.pk, because="", by=ANN, at=NOW)


def test_many_are_decided_for_one_reason_or_none_is(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(OVERLAP, TWO))
    north.run()
    other = "O2|2026-05-11T08:00|1"

    def many(*wishes: Wish) -> list[Decision]:
        with north.scope():
            return decide_many(wishes=wishes, because="one house", by=ANN, at=north.later())

    with pytest.raises(UnableToDecide) as refused:
        many(Wish(SLOT, ACCEPT), Wish(other, ASK), Wish("V77", REJECT), Wish("V1", REJECT))
    assert [about for about, _ in refused.value.refused] == ["V77", "V1"]
    assert "2 of 4" in str(refused.value)
    assert "V1: it is named twice, also as O1|" in str(refused.value)
    with north.scope():
        assert not Decision.objects.exists()
    made = many(Wish(SLOT, ACCEPT), Wish(other, ASK))
    assert [one.ruling for one in made] == ["accept_recorded", "ask_provider"]
    north.run()
    figures = north.figures()
    assert figures[SLOT] == (1000, False, made[0].pk)
    assert figures[other] == (None, True, made[1].pk)


def test_nothing_is_decided_of_a_disposed_record(books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(OVERLAP, TWO))
    north.run()
    with north.scope():
        destroy_key(person_ref="P1", by=ANN, at=NOW)
    with pytest.raises(UnableTo, match="disposed of"):
        north.decide(SLOT, ACCEPT)
    with north.scope():
        assert not Decision.objects.exists()


def test_an_order_that_ended_is_not_paid_for(books: Books, tmp_path: Path) -> None:
    """The visit is given the order's care all the same, finds no order there, and waits."""
    north = small(tmp_path, drawn(STRANGE))
    north.run()
    made = north.decide("visit|V1", UNPLANNED, order_ref="O1")
    with north.scope():
        OrderVersion.objects.all().delete()
    north.inputs = type(north.inputs)(**{**vars(north.inputs), "orders": ()})
    north.run()
    assert north.figures() == {"visit|V1": (None, True, made.pk)}
    assert north.settlements[-1].lines[0].reasons == ("no_order",)


def at_once(one: Callable[[], None], other: Callable[[], None]) -> list[str]:
    """Run both in threads with connections of their own; return what each was told."""
    told: list[str] = []
    start = Barrier(2)

    def go(deed: Callable[[], None]) -> None:
        start.wait(timeout=20)
        try:
            deed()
            told.append("")
        except UnableTo as refused:
            told.append(str(refused))
        finally:
            connection.close()

    threads = [Thread(target=go, args=(deed,)) for deed in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(told)


@pytest.mark.parametrize("ruling", [REJECT, CORRECT], ids=str)
def test_two_people_at_once(own_books: Books, tmp_path: Path, ruling: Ruling) -> None:
    north = small(tmp_path, drawn(OVERLAP, TWO))
    north.run()

    def deed(by: str, ruling: Ruling, **more: Any) -> Callable[[], None]:
        def go() -> None:
            with north.scope():
                decide(wish=Wish(SLOT, ruling, **more), because="it is so", by=by, at=NOW)

        return go

    more = NOTES if ruling is CORRECT else {}
    told = at_once(deed(ANN, ACCEPT), deed(BEN, ruling, **more))
    assert told[0] == ""
    with north.scope():
        (made,) = Decision.objects.all()
        assert BookChange.objects.count() == 1
    assert f"{made.made_by} decided {made.ruling} on 20 May 2026 at 10:00: it is so" in told[1]


def test_two_people_undo_at_once(own_books: Books, tmp_path: Path) -> None:
    north = small(tmp_path, drawn(OVERLAP, TWO))
    north.run()
    made = north.decide(SLOT, ACCEPT)

    def deed(by: str) -> Callable[[], None]:
        def go() -> None:
            with north.scope():
                undo(decision=made.pk, because="wrong", by=by, at=NOW)

        return go

    told = at_once(deed(ANN), deed(BEN))
    assert told[0] == ""
    assert "was undone by user:" in told[1]

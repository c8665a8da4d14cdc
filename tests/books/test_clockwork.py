"""Timed deeds: each is done once when it is due, by one of those who tick; a dead one's turn ends."""

from datetime import datetime, timedelta

import pytest

from carethread.clockwork import deeds
from carethread.clockwork.models import Turn
from carethread.clockwork.ticking import LEASE, _is_taken, tick
from tests.books.running import NOW
from tests.databases import Books

NAME = "a deed of the test"
EVERY = timedelta(minutes=1)


class Told:
    """Notes when it was done; fails while it is told to."""

    def __init__(self) -> None:
        self.times: list[datetime] = []
        self.fails = False

    def __call__(self, at: datetime) -> None:
        self.times.append(at)
        if self.fails:
            message = "Mrs Invented"
            raise ValueError(message)


@pytest.fixture
def deed(monkeypatch: pytest.MonkeyPatch) -> Told:
    told = Told()
    monkeypatch.setattr(deeds, "_deeds", {})
    deeds.register(NAME, EVERY, told)
    return told


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def ticked(holder: str, minutes: float) -> list[str]:
    return tick(holder, lambda: at(minutes))


def test_a_deed_is_done_when_it_is_due(books: Books, deed: Told) -> None:
    assert [len(ticked("one", minute)) for minute in (0, 0.5, 0.9, 1, 1.5, 7, 7.5)] == [
        *(1, 0, 0, 1, 0, 1, 0)
    ]
    assert deed.times == [at(0), at(1), at(7)]
    turn = Turn.objects.get(deed=NAME)
    assert (turn.done_at, turn.next_at, turn.holder) == (at(7), at(8), "")


def test_two_who_tick_do_a_deed_once(books: Books, deed: Told) -> None:
    (one,) = deeds.deeds()
    assert _is_taken(one, "one", at(0))
    assert not _is_taken(one, "other", at(0))
    assert ticked("other", 0.1) == []
    assert deed.times == []


def test_the_turn_of_one_who_died_ends(books: Books, deed: Told) -> None:
    (one,) = deeds.deeds()
    assert _is_taken(one, "dead", at(0))
    seconds = LEASE.total_seconds() / 60
    assert ticked("other", seconds) == []
    assert ticked("other", seconds + 0.01) == [NAME]


def test_a_deed_that_fails_is_tried_later_each_time(
    books: Books, deed: Told, caplog: pytest.LogCaptureFixture
) -> None:
    deed.fails = True
    assert ticked("one", 0) == []
    turn = Turn.objects.get(deed=NAME)
    assert (turn.failures, turn.failure, turn.next_at, turn.holder) == (1, "ValueError", at(2), "")
    assert "Mrs Invented" not in caplog.text
    ticked("one", 2)
    assert Turn.objects.get(deed=NAME).next_at == at(6)
    deed.fails = False
    assert ticked("one", 6) == [NAME]
    turn = Turn.objects.get(deed=NAME)
    assert (turn.failures, turn.failure, turn.done_at) == (0, "", at(6))


def test_one_deed_that_fails_stops_no_other(books: Books, deed: Told) -> None:
    deed.fails = True
    other = Told()
    deeds.register("zz another", EVERY, other)
    assert ticked("one", 0) == ["zz another"]

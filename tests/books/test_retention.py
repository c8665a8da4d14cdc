"""A record is kept as long as it must be, then disposed of for ever; the chain holds all the same."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from carethread.accounts.actions import open_council
from carethread.audit import queries as audit
from carethread.audit.actions import RecordDisposed, record
from carethread.kit.unable import UnableTo
from carethread.orders.models import Order, OrderVersion
from carethread.people.disposed import disposed_among, why_refused
from carethread.people.models import LikelySame, Person
from carethread.providers.models import Contract, Provider
from carethread.retention.actions import dispose
from carethread.retention.queries import due
from carethread.retention.rules import kept_until
from carethread.settlement.models import Line, Run
from carethread.visits.models import Visit
from carethread.wall.scope import scoped, writing
from tests.books.one_of_each import DIGEST
from tests.books.test_audit import carethread
from tests.databases import Books

BEGUN = datetime(2017, 1, 2, 9, tzinfo=UTC)
LAST = date(2018, 3, 31)
DUE = datetime(2026, 4, 1, 12, tzinfo=UTC)
EARLY = datetime(2026, 3, 31, 12, tzinfo=UTC)


def a_council() -> int:
    """Begin a council with P1, whose care ended on 31 March 2018, and P2, who is cared for."""
    council = open_council(code="north", name="North", by="console:test", at=BEGUN)
    with scoped(writing(council.pk)):
        provider = Provider.objects.create(council=council, ref="A")
        contract = Contract.objects.create(council=council, ref="C")
        for ref, ends_on in (("P1", LAST), ("P2", None)):
            person = Person.objects.create(
                council=council, ref=ref, given_name="Ada", family_name="Byron", postcode="SW1A 1AA"
            )
            order = Order.objects.create(
                council=council,
                ref=f"O-{ref}",
                person=person,
                provider=provider,
                contract=contract,
                service="PC",
                basis="weekly_hours",
            )
            OrderVersion.objects.create(
                council=council,
                order=order,
                provider=provider,
                starts_on=date(2017, 1, 2),
                ends_on=ends_on,
                weekly_minutes=600,
            )
            record(
                by="user:1",
                at=BEGUN,
                action="person.added",
                subject=f"person:{ref}",
                person_ref=ref,
                after={"given_name": "Ada"},
                chained=True,
            )
    return int(council.pk)


def visit_on(day: date, council: int) -> None:
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    Visit.objects.create(
        council_id=council,
        provider=Provider.objects.get(),
        ref="V1",
        person_ref="P1",
        worker_ref="W1",
        service="PC",
        service_on=day,
        check_in=at,
        row=2,
        received_at=at,
    )


def disposed(at: datetime = DUE) -> None:
    dispose(person_ref="P1", why="retention is over", by="user:1", at=at)


def test_a_record_whose_time_has_come_is_disposed_of(books: Books) -> None:
    council = a_council()
    with scoped(writing(council)):
        assert [one.person_ref for one in due(DUE.date())] == ["P1"]
        disposed()
        person = Person.objects.get(ref="P1")
        told = (person.given_name, person.family_name, person.postcode, person.born_on)
        assert told == ("", "", "", None)
        assert person.disposed_on == DUE.date()
        assert Person.objects.get(ref="P2").given_name == "Ada"
        assert Order.objects.get(ref="O-P1").person_id == person.pk  # money keeps whom it was for
        (added,) = audit.entries(person_ref="P1")
        assert audit.values_of(added) is None
        (entry,) = audit.entries(subject="person:P1")[1:]
        assert (entry.action, entry.person_ref) == ("person.disposed", "")
        assert audit.verify().broken == ()
        assert audit.verify().end.place == 4
        assert due(DUE.date()) == []


def test_until_then_it_is_kept(books: Books) -> None:
    council = a_council()
    with scoped(writing(council)):
        assert due(EARLY.date()) == []
        with pytest.raises(UnableTo, match="ended on 31 March 2018, so it is kept until 31 March 2026"):
            disposed(EARLY)
        assert Person.objects.get(ref="P1").given_name == "Ada"
        visit_on(date(2018, 5, 1), council)
        assert due(DUE.date()) == []
        with pytest.raises(UnableTo, match="until 01 May 2026"):
            disposed()


def test_what_is_open_keeps_it(books: Books) -> None:
    council = a_council()
    with scoped(writing(council)):
        run = Run.objects.create(
            council_id=council,
            first_on=LAST,
            last_on=LAST,
            version=1,
            status="settled",
            asked_by="user:1",
            asked_at=BEGUN,
            book_number=1,
            settled_at=BEGUN,
            lines=1,
            due_pence=100,
            findings=0,
            differences=0,
            difference_pence=0,
            held_pence=0,
            digest=DIGEST,
        )
        Line.objects.create(
            council_id=council,
            run=run,
            provider=Provider.objects.get(),
            ref="L",
            person_ref="P1",
            service="PC",
            service_on=LAST,
            outcome="delivered",
            held=True,
            is_held=True,
        )
        one, other = Person.objects.order_by("pk")
        LikelySame.objects.create(
            council_id=council, one=one, other=other, probability_percent=90, found_at=BEGUN
        )
        for why in ("1 settled lines wait for approval", "not decided whether another record"):
            with pytest.raises(UnableTo, match=why):
                disposed()
        Run.objects.update(status="approved", approved_by="user:2", approved_at=BEGUN)
        with pytest.raises(UnableTo, match="1 lines are held and not paid"):
            disposed()
        with pytest.raises(UnableTo, match="order O-P2 is open"):
            dispose(person_ref="P2", why="a mistake", by="user:1", at=DUE)
        with pytest.raises(UnableTo, match="nobody has the id P7"):
            dispose(person_ref="P7", why="a mistake", by="user:1", at=DUE)
        assert due(DUE.date()) == []


def test_nothing_of_them_is_taken_in_again(books: Books) -> None:
    council = a_council()
    with scoped(writing(council)):
        disposed()
        assert disposed_among(["P1", "P2", "P3"]) == {"P1": DUE.date()}
        assert "disposed of on 01 April 2026" in why_refused("P1", DUE.date())
        with pytest.raises(IntegrityError, match="disposed_says_nothing"), transaction.atomic():
            Person.objects.filter(ref="P1").update(given_name="Ada")
        with pytest.raises(RecordDisposed):
            record(by="user:1", at=DUE, action="x.y", subject="person:P1", person_ref="P1")
        with pytest.raises(UnableTo, match="that was done on 01 April 2026"):
            disposed()


def test_the_commands(own_books: Books) -> None:
    a_council()
    assert carethread(own_books, "retention", "north").stdout.split() == [
        "P1", "care", "ended", "2018-03-31", "kept", "until", "2026-03-31"
    ]  # fmt: skip
    done = carethread(own_books, "dispose", "north", "P1", "--because", "retention is over")
    assert done.returncode == 0, done.stderr
    shown = carethread(own_books, "audit", "show", "north", "--person", "P1").stdout
    assert "beyond reach" in shown
    assert "Ada" not in shown
    assert carethread(own_books, "audit", "verify", "north").returncode == 0
    again = carethread(own_books, "dispose", "north", "P1", "--because", "again")
    assert (again.returncode, again.stderr[:50]) == (
        2,
        "carethread: the record of P1 cannot be disposed of: "[:50],
    )


def test_a_leap_day_ends_on_the_next_where_there_is_none() -> None:
    assert kept_until(date(2096, 2, 29)) == date(2104, 2, 29)
    assert kept_until(date(2092, 2, 29)) == date(2100, 3, 1)

"""A scope is for what runs inside it: not for what is fetched later, in a thread, or streamed."""

from collections.abc import Iterator
from threading import Thread

import pytest
from django.db import connection, transaction

from carethread.audit.actions import record
from carethread.councils import actions as books_of
from carethread.orders.models import Order
from carethread.people.models import Person
from carethread.wall.scope import (
    NoScope,
    OutsideTheWall,
    Scope,
    for_the_council,
    reading,
    scoped,
    writing,
)
from tests.books.one_of_each import DAY, NOW, one_of_each
from tests.databases import Books


def a_person_of(code: str) -> tuple[int, Person]:
    made = one_of_each(code)
    return made["councils.Council"].pk, made["people.Person"]


def test_rows_fetched_after_the_scope_are_refused(books: Books) -> None:
    north, _ = a_person_of("north")
    with scoped(reading(north)):
        people = Person.objects.order_by("ref")
    for late in (people.count, people.exists, people.first, lambda: list(people), people.iterator):
        with pytest.raises(NoScope):
            list(late())


def test_rows_fetched_in_another_scope_are_refused(books: Books) -> None:
    north, _ = a_person_of("north")
    south, _ = a_person_of("south")
    with scoped(reading(north)):
        people = Person.objects.order_by("ref")
    with scoped(reading(south)), pytest.raises(OutsideTheWall):
        list(people)
    with scoped(Scope(frozenset({north, south}))):
        assert {person.council_id for person in people} == {north}
    with scoped(Scope(frozenset({north}), providers=frozenset({1}))), pytest.raises(OutsideTheWall):
        list(Order.objects.filter(person__in=people.all()))


def streamed(council: int) -> Iterator[str]:
    """An answer as it should be streamed: each piece in a scope of its own."""
    for start in (0, 1):
        with scoped(reading(council)):
            refs = list(Person.objects.order_by("ref").values_list("ref", flat=True)[start : start + 1])
        yield from refs


def test_a_streamed_answer_has_a_scope_for_each_piece(books: Books) -> None:
    north, _ = a_person_of("north")
    pieces = streamed(north)
    assert next(pieces) == "P1"
    with pytest.raises(NoScope):  # between the pieces nothing is open
        Person.objects.exists()
    assert list(pieces) == ["P2"]


def test_a_stream_begun_in_a_scope_and_read_after_it_shows_nothing(books: Books) -> None:
    north, _ = a_person_of("north")
    with scoped(reading(north)):
        lazy = (person.ref for person in Person.objects.iterator())
        mapped = map(str, Person.objects.values_list("ref", flat=True))
        assert next(lazy)
    with pytest.raises(NoScope):
        list(Person.objects.all())
    if books.vendor == "postgresql":
        assert raw_people() == 0
    assert list(mapped) == ["P1", "P2"]  # was read whole while the scope was there


def test_a_scope_ends_though_the_transaction_around_it_goes_on(books: Books) -> None:
    north, _ = a_person_of("north")
    with transaction.atomic():
        with scoped(writing(north)):
            assert raw_people() == 2
        assert raw_people() == (0 if books.vendor == "postgresql" else 2)
        with pytest.raises(ZeroDivisionError), scoped(writing(north)):
            raise ZeroDivisionError
        assert raw_people() == (0 if books.vendor == "postgresql" else 2)


def raw_people() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_person")
        return int(cursor.fetchone()[0])


def test_a_thread_has_no_scope_of_its_own(own_books: Books) -> None:
    north, _ = a_person_of("north")
    seen: list[object] = []

    def look() -> None:
        try:
            seen.append(Person.objects.count())
        except NoScope as refused:
            seen.append(refused)
        finally:
            connection.close()

    with scoped(reading(north)):
        thread = Thread(target=look)
        thread.start()
        thread.join()
    assert isinstance(seen[0], NoScope)


def test_a_row_is_not_taken_over_from_another_council(books: Books) -> None:
    """Not by saying that it is ours, in a scope that reads both."""
    north, _ = a_person_of("north")
    south, theirs = a_person_of("south")
    with scoped(Scope(frozenset({north, south}), north)):
        theirs.council_id = north
        theirs.ref = "P9"
        with (
            pytest.raises(Exception, match=r"(?i)did not affect|duplicate|unique"),
            transaction.atomic(),
        ):
            theirs.save(force_update=True)
        with pytest.raises(OutsideTheWall):
            Person.objects.filter(ref="P1").update(council=south)
        with pytest.raises(OutsideTheWall):
            Person.objects.bulk_create(
                [theirs], update_conflicts=True, unique_fields=["pk"], update_fields=["ref"]
            )
        with pytest.raises(OutsideTheWall):
            Person.objects.raw("SELECT * FROM people_person")
    with scoped(reading(south)):
        assert Person.objects.get(pk=theirs.pk).ref == "P1"


def test_a_providers_deed_leaves_its_trace_in_the_councils_books(books: Books) -> None:
    made = one_of_each("north")
    north, ours = made["councils.Council"].pk, made["providers.Provider"].pk
    with scoped(Scope(frozenset({north}), north, frozenset({ours}))):
        entry = record(by="user:1", at=NOW, action="x.y", subject="x:1", person_ref="P1", chained=True)
        books_of.changed(first_on=DAY, last_on=DAY, what="visits imported", by="user:1", at=NOW)
        with pytest.raises(OutsideTheWall), scoped(writing(north)):
            pass
        assert Person.objects.count() == 0
        if books.vendor == "postgresql":
            assert raw_people() == 0
    assert entry.place == 2


def test_traces_need_a_council_that_is_written(books: Books) -> None:
    north, _ = a_person_of("north")
    with scoped(reading(north)), pytest.raises(OutsideTheWall), for_the_council():
        pass
    with pytest.raises(NoScope), for_the_council():
        pass

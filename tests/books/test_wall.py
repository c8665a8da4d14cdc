"""Nobody sees or writes across the wall: by the managers, and in PostgreSQL by the database itself."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from carethread.accounts.actions import open_council
from carethread.councils.models import Council
from carethread.orders.models import Order, Suspension
from carethread.people.models import Person
from carethread.providers.models import Contract, Provider
from carethread.wall.scope import NoScope, OutsideTheWall, Scope, reading, scoped, writing
from tests.databases import Books

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


def council(code: str) -> Council:
    return open_council(code=code, name=f"{code} (invented)", by="console:test", at=NOW)


def person(council: Council, ref: str) -> Person:
    with scoped(writing(council.pk)):
        made: Person = Person.objects.create(council=council, ref=ref)
        return made


def test_without_a_scope_nothing_is_asked(books: Books) -> None:
    with pytest.raises(NoScope):
        Person.objects.count()


def test_a_scope_holds_its_councils_alone(books: Books) -> None:
    north, south = council("north"), council("south")
    person(north, "P1")
    person(south, "P2")
    with scoped(reading(north.pk)):
        assert [one.ref for one in Person.objects.all()] == ["P1"]
        assert Person.objects.filter(ref="P2").first() is None
    with scoped(Scope(frozenset({north.pk, south.pk}))):
        assert Person.objects.count() == 2
    with scoped(Scope(frozenset())):
        assert Person.objects.count() == 0


def test_nothing_is_written_outside_the_council_being_written(books: Books) -> None:
    north, south = council("north"), council("south")
    one = person(north, "P1")
    with scoped(reading(north.pk)), pytest.raises(OutsideTheWall):
        one.save()
    with scoped(Scope(frozenset({north.pk, south.pk}), south.pk)):
        with pytest.raises(OutsideTheWall):
            one.save()
        with pytest.raises(OutsideTheWall):
            Person.objects.bulk_create([Person(council=north, ref="P3")])
        assert Person.objects.filter(ref="P1").update(postcode="X") == 0
        assert Person.objects.filter(ref="P1").delete()[0] == 0
    with scoped(reading(north.pk)):
        assert Person.objects.get().postcode == ""


def test_a_scope_inside_another_is_no_wider(books: Books) -> None:
    north, south = council("north"), council("south")
    with scoped(reading(north.pk)):
        with pytest.raises(OutsideTheWall), scoped(reading(south.pk)):
            pass
        with pytest.raises(OutsideTheWall), scoped(writing(north.pk)):
            pass
    both = Scope(frozenset({north.pk, south.pk}), north.pk)
    person(south, "P2")
    with scoped(both):
        with scoped(reading(north.pk)):
            assert Person.objects.count() == 0
        assert Person.objects.count() == 1
        Person.objects.create(council=north, ref="P1")


def test_what_is_not_readable_cannot_be_written() -> None:
    with pytest.raises(OutsideTheWall):
        Scope(frozenset({1}), 2)


def test_a_provider_sees_what_is_its_own(books: Books) -> None:
    north = council("north")
    with scoped(writing(north.pk)):
        one = Person.objects.create(council=north, ref="P1")
        contract = Contract.objects.create(council=north, ref="LOT")
        ours = Provider.objects.create(council=north, ref="OURS")
        theirs = Provider.objects.create(council=north, ref="THEIRS")
        for provider in (ours, theirs):
            Order.objects.create(
                council=north,
                ref=f"O-{provider.ref}",
                person=one,
                provider=provider,
                contract=contract,
                service="PC",
                basis="visits",
            )
    with scoped(Scope(frozenset({north.pk}), providers=frozenset({ours.pk}))):
        assert [order.ref for order in Order.objects.all()] == ["O-OURS"]
        assert [provider.ref for provider in Provider.objects.all()] == ["OURS"]
        assert Person.objects.count() == 0
    with scoped(Scope(frozenset({north.pk}), providers=frozenset())):
        assert Order.objects.count() == 0


def test_a_row_points_at_rows_of_its_own_council(books: Books) -> None:
    """SQLite does not hold this; it keeps one council alone."""
    north, south = council("north"), council("south")
    stranger = person(south, "P2")
    with scoped(writing(north.pk)):
        Suspension(council=north, person=stranger, from_on=date(2026, 5, 4), reason="away").save()
        if books.vendor == "postgresql":
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def rows(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


@pytest.mark.parametrize("statement", ["SELECT ref FROM people_person", "TABLE people_person"])
def test_postgresql_shows_raw_sql_nothing_without_a_scope(own_books: Books, statement: str) -> None:
    north = council("north")
    person(north, "P1")
    if own_books.vendor == "sqlite":
        return
    assert rows(statement) == []
    with scoped(reading(north.pk)):
        assert len(rows(statement)) == 1
    assert rows(statement) == []

"""Rows in bulk are what single rows are: the same values, the same wall, on both databases."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from carethread.accounts.actions import open_council
from carethread.councils.models import Council
from carethread.providers.models import Provider
from carethread.visits.models import Visit
from carethread.wall import bulk, bulk_postgresql
from carethread.wall.scope import NoScope, OutsideTheWall, Scope, reading, scoped, writing
from tests.databases import Books

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")
ODD = ("plain", 'a "quote", a comma', "two\nlines", "=SUM(1)", "žluťoučký 🐎", "\\N", "NULL", "t")


def council(code: str) -> Council:
    return open_council(code=code, name=f"{code} (invented)", by="console:test", at=NOW)


def visits(council: int, provider: int, refs: tuple[str, ...]) -> pa.Table:
    count = len(refs)
    times = [datetime(2026, 5, 4, 8, n % 60, tzinfo=UTC) if n % 3 else None for n in range(count)]
    nothing = pa.nulls(count, pa.timestamp("s", "UTC"))
    columns = {
        "council_id": pa.array([council] * count),
        "provider_id": pa.array([provider] * count),
        "ref": pa.array(refs),
        "sequence": pa.array(range(count)),
        "person_ref": pa.array(["P1"] * count),
        "worker_ref": pa.array(["W"] * count),
        "service": pa.array(["PC"] * count),
        "status": pa.array(["delivered"] * count),
        "service_on": pa.array([date(2026, 5, 4) if n % 2 else None for n in range(count)]),
        "check_in": pa.array(times, pa.timestamp("s", "UTC")),
        **dict.fromkeys(("check_out", "planned_start", "notified_at", "claimed_start"), nothing),
        **dict.fromkeys(("cancelled_by", "reason_code"), pa.array([""] * count)),
        **dict.fromkeys(("in_method", "out_method"), pa.array(["file"] * count)),
        "claimed_minutes": pa.nulls(count, pa.int64()),
        "batch": pa.array([0] * count),
        "row": pa.array(range(2, count + 2)),
        "received_at": pa.array([NOW.replace(microsecond=n) for n in range(count)], INSTANT),
    }
    return pa.table(columns)


def provider(council: Council, ref: str = "A") -> Provider:
    with scoped(writing(council.pk)):
        made: Provider = Provider.objects.create(council=council, ref=ref)
        return made


def test_what_is_written_is_what_single_rows_would_be(books: Books) -> None:
    north = council("north")
    ours = provider(north)
    table = visits(north.pk, ours.pk, ODD)
    with scoped(writing(north.pk)):
        bulk.write(Visit, table)
        stored = list(Visit.objects.order_by("row"))
        assert [one.ref for one in stored] == list(ODD)
        assert [one.check_in for one in stored] == table["check_in"].to_pylist()
        assert [one.received_at for one in stored] == table["received_at"].to_pylist()
        assert [one.service_on for one in stored] == table["service_on"].to_pylist()
        assert {one.cancelled_by for one in stored} == {""}
        assert Visit.objects.filter(check_in=datetime(2026, 5, 4, 8, 1, tzinfo=UTC)).count() == 1
        assert Visit.objects.filter(received_at=NOW).count() == 1


def test_what_is_read_is_what_was_written(books: Books) -> None:
    north = council("north")
    table = visits(north.pk, provider(north).pk, ODD)
    columns = ", ".join(table.column_names)
    sql = f'SELECT {columns} FROM visits_visit WHERE sequence >= %s ORDER BY "row"'
    with scoped(writing(north.pk)):
        bulk.write(Visit, table)
        assert bulk.read(sql, [0], table.schema).equals(table)
        assert bulk.read(sql, [99], table.schema).num_rows == 0


def test_true_and_false_and_nothing_are_three(books: Books) -> None:
    schema = pa.schema([("a", pa.bool_()), ("b", pa.bool_()), ("c", pa.bool_())])
    null = "NULL::boolean" if books.vendor == "postgresql" else "NULL"
    with scoped(reading(council("north").pk)):
        found = bulk.read(f"SELECT 1 = 1 AS a, 1 = 0 AS b, {null} AS c", [], schema)
    assert found.to_pylist() == [{"a": True, "b": False, "c": None}]


def test_the_wall_holds_in_bulk(books: Books) -> None:
    north, south = council("north"), council("south")
    table = visits(north.pk, provider(north).pk, ("V1",))
    schema = pa.schema([("ref", pa.string())])
    with pytest.raises(NoScope):
        bulk.read("SELECT ref FROM visits_visit", [], schema)
    with pytest.raises(NoScope):
        bulk.write(Visit, table)
    for scope in (reading(north.pk), writing(south.pk)):
        with scoped(scope), pytest.raises(OutsideTheWall):
            bulk.write(Visit, table)
    with scoped(writing(north.pk)):
        bulk.write(Visit, table)
    with scoped(Scope(frozenset({north.pk}), north.pk, frozenset({0}))), pytest.raises(OutsideTheWall):
        bulk.write(Visit, table)
    if books.vendor == "postgresql":
        with scoped(reading(south.pk)):
            assert bulk.read("SELECT ref FROM visits_visit", [], schema).num_rows == 0


def test_postgresql_checks_each_row_against_the_wall(books: Books) -> None:
    north, south = council("north"), council("south")
    table = visits(south.pk, provider(south).pk, ("V1",))
    if books.vendor == "postgresql":
        with scoped(writing(north.pk)), pytest.raises(DatabaseError), transaction.atomic():
            bulk_postgresql.write("visits_visit", table)


def test_all_rows_or_none(books: Books) -> None:
    north = council("north")
    table = visits(north.pk, provider(north).pk, ("V1", "V2", ""))
    with scoped(writing(north.pk)):
        with pytest.raises(IntegrityError), transaction.atomic():
            bulk.write(Visit, table)
        assert Visit.objects.count() == 0
        bulk.write(Visit, table.slice(0, 2))
        bulk.write(Visit, table.slice(0, 0))
        assert Visit.objects.count() == 2


def test_columns_are_the_tables(books: Books) -> None:
    north = council("north")
    table = visits(north.pk, provider(north).pk, ("V1",))
    with scoped(writing(north.pk)):
        for wrong in (table.drop_columns(["row"]), table.append_column("more", table["row"])):
            with pytest.raises(ValueError, match=r"missing, unknown or twice: (row|more)"):
                bulk.write(Visit, wrong)
    assert connection.vendor == books.vendor

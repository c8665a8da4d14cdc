"""The books' own tables: what they take, what they refuse, and that they take the contract's files."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carethread.engine import units
from carethread.engine.words import Basis, Status
from carethread.formats.books import layouts, records
from carethread.formats.books.keys import KEYS, repeats
from carethread.formats.books.values import nhs_number
from carethread.formats.books.words import FundingSource
from carethread.formats.settlement import layouts as contract
from carethread.formats.settlement.inputs import CsvTable
from carethread.formats.settlement.layouts import Layout
from carethread.formats.settlement.reading import TableRead, read_table
from tests.engines import silent
from tests.factories.folders import write_rows
from tests.formats.breaking import CASE

ORDER = {
    "order_id": "O1",
    "person_id": "P1",
    "provider_id": "A",
    "contract_id": "C",
    "service": "PC",
    "starts_on": "2026-05-11",
    "basis": "visits",
    "days": "1111111",
    "start_time": "08:00",
    "minutes": "30",
}
VISIT = {
    "visit_id": "V1",
    "person_id": "P1",
    "provider_id": "A",
    "worker_id": "W1",
    "service": "PC",
    "check_in": "2026-05-11T08:00",
    "check_out": "2026-05-11T08:30",
}


def read_rows(folder: Path, layout: Layout, *rows: dict[str, str]) -> TableRead:
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    write_rows(folder / f"{layout.table}.csv", columns, list(rows))
    return read_table(layout, folder, silent)


def wrong(result: TableRead) -> list[tuple[str, str]]:
    """Return what a reader said, of a council's file or a provider's."""
    return [(fault.column, fault.message) for fault in result.faults] + [
        ("", finding.message) for finding in result.findings
    ]


def test_a_person_is_read_with_all_there_is(tmp_path: Path) -> None:
    row = {
        "person_id": "P1",
        "given_name": "Ada",
        "family_name": "Invented",
        "born_on": "1941-02-03",
        "postcode": "zz99zz",
        "nhs_number": "943 476 5919",
        "died_on": "2026-05-01",
    }
    (person,) = read_rows(tmp_path, layouts.PEOPLE, row).records
    assert person == records.PersonRow(
        2, "P1", "Ada", "Invented", date(1941, 2, 3), "ZZ9 9ZZ", "9434765919", date(2026, 5, 1)
    )


def test_a_person_needs_nothing_but_an_id(tmp_path: Path) -> None:
    (person,) = read_rows(tmp_path, layouts.PEOPLE, {"person_id": "P1"}).records
    assert person == records.PersonRow(2, "P1")


@pytest.mark.parametrize(
    ("column", "cell", "say"),
    [
        ("person_id", "", "is empty"),
        ("born_on", "3/2/1941", "'3/2/1941' is not a date; write it like 2026-04-06"),
        ("postcode", "nowhere", "'nowhere' is not a postcode; write it like SW1A 1AA"),
        ("nhs_number", "12345", "'12345' is not an NHS number; write its ten digits"),
        (
            "nhs_number",
            "9434765918",
            "'9434765918' is not an NHS number: its last digit does not check the others",
        ),
        ("died_on", "1940-01-01", "1940-01-01 is before born_on 1941-02-03"),
    ],
)
def test_what_is_wrong_with_a_person_is_said(tmp_path: Path, column: str, cell: str, say: str) -> None:
    row = {"person_id": "P1", "given_name": "Ada", "born_on": "1941-02-03", column: cell}
    result = read_rows(tmp_path, layouts.PEOPLE, row)
    assert wrong(result) == [(column, say)]
    assert result.records == []


@given(st.integers(0, 999_999_999))
def test_at_most_one_last_digit_checks(first_nine: int) -> None:
    right = []
    for last in range(10):
        try:
            right.append(nhs_number(f"{first_nine:09d}{last}"))
        except ValueError:
            continue
    assert len(right) <= 1


def test_providers_workers_and_service_codes_are_read(tmp_path: Path) -> None:
    provider = {
        "provider_id": "A",
        "name": "Alder",
        "supplier_number": "0012",
        "cqc_location_id": "1-23",
    }
    assert read_rows(tmp_path, layouts.PROVIDERS, provider).records == [
        records.ProviderRow(2, "A", "Alder", "0012", "1-23")
    ]
    worker = {"provider_id": "A", "worker_id": "W1"}
    assert read_rows(tmp_path, layouts.WORKERS, worker).records == [records.WorkerRow(2, "A", "W1")]
    code = {"provider_id": "A", "their_code": "HOME CARE", "service": "PC"}
    assert read_rows(tmp_path, layouts.SERVICE_CODES, code).records == [
        records.ServiceCodeRow(2, "A", "HOME CARE", "PC")
    ]


@pytest.mark.parametrize("layout", [layouts.ORDERS_MORE, layouts.VISITS_MORE])
def test_a_file_of_the_contract_is_taken(layout: Layout) -> None:
    plain = {"orders": contract.ORDERS, "visits": contract.VISITS}[layout.table]
    more = read_table(layout, CASE, silent)
    assert (more.faults, more.findings) == ([], [])
    for one, other in zip(more.records, read_table(plain, CASE, silent).records, strict=True):
        assert all(getattr(one, name) == getattr(other, name) for name in type(other).__slots__)


CODED = {
    "plan_ref": "SP-7",
    "funding_source": "joint",
    "council_share_percent": "33.33",
    "scheme": "D2A",
    "scheme_starts_on": "2026-05-11",
    "scheme_weeks_limit": "6",
    "increases_order_id": "O0",
    "cost_centre": "C100",
    "ledger_code": "L200",
    "assessment_referred_on": "2026-05-12",
    "assessment_done_on": "2026-05-20",
}


def test_an_order_is_read_with_its_coding(tmp_path: Path) -> None:
    (order,) = read_rows(tmp_path, layouts.ORDERS_MORE, ORDER | CODED).records
    assert order.basis is Basis.VISITS
    assert order.start_minute == 480
    assert order.funding_source is FundingSource.JOINT
    assert order.council_share_percent == Decimal("33.33")
    assert order.scheme_weeks_limit == 6
    assert order.assessment_done_on == date(2026, 5, 20)


@pytest.mark.parametrize(
    ("change", "column", "say"),
    [
        ({"council_share_percent": ""}, "council_share_percent", "above 0 and below 100"),
        ({"council_share_percent": "100"}, "council_share_percent", "above 0 and below 100"),
        ({"council_share_percent": "101"}, "council_share_percent", "not a percent from 0 to 100"),
        ({"council_share_percent": "1/3"}, "council_share_percent", "not a percent from 0 to 100"),
        ({"funding_source": "nhs"}, "council_share_percent", "empty or 0 for funding_source nhs"),
        ({"funding_source": "self"}, "council_share_percent", "empty or 0 for funding_source self"),
        ({"funding_source": "council"}, "council_share_percent", "empty or 100"),
        ({"funding_source": ""}, "council_share_percent", "is there, but no funding_source"),
        ({"funding_source": "icb"}, "funding_source", "not one of council, nhs, joint, self"),
        ({"scheme": "", "scheme_starts_on": ""}, "scheme_weeks_limit", "no scheme is named"),
        ({"scheme": "", "scheme_weeks_limit": ""}, "scheme_starts_on", "no scheme is named"),
        ({"scheme_weeks_limit": "0"}, "scheme_weeks_limit", "not between 1 and 520"),
        ({"increases_order_id": "O1"}, "increases_order_id", "is the order itself"),
        ({"assessment_done_on": "2026-05-11"}, "assessment_done_on", "before assessment_referred_on"),
        ({"minutes": ""}, "minutes", "an order with basis visits needs it"),
    ],
)
def test_what_is_wrong_with_an_orders_coding_is_said(
    tmp_path: Path, change: dict[str, str], column: str, say: str
) -> None:
    result = read_rows(tmp_path, layouts.ORDERS_MORE, ORDER | CODED | change)
    ((found, said),) = wrong(result)
    assert found == column
    assert say in said


def test_what_is_claimed_stands_beside_what_was_recorded(tmp_path: Path) -> None:
    claim = {"claimed_start": "2026-05-11T07:45", "claimed_minutes": "45"}
    (visit,) = read_rows(tmp_path, layouts.VISITS_MORE, VISIT | claim).records
    assert units.iso_local(visit.check_in) == "2026-05-11T08:00"
    assert units.iso_local(visit.claimed_start) == "2026-05-11T07:45"
    assert visit.claimed_minutes == 45
    assert visit.planned_start is None
    assert visit.status is Status.DELIVERED


@pytest.mark.parametrize("column", ["claimed_start", "claimed_minutes"])
def test_half_a_claim_is_kept_out(tmp_path: Path, column: str) -> None:
    claim = {"claimed_start": "2026-05-11T07:45", "claimed_minutes": "45", column: ""}
    result = read_rows(tmp_path, layouts.VISITS_MORE, VISIT | claim)
    ((_, said),) = wrong(result)
    assert said.startswith(f"{column}: is empty, but ")


def test_rows_that_say_something_else_of_the_same_are_faults() -> None:
    one = records.PersonRow(2, "P1", "Ada")
    rows = [one, replace(one, row=3), replace(one, row=4, given_name="Ida"), records.PersonRow(5, "P2")]
    (fault,) = repeats("people", rows, "people.csv")
    assert (fault.row, fault.column) == (4, "person_id")
    assert fault.message == "row 2 has the same person_id and says something else"


def test_every_table_has_a_key_of_its_own_columns() -> None:
    for layout in layouts.LAYOUTS:
        assert set(KEYS[layout.table]) <= {column.name for column in layout.columns}


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
DAYS = st.dates(date(1900, 1, 1), date(2200, 1, 1))


@st.composite
def people(draw: st.DrawFn) -> records.PersonRow:
    born_on = draw(st.none() | DAYS)
    return records.PersonRow(
        2,
        draw(NAMES),
        draw(NAMES | st.just("")),
        draw(NAMES | st.just("")),
        born_on,
        draw(st.sampled_from(["", "ZZ9 9ZZ", "M1 1AE"])),
        draw(st.sampled_from(["", "9434765919"])),
        None if born_on is None else draw(st.none() | st.dates(born_on, date(2200, 1, 1))),
    )


@st.composite
def coded_orders(draw: st.DrawFn) -> records.OrderMore:
    joint = draw(st.booleans())
    scheme = draw(NAMES | st.just(""))
    return records.OrderMore(
        2,
        "O1",
        draw(NAMES),
        draw(NAMES),
        draw(NAMES),
        draw(NAMES),
        starts_on=draw(DAYS),
        ends_on=None,
        basis=Basis.WEEKLY_HOURS,
        weekly_minutes=draw(st.integers(1, 10_080)),
        plan_ref=draw(NAMES | st.just("")),
        funding_source=FundingSource.JOINT if joint else None,
        council_share_percent=Decimal(draw(st.integers(1, 9_999))) / 100 if joint else None,
        scheme=scheme,
        scheme_weeks_limit=draw(st.none() | st.integers(1, 520)) if scheme else None,
        cost_centre=draw(NAMES | st.just("")),
    )


@given(person=people(), order=coded_orders(), claimed=st.none() | st.integers(0, 1440))
def test_what_is_written_is_read_back(
    tmp_path_factory: Any, person: Any, order: Any, claimed: int | None
) -> None:
    folder = tmp_path_factory.mktemp("books")
    visit = records.VisitMore(
        2, "V", 1, "P", "A", "W", "PC", Status.DELIVERED, check_in=29_000_000, claimed_minutes=claimed
    )
    if claimed is not None:
        visit = replace(visit, claimed_start=29_000_000 + claimed)
    for layout, record in tables(person, order, visit):
        with CsvTable(layout, folder) as table:
            table.write([record])
        result = read_table(layout, folder, silent)
        assert (result.faults, result.findings) == ([], [])
        assert result.records == [record]


def tables(person: Any, order: Any, visit: Any) -> Iterator[tuple[Layout, Any]]:
    yield layouts.PEOPLE, person
    yield layouts.ORDERS_MORE, order
    yield layouts.VISITS_MORE, visit

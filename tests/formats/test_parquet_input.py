"""Parquet with natural types settles to the same lines as CSV; what it cannot say is reported."""

import tomllib
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from carethread.cli import main
from tests.engines import Rows, published, settled
from tests.formats.breaking import (
    CASES,
    GOOD_LINES,
    MONDAY,
    PERIOD,
    SUNDAY,
    add,
    cell,
    faults,
    good,
    only,
    paid,
    places,
    run,
)
from tests.formats.natural import PANDAS, PLAIN, TYPES, Types, table_to_parquet, to_parquet

EVERY_CASE = sorted(CASES.iterdir())
EIGHT, NOON, FOUR = 1778482800, 1778497200, 1778511600
"""When the good folder's visits begin, in seconds of UTC: 08:00, 12:00 and 16:00 in London."""
OUTSIDE = 10**18
"""A time that no calendar has, in milliseconds: what some systems write for "never"."""


def as_csv(rows: Rows) -> Rows:
    """Name the files as if they were CSV."""
    return [{name: text.replace(".parquet", ".csv") for name, text in row.items()} for row in rows]


@pytest.mark.parametrize("types", TYPES.values(), ids=TYPES.keys())
@pytest.mark.parametrize("case", EVERY_CASE, ids=lambda case: case.name)
def test_every_case_comes_to_the_same(case: Path, types: Types, tmp_path: Path) -> None:
    period = tomllib.loads((case / "case.toml").read_text())
    folder = good(tmp_path / "folder", case)
    expected = published(settled(folder, period["from"], period["to"]))
    to_parquet(folder, types)
    assert list(folder.glob("*.csv")) == []
    found = published(settled(folder, period["from"], period["to"]))
    for table, rows in expected.tables.items():
        assert as_csv(found[table]) == rows, table


def rich(folder: Path) -> None:
    """Use every column of every table at least once."""
    cell(folder, "orders", 2, "time_critical", "true")
    cell(folder, "orders", 3, "carers", "2")
    cell(folder, "visits", 2, "reason_code", "R1")
    cell(folder, "visits", 2, "in_method", "manual")
    add(folder, "orders", ends_on="2026-05-31")
    add(
        folder,
        "orders",
        order_id="O8",
        service="SIT",
        basis="weekly_hours",
        days="",
        start_time="",
        minutes="",
        weekly_minutes="90",
    )
    add(folder, "rates", service="SIT", day_type="any", priority="1", slot="any")
    add(folder, "rates", day_type="any", band_from="11:30", band_to="13:00", amount_pence="2600")
    add(folder, "rates", day_type="any", minutes="30", slot="2", amount_pence="1100", priority="2")
    add(folder, "planned", planned_start="2026-05-11T08:05")
    add(folder, "suspensions", order_id="O9", from_on="2026-05-12", from_time="07:30")
    add(
        folder,
        "suspensions",
        reason="hospital",
        from_on="2026-05-15",
        to_on="2026-05-15",
        to_time="20:00",
        told_at="2026-05-14T09:00",
    )
    add(folder, "visits", service="SIT", check_in="2026-05-13T09:00:40", check_out="2026-05-13T11:00")
    add(
        folder,
        "visits",
        visit_id="V8",
        worker_id="",
        status="cancelled",
        cancelled_by="person",
        check_in="",
        check_out="",
        planned_start="2026-05-11T20:00",
        notified_at="2026-05-11T09:00",
        sequence="3",
    )
    add(folder, "visits", visit_id="V7", check_in="2026-05-11T12:00", worker_id="W2")
    add(folder, "invoices", order_id="O0", visit_id="V0")


@pytest.mark.parametrize("types", TYPES.values(), ids=TYPES.keys())
def test_every_column_is_read_the_same(folder: Path, types: Types) -> None:
    rich(folder)
    expected = published(settled(folder, MONDAY, SUNDAY))
    assert {row["outcome"] for row in expected["lines"]} == {"delivered", "cancelled", "suspended"}
    to_parquet(folder, types)
    found = published(settled(folder, MONDAY, SUNDAY))
    for table, rows in expected.tables.items():
        assert as_csv(found[table]) == rows, table


def test_a_wall_time_in_the_hour_of_the_clock_change_is_reported(folder: Path) -> None:
    line = add(folder, "visits", check_in="2026-10-25T01:30", check_out="2026-10-25T03:00")
    table_to_parquet(folder, "visits")
    finding = only(run(folder), "clock_change")
    assert (finding.file, finding.row) == ("visits.parquet", line)


def test_an_instant_in_that_hour_is_never_in_doubt(folder: Path) -> None:
    add(folder, "visits", check_in="2026-10-25T01:30", check_out="2026-10-25T03:00")
    table_to_parquet(folder, "visits", TYPES["utc"])
    assert {finding.kind for finding in run(folder).findings} == {"outside_period"}


@pytest.mark.parametrize("types", [PLAIN, PANDAS], ids=["nulls", "not a number"])
def test_what_is_empty_but_needed_is_a_fault_on_its_row(folder: Path, types: Types) -> None:
    cell(folder, "orders", 4, "minutes", "")
    table_to_parquet(folder, "orders", types)
    assert places(folder) == [("orders.parquet", 4, "minutes")]


def test_part_of_a_minute_is_a_fault(folder: Path) -> None:
    minutes = pa.array([30.0, 30.5, 30.0, 1e300])
    table_to_parquet(folder, "orders", minutes=minutes)
    assert places(folder) == [("orders.parquet", 3, "minutes"), ("orders.parquet", 5, "minutes")]


def test_a_council_row_that_is_wrong_is_a_fault_with_row_and_column(folder: Path) -> None:
    minutes = pa.array([30, -30, 1441, 30])
    table_to_parquet(folder, "orders", minutes=minutes)
    assert places(folder) == [("orders.parquet", 3, "minutes"), ("orders.parquet", 4, "minutes")]


def test_a_provider_row_that_is_wrong_is_kept_out(folder: Path) -> None:
    table_to_parquet(folder, "visits", worker_id=pa.array(["W1", None, "W1"]))
    settlement = run(folder)
    finding = only(settlement, "bad_row")
    assert (finding.file, finding.row, finding.subject) == ("visits.parquet", 3, "V1")
    assert paid(settlement) == GOOD_LINES | {"O1|2026-05-11T12:00|1": ("missed", 0, False)}


def test_a_missing_column_an_unknown_one_and_one_that_is_twice_there(folder: Path) -> None:
    table_to_parquet(folder, "visits")
    path = folder / "visits.parquet"
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["service"]), path)
    assert places(folder) == [("visits.parquet", 1, "service")]
    pq.write_table(table.append_column("service", table["service"]), path)
    assert places(folder) == [("visits.parquet", 1, "service")]
    pq.write_table(table.append_column("colour", table["service"]), path)
    settlement = run(folder)
    assert only(settlement, "unknown_column").subject == "colour"
    assert paid(settlement) == GOOD_LINES


def test_a_truncated_file_is_named(folder: Path) -> None:
    table_to_parquet(folder, "visits")
    path = folder / "visits.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    assert places(folder) == [("visits.parquet", None, "")]
    assert "cannot be read as Parquet" in faults(folder)[0].message


def test_a_file_with_spoilt_pages_is_named(folder: Path) -> None:
    table_to_parquet(folder, "visits")
    path = folder / "visits.parquet"
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56
    path.write_bytes(bytes(content))
    (fault,) = faults(folder)
    assert fault.file == "visits.parquet"
    assert "cannot be read as Parquet" in fault.message


def test_no_rows_settle_to_empty_tables(folder: Path) -> None:
    table_to_parquet(folder, "visits")
    table_to_parquet(folder, "orders")
    for name in ("visits", "orders"):
        path = folder / f"{name}.parquet"
        pq.write_table(pq.read_table(path).slice(0, 0), path)
    assert paid(run(folder)) == {}


FINER = {
    "wall": pa.array(
        [n * 10**9 + 59_999_999_999 for n in (EIGHT + 3600, NOON + 3600, FOUR + 3600)]
    ).cast(pa.timestamp("ns")),
    "instant": pa.array([n * 10**9 + 1 for n in (EIGHT, NOON, FOUR)]).cast(
        pa.timestamp("ns", tz="UTC")
    ),
}


@pytest.mark.parametrize("check_in", FINER.values(), ids=FINER.keys())
def test_nanoseconds_are_cut_off_like_seconds(folder: Path, check_in: Any) -> None:
    table_to_parquet(folder, "visits", check_in=check_in)
    assert paid(run(folder)) == GOOD_LINES


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_what_an_agreed_time_has_beyond_its_minute_is_cut_off(folder: Path, unit: str) -> None:
    a_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    starts = [hour * 3600 * a_second + 60 * a_second - 1 for hour in (8, 12, 16, 20)]
    small = unit in {"s", "ms"}
    kind = pa.time32(unit) if small else pa.time64(unit)
    start_time = pa.array(starts, pa.int32() if small else pa.int64()).cast(kind)
    table_to_parquet(folder, "orders", start_time=start_time)
    assert paid(run(folder)) == GOOD_LINES


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/London"])
def test_a_time_outside_the_calendar_is_a_bad_row(folder: Path, zone: str | None) -> None:
    kind = pa.timestamp("ms", tz=zone)
    times = [n * 1000 + (0 if zone else 3_600_000) for n in (EIGHT, NOON, FOUR)]
    times[1] = OUTSIDE
    table_to_parquet(folder, "visits", check_in=pa.array(times).cast(kind))
    settlement = run(folder)
    finding = only(settlement, "bad_row")
    assert (finding.file, finding.row) == ("visits.parquet", 3)
    assert "check_in" in finding.message
    assert paid(settlement) == GOOD_LINES | {"O1|2026-05-11T12:00|1": ("missed", 0, False)}


def test_a_date_outside_the_calendar_is_a_fault(folder: Path) -> None:
    days = pa.array([20_000, 5_000_000, 20_000, 20_000], pa.int32()).cast(pa.date32())
    table_to_parquet(folder, "orders", starts_on=days)
    assert places(folder) == [("orders.parquet", 3, "starts_on")]


def spoilt_text() -> Any:
    """Return W1, a worker whose name is not UTF-8, W1."""
    ends = pa.py_buffer(b"".join(n.to_bytes(4, "little") for n in (0, 2, 4, 6)))
    return pa.StringArray.from_buffers(3, ends, pa.py_buffer(b"W1\xe9\xe8W1"))


def test_text_that_is_not_utf_8_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table_to_parquet(folder, "visits", worker_id=spoilt_text())
    out = folder.with_name("out")
    code = main(["settle", str(folder), *PERIOD, "--out", str(out), "--quiet"])
    told = capsys.readouterr().err
    if code == 0:
        told = (out / "findings.csv").read_text()
    assert "visits.parquet" in told
    assert "UTF-8" in told


def test_a_column_name_that_is_not_utf_8_is_a_fault(folder: Path) -> None:
    table_to_parquet(folder, "visits")
    path = folder / "visits.parquet"
    pq.write_table(pq.read_table(path), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"worker_id", b"worker_\xe9d"))
    assert places(folder) == [("visits.parquet", None, "")]
    assert "UTF-8" in faults(folder)[0].message


UNNATURAL = {
    "bytes": pa.array([b"P1"] * 3, pa.binary()),
    "lists": pa.array([["P1"]] * 3),
    "records": pa.array([{"id": "P1"}] * 3),
}


@pytest.mark.parametrize("persons", UNNATURAL.values(), ids=UNNATURAL.keys())
def test_a_column_that_holds_no_text_is_never_taken_for_other_text(folder: Path, persons: Any) -> None:
    """It is read as what it says or refused: three visits must not become three strangers'."""
    table_to_parquet(folder, "visits", person_id=persons)
    if faults(folder):
        assert {(fault.file, fault.column) for fault in faults(folder)} <= {
            ("visits.parquet", "person_id"),
            ("visits.parquet", ""),
        }
        return
    settlement = run(folder)
    kept_out = [f.row for f in settlement.findings if f.kind == "bad_row"]
    assert kept_out == [2, 3, 4] or paid(settlement) == GOOD_LINES


def test_a_date_may_be_a_timestamp_at_midnight(folder: Path) -> None:
    days = pa.array([MONDAY] * 4).cast(pa.timestamp("us"))
    table_to_parquet(folder, "orders", starts_on=days)
    assert places(folder) == []


def test_a_date_may_be_no_timestamp_of_another_time(folder: Path) -> None:
    noons = pa.array([datetime.combine(MONDAY, time(12))] * 4)
    table_to_parquet(folder, "orders", starts_on=noons)
    assert places(folder) == [("orders.parquet", row, "starts_on") for row in (2, 3, 4, 5)]
    assert "is not a date; write it like 2026-04-06" in faults(folder)[0].message


def test_settle_says_which_parquet_row_is_wrong(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table_to_parquet(folder, "orders", minutes=pa.array([30, 30, 0, 30]))
    out = folder.with_name("out")
    assert main(["settle", str(folder), *PERIOD, "--out", str(out), "--quiet"]) == 2
    first, *_ = capsys.readouterr().err.splitlines()
    assert first == "orders.parquet line 4, minutes: 0 is not between 1 and 1440"

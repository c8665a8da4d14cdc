"""Rows of providers' files that are wrong: kept out and reported, while the run goes on.

Every visit row is in one line or in one finding that says why not: `run` counts them.
"""

from datetime import date
from pathlib import Path

import pytest

from carethread.engine.records import Finding
from carethread.formats.settlement.read import read
from tests.engines import silent
from tests.formats.breaking import GOOD_LINES, add, cell, only, paid, run

WHOLE, MOMENT = "is not a whole number", "is not a date and time; write it like 2026-04-06T08:00"
PROVIDERS = [
    ("visits", "visit_id", "", "visit_id: is empty"),
    ("visits", "sequence", "two", f"sequence: 'two' {WHOLE}"),
    ("visits", "worker_id", "", "worker_id: is empty; a delivered visit needs its worker"),
    ("visits", "status", "canceled", "status: 'canceled' is not one of delivered, cancelled"),
    ("visits", "status", "cancelled", "planned_start: is empty; a cancelled row must name"),
    ("visits", "status", "frustrated", "planned_start: is empty; a frustrated row must name"),
    ("visits", "check_in", "2026-02-31T08:00", "check_in: '2026-02-31T08:00' is not a time of"),
    (
        "visits",
        "check_in",
        "2026-05-11",
        f"check_in: '2026-05-11' is not a date and time; {'write it '}",
    ),
    ("visits", "check_in", "11/05/2026 20:00", MOMENT),
    ("visits", "check_in", "20:00", MOMENT),
    ("visits", "check_in", "2026-05-11T25:00", "is not a time of the calendar"),
    ("visits", "check_in", "2026-05-11T20:00+25:00", "has an offset that no clock has"),
    ("visits", "check_out", "20:30", "check_out: '20:30' is not a date and time"),
    ("visits", "in_method", "gps", "in_method: 'gps' is not one of phone, app, tag, token, file"),
    ("visits", "out_method", "APP", "out_method: 'APP' is not one of phone, app, tag, token, file"),
    ("visits", "cancelled_by", "family", "cancelled_by: 'family' is not one of person, council"),
    ("visits", "notified_at", "yesterday", "notified_at: 'yesterday' is not a date and time"),
    ("planned", "planned_start", "08:10", "planned_start: '08:10' is not a date and time"),
    ("planned", "order_id", "O99", "order_id: no order has this id"),
    ("invoices", "line_no", "1a", f"line_no: '1a' {WHOLE}"),
    ("invoices", "minutes", "-30", "minutes: -30 is below 0, but the line is not a credit"),
    ("invoices", "minutes", "2000000000", "minutes: 2000000000 is not between"),
    ("invoices", "amount_pence", "10.00", f"amount_pence: '10.00' {WHOLE}"),
    ("invoices", "to_on", "2026-05-10", "to_on: 2026-05-10 is before from_on 2026-05-11"),
    (
        "invoices",
        "billed_at",
        "2026-05-20T08:00",
        "billed_at: '2026-05-20T08:00' is not a date; write it like 2026-04-06",
    ),
]


@pytest.mark.parametrize(("table", "column", "value", "says"), PROVIDERS)
def test_a_providers_bad_row_is_kept_out_and_the_run_goes_on(
    folder: Path, table: str, column: str, value: str, says: str
) -> None:
    line = add(folder, table, **{column: value})
    settlement = run(folder)
    finding = only(settlement, "bad_row")
    assert (finding.severity, finding.file, finding.row) == ("error", f"{table}.csv", line)
    assert says in finding.message
    assert paid(settlement) == GOOD_LINES


def test_a_bad_row_says_everything_that_is_wrong_with_it(folder: Path) -> None:
    add(folder, "visits", sequence="x", check_in="noon", in_method="smoke")
    message = only(run(folder), "bad_row").message
    assert "sequence: 'x'" in message
    assert "check_in: 'noon'" in message
    assert "in_method: 'smoke'" in message


def test_a_row_that_could_not_be_read_supersedes_nothing(folder: Path) -> None:
    add(folder, "visits", visit_id="V0", sequence="2", check_in="noon")
    assert paid(run(folder)) == GOOD_LINES


def test_rows_of_a_rota_for_one_visit_are_all_kept_out(folder: Path) -> None:
    lines = [add(folder, "planned", planned_start=f"2026-05-11T08:{minute}") for minute in (10, 20)]
    settlement = run(folder)
    bad = [finding for finding in settlement.findings if finding.kind == "bad_row"]
    assert [(finding.file, finding.row) for finding in bad] == [("planned.csv", n) for n in lines]
    assert paid(settlement) == GOOD_LINES


def test_invoice_lines_with_one_number_are_all_kept_out(folder: Path) -> None:
    line = add(folder, "invoices", invoice_id="I1", line_no="2", amount_pence="900")
    settlement = run(folder)
    bad = [finding for finding in settlement.findings if finding.kind == "bad_row"]
    assert [(f.file, f.row, f.subject) for f in bad] == [
        ("invoices.csv", 3, "I1"),
        ("invoices.csv", line, "I1"),
    ]
    assert [row.line_no for row in settlement.invoice_lines] == [1, 3, 4]


def test_a_rota_for_a_weekly_hours_order_is_a_bad_row(folder: Path) -> None:
    add(
        folder,
        "orders",
        basis="weekly_hours",
        days="",
        start_time="",
        minutes="",
        weekly_minutes="60",
        service="SIT",
    )
    line = add(folder, "planned", order_id="O9", planned_start="2026-05-12T08:00")
    finding = only(run(folder), "bad_row")
    assert (finding.file, finding.row) == ("planned.csv", line)


def test_a_visit_to_an_unknown_person_is_a_held_line(folder: Path) -> None:
    line = add(folder, "visits", person_id="P99")
    settlement = run(folder)
    finding = only(settlement, "no_order")
    assert (finding.file, finding.row, finding.subject) == ("visits.csv", line, "V9")
    assert paid(settlement) == GOOD_LINES | {"visit|V9": ("unplanned", None, True)}


def test_a_suspension_of_an_unknown_person_is_reported(folder: Path) -> None:
    line = add(folder, "suspensions", person_id="P99")
    settlement = run(folder)
    finding = only(settlement, "unknown_person")
    assert (finding.file, finding.row, finding.subject) == ("suspensions.csv", line, "P99")
    assert paid(settlement) == GOOD_LINES


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [({"person_id": "P99"}, "no_order"), ({"order_id": "O99"}, "nothing_due")],
)
def test_an_invoice_for_a_stranger_or_a_strange_order_is_parked(
    folder: Path, cells: dict[str, str], verdict: str
) -> None:
    add(folder, "invoices", **cells)
    (row,) = [row for row in run(folder).invoice_lines if row.invoice_id == "I9"]
    assert (row.verdict, row.agreed_pence, row.parked_pence) == (verdict, 0, 1000)


def clock_changes(folder: Path, first: date, last: date) -> list[Finding]:
    return [f for f in run(folder, first, last).findings if f.kind == "clock_change"]


@pytest.mark.parametrize(
    ("written", "is_read_as"),
    [
        ("2026-10-25T01:30", "2026-10-25T01:30:00+01:00"),
        ("2026-10-25T01:00", "2026-10-25T01:00:00+01:00"),
        ("2026-03-29T01:30", "2026-03-29T02:30:00+01:00"),
        ("2026-03-29T01:59:59", "2026-03-29T02:59:00+01:00"),
    ],
)
def test_a_time_without_offset_in_the_hour_of_the_clock_change_is_reported(
    folder: Path, written: str, is_read_as: str
) -> None:
    day = date.fromisoformat(written[:10])
    line = add(folder, "visits", check_in=written, check_out=f"{day}T03:00")
    (finding,) = clock_changes(folder, day, day)
    assert (finding.severity, finding.file, finding.row) == ("info", "visits.csv", line)
    assert finding.subject == "V9"
    assert finding.message == f"check_in was read as {is_read_as}"


@pytest.mark.parametrize(
    "written",
    ["2026-10-25T01:30Z", "2026-10-25T01:30+01:00", "2026-10-25T02:00", "2026-10-25T00:59"],
)
def test_a_time_with_an_offset_or_in_another_hour_is_never_in_doubt(folder: Path, written: str) -> None:
    day = date(2026, 10, 25)
    add(folder, "visits", check_in=written, check_out="2026-10-25T03:00")
    assert clock_changes(folder, day, day) == []


def test_clock_changes_are_reported_in_every_file_with_timestamps(folder: Path) -> None:
    add(folder, "suspensions", told_at="2026-03-29T01:15")
    add(folder, "planned", planned_start="2026-10-25T01:15")
    reading = read(folder, silent)
    found = [(f.file, f.row, f.subject) for f in reading.inputs.findings if f.kind == "clock_change"]
    assert found == [("suspensions.csv", 2, "P1"), ("planned.csv", 2, "O0")]


def test_a_visit_without_times_or_with_impossible_ones_is_accounted_for(folder: Path) -> None:
    add(folder, "visits", visit_id="V5", check_in="")
    add(folder, "visits", visit_id="V6", check_out="2026-05-11T19:59")
    add(folder, "visits", visit_id="V7", check_out="2026-05-12T20:01")
    settlement = run(folder)
    for kind, visit in (("no_check_in", "V5"), ("bad_times", "V6"), ("too_long", "V7")):
        assert only(settlement, kind).subject == visit
    assert paid(settlement) == GOOD_LINES


def test_the_row_that_is_kept_out_may_be_the_only_one(folder: Path) -> None:
    for line in (2, 3, 4):
        cell(folder, "visits", line, "check_in", "?")
    assert {outcome for outcome, _, _ in paid(run(folder)).values()} == {"missed"}

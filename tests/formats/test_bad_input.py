"""Files that are wrong as a whole: missing, empty, badly encoded, badly laid out, unreadable.

What cannot be read stops the run with a message that names the file, where there is one the line and
the column, and says what to do. What can be read in spite of its looks is read.
"""

from pathlib import Path

import pytest

from carethread.cli import main
from carethread.formats.settlement.read import read
from tests.engines import silent
from tests.factories.folders import COLUMNS, write_rows
from tests.formats.breaking import (
    GOOD_LINES,
    PERIOD,
    add,
    cell,
    drop_columns,
    encode,
    faults,
    only,
    paid,
    places,
    run,
    swap,
)

REQUIRED = {
    "orders": "order_id person_id provider_id contract_id service starts_on basis",
    "rates": "contract_id service from_on day_type amount_pence",
    "suspensions": "person_id from_on reason",
    "planned": "order_id planned_start",
    "visits": "visit_id person_id provider_id service check_in check_out",
    "invoices": "invoice_id line_no provider_id person_id service from_on to_on minutes amount_pence"
    " billed_at",
}
"""The columns that no note of settlement §2 and §7 lets be empty."""
NEEDED = [(table, name) for table, names in REQUIRED.items() for name in names.split()]
MAY_BE_ABSENT = [
    ("orders", "ends_on carers time_critical weekly_minutes"),
    ("rates", "band_from band_to slot minutes priority"),
    ("suspensions", "order_id from_time to_on to_time told_at"),
    ("visits", "sequence status planned_start cancelled_by notified_at"),
    ("visits", "in_method out_method reason_code"),
    ("invoices", "order_id visit_id"),
]


def settle(folder: Path, *more: str) -> int:
    out = folder.with_name("out")
    return main(["settle", str(folder), *PERIOD, "--out", str(out), "--quiet", *more])


@pytest.mark.parametrize("name", ["orders.csv", "rates.csv", "visits.csv", "contracts.toml"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert places(folder) == [(name, None, "")]
    assert faults(folder)[0].message == "the file is missing"


@pytest.mark.parametrize("table", ["planned", "suspensions", "invoices"])
def test_an_optional_file_may_be_missing(folder: Path, table: str) -> None:
    add(folder, table)
    (folder / f"{table}.csv").unlink()
    assert paid(run(folder)) == GOOD_LINES


@pytest.mark.parametrize(("table", "column"), NEEDED)
def test_a_missing_column_is_named(folder: Path, table: str, column: str) -> None:
    add(folder, table)
    drop_columns(folder, table, column)
    assert places(folder) == [(f"{table}.csv", 1, column)]
    assert "the column is missing" in faults(folder)[0].message


@pytest.mark.parametrize(("table", "names"), MAY_BE_ABSENT)
def test_columns_that_may_be_empty_may_be_absent(folder: Path, table: str, names: str) -> None:
    if table == "suspensions":
        add(folder, table)
    drop_columns(folder, table, *names.split())
    assert paid(run(folder)) == GOOD_LINES


@pytest.mark.parametrize("name", ["orders.csv", "rates.csv", "visits.csv", "invoices.csv"])
@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b",,,\n"])
def test_an_empty_file_is_said_to_be_empty(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    assert places(folder) == [(name, None, "")]
    assert "empty" in faults(folder)[0].message
    assert "header" in faults(folder)[0].message


@pytest.mark.parametrize("table", ["orders", "rates", "visits", "invoices"])
def test_an_unknown_column_is_ignored_and_reported(folder: Path, table: str) -> None:
    path = folder / f"{table}.csv"
    head, *rows = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([f"{head},colour", *(f"{row},blue" for row in rows)]) + "\n")
    settlement = run(folder)
    assert paid(settlement) == GOOD_LINES
    finding = only(settlement, "unknown_column")
    assert (finding.severity, finding.file, finding.row, finding.subject) == (
        "warning",
        f"{table}.csv",
        1,
        "colour",
    )
    assert "colour" in finding.message
    assert "ignored" in finding.message


def test_a_misspelt_column_is_both_missing_and_unknown(folder: Path) -> None:
    swap(folder, "orders.csv", "starts_on", "start_on")
    reading = read(folder, silent)
    assert places(folder) == [("orders.csv", 1, "starts_on")]
    assert [(f.kind, f.subject) for f in reading.inputs.findings] == [("unknown_column", "start_on")]


@pytest.mark.parametrize("table", ["orders", "visits"])
def test_a_column_that_is_there_twice_is_named(folder: Path, table: str) -> None:
    path = folder / f"{table}.csv"
    head, *rows = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([f"{head},service", *(f"{row},PC" for row in rows)]) + "\n")
    assert places(folder) == [(f"{table}.csv", 1, "service")]
    assert "2 times" in faults(folder)[0].message


@pytest.mark.parametrize("name", ["orders.csv", "visits.csv", "invoices.csv", "contracts.toml"])
def test_a_folder_in_the_place_of_a_file_cannot_be_opened(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    assert places(folder) == [(name, None, "")]
    assert faults(folder)[0].message == "the file cannot be opened: Is a directory"


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1 is how it begins", b"visit_id,person_id\n"])
def test_a_file_that_is_no_parquet_is_named(folder: Path, content: bytes) -> None:
    (folder / "visits.csv").unlink()
    (folder / "visits.parquet").write_bytes(content)
    assert places(folder) == [("visits.parquet", None, "")]
    assert faults(folder)[0].message.startswith("the file cannot be read as Parquet: ")


@pytest.mark.parametrize("table", ["orders", "visits", "planned"])
def test_two_files_of_one_table_are_one_too_many(folder: Path, table: str) -> None:
    (folder / f"{table}.csv").touch()
    (folder / f"{table}.parquet").touch()
    (fault,) = faults(folder)
    assert fault.message == f"{table}.csv and {table}.parquet are both there; remove one"


def test_headers_alone_settle_to_empty_tables(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for table, columns in COLUMNS.items():
        write_rows(folder / f"{table}.csv", columns, [])
    assert main(["settle", str(folder), *PERIOD, "--out", str(folder.with_name("out"))]) == 0
    written = sorted(folder.with_name("out").glob("*.csv"))
    assert len(written) == 8
    assert all(len(path.read_text().splitlines()) == 1 for path in written)
    assert "0 lines" in capsys.readouterr().out
    assert main(["check", str(folder), "--quiet"]) == 0


def test_every_fault_of_every_council_file_is_listed_at_once(folder: Path) -> None:
    cell(folder, "orders", 2, "minutes", "half an hour")
    cell(folder, "orders", 2, "time_critical", "very")
    cell(folder, "orders", 5, "starts_on", "2026-02-31")
    cell(folder, "rates", 2, "day_type", "wekday")
    add(folder, "suspensions", to_on="2026-05-15")
    swap(folder, "contracts.toml", "window_minutes = 120", "window_minutes = 0")
    (folder / "visits.csv").unlink()
    assert places(folder) == [
        ("contracts.toml", 2, "window_minutes"),
        ("orders.csv", 2, "minutes"),
        ("orders.csv", 2, "time_critical"),
        ("orders.csv", 5, "starts_on"),
        ("rates.csv", 2, "day_type"),
        ("suspensions.csv", 2, "to_on"),
        ("visits.csv", None, ""),
    ]


def test_settle_says_every_fault_with_file_line_and_column_and_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cell(folder, "orders", 3, "minutes", "-30")
    (folder / "visits.csv").unlink()
    assert settle(folder) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "orders.csv line 3, minutes: -30 is not between 1 and 1440",
        "visits.csv: the file is missing",
        "carethread: 2 faults must be put right first; nothing was written",
    ]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_fault_leaves_an_earlier_settlement_as_it_was(folder: Path) -> None:
    assert settle(folder) == 0
    out = folder.with_name("out")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    encode(folder, "visits.csv", "utf-16")
    assert settle(folder, "--force") == 2
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_check_says_the_same_faults_file_by_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cell(folder, "orders", 3, "minutes", "-30")
    drop_columns(folder, "visits", "check_out")
    assert main(["check", str(folder), "--quiet"]) == 2
    said = capsys.readouterr().out
    assert "FAULT minutes: 1\n    line 3: -30 is not between 1 and 1440" in said
    assert "FAULT check_out: 1\n    line 1: the column is missing" in said
    assert "2 faults" in said


def test_bad_rows_of_providers_do_not_stop_the_run_unless_it_is_strict(folder: Path) -> None:
    cell(folder, "visits", 3, "check_in", "noon")
    assert settle(folder) == 0
    assert settle(folder, "--force", "--strict") == 1

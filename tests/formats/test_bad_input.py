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
    rows_of,
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
OPTIONAL = [
    (table, tuple(name for name in columns if name not in REQUIRED[table].split()))
    for table, columns in COLUMNS.items()
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


@pytest.mark.parametrize("table", ["planned", "rates", "suspensions", "visits", "invoices"])
def test_columns_that_may_be_empty_may_be_absent(folder: Path, table: str) -> None:
    if table == "suspensions":
        add(folder, table)
    if table == "planned":
        add(folder, table, planned_start="2026-05-11T08:00")
    kept = "worker_id"  # a delivered visit needs its worker
    drop_columns(folder, table, *(name for name in dict(OPTIONAL)[table] if name != kept))
    assert paid(run(folder)) == GOOD_LINES


@pytest.mark.parametrize("name", ["orders.csv", "rates.csv", "visits.csv", "invoices.csv"])
@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b",,,\n"])
def test_an_empty_file_is_said_to_be_empty(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    assert places(folder) == [(name, None, "")]
    assert "empty" in faults(folder)[0].message
    assert "header" in faults(folder)[0].message


@pytest.mark.parametrize("name", ["orders.csv", "visits.csv"])
def test_latin_1_is_found_on_its_line(folder: Path, name: str) -> None:
    swap(folder, name, "1,P1" if name == "visits.csv" else "O1,P1", "é,P1")
    line = 1 + (folder / name).read_text("utf-8").splitlines().index(
        next(text for text in (folder / name).read_text("utf-8").splitlines() if "é" in text)
    )
    encode(folder, name, "latin-1")
    assert places(folder) == [(name, line, "")]
    assert "0xe9" in faults(folder)[0].message
    assert "save the file as CSV UTF-8" in faults(folder)[0].message


def test_latin_1_is_found_on_its_line_deep_in_a_large_file(folder: Path) -> None:
    rows = [
        row for n in range(400) for row in rows_of(folder, "visits") if row.update(sequence=n) is None
    ]
    rows[899]["worker_id"] = "René"
    write_rows(folder / "visits.csv", COLUMNS["visits"], rows)
    encode(folder, "visits.csv", "cp1252")
    assert places(folder) == [("visits.csv", 901, "")]


@pytest.mark.parametrize("name", ["orders.csv", "visits.csv"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named_and_the_cure_said(folder: Path, name: str, encoding: str) -> None:
    encode(folder, name, encoding)
    (fault,) = faults(folder)
    assert fault.file == name
    assert "UTF-16" in fault.message
    assert "save it as CSV UTF-8" in fault.message


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_any_mark_and_line_end_is_read(folder: Path, mark: str, ends: str) -> None:
    for path in folder.glob("*.csv"):
        text = mark + path.read_text("utf-8").replace("\n", ends)
        path.write_bytes(text.encode())
    settlement = run(folder)
    assert paid(settlement) == GOOD_LINES
    assert settlement.findings == []


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_quoted_newline_does_not_shift_later_line_numbers(folder: Path, ends: str) -> None:
    cell(folder, "visits", 2, "reason_code", "first\nsecond\nthird")
    cell(folder, "visits", 4, "sequence", "two")
    path = folder / "visits.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", ends.encode()))
    assert path.read_text("utf-8").splitlines()[5].startswith("V2,two")
    finding = only(run(folder), "bad_row")
    assert (finding.file, finding.row, finding.subject) == ("visits.csv", 6, "V2")


def test_a_row_with_a_quoted_newline_has_the_line_it_begins_on(folder: Path) -> None:
    cell(folder, "orders", 3, "provider_id", "A\nand B")
    cell(folder, "orders", 3, "basis", "monthly")
    cell(folder, "orders", 4, "basis", "yearly")
    assert places(folder) == [("orders.csv", 3, "basis"), ("orders.csv", 5, "basis")]


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


@pytest.mark.parametrize("table", ["orders", "rates", "visits", "invoices"])
def test_semicolons_are_recognised(folder: Path, table: str) -> None:
    path = folder / f"{table}.csv"
    path.write_text(path.read_text("utf-8").replace(",", ";"))
    found = faults(folder)
    assert {fault.column for fault in found} == set(REQUIRED[table].split())
    for fault in found:
        assert (fault.file, fault.row) == (f"{table}.csv", 1)
        assert "semicolons" in fault.message
        assert "save it separated by commas" in fault.message


@pytest.mark.parametrize("rows_after", [0, 20_000])
@pytest.mark.parametrize("table", ["orders", "visits"])
def test_an_unclosed_quote_is_found_where_it_opens(folder: Path, table: str, rows_after: int) -> None:
    path = folder / f"{table}.csv"
    head, first, second, third = path.read_text("utf-8").splitlines()[:4]
    path.write_text("\n".join([head, first, f'"{second}', *([third] * (rows_after + 1))]) + "\n")
    (fault,) = faults(folder)
    assert (fault.file, fault.row) == (f"{table}.csv", 3)
    assert "look for a quote that is not closed" in fault.message


@pytest.mark.parametrize(("extra", "cells"), [("", 14), (",,", 16)])
def test_a_providers_row_with_too_few_or_too_many_cells_is_kept_out(
    folder: Path, extra: str, cells: int
) -> None:
    path = folder / "visits.csv"
    lines = path.read_text("utf-8").splitlines()
    lines[2] = lines[2].removesuffix(",") + extra
    path.write_text("\n".join(lines) + "\n")
    settlement = run(folder)
    finding = only(settlement, "bad_row")
    assert (finding.file, finding.row) == ("visits.csv", 3)
    assert finding.message == f"the row has {cells} cells, the header 15"
    assert paid(settlement) == GOOD_LINES | {"O1|2026-05-11T12:00|1": ("missed", 0, False)}


def test_a_councils_rows_with_too_few_or_too_many_cells_are_all_faults(folder: Path) -> None:
    path = folder / "orders.csv"
    lines = path.read_text("utf-8").splitlines()
    lines[1] += ",1"
    lines[3] = lines[3].removesuffix(",")
    path.write_text("\n".join(lines) + "\n")
    assert [(f.file, f.row, f.message) for f in faults(folder)] == [
        ("orders.csv", 2, "the row has 15 cells, the header 14"),
        ("orders.csv", 4, "the row has 13 cells, the header 14"),
    ]


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


@pytest.mark.parametrize("blank", ["", ",,,,,,,,,,,,,,", "  ,, ,", "\n\n,,,\n"])
@pytest.mark.parametrize("table", ["orders", "rates", "visits", "invoices"])
def test_blank_rows_at_the_end_are_no_rows(folder: Path, table: str, blank: str) -> None:
    path = folder / f"{table}.csv"
    rows = len(rows_of(folder, table))
    path.write_text(f"{path.read_text('utf-8')}{blank}\r\n{blank}\r\n")
    settlement = run(folder)
    assert paid(settlement) == GOOD_LINES
    assert settlement.findings == []
    assert read(folder, silent).rows[f"{table}.csv"] == rows


def test_blank_rows_in_between_do_not_shift_line_numbers(folder: Path) -> None:
    swap(folder, "orders.csv", "O1,", "\n,,,\nO1,")
    swap(folder, "orders.csv", "1000000,16:00", "Mondays,16:00")
    assert places(folder) == [("orders.csv", 6, "days")]


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

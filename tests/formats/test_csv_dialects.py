"""CSV as it comes: encodings, line ends, quotes, separators, rows of the wrong width, blank rows.

A line number is the line in the file, as an editor counts it.
"""

from pathlib import Path

import pytest

from carethread.formats.settlement.read import read
from tests.engines import silent
from tests.factories.folders import COLUMNS, write_rows
from tests.formats.breaking import (
    GOOD_LINES,
    cell,
    encode,
    faults,
    only,
    paid,
    places,
    rows_of,
    run,
    swap,
)


@pytest.mark.parametrize(("name", "id_"), [("orders.csv", "O1"), ("visits.csv", "V1")])
def test_latin_1_is_found_on_its_line(folder: Path, name: str, id_: str) -> None:
    swap(folder, name, id_, "é1")
    encode(folder, name, "latin-1")
    assert places(folder) == [(name, 3, "")]
    assert faults(folder)[0].message == "byte 0xe9 is not UTF-8; save the file as CSV UTF-8"


def test_another_code_page_is_found_deep_in_a_large_file(folder: Path) -> None:
    row = rows_of(folder, "visits")[0]
    rows = [row | {"visit_id": f"V{n}"} for n in range(1200)]
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
def test_semicolons_are_recognised(folder: Path, table: str) -> None:
    path = folder / f"{table}.csv"
    path.write_text(path.read_text("utf-8").replace(",", ";"))
    (fault,) = faults(folder)
    assert (fault.file, fault.row) == (f"{table}.csv", 1)
    assert fault.message == "the file is separated by semicolons; save it separated by commas"


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

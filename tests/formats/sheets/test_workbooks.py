"""Workbooks become CSV with the same row numbers; what a spreadsheet stores comes out as written."""

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from carethread.formats.settlement.layouts import VISITS
from carethread.formats.settlement.reading import read_table
from carethread.formats.sheets.extents import Extent
from carethread.formats.sheets.receive import receive
from carethread.formats.sheets.workbooks import to_csv
from tests.engines import silent
from tests.formats.breaking import CASE

FORMS = {datetime: "dd/mm/yyyy hh:mm", date: "dd/mm/yyyy", time: "hh:mm", timedelta: "[h]:mm:ss"}
Sheets = dict[str, dict[int, list[Any]]]


def workbook(path: Path, sheets: Sheets, **options: Any) -> Path:
    """Write a workbook: sheet -> row number, from 1 -> cells; a text that begins #= is an error."""
    with xlsxwriter.Workbook(path, options) as book:
        forms = {kind: book.add_format({"num_format": form}) for kind, form in FORMS.items()}
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, cells in rows.items():
                for place, cell in enumerate(cells):
                    if isinstance(cell, str) and cell.startswith("#="):
                        sheet.write_formula(number - 1, place, "=1/0", None, cell[2:])
                    elif isinstance(cell, str):
                        sheet.write_string(number - 1, place, cell)
                    elif cell is not None:
                        sheet.write(number - 1, place, cell, forms.get(type(cell)))
    return path


def lines(folder: Path, *rows: list[Any], **options: Any) -> list[list[str]]:
    """Return what becomes of one sheet's rows."""
    source = workbook(folder / "t.xlsx", {"Sheet1": dict(enumerate(rows, 1))}, **options)
    assert to_csv(source, "t", folder / "t.csv") == []
    with (folder / "t.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("options", [{}, {"date_1904": True}])
def test_what_a_spreadsheet_stores_comes_out_as_the_contract_writes_it(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    rows: list[tuple[Any, str]] = [
        (date(2026, 4, 6), "2026-04-06"),
        (time(8, 30), "08:30"),
        (time(0, 0), "00:00"),
        (time(8, 30, 15), "08:30:15"),
        (30, "30"),
        (30.0, "30"),
        (30.5, "30.5"),
        (-12, "'-12"),
        (True, "true"),
        (2_000_000_000, "2000000000"),
        ("0012", "0012"),
        ("=cmd()", "'=cmd()"),
        ("two\nlines", "two lines"),
        ("  blanks ", "blanks"),
    ]
    for stored, written in rows:
        assert lines(tmp_path, ["h"], [stored], **options)[1] == [written]


def test_a_column_with_a_time_in_it_holds_moments(tmp_path: Path) -> None:
    midnight, morning = datetime(2026, 4, 6), datetime(2026, 4, 6, 8, 30, 12)  # noqa: DTZ001
    assert lines(tmp_path, ["a", "b"], [midnight, midnight], [morning, midnight]) == [
        ["a", "b"],
        ["2026-04-06T00:00:00", "2026-04-06"],
        ["2026-04-06T08:30:12", "2026-04-06"],
    ]


def test_a_length_may_be_more_than_a_day(tmp_path: Path) -> None:
    rows = lines(tmp_path, ["h"], [timedelta(hours=26, minutes=30)], [timedelta(minutes=45, seconds=9)])
    assert rows[1:] == [["26:30"], ["00:45:09"]]


def test_blank_rows_keep_their_numbers_and_columns_without_anything_are_none(tmp_path: Path) -> None:
    rows = lines(tmp_path, ["a", "b", "", " "], [], ["x"], [None, None, "", " "], ["y", "z"])
    assert rows == [["a", "b"], [], ["x", ""], [], ["y", "z"]]


def test_a_sheet_that_begins_further_down_keeps_its_numbers(tmp_path: Path) -> None:
    source = workbook(tmp_path / "t.xlsx", {"S": {4: [None, "h", "i"], 6: [None, 1, "#=#N/A"]}})
    (fault,) = to_csv(source, "t", tmp_path / "t.csv")
    assert (fault.row, fault.column) == (6, "i")
    assert (tmp_path / "t.csv").read_text() == "\n\n\nh,i\n\n\n"


def test_an_error_in_a_cell_keeps_its_row_out(tmp_path: Path) -> None:
    rows = {1: ["a", "b"], 2: ["1", "#=#DIV/0!"], 3: ["2", "3"]}
    source = workbook(tmp_path / "t.xlsx", {"S": rows})
    (fault,) = to_csv(source, "t", tmp_path / "t.csv")
    assert (fault.file, fault.row, fault.column) == ("t.xlsx", 2, "b")
    assert fault.message == "the cell holds an error of the spreadsheet (Div0); put its value there"
    assert (tmp_path / "t.csv").read_text() == "a,b\n\n2,3\n"


def test_the_sheet_named_for_the_table_is_taken_else_the_first(tmp_path: Path) -> None:
    source = workbook(tmp_path / "t.xlsx", {"Notes": {1: ["n"]}, " Visits": {1: ["v"]}})
    for table, header in (("visits", "v\n"), ("orders", "n\n")):
        assert to_csv(source, table, tmp_path / "out.csv") == []
        assert (tmp_path / "out.csv").read_text() == header


def test_an_empty_sheet_is_an_empty_file(tmp_path: Path) -> None:
    source = workbook(tmp_path / "visits.xlsx", {"S": {}})
    assert to_csv(source, "visits", tmp_path / "visits.csv") == []
    (fault,) = read_table(VISITS, tmp_path, silent).faults
    assert fault.message == "the file is empty: it has not even a header row"


@pytest.mark.parametrize("content", [b"PK\x03\x04 and no more", b""])
def test_what_is_no_workbook_is_a_fault(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.xlsx").write_bytes(content)
    (fault,) = to_csv(tmp_path / "t.xlsx", "t", tmp_path / "t.csv")
    assert fault.row is None
    assert "the file cannot be read as a zip" in fault.message
    assert not (tmp_path / "t.csv").exists()


def test_the_contracts_own_visits_come_back_from_a_workbook(tmp_path: Path) -> None:
    with (CASE / "visits.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    natural = [rows[0], *([_natural(cell) for cell in row] for row in rows[1:])]
    workbook(tmp_path / "sent.xlsx", {"visits": dict(enumerate(natural, 1))})
    out = tmp_path / "folder"
    out.mkdir()
    assert receive(tmp_path / "sent.xlsx", out) == []
    assert read_table(VISITS, out, silent) == read_table(VISITS, CASE, silent)


def _natural(cell: str) -> Any:
    try:
        return datetime.fromisoformat(cell).replace(tzinfo=None)
    except ValueError:
        return int(cell) if cell.isdigit() else cell


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=8)
STORED = st.one_of(
    TEXTS.map(lambda text: (text, text)),
    st.integers(-(10**9), 10**9).map(lambda number: (number, str(number))),
    st.dates(date(1900, 3, 2), date(2200, 1, 1))
    .filter(lambda on: on != date(1904, 1, 1))
    .map(lambda on: (on, str(on))),
    st.integers(0, 1439).map(lambda m: (time(m // 60, m % 60), f"{m // 60:02d}:{m % 60:02d}")),
)


@given(st.lists(st.lists(STORED, min_size=2, max_size=2), min_size=1, max_size=6))
def test_every_cell_is_read_back(tmp_path_factory: Any, rows: list[list[tuple[Any, str]]]) -> None:
    folder = tmp_path_factory.mktemp("sheet")
    out = lines(folder, ["a", "b"], *([stored for stored, _ in row] for row in rows))
    from carethread.formats.settlement.files import original  # noqa: PLC0415

    written = [[text for _, text in row] for row in rows]
    while written and not any(written[-1]):
        written.pop()
    expected = [row if any(row) else [] for row in written]
    assert [[original(cell) for cell in row] for row in out[1:]][: len(expected)] == expected


def test_a_cell_in_the_last_corner_is_refused(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write("A1", "h")
        sheet.write("XFD1048576", "far")
    (fault,) = to_csv(tmp_path / "t.xlsx", "t", tmp_path / "t.csv")
    assert fault.message.startswith("the workbook's sheets reach over 17179869184 cells")
    assert not (tmp_path / "t.csv").exists()


@pytest.mark.parametrize("size", [1, 7, 16])
def test_a_place_is_seen_however_the_text_is_cut(size: int) -> None:
    text = (
        b'<row r="1"><c r="A1"/></row><row spans="1:3" r=\'70\'><c s="1" r="AB70"/><c r="c70"/></row>'
    )
    extent = Extent()
    for begin in range(0, len(text), size):
        extent.look(text[begin : begin + size])
    assert extent.cells == 70 * 28

"""A sheet of a workbook as CSV text, with the sheet's own row numbers.

What a spreadsheet stores as numbers comes out as the contract writes it: dates as 2026-04-06, times
of day as 08:30, lengths as 26:30, moments as 2026-04-06T08:30:00, whole numbers without decimals.

A workbook knows no difference between a day and its midnight. So a column whose dates are all at
midnight holds days, and one with any other time in it holds moments.

Source: ECMA-376 (Office Open XML), part 1, 18.17.4: dates and times are days since 1900 or 1904.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from carethread.engine.records import Fault
from carethread.formats.settlement.files import CsvRows, inert
from carethread.formats.sheets import zips
from carethread.formats.sheets.extents import Extent

LIMITS = zips.Limits(unpacked_mib=1024)
"""A workbook is read into memory."""
MOST_CELLS = 30_000_000
"""Every cell from the first to the last takes memory, blank ones too: a million rows of 28 columns."""
_STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.\d+)?", re.ASCII)
_FIRST_DAYS = (date(1899, 12, 31), date(1904, 1, 1))
"""Day 0 of both calendars that workbooks have: a number below 1 is a time of that day."""
_LENGTHS_BEFORE = date(1900, 3, 1)
"""Up to here days are lengths of time: the calendar of 1900 has a 29 February that never was."""
_Column = Sequence[str]


def sheet_names(source: Path) -> tuple[Sequence[str], list[Fault]]:
    """Return the names of a workbook's sheets, or why it cannot be opened."""
    reader, faults = _opened(source)
    return ([] if reader is None else reader.sheet_names), faults


@dataclass(frozen=True, slots=True)
class SheetRead:
    """A sheet as columns of text, every row of the sheet from the first; `broken` cells hold errors."""

    name: str
    columns: Sequence[_Column]
    broken: Sequence[Fault]


def read_sheet(source: Path, table: str) -> tuple[SheetRead | None, list[Fault]]:
    """Return the sheet named for the table, or else the first; or why the workbook cannot be read."""
    reader, faults = _opened(source)
    if reader is None:
        return None, faults
    import fastexcel  # noqa: PLC0415 -- CSV need not pay for it

    named = {name.strip().casefold(): name for name in reversed(reader.sheet_names)}
    name = named.get(table.casefold(), reader.sheet_names[0])
    try:
        loaded = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        cells, errors = loaded.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        return None, [_unreadable(source, error)]
    columns = [_text(column.to_pylist()) for column in cells.columns]
    details = {} if errors is None else {error.position: error.detail for error in errors.errors}
    broken = [_broken_cell(source, columns, at, detail) for at, detail in sorted(details.items())]
    return SheetRead(name, _used(columns), broken), []


def to_csv(source: Path, table: str, out: Path) -> list[Fault]:
    """Write the sheet named for the table, or else the first, as CSV; return what is wrong with it.

    Blank rows stay blank, and so does a row with a cell that holds an error such as #DIV/0!, which
    has its fault. Line breaks inside a cell become spaces: each row has one line. A workbook that
    cannot be read has a fault without a row, and leaves no file `out`.
    """
    sheet, faults = read_sheet(source, table)
    if sheet is None:
        return faults
    left_out = {fault.row for fault in sheet.broken}
    with out.open("w", encoding="utf-8", newline="") as file:
        rows = CsvRows(file)
        for number, cells in enumerate(zip(*sheet.columns, strict=True), 1):
            is_blank = number in left_out or not any(cells)
            rows.write([] if is_blank else [inert(cell) for cell in cells])
    return [*sheet.broken]


def _opened(source: Path) -> tuple[Any, list[Fault]]:
    extent = Extent()
    faults = zips.check(source, LIMITS, extent.look)
    if not faults and extent.cells > MOST_CELLS:
        say = f"the workbook's sheets reach over {extent.cells} cells; at most {MOST_CELLS} are taken"
        faults = [Fault(source.name, None, "", f"{say}: remove what stands far from the table")]
    if faults:
        return None, faults
    import fastexcel  # noqa: PLC0415

    try:
        reader = fastexcel.read_excel(source)
    except fastexcel.FastExcelError as error:
        return None, [_unreadable(source, error)]
    if not reader.sheet_names:
        return None, [Fault(source.name, None, "", "the workbook has no sheet")]
    return reader, []


def _unreadable(source: Path, error: Exception) -> Fault:
    say = f"the file cannot be read as a workbook: {str(error).splitlines()[0]}"
    return Fault(source.name, None, "", say)


def _broken_cell(source: Path, columns: Sequence[_Column], at: tuple[int, int], detail: str) -> Fault:
    row, place = at
    header = next((cells for cells in zip(*columns, strict=True) if any(cells)), ())
    error = re.search(r"Error\((\w+)\)", detail)
    kind = f" ({error[1]})" if error else ""
    say = f"the cell holds an error of the spreadsheet{kind}; put its value there"
    return Fault(source.name, row + 1, header[place] if header else "", say)


def _text(column: Iterable[str | None]) -> _Column:
    """Write a column's cells as the contract has them."""
    cells = ["" if cell is None else cell.strip() for cell in column]
    stamps = [found for cell in cells if (found := _STAMP.fullmatch(cell)) and not _is_clock(found)]
    days_only = all(found[0].endswith(" 00:00:00") for found in stamps)
    return [_cell(cell, days_only=days_only) for cell in cells]


def _cell(cell: str, *, days_only: bool) -> str:
    found = _STAMP.fullmatch(cell)
    if found is None:
        return " ".join(cell.splitlines())
    if _is_clock(found):
        return _clock(found)
    return cell[: len("2026-04-06")] if days_only else cell.replace(" ", "T")


def _is_clock(found: re.Match[str]) -> bool:
    """Say whether a date is so early that it stands for a time of day or a length."""
    on = date(*map(int, found.groups()[:3]))
    return on < _LENGTHS_BEFORE or on in _FIRST_DAYS


def _clock(found: re.Match[str]) -> str:
    """Write a time of day or a length: hours may be more than 24."""
    year, month, day, hours, minutes, seconds = map(int, found.groups())
    on = date(year, month, day)
    days = 0 if on in _FIRST_DAYS else (on - _FIRST_DAYS[0]).days
    clock = f"{days * 24 + hours:02d}:{minutes:02d}"
    return f"{clock}:{seconds:02d}" if seconds else clock


def _used(columns: Sequence[_Column]) -> Sequence[_Column]:
    """Leave out the columns at the end with nothing in them."""
    used = [place for place, column in enumerate(columns) if any(column)]
    return columns[: used[-1] + 1] if used else []

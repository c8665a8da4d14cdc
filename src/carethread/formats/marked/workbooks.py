"""A copy of a workbook's sheet with the problems of its rows.

Every cell is text, as it was understood: what a spreadsheet made of a date or a number is seen, and
nothing is run. Forms, colours and other sheets stay behind.

Source: ECMA-376 (Office Open XML).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from carethread.engine.records import Fault
from carethread.formats.marked.rows import PROBLEMS, Marks
from carethread.formats.sheets.workbooks import SheetRead, read_sheet

_AS_TEXT = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_NO_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 -- the same copy has the same bytes on any day


def mark(source: Path, out: Path, marks: Marks, table: str) -> list[Fault]:
    """Write the copy, or return why that cannot be done."""
    sheet, faults = read_sheet(source, table)
    if sheet is None:
        return faults
    import xlsxwriter  # noqa: PLC0415 -- only copies of workbooks need it

    with xlsxwriter.Workbook(out, _AS_TEXT) as book:
        book.set_properties({"created": _NO_DAY})
        written = book.add_worksheet(sheet.name)
        for place, cells in _rows(sheet, marks):
            for column, cell in enumerate(cells):
                if cell:
                    written.write_string(place, column, cell)
    return []


def _rows(sheet: SheetRead, marks: Marks) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the rows of the copy and their places, from 0."""
    rows = enumerate(zip(*sheet.columns, strict=True), 1)
    number, header = next(((number, cells) for number, cells in rows if any(cells)), (1, ()))
    kept = marks.kept(header)
    place = 0 if marks.only_rejected else number - 1
    yield place, [PROBLEMS, *kept(header)]
    for number, cells in rows:
        place += 1
        if marks.is_wanted(number):
            yield place, [marks.said(number), *kept(cells)]
        elif marks.only_rejected:
            place -= 1

"""A copy of what was sent, with the problems of each row: CSV as CSV, a workbook as a workbook.

Source: OWASP, CSV injection: a sender's text that a spreadsheet would run comes back inert.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from carethread.engine.records import Fault
from carethread.formats.marked import workbooks
from carethread.formats.marked.rows import PROBLEMS, Marks
from carethread.formats.settlement.files import CsvFile, CsvRows, TableFile, Unreadable, inert
from carethread.formats.settlement.parquet import ParquetFile

_BREAK = re.compile("\r\n|\r|\n")
_ZIP, _PARQUET = b"PK\x03\x04", b"PAR1"


def mark(
    source: Path, out: Path, problems: Mapping[int, Sequence[str]], *, table: str, only_rejected: bool
) -> list[Fault]:
    """Write a copy of a file with the problems of its rows; return why that cannot be done.

    `problems` has a row's number in the file -> its reasons; `table` chooses the sheet, as it did when
    the file was received. With `only_rejected` the copy has the header and the rows with problems,
    else every row, with its number. What came as Parquet goes back as CSV.
    """
    marks = Marks(problems, only_rejected=only_rejected)
    try:
        with source.open("rb") as file:
            begins = file.read(len(_ZIP))
    except OSError as error:
        say = f"the file cannot be opened: {error.strerror}"
        return [Fault(source.name, None, "", say)]
    if begins == _ZIP:
        return workbooks.mark(source, out, marks, table)
    try:
        with closing(ParquetFile(source) if begins == _PARQUET else CsvFile(source)) as table_file:
            _copy(table_file, out, marks)
    except Unreadable as unreadable:
        out.unlink(missing_ok=True)
        return [unreadable.fault]
    return []


def _copy(table: TableFile, out: Path, marks: Marks) -> None:
    kept = marks.kept(table.columns)
    with out.open("w", encoding="utf-8", newline="") as file:
        lines = _Lines(CsvRows(file))
        lines.write(1, [PROBLEMS, *kept(table.columns)])
        for row in table.rows():
            if marks.is_wanted(row.number):
                cells = [marks.said(row.number), *kept(row.cells)]
                lines.write(None if marks.only_rejected else row.number, cells)


class _Lines:
    """Writes rows so that each begins on the line it began on in the file it came from."""

    def __init__(self, rows: CsvRows) -> None:
        self._rows = rows
        self._next = 1

    def write(self, number: int | None, cells: Iterable[str]) -> None:
        """Write a row on the line of this number, or on the next one."""
        for _ in self._blank(number):
            self._rows.write([])
        shown = [inert(cell) for cell in cells]
        self._rows.write(shown)
        self._next += 1 + sum(len(_BREAK.findall(cell)) for cell in shown)

    def _blank(self, number: int | None) -> Iterator[int]:
        blank = range(self._next, self._next if number is None else number)
        self._next += len(blank)
        yield from blank

"""Columns into a CSV file, byte for byte as `files.CsvRows` writes records."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carethread.engine import units
from carethread.engine.columns.arrays import Bytes, Coded, Texts, fixed
from carethread.formats.settlement import sink_kernels as kernels
from carethread.formats.settlement.files import CsvRows
from carethread.formats.settlement.sink import Cells, empty_marks, sliced
from carethread.formats.settlement.tables import Column, Table, Type

_ROWS = 16_384
"""So many rows are put together at a time: they stay near the processor."""
_TRUTHS = Texts.of(["false", "true"])
_HOUR = 60
_SPARE = 1000
_FIRST_DAY = date(1970, 1, 1).toordinal()
_COMMA, _FEED, _RETURN = b",\n\r"
_Part = tuple[Callable[[kernels.Longs], None], Callable[[kernels.Rows, int], None]]
"""A column's cells: what adds their sizes to those of the rows, and what puts them into the rows."""


class CsvTable:
    """A table's CSV file that is being written."""

    def __init__(self, table: Table, path: Path) -> None:
        """Make the file and write its header."""
        self._columns = table.columns
        self._empty = empty_marks(table)
        self._calendars = {
            Type.DATE: _Calendar(_iso_day, hours=False),
            Type.INSTANT: _Calendar(_iso_hour, hours=True),
        }
        self._vocabularies: dict[str, tuple[Texts, Texts]] = {}
        self._out = np.empty(0, np.uint8)
        self._file = path.open("wb")
        self._file.write(",".join(column.name for column in table.columns).encode() + b"\n")

    def write(self, columns: Mapping[str, Cells], rows: int) -> None:
        """Write rows."""
        for begin in range(0, rows, _ROWS):
            end = min(rows, begin + _ROWS)
            parts = [
                self._part(column, sliced(columns[column.name], begin, end)) for column in self._columns
            ]
            self._file.writelines(self._lines(parts, end - begin))

    def finish(self) -> None:
        """Write what is carried: nothing is."""

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _part(self, column: Column, cells: Cells) -> _Part:
        if isinstance(cells, Coded):
            return _texts(cells.codes, self._vocabulary(column, cells.vocabulary))
        if isinstance(cells, Texts):
            return _texts(np.arange(len(cells)), _as_cells(cells))
        if column.type is Type.TRUTH:
            return _texts(cells, _TRUTHS)
        numbers, empty = fixed(cells, np.int64), self._empty[column.name]
        if column.type is Type.INTEGER:
            return (
                partial(kernels.add_number_sizes, numbers, empty),
                partial(kernels.put_numbers, numbers, empty),
            )
        stamps = self._calendars[column.type].stamps(numbers[numbers != empty])
        return (
            partial(kernels.add_time_sizes, numbers, empty, stamps.width),
            partial(kernels.put_times, numbers, empty, stamps),
        )

    def _lines(self, parts: list[_Part], rows: int) -> Iterator[bytes | memoryview]:
        """Yield the bytes of rows."""
        sizes = np.full(rows, len(parts), np.int64)
        for add_sizes, _ in parts:
            add_sizes(sizes)
        ends = np.cumsum(sizes)
        if ends[-1] > len(self._out):
            self._out = np.empty(ends[-1], np.uint8)
        out, at = self._out[: ends[-1]], (ends - sizes).astype(np.uint64)
        for number, (_, put) in enumerate(parts, 1):
            put(kernels.Rows(out, at), _FEED if number == len(parts) else _COMMA)
        return _returns_quoted(out, ends) if kernels.holds(out, _RETURN) else iter([out.data])

    def _vocabulary(self, column: Column, vocabulary: Texts) -> Texts:
        """Return the vocabulary as it stands in cells; the last one is remembered."""
        known = self._vocabularies.get(column.name)
        if known is None or known[0] is not vocabulary:
            known = self._vocabularies[column.name] = vocabulary, _as_cells(vocabulary)
        return known[1]


class _Calendar:
    """Days or hours as text; each is written when it is first met."""

    def __init__(self, write: Callable[[int], str], *, hours: bool) -> None:
        self._write = write
        self._hours = hours
        self._first = 0
        self._known = np.zeros(0, np.bool_)
        self._texts = np.zeros((0, len(write(0))), np.uint8)

    def stamps(self, times: kernels.Longs) -> kernels.Stamps:
        """Return the calendar with the days or hours of these times in it."""
        places = times // _HOUR if self._hours else times
        if len(places):
            self._hold(int(places.min()), int(places.max()))
            for place in kernels.unwritten(places - self._first, self._known).tolist():
                text = self._write(self._first + place).encode()
                self._texts[place] = np.frombuffer(text, np.uint8)
        texts = fixed(self._texts.reshape(-1), np.uint8)
        return kernels.Stamps(texts, self._texts.shape[1], self._first, self._hours)

    def _hold(self, low: int, high: int) -> None:
        """Make room for the days or hours from low to high, and some more."""
        end = self._first + len(self._known)
        if self._first <= low and high < end:
            return
        if len(self._known):
            low, high = min(low, self._first), max(high, end - 1)
        first = low - _SPARE
        size = high + _SPARE - first
        known, texts = np.zeros(size, np.bool_), np.zeros((size, self._texts.shape[1]), np.uint8)
        place = slice(self._first - first, end - first) if len(self._known) else slice(0, 0)
        known[place], texts[place] = self._known, self._texts
        self._first, self._known, self._texts = first, known, texts


def _iso_day(day: int) -> str:
    return date.fromordinal(_FIRST_DAY + day).isoformat()


def _iso_hour(hour: int) -> str:
    return units.iso(hour * _HOUR)


def _texts(codes: NDArray[Any], cells: Texts) -> _Part:
    codes = fixed(codes, np.int32)
    return (
        partial(kernels.add_text_sizes, codes, cells.offsets),
        partial(kernels.put_texts, codes, (cells.offsets, cells.data)),
    )


def _as_cells(texts: Texts) -> Texts:
    """Return texts as they stand in cells: formulas inert, quoted where needed."""
    ends = kernels.cell_ends(texts.offsets, texts.data)
    if ends[-1] == texts.offsets[-1] - texts.offsets[0]:
        return texts
    return Texts(ends, kernels.cell_bytes(texts.offsets, texts.data, ends))


def _returns_quoted(out: Bytes, ends: kernels.Longs) -> Iterator[bytes | memoryview]:
    """Yield the rows; one with a carriage return has every cell in quotes."""
    begin = 0
    for row in np.unique(np.searchsorted(ends, np.flatnonzero(out == _RETURN), side="right")):
        first, end = ends[row - 1] if row else 0, ends[row]
        yield out[begin:first].data
        text = io.StringIO(newline="")
        CsvRows(text).write(next(csv.reader([out[first:end].tobytes().decode()])))
        yield text.getvalue().encode()
        begin = end
    yield out[begin:].data

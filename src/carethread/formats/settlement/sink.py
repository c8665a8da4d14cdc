"""Columns into the file of a published table, CSV or Parquet: equal values, equal bytes.

Whoever writes a table, and in whatever pieces, its file depends on nothing but the values.

Source: settlement §6 and §7.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, get_type_hints

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import NONE, Coded, Texts
from carethread.formats.settlement.tables import Table, Type, natural

Numbers = NDArray[np.signedinteger[Any]] | NDArray[np.bool_]
Cells = Numbers | Coded | Texts
"""A column's cells. Texts are `Coded` or `Texts`, an empty text is an empty cell. Instants are minutes
and dates are days since 1970. An empty cell is `NONE`; of true and false, -1."""

_NO_TRUTH = -1
_NEVER = int(np.iinfo(np.int64).min)
_FIRST_DAY = date(1970, 1, 1).toordinal()


class TableFile(Protocol):
    """A table's file that is being written."""

    def write(self, columns: Mapping[str, Cells], rows: int) -> None:
        """Take rows; some may be carried until there are more."""

    def finish(self) -> None:
        """Write what is carried."""

    def close(self) -> None:
        """Let go of the file, finished or not."""


class TableSink:
    """Writes a table's columns to its file, in pieces of any size."""

    def __init__(self, table: Table, folder: Path, form: str) -> None:
        """Make the table's file: `form` is csv or parquet."""
        self._types = {column.name: column.type for column in table.columns}
        self._file = _open(table, folder / f"{table.name}.{form}", form)

    def write(self, columns: Mapping[str, Cells]) -> None:
        """Write rows: the cells of every column of the table.

        Raises:
            ValueError: if it is not every column, all of one length, text where the table has text.
        """
        sizes = {len(cells) for cells in columns.values()}
        if columns.keys() != self._types.keys() or len(sizes) != 1:
            message = "the columns are not the table's, or not of one length"
            raise ValueError(message)
        for name, cells in columns.items():
            if isinstance(cells, Coded | Texts) != (self._types[name] is Type.TEXT):
                message = f"column {name} is not of type {self._types[name].value}"
                raise ValueError(message)
        self._file.write(columns, sizes.pop())

    def close(self) -> None:
        """Write what is still to be written and let go of the file."""
        try:
            self._file.finish()
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._file.close()


def _open(table: Table, path: Path, form: str) -> TableFile:
    """Open the file; each format imports only what it needs itself."""
    if form == "parquet":
        from carethread.formats.settlement.sink_parquet import ParquetTable  # noqa: PLC0415

        return ParquetTable(table, path)
    from carethread.formats.settlement.sink_csv import CsvTable  # noqa: PLC0415

    return CsvTable(table, path)


def empty_marks(table: Table) -> dict[str, int]:
    """Return what stands in each column of numbers where a cell is empty.

    A column that is never empty can hold any number, `NONE` too.
    """
    hints = get_type_hints(table.record)
    return {
        column.name: _NO_TRUTH
        if column.type is Type.TRUTH
        else (_NEVER if hints[column.name] is int and column.type is Type.INTEGER else NONE)
        for column in table.columns
        if column.type is not Type.TEXT
    }


def sliced(cells: Cells, begin: int, end: int) -> Cells:
    """Return some of a column's cells."""
    if isinstance(cells, Coded):
        return Coded(cells.codes[begin:end], cells.vocabulary)
    if isinstance(cells, Texts):
        return Texts(cells.offsets[begin : end + 1], cells.data)
    return cells[begin:end]


def columns_of(table: Table, records: Sequence[Any]) -> dict[str, Cells]:
    """Return records as the columns of their table."""
    return {
        column.name: _cells(column.type, [natural(getattr(record, column.name)) for record in records])
        for column in table.columns
    }


def _cells(kind: Type, values: list[Any]) -> Cells:
    match kind:
        case Type.TEXT:
            return Texts.of("" if value is None else value for value in values)
        case Type.TRUTH:
            return np.array([_NO_TRUTH if value is None else value for value in values], np.int8)
        case Type.DATE:
            values = [None if value is None else value.toordinal() - _FIRST_DAY for value in values]
    return np.array([NONE if value is None else value for value in values], np.int64)

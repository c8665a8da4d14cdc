"""A published settlement back into records, table by table.

Source: settlement §6 and §7.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_type_hints

from carethread.engine import units, words
from carethread.formats.settlement.files import original
from carethread.formats.settlement.tables import LINES, Table, Type
from carethread.formats.settlement.values import moment

Wanted = Callable[[str], bool]


def read(folder: Path, table: Table, wanted: Wanted | None = None) -> Iterator[Any]:
    """Yield a table's records; with `wanted`, only those whose line id it wants.

    Raises:
        FileNotFoundError: if the folder holds no such table.
        ValueError: if the file is not a table that carethread published.
    """
    make = _maker(table)
    place = _line_id_place(table) if wanted else 0
    for row in _rows(folder, table):
        if wanted is None or wanted(row[place]):
            yield make(row)


def records(table: Table, columns: Any) -> Iterator[Any]:
    """Yield a table's records from an Arrow table with its columns, in its order."""
    make = _maker(table)
    cells = [columns.column(place).to_pylist() for place in range(len(table.columns))]
    yield from map(make, zip(*cells, strict=True))


def _line_id_place(table: Table) -> int:
    return [column.name for column in table.columns].index("line_id")


def _rows(folder: Path, table: Table) -> Iterator[Sequence[Any]]:
    """Yield rows of plain values: what CSV holds as text, what Parquet holds by nature."""
    as_csv = folder / f"{table.name}.csv"
    names = [column.name for column in table.columns]
    if as_csv.exists():
        with as_csv.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            if next(reader, None) != names:
                message = f"{as_csv.name} does not have the columns of {table.name}"
                raise ValueError(message)
            for row in reader:
                if len(row) != len(names):
                    message = f"line {reader.line_num} of {as_csv.name} is not whole"
                    raise ValueError(message)
                yield [original(cell) for cell in row]
        return
    import pyarrow.parquet as pq  # noqa: PLC0415 -- a third of a second that CSV need not pay

    with pq.ParquetFile(folder / f"{table.name}.parquet") as parquet:
        if parquet.schema_arrow.names != names:
            message = f"{table.name}.parquet does not have the columns of {table.name}"
            raise ValueError(message)
        for batch in parquet.iter_batches():
            columns = [batch.column(place).to_pylist() for place in range(len(names))]
            yield from zip(*columns, strict=True)


def _maker(table: Table) -> Callable[[Sequence[Any]], Any]:
    hints = get_type_hints(table.record)
    readers = [_reader(column.type, hints[column.name]) for column in table.columns]
    names = [column.name for column in table.columns]

    def make(row: Sequence[Any]) -> Any:
        values = {name: read(cell) for name, read, cell in zip(names, readers, row, strict=True)}
        if table is LINES:
            start = values["agreed_start"]
            values["service_on"] = units.local_date(values["check_in"] if start is None else start)
        return table.record(**values)

    return make


def _reader(kind: Type, hint: Any) -> Callable[[Any], Any]:
    match kind:
        case Type.INTEGER:
            return lambda cell: None if cell in ("", None) else int(cell)
        case Type.TRUTH:
            return lambda cell: None if cell in ("", None) else cell in (True, "true")
        case Type.DATE:
            return lambda cell: (
                cell if isinstance(cell, date | None) else date.fromisoformat(cell) if cell else None
            )
        case Type.INSTANT:
            return _instant
        case _:
            return _text_reader(hint)


def _instant(cell: Any) -> int | None:
    if cell in ("", None):
        return None
    return moment(cell)[0] if isinstance(cell, str) else units.instant_of_offset(cell)


def _text_reader(hint: Any) -> Callable[[Any], Any]:
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    if hint == tuple[words.Reason, ...]:
        return lambda cell: tuple(words.Reason(word) for word in (cell or "").split(";") if word)
    if get_args(hint):
        return _causes
    return lambda cell: cell or ""


def _causes(cell: str | None) -> tuple[tuple[words.Cause, int], ...]:
    pairs = (pair.split(":") for pair in (cell or "").split(";") if pair)
    return tuple((words.Cause(name), int(pence)) for name, pence in pairs)

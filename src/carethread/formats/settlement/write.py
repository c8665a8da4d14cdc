"""A settlement into files, CSV or Parquet: same input, same bytes.

Source: settlement §6 and §7.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from carethread.engine import units
from carethread.engine.results import Settlement
from carethread.formats.settlement.files import CsvRows, inert
from carethread.formats.settlement.tables import TABLES, WRITERS, Column, Table, Type, natural

FORMATS = ("csv", "parquet")
Progress = Callable[[str, int, int], None]


def write(settlement: Settlement, folder: Path, form: str, progress: Progress) -> None:
    """Write every table of a settlement into an empty folder."""
    for done, table in enumerate(TABLES):
        progress(f"Writing {table.name}", done, len(TABLES))
        records: Sequence[Any] = getattr(settlement, table.name)
        path = folder / f"{table.name}.{form}"
        if form == "parquet":
            write_parquet(table, records, path)
        else:
            write_csv(table, records, path)


def write_csv(table: Table, records: Iterable[Any], path: Path) -> None:
    """Write records as CSV: UTF-8, commas, one line feed a row, formulas inert."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = CsvRows(file)
        rows.write([column.name for column in table.columns])
        writers = [(column.name, _cell(column)) for column in table.columns]
        for record in records:
            rows.write([cell(getattr(record, name)) for name, cell in writers])


def _cell(column: Column) -> Callable[[Any], str]:
    write_value = WRITERS[column.type]
    if column.type is Type.TEXT:
        return lambda value: inert(write_value(value))
    return write_value


def write_parquet(table: Table, records: Iterable[Any], path: Path) -> None:
    """Write records as Parquet with natural types; instants are UTC milliseconds, shown in London."""
    import pyarrow as pa  # noqa: PLC0415 -- a third of a second that CSV need not pay
    import pyarrow.parquet as pq  # noqa: PLC0415

    types = {
        Type.TEXT: pa.string(),
        Type.INTEGER: pa.int64(),
        Type.DATE: pa.date32(),
        Type.INSTANT: pa.timestamp("ms", tz=units.LONDON.key),
        Type.TRUTH: pa.bool_(),
    }
    records = list(records)
    columns = {
        column.name: pa.array(
            [_stored(column, getattr(record, column.name)) for record in records],
            types[column.type],
        )
        for column in table.columns
    }
    pq.write_table(pa.table(columns), path)


def _stored(column: Column, value: Any) -> Any:
    value = natural(value)
    return value * 60_000 if column.type is Type.INSTANT and value is not None else value

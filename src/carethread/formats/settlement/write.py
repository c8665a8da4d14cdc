"""A settlement into files, CSV or Parquet: same input, same bytes.

Source: settlement §6 and §7.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from carethread.engine.results import Settlement
from carethread.formats.settlement.files import CsvRows, inert
from carethread.formats.settlement.tables import TABLES, WRITERS, Column, Table, Type

FORMATS = ("csv", "parquet")
Progress = Callable[[str, int, int], None]

_AT_ONCE = 50_000
"""So many records are turned into columns at a time."""


def write(settlement: Settlement, folder: Path, form: str, progress: Progress) -> None:
    """Write every table of a settlement into an empty folder."""
    for done, table in enumerate(TABLES):
        progress(f"Writing {table.name}", done, len(TABLES))
        write_table(table, getattr(settlement, table.name), folder, form)


def write_table(table: Table, records: Sequence[Any], folder: Path, form: str) -> None:
    """Write a table's records, byte for byte as `sink.TableSink` writes its columns."""
    if form == "csv":
        write_rows(table, records, folder / f"{table.name}.csv")
        return
    from carethread.formats.settlement.sink import TableSink, columns_of  # noqa: PLC0415 -- CSV needs none

    with TableSink(table, folder, form) as sink:
        for begin in range(0, len(records), _AT_ONCE):
            sink.write(columns_of(table, records[begin : begin + _AT_ONCE]))


def write_rows(table: Table, records: Iterable[Any], path: Path) -> None:
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

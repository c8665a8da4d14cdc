"""Running the engine in tests: a folder in, published tables out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from carethread.engine.records import Inputs, Period
from carethread.engine.reference.pipeline import settle
from carethread.engine.results import Settlement
from carethread.formats.settlement import tables
from carethread.formats.settlement.read import read

Rows = list[dict[str, str]]


def silent(*_: object) -> None:
    """Report no progress."""


def inputs_of(folder: Path) -> Inputs:
    """Read a folder that must have no faults."""
    reading = read(folder, silent)
    assert not reading.faults
    return reading.inputs


def settled(folder: Path, first: date, last: date) -> Settlement:
    """Settle a folder."""
    return settle(inputs_of(folder), Period(first, last), silent)


def rows(records: Sequence[object], table: tables.Table) -> Rows:
    """Return records as the rows of their CSV file."""
    return [
        {column.name: tables.written(column, getattr(record, column.name)) for column in table.columns}
        for record in records
    ]


@dataclass(frozen=True)
class Published:
    """A settlement as rows of text, by table."""

    tables: dict[str, Rows]

    def __getitem__(self, name: str) -> Rows:
        return self.tables[name]


def published(settlement: Settlement) -> Published:
    """Return every table of a settlement as rows of text."""
    return Published(
        {table.name: rows(getattr(settlement, table.name), table) for table in tables.TABLES}
    )

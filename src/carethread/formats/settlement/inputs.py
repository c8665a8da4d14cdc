"""Records into the input files of a settlement folder, as they come: size costs no memory.

Source: settlement §2 and §7.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from carethread.engine import units
from carethread.engine.records import OrderVersion, RateRow, Suspension
from carethread.formats.settlement.files import CsvRows, inert
from carethread.formats.settlement.layouts import LAYOUTS, Layout
from carethread.formats.settlement.values import day, moment, truth

_BATCH = 50_000


class InputFiles:
    """The open files of a folder that is being made; `with` closes them.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as name, InputFiles(Path(name), "csv") as files:
    ...     files.write("planned", [])
    """

    def __init__(self, folder: Path, form: str) -> None:
        """Open a file for every table, with its columns."""
        self._stack = ExitStack()
        self._files: dict[str, CsvTable | ParquetTable] = {}
        make: type[CsvTable | ParquetTable] = ParquetTable if form == "parquet" else CsvTable
        for layout in LAYOUTS:
            self._files[layout.table] = make(layout, folder)
            self._stack.enter_context(self._files[layout.table])

    def write(self, table: str, records: Iterable[Any]) -> None:
        """Add records to a table."""
        self._files[table].write(records)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)


def cells(layout: Layout, record: Any) -> list[Any]:
    """Return a record's cells by the layout's columns: natural values, None where empty."""
    special = _SPECIAL.get(layout.table, {})
    return [
        special[column.name](record) if column.name in special else getattr(record, column.name)
        for column in layout.columns
    ]


def _clock(minute: int | None) -> str | None:
    return None if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"


def _end_time(suspension: Suspension) -> str | None:
    if suspension.ends_at is None or suspension.to_on is None:
        return None
    inside = units.local_date(suspension.ends_at) == suspension.to_on
    return _clock(units.minute_of_day(suspension.ends_at)) if inside else None


def _band(place: int) -> Callable[[RateRow], str | None]:
    return lambda rate: _clock(rate.band[place]) if rate.band else None


def _start_time(order: OrderVersion) -> str | None:
    return _clock(order.start_minute)


_SPECIAL: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    "orders": {"start_time": _start_time},
    "suspensions": {
        "from_time": lambda s: _clock(units.minute_of_day(s.starts_at)),
        "to_time": _end_time,
    },
    "rates": {
        "band_from": _band(0),
        "band_to": _band(1),
        "slot": lambda rate: "any" if rate.slot is None else str(rate.slot),
    },
    "invoices": {"billed_at": lambda row: row.billed_on},
}


@dataclass(slots=True)
class CsvTable:
    """An input table being written as CSV."""

    layout: Layout
    folder: Path
    _file: Any = None
    _rows: Any = None

    def __enter__(self) -> Self:
        path = self.folder / f"{self.layout.table}.csv"
        self._file = path.open("w", encoding="utf-8", newline="")
        self._rows = CsvRows(self._file)
        self._rows.write([column.name for column in self.layout.columns])
        return self

    def write(self, records: Iterable[Any]) -> None:
        """Add records."""
        columns = self.layout.columns
        for record in records:
            self._rows.write(
                [
                    _text(column.read is moment, cell)
                    for column, cell in zip(columns, cells(self.layout, record), strict=True)
                ]
            )

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _text(is_moment: bool, cell: Any) -> str:  # noqa: FBT001 -- a private switch of one caller
    if cell is None:
        return ""
    if is_moment:
        return units.iso(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | date):
        return str(cell)
    return inert(str(cell))


class ParquetTable:
    """An input table being written as Parquet with natural types, a row group at a time."""

    def __init__(self, layout: Layout, folder: Path) -> None:
        """Remember where to write."""
        self._layout = layout
        self._path = folder / f"{layout.table}.parquet"
        self._rows: list[list[Any]] = []

    def __enter__(self) -> Self:
        import pyarrow as pa  # noqa: PLC0415 -- a third of a second that CSV need not pay
        import pyarrow.parquet as pq  # noqa: PLC0415

        instant = pa.timestamp("ms", tz=units.LONDON.key)
        by_reader: dict[object, Any] = {moment: instant, day: pa.date32(), truth: pa.bool_()}
        by_name = dict.fromkeys(_NUMBERS, pa.int64())
        self._schema = pa.schema(
            [
                (c.name, by_name.get(c.name) or by_reader.get(c.read) or pa.string())
                for c in self._layout.columns
            ]
        )
        self._writer = pq.ParquetWriter(self._path, self._schema)
        return self

    def write(self, records: Iterable[Any]) -> None:
        """Add records."""
        for record in records:
            self._rows.append(cells(self._layout, record))
            if len(self._rows) >= _BATCH:
                self._flush()

    def _flush(self) -> None:
        import pyarrow as pa  # noqa: PLC0415

        columns = list(zip(*self._rows, strict=True)) or [() for _ in self._layout.columns]
        arrays = []
        for column, field, values in zip(self._layout.columns, self._schema, columns, strict=True):
            stored = [
                value * 60_000 if column.read is moment and value is not None else value
                for value in values
            ]
            arrays.append(pa.array(stored, field.type))
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._rows.clear()

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()


_NUMBERS = (
    "minutes",
    "carers",
    "weekly_minutes",
    "amount_pence",
    "priority",
    "sequence",
    "line_no",
)

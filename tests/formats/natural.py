"""A folder of CSV as a folder of Parquet with natural types."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from carethread.engine.units import LONDON
from tests.factories.folders import COLUMNS
from tests.formats.breaking import rows_of

DATES = {"starts_on", "ends_on", "from_on", "to_on", "billed_at"}
TIMES = {"start_time", "from_time", "to_time", "band_from", "band_to"}
MOMENTS = {"planned_start", "told_at", "check_in", "check_out", "notified_at"}
TRUTHS = {"time_critical"}
NUMBERS = {"minutes", "carers", "weekly_minutes", "sequence", "amount_pence", "priority", "line_no"}
Column = Sequence[str]


@dataclass(frozen=True)
class Types:
    """Which of the natural types a folder has."""

    moment: Any
    number: Any
    time: Any
    text: Any


PLAIN = Types(pa.timestamp("us"), pa.int64(), pa.time32("s"), pa.string())
ZONED = Types(pa.timestamp("ms", tz="Europe/London"), pa.int32(), pa.time32("ms"), pa.large_string())
UTC = Types(pa.timestamp("us", tz="UTC"), pa.int16(), pa.time64("us"), pa.string())
PANDAS = Types(
    pa.timestamp("ns"), pa.float64(), pa.time64("ns"), pa.dictionary(pa.int32(), pa.string())
)
TYPES = {"plain": PLAIN, "zoned": ZONED, "utc": UTC, "as pandas writes": PANDAS}


def to_parquet(folder: Path, types: Types) -> None:
    """Turn every table of a folder into Parquet."""
    for table in COLUMNS:
        if (folder / f"{table}.csv").exists():
            table_to_parquet(folder, table, types)


def table_to_parquet(folder: Path, table: str, types: Types = PLAIN, **columns: Any) -> None:
    """Turn one table into Parquet, some columns as given."""
    rows = rows_of(folder, table)
    names = list(rows[0]) if rows else list(COLUMNS[table])
    made = {name: column(name, [row[name] for row in rows], types) for name in names}
    pq.write_table(pa.table(made | columns), folder / f"{table}.parquet")
    (folder / f"{table}.csv").unlink()


def column(name: str, cells: Column, types: Types) -> Any:
    """Return a column of natural values, empty cells as nulls (or NaN where numbers are floats)."""
    if name in NUMBERS and pa.types.is_floating(types.number):
        return pa.array([float(cell or "nan") for cell in cells], types.number)
    readers: list[tuple[set[str], Callable[[str], Any], Any]] = [
        (DATES, date.fromisoformat, pa.date32()),
        (TIMES, time.fromisoformat, types.time),
        (MOMENTS, lambda cell: moment(cell, types.moment), types.moment),
        (TRUTHS, "true".__eq__, pa.bool_()),
        (NUMBERS, int, types.number),
    ]
    for names, read, kind in readers:
        if name in names:
            return pa.array(each(cells, read), kind)
    return pa.array(each(cells, str), pa.string()).cast(types.text)


def each(cells: Column, read: Callable[[str], Any]) -> list[Any]:
    """Read the cells that are not empty."""
    return [read(cell) if cell else None for cell in cells]


def moment(cell: str, kind: Any) -> datetime:
    """Return a time as the column's type has it: London's wall time, or an instant."""
    wall = datetime.fromisoformat(cell)
    if kind.tz is None:
        return wall.astimezone(LONDON).replace(tzinfo=None) if wall.tzinfo else wall
    return wall if wall.tzinfo else wall.replace(tzinfo=LONDON)

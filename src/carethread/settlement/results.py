"""What the pipeline wrote into a folder as rows of the books, in columns.

Source: settlement §6.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from carethread.engine import units
from carethread.engine.results import Line
from carethread.engine.words import Kind
from carethread.formats.settlement import published
from carethread.formats.settlement.tables import LINES
from carethread.settlement.decided import Effect
from carethread.settlement.reading.folder import Places
from carethread.settlement.workings import workings

_INSTANT, _NUMBER = pa.timestamp("s", "UTC"), pa.int64()
_FIRST_ROW = 2
_HOUR = 3_600
_MINUTES = 60
RENAMED = {
    "line_id": "ref",
    "person_id": "person_ref",
    "order_id": "order_ref",
    "contract_id": "contract_ref",
    "visit_id": "visit_ref",
    "worker_id": "worker_ref",
}
"""Ids as the files call them, and as the books do."""


@dataclass(frozen=True, slots=True)
class Whose:
    """What every row of a run has, and how providers are known: their keys by id, and by order's id."""

    council: int
    run: int
    providers: Mapping[str, int]
    providers_of_orders: Mapping[str, int]

    def own(self, rows: int) -> dict[str, pa.Array]:
        """Return the columns that say whose rows are."""
        keys = {"council_id": self.council, "run_id": self.run}
        return {name: pa.array([key] * rows, _NUMBER) for name, key in keys.items()}


def published_lines(out: Path) -> pa.Table:
    """Return the lines with their workings as the books name columns: `provider_id` is the id still."""
    table = plain(pq.read_table(out / "lines.parquet"))
    ids, texts = workings(out / "workings.parquet")
    assert ids.equals(table["line_id"].combine_chunks()), "each line has its working"
    started = pc.coalesce(table["agreed_start"], table["check_in"])
    table = table.append_column("service_on", local_days(started))
    table = table.append_column("working", texts)
    return table.rename_columns([RENAMED.get(name, name) for name in table.column_names])


def plain(table: pa.Table) -> pa.Table:
    """Return a published table with empty texts for none, and instants in UTC."""
    columns = zip(table.column_names, table.columns, strict=True)
    return pa.table({name: _plain(column) for name, column in columns})


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string(column.type):
        return pc.fill_null(column, "")
    return column.cast(_INSTANT) if pa.types.is_timestamp(column.type) else column


def local_days(instants: pa.ChunkedArray) -> pa.Array:
    """Return the London day of each instant; clocks change on the hour."""
    hours = pc.divide(instants.cast(_NUMBER), _HOUR)
    return mapped(hours, lambda hour: units.local_date(hour * _MINUTES), pa.date32())


def mapped(column: pa.ChunkedArray, value_of: Any, kind: pa.DataType) -> pa.Array:
    """Return what a function makes of each value, asked once for each that differs; null stays null."""
    different = column.unique().drop_null()
    values = pa.array([value_of(one) for one in different.to_pylist()], kind)
    found = values.take(pc.index_in(column, different))
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def records_of(lines: pa.Table) -> Iterable[Line]:
    """Yield lines as the engine has them."""
    names = [RENAMED.get(column.name, column.name) for column in LINES.columns]
    return published.records(LINES, lines.select(names))


def with_effects(lines: pa.Table, effects: Mapping[str, Effect]) -> pa.Table:
    """Add what is due and what waits, after people's decisions."""
    held = lines["held"].combine_chunks()
    due = pc.if_else(held, pa.scalar(None, _NUMBER), lines["amount_pence"].combine_chunks())
    decision = pa.nulls(len(lines), _NUMBER)
    if effects:
        refs = pa.array(effects)
        place = pc.index_in(lines["ref"].combine_chunks(), refs)
        is_decided = pc.is_valid(place)
        told = list(effects.values())
        decision = pa.array([one.decision for one in told], _NUMBER).take(place)
        theirs = pa.array([one.due_pence for one in told], _NUMBER).take(place)
        due = pc.if_else(is_decided, theirs, due)
        held = pc.if_else(is_decided, pa.array([one.is_held for one in told]).take(place), held)
    for name, column in (("decision", decision), ("due_pence", due), ("is_held", held)):
        lines = lines.append_column(name, column)
    return lines


def digest_of(lines: pa.Table) -> str:
    """Return the SHA-256 of lines, whichever books they are in: no key of theirs takes part.

    Column by column, by name: its name, which cells are empty, then numbers as eight bytes each, the
    smallest first, or texts as their lengths and all their bytes.
    """
    found = sha256()
    for name in sorted(set(lines.column_names) - {"decision", "working"}):
        found.update(name.encode())
        for part in _bytes(lines[name].combine_chunks()):
            found.update(part)
    return found.hexdigest()


def _bytes(column: pa.Array) -> Iterator[bytes]:
    yield column.is_null().cast(pa.int8()).to_numpy(zero_copy_only=False).tobytes()
    if not pa.types.is_string(column.type):
        whole = column.cast(pa.int32()) if pa.types.is_date(column.type) else column
        numbers = pc.fill_null(whole.cast(_NUMBER), 0)
        yield numbers.to_numpy(zero_copy_only=False).astype("<i8").tobytes()
        return
    texts = pc.fill_null(column, "").cast(pa.large_string())
    yield pc.binary_length(texts).to_numpy(zero_copy_only=False).astype("<i8").tobytes()
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int64, len(texts) + 1, 8 * texts.offset)
    yield b"" if data is None else memoryview(data)[places[0] : places[-1]].tobytes()


def line_rows(lines: pa.Table, whose: Whose) -> pa.Table:
    """Return lines as rows of the books."""
    return _with_provider(lines, "provider_id", whose.providers, whose)


def week_rows(out: Path, whose: Whose) -> pa.Table:
    """Return the use of weekly hours as rows of the books."""
    table = plain(pq.read_table(out / "weekly.parquet"))
    table = table.append_column("provider_id", table["order_id"])
    table = _with_provider(table, "provider_id", whose.providers_of_orders, whose)
    return table.rename_columns([RENAMED.get(name, name) for name in table.column_names])


def _with_provider(table: pa.Table, name: str, keys: Mapping[str, int], whose: Whose) -> pa.Table:
    key = mapped(table[name], keys.__getitem__, _NUMBER)
    table = table.set_column(table.column_names.index(name), name, key)
    for own, column in whose.own(len(table)).items():
        table = table.append_column(own, column)
    return table


def finding_rows(out: Path, places: Places, whose: Whose) -> pa.Table:
    """Return findings as rows of the books. What lies outside the period is other runs' business."""
    table = plain(pq.read_table(out / "findings.parquet"))
    table = table.filter(pc.not_equal(table["kind"], Kind.OUTSIDE_PERIOD.value))
    batch, row = _places(table, places)
    renamed = {"line_ref": table["line_id"], "batch": batch, "row": row}
    kept = {name: table[name] for name in ("severity", "kind", "subject", "message")}
    return pa.table({**whose.own(len(table)), **kept, **renamed})


def _places(table: pa.Table, places: Places) -> tuple[pa.Array, pa.Array]:
    """Return the import and its row that each finding's row came from; null for both where none."""
    batch = row = pa.nulls(len(table), _NUMBER)
    file, number = table["file"].combine_chunks(), table["row"].combine_chunks()
    for name, place in places.items():
        index = pc.if_else(pc.equal(file, name), pc.subtract(number, _FIRST_ROW), None)
        its_batch, its_row = (place[one].combine_chunks().take(index) for one in ("batch", "row"))
        is_known = pc.fill_null(pc.and_(pc.is_valid(its_batch), pc.greater_equal(its_row, 1)), False)  # noqa: FBT003
        batch, row = pc.if_else(is_known, its_batch, batch), pc.if_else(is_known, its_row, row)
    return batch, row

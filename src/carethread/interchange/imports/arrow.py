"""A table of a file in Arrow, read in bulk where it is large and row by row where it is small.

Texts are strings, instants whole seconds since 1970, days days since 1970; nothing is null but what is
empty and not text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from carethread.engine.records import Fault, Finding
from carethread.formats.settlement import values
from carethread.formats.settlement.layouts import Cells, Column, Layout
from carethread.formats.settlement.reading import Progress, read_table

LARGE = 4 << 20
"""Bytes from which a file is read in bulk: below, compiled code takes longer to load than to save."""
_EPOCH = date(1970, 1, 1)
NUMBER = "number"
"""The column with the rows' numbers in the file."""


@dataclass(frozen=True, slots=True)
class ArrowRead:
    """What came out of a file: its good rows, what is wrong with others, how many rows it had."""

    table: pa.Table
    faults: Sequence[Fault]
    findings: Sequence[Finding]
    rows: int


def read(layout: Layout, folder: Path, progress: Progress) -> ArrowRead:
    """Read a table's file, whatever its format and size."""
    size = sum(path.stat().st_size for path in folder.glob(f"{layout.table}.*"))
    return _in_bulk(layout, folder, progress) if size >= LARGE else _by_rows(layout, folder, progress)


def _by_rows(layout: Layout, folder: Path, progress: Progress) -> ArrowRead:
    kept: list[Cells] = []
    numbers: list[int] = []

    def build(row: int, cells: Cells) -> object:
        numbers.append(row)
        kept.append(cells)
        return None

    found = read_table(_built(layout, build), folder, progress)
    columns = {one.name: _array(one, [cells[one.name] for cells in kept]) for one in layout.columns}
    table = pa.table({NUMBER: pa.array(numbers, pa.int64()), **columns})
    return ArrowRead(table, found.faults, found.findings, found.rows)


def _built(layout: Layout, build: Any) -> Layout:
    return Layout(
        table=layout.table,
        council=layout.council,
        required=layout.required,
        subject=layout.subject,
        columns=layout.columns,
        misfits=layout.misfits,
        build=build,
    )


def _array(column: Column, cells: Sequence[Any]) -> pa.Array:
    if column.read is values.moment:
        return pa.array([None if one is None else 60 * one for one in cells], pa.int64())
    if column.read is values.day:
        return pa.array([None if one is None else (one - _EPOCH).days for one in cells], pa.int64())
    if isinstance(column.read, values.Whole):
        return pa.array(cells, pa.int64())
    return pa.array(["" if one is None else str(one) for one in cells], pa.string())


def _in_bulk(layout: Layout, folder: Path, progress: Progress) -> ArrowRead:
    from carethread.formats.settlement.bulk import read_bulk  # noqa: PLC0415 -- loads compiled code

    found = read_bulk(layout, folder, progress)
    columns = {one.name: _of_bulk(one, found.columns[one.name]) for one in layout.columns}
    table = pa.table({NUMBER: pa.array(found.numbers, pa.int64()), **columns})
    return ArrowRead(table, found.faults, found.findings, found.rows)


def _of_bulk(column: Column, made: Any) -> pa.Array:
    from carethread.engine.columns.arrays import NONE, Coded, Texts  # noqa: PLC0415

    if isinstance(made, Texts):
        return _texts(made)
    if isinstance(made, Coded):
        vocabulary = pa.concat_arrays([_texts(made.vocabulary), pa.array([""], pa.large_string())])
        codes = np.where(made.codes < 0, len(made.vocabulary), made.codes)
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), vocabulary)
    if isinstance(column.read, values.OneOf):
        words = pa.array([*column.read.known, ""], pa.large_string())
        codes = np.where(made < 0, len(column.read.known), made).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), words)
    times = 60 if column.read is values.moment else 1
    return pa.array(times * made.astype(np.int64), pa.int64(), mask=made == NONE)


def _texts(made: Any) -> pa.Array:
    buffers = [None, pa.py_buffer(made.offsets), pa.py_buffer(made.data)]
    return pa.Array.from_buffers(pa.large_string(), len(made), buffers)

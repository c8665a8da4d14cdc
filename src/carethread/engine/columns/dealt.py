"""Rows of columns put together by the place that each goes to, those of one place in their order.

Cells are read as they stand and written to a few places at once, which is ten times as fast as looking
for the rows of each place all over memory.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Bytes, Coded, Ints, Longs, Texts
from carethread.engine.columns.compiled import compiled


@compiled
def ways(places: Ints, count: int) -> tuple[Longs, Longs]:
    """Return where the rows of each place begin, and the end of the last; and where each row goes."""
    begin = np.zeros(count + 1, np.int64)
    for place in places:
        begin[place + 1] += 1
    for place in range(count):
        begin[place + 1] += begin[place]
    upto, to = begin.copy(), np.empty(len(places), np.int64)
    for row in range(len(places)):
        to[row] = upto[places[row]]
        upto[places[row]] += 1
    return begin, to


@compiled
def _texts(offsets: Longs, data: Bytes, to: Longs) -> tuple[Longs, Bytes]:
    ends = np.zeros(len(to) + 1, np.int64)
    for row in range(len(to)):
        ends[to[row] + 1] = offsets[row + 1] - offsets[row]
    for row in range(len(to)):
        ends[row + 1] += ends[row]
    out = np.empty(ends[-1], np.uint8)
    for row in range(len(to)):
        at, begin = ends[to[row]], offsets[row]
        for k in range(offsets[row + 1] - begin):
            out[at + k] = data[begin + k]
    return ends, out


def moved(columns: Mapping[str, Any], to: Longs) -> dict[str, Any]:
    """Return columns with each row where it goes."""
    return {name: _moved(cells, to) for name, cells in columns.items()}


def _moved(cells: Any, to: Longs) -> Any:
    if isinstance(cells, Texts):
        return Texts(*_texts(cells.offsets, cells.data, to))
    if isinstance(cells, Coded):
        return Coded(_moved(cells.codes, to), cells.vocabulary)
    out: NDArray[Any] = np.empty_like(cells)
    out[to] = cells
    return out


@compiled
def side_by_side(columns: NDArray[np.int32], to: Longs) -> NDArray[np.int32]:
    """Return rows of numbers, of columns that are rows: each where it goes."""
    out = np.empty((columns.shape[1], columns.shape[0]), np.int32)
    for row in range(len(to)):
        for column in range(len(columns)):
            out[to[row], column] = columns[column, row]
    return out

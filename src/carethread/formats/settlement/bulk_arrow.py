"""Columns of Arrow as they lie in memory: numpy looks at them, and nothing is imported for it."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Bytes, fixed
from carethread.formats.settlement.bulk_batches import Cut
from carethread.formats.settlement.bulk_kernels import Truths
from carethread.formats.settlement.cell_kernels import NONE_NULL

Numbers = NDArray[np.int64]


def spans(cells: Any) -> tuple[Bytes, Numbers, Numbers]:
    """Return the bytes of a column of text, and where each cell's begin and end; none for no text."""
    if isinstance(cells, Cut):
        return cells.data, cells.begins, cells.ends
    data, offsets = buffers(filled(cells))
    return data, offsets[:-1].copy(), offsets[1:].copy()


def filled(texts: Any) -> Any:
    """Return an Arrow column of long text in which an empty text stands for null."""
    texts = texts.cast(pa.large_string())
    return texts.fill_null("") if texts.null_count else texts


def buffers(texts: Any) -> tuple[Bytes, Numbers]:
    """Return the bytes and the offsets of an Arrow column of long text without nulls."""
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int64, len(texts) + 1, 8 * texts.offset)
    return np.frombuffer(data or b"", np.uint8), places


def plain(cells: Any, kind: type) -> NDArray[Any]:
    """Return the numbers of an Arrow column; any number where a cell is null."""
    _, numbers = cells.buffers()
    count, size = len(cells), np.dtype(kind).itemsize
    return fixed(np.frombuffer(numbers or b"", kind, count, size * cells.offset), kind)


def nulls(cells: Any) -> Truths:
    """Say which cells are null, without rows where none is."""
    if not cells.null_count:
        return NONE_NULL
    begin, end = cells.offset, cells.offset + len(cells)
    bits = np.frombuffer(cells.buffers()[0], np.uint8)[: (end + 7) // 8]
    return np.unpackbits(bits, count=end, bitorder="little")[begin:] == 0

"""Columns into a Parquet file, in row groups of one size, whatever the pieces they came in.

Source: settlement §6.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from carethread.engine import units
from carethread.engine.columns.arrays import Coded, Ints, Texts, fixed
from carethread.formats.settlement.sink import Cells, empty_marks, sliced
from carethread.formats.settlement.tables import Column, Table, Type

GROUP = 131_072
"""The rows of a row group."""

TYPES = {
    Type.TEXT: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.DATE: pa.date32(),
    Type.INSTANT: pa.timestamp("ms", tz=units.LONDON.key),
    Type.TRUTH: pa.bool_(),
}
_CODED = pa.dictionary(pa.int32(), pa.string())
_SELDOM_TWICE = frozenset({
    *("line_id", "visit_id", "check_in", "check_out", "row", "subject", "message"),
    *("invoice_id", "group_id", "causes", "candidates"),
})  # fmt: skip
"""Columns whose values seldom stand there twice: they are written as they are, the others by number."""
_SORTED = "person_id"
_MILLISECONDS = 60_000
_NO_TEXT = -1


class ParquetTable:
    """A table's Parquet file that is being written."""

    def __init__(self, table: Table, path: Path) -> None:
        """Make the file. Its schema says that coded texts are texts."""
        self._columns = table.columns
        self._empty = empty_marks(table)
        self._carried: dict[str, list[Cells]] = {column.name: [] for column in table.columns}
        self._rows = 0
        shown = pa.schema([(column.name, TYPES[column.type]) for column in table.columns])
        self._schema = pa.schema([(column.name, _stored(column)) for column in table.columns])
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            store_schema=False,
            compression="snappy",
            use_dictionary=[
                column.name
                for column in table.columns
                if column.name not in _SELDOM_TWICE and column.type is not Type.TRUTH
            ],
            write_statistics=[
                column.name
                for column in table.columns
                if column.name == _SORTED or _stored(column) is not _CODED
            ],
            write_batch_size=GROUP,
        )
        self._writer.add_key_value_metadata({"ARROW:schema": base64.b64encode(shown.serialize())})

    def write(self, columns: Mapping[str, Cells], rows: int) -> None:
        """Take rows, and write the row groups that are full."""
        begin = 0
        while begin < rows:
            end = min(rows, begin + GROUP - self._rows)
            for name, cells in columns.items():
                self._carried[name].append(sliced(cells, begin, end))
            self._rows += end - begin
            begin = end
            if self._rows == GROUP:
                self.finish()
        for pieces in self._carried.values():
            pieces[-1:] = map(_copied, pieces[-1:])

    def finish(self) -> None:
        """Write what is carried as a row group."""
        if not self._rows:
            return
        arrays = [self._array(column, self._carried[column.name]) for column in self._columns]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema), GROUP)
        for pieces in self._carried.values():
            pieces.clear()
        self._rows = 0

    def close(self) -> None:
        """Write the footer and let go of the file."""
        self._writer.close()

    def _array(self, column: Column, pieces: list[Any]) -> pa.Array:
        if column.type is not Type.TEXT:
            return _numbers(column.type, np.concatenate(pieces), self._empty[column.name])
        return _coded(pieces) if _stored(column) is _CODED else _plain(pieces)


def _stored(column: Column) -> pa.DataType:
    is_coded = column.type is Type.TEXT and column.name not in _SELDOM_TWICE
    return _CODED if is_coded else TYPES[column.type]


def _copied(cells: Cells) -> Cells:
    """Return cells that outlast those they were taken from."""
    if isinstance(cells, Coded):
        return Coded(cells.codes.copy(), cells.vocabulary)
    if isinstance(cells, Texts):
        begin, end = cells.offsets[0], cells.offsets[-1]
        return Texts(cells.offsets - begin, cells.data[begin:end].copy())
    return cells.copy()


def _valid(is_empty: NDArray[np.bool_]) -> pa.Buffer | None:
    if not is_empty.any():
        return None
    return pa.py_buffer(np.packbits(~is_empty, bitorder="little"))


def _numbers(kind: Type, numbers: NDArray[Any], empty: int) -> pa.Array:
    if kind in (Type.INTEGER, Type.INSTANT):
        return _wide(kind, numbers, empty)
    is_truth = kind is Type.TRUTH
    values = np.packbits(numbers > 0, bitorder="little") if is_truth else numbers.astype(np.int32)
    buffers = [_valid(numbers == empty), pa.py_buffer(values)]
    return pa.Array.from_buffers(TYPES[kind], len(numbers), buffers)


def _wide(kind: Type, numbers: NDArray[Any], empty: int) -> pa.Array:
    from carethread.formats.settlement.sink_kernels import widened  # noqa: PLC0415 -- it compiles

    times = _MILLISECONDS if kind is Type.INSTANT else 1
    few_kinds = fixed(numbers, np.int32 if numbers.dtype == np.int32 else np.int64)
    values, bits, has_empty = widened(few_kinds, empty, times)
    buffers = [pa.py_buffer(bits) if has_empty else None, pa.py_buffer(values)]
    return pa.Array.from_buffers(TYPES[kind], len(numbers), buffers)


def _strings(texts: Texts) -> pa.Array:
    """Return texts; an empty one is null."""
    begin, end = int(texts.offsets[0]), int(texts.offsets[-1])
    offsets = texts.offsets - begin
    if end - begin > np.iinfo(np.int32).max:
        message = "a row group's texts are more than Parquet readers take"
        raise ValueError(message)
    buffers = [
        _valid(offsets[1:] == offsets[:-1]),
        pa.py_buffer(offsets.astype(np.int32)),
        pa.py_buffer(texts.data[begin:end]),
    ]
    return pa.Array.from_buffers(pa.string(), len(texts), buffers)


def _gathered(codes: Ints, vocabulary: Texts) -> Texts:
    """Return the texts that the codes stand for."""
    from carethread.formats.settlement.sink_kernels import gathered  # noqa: PLC0415 -- it compiles

    return Texts(*gathered(fixed(codes, np.int32), vocabulary.offsets, vocabulary.data))


def _runs(pieces: Sequence[Any]) -> Iterator[Coded | Texts]:
    """Yield the pieces; those that follow each other and share a vocabulary, or have none, as one."""
    for _, run in groupby(pieces, lambda piece: id(getattr(piece, "vocabulary", None))):
        first, *others = run
        if not others:
            yield first
        elif isinstance(first, Coded):
            yield Coded(
                np.concatenate([first.codes, *(piece.codes for piece in others)]), first.vocabulary
            )
        else:
            yield _end_to_end([first, *others])


def _end_to_end(pieces: Sequence[Texts]) -> Texts:
    sizes = np.concatenate([np.diff(piece.offsets) for piece in pieces])
    data = [piece.data[piece.offsets[0] : piece.offsets[-1]] for piece in pieces]
    return Texts(np.concatenate([[0], np.cumsum(sizes)]), np.concatenate(data))


def _plain(pieces: Sequence[Coded | Texts]) -> pa.Array:
    """Return texts as they are."""
    texts = [
        _gathered(run.codes, run.vocabulary) if isinstance(run, Coded) else run for run in _runs(pieces)
    ]
    return pa.concat_arrays(map(_strings, texts))


def _coded(pieces: Sequence[Coded | Texts]) -> pa.Array:
    """Return texts as numbers in a dictionary, which has them in order of first appearance."""
    runs = [_numbered(run) for run in _runs(pieces)]
    texts = pa.concat_arrays([used for _, used in runs]).dictionary_encode()
    found = runs[0][0]
    if len(runs) > 1 or len(texts.dictionary) < len(texts):
        found = _agreed(runs, _places(texts.indices))
    indices = pa.Array.from_buffers(
        pa.int32(), len(found), [_valid(found == _NO_TEXT), pa.py_buffer(found)]
    )
    return pa.DictionaryArray.from_arrays(indices, texts.dictionary)


def _places(indices: pa.Array) -> Ints:
    """Return Arrow's numbers as they lie in memory, which imports nothing."""
    return np.frombuffer(indices.buffers()[1] or b"", np.int32, len(indices), 4 * indices.offset)


def _agreed(runs: Sequence[tuple[Ints, pa.Array]], places: Ints) -> Ints:
    """Return the numbers of all runs, by what the places say of the texts of each, end to end."""
    found = []
    for numbers, used in runs:
        found.append(np.append(places[: len(used)], np.int32(_NO_TEXT))[numbers])
        places = places[len(used) :]
    return np.concatenate(found)


def _numbered(texts: Coded | Texts) -> tuple[Ints, pa.Array]:
    """Number texts by first appearance: the numbers, -1 where empty, and the texts."""
    if isinstance(texts, Texts):
        found = _strings(texts).dictionary_encode()
        indices = found.indices.fill_null(_NO_TEXT) if found.indices.null_count else found.indices
        return _places(indices), found.dictionary
    from carethread.formats.settlement.sink_kernels import renumbered  # noqa: PLC0415 -- it compiles

    numbers, used = renumbered(texts.codes, texts.vocabulary.offsets)
    return numbers, _strings(_gathered(used, texts.vocabulary))

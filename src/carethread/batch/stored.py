"""Columns of the compiled engine in files of Arrow, as they are: nothing is read anew.

An empty code is null there, every other cell stands as `engine.columns.arrays` has it.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from carethread.engine.columns.arrays import Coded, Texts
from carethread.engine.columns.merge import between, length

Columns = Mapping[str, Any]
ENDING = ".arrows"
_TEXT = pa.large_string()
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_AS_IT_IS = pa.ipc.IpcWriteOptions()


def arrow(columns: Columns) -> Any:
    """Return columns as a batch of Arrow."""
    return pa.record_batch({name: _array(cells) for name, cells in columns.items()})


def _array(cells: Any) -> Any:
    if isinstance(cells, Texts):
        buffers = [None, pa.py_buffer(cells.offsets), pa.py_buffer(cells.data)]
        return pa.Array.from_buffers(_TEXT, len(cells), buffers)
    if isinstance(cells, Coded):
        is_there = cells.codes >= 0
        bits = None if is_there.all() else np.packbits(is_there, bitorder="little")
        return pa.DictionaryArray.from_arrays(_ints(cells.codes, bits), _array(cells.vocabulary))
    return _ints(cells)


def _ints(numbers: Any, valid: Any = None) -> Any:
    """Return numbers as Arrow has them; its own way imports pandas wherever that is installed."""
    bits = None if valid is None else pa.py_buffer(valid)
    buffers = [bits, pa.py_buffer(np.ascontiguousarray(numbers))]
    return pa.Array.from_buffers(pa.from_numpy_dtype(numbers.dtype), len(numbers), buffers)


def columns_of(table: Any) -> dict[str, Any]:
    """Return a table of Arrow as columns that are nobody else's."""
    table = table.unify_dictionaries()
    return {name: _cells(table[name]) for name in table.column_names}


def _cells(column: Any) -> Any:
    chunks, kind = column.chunks, column.type
    if pa.types.is_dictionary(kind):
        codes = map(_codes, chunks)
        vocabulary = chunks[0].dictionary if chunks else pa.nulls(0, _TEXT)
        return Coded(np.concatenate([np.zeros(0, np.int32), *codes]), _texts([vocabulary]))
    if kind == _TEXT:
        return _texts(chunks)
    kind = np.dtype(kind.to_pandas_dtype())
    return np.concatenate([np.zeros(0, kind), *(_numbers(chunk, kind) for chunk in chunks)])


def _numbers(array: Any, kind: Any) -> Any:
    """Return Arrow's numbers as they lie in memory."""
    data = array.buffers()[1] or b""
    return np.frombuffer(data, kind, len(array), kind.itemsize * array.offset)


def _codes(array: Any) -> Any:
    """Return the codes of a column of a dictionary, -1 where it is empty."""
    indices = array.indices
    codes = _numbers(indices, np.dtype(np.int32))
    if not indices.null_count:
        return codes
    bits = np.frombuffer(indices.buffers()[0], np.uint8)
    valid = np.unpackbits(bits, bitorder="little")[indices.offset : indices.offset + len(codes)]
    return np.where(valid, codes, np.int32(-1))


def _texts(chunks: list[Any]) -> Texts:
    whole = pa.concat_arrays([pa.nulls(0, _TEXT), *chunks])
    _, offsets, data = whole.buffers()
    ends = np.frombuffer(offsets, np.int64, len(whole) + 1, 8 * whole.offset)
    begin, end = int(ends[0]), int(ends[-1])
    return Texts(ends - begin, np.frombuffer(data or b"", np.uint8)[begin:end])


class ColumnsFile:
    """A file of columns that is being written, some rows at a time."""

    def __init__(self, path: Path, schema: Any) -> None:
        """Make the file."""
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_stream(self._file, schema, options=_OPTIONS)

    def write(self, batch: Any) -> None:
        """Write a batch of Arrow."""
        self._writer.write_batch(batch)

    def close(self) -> None:
        """Let go of the file."""
        self._writer.close()
        self._file.close()


def write(path: Path, table: Any) -> None:
    """Write a table, or a batch, of Arrow."""
    with closing(ColumnsFile(path, table.schema)) as file:
        for batch in table.to_batches() if isinstance(table, pa.Table) else [table]:
            file.write(batch)


def append(path: Path, batch: Any, options: Any = _OPTIONS) -> int:
    """Write a batch of Arrow behind what the file holds, if it is there; return where it begins.

    Nothing is held open: there may be more buckets than files that a process may have open.
    """
    with path.open("ab") as file:
        begin = file.tell()
        with pa.ipc.new_stream(file, batch.schema, options=options) as stream:
            stream.write_batch(batch)
    return begin


class Shelved:
    """Tables that are kept in a file until they are merged, each in pieces."""

    def __init__(self, path: Path) -> None:
        """Keep them in a file that is not there yet."""
        self._path = path

    def add(self, columns: Columns, rows: int) -> Iterator[dict[str, Any]]:
        """Keep a table, so many rows at a time; return what reads it again, piece by piece."""
        begins = [
            append(self._path, arrow(between(columns, begin, begin + rows)), _AS_IT_IS)
            for begin in range(0, length(columns), rows)
        ]
        return map(self._piece, begins)

    def _piece(self, begin: int) -> dict[str, Any]:
        with pa.OSFile(str(self._path), "rb") as file:
            file.seek(begin)
            return columns_of(pa.ipc.open_stream(file).read_all())


def read(path: Path) -> Any:
    """Return a file's table of Arrow.

    Raises:
        OSError, ArrowException: if it is not such a file.
    """
    return pa.concat_tables(stream.read_all() for stream in _streams(path))


def pieces(path: Path) -> Iterator[dict[str, Any]]:
    """Yield a file's columns, as many rows at a time as were written."""
    for stream in _streams(path):
        for batch in stream:
            yield columns_of(pa.Table.from_batches([batch]))


def _streams(path: Path) -> Iterator[Any]:
    size = path.stat().st_size
    with pa.OSFile(str(path), "rb") as file:
        while file.tell() < size:
            yield pa.ipc.open_stream(file)

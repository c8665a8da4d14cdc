"""A table's file in batches of Arrow columns, each with a way to read some of its rows one by one.

`csv_batches` and `parquet_batches` are fast. They raise one of `UNSURE` where they cannot vouch for
every row; `row_batches` then reads the file anew, and says what is wrong with it.
"""

import codecs
import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Bytes, Ints
from carethread.formats.settlement.bulk_kernels import Truths, gather, split
from carethread.formats.settlement.files import Row, TableFile, Unreadable, original
from carethread.formats.settlement.parquet import ParquetFile, as_text
from carethread.kit.threads import in_turn, threads

_BLOCK = 1 << 24
"""Bytes of CSV that are looked at together."""
_ROWS = 1 << 17
"""Rows that are read together."""
_LARGE = 1 << 20
"""Rows of a row group that is too large to be held whole."""
_AHEAD = 4
"""Pieces of Parquet that are decoded ahead, on however many processors: each takes memory."""


class NotPlain(Exception):
    """The file holds something that only the careful reader can judge."""


UNSURE = (NotPlain, UnicodeDecodeError, csv.Error, OSError, pa.ArrowException)


@dataclass(frozen=True, slots=True)
class Cut:
    """A column of texts that stand somewhere in the bytes of a file."""

    data: Bytes
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]

    def arrow(self) -> Any:
        """Return the texts as an Arrow column."""
        offsets = np.zeros(len(self.begins) + 1, np.int64)
        np.cumsum(self.ends - self.begins, out=offsets[1:])
        texts: Bytes = np.empty(offsets[-1], np.uint8)
        gather(self.data, self.begins, offsets, texts)
        return pa.LargeStringArray.from_buffers(
            len(self.begins), pa.py_buffer(offsets), pa.py_buffer(texts)
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows: their numbers, and their cells as they stand in the file.

    `columns` are Arrow arrays or cuts, by the column's place in the file. A row that is `odd` has to be
    read by itself, and may be blank; `rows` reads rows by their places in the batch. `part_read` is how
    much of the file has been read, from 0 to 1.
    """

    numbers: Ints
    odd: Truths
    columns: Mapping[int, Any]
    rows: Callable[[NDArray[np.intp]], Iterable[Row]]
    part_read: float


def csv_batches(path: Path, width: int, wanted: Collection[int]) -> Iterator[Batch]:
    """Yield the rows of a CSV file with a sound header of so many columns.

    Raises:
        NotPlain: if the csv module would find fault, or might.
    """
    rows = _CsvRows(width, wanted)
    size = path.stat().st_size or 1
    done, is_headed = 0, False
    with path.open("rb") as file:
        data = file.read(_BLOCK)
        is_last = len(data) < _BLOCK
        data = data.removeprefix(codecs.BOM_UTF8)
        while data:
            used = rows.split(data, is_last=is_last)
            done += used
            first = 0 if is_headed else rows.after_header(data)
            is_headed = is_headed or first > 0
            yield rows.batch(data, first, min(1.0, done / size))
            data = data[used:]
            more = file.read(_BLOCK - len(data))
            is_last = len(data) + len(more) < _BLOCK
            data += more


def clean(cell: str) -> str:
    """Return a cell of CSV as it is read: without blanks around it, or an apostrophe."""
    return original(cell.strip())


class _CsvRows:
    """Room for the rows of a block of CSV, and for their cells in the wanted columns."""

    def __init__(self, width: int, wanted: Collection[int]) -> None:
        self.count = 0
        self._line = 1
        self._wanted = wanted
        self._kept = np.full(width, -1, np.int64)
        self._kept[list(wanted)] = range(len(wanted))
        self._begins, self._ends = np.zeros((2, len(wanted), _ROWS), np.int64)
        self._spans = np.zeros((_ROWS, 2), np.int64)
        self._numbers = np.zeros(_ROWS, np.int32)
        self._odd = np.zeros(_ROWS, np.bool_)

    def split(self, data: bytes, *, is_last: bool) -> int:
        """Find the rows of a block; return how many of its bytes they are."""
        self.count, used, self._line, is_good = split(
            np.frombuffer(data, np.uint8),
            is_last,
            self._line,
            self._kept,
            csv.field_size_limit(),
            self._begins,
            self._ends,
            self._spans,
            self._numbers,
            self._odd,
        )
        if not is_good or not used:
            raise NotPlain
        if not data.isascii():
            data[:used].decode()
        return used

    def after_header(self, data: bytes) -> int:
        """Return the place behind the first row that is not blank; 0 if there is none."""
        rows = self._some(data, range(self.count))
        return next((place for place, row in enumerate(rows, 1) if any(row.cells)), 0)

    def batch(self, data: bytes, first: int, part_read: float) -> Batch:
        """Return the rows from the first on."""
        these, read = slice(first, self.count), np.frombuffer(data, np.uint8)
        columns = {
            place: Cut(read, self._begins[kept, these], self._ends[kept, these])
            for kept, place in enumerate(self._wanted)
        }
        return Batch(
            self._numbers[these],
            self._odd[these],
            columns,
            lambda which: self._some(data, which + first),
            part_read,
        )

    def _some(self, data: bytes, which: Iterable[int]) -> Iterator[Row]:
        """Read some rows of the block one by one."""
        for place in which:
            begin, end = self._spans[place]
            text = io.StringIO(data[begin:end].decode(), newline="")
            cells = next(csv.reader(text, strict=True))
            yield Row(int(self._numbers[place]), [clean(cell) for cell in cells])


def parquet_batches(
    path: Path, table: ParquetFile, wanted: Collection[int], few: Collection[int]
) -> Iterator[Batch]:
    """Yield the rows of a Parquet file with a sound header; texts are coded in the `few` columns."""
    schema = table.schema
    coded = [schema.names[place] for place in few if _is_text(schema.field(place).type)]
    number, last = 2, (table.metadata.num_rows or 1) + 1
    for batch in _decoded(path, coded, table):
        numbers = np.arange(number, number + batch.num_rows, dtype=np.int32)
        number += batch.num_rows
        yield Batch(
            numbers,
            np.zeros(batch.num_rows, np.bool_),
            {place: batch.column(place) for place in wanted},
            _ParquetRows(table, batch, numbers).some,
            (number - 1) / last,
        )


def _decoded(path: Path, coded: Sequence[str], table: ParquetFile) -> Iterator[Any]:
    """Yield a file's rows, some at a time; row groups are decoded ahead, several at once."""

    def opened() -> Any:
        return pq.ParquetFile(path, metadata=table.metadata, read_dictionary=coded)

    def read(groups: Sequence[int]) -> list[Any]:
        with opened() as file:
            rows = file.read_row_groups(groups, use_threads=False)
        return list(_vouched(rows.unify_dictionaries().combine_chunks().to_batches(), table))

    sizes = [table.metadata.row_group(group).num_rows for group in range(table.metadata.num_row_groups)]
    if max(sizes, default=0) > _LARGE:
        with opened() as file:
            yield from _vouched(file.iter_batches(_ROWS, use_threads=False), table)
        return
    ahead = min(threads(), _AHEAD)
    with ThreadPoolExecutor(ahead) as pool:
        for batches in in_turn(pool, ahead)(read, _pieces(sizes)):
            yield from batches


def _pieces(sizes: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the places of neighbouring row groups that are read together, as they have so many rows."""
    piece: list[int] = []
    rows = 0
    for group, size in enumerate(sizes):
        if piece and rows + size > _ROWS:
            yield piece
            piece, rows = [], 0
        piece.append(group)
        rows += size
    if piece:
        yield piece


def _vouched(batches: Iterable[Any], table: ParquetFile) -> Iterator[Any]:
    """Yield the batches in which every column that is used can be read as text."""
    for batch in batches:
        for place, name in enumerate(table.columns):
            if name not in table.unusable:
                _vouch(batch.column(place))
        yield batch


@dataclass(frozen=True, slots=True)
class _ParquetRows:
    table: ParquetFile
    batch: Any
    numbers: Ints

    def some(self, which: NDArray[np.intp]) -> Iterator[Row]:
        """Read some rows of the batch one by one."""
        cells = self.table.cells(self.batch.take(pa.array(which)))
        for number, row in zip(self.numbers[which].tolist(), cells, strict=True):
            yield Row(number, row)


def _vouch(column: Any) -> None:
    """Raise an error if the careful reader would, which reads the cells of every column as text.

    It cannot read text that is not UTF-8, times in a zone nobody knows, and some far from our own.
    """
    kind = column.type
    is_coded = pa.types.is_dictionary(kind)
    if is_coded or is_text(column):
        column.validate(full=True)
    if is_coded:
        column, kind = column.dictionary, kind.value_type
    if pa.types.is_timestamp(kind):
        _vouch_zone(kind)
        near = _NEAR * _A_SECOND[kind.unit]
        times = np.frombuffer(column.buffers()[1] or b"", np.int64, len(column), 8 * column.offset)
        is_far = (times < -near) | (times > near)
        if is_far.any():
            as_text(column.filter(pa.array(is_far)))


@cache
def _vouch_zone(kind: Any) -> None:
    as_text(pa.Array.from_buffers(kind, 1, [None, pa.py_buffer(bytes(8))]))


_NEAR = 1 << 33
"""Seconds: the years from 1698 to 2242."""
_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def distinct(column: Any) -> Any:
    """Return a column as a vocabulary of its values and each value's place in it."""
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def is_text(column: Any) -> bool:
    """Say whether a column holds text as such."""
    return isinstance(column, Cut) or _is_text(column.type)


def _is_text(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def row_batches(table: TableFile) -> Iterator[Batch]:
    """Yield the rows of any file, each to be read by itself.

    Raises:
        Unreadable: if the file stops making sense, after the rows before.
    """
    gathered: list[Row] = []
    try:
        for row in table.rows():
            gathered.append(row)
            if len(gathered) == _ROWS:
                yield _of_rows(gathered, table)
                gathered = []
    except (Unreadable, OSError):
        yield _of_rows(gathered, table)
        raise
    yield _of_rows(gathered, table)


def _of_rows(rows: list[Row], table: TableFile) -> Batch:
    numbers = np.array([row.number for row in rows], np.int32)
    odd = np.ones(len(rows), np.bool_)
    return Batch(numbers, odd, {}, lambda _: rows, table.part_read())

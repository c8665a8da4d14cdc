"""Published tables of many buckets as one: sorted rows, merged some at a time.

Source: settlement §6 and §7: the order of rows of each table.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Coded, Ints, Longs, Pair, Texts, fixed
from carethread.engine.columns.compiled import bare, compiled
from carethread.engine.columns.texts import compare, gather, taken

Columns = Mapping[str, Any]
ORDERED_BY: Mapping[str, Sequence[str]] = {
    "findings": ("kind", "subject", "line_id", "file", "message", "row"),
    "weekly": ("order_id", "week_starting"),
    "invoice_lines": ("invoice_id", "line_no"),
    "claim_groups": ("group_id",),
    "unclaimed": ("line_id",),
}
"""The columns that published rows are sorted by. Lines and workings are in order of their persons."""
BLOCK = 1 << 12
"""How many rows of each bucket's table are looked at together."""
_IS_TEXT = (False, True, True, False, True, False)
"""What compiled code compares: a number, two texts, a number, a text, a number."""


def length(columns: Columns) -> int:
    """Return how many rows a table has."""
    return len(next(iter(columns.values())))


def rows(columns: Columns, which: NDArray[Any]) -> dict[str, Any]:
    """Return some rows of a table."""
    return {name: taken(cells, which) for name, cells in columns.items()}


def between(columns: Columns, begin: int, end: int) -> Columns:
    """Return the rows from one to another, or to the last, of a table; what they hold is not copied."""
    end = min(end, length(columns))
    return {name: _between(cells, begin, end) for name, cells in columns.items()}


def _between(cells: Any, begin: int, end: int) -> Any:
    if isinstance(cells, Texts):
        return Texts(cells.offsets[begin : end + 1], cells.data)
    if isinstance(cells, Coded):
        return Coded(cells.codes[begin:end], cells.vocabulary)
    return cells[begin:end]


def end_to_end(tables: Sequence[Columns]) -> Columns:
    """Return the rows of tables one after the other."""
    if len(tables) == 1:
        return tables[0]
    return {name: _joined([table[name] for table in tables]) for name in tables[0]}


def _joined(pieces: Sequence[Any]) -> Any:
    if isinstance(pieces[0], Texts):
        sizes = np.concatenate([np.zeros(1, np.int64), *(np.diff(one.offsets) for one in pieces)])
        data = np.concatenate([one.data[one.offsets[0] : one.offsets[-1]] for one in pieces])
        return Texts(np.cumsum(sizes), data)
    if not isinstance(pieces[0], Coded):
        return np.concatenate(pieces)
    places: dict[str, int] = {}
    codes = []
    for piece in pieces:
        texts = piece.vocabulary.to_list()
        to = [places.setdefault(text, len(places)) for text in texts]
        codes.append(np.array([*to, -1], np.int32)[piece.codes])
    return Coded(np.concatenate(codes), Texts.of(places))


def plain(columns: Columns) -> Columns:
    """Return a table that has ids as texts, so that it shares nothing with what it was made of."""
    return {
        name: gather(cells.vocabulary, cells.codes)
        if isinstance(cells, Coded) and name.endswith("_id")
        else cells
        for name, cells in columns.items()
    }


def size(columns: Columns) -> int:
    """Return about how many bytes of memory a table takes."""
    return sum(
        cells.offsets.nbytes + cells.data.nbytes
        if isinstance(cells, Texts)
        else (cells.codes if isinstance(cells, Coded) else cells).nbytes
        for cells in columns.values()
    )


def merged(tables: Iterable[Iterable[Columns]], by: Sequence[str]) -> Iterator[Columns]:
    """Merge tables that are sorted, each in pieces; yield the rows of all, some at a time."""
    heads = [head for head in (_Head(pieces, by) for pieces in tables) if head.is_open]
    while heads:
        last = min((head.last for head in heads if head.has_more), default=None)
        yield _in_order([one.take(last) for one in heads if last is None or one.first <= last], by)
        heads = [head for head in heads if head.is_open]


class _Head:
    """The next rows of a sorted table that comes in pieces: at most `BLOCK`, from `at` to `until`."""

    def __init__(self, pieces: Iterable[Columns], by: Sequence[str]) -> None:
        self._pieces: Iterator[Columns] | None = iter(pieces)
        self._by = by
        self._columns: Columns = {}
        self._at = self._until = self._length = 0
        self._go_on(0)

    def _go_on(self, count: int) -> None:
        """Leave so many rows behind."""
        self._at += count
        while self._at == self._length and self._pieces is not None:
            piece = next(self._pieces, None)
            if piece is None:
                self._pieces = None
            else:
                self._columns, self._at, self._length = piece, 0, length(piece)
        self._until = min(self._at + BLOCK, self._length)
        if self.is_open:
            self.first, self.last = self._key(self._at), self._key(self._until - 1)

    @property
    def is_open(self) -> bool:
        """Say whether there are rows."""
        return self._at < self._length

    @property
    def has_more(self) -> bool:
        """Say whether rows may come behind those that are here."""
        return self._until < self._length or self._pieces is not None

    def _key(self, row: int) -> tuple[Any, ...]:
        return tuple(_cell(self._columns[name], row) for name in self._by)

    def take(self, last: tuple[Any, ...] | None) -> Columns:
        """Take the rows up to a key, that one included; all of them without one."""
        end = self._until if last is None or self.last <= last else self._end(last)
        part = between(self._columns, self._at, end)
        self._go_on(end - self._at)
        return part

    def _end(self, last: tuple[Any, ...]) -> int:
        low, high = self._at, self._until
        while low < high:
            middle = (low + high) // 2
            if self._key(middle) <= last:
                low = middle + 1
            else:
                high = middle
        return low


def _cell(cells: Any, row: int) -> Any:
    if isinstance(cells, Coded):
        code = cells.codes[row]
        return cells.vocabulary[code] if code >= 0 else ""
    return cells[row]


def _in_order(parts: Sequence[Columns], by: Sequence[str]) -> Columns:
    """Return the rows of sorted tables in the order of all."""
    whole = end_to_end(parts)
    if len(parts) == 1:
        return whole
    begins = np.cumsum([0, *(length(part) for part in parts)])
    return rows(whole, _order(begins, *_compared([whole[name] for name in by], length(whole))))


def _compared(cells: Sequence[Any], count: int) -> Iterator[Any]:
    """Yield what compiled code compares; what is not there is the same for all rows."""
    nothing = np.zeros(count + 1, np.int64)
    left = list(cells)
    for is_text in _IS_TEXT:
        there = left.pop(0) if left and isinstance(left[0], Texts) is is_text else None
        if is_text:
            texts = there or Texts(nothing, np.zeros(0, np.uint8))
            yield texts.offsets, texts.data
        else:
            yield fixed(nothing[:count] if there is None else _numbers(there), np.int64)
    assert not left, "compiled code compares other columns"


def _numbers(cells: Any) -> NDArray[Any]:
    """Return numbers that compare as the cells do; an empty cell is before all others."""
    if not isinstance(cells, Coded):
        numbers: NDArray[Any] = cells
        return numbers
    texts = cells.vocabulary.to_list()
    rank = np.full(len(texts) + 1, -1, np.int64)
    rank[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    return rank[cells.codes]


@bare
def _is_before(
    one: int, other: int, first: Longs, a: Pair, b: Pair, second: Longs, c: Pair, third: Longs
) -> bool:
    if first[one] != first[other]:
        return first[one] < first[other]
    by = compare(a[0], a[1], one, other)
    if by == 0:
        by = compare(b[0], b[1], one, other)
    if by == 0 and second[one] != second[other]:
        return second[one] < second[other]
    if by == 0:
        by = compare(c[0], c[1], one, other)
    return by < 0 or (by == 0 and third[one] < third[other])


@compiled
def _order(begins: Longs, first: Longs, a: Pair, b: Pair, second: Longs, c: Pair, third: Longs) -> Ints:
    """Return the order of rows that stand in sorted runs, by merging these; equal rows stay."""
    order = np.arange(begins[-1]).astype(np.int32)
    spare = order.copy()
    while len(begins) > 2:  # noqa: PLR2004 -- more than one run
        for run in range(0, len(begins) - 1, 2):
            i, middle = begins[run], begins[run + 1]
            j, end = middle, begins[min(run + 2, len(begins) - 1)]
            if j == end or not _is_before(order[j], order[j - 1], first, a, b, second, c, third):
                spare[i:end] = order[i:end]
                continue
            for k in range(i, end):
                if j == end or (
                    i < middle and not _is_before(order[j], order[i], first, a, b, second, c, third)
                ):
                    spare[k] = order[i]
                    i += 1
                else:
                    spare[k] = order[j]
                    j += 1
        order, spare = spare, order
        left = len(begins) // 2 + 1
        ends = np.empty(left, np.int64)
        for run in range(left):
            ends[run] = begins[min(2 * run, len(begins) - 1)]
        begins = ends
    return order

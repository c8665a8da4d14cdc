"""Published tables of many buckets as one: sorted rows, merged a block at a time.

Source: settlement §6 and §7: the order of rows of each table.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Bytes, Coded, Ints, Longs, Texts
from carethread.engine.columns.compiled import compiled
from carethread.engine.columns.texts import compare, gather, joined, taken, text_order

Columns = Mapping[str, Any]
ORDERED_BY: Mapping[str, Sequence[str]] = {
    "findings": ("kind", "subject", "line_id", "file", "message", "row"),
    "weekly": ("order_id", "week_starting"),
    "invoice_lines": ("invoice_id", "line_no"),
    "claim_groups": ("group_id",),
    "unclaimed": ("line_id",),
}
"""The columns that published rows are sorted by. Lines and workings are in order of their persons."""
BLOCK = 1 << 13
"""About how many rows of each bucket's table are looked at together."""


def length(columns: Columns) -> int:
    """Return how many rows a table has."""
    return len(next(iter(columns.values())))


def rows(columns: Columns, which: NDArray[Any]) -> dict[str, Any]:
    """Return some rows of a table."""
    return {name: taken(cells, which) for name, cells in columns.items()}


def end_to_end(tables: Sequence[Columns]) -> dict[str, Any]:
    """Return the rows of tables one after the other."""
    if len(tables) == 1:
        return dict(tables[0])
    return {name: _joined([table[name] for table in tables]) for name in tables[0]}


def _joined(pieces: Sequence[Any]) -> Any:
    if isinstance(pieces[0], Texts):
        return joined(pieces)
    if not isinstance(pieces[0], Coded):
        return np.concatenate(pieces)
    places: dict[str, int] = {}
    codes = []
    for piece in pieces:
        texts = piece.vocabulary.to_list()
        to = [places.setdefault(text, len(places)) for text in texts]
        codes.append(np.array([*to, -1], np.int32)[piece.codes])
    return Coded(np.concatenate(codes), Texts.of(places))


def in_order(columns: Columns, by: Sequence[str]) -> NDArray[np.int64]:
    """Return the order that sorts rows by some columns, texts by their bytes; equal rows stay."""
    order: NDArray[np.int64] = np.lexsort([_rank(columns[name]) for name in reversed(by)])
    return order


def _rank(cells: Any) -> NDArray[Any]:
    """Return numbers that compare as the cells do; an empty cell is before all others."""
    if isinstance(cells, Coded):
        texts = cells.vocabulary.to_list()
        rank = np.full(len(texts) + 1, -1, np.int32)
        rank[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
        of_codes: Ints = rank[cells.codes]
        return of_codes
    if isinstance(cells, Texts):
        return _text_ranks(cells.offsets, cells.data, text_order(cells))
    numbers: NDArray[Any] = cells
    return numbers


@compiled
def _text_ranks(offsets: Longs, data: Bytes, order: Longs) -> Ints:
    ranks = np.empty(len(order), np.int32)
    rank = 0
    for i in range(len(order)):
        if i > 0 and compare(offsets, data, order[i - 1], order[i]) != 0:
            rank += 1
        ranks[order[i]] = rank
    return ranks


class _Head:
    """The next rows of a sorted table that comes in pieces."""

    def __init__(self, pieces: Iterable[Columns], by: Sequence[str]) -> None:
        self._pieces: Iterator[Columns] | None = iter(pieces)
        self._by = by
        self._rows: Columns = {}
        self.left = 0

    @property
    def has_more(self) -> bool:
        """Say whether rows may come behind those that are here."""
        return self._pieces is not None

    def fill(self) -> None:
        """Have at least a block of rows, unless there are no more."""
        held = [self._rows] if self.left else []
        while self._pieces is not None and self.left < BLOCK:
            piece = next(self._pieces, None)
            if piece is None:
                self._pieces = None
            elif length(piece):
                held.append(piece)
                self.left += length(piece)
        if held:
            self._rows = end_to_end(held)

    def key(self, row: int) -> tuple[Any, ...]:
        """Return what a row is sorted by."""
        return tuple(_cell(self._rows[name], row) for name in self._by)

    def take(self, last: tuple[Any, ...] | None) -> Columns:
        """Take the rows up to a key, that one included; all of them without one."""
        count = self.left if last is None else self._up_to(last)
        whole = self._rows
        self._rows = rows(whole, np.arange(count, self.left))
        self.left -= count
        return rows(whole, np.arange(count))

    def _up_to(self, last: tuple[Any, ...]) -> int:
        low, high = 0, self.left
        while low < high:
            middle = (low + high) // 2
            if self.key(middle) <= last:
                low = middle + 1
            else:
                high = middle
        return low


def _cell(cells: Any, row: int) -> Any:
    if isinstance(cells, Coded):
        code = cells.codes[row]
        return cells.vocabulary[code] if code >= 0 else ""
    return cells[row]


def merged(tables: Iterable[Iterable[Columns]], by: Sequence[str]) -> Iterator[Columns]:
    """Merge tables that are sorted, each in pieces; yield the rows of all, some at a time."""
    heads = [_Head(pieces, by) for pieces in tables]
    while heads:
        for head in heads:
            head.fill()
        heads = [head for head in heads if head.left]
        last = min((head.key(head.left - 1) for head in heads if head.has_more), default=None)
        parts = [part for part in (head.take(last) for head in heads) if length(part)]
        if parts:
            whole = end_to_end(parts)
            yield whole if len(parts) == 1 else rows(whole, in_order(whole, by))


def compact(coded: Coded) -> Coded:
    """Return a column with the texts in its vocabulary that it uses."""
    used, codes = np.unique(coded.codes, return_inverse=True)
    if len(used) and used[0] < 0:
        used, codes = used[1:], codes - 1
    return Coded(codes.astype(np.int32), gather(coded.vocabulary, used))

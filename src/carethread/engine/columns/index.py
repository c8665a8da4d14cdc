"""Where among different texts a text is: a table that is asked for many at once."""

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Bytes, Ints, Longs, Texts
from carethread.engine.columns.compiled import bare, compiled
from carethread.engine.columns.texts import hash_of, is_same, joined

_SHORT, _LONG = 15, np.uint64(255 << 56)
_EIGHT, _SPREAD, _MIX = 8, np.uint64(0x9E3779B97F4A7C15), np.uint64(29)


@bare
def _key(data: Bytes, begin: int, end: int) -> tuple[np.uint64, np.uint64]:
    """Return a text of up to 15 bytes, and how many it has, in two numbers; of a longer one a hash."""
    low, high = np.uint64(0), np.uint64(end - begin) << np.uint64(56)
    if end - begin > _SHORT:
        return hash_of(data, begin, end), _LONG
    for place in range(begin, min(end, begin + _EIGHT)):
        low |= np.uint64(data[place]) << np.uint64(8 * (place - begin))
    for place in range(begin + _EIGHT, end):
        high |= np.uint64(data[place]) << np.uint64(8 * (place - begin - _EIGHT))
    return low, high


@bare
def _spot(low: np.uint64, high: np.uint64, size: int) -> np.uint64:
    mixed = (low ^ (high * _SPREAD)) * _SPREAD
    return (mixed ^ (mixed >> _MIX)) & np.uint64(size - 1)


Entries = NDArray[np.uint64]
"""Texts that have been entered: in each row a key and the text's place, counted from 1; else 0."""


@bare
def _enter(table: Entries, offsets: Longs, data: Bytes, first: int) -> None:
    """Enter different texts, from the first one on, into a table with room for twice as many."""
    for i in range(first, len(offsets) - 1):
        low, high = _key(data, offsets[i], offsets[i + 1])
        at = _spot(low, high, len(table))
        while table[at, 2] != 0:
            at = (at + np.uint64(1)) & np.uint64(len(table) - 1)
        table[at, 0], table[at, 1], table[at, 2] = low, high, np.uint64(i + 1)


@compiled
def _places(table: Entries, offsets: Longs, data: Bytes, wanted_offsets: Longs, wanted: Bytes) -> Ints:
    """Return where among the texts entered in a table each wanted one is; -1 where it is not."""
    places = np.full(len(wanted_offsets) - 1, -1, np.int32)
    for i in range(len(places)):
        begin, end = wanted_offsets[i], wanted_offsets[i + 1]
        low, high = _key(wanted, begin, end)
        at = _spot(low, high, len(table))
        while table[at, 2] != 0:
            if table[at, 0] == low and table[at, 1] == high:
                one = np.int64(table[at, 2]) - 1
                if high != _LONG or is_same(wanted, begin, end, data, offsets[one], offsets[one + 1]):
                    places[i] = one
                    break
            at = (at + np.uint64(1)) & np.uint64(len(table) - 1)
    return places


class Index:
    """Different texts, and the place of each; more can be added behind them."""

    def __init__(self, texts: Texts | None = None) -> None:
        """Begin with some texts, or none."""
        self.texts = Texts.of(())
        self._table: Entries = np.zeros((64, 4), np.uint64)
        if texts is not None:
            self.add(texts)

    def __len__(self) -> int:
        return len(self.texts)

    def add(self, texts: Texts) -> None:
        """Add texts that are not there."""
        first = len(self.texts)
        self.texts = joined([self.texts, texts]) if first else texts
        if len(self._table) < 2 * len(self.texts):
            self._table = np.zeros((1 << len(self.texts).bit_length() + 2, 4), np.uint64)
            first = 0
        _enter(self._table, self.texts.offsets, self.texts.data, first)

    def places(self, texts: Texts) -> Ints:
        """Return the place of each of some texts; -1 where it is not there."""
        known = self.texts.offsets, self.texts.data
        places: Ints = _places(self._table, *known, texts.offsets, texts.data)
        return places

    def known(self, texts: Texts) -> Ints:
        """Return the place of each of some texts.

        Raises:
            KeyError: if one is not there.
        """
        places = self.places(texts)
        if (places < 0).any():
            message = "a text is not in the index"
            raise KeyError(message)
        return places

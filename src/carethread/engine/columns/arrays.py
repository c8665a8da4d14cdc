"""Columns of numbers and of texts, as the compiled engine takes and gives them.

A column of numbers is an int32 array with `NONE` where a cell is empty. Instants are minutes since
1970 (UTC), dates are days since 1970, both as in `units`. Words of a vocabulary are their place in it,
as int8, -1 where empty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

NONE = -(2**31)
"""What stands in a column of numbers where a cell is empty."""

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Marks = NDArray[np.int8]
Bytes = NDArray[np.uint8]
Pair = tuple[Longs, Bytes]
"""A column of texts as compiled code takes it: offsets and bytes."""


def fixed(values: NDArray[Any], kind: type) -> NDArray[Any]:
    """Return values as an array that cannot be written to, each next to the other."""
    view: NDArray[Any] = np.ascontiguousarray(values, kind).view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of texts: UTF-8 bytes end to end, and n + 1 offsets (int64) into them."""

    offsets: Longs
    data: Bytes

    def __post_init__(self) -> None:
        """Hold arrays that nobody writes to: compiled code is compiled for one kind of array."""
        object.__setattr__(self, "offsets", fixed(self.offsets, np.int64))
        object.__setattr__(self, "data", fixed(self.data, np.uint8))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, place: int) -> str:
        begin, end = self.offsets[place], self.offsets[place + 1]
        return bytes(self.data[begin:end]).decode()

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Texts":
        """Return a column of the texts.

        >>> Texts.of(["a", "bc"])[1]
        'bc'
        """
        written = [text.encode() for text in texts]
        offsets = np.zeros(len(written) + 1, np.int64)
        np.cumsum([len(text) for text in written], out=offsets[1:])
        return cls(offsets, np.frombuffer(b"".join(written), np.uint8))

    def to_list(self) -> list[str]:
        """Return the texts."""
        data, ends = self.data.tobytes(), self.offsets.tolist()
        return [data[a:b].decode() for a, b in pairwise(ends)]


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of texts of which few differ: places in a vocabulary, -1 where empty."""

    codes: Ints
    vocabulary: Texts

    def __post_init__(self) -> None:
        """Hold codes that nobody writes to, as `Texts` does."""
        object.__setattr__(self, "codes", fixed(self.codes, np.int32))

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Coded":
        """Return a column of the texts; the vocabulary is in order of first appearance.

        >>> Coded.of(["b", "", "a", "b"]).codes.tolist()
        [0, -1, 1, 0]
        """
        places: dict[str, int] = {}
        codes = [places.setdefault(text, len(places)) if text else -1 for text in texts]
        return cls(np.array(codes, np.int32), Texts.of(places))

"""Compiled loops over the cells of an Arrow column: each one's number, and whether it is certain.

`out` is filled with numbers, an empty cell with `empty`. `sure` loses the rows whose cell is not
certain: one with no value that is within bounds, or an empty one where the column is `required`.
`nulls` says which cells are null; it has no rows where none is.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Ints, Longs
from carethread.formats.settlement.bulk_kernels import EMPTY, GIVEN, Truths

Kinds = NDArray[np.uint8]
NONE_NULL: Truths = np.zeros(0, np.bool_)
"""Of a column in which no cell is null."""


@njit(cache=True, nogil=True)
def read_codes(  # noqa: PLR0913 -- compiled code takes no records of mixed kinds
    codes: Ints,
    nulls: Truths,
    numbers: Longs,
    kinds: Kinds,
    empty: int,
    required: bool,  # noqa: FBT001 -- compiled code takes no keywords
    out: NDArray[Any],
    sure: Truths,
) -> None:
    """Read cells that are places in a vocabulary whose values have been read: numbers and kinds."""
    for row in range(len(codes)):
        kind = EMPTY if len(nulls) > 0 and nulls[row] else kinds[codes[row]]
        if kind == EMPTY:
            out[row] = empty
            sure[row] &= not required
        else:
            out[row] = numbers[codes[row]]
            sure[row] &= kind == GIVEN


@njit(cache=True, nogil=True)
def read_numbers(  # noqa: PLR0913
    numbers: NDArray[Any],
    nulls: Truths,
    unit: int,
    least: int,
    most: int,
    empty: int,
    required: bool,  # noqa: FBT001
    out: Ints,
    sure: Truths,
) -> None:
    """Read cells that are numbers of a unit, so many of which are one: cut off to whole ones."""
    for row in range(len(numbers)):
        if len(nulls) > 0 and nulls[row]:
            out[row] = empty
            sure[row] &= not required
            continue
        number = np.int64(numbers[row])
        if unit != 1:
            number //= unit
        out[row] = number if least <= number <= most else 0
        sure[row] &= least <= number <= most

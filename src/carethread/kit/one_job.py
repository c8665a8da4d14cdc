"""What a process that does one large job can do without."""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of `mallopt` in the C library of GNU; others have no such function, or ignore them."""
_LARGEST = 32 << 20
"""Bytes up to which the C library takes memory from what it keeps; it allows no more."""
_ALL = 2**31 - 1
_NOT_NEEDED = ("scipy",)
"""Half a second to import, as numba does wherever it is installed."""


@contextmanager
def one_job() -> Iterator[None]:
    """Look for no cycles of references while the block runs, and import nothing that is not needed."""
    left_out = [name for name in _NOT_NEEDED if name not in sys.modules]
    gc.disable()
    try:
        for name in left_out:
            sys.modules[name] = None  # type: ignore[assignment]
        yield
    finally:
        for name in left_out:
            sys.modules.pop(name, None)
        gc.enable()


def end_soon() -> None:
    """Have Python end without looking for cycles among all that was imported: nearly half a second.

    DuckDB tells at length of what nobody looked for; where it was used, Python looks.
    """
    if "duckdb" not in sys.modules:
        gc.freeze()


def keep_memory() -> None:
    """Ask the C library to keep freed memory for the next use, from now on.

    Fresh pages cost more than the work that is done on them.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST)
        mallopt(_TRIM_THRESHOLD, _ALL)


def give_back() -> None:
    """Ask the C library to give back the memory that is free now."""
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)

"""What a process that does one job and ends can do without."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of `mallopt` in the C library of GNU; others have no such function, or ignore them."""
_LARGEST = 32 << 20
"""Bytes up to which the C library takes memory from what it keeps; it allows no more."""
_ALL = 2**31 - 1


def keep_memory() -> None:
    """Ask the C library to keep freed memory for the next use.

    Fresh pages cost more than the work that is done on them.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST)
        mallopt(_TRIM_THRESHOLD, _ALL)


def leave_out(*names: str) -> None:
    """Let packages be taken for not installed, unless they have been imported."""
    for name in names:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]

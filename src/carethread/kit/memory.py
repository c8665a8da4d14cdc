"""Memory kept for the next use rather than given back: fresh pages cost more than the work on them."""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of `mallopt` in the C library of GNU; others have no such function, or ignore them."""
_LARGEST = 32 << 20
"""Bytes up to which the C library takes memory from what it keeps; it allows no more."""
_ALL = 2**31 - 1


def keep_memory() -> None:
    """Ask the C library to keep freed memory, up to the most this process has needed at once."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST)
        mallopt(_TRIM_THRESHOLD, _ALL)

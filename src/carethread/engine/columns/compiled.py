"""How the engine's functions are compiled: once, kept on disk, and free of Python's lock.

`bare` functions make no arrays. The compiler then counts no references to the arrays they are handed,
which costs more than the work itself where a table has many columns.
"""

from numba import njit

compiled = njit(cache=True, nogil=True, error_model="numpy")
bare = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)

"""How the engine's functions are compiled: once, kept on disk, and free of Python's lock.

`bare` functions make no arrays. The compiler then counts no references to the arrays they are handed,
which costs more than the work itself where a table has many columns. So only a bare function may be
handed an array that another returns, and nothing it calls may return an array that it made.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])
Compile = Callable[[Function], Function]

compiled: Compile[Any] = njit(cache=True, nogil=True, error_model="numpy")
bare: Compile[Any] = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)  # type: ignore[call-overload]

"""Numbers of a whole folder, kept on disk in parts that fit in memory."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import fixed
from carethread.engine.columns.dealt import side_by_side, ways

PARTS = 32


class Spill:
    """Rows of int32 numbers; rows of one part are looked at together."""

    def __init__(self, folder: Path, name: str, width: int) -> None:
        """Begin with no rows."""
        self._paths = [folder / f"{name}-{part:02d}" for part in range(PARTS)]
        self._width = width
        self.forget()

    def forget(self) -> None:
        """Have no rows."""
        for path in self._paths:
            path.unlink(missing_ok=True)

    def add(self, parts: NDArray[Any], *columns: NDArray[np.int32]) -> None:
        """Add rows; `parts` says of each to which part it goes."""
        begin, to = ways(fixed(parts, np.int32), PARTS)
        rows = side_by_side(np.stack(columns), to)
        for path, first, end in zip(self._paths, begin[:-1], begin[1:], strict=True):
            if first < end:
                with path.open("ab") as file:
                    file.write(rows[first:end].data)

    def part(self, part: int | None) -> list[NDArray[np.int32]]:
        """Return the columns of a part; empty ones of none."""
        numbers = np.zeros(0, np.int32)
        if part is not None and self._paths[part].exists():
            numbers = np.fromfile(self._paths[part], np.int32)
        return [np.ascontiguousarray(column) for column in numbers.reshape(-1, self._width).T]

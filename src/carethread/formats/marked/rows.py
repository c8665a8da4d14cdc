"""Which rows of a copy are wanted, what is said of them, and which of their cells are kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

PROBLEMS = "carethread_problems"
"""The column that a copy has more; a column of this name in what was sent is an earlier copy's."""
_LONGEST = 32_767
"""So much text a workbook's cell can hold: ECMA-376, and what spreadsheets take."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The problems of a file's rows by row number, and whether the other rows are wanted too."""

    problems: Mapping[int, Sequence[str]]
    only_rejected: bool

    def is_wanted(self, number: int) -> bool:
        """Say whether the copy has this row."""
        return bool(self.problems.get(number)) or not self.only_rejected

    def said(self, number: int) -> str:
        """Return what is wrong with a row, in one line."""
        said = " ".join("; ".join(self.problems.get(number, ())).split())
        return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"

    def kept(self, columns: Sequence[str]) -> Callable[[Sequence[str]], list[str]]:
        """Return what takes an earlier copy's column out of a row."""
        earlier = {place for place, name in enumerate(columns) if name == PROBLEMS}
        return lambda cells: [cell for place, cell in enumerate(cells) if place not in earlier]

"""How far the cells of a workbook reach: one cell in the last corner makes a small file huge.

Source: ECMA-376, part 1, 18.3.1.4 and 18.3.1.73: a cell and a row say where they stand in `r`.
"""

import re

_PLACE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{0,3})(\d{1,7})[\"']")
_LONGEST = 32
"""So many bytes of a piece are kept: a place may be cut by the end of it."""
_LETTERS = 26


class Extent:
    """The rows and columns that the sheets of a workbook reach, of all sheets together."""

    def __init__(self) -> None:
        self._rows = self._columns = 1
        self._before = b""

    @property
    def cells(self) -> int:
        """How many cells lie from the first to the last."""
        return self._rows * self._columns

    def look(self, piece: bytes) -> None:
        """Look at a piece of the workbook's text, one after the other."""
        text = self._before + piece
        self._before = text[-_LONGEST:]
        for letters, digits in set(_PLACE.findall(text)):
            self._rows = max(self._rows, int(digits))
            self._columns = max(self._columns, _number(letters))


def _number(letters: bytes) -> int:
    """Return a column's number: 1 for A, 27 for AA."""
    number = 0
    for sign in letters.upper():
        number = number * _LETTERS + sign - ord("A") + 1
    return number

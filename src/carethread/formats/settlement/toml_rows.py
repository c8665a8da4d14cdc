"""On which line of a TOML file a key stands. Python's own reader knows and does not say.

So the reader is asked: the shortest beginning of the file that can be read and has the key ends with
the key, in whatever way the key is written.
"""

import tomllib
from collections.abc import Iterator
from typing import Any

TomlPath = tuple[str | int, ...]
"""Keys and places in lists, from the outside in: ("contract", 0, "terms", 2, "from")."""


class TomlRows:
    """The lines of a TOML file that can be read as a whole."""

    def __init__(self, text: str) -> None:
        """Split the text where TOML does: at line feeds."""
        self._lines = text.split("\n")

    def row(self, path: TomlPath) -> int | None:
        """Return the line on which a key begins, or the table that should have it; from 1."""
        while path and not _has(self._document(len(self._lines)), path):
            path = path[:-1]
        if not path:
            return None
        without, having = 0, len(self._lines)
        while (middle := self._readable_between(without, having, path)) is not None:
            size, has_it = middle
            if has_it:
                having = size
            else:
                without = size
        wanted = (n for n in range(without, having) if _says_something(self._lines[n]))
        return next(wanted, having - 1) + 1

    def _readable_between(self, low: int, high: int, path: TomlPath) -> tuple[int, bool] | None:
        """Return a beginning between two others that can be read, and whether it has the key."""
        for size in _from_the_middle(low, high):
            document = self._document(size)
            if document is not None:
                return size, _has(document, path)
        return None

    def _document(self, size: int) -> Any:
        try:
            return tomllib.loads("\n".join(self._lines[:size]))
        except tomllib.TOMLDecodeError:
            return None


def _from_the_middle(low: int, high: int) -> Iterator[int]:
    """Yield the numbers between two, the middle first, neither end."""
    middle = (low + high) // 2
    for away in range(high - low):
        for number in {middle + away, middle - away}:
            if low < number < high:
                yield number


def _has(document: Any, path: TomlPath) -> bool:
    for key in path:
        in_list = isinstance(document, list) and isinstance(key, int) and key < len(document)
        if not in_list and not (isinstance(document, dict) and key in document):
            return False
        document = document[key]
    return True


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")

"""A table's file as rows of text, whatever the format; and what makes a whole file unreadable."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Protocol

from carethread.engine.records import Fault

_SIGNS = frozenset("'=+-@＝＋－＠")  # noqa: RUF001 -- spreadsheets obey the wide ones too
_INERT = re.compile("'+[=+\\-@＝＋－＠]")  # noqa: RUF001
_FORMULA = re.compile("'*[=+\\-@＝＋－＠]")  # noqa: RUF001


def inert(text: str) -> str:
    """Return text that a spreadsheet shows instead of running: with an apostrophe before a formula.

    Source: OWASP, CSV injection. `original` takes the apostrophe away again.
    """
    return f"'{text}" if text[:1] in _SIGNS and _FORMULA.match(text) else text


def original(text: str) -> str:
    """Return the text that `inert` was given.

    >>> original(inert("=cmd()")), original(inert("'=cmd()")), original("it's")
    ('=cmd()', "'=cmd()", "it's")
    """
    return text[1:] if text[:1] == "'" and _INERT.match(text) else text


_WIDE = "the file is UTF-16 or UTF-32, not UTF-8; save it as CSV UTF-8"


class Unreadable(Exception):
    """A file that cannot be read at all."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: the line it begins on (the header is 1) and its cells, blanks cut off."""

    number: int
    cells: Sequence[str]


class TableFile(Protocol):
    """An open table: its column names and its rows."""

    columns: Sequence[str]
    unusable: Mapping[str, str]
    """Columns that hold something that is not a value -> what it is."""

    def rows(self) -> Iterator[Row]:
        """Yield the rows, in the order of the file.

        Raises:
            Unreadable: if the file stops making sense.
        """

    def part_read(self) -> float:
        """Return how much of the file has been read, from 0 to 1."""

    def close(self) -> None:
        """Let go of the file."""


class CsvRows:
    """Writes rows of text as CSV: UTF-8, commas, one line feed a row, quotes only where needed."""

    def __init__(self, file: IO[str]) -> None:
        """Write to a file opened with `newline=""`."""
        self._plain = csv.writer(file, lineterminator="\n")
        self._quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def write(self, cells: Sequence[str]) -> None:
        """Write a row. The csv module would leave a lone carriage return bare, which ends a row."""
        has_return = any("\r" in cell for cell in cells)
        (self._quoted if has_return else self._plain).writerow(cells)


class CsvFile:
    """A CSV file: UTF-8 with or without a mark, any line ends, a header row."""

    unusable: Mapping[str, str] = MappingProxyType({})

    def __init__(self, path: Path) -> None:
        """Open the file and read its header.

        Raises:
            Unreadable: if there is no header, or the text is not UTF-8.
        """
        self._path = path
        self._size = path.stat().st_size or 1
        self._raw = path.open("rb")
        self._text = io.TextIOWrapper(self._raw, encoding="utf-8-sig", errors="strict", newline="")
        self._reader = csv.reader(self._text, strict=True)
        try:
            header = next(self._records(), None)
        except Unreadable:
            self.close()
            raise
        if header is None:
            self.close()
            raise self._fault(None, "the file is empty: it has not even a header row")
        self.columns: Sequence[str] = header.cells
        if any("\0" in name for name in self.columns):
            self.close()
            raise self._fault(1, _WIDE)

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are not blank."""
        yield from self._records()

    def part_read(self) -> float:
        """Return how much of the file has been read, from 0 to 1."""
        return 1.0 if self._raw.closed else min(1.0, self._raw.tell() / self._size)

    def close(self) -> None:
        """Let go of the file."""
        self._text.close()

    def _records(self) -> Iterator[Row]:
        while True:
            number = self._reader.line_num + 1
            try:
                cells = [original(cell.strip()) for cell in next(self._reader)]
            except StopIteration:
                return
            except UnicodeDecodeError:
                raise self._not_utf8() from None
            except csv.Error as error:
                say = f"the row cannot be read as CSV ({error}); look for a quote that is not closed"
                raise self._fault(number, say) from None
            if any(cells):
                yield Row(number, cells)

    def _not_utf8(self) -> Unreadable:
        data = self._path.read_bytes()
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return self._fault(1, _WIDE)
        for number, line in enumerate(data.split(b"\n"), 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                byte = line[error.start]
                say = f"byte {byte:#04x} is not UTF-8; save the file as CSV UTF-8"
                return self._fault(number, say)
        return self._fault(None, "the file is not UTF-8; save it as CSV UTF-8")

    def _fault(self, number: int | None, say: str) -> Unreadable:
        return Unreadable(Fault(self._path.name, number, "", say))

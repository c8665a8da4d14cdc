"""A published table's file, put together from files that have its rows in pieces: equal bytes.

Of CSV any pieces will do. Of Parquet all but the last must be whole row groups, of `sink_parquet.GROUP`
rows: those are taken as they are, and the footer is written anew, with their new places.

Source: settlement §6; the file format and metadata of Apache Parquet, parquet.thrift.
"""

import shutil
from pathlib import Path
from typing import IO

from carethread.formats.settlement import thrift

_AT_ONCE = 1 << 18
_MARK = b"PAR1"
_TAIL = 8
"""Bytes behind the footer: its size and the mark."""
_ROWS, _GROUPS = 3, 4
"""Fields of a file's metadata."""
_COLUMNS, _GROUP_AT = 1, 5
"""Fields of a row group."""
_COLUMN = 3
"""The field of a column in a row group that has its metadata."""
_PAGES_AT = (9, 10, 11)
"""Fields of such a column's metadata: where its pages begin, those of data, index and dictionary."""


class CsvJoined:
    """A CSV file that is put together."""

    def __init__(self, path: Path) -> None:
        """Make the file."""
        self._file = path.open("wb")

    def add(self, piece: Path) -> None:
        """Put the rows of the next piece behind those before."""
        with piece.open("rb") as file:
            header = file.readline()
            if not self._file.tell():
                self._file.write(header)
            shutil.copyfileobj(file, self._file, _AT_ONCE)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class ParquetJoined:
    """A Parquet file that is put together."""

    def __init__(self, path: Path) -> None:
        """Make the file."""
        self._file = path.open("wb")
        self._file.write(_MARK)
        self._footer: thrift.Struct = {}

    def add(self, piece: Path) -> None:
        """Put the row groups of the next piece behind those before."""
        with piece.open("rb") as file:
            footer, end = _footer(file)
            by = self._file.tell() - len(_MARK)
            file.seek(len(_MARK))
            _copy(file, end - len(_MARK), self._file)
        if not self._footer:
            self._footer = footer
            return
        groups = self._footer[_GROUPS].value[1]
        for group in footer[_GROUPS].value[1]:
            _move(group, by)
            groups.append(group)
        self._footer[_ROWS].value += footer[_ROWS].value

    def close(self) -> None:
        """Write the footer and let go of the file."""
        footer = thrift.written(self._footer)
        self._file.write(footer + len(footer).to_bytes(_TAIL - len(_MARK), "little") + _MARK)
        self._file.close()


def joined(path: Path, form: str) -> CsvJoined | ParquetJoined:
    """Begin a file of a table, csv or parquet, of which pieces are to come."""
    return ParquetJoined(path) if form == "parquet" else CsvJoined(path)


def _footer(file: IO[bytes]) -> tuple[thrift.Struct, int]:
    """Return a file's metadata, and where its row groups end."""
    size = file.seek(-_TAIL, 2)
    end = size - int.from_bytes(file.read(_TAIL - len(_MARK)), "little")
    file.seek(end)
    return thrift.read(file.read(size - end)), end


def _copy(file: IO[bytes], size: int, to: IO[bytes]) -> None:
    while size:
        some = file.read(min(size, _AT_ONCE))
        to.write(some)
        size -= len(some)


def _move(group: thrift.Struct, by: int) -> None:
    """Say of a row group that it stands further on."""
    group[_GROUP_AT].value += by
    for column in group[_COLUMNS].value[1]:
        pages = column[_COLUMN].value
        for field in _PAGES_AT:
            if field in pages:
                pages[field].value += by

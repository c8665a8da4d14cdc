"""The limit: read what a settlement reads, write what it writes, and do nothing else.

    python -m bench.limit FOLDER SETTLED OUT

Reads every column of FOLDER's tables, then writes every table of SETTLED (a finished settlement in
Parquet) to OUT, with the same library, the same settings, rows in the same order, and onto the disk as
carethread does. Two threads read row groups; two threads write, a file each at a time, the largest
files first. What is to be written is read a row group at a time while the clock stands still, so that
forty million visits need no memory.

Prints, as JSON, `inside_seconds` of reading and writing and `outside_seconds` of getting ready what is
written. The limit is the whole process without the latter.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench.common import THREADS, say, to_disk

INPUTS = ("orders", "planned", "suspensions", "visits", "invoices", "rates")


class Clock:
    """Seconds inside and outside, of one thread."""

    def __init__(self) -> None:
        """Start outside."""
        self.inside = 0.0
        self.outside = 0.0
        self._last = time.perf_counter()

    def was_inside(self) -> None:
        """Count the time since the last call as inside."""
        self.inside += self._passed()

    def was_outside(self) -> None:
        """Count it as outside."""
        self.outside += self._passed()

    def _passed(self) -> float:
        last, self._last = self._last, time.perf_counter()
        return self._last - last


def write_like_product(name: str, groups: Iterable[pa.Table], path: Path, like: Any) -> None:
    """Write a table as the product's writer does, a row group for each of the groups.

    Compression, dictionaries, encodings, statistics and schema are those of `like`, the product's own
    file, column by column; the result is equal to it, byte for byte.
    """
    del name  # all tables are written alike
    schema = {key: text for key, text in like.metadata.metadata.items() if key == _SCHEMA}
    with pq.ParquetWriter(path, like.schema_arrow, **_settings(like.metadata)) as writer:
        writer.add_key_value_metadata(schema)
        for group in groups:
            writer.write_table(group, row_group_size=max(1, len(group)))
    to_disk(path)


_SCHEMA = b"ARROW:schema"
_ENCODINGS = {"DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"}


def _settings(like: Any) -> dict[str, Any]:
    settings = {"store_schema": False, "version": like.format_version}
    if not like.num_row_groups:
        return settings
    group = like.row_group(0)
    columns = [group.column(place) for place in range(group.num_columns)]
    special = {column.path_in_schema: _ENCODINGS & set(column.encodings) for column in columns}
    return settings | {
        "compression": {column.path_in_schema: column.compression for column in columns},
        "use_dictionary": [c.path_in_schema for c in columns if c.has_dictionary_page],
        "column_encoding": {column: found.pop() for column, found in special.items() if found} or None,
        "write_statistics": [c.path_in_schema for c in columns if c.is_stats_set],
        "write_batch_size": max(1, group.num_rows),
    }


def coded_texts(path: Path) -> list[str]:
    """Return the columns of texts that a file has by number: they are read and written like that."""
    metadata, schema = pq.read_metadata(path), pq.read_schema(path)
    if not metadata.num_row_groups:
        return []
    group = metadata.row_group(0)
    return [
        name
        for place, name in enumerate(schema.names)
        if pa.types.is_string(schema.field(place).type)
        and name not in _SELDOM_TWICE
        and group.column(place).has_dictionary_page
    ]


_SELDOM_TWICE = ("visit_id",)
"""Texts that are read as they are, whatever the file has."""


def read_all(folder: Path) -> None:
    """Read every column of every input table, two row groups at a time."""
    paths = [folder / f"{name}.parquet" for name in INPUTS]
    groups = [
        (path, group)
        for path in paths
        if path.exists()
        for group in range(pq.read_metadata(path).num_row_groups)
    ]
    own = threading.local()

    def read(group: tuple[Path, int]) -> None:
        files: dict[Path, Any] = own.__dict__.setdefault("files", {})
        path, number = group
        if path not in files:
            files[path] = pq.ParquetFile(path, read_dictionary=coded_texts(path))
        files[path].read_row_group(number, use_threads=False)

    _in_threads(read, groups)


def write_all(settled: Path, out: Path) -> tuple[float, float]:
    """Write every table of the settlement; return the seconds inside and outside of it."""
    paths = sorted(settled.glob("*.parquet"), key=lambda path: path.stat().st_size, reverse=True)
    clocks: dict[int, Clock] = {}

    def write(path: Path) -> None:
        clock = clocks.setdefault(threading.get_ident(), Clock())
        clock.was_outside()
        with pq.ParquetFile(path, read_dictionary=coded_texts(path)) as file:
            clock.was_outside()
            write_like_product(path.stem, _groups(file, clock), out / path.name, file)
            clock.was_inside()

    _in_threads(write, paths)
    longest = max(clocks.values(), key=lambda clock: clock.inside)
    return longest.inside, longest.outside


def _groups(file: Any, clock: Clock) -> Iterator[pa.Table]:
    """Yield the row groups of a file; the clock stands still while they are read."""
    clock.was_inside()
    for number in range(file.num_row_groups):
        group = file.read_row_group(number, use_threads=False)
        clock.was_outside()
        yield group
        clock.was_inside()


def _in_threads(work: Callable[[Any], None], tasks: Iterable[Any]) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(work, tasks):
            pass


def main(folder: Path, settled: Path, out: Path) -> None:
    """Read, then write, and print the seconds."""
    out.mkdir(parents=True, exist_ok=True)
    begun = time.perf_counter()
    read_all(folder)
    reading = time.perf_counter() - begun
    begun = time.perf_counter()
    writing, _ = write_all(settled, out)
    outside = time.perf_counter() - begun - writing
    seconds = {"inside_seconds": reading + writing, "outside_seconds": outside}
    say(json.dumps({name: round(value, 4) for name, value in seconds.items()}))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))

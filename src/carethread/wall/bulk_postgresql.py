"""Arrow from and to PostgreSQL by COPY, as CSV: null is an empty cell, an empty text is quoted.

COPY does not write to a table with row-level security, so rows go by a temporary table, from which the
database inserts them, checking each against the policies.

Source: PostgreSQL manual, "COPY".
"""

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
from django.db import connection
from pyarrow import csv

from carethread.kit.threads import in_turn

_ROWS = 64_000
"""So many rows are sent at a time."""
_SPARE = "carethread_arriving"


def read(sql: str, params: Sequence[Any], schema: pa.Schema) -> pa.Table:
    """Return what a query finds."""
    told = csv.ReadOptions(column_names=schema.names)
    shape = csv.ParseOptions(newlines_in_values=True)
    cells = csv.ConvertOptions(
        column_types=schema,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        true_values=["t"],
        false_values=["f"],
    )
    asked = f"COPY ({sql}) TO STDOUT (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(asked, params) as copy:
        file = io.BufferedReader(_Arriving(iter(copy)), 1 << 20)
        if not file.peek(1):
            return schema.empty_table()
        return csv.read_csv(file, told, shape, cells)


class _Arriving(io.RawIOBase):
    """What COPY sends, as a file."""

    def __init__(self, blocks: Iterator[memoryview]) -> None:
        self._blocks, self._rest = blocks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = len(buffer)
        filled = 0
        while filled < size:
            if not self._rest:
                self._rest = memoryview(next(self._blocks, b""))
                if not self._rest:
                    break
            part = self._rest[: size - filled]
            buffer[filled : filled + len(part)] = part
            filled, self._rest = filled + len(part), self._rest[len(part) :]
        return filled


def write(name: str, table: pa.Table) -> None:
    """Add rows to a table."""
    columns = ", ".join(f'"{column}"' for column in table.column_names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'CREATE TEMPORARY TABLE "{_SPARE}" ON COMMIT DROP AS SELECT {columns} FROM "{name}"'
            " WITH NO DATA"
        )
        with (
            ThreadPoolExecutor(1) as ahead,
            cursor.copy(f'COPY "{_SPARE}" ({columns}) FROM STDIN (FORMAT csv)') as copy,
        ):
            for block in in_turn(ahead, 1)(_as_csv, table.to_batches(_ROWS)):
                copy.write(block)
        cursor.execute(f'INSERT INTO "{name}" ({columns}) SELECT {columns} FROM "{_SPARE}"')
        cursor.execute(f'DROP TABLE "{_SPARE}"')


def _as_csv(batch: pa.RecordBatch) -> memoryview:
    sink = pa.BufferOutputStream()
    csv.write_csv(batch, sink, csv.WriteOptions(include_header=False))
    return memoryview(sink.getvalue())

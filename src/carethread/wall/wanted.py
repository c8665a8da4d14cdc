"""Many keys at once, as a table that a query can join, seen by nobody else and gone afterwards.

Works inside a scope, on Django's own connection; what is joined to it is held by the wall as always.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa
from django.db import connection
from pyarrow import csv

from carethread.wall.scope import current

_NAME = "carethread_wanted"
_ROWS = 50_000


@contextmanager
def wanted(keys: pa.ChunkedArray) -> Iterator[str]:
    """Give the name of a table whose column `key` has the keys, each of which is there once.

    Raises:
        NoScope: where no scope is in force.
    """
    current()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {_NAME} (key text NOT NULL PRIMARY KEY)")
        if connection.vendor == "postgresql":
            _copy(keys)
            cursor.execute(f"ANALYZE {_NAME}")
        else:
            _insert(keys)
    try:
        yield _NAME
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE {_NAME}")


def _copy(keys: pa.ChunkedArray) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {_NAME} (key) FROM STDIN (FORMAT csv)") as copy,
    ):
        for batch in pa.table({"key": keys}).to_batches(_ROWS):
            sink = pa.BufferOutputStream()
            csv.write_csv(batch, sink, csv.WriteOptions(include_header=False))
            copy.write(memoryview(sink.getvalue()))


def _insert(keys: pa.ChunkedArray) -> None:
    statement = f"INSERT INTO {_NAME} (key) VALUES (%s)"  # noqa: S608 -- our own name
    with connection.cursor() as cursor:
        for batch in pa.table({"key": keys}).to_batches(_ROWS):
            rows: Sequence[tuple[str]] = [(key,) for key in batch["key"].to_pylist()]
            cursor.executemany(statement, rows)

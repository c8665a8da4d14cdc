"""DuckDB as a workbench: a file's rows and the books' side by side, a million at a time, in memory."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from carethread.engine import units

_HOUR = 3600


@contextmanager
def bench(**tables: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a workbench with tables on it. It opens no file and loads nothing."""
    with duckdb.connect(config={"enable_external_access": "false"}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        for name, table in tables.items():
            connection.register(name, table)
        yield connection


def rows(
    connection: duckdb.DuckDBPyConnection, sql: str, params: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """Return what a query finds, for queries that find little."""
    return connection.execute(sql, params).fetchall()


def arrow(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """Return what a query finds."""
    return connection.sql(sql).to_arrow_table()


def london_days(seconds: pa.ChunkedArray) -> pa.Array:
    """Return the London days of instants, as days since 1970; null where there is none."""
    is_null = seconds.is_null().to_numpy(zero_copy_only=False)
    hours = seconds.fill_null(0).to_numpy() // _HOUR
    different, which = np.unique(hours, return_inverse=True)
    epoch = date(1970, 1, 1)
    days = [(units.local_date(60 * int(hour)) - epoch).days for hour in different]
    found = np.array(days or [0], np.int32)[which] if len(hours) else np.zeros(0, np.int32)
    return pa.array(found, pa.int32(), mask=is_null).cast(pa.date32())


def table_of(columns: Mapping[str, Sequence[Any]], kinds: Mapping[str, pa.DataType]) -> pa.Table:
    """Return a small table."""
    return pa.table({name: pa.array(list(columns[name]), kind) for name, kind in kinds.items()})

"""Arrow from and to SQLite, where times and days are text, as Django writes it."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

_ROWS = 50_000
"""So many rows are objects of Python at a time."""


def read(sql: str, params: Sequence[Any], schema: pa.Schema) -> pa.Table:
    """Return what a query finds.

    Each column is wrapped in an expression, so that sqlite3 makes no object of Django's from it.
    """
    columns = ", ".join(
        f"\"{field.name}\" || ''" if _is_text(field.type) else f'+"{field.name}"' for field in schema
    )
    batches = []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM ({sql})", list(params))
        while rows := cursor.fetchmany(_ROWS):
            cells = zip(*rows, strict=True)
            arrays = [_arrow(column, field.type) for column, field in zip(cells, schema, strict=True)]
            batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return pa.Table.from_batches(batches, schema)


def _is_text(kind: pa.DataType) -> bool:
    return not (pa.types.is_integer(kind) or pa.types.is_boolean(kind))


def _arrow(column: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_boolean(kind):
        return pa.array(column, pa.int8()).cast(pa.bool_())
    if not _is_text(kind):
        return pa.array(column, kind)
    texts = pa.array(column, pa.string())
    if pa.types.is_timestamp(kind):
        return pc.assume_timezone(texts.cast(pa.timestamp("us")), "UTC").cast(kind, safe=False)
    return texts.cast(kind)


def write(name: str, table: pa.Table) -> None:
    """Add rows to a table."""
    columns = ", ".join(f'"{column}"' for column in table.column_names)
    marks = ", ".join(["%s"] * table.num_columns)
    with connection.cursor() as cursor:
        for batch in table.to_batches(_ROWS):
            cells = [_natural(column) for column in batch.columns]
            rows = list(zip(*cells, strict=True))
            cursor.executemany(f'INSERT INTO "{name}" ({columns}) VALUES ({marks})', rows)


def _natural(column: pa.Array) -> list[Any]:
    """Return the cells of a column as SQLite has them."""
    if pa.types.is_timestamp(column.type):
        utc = column.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
        column = pc.replace_substring_regex(utc.cast(pa.string()), r"\.000000$", "")
    elif pa.types.is_date(column.type):
        column = column.cast(pa.string())
    elif pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return list(column.to_pylist())

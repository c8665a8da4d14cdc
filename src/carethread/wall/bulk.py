"""Rows by the hundred thousand between tables and Arrow, without an object for each.

Both work inside a scope, on Django's own connection and in its transaction, so the wall holds: what
is read is held by row-level security (on SQLite the caller names the councils in the query), what is
written is checked here and by the database.

    visits = bulk.read("SELECT ref, row FROM visits_visit WHERE council_id = %s", [key], schema)
    bulk.write(Visit, table)

Text that is empty and text that is null stay apart. Instants are `timestamp` with a zone, days
`date32`, numbers `int64`, true and false `bool`, everything else `string`.
"""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, models

from carethread.wall import bulk_postgresql, bulk_sqlite
from carethread.wall.kept import Belongs, kept_of
from carethread.wall.scope import OutsideTheWall, current


def read(sql: str, params: Sequence[Any], schema: pa.Schema) -> pa.Table:
    """Return what a query finds.

    Args:
        sql: A SELECT with `%s` for parameters. Every column has a name; the order is the schema's.
        params: What stands for each `%s`.
        schema: A column for each of the query's, of the same name.

    Raises:
        NoScope: where no scope is in force.
    """
    current()
    reader = bulk_postgresql if connection.vendor == "postgresql" else bulk_sqlite
    return reader.read(sql, params, schema)


def write(model: type[models.Model], table: pa.Table) -> None:
    """Add rows: every column of the model's table by its name there, but the key that counts itself.

    Raises:
        NoScope, OutsideTheWall: unless all rows are of the council being written.
        ValueError: if columns are missing, or are not the model's.
        IntegrityError: if the database refuses a row; then none was added.
    """
    _check_columns(model, table)
    _check_wall(model, table)
    if table.num_rows:
        writer = bulk_postgresql if connection.vendor == "postgresql" else bulk_sqlite
        writer.write(str(model._meta.db_table), table)  # noqa: SLF001


def _check_columns(model: type[models.Model], table: pa.Table) -> None:
    fields = model._meta.concrete_fields  # noqa: SLF001
    wanted = {str(field.column) for field in fields if not isinstance(field, models.AutoField)}
    if wanted != set(table.column_names) or len(wanted) != table.num_columns:
        differing = ", ".join(sorted(wanted.symmetric_difference(table.column_names)))
        message = f"{model.__name__}: missing, unknown or twice: {differing}"
        raise ValueError(message)


def _check_wall(model: type[models.Model], table: pa.Table) -> None:
    """Refuse rows outside the scope in force, as the managers do for single ones."""
    kept, scope = kept_of(model), current()
    if kept is None or kept.belongs is Belongs.ALL:
        return
    councils = set(pc.unique(table["council_id"]).to_pylist())
    if not councils <= {scope.writes} or scope.writes is None:
        message = f"{model.__name__}: rows of councils {councils} in scope of {scope.writes}"
        raise OutsideTheWall(message)
    if scope.providers is None:
        return
    is_theirs = kept.belongs is Belongs.PROVIDER and "provider_id" in table.column_names
    if not is_theirs or not set(pc.unique(table["provider_id"]).to_pylist()) <= scope.providers:
        message = f"{model.__name__}: rows of others in the scope of a provider"
        raise OutsideTheWall(message)

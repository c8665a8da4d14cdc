"""What the database itself holds, put in place after every migration. Twice is as good as once.

Row-level security and grants (PostgreSQL), append-only tables, days that never overlap, and references
that never cross from one council to another.
"""

from collections.abc import Iterator
from typing import Any

from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from carethread.wall import postgresql, sqlite, standing
from carethread.wall.kept import every_model


class Unclassified(Exception):
    """A defect: a model does not say whose its rows are."""


def install(connection: BaseDatabaseWrapper, app_role: str | None) -> None:
    """Put the rules of every table in place, all at once: nobody sees a table without its policies.

    Args:
        connection: The owner's.
        app_role: On PostgreSQL the role that the application connects as; None if it is the owner.
    """
    there = set(connection.introspection.table_names())
    tables = [model for model in every_model() if model._meta.db_table in there]  # noqa: SLF001
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        statements = list(_statements(connection.vendor, tables, app_role))
        for statement in statements:
            cursor.execute(statement)
        standing.note(connection, statements)


def _statements(vendor: str, tables: list[type[models.Model]], app_role: str | None) -> Iterator[str]:
    if vendor == "postgresql":
        yield from postgresql.statements(tables, app_role)
    else:
        yield from sqlite.statements(tables)


def after_migrate(*, using: str, **_: Any) -> None:
    """Install when migrations have run; Django calls it once an app, the last one does it."""
    from django.conf import settings  # noqa: PLC0415 -- only when Django is set up
    from django.db import connections  # noqa: PLC0415

    role: str | None = settings.APP_ROLE
    install(connections[using], role)

"""Keys counted anew: an archive's rows keep their order and distance, beside rows that are there.

Keys of one table all move by the same number, so that a million rows need no list of old and new.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from carethread.archive.tables import Table


@dataclass(frozen=True, slots=True)
class Keys:
    """What keys of the archive become here: listed one by one, or moved by a number, by model."""

    listed: Mapping[str, Mapping[int, int]]
    moved: Mapping[str, int]

    def here(self, label: str, key: int | None) -> int | None:
        """Return what a key of a model has become; null and 0 are no keys."""
        if not key:
            return key
        if label in self.listed:
            return self.listed[label][key]
        return key + self.moved.get(label, 0)


def move(table: Table, first: int | None, last: int | None) -> int:
    """Keep a stretch of a table's keys free for rows from first to last; return how far they move."""
    if first is None or last is None:
        return 0
    free = _next(table.name)
    by = max(0, free - first)
    _count_past(table.name, last + by)
    return by


def counted_past(model: type[models.Model]) -> None:
    """Let a table's next key come after those that are there."""
    last = model._default_manager.aggregate(last=models.Max("pk"))["last"]  # noqa: SLF001
    table: Any = model._meta.db_table  # noqa: SLF001
    if last is not None and last >= _next(table):
        _count_past(table, last)


def _next(table: str) -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq + 1 FROM sqlite_sequence WHERE name = %s", [table])
        else:
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        found = cursor.fetchone()
    return 1 if found is None else int(found[0])


def _count_past(table: str, key: int) -> None:
    """SQLite does so by itself when rows are there."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, key])

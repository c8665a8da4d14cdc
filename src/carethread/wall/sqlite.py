"""What SQLite can hold of the rules: append-only tables and days that never overlap, as triggers.

Councils are kept apart by the managers alone there, so an installation for several needs PostgreSQL.
"""

from collections.abc import Iterable, Iterator

from django.db import models

from carethread.wall.kept import Changes, NoOverlap, kept_of

REFUSED = {Changes.MUTABLE: (), Changes.LASTING: ("DELETE",), Changes.APPEND_ONLY: ("UPDATE", "DELETE")}
"""What a trigger refuses of rows."""


def statements(tables: Iterable[type[models.Model]]) -> Iterator[str]:
    """Yield everything that the tables need."""
    for model in tables:
        table, kept = model._meta.db_table, kept_of(model)  # noqa: SLF001
        if kept is None:
            continue
        for event in REFUSED[kept.changes]:
            why = f"is kept: no {event}"
            yield from _refusing(f"{table}_no_{event.lower()}", table, event, "", why)
        if kept.no_overlap is not None:
            for event in ("INSERT", "UPDATE"):
                condition = _overlap(table, kept.no_overlap)
                yield from _refusing(
                    f"{table}_overlap_{event.lower()}", table, event, condition, "no_overlap"
                )


def _refusing(name: str, table: str, event: str, condition: str, why: str) -> Iterator[str]:
    when = f"WHEN {condition}" if condition else ""
    yield f'DROP TRIGGER IF EXISTS "{name}"'
    yield (
        f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW {when}'
        f" BEGIN SELECT RAISE(ABORT, '{table} {why}'); END"
    )


def _overlap(table: str, rule: NoOverlap) -> str:
    alike = " AND ".join(f"other.{one} = NEW.{one}" for one in rule.by)
    return (
        f'EXISTS (SELECT 1 FROM "{table}" AS other WHERE {alike} AND other.id IS NOT NEW.id'
        f" AND other.{rule.first} <= coalesce(NEW.{rule.last}, '9999-12-31')"
        f" AND NEW.{rule.first} <= coalesce(other.{rule.last}, '9999-12-31'))"
    )

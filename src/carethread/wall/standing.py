"""Whether the wall still stands as it was put up: what `install` noted, held against what is there.

On PostgreSQL the catalogue is digested part by part when the wall is installed, and the digests
are kept as a comment that only the owner can write; on SQLite the triggers' own text is compared.
"""

import json
from hashlib import sha256
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from carethread.wall import postgresql, sqlite
from carethread.wall.kept import every_model

_PARTS = {
    "row-level security": """
        SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class
        WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace""",
    "policies": """
        SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies
        WHERE schemaname = 'public'""",
    "triggers": """
        SELECT pg_get_triggerdef(trigger.oid), tgenabled FROM pg_trigger trigger
        JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, convalidated,
        CASE WHEN contype <> 'c' THEN pg_get_constraintdef(oid) ELSE (
            SELECT string_agg(attname, ',' ORDER BY attname) FROM pg_attribute
            WHERE attrelid = conrelid AND attnum = ANY (conkey)) END
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "functions": """
        SELECT pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'carethread\\_%'""",
    "rights": """
        SELECT relname, grantee::regrole::text, privilege_type
        FROM pg_class, aclexplode(relacl)
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
        AND grantee <> relowner""",
}
"""Of a check its name and columns: what it says is written otherwise after a dump is brought back."""
_NOTE = "FUNCTION carethread_reads()"


def note(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    """Keep what the wall looks like now, and what it was made by."""
    if connection.vendor != "postgresql":
        return
    text = json.dumps({"made by": _digest(statements), **_parts(connection)}, sort_keys=True)
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON {_NOTE} IS '{text}'")


def differing(connection: BaseDatabaseWrapper, app_role: str | None) -> list[str]:
    """Return which parts of the wall are not as this version puts them up; none if it stands."""
    models_there = every_model()
    if connection.vendor == "sqlite":
        return _differing_triggers(connection, models_there)
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regprocedure('carethread_reads()'), 'pg_proc')")
        (text,) = cursor.fetchone()
    noted = json.loads(text or "{}")
    if not noted:
        return ["everything: it was never put up"]
    made_by = _digest(list(postgresql.statements(models_there, app_role)))
    found = {"made by": made_by, **_parts(connection)}
    return [part for part, digest in found.items() if noted.get(part) != digest]


def _parts(connection: BaseDatabaseWrapper) -> dict[str, str]:
    found = {}
    with connection.cursor() as cursor:
        for part, statement in _PARTS.items():
            cursor.execute(statement)
            found[part] = _digest(sorted(map(repr, cursor.fetchall())))
    return found


def _digest(texts: list[str]) -> str:
    return sha256(json.dumps(texts).encode()).hexdigest()


def _differing_triggers(connection: BaseDatabaseWrapper, tables: list[type[models.Model]]) -> list[str]:
    statements = [one for one in sqlite.statements(tables) if one.startswith("CREATE TRIGGER")]
    wanted = {statement.split('"')[1]: " ".join(statement.split()) for statement in statements}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        found: dict[str, Any] = {name: " ".join(text.split()) for name, text in cursor.fetchall()}
    return sorted(f"trigger {name}" for name in wanted if found.get(name) != wanted[name])

"""The wall in PostgreSQL: policies, triggers, constraints and grants, as SQL.

The application's role owns nothing and bypasses nothing; with no scope told, it sees nothing. Scope is
told per transaction by `set_config(..., true)`, which ends with it.

Source: PostgreSQL manual, "Row Security Policies" and "CREATE POLICY".
"""

from collections.abc import Iterable, Iterator

from django.db import models

from carethread.wall.kept import Belongs, Changes, Kept, NoOverlap, kept_of

_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION carethread_reads() RETURNS bigint[] STABLE LANGUAGE sql AS
    $$ SELECT string_to_array(nullif(current_setting('carethread.reads', true), ''), ',')::bigint[] $$
    """,
    """
    CREATE OR REPLACE FUNCTION carethread_writes() RETURNS bigint STABLE LANGUAGE sql AS
    $$ SELECT nullif(current_setting('carethread.writes', true), '')::bigint $$
    """,
    """
    CREATE OR REPLACE FUNCTION carethread_is_staff() RETURNS boolean STABLE LANGUAGE sql AS
    $$ SELECT coalesce(current_setting('carethread.providers', true), '') = '' $$
    """,
    """
    CREATE OR REPLACE FUNCTION carethread_providers() RETURNS bigint[] STABLE LANGUAGE sql AS
    $$ SELECT CASE current_setting('carethread.providers', true) WHEN '' THEN NULL WHEN '-' THEN '{}'
       ELSE string_to_array(current_setting('carethread.providers', true), ',') END::bigint[] $$
    """,
    """
    CREATE OR REPLACE FUNCTION carethread_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
       END $$
    """,
)


def statements(tables: Iterable[type[models.Model]], app_role: str | None) -> Iterator[str]:
    """Yield everything that the tables need."""
    yield from _FUNCTIONS
    every = list(tables)
    for model in every:
        yield from _table(model)
    for model in every:
        yield from _references(model)
    if app_role is not None:
        yield from _grants(every, app_role)


def _table(model: type[models.Model]) -> Iterator[str]:
    table, kept = model._meta.db_table, kept_of(model)  # noqa: SLF001
    if kept is None:
        return
    if kept.changes is Changes.APPEND_ONLY:
        yield from _append_only(table)
    if kept.belongs is not Belongs.ALL:
        yield from _policies(table, kept, provider=_provider_column(model))
        yield from _constraint(table, "own", "UNIQUE (council_id, id)")
    if kept.no_overlap is not None:
        yield from _constraint(table, "no_overlap", _exclusion(kept.no_overlap))


def _append_only(table: str) -> Iterator[str]:
    for name, when in (("rows", "UPDATE OR DELETE"), ("all", "TRUNCATE")):
        each = "ROW" if name == "rows" else "STATEMENT"
        yield (
            f'CREATE OR REPLACE TRIGGER "append_only_{name}" BEFORE {when} ON "{table}"'
            f" FOR EACH {each} EXECUTE FUNCTION carethread_append_only()"
        )


def _provider_column(model: type[models.Model]) -> str:
    return "id" if model._meta.label == "providers.Provider" else "provider_id"  # noqa: SLF001


def _policies(table: str, kept: Kept, *, provider: str) -> Iterator[str]:
    """Each function stands in a sub-select, so that it is asked once a query and not once a row."""
    staff = "(SELECT carethread_is_staff())"
    if kept.belongs is Belongs.PROVIDER:
        staff = f"({staff} OR {provider} = ANY ((SELECT carethread_providers())::bigint[]))"
    read = f"council_id = ANY ((SELECT carethread_reads())::bigint[]) AND {staff}"
    write = f"council_id = (SELECT carethread_writes()) AND {staff}"
    yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'
    for command, condition in (
        ("SELECT", f"USING ({read})"),
        ("INSERT", f"WITH CHECK ({write})"),
        ("UPDATE", f"USING ({write}) WITH CHECK ({write})"),
        ("DELETE", f"USING ({write})"),
    ):
        name = f"wall_{command.lower()}"
        yield f'DROP POLICY IF EXISTS {name} ON "{table}"'
        yield f'CREATE POLICY {name} ON "{table}" FOR {command} {condition}'


def _exclusion(rule: NoOverlap) -> str:
    alike = ", ".join(f"int8range({one}, {one}, '[]') WITH =" for one in rule.by)
    return f"EXCLUDE USING gist ({alike}, daterange({rule.first}, {rule.last}, '[]') WITH &&)"


def _references(model: type[models.Model]) -> Iterator[str]:
    """Yield a constraint for each reference from one walled table to another: same council."""
    if not _is_walled(model):
        return
    table = model._meta.db_table  # noqa: SLF001
    for field in model._meta.concrete_fields:  # noqa: SLF001
        other = field.related_model
        if not isinstance(other, type) or not issubclass(other, models.Model) or not _is_walled(other):
            continue
        target = other._meta.db_table  # noqa: SLF001
        yield from _constraint(
            table,
            f"{field.column}_wall",
            f'FOREIGN KEY (council_id, {field.column}) REFERENCES "{target}" (council_id, id)'
            " DEFERRABLE INITIALLY DEFERRED",
        )


def _is_walled(model: type[models.Model]) -> bool:
    kept = kept_of(model)
    return kept is not None and kept.belongs is not Belongs.ALL


def _constraint(table: str, name: str, rule: str) -> Iterator[str]:
    full = f"{table}_{name}"[:63]
    yield (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = '{full}'"
        f" AND conrelid = '\"{table}\"'::regclass) THEN"
        f' ALTER TABLE "{table}" ADD CONSTRAINT "{full}" {rule}; END IF; END $$'
    )


def _grants(tables: Iterable[type[models.Model]], role: str) -> Iterator[str]:
    yield f'GRANT USAGE ON SCHEMA public TO "{role}"'
    yield f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{role}"'
    yield f'GRANT SELECT ON django_migrations TO "{role}"'
    for model in tables:
        kept = kept_of(model)
        table = model._meta.db_table  # noqa: SLF001
        may = "SELECT, INSERT"
        if kept is not None and kept.changes is Changes.MUTABLE:
            may += ", UPDATE, DELETE"
        yield f'REVOKE ALL ON "{table}" FROM "{role}"'
        yield f'GRANT {may} ON "{table}" TO "{role}"'

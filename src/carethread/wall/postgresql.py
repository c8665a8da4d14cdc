"""The wall in PostgreSQL: policies, triggers, constraints and grants, as SQL.

The application's role owns nothing and bypasses nothing; with no scope told, it sees nothing. Scope is
told per transaction by `set_config(..., true)`, which ends with it.

The functions are stored parsed (`RETURN ...`), so no search path changes what they call.

Source: PostgreSQL manual, "Row Security Policies", "CREATE POLICY" and "Writing SECURITY DEFINER
Functions Safely".
"""

from collections.abc import Iterable, Iterator

from django.db import models

from carethread.wall.kept import Belongs, Changes, Kept, NoOverlap, kept_of

_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION carethread_reads() RETURNS bigint[] STABLE PARALLEL SAFE LANGUAGE sql
    RETURN string_to_array(nullif(current_setting('carethread.reads', true), ''), ',')::bigint[]
    """,
    """
    CREATE OR REPLACE FUNCTION carethread_writes() RETURNS bigint STABLE PARALLEL SAFE LANGUAGE sql
    RETURN nullif(current_setting('carethread.writes', true), '')::bigint
    """,
    """
    CREATE OR REPLACE FUNCTION carethread_is_staff() RETURNS boolean STABLE PARALLEL SAFE LANGUAGE sql
    RETURN coalesce(current_setting('carethread.providers', true), '') = ''
    """,
    """
    CREATE OR REPLACE FUNCTION carethread_providers() RETURNS bigint[] STABLE PARALLEL SAFE LANGUAGE sql
    RETURN CASE current_setting('carethread.providers', true) WHEN '' THEN NULL WHEN '-' THEN '{}'
           ELSE string_to_array(current_setting('carethread.providers', true), ',') END::bigint[]
    """,
    """
    CREATE OR REPLACE FUNCTION carethread_append_only() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS
    $$ BEGIN RAISE EXCEPTION '% is kept: no %', TG_TABLE_NAME, TG_OP
       USING ERRCODE = 'restrict_violation'; END $$
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
    yield from _lasting(table, kept.changes)
    if kept.belongs is not Belongs.ALL:
        yield from _policies(table, kept, provider=_provider_column(model))
        yield from _constraint(table, "own", "UNIQUE (council_id, id)")
    if kept.no_overlap is not None:
        yield from _constraint(table, "no_overlap", _exclusion(kept.no_overlap))


REFUSED = {
    Changes.MUTABLE: "",
    Changes.LASTING: "DELETE",
    Changes.APPEND_ONLY: "UPDATE OR DELETE",
}
"""What a trigger refuses of rows; where it refuses anything, the table is not truncated either."""


def _lasting(table: str, changes: Changes) -> Iterator[str]:
    refused = REFUSED[changes]
    for name, when, each in (("rows", refused, "ROW"), ("all", "TRUNCATE", "STATEMENT")):
        if refused:
            yield (
                f'CREATE OR REPLACE TRIGGER "append_only_{name}" BEFORE {when} ON "{table}"'
                f" FOR EACH {each} EXECUTE FUNCTION carethread_append_only()"
            )
        else:
            yield f'DROP TRIGGER IF EXISTS "append_only_{name}" ON "{table}"'


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
    """Yield a constraint for each reference from one walled table to another: same council.

    It says all that Django's own says, which is taken away: each is asked once a row, in bulk too. So
    is the reference to the council, where one that is never null says that the council is there.
    """
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
        yield _without_twin(table, str(field.column), target)
        if not field.null:
            yield _without_twin(table, "council_id", _COUNCILS)


_COUNCILS = "councils_council"


def _without_twin(table: str, column: str, target: str) -> str:
    return f"""
        DO $$ DECLARE twin name; BEGIN
        FOR twin IN SELECT conname FROM pg_constraint AS one
            WHERE contype = 'f' AND conrelid = '"{table}"'::regclass
            AND confrelid = '"{target}"'::regclass
            AND conkey = ARRAY(SELECT attnum FROM pg_attribute
                               WHERE attrelid = one.conrelid AND attname = '{column}')
        LOOP EXECUTE format('ALTER TABLE "{table}" DROP CONSTRAINT %I', twin); END LOOP; END $$
    """


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


RIGHTS = {
    Changes.MUTABLE: "SELECT, INSERT, UPDATE, DELETE",
    Changes.LASTING: "SELECT, INSERT, UPDATE",
    Changes.APPEND_ONLY: "SELECT, INSERT",
}
"""What the application's role may do with a table."""


def _grants(tables: Iterable[type[models.Model]], role: str) -> Iterator[str]:
    """Temporary tables are what rows in bulk are copied into: COPY itself stops at the wall."""
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f'REVOKE ALL ON SCHEMA public FROM "{role}"'
    yield f'GRANT USAGE ON SCHEMA public TO "{role}"'
    yield f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{role}"'
    yield f'GRANT SELECT ON django_migrations TO "{role}"'
    for model in tables:
        kept = kept_of(model)
        table = model._meta.db_table  # noqa: SLF001
        yield f'REVOKE ALL ON "{table}" FROM PUBLIC, "{role}"'
        if kept is not None:
            yield f'GRANT {RIGHTS[kept.changes]} ON "{table}" TO "{role}"'

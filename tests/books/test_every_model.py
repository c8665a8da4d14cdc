"""What holds for every model there is: whose it is, who may touch it, what its table refuses.

New models and constraints get their row and probe in `one_of_each.py`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import DatabaseError, IntegrityError, connection, models, transaction

import carethread
from carethread.people.models import Person
from carethread.retention.actions import rows_of
from carethread.wall import postgresql, sqlite
from carethread.wall.kept import Belongs, Changes, Kept, every_model, kept_of
from carethread.wall.models import WalledManager
from carethread.wall.scope import NoScope, OutsideTheWall, Scope, reading, scoped, writing
from tests.books.conftest import Shelf
from tests.books.one_of_each import MAKES, PROBES, changed, model_called, one_of_each, values_of
from tests.databases import APP, OWNER, Books

MODELS = [model for model in every_model() if model.__module__.startswith("carethread.")]
SCRUBBED_OF_NO_ONE = {"accounts.User", "providers.Worker"}


def kept(model: type[models.Model]) -> Kept:
    found = kept_of(model)
    assert found is not None, f"{model.__name__} is not classified"
    return found


WALLED = [model for model in MODELS if kept(model).belongs is not Belongs.ALL]
LASTING = [model for model in every_model() if kept(model).changes is not Changes.MUTABLE]


def label(model: type[models.Model]) -> str:
    return str(model._meta.label)


def found(statement: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


# Classified and described


def test_every_model_is_classified_and_made_as_it_says() -> None:
    assert len(MODELS) > 25
    assert [problem for problem in run_checks() if problem.id == "wall.E001"] == []


def test_libraries_keep_nothing_of_a_council() -> None:
    for model in every_model():
        if model not in MODELS:
            assert kept(model).belongs is Belongs.ALL


@pytest.mark.parametrize("model", WALLED, ids=label)
def test_every_way_to_walled_rows_leads_through_the_wall(model: type[models.Model]) -> None:
    assert isinstance(model._base_manager, WalledManager)
    assert all(isinstance(manager, WalledManager) for manager in model._meta.managers)


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_the_docstring_says_when_a_column_is_null(model: type[models.Model]) -> None:
    text = model.__doc__ or ""
    described = "settlement §" in text or "settlement's" in text
    for field in model._meta.concrete_fields:
        if field.null:
            words = f"{field.name}|{field.name.removesuffix('_at')}"
            is_named = re.search(rf"\b({words})\b", text) or any(
                field.name.startswith(stem) for stem in re.findall(r"\b(\w+_)\*", text)
            )
            assert is_named or described, f"{label(model)}.{field.name}: when is it null?"


def test_a_person_who_can_be_scrubbed_can_be_found() -> None:
    for model in MODELS:
        if kept(model).scrub and label(model) not in SCRUBBED_OF_NO_ONE:
            assert rows_of(model, Person(pk=1, ref="P1")) is not None, f"{label(model)}: whose?"


def test_columns_that_name_somebody_are_scrubbed() -> None:
    """A column called for what it says of a person is declared, wherever one is added."""
    telling = {"given_name", "family_name", "born_on", "postcode", "nhs_number", "address", "phone"}
    for model in MODELS:
        names = {field.name for field in model._meta.concrete_fields}
        assert names & telling <= set(kept(model).scrub), label(model)


# A row of each, and a row that each constraint refuses


def test_there_is_a_row_of_every_walled_model() -> None:
    assert {label(model) for model in WALLED} == {*MAKES, "audit.Entry", "audit.ChainHead"}


def constraints() -> Iterator[tuple[str, type[models.Model]]]:
    for model in MODELS:
        yield from ((one.name, model) for one in model._meta.constraints)
        if kept(model).no_overlap is not None:
            yield f"{model._meta.db_table}_no_overlap", model


def test_every_constraint_has_a_probe() -> None:
    assert {name: label(model) for name, model in constraints()} == {
        name: probe.of for name, probe in PROBES.items()
    }


def test_every_constraint_refuses_what_it_is_there_to_refuse(books: Books) -> None:
    made = one_of_each("north")
    unrefused = []
    with scoped(writing(made["councils.Council"].pk)):
        for name, probe in PROBES.items():
            with transaction.atomic():
                if probe.besides is not None:
                    changed(made, probe.of, probe.besides).save(force_insert=True)
                why = refusal(changed(made, probe.of, probe.change))
                transaction.set_rollback(True)
            if not names(why, name, model_called(probe.of)):
                unrefused.append((name, str(why)))
    assert unrefused == []


def refusal(row: models.Model, *, force_insert: bool = True) -> Exception | None:
    try:
        with transaction.atomic():
            row.save(force_insert=force_insert)
            connection.check_constraints()
    except IntegrityError as error:
        return error
    return None


def names(error: Exception | None, name: str, model: type[models.Model]) -> bool:
    """Say whether an error is of this constraint; SQLite names the columns of a unique one."""
    if error is None:
        return False
    if connection.vendor == "postgresql":
        return bool(error.__cause__.diag.constraint_name == name)  # type: ignore[union-attr]
    for rule in model._meta.constraints:
        if rule.name == name and isinstance(rule, models.UniqueConstraint):
            table = model._meta.db_table
            columns = [column_of(model, one) for one in rule.fields]
            return str(error) == "UNIQUE constraint failed: " + ", ".join(
                f"{table}.{column}" for column in columns
            )
    return name in str(error) or ("no_overlap" in name and "no_overlap" in str(error))


# The wall, model by model


def test_nothing_of_another_council_is_seen_or_changed_by_any_model(books: Books) -> None:
    north, south = one_of_each("north"), one_of_each("south")
    a = north["councils.Council"].pk
    for model in WALLED:
        theirs = south[label(model)]
        with scoped(writing(a)):
            assert set(model._default_manager.values_list("council_id", flat=True)) == {a}, label(model)
            assert not model._default_manager.filter(pk=theirs.pk).exists()
            with pytest.raises(OutsideTheWall):
                theirs.save()
            with pytest.raises(OutsideTheWall):
                theirs.delete()
            if kept(model).changes is Changes.MUTABLE:
                assert model._default_manager.filter(pk=theirs.pk).delete()[0] == 0
        with pytest.raises(NoScope):
            model._default_manager.exists()


def test_raw_sql_sees_and_changes_nothing_of_another_council(books: Books) -> None:
    if books.vendor == "sqlite":
        return
    north, south = one_of_each("north"), one_of_each("south")
    a, b = north["councils.Council"].pk, south["councils.Council"].pk
    for model in WALLED:
        table = model._meta.db_table
        every = f'SELECT DISTINCT council_id FROM "{table}"'
        assert found(every) == [], table
        with scoped(reading(a)):
            assert found(every) == [(a,)], table
        with scoped(writing(a)):
            with connection.cursor() as cursor:
                for statement in raw_changes(model, a, b):
                    cursor.execute(statement)
                    assert cursor.rowcount == 0, statement
            stolen = values_of(south[label(model)])
            columns = ", ".join(f'"{column_of(model, name)}"' for name in stolen)
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                found(
                    f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM jsonb_populate_record('
                    f'NULL::"{table}", \'{{"council_id": {b}}}\') RETURNING 1'
                )
        assert found(every) == [], table


def raw_changes(model: type[models.Model], a: int, b: int) -> Iterator[str]:
    table, changes = model._meta.db_table, kept(model).changes
    if changes is not Changes.APPEND_ONLY:
        yield f'UPDATE "{table}" SET council_id = council_id WHERE council_id = {b}'
        yield f'UPDATE "{table}" SET council_id = council_id WHERE council_id <> {a}'
    if changes is Changes.MUTABLE:
        yield f'DELETE FROM "{table}" WHERE council_id <> {a}'


def column_of(model: type[models.Model], attname: str) -> str:
    return next(
        str(one.column) for one in model._meta.concrete_fields if attname in {one.attname, one.name}
    )


def test_a_provider_sees_rows_of_providers_alone(books: Books) -> None:
    made = one_of_each("north")
    a, ours = made["councils.Council"].pk, made["providers.Provider"].pk
    for providers, is_seen in ((frozenset({ours}), True), (frozenset({ours + 1}), False)):
        with scoped(Scope(frozenset({a}), a, providers)):
            for model in WALLED:
                seen = is_seen and kept(model).belongs is Belongs.PROVIDER
                assert model._default_manager.exists() is seen, label(model)
                if books.vendor == "postgresql":
                    assert bool(found(f'SELECT 1 FROM "{model._meta.db_table}"')) is seen


def test_no_reference_crosses_the_wall(books: Books) -> None:
    """Each one that can be, is tried: a row of north that points at one of south."""
    if books.vendor == "sqlite":
        return
    north, south = one_of_each("north"), one_of_each("south")
    tried = 0
    for model in WALLED:
        for field in model._meta.concrete_fields:
            other = field.related_model
            if not isinstance(other, type) or other not in WALLED:
                continue
            row = changed(north, label(model), {})
            setattr(row, field.attname, south[label(other)].pk)
            with scoped(writing(north["councils.Council"].pk)):
                if kept(model).changes is not Changes.APPEND_ONLY:
                    row.pk = north[label(model)].pk
                assert isinstance(refusal(row, force_insert=row.pk is None), IntegrityError)
            tried += 1
    assert tried > 20


# Append-only and lasting


def test_what_lasts_refuses_to_be_changed(books: Books) -> None:
    made = one_of_each("north")
    with scoped(writing(made["councils.Council"].pk)):
        for model in LASTING:
            changes, table = kept(model).changes, model._meta.db_table
            statements = [f'DELETE FROM "{table}"']
            if changes is Changes.APPEND_ONLY:
                statements.append(f'UPDATE "{table}" SET council_id = council_id')
            if books.vendor == "postgresql":
                statements.append(f'TRUNCATE "{table}" CASCADE')
            for statement in statements:
                with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)


def test_what_lasts_refuses_its_owner_and_the_superuser_too(own_books: Books) -> None:
    if own_books.vendor == "sqlite":
        return
    made = one_of_each("north")
    council = made["councils.Council"].pk
    for url in (own_books.owner_url, own_books.super_url):
        with psycopg.connect(url) as plain:
            for name in ("carethread.reads", "carethread.writes"):
                plain.execute("SELECT set_config(%s, %s, false)", [name, str(council)])
            for model in LASTING:
                table = model._meta.db_table
                for statement in (f'DELETE FROM "{table}"', f'TRUNCATE "{table}" CASCADE'):
                    with pytest.raises(psycopg.errors.RestrictViolation), plain.transaction():
                        plain.execute(statement.encode())


# PostgreSQL's own catalogue


def test_every_walled_table_has_its_policies_forced(books: Books) -> None:
    if books.vendor == "sqlite":
        return
    flags = {
        name: (enabled, forced)
        for name, enabled, forced in found(
            "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    }
    policies: dict[str, dict[str, tuple[Any, ...]]] = {}
    for table, name, *rest in found(
        "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies"
        " WHERE schemaname = 'public'"
    ):
        policies.setdefault(table, {})[name] = tuple(rest)
    for model in WALLED:
        table = model._meta.db_table
        assert flags[table] == (True, True), table
        assert set(policies[table]) == {
            f"wall_{one}" for one in ("select", "insert", "update", "delete")
        }
        for name, (permissive, roles, command, using, check) in policies[table].items():
            assert (permissive, roles) == ("PERMISSIVE", "{public}")
            assert name == f"wall_{command.lower()}"
            told = "carethread_reads" if command == "SELECT" else "carethread_writes"
            for condition in filter(None, (using, check)):
                assert told in condition
                assert "carethread_is_staff" in condition
                is_provider = kept(model).belongs is Belongs.PROVIDER
                assert ("carethread_providers" in condition) is is_provider
            assert (using is not None) is (command != "INSERT")
            assert (check is not None) is (command in {"INSERT", "UPDATE"})
    others = {table for table, (enabled, _) in flags.items() if not enabled}
    assert others == {
        "django_migrations",
        *(model._meta.db_table for model in every_model() if kept(model).belongs is Belongs.ALL),
    }


def test_the_application_owns_nothing_and_may_no_more_than_it_needs(books: Books) -> None:
    if books.vendor == "sqlite":
        return
    assert found("SELECT current_user") == [(APP,)]
    assert found("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = %s", APP) == []
    assert found("SELECT proname FROM pg_proc WHERE pg_get_userbyid(proowner) = %s", APP) == []
    (powers,) = found(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
        " WHERE rolname = current_user"
    )
    assert not any(powers)
    assert found("SELECT 1 FROM pg_auth_members WHERE member = current_user::regrole") == []
    rights: dict[str, set[str]] = {}
    for table, right in found(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee IN (%s, 'PUBLIC') AND table_schema = 'public'",
        APP,
    ):
        rights.setdefault(table, set()).add(right)
    expected = {
        model._meta.db_table: set(postgresql.RIGHTS[kept(model).changes].split(", "))
        for model in every_model()
    }
    assert rights == {**expected, "django_migrations": {"SELECT"}}


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        f'SET ROLE "{OWNER}"',
        f'SET SESSION AUTHORIZATION "{OWNER}"',
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE audit_entry NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY wall_select ON audit_entry",
        "CREATE POLICY mine ON audit_entry USING (true)",
        "DROP TRIGGER append_only_rows ON audit_entry",
        "CREATE OR REPLACE FUNCTION carethread_is_staff() RETURNS boolean LANGUAGE sql RETURN true",
        "DROP TABLE audit_entry CASCADE",
        "TRUNCATE audit_entry",
        "SET session_replication_role = replica",
        "SET row_security = off; TABLE audit_entry",
        "COPY audit_entry FROM PROGRAM 'true'",
    ],
)
def test_the_application_cannot_take_the_wall_down(books: Books, statement: str) -> None:
    if books.vendor == "sqlite":
        return
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_nothing_in_the_database_runs_with_its_owners_rights(books: Books) -> None:
    """No view, nor function that is run as its definer, is a way round the policies."""
    if books.vendor == "sqlite":
        return
    own = "'public'::regnamespace"
    assert (
        found(f"SELECT relname FROM pg_class WHERE relkind IN ('v', 'm', 'f') AND relnamespace = {own}")
        == []
    )
    functions = found(f"SELECT proname, prosecdef FROM pg_proc WHERE pronamespace = {own}")
    assert not any(is_definer for _, is_definer in functions)
    assert {name for name, _ in functions if name.startswith("carethread_")} == {
        "carethread_reads",
        "carethread_writes",
        "carethread_is_staff",
        "carethread_providers",
        "carethread_append_only",
    }


def test_no_search_path_changes_what_the_wall_asks(books: Books) -> None:
    if books.vendor == "sqlite":
        return
    made = one_of_each("north")
    with scoped(reading(made["councils.Council"].pk)):
        found("SELECT set_config('search_path', 'pg_temp, public', true)")
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE FUNCTION pg_temp.string_to_array(text, text) RETURNS text[] LANGUAGE sql"
                " RETURN ARRAY['1', '2', '3']"
            )
        assert found("SELECT DISTINCT council_id FROM public.people_person") == [
            (made["councils.Council"].pk,)
        ]
        found("SELECT set_config('search_path', 'public', true)")


# Who may widen


def test_only_traces_are_left_in_the_councils_own_books() -> None:
    """`for_the_council` is wider than the scope around it: nobody uses it unseen."""
    users = set()
    source = Path(carethread.__file__).parent
    for file in source.glob("**/*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and "for_the_council" in {
                one.name for one in node.names
            }:
                users.add(file.relative_to(source).as_posix())
    assert users == {"audit/actions.py", "councils/actions.py"}


def test_nothing_passes_the_managers_by() -> None:
    """Django's own ways past a manager are not used on walled models."""
    source = Path(carethread.__file__).parent
    for file in source.glob("**/*.py"):
        if file.parent.name in {"wall", "migrations"}:
            continue
        assert not re.search(r"\bmodels\.(Manager|QuerySet)\(", file.read_text()), file


def test_sqlite_holds_what_it_can() -> None:
    statements = "\n".join(sqlite.statements(every_model()))
    for model in LASTING:
        assert f'"{model._meta.db_table}_no_delete"' in statements
    assert apps.ready


def checks() -> list[tuple[type[models.Model], str]]:
    return [
        (model, one.name)
        for model in MODELS
        for one in model._meta.constraints
        if isinstance(one, models.CheckConstraint)
    ]


@pytest.mark.parametrize(
    ("model", "name"), checks(), ids=lambda one: str(getattr(one, "__name__", one))
)
def test_no_null_leaves_a_constraint_undecided(
    shelf: Shelf, model: type[models.Model], name: str
) -> None:
    """A check that comes to null lets the row in: a trap that each must avoid."""
    shelf.opened("postgresql")
    table = model._meta.db_table
    ((definition, columns),) = found(
        "SELECT pg_get_expr(conbin, conrelid), (SELECT array_agg(attname::text) FROM pg_attribute"
        " WHERE attrelid = conrelid AND attnum = ANY (conkey)) FROM pg_constraint"
        " WHERE conname = %s AND conrelid = %s::regclass",
        name,
        table,
    )
    by_column = {field.column: field for field in model._meta.concrete_fields}
    kinds = {column: by_column[column].db_type(connection) for column in columns}
    crossed = " CROSS JOIN ".join(
        f"(SELECT unnest(ARRAY[{', '.join(sorted(tries(by_column[column])))}]::{kinds[column]}[])"
        f' AS "{column}") AS "t_{column}"'
        for column in columns
    )
    undecided = found(f"SELECT * FROM {crossed} WHERE ({definition}) IS NULL LIMIT 3")
    assert undecided == [], f"{columns}"


def tries(field: Any) -> set[str]:
    """Return values of a column worth trying, as SQL."""
    tried = {"NULL"} if field.null else set()
    if isinstance(field, models.BooleanField):
        return tried | {"true", "false"}
    if isinstance(field, models.DateTimeField | models.DateField):
        return tried | {"'2026-05-04'", "'2026-05-05'"}
    if isinstance(field, models.BinaryField):
        return tried | {"'\\x00'"}
    if isinstance(field, models.CharField | models.TextField):
        return tried | {"''", "'x'", *(f"'{value}'" for value, _ in field.choices or ())}
    return tried | {"0", "1", "2"}

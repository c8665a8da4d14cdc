"""Whether an installation is sound: one check, one verdict, and what to do."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max

from carethread.audit import queries as audit
from carethread.audit.actions import owner_of
from carethread.audit.models import Entry, PersonKey
from carethread.audit.values import MasterKeyIsWrong, unwrapped
from carethread.councils.models import Council
from carethread.wall import standing
from carethread.wall.kept import Belongs, every_model, kept_of
from carethread.wall.scope import reading, scoped

_SECRET = 32
_ROOM = 1_000_000_000
_SKEW = timedelta(minutes=1)


class Verdict(StrEnum):
    """How a check came out."""

    GOOD = "good"
    LOOK = "look"
    """Sound enough to go on; not for others than oneself."""
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: about what, the verdict, what there is, and what to do if it is not good."""

    about: str
    verdict: Verdict
    says: str
    to_do: str = ""


def examine(at: datetime, *, deploy: bool) -> Iterator[Found]:
    """Yield what every check found; with `deploy`, as for an installation that others use."""
    try:
        yield from _database()
        missing = _migrations()
        yield missing
        if missing.verdict is Verdict.BAD:
            return
        for check in _ON_BOOKS:
            yield from check(at)
        yield _councils(deploy=deploy)
    except DatabaseError as error:
        yield _bad("database", f"cannot be used: {error}", "see that it runs and the URL is right")
    yield from _settings(deploy=deploy)
    yield from _places()


def _good(about: str, says: str) -> Found:
    return Found(about, Verdict.GOOD, says)


def _bad(about: str, says: str, to_do: str) -> Found:
    return Found(about, Verdict.BAD, says, to_do)


def _judged(about: str, says: str, wrong: str, to_do: str) -> Found:
    return _bad(about, wrong, to_do) if wrong else _good(about, says)


def _ask(statement: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def _database() -> Iterator[Found]:
    connection.ensure_connection()
    version = ".".join(map(str, connection.get_database_version()))
    wrong = ""
    if connection.vendor == "postgresql" and connection.get_database_version() < (15,):
        wrong = f"PostgreSQL {version} is too old"
    yield _judged("database", f"{connection.vendor} {version}", wrong, "take PostgreSQL 15 or later")


def _migrations() -> Found:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    wrong = f"{len(missing)} migrations are missing" if missing else ""
    return _judged("migrations", "all have run", wrong, "run carethread migrate")


def _wall(_: datetime) -> Iterator[Found]:
    role = settings.APP_ROLE or _role_if_apart()
    wrong = ", ".join(standing.differing(connection, role))
    wrong = f"not as this version puts it up: {wrong}" if wrong else ""
    yield _judged("wall", "stands as it was put up", wrong, "find out why, then run carethread migrate")


def _role_if_apart() -> str | None:
    """Return the role we are, if the tables are another's."""
    if connection.vendor != "postgresql":
        return None
    ((role, owner),) = _ask(
        "SELECT current_user, pg_get_userbyid(relowner) FROM pg_class"
        " WHERE oid = 'councils_council'::regclass"
    )
    return None if role == owner else str(role)


_POWERS = """
    SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
    EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid),
    EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid),
    has_schema_privilege(oid, 'public', 'CREATE'),
    has_database_privilege(oid, current_database(), 'CREATE')
    FROM pg_roles WHERE rolname = current_user"""
_WORDS = (
    "is a superuser",
    "bypasses row-level security",
    "may create roles",
    "may create databases",
    "may replicate",
    "is a member of another role",
    "owns tables",
    "may create tables",
    "may create schemas",
)


def _role(_: datetime) -> Iterator[Found]:
    """Look at the application's role: what it may, and what it sees with no scope set."""
    if connection.vendor != "postgresql":
        return
    ((role, *powers),) = _ask(_POWERS)
    wrong = ", ".join(word for word, has in zip(_WORDS, powers, strict=True) if has)
    wrong = f"the application's role {role} {wrong}" if wrong else ""
    to_do = "make a role of its own for the application: docs/guides/self-host.md"
    yield _judged("role", f"{role} has no more rights than it needs", wrong, to_do)
    walled = [
        model for model in every_model() if (kept := kept_of(model)) and kept.belongs != Belongs.ALL
    ]
    tables = [str(model._meta.db_table) for model in walled]  # noqa: SLF001
    seen = [table for table in tables if _ask(f'SELECT 1 FROM "{table}" LIMIT 1')]  # noqa: S608
    wrong = f"rows of {', '.join(seen)} show with no scope set" if seen else ""
    yield _judged(
        "scope", "with none set, nothing shows", wrong, "take the application offline: the wall is down"
    )


def _councils(*, deploy: bool) -> Found:
    count = Council.objects.count()
    if connection.vendor == "sqlite" and count > 1:
        verdict = Verdict.BAD if deploy else Verdict.LOOK
        says = f"{count} councils share a SQLite file, which has no wall of its own"
        return Found(
            "councils", verdict, says, "keep one council, or move to PostgreSQL: export, restore"
        )
    return _good("councils", f"{count}")


def _trail(at: datetime) -> Iterator[Found]:
    """Look at every chain where it ends, at one person's key, at the clock beside the last entry."""
    latest = at
    for council in Council.objects.order_by("pk"):
        with scoped(reading(council.pk)):
            broken = audit.verify(last=_TAIL).broken
            wrong = f"the chain of {council.code} is broken at {broken[0].place}" if broken else ""
            yield _judged(
                "chain",
                f"{council.code}: its last {_TAIL} hold",
                wrong,
                f"run carethread audit verify {council.code}",
            )
            yield _master_key(council)
            latest = max(latest, Entry.objects.aggregate(last=Max("at"))["last"] or at)
    wrong = (
        f"this computer's clock is behind what was recorded at {latest}" if latest > at + _SKEW else ""
    )
    if connection.vendor == "postgresql":
        ((there,),) = _ask("SELECT clock_timestamp()")
        if abs(there - at) > _SKEW:
            wrong = f"this computer's clock and the database's differ by {abs(there - at)}"
    yield _judged("clock", "agrees", wrong, "set both by NTP")


_TAIL = 1_000


def _master_key(council: Council) -> Found:
    held = PersonKey.objects.filter(wrapped__isnull=False).order_by("-pk").first()
    wrong = ""
    if held is not None:
        try:
            unwrapped(held.wrapped, owner_of(council.pk, held.person_ref))
        except MasterKeyIsWrong as error:
            wrong = str(error)
    return _judged(
        "master key", f"opens the keys of {council.code}", wrong, "put back the one that was in use"
    )


def _settings(*, deploy: bool) -> Iterator[Found]:
    weak = Verdict.BAD if deploy else Verdict.LOOK
    for name in ("SECRET_KEY", "MASTER_KEY"):
        is_weak = len(getattr(settings, name)) < _SECRET
        to_do = f"leave CARETHREAD_{name} out and one is made, or give {_SECRET} random characters"
        yield Found(name, weak, "is short", to_do) if is_weak else _good(name, "is long enough")
    yield (
        Found("DEBUG", Verdict.BAD, "is on", "turn it off")
        if settings.DEBUG
        else _good("DEBUG", "is off")
    )
    hosts = set(settings.ALLOWED_HOSTS)
    if "*" in hosts or not hosts - {"localhost", "127.0.0.1"}:
        says = f"answers to {', '.join(sorted(hosts)) or 'nobody'}"
        yield Found("hosts", weak, says, "name the server in CARETHREAD_HOSTS")
    else:
        yield _good("hosts", ", ".join(sorted(hosts)))


def _places() -> Iterator[Found]:
    folder = Path(settings.FILES)
    mode = folder.stat().st_mode & 0o077
    wrong = f"others on this computer can look into {folder}" if mode else ""
    yield _judged("files", f"{folder} is private", wrong, f"chmod 700 {folder}")
    free = shutil.disk_usage(folder).free
    wrong = f"only {free // 1_000_000} MB are free at {folder}" if free < _ROOM else ""
    yield _judged(
        "disk", f"{free // 1_000_000_000} GB are free", wrong, "make room: imports and exports need it"
    )


_ON_BOOKS: tuple[Callable[[datetime], Iterator[Found]], ...] = (_wall, _role, _trail)

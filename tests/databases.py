"""Books for tests, empty and migrated, on SQLite and on PostgreSQL; the application's role in both.

Most tests run inside a transaction that is rolled back. Those that need what is committed, threads or
other processes get a copy of the empty books to themselves.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import dj_database_url
import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from psycopg import sql

from carethread.config.settings import database

OWNER, APP = "carethread_test_owner", "carethread_test_app"
VENDORS = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Books:
    """Where some books are: as the application, their owner and the superuser reach them."""

    vendor: str
    app_url: str
    owner_url: str
    super_url: str
    home: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """What another process needs to open them."""
        return {
            **os.environ,
            "CARETHREAD_HOME": str(self.home),
            "CARETHREAD_DATABASE_URL": self.app_url,
            "CARETHREAD_OWNER_DATABASE_URL": self.owner_url,
            "CARETHREAD_SECRET_KEY": settings.SECRET_KEY,
            "CARETHREAD_MASTER_KEY": settings.MASTER_KEY,
            "DJANGO_SETTINGS_MODULE": "carethread.config.settings",
        }


def point_at(books: Books, *, as_owner: bool = False) -> None:
    """Let Django's connection be to these books; one to others is closed."""
    connections.close_all()
    if any(connections.all(initialized_only=True)):
        del connections["default"]
    told = {"default": database(books.owner_url if as_owner else books.app_url)}
    settings.DATABASES = connections.settings = connections.configure_settings(told)
    settings.APP_ROLE = APP if books.vendor == "postgresql" else None
    settings.FILES = books.home / "files"
    settings.FILES.mkdir(exist_ok=True, parents=True)


def migrate(books: Books) -> None:
    """Make the tables, as the owner."""
    point_at(books, as_owner=True)
    call_command("migrate", verbosity=0)
    connections.close_all()


def empty_sqlite(folder: Path) -> Books:
    """Make empty books in a file."""
    url = f"sqlite:///{folder / 'books.sqlite3'}"
    books = Books("sqlite", url, url, url, folder)
    migrate(books)
    return books


def empty_postgresql(server: str, folder: Path) -> Books:
    """Make empty books in a database of their own, with an owner's and an application's role."""
    name = f"carethread_test_{token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        for role in (OWNER, APP):
            _make_role(connection, role)
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(OWNER)
            )
        )
    books = _at(server, name, folder)
    migrate(books)
    return books


@contextmanager
def empty_database(server: str, folder: Path) -> Iterator[Books]:
    """Give a database without tables, owned as books are, to be thrown away."""
    name = f"carethread_test_{token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(OWNER)
            )
        )
    books = _at(server, name, folder)
    try:
        yield books
    finally:
        connections.close_all()
        drop(server, books)


def _make_role(connection: psycopg.Connection, role: str) -> None:
    statement = f'CREATE ROLE "{role}" LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE'
    try:
        connection.execute(statement)
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        return  # another worker was first


def _at(server: str, name: str, folder: Path) -> Books:
    def url(user: str | None) -> str:
        parts = psycopg.conninfo.conninfo_to_dict(server)
        host, port = str(parts.get("host", "127.0.0.1")), parts.get("port", 5432)
        place = f"/{name}?host={host}" if host.startswith("/") else f"{host}:{port}/{name}"
        return f"postgresql://{user or parts['user']}@{place}"

    return Books("postgresql", url(APP), url(OWNER), url(None), folder)


def drop(server: str, books: Books) -> None:
    """Remove a database that tests made."""
    name = dj_database_url.parse(books.app_url)["NAME"]
    with psycopg.connect(server, autocommit=True) as connection:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(statement)


@contextmanager
def copied(server: str, empty: Books, folder: Path) -> Iterator[Books]:
    """Give a copy of empty books, to be thrown away."""
    connections.close_all()
    if empty.vendor == "sqlite":
        shutil.copy(empty.home / "books.sqlite3", folder / "books.sqlite3")
        url = f"sqlite:///{folder / 'books.sqlite3'}"
        books = Books("sqlite", url, url, url, folder)
    else:
        name = f"carethread_test_{token_hex(6)}"
        with psycopg.connect(server, autocommit=True) as connection:
            statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                sql.Identifier(name),
                sql.Identifier(OWNER),
                sql.Identifier(dj_database_url.parse(empty.app_url)["NAME"]),
            )
            connection.execute(statement)
        books = _at(server, name, folder)
    try:
        point_at(books)
        yield books
    finally:
        connections.close_all()
        if books.vendor == "postgresql":
            drop(server, books)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo on the way out whatever is written inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)

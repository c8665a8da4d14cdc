"""What somebody with every right to the database could do to it, in tests."""

import sqlite3
from pathlib import Path

import psycopg
from django.db import connection

from tests.databases import Books


def tamper(books: Books, *statements: str) -> None:
    """Run statements past every trigger and policy: as the superuser, or on the file itself."""
    connection.close()
    if books.vendor == "postgresql":
        with psycopg.connect(books.super_url) as plain:
            plain.execute("SET session_replication_role = replica")
            for statement in statements:
                plain.execute(statement.encode())
        return
    with sqlite3.connect(Path(books.home) / "books.sqlite3") as file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            file.execute(statement)
    file.close()

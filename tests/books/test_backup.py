"""The drill: a backup taken while people write is brought back, and is whole."""

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from carethread.audit import queries as audit
from carethread.people.models import Person
from carethread.wall.scope import reading, scoped, writing
from tests import databases
from tests.books.conftest import Shelf
from tests.books.test_audit import a_chain, carethread, decided
from tests.books.test_doctor import GUIDE
from tests.databases import Books, point_at


@contextmanager
def somebody_writing(council: int) -> Iterator[None]:
    """Write people with a trail, two rows at a time, until the block ends."""
    ended, begun, failed = Event(), Event(), list[BaseException]()

    def write() -> None:
        number = 0
        try:
            while not ended.is_set():
                with scoped(writing(council)):
                    Person.objects.create(council_id=council, ref=f"B{number}")
                    decided(number, f"B{number}")
                number += 1
                begun.set()
        except BaseException as error:  # noqa: BLE001 -- shown by the test
            failed.append(error)
        finally:
            begun.set()
            connection.close()

    thread = Thread(target=write)
    thread.start()
    begun.wait()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    assert failed == []


def test_a_backup_taken_while_people_write_is_whole(
    own_books: Books, shelf: Shelf, tmp_path: Path
) -> None:
    council = a_chain()
    folder = tmp_path / "back"
    folder.mkdir()
    with somebody_writing(council):
        backup = taken(own_books, tmp_path)
    with brought_back(own_books, backup, folder, shelf.server) as back:
        point_at(back)
        settings.FILES.chmod(0o700)
        with scoped(reading(council)):
            walked = audit.verify()
            people, entries = Person.objects.count(), len(audit.entries(subject=""))
        assert walked.broken == ()
        assert people > 0
        assert entries == walked.end.place == 6 + people
        connection.close()
        assert carethread(back, "audit", "verify", "north").returncode == 0
        done = carethread(back, "doctor")
        assert done.returncode == 0, done.stdout
    point_at(own_books)


def documented(program: str) -> list[str]:
    """Return a command as the guide shows it, without the file and the address."""
    (line,) = re.findall(rf"^{program} .*$", GUIDE.read_text(), flags=re.MULTILINE)
    return [word for word in line.split() if "carethread" not in word]


def taken(books: Books, folder: Path) -> Path:
    if books.vendor == "sqlite":
        path = folder / "copy.sqlite3"
        with sqlite3.connect(books.home / "books.sqlite3") as live, sqlite3.connect(path) as copy:
            live.backup(copy, pages=5)  # what `.backup` does
        live.close()
        copy.close()
        return path
    path = folder / "carethread.dump"
    with role_for_backups(books) as url:
        run([*documented("pg_dump"), f"--file={path}", url])
    return path


@contextmanager
def role_for_backups(books: Books) -> Iterator[str]:
    """Make the guide's third role; a dump by the owner must fail, loudly."""
    role = "carethread_test_backup"
    with psycopg.connect(books.super_url, autocommit=True) as plain:
        with suppress(psycopg.errors.DuplicateObject):
            plain.execute(f'CREATE ROLE "{role}" LOGIN NOSUPERUSER BYPASSRLS'.encode())
        plain.execute(f'GRANT pg_read_all_data TO "{role}"'.encode())
    with pytest.raises(subprocess.CalledProcessError):
        run(["pg_dump", "--format=custom", "--file=/dev/null", books.owner_url])
    yield re.sub(r"//[^@]*@", f"//{role}@", books.super_url)


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def brought_back(books: Books, backup: Path, folder: Path, server: str) -> Iterator[Books]:
    if books.vendor == "sqlite":
        shutil.copy(backup, folder / "books.sqlite3")
        url = f"sqlite:///{folder / 'books.sqlite3'}"
        yield Books("sqlite", url, url, url, folder)
        return
    with databases.empty_database(server, folder) as back:
        run([*documented("pg_restore"), f"--dbname={back.super_url}", str(backup)])
        yield back

"""Packages by files: each taken once by content, answered, and safe against kill -9 at any place."""

import csv
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from carethread.councils.models import Council
from carethread.interchange.drop_folders import read_drop_folder, read_drop_folders
from carethread.interchange.models import Acknowledgement, DropFile, DropFolder, Package
from carethread.kit.unable import UnableTo
from carethread.people.models import Person
from carethread.wall.scope import reading, scoped, writing
from tests.books.boundary import NOW, furnished, later, orders_in
from tests.databases import Books
from tests.formats.packages.messages import HEAD, ORDER, PERSON

ROW = HEAD | PERSON | ORDER


def put(folder: Path, name: str, *rows: dict[str, Any], at: datetime = NOW) -> Path:
    """Write a file of packages that last changed a minute before."""
    path = folder / "in" / name
    path.parent.mkdir(exist_ok=True)
    names = list(dict.fromkeys(name for row in (ROW, *rows) for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(ROW | row for row in rows)
    aged(path, at)
    return path


def aged(path: Path, at: datetime) -> None:
    os.utime(path, (at.timestamp() - 60,) * 2)


def read(council: Council, folder: Path, at: datetime = NOW) -> list[tuple[str, int, int]]:
    taken = read_drop_folder(council=council, path=folder, by="console:test", at=at)
    return [(str(one.path.relative_to(folder)), one.packages, one.accepted) for one in taken]


def answer(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_good_file_is_done_and_answered(books: Books, tmp_path: Path) -> None:
    council = furnished()
    put(tmp_path, "monday.csv", {}, {"key": "CM-2", "person_id": "P2", "nhs_number": ""})
    assert read(council, tmp_path) == [("done/monday.csv", 2, 2)]
    rows = answer(tmp_path / "done" / "monday.csv.answer.csv")
    assert [(row["key"], row["rows"], row["status"], row["orders"]) for row in rows] == [
        ("CM-1", "2", "accepted", "CT1"),
        ("CM-2", "3", "accepted", "CT2"),
    ]
    assert read(council, tmp_path) == []
    with scoped(reading(council.pk)):
        file = DropFile.objects.get()
        assert (file.packages, file.accepted, file.finished_at) == (2, 2, NOW)
        assert set(Acknowledgement.objects.values_list("how", flat=True)) == {"file"}


def test_a_file_with_a_returned_package_says_who_must_do_what(books: Books, tmp_path: Path) -> None:
    council = furnished()
    put(tmp_path, "p.csv", {}, {"key": "CM-2", "service": "SIT", "cost_centre": "C9", "person_id": "Q"})
    assert read(council, tmp_path) == [("returned/p.csv", 2, 1)]
    good, bad = answer(tmp_path / "returned" / "p.csv.answer.csv")
    assert good["status"] == "accepted"
    assert (bad["status"], bad["code"]) == ("returned", "no_rate; unknown_cost_centre")
    assert (bad["field"], bad["who"]) == ("service; cost_centre", "contract_manager; finance")
    assert "Have a rate entered" in bad["sentence"]


def test_the_same_content_under_another_name_changes_nothing(books: Books, tmp_path: Path) -> None:
    council = furnished()
    put(tmp_path, "a.csv", {})
    read(council, tmp_path)
    put(tmp_path, "b.csv", {})
    assert read(council, tmp_path, later(days=1)) == [("done/b.csv", 1, 1)]
    assert answer(tmp_path / "done" / "b.csv.answer.csv")[0]["orders"] == "CT1"
    with scoped(reading(council.pk)):
        assert (DropFile.objects.count(), Package.objects.count()) == (1, 1)


def test_a_name_used_again_overwrites_nothing(books: Books, tmp_path: Path) -> None:
    council = furnished()
    put(tmp_path, "a.csv", {})
    read(council, tmp_path)
    put(tmp_path, "a.csv", {"key": "CM-2", "start_time": "18:00"})
    ((name, *_),) = read(council, tmp_path)
    assert name.startswith("done/a.")
    assert len(list((tmp_path / "done").iterdir())) == 4


def test_what_is_still_being_written_is_left_alone(books: Books, tmp_path: Path) -> None:
    council = furnished()
    put(tmp_path, "a.csv", {}, at=later(seconds=55))
    put(tmp_path, "b.csv.partial", {})
    put(tmp_path, ".c.csv", {})
    assert read(council, tmp_path) == []
    assert read(council, tmp_path, later(seconds=10)) == [("done/a.csv", 1, 1)]


def test_a_file_that_cannot_be_read_is_kept_on_the_list(books: Books, tmp_path: Path) -> None:
    council = furnished()
    path = put(tmp_path, "a.csv", {})
    path.write_bytes(b"not,a,package\n\xff\n")
    aged(path, NOW)
    assert read(council, tmp_path) == [("returned/a.csv", 1, 0)]
    (row,) = answer(tmp_path / "returned" / "a.csv.answer.csv")
    assert (row["key"], row["status"]) == ("", "returned")
    assert "unreadable" in row["code"]
    with scoped(reading(council.pk)):
        assert Package.objects.get().status == "returned"


def test_a_row_without_a_key_does_not_hold_up_the_others(books: Books, tmp_path: Path) -> None:
    council = furnished()
    put(tmp_path, "a.csv", {}, {"key": ""})
    assert read(council, tmp_path) == [("returned/a.csv", 2, 1)]
    rows = answer(tmp_path / "returned" / "a.csv.answer.csv")
    assert [(row["key"], row["status"]) for row in rows] == [("CM-1", "accepted"), ("", "returned")]
    assert "Row 3" in rows[1]["sentence"] or "row 3" in rows[1]["sentence"]


def test_folders_that_are_registered_are_read_by_the_clock(books: Books, tmp_path: Path) -> None:
    north, south = furnished(), furnished("south")
    for council in (north, south):
        folder = tmp_path / council.code
        folder.mkdir()
        put(folder, "a.csv", {})
        with scoped(writing(council.pk)):
            path = str(folder.resolve())
            DropFolder.objects.create(council=council, path=path, added_at=NOW, added_by="user:1")
    with scoped(writing(south.pk)):
        DropFolder.objects.update(stopped_at=NOW)
    assert [one.path.parent.parent.name for one in read_drop_folders(at=NOW)] == ["north"]
    assert (len(orders_in(north)), orders_in(south)) == (1, [])


def test_a_folder_without_in_says_so(books: Books, tmp_path: Path) -> None:
    with pytest.raises(UnableTo, match="has no folder `in`"):
        read(furnished(), tmp_path)


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import django
django.setup()
from carethread.councils.models import Council
from carethread.interchange import actions_inbox, drop_folders

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def on_call(number, function):
    calls = iter(range(1, 100))
    def called(*arguments, **named):
        if next(calls) == number:
            die()
        return function(*arguments, **named)
    return called

where = sys.argv[2]
if where == "before the second package is decided":
    actions_inbox._decide = on_call(2, actions_inbox._decide)
elif where == "in the middle of applying":
    actions_inbox._keep_reasons = die
elif where == "before the answer":
    drop_folders._write = die
elif where == "before the move":
    drop_folders._write = lambda path, content, write=drop_folders._write: (write(path, content), die())
elif where == "after the move":
    drop_folders._end = die
council = Council.objects.get()
drop_folders.read_drop_folder(
    council=council, path=Path(sys.argv[1]), by="console:test", at=datetime(2026, 5, 4, 9, tzinfo=UTC)
)
"""
PLACES = (
    "before the second package is decided",
    "in the middle of applying",
    "before the answer",
    "before the move",
    "after the move",
)


@pytest.mark.parametrize("place", PLACES)
def test_kill_9_at_any_place_does_no_harm(own_books: Books, tmp_path: Path, place: str) -> None:
    council = furnished()
    folder = tmp_path / "exchange"
    folder.mkdir()
    other = {"key": "CM-2", "person_id": "P2", "nhs_number": "", "order_id": "O2"}
    put(folder, "a.csv", {"order_id": "O1"}, other)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), place],
        env=dict(own_books.environment),
        check=False,
        timeout=60,
        capture_output=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with scoped(reading(council.pk)):
        undecided = Package.objects.filter(status="received").count()
        people = Person.objects.count()
        assert people == Package.objects.filter(status="accepted").count()
    assert undecided == (1 if place in PLACES[:2] else 0)
    read(council, folder, later(minutes=1))
    assert sorted(one.name for one in (folder / "done").iterdir()) == ["a.csv", "a.csv.answer.csv"]
    assert list((folder / "in").iterdir()) == []
    assert [ref for ref, _ in orders_in(council)] == ["O1", "O2"]
    rows = answer(folder / "done" / "a.csv.answer.csv")
    assert [(row["status"], row["orders"]) for row in rows] == [("accepted", "O1"), ("accepted", "O2")]

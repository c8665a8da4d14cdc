"""All that is kept of a council goes into one file, and comes out of it the same, elsewhere or here."""

import hashlib
import json
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.db import connection, models

from carethread.accounts.actions import add_client, open_council
from carethread.accounts.models import Client, Membership, User
from carethread.archive import readme
from carethread.archive import writing as writes
from carethread.archive.restoring import ArchiveIsBroken, Restored, restore
from carethread.archive.tables import REFERENCES, tables
from carethread.archive.writing import rows_of, write
from carethread.audit import queries as audit
from carethread.audit.actions import record
from carethread.audit.models import PersonKey
from carethread.councils.models import Council
from carethread.kit.unable import UnableTo
from carethread.people.models import Person
from carethread.wall.scope import reading, scoped, writing
from tests.books.conftest import Shelf
from tests.books.one_of_each import one_of_each
from tests.books.running import CASES, lines_of, run_of
from tests.books.test_audit import carethread
from tests.databases import Books, copied, point_at
from tests.factories import books as factory

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
WITHHELD = {"job", "password", "last_login", "token_digest", "revoked_at", "wrapped"}
NUMBERS = {
    "audit.ChainHead.place",
    "audit.Entry.place",
    "councils.BookChange.number",
    "councils.BookClock.number",
    "interchange.Batch.book_number",
    "interchange.Batch.size",
    "interchange.ControlTotal.ours",
    "interchange.ControlTotal.theirs",
    "interchange.Outgoing.amount_pence",
    "interchange.Package.weekly_minutes",
    "interchange.Package.weekly_pence",
    "interchange.Problem.row",
    "invoices.InvoiceRow.amount_pence",
    "invoices.InvoiceRow.line_no",
    "invoices.InvoiceRow.minutes",
    "invoices.InvoiceRow.row",
    "accounts.Membership.approval_limit_pence",
    "providers.Rate.amount_pence",
    "settlement.Difference.after_due_pence",
    "settlement.Difference.before_due_pence",
    "settlement.Difference.pence",
    "settlement.Decision.number",
    "settlement.Decision.undone_number",
    "settlement.Line.amount_pence",
    "settlement.Line.due_pence",
    "settlement.Run.book_number",
    "settlement.Run.difference_pence",
    "settlement.Run.differences",
    "settlement.Run.due_pence",
    "settlement.Run.findings",
    "settlement.Run.held_pence",
    "settlement.Run.lines",
    "settlement.Run.visits",
    "settlement.RunFinding.row",
    "visits.RotaTime.row",
    "visits.Visit.row",
    "visits.Visit.sequence",
}
"""Large numbers that are no keys; a new one stands here, or in REFERENCES with what it is a key of."""


def filled(code: str = "north") -> Council:
    """Make a council with a row of everything, a trail with values, a client, a file that came in."""
    council: Council = one_of_each(code)["councils.Council"]
    with scoped(writing(council.pk)):
        record(
            by="user:1",
            at=NOW,
            action="person.changed",
            subject="person:P1",
            person_ref="P1",
            why="she moved",
            before={"postcode": "SW1A 1AA"},
            after={"postcode": ""},
            chained=True,
        )
        PersonKey.objects.filter(person_ref="P9").update(
            wrapped=None, destroyed_at=NOW, destroyed_by="console:test"
        )
    add_client(council=council, name="ledger", may=["outbox"], by="console:test", at=NOW)
    sent = settings.FILES / "imports" / str(council.pk) / "ab" / "visits.csv"
    sent.parent.mkdir(parents=True)
    sent.write_bytes(b"visit_id\nV1\n")
    return council


def kept(council: Council) -> dict[str, list[dict[str, Any]]]:
    """Return everything that is kept of a council, its keys as ranks: two are alike if they match."""
    with scoped(reading(council.pk)):
        every = {
            table.label: [values(table, row) for row in rows_of(table, council)] for table in tables()
        }
    ranks = {
        label: {row["id"]: rank for rank, row in enumerate(rows, 1)} for label, rows in every.items()
    }
    for table in tables():
        for field in table.fields:
            other = table.refers(field)
            for row in every[table.label]:
                if other in ranks and row.get(field.attname):
                    row[field.attname] = ranks[other][row[field.attname]]
    return every


def values(table: Any, row: models.Model) -> dict[str, Any]:
    names = (field.attname for field in table.fields if field.name not in WITHHELD)
    found = {name: getattr(row, name) for name in names}
    return {name: bytes(one) if isinstance(one, memoryview) else one for name, one in found.items()}


@contextmanager
def elsewhere(shelf: Shelf, here: Books, tmp_path: Path) -> Iterator[Books]:
    """Go to another, empty installation of the same kind, as its owner; come back afterwards."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    server = shelf.server if here.vendor == "postgresql" else ""
    with copied(server, shelf.empty(here.vendor), folder) as other:
        point_at(other, as_owner=True)
        yield other
    point_at(here)


def without_last_entry(every: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Leave out what restoring itself recorded."""
    assert every["audit.Entry"][-1]["action"] == "council.restored"
    return {
        **every,
        "audit.Entry": every["audit.Entry"][:-1],
        "audit.ChainHead": [],
    }


def exported(council: Council, path: Path, **options: Any) -> Path:
    write(council, path, by="console:test", at=NOW, **options)
    return path


def restored(path: Path, **options: Any) -> Restored:
    return restore(path, by="console:test", at=NOW, **options)


def test_everything_comes_out_as_it_went_in(own_books: Books, shelf: Shelf, tmp_path: Path) -> None:
    council = filled()
    path = exported(council, tmp_path / "north.zip")
    before = kept(council)
    with elsewhere(shelf, own_books, tmp_path):
        done = restored(path)
        after = kept(done.council)
        assert without_last_entry(after) == {**before, "audit.ChainHead": []}
        file = settings.FILES / "imports" / str(done.council.pk) / "ab" / "visits.csv"
        assert file.read_bytes() == b"visit_id\nV1\n"
        with scoped(reading(done.council.pk)):
            assert audit.verify().broken == ()
            (changed,) = audit.entries(person_ref="P1")
            told = audit.values_of(changed)
            assert told is not None
            assert (told.why, told.before) == ("she moved", {"postcode": "SW1A 1AA"})
        assert not User.objects.get().has_usable_password()
        assert Client.objects.get().revoked_at == NOW
        with scoped(writing(done.council.pk)):  # keys go on after those that came
            Person.objects.create(council=done.council, ref="P77")


def test_a_council_comes_beside_others(own_books: Books, shelf: Shelf, tmp_path: Path) -> None:
    """Keys, users and clients of others are there already."""
    council = filled()
    path, before = exported(council, tmp_path / "north.zip"), kept(council)
    with elsewhere(shelf, own_books, tmp_path):
        for code in ("east", "south"):
            filled(code)
        done = restored(path)
        assert done.council.pk != council.pk
        assert without_last_entry(kept(done.council)) == {**before, "audit.ChainHead": []}
        role = Membership.objects.get(council=done.council)
        assert role.user.email == "ada@north.example"
        with scoped(reading(done.council.pk)):
            (entry,) = audit.entries(subject="council:north")[-1:]
            noted = audit.values_of(entry)
            assert noted is not None
            assert noted.after is not None
            assert len(noted.after["users_now"]) == 1
            assert audit.verify().broken == ()
        for code in ("east", "south"):
            other = Council.objects.get(code=code)
            with scoped(reading(other.pk)):
                assert Person.objects.count() == 2


def test_an_archive_is_refused_where_it_would_do_harm(
    own_books: Books, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    council = filled()
    path = exported(council, tmp_path / "north.zip")
    with pytest.raises(UnableTo, match="has books here already"):
        restored(path)
    with pytest.raises(UnableTo, match="already there"):
        exported(council, path)
    with pytest.raises(UnableTo, match="in no folder"):
        exported(council, tmp_path / "nowhere" / "north.zip")
    with elsewhere(shelf, own_books, tmp_path):
        key = settings.MASTER_KEY
        monkeypatch.setattr(settings, "MASTER_KEY", "another")
        with pytest.raises(UnableTo, match="CARETHREAD_ARCHIVE_MASTER_KEY"):
            restored(path)
        assert not Council.objects.exists()
        assert not list(settings.FILES.glob("**/*.csv"))
        done = restored(path, master_key=key)
        with scoped(reading(done.council.pk)):
            assert [audit.values_of(one) is None for one in audit.entries(person_ref="P1")] == [False]
        with pytest.raises(UnableTo, match="there is no file"):
            restored(tmp_path / "none.zip")


def changed(path: Path, name: str, content: bytes | None, *, manifest_too: bool = False) -> Path:
    """Return a copy of an archive in which a file is otherwise, or gone."""
    out = path.with_name(f"changed-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.namelist():
            data = content if one == name else old.read(one)
            if one == "manifest.json" and manifest_too:
                told = json.loads(data or b"")
                told["files"][name]["sha256"] = hashlib.sha256(content or b"").hexdigest()
                data = json.dumps(told).encode()
            if data is not None:
                new.writestr(one, data)
    return out


def test_a_damaged_archive_changes_nothing(own_books: Books, shelf: Shelf, tmp_path: Path) -> None:
    path = exported(filled(), tmp_path / "north.zip")
    people = "tables/people_person.parquet"
    with zipfile.ZipFile(path) as archive:
        entries = archive.read("tables/audit_entry.parquet")
        manifest = archive.read("manifest.json").replace(b'"format": 1', b'"format": 99')
    fewer = tmp_path / "fewer.parquet"
    pq.write_table(pq.read_table(archive_file(path, tmp_path, "audit_entry")).slice(0, 1), fewer)
    (tmp_path / "text.zip").write_text("not a zip")
    damaged: dict[str, Callable[[], Path]] = {
        "not what was written": lambda: changed(path, people, b"x"),
        "does not hold the files": lambda: changed(path, people, None),
        "no archive of carethread": lambda: tmp_path / "text.zip",
        "other columns": lambda: changed(path, people, entries, manifest_too=True),
        "writes archives otherwise": lambda: changed(path, "manifest.json", manifest),
        "audit_entry has 1 rows": lambda: changed(
            path, "tables/audit_entry.parquet", fewer.read_bytes(), manifest_too=True
        ),
    }
    with elsewhere(shelf, own_books, tmp_path):
        for why, archive_of in damaged.items():
            with pytest.raises(UnableTo, match=why):
                restored(archive_of())
            assert not Council.objects.exists()
        with pytest.raises(ArchiveIsBroken):
            restored(changed(path, people, b"PAR1", manifest_too=True))


def archive_file(path: Path, folder: Path, table: str) -> Path:
    with zipfile.ZipFile(path) as archive:
        return Path(archive.extract(f"tables/{table}.parquet", folder))


def test_an_archive_tells_what_it_holds(own_books: Books, tmp_path: Path) -> None:
    council = filled()
    filled("south")
    path = exported(council, tmp_path / "north.zip", with_audit_values=True)
    assert path.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(path) as archive:
        text = archive.read("README.md").decode()
        told = json.loads(archive.read("manifest.json"))
        names = set(archive.namelist())
        content = b"".join(archive.read(name) for name in names if "audit_values" not in name)
        archive.extract("audit_values.parquet", tmp_path)
    assert names == {*told["files"], "manifest.json"}
    assert {f"tables/{table.name}.parquet" for table in tables()} <= names
    assert "## people_person" in text
    assert "2 rows." in text
    assert told["files"]["tables/people_person.parquet"]["rows"] == 2
    assert (told["council"], told["chain_place"]) == ("north", 4)
    assert b"ada@south.example" not in content
    assert settings.MASTER_KEY.encode() not in content
    (opened,) = [
        row for row in pq.read_table(tmp_path / "audit_values.parquet").to_pylist() if row["why"]
    ]
    assert (opened["why"], opened["before"]) == ("she moved", '{"postcode": "SW1A 1AA"}')
    with scoped(reading(council.pk)):
        assert "council.exported" in [one.action for one in audit.entries()]


def test_every_column_of_an_archive_is_described() -> None:
    text = readme.page()
    for table in tables():
        assert f"## {table.name}\n" in text
        assert len(table.says) > 40, table.name
        for field in table.fields:
            assert f"| `{field.attname}` |" in text


def test_every_large_number_is_said_to_be_a_key_or_not() -> None:
    """A key that nobody moves would point at another council's row in a restored one."""
    found = {
        f"{table.label}.{field.name}"
        for table in tables()
        for field in table.fields
        if type(field) is models.BigIntegerField
    }
    assert found - NUMBERS - set(REFERENCES) == set()


def test_it_is_one_moment_whoever_writes(
    own_books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    council = filled()
    plain = writes.write_table

    def write_table(archive: Any, table: Any, of: Council) -> None:
        plain(archive, table, of)
        if table.label == "accounts.User":
            thread = Thread(target=somebody_writes)
            thread.start()
            thread.join()

    def somebody_writes() -> None:
        try:
            with scoped(writing(council.pk)):
                Person.objects.create(council=council, ref="LATE")
        finally:
            connection.close()

    monkeypatch.setattr(writes, "write_table", write_table)
    path = exported(council, tmp_path / "north.zip")
    refs = pq.read_table(archive_file(path, tmp_path, "people_person"))["ref"].to_pylist()
    assert refs == ["P1", "P2"]
    with scoped(reading(council.pk)):
        assert Person.objects.filter(ref="LATE").exists()


def test_the_commands(own_books: Books, shelf: Shelf, tmp_path: Path) -> None:
    filled()
    connection.close()
    path = tmp_path / "north.zip"
    assert carethread(own_books, "export", "north", "--out", str(path)).returncode == 0
    assert carethread(own_books, "export", "--out", str(path)).returncode == 2
    every = carethread(own_books, "export", "--all", "--out", str(tmp_path / "all"))
    assert [one.name for one in (tmp_path / "all").iterdir()] == ["north.zip"], every.stderr
    with elsewhere(shelf, own_books, tmp_path) as other:
        connection.close()
        done = carethread(other, "restore", str(path))
        assert done.returncode == 0, done.stderr
        assert carethread(other, "audit", "verify", "north").returncode == 0
        assert carethread(other, "restore", str(path)).returncode == 2


def test_a_council_without_anything_has_an_archive(
    own_books: Books, shelf: Shelf, tmp_path: Path
) -> None:
    council = open_council(code="empty", name="Empty", by="console:test", at=NOW)
    path = exported(council, tmp_path / "empty.zip")
    with elsewhere(shelf, own_books, tmp_path):
        assert restored(path).council.code == "empty"


@pytest.mark.parametrize(
    "case", ["week-pool-gives-back", "order-changes-mid-week", "rota-moves-never-adds"]
)
def test_what_was_restored_settles_to_the_same_bytes(
    own_books: Books, shelf: Shelf, tmp_path: Path, case: str
) -> None:
    folder = next(one for one in CASES if one.name == case)
    told = tomllib.loads((folder / "case.toml").read_text())
    council = factory.council()
    factory.keep(folder, council)
    path = exported(council, tmp_path / "north.zip")
    before = run_of(council, told["from"], told["to"])
    lines = lines_of(before)
    with elsewhere(shelf, own_books, tmp_path):
        filled("south")  # so that keys are others
        after = run_of(restored(path).council, told["from"], told["to"])
        assert after.lines
        assert after.digest == before.digest
        assert lines_of(after) == lines

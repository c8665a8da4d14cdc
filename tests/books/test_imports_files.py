"""All formats give the same books; profiles; hostile files; the same file back; doubles; faults."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from zipfile import ZipFile

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from django.db import connection

from carethread.interchange.imports import actions, profiles, queries, store
from carethread.interchange.imports.words import BATCH, BatchStatus, Code
from carethread.interchange.models import Batch, Problem
from carethread.kit.unable import UnableTo
from carethread.people.actions import decide_likeness
from carethread.people.models import LikelySame, Likeness, Person
from carethread.visits.models import Visit
from carethread.wall.scope import reading, scoped, writing
from tests.books.imports import BY, NOW, applied, checked, council, problems, received, written
from tests.databases import Books

HEAD = "visit_id,person_id,provider_id,worker_id,service,check_in,check_out,planned_start\n"
ROWS = (
    "V1,P1,A,W1,PC,2026-05-04T08:00,2026-05-04T08:30,2026-05-04T08:00\n"
    "V2,P1,A,W2,PC,2026-05-05T08:00:30,,\n"
)
BAD = "V3,P1,A,,PC,2026-05-05T08:00,2026-05-05T09:00,\n"
SERVICE_DELIVERY = (
    "FileReference,ProviderRef,ServiceUserRef,ServiceType,VisitDate,StartTimeClaimed,DurationClaimed,"
    "ActualStartTime,ActualDuration,SecondaryVisit\n"
    "F1,A,P1,PC,04/05/2026,08:00,00:30,08:05,00:28,False\n"
    "F1,A,P1,PC,04/05/2026,12:00,00:30,12:00,00:35,False\n"
    "F1,A,P1,PC,31/02/2026,12:00,00:30,12:00,00:35,False\n"
)
_BOOKS = ("ref", "sequence", "person_ref", "worker_ref", "check_in", "check_out", "planned_start")


def books_of(number: int) -> list[tuple[object, ...]]:
    with scoped(reading(number)):
        return list(
            Visit.objects.order_by("ref").values_list(*_BOOKS, "service_on", "in_method", "row")
        )


def as_workbook(csv: Path, to: Path) -> Path:
    with xlsxwriter.Workbook(to) as book:
        sheet = book.add_worksheet("visits")
        for row, line in enumerate(csv.read_text().splitlines()):
            for column, cell in enumerate(line.split(",")):
                sheet.write_string(row, column, cell)
    return to


def as_parquet(csv: Path, to: Path) -> Path:
    names = csv.read_text().splitlines()[0].split(",")
    texts = pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    pq.write_table(pacsv.read_csv(csv, convert_options=texts), to)
    return to


def as_zip(csv: Path, to: Path) -> Path:
    with ZipFile(to, "w") as archive:
        archive.write(csv, "may/visits.csv")
    return to


def test_every_format_gives_the_same_books(books: Books, tmp_path: Path) -> None:
    csv = written(tmp_path / "csv", visits=HEAD + ROWS + BAD) / "visits.csv"
    sent = [
        csv,
        as_workbook(csv, tmp_path / "visits.xlsx"),
        as_parquet(csv, tmp_path / "visits.parquet"),
        as_zip(csv, tmp_path / "may.zip"),
        csv.parent,
    ]
    found = []
    for number, path in enumerate(sent):
        here = council(f"c{number}")
        batch = applied(here, path)
        assert batch.counts["visits"] == {"new": 2, "changed": 0, "unchanged": 0, "rejected": 1}, path
        assert ("visits", 4, "worker_id", Code.UNREADABLE_ROW) in problems(batch)
        found.append(books_of(here.pk))
    assert all(one == found[0] for one in found[1:])
    assert len(found[0]) == 2


def test_large_files_are_read_in_bulk_to_the_same_books(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path / "a", visits=HEAD + ROWS + BAD)
    small = council("small")
    applied(small, folder)
    monkeypatch.setattr("carethread.interchange.imports.arrow.LARGE", 0)
    large = council("large")
    batch = applied(large, folder)
    assert ("visits", 4, "worker_id", Code.UNREADABLE_ROW) in problems(batch)
    assert books_of(large.pk) == books_of(small.pk)
    assert checked(large, folder).counts["visits"]["unchanged"] == 2


def test_a_file_is_known_by_its_columns(books: Books, tmp_path: Path) -> None:
    north = council()
    path = tmp_path / "Visits for May.csv"
    path.write_text(HEAD + ROWS)
    assert checked(north, path).counts["visits"]["new"] == 2
    other = tmp_path / "notes.csv"
    other.write_text("a,b\n1,2\n")
    failed = checked(north, other)
    assert failed.counts == {}
    assert Code.NOT_READ in [one[3] for one in problems(failed)]


def test_claimed_and_actual_are_kept_apart(books: Books, tmp_path: Path) -> None:
    north = council()
    path = tmp_path / "delivery.csv"
    path.write_text(SERVICE_DELIVERY)
    batch = applied(north, path, profile="service-delivery")
    assert batch.counts["visits"] == {"new": 2, "changed": 0, "unchanged": 0, "rejected": 1}
    assert ("visits", 4, "VisitDate", Code.UNREADABLE_ROW) in problems(batch)
    with scoped(reading(north.pk)):
        first = Visit.objects.order_by("check_in").first()
        assert first is not None
        assert f"{first.check_in:%H:%M}-{first.check_out:%H:%M}" == "07:05-07:33"
        assert (f"{first.claimed_start:%H:%M}", first.claimed_minutes) == ("07:00", 30)
    assert checked(north, path, profile="service-delivery").counts["visits"]["unchanged"] == 2


def test_a_council_adds_profiles_in_versions(books: Books, tmp_path: Path) -> None:
    north, south = council("north"), council("south")
    with scoped(writing(north.pk)):
        ready = profiles.named("service-delivery")
        text = ready.text + '\n[codes.service]\n"PC" = "personal_care"\n'
        assert profiles.add(text=text, by=BY, at=NOW).version == 1
        assert profiles.add(text=text, by=BY, at=NOW).version == 1
        assert profiles.add(text=text + "\n", by=BY, at=NOW).version == 2
        assert profiles.named("service-delivery").version == 2
        with pytest.raises(profiles.ProfileIsWrong, match="visit_id: is missing"):
            profiles.add(text='name = "x"\ntable = "visits"\n', by=BY, at=NOW)
        with pytest.raises(UnableTo, match="service-delivery"):
            profiles.named("theirs")
    path = tmp_path / "delivery.csv"
    path.write_text(SERVICE_DELIVERY)
    batch = applied(north, path, profile="service-delivery")
    assert (batch.profile, batch.profile_version) == ("service-delivery", 2)
    with scoped(reading(north.pk)):
        assert set(Visit.objects.values_list("service", flat=True)) == {"personal_care"}
    with scoped(reading(south.pk)):
        assert profiles.named("service-delivery").version == 0


def test_hostile_files_are_refused(books: Books, tmp_path: Path) -> None:
    north = council()
    out = tmp_path / "out.zip"
    with ZipFile(out, "w") as archive:
        archive.writestr("../visits.csv", HEAD)
    bomb = tmp_path / "bomb.zip"
    with ZipFile(bomb, "w", 8) as archive:
        archive.writestr("visits.csv", b"0" * (60 << 20))
    broken = tmp_path / "visits.xlsx"
    with ZipFile(broken, "w") as archive:
        archive.writestr("xl/workbook.xml", "<not a workbook")
    for path in (out, bomb, broken):
        batch = checked(north, path)
        assert batch.status == BatchStatus.FAILED, path
        assert Code.UNREADABLE_FILE in [one[3] for one in problems(batch)]
        with pytest.raises(UnableTo, match="only what is checked"):
            actions.apply(batch=batch, by=BY, at=NOW)


def test_the_same_file_comes_back_with_its_problems(books: Books, tmp_path: Path) -> None:
    north = council()
    csv = written(tmp_path / "csv", visits=HEAD + ROWS + BAD) / "visits.csv"
    batch = checked(north, csv)
    back = tmp_path / "back.csv"
    zipped = checked(north, as_zip(csv, tmp_path / "may.zip"))
    with scoped(reading(north.pk)):
        assert queries.write_back(batch, back) == []
        assert queries.write_back(zipped, tmp_path / "back.zip") == []
        reasons = queries.reasons(batch)
    lines = back.read_text().splitlines()
    assert lines[0].startswith("carethread_problems,visit_id")
    assert lines[1].startswith(",V1,")
    assert lines[3].startswith("worker_id: is empty")
    with ZipFile(tmp_path / "back.zip") as archive:
        assert archive.read("visits.csv").decode() == back.read_text()
    assert reasons[0].is_rejected
    assert (reasons[0].count, reasons[0].row) == (1, 4)
    back.write_text(back.read_text().replace("V3,P1,A,,", "V3,P1,A,W9,"))
    assert checked(north, back).counts["visits"] == {
        "new": 3,
        "changed": 0,
        "unchanged": 0,
        "rejected": 0,
    }


def test_doubles_are_reported_and_never_merged(books: Books, tmp_path: Path) -> None:
    north = council()
    people = (
        "person_id,given_name,family_name,born_on,postcode\n"
        "P1,Jon,Smith,1940-01-02,SW1A 1AA\nP2,John,Smith,1940-01-02,SW1A 1AA\n"
        "P3,Ann,Other,1950-01-02,M1 1AE\n"
    )
    batch = applied(north, written(tmp_path / "a", people=people))
    assert actions.brings_people(batch)
    found = actions.compare_people(council=north.pk, at=NOW)
    with scoped(writing(north.pk)):
        assert [(one.one.ref, one.other.ref) for one in LikelySame.objects.all()] == [("P1", "P2")]
        with pytest.raises(UnableTo, match="why"):
            decide_likeness(likely=found[0], verdict=Likeness.SAME, why=" ", by=BY, at=NOW)
        decide_likeness(likely=found[0], verdict=Likeness.DIFFERENT, why="twins", by=BY, at=NOW)
        assert Person.objects.count() == 3
    assert actions.compare_people(council=north.pk, at=NOW) == []


def test_a_check_that_the_books_overtook_is_shown_again(books: Books, tmp_path: Path) -> None:
    north = council()
    first = checked(north, written(tmp_path / "a", visits=HEAD + ROWS))
    other = written(tmp_path / "b", visits=HEAD + ROWS.splitlines(keepends=True)[0])
    applied(north, other)
    with pytest.raises(actions.ChangedSince):
        actions.apply(batch=first, by=BY, at=NOW)
    with scoped(reading(north.pk)):
        first.refresh_from_db()
    assert first.counts["visits"] == {"new": 1, "changed": 0, "unchanged": 1, "rejected": 0}
    done = actions.apply(batch=first, by=BY, at=NOW)
    assert done.status == BatchStatus.APPLIED
    with pytest.raises(UnableTo, match="only what is checked"):
        actions.apply(batch=done, by=BY, at=NOW)
    with pytest.raises(UnableTo, match="it is applied"):
        actions.check(batch=done, by=BY, at=NOW)


def test_an_abandoned_import_writes_nothing(books: Books, tmp_path: Path) -> None:
    north = council()
    path = written(tmp_path / "a", visits=HEAD + ROWS)
    batch = checked(north, path)
    with scoped(writing(north.pk)):
        actions.abandon(batch=batch, by=BY, at=NOW)
    assert books_of(north.pk) == []
    assert received(north, path, again=False).pk != batch.pk


def test_every_status_can_be_come_to() -> None:
    assert BATCH.reachable() == set(BatchStatus)
    assert BATCH.final() == {BatchStatus.APPLIED, BatchStatus.ABANDONED}


def test_what_was_sent_is_kept_for_its_owner_alone(books: Books, tmp_path: Path) -> None:
    north = council()
    batch = received(north, written(tmp_path / "a", visits=HEAD + ROWS) / "visits.csv")
    kept = store.received(batch)
    assert kept.read_text() == HEAD + ROWS
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.parent.stat().st_mode & 0o077 == 0


def run(books: Books, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "carethread.cli", *map(str, arguments)]
    return subprocess.run(
        command, env=books.environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_by_command(own_books: Books, tmp_path: Path) -> None:
    council()
    path = written(tmp_path / "a", visits=HEAD + ROWS + BAD) / "visits.csv"
    first = run(own_books, "import", "north", path)
    assert first.returncode == 1, first.stderr
    assert "visits    2        0          0         1     3" in first.stdout
    assert "worker_id" in first.stdout
    number = first.stdout.split(":")[0].removeprefix("Import ")
    assert run(own_books, "apply", "north", number).returncode == 0
    again = run(own_books, "import", "north", path)
    assert (again.returncode, "nothing to do" in again.stdout) == (0, True)
    assert "applied" in run(own_books, "imports", "north").stdout
    back = tmp_path / "back.csv"
    assert run(own_books, "import-problems", "north", number, "--out", back).returncode == 0
    assert "carethread_problems" in back.read_text()
    path.write_text("nothing\n")
    assert run(own_books, "import", "north", path).returncode == 2
    assert "service-delivery" in run(own_books, "profile", "list", "north").stdout
    assert run(own_books, "abandon", "north", "9999").returncode == 2


_SLOWLY = """
import sys, time
from carethread.cli.books.start import open_books
open_books()
from carethread.interchange.imports import actions
from carethread.interchange.models import Batch
from carethread.wall.scope import reading, scoped
from datetime import UTC, datetime
with scoped(reading({council})):
    batch = Batch.objects.get(pk={batch})
def record(**said):
    print("written", flush=True)
    time.sleep(60)
actions.record = record
actions.apply(batch=batch, by="console:test", at=datetime(2026, 5, 4, 9, tzinfo=UTC))
"""


def test_a_killed_import_leaves_nothing(own_books: Books, tmp_path: Path) -> None:
    north = council()
    batch = checked(north, written(tmp_path / "a", visits=HEAD + ROWS))
    connection.close()
    script = _SLOWLY.format(council=north.pk, batch=batch.pk)
    process = subprocess.Popen(
        [sys.executable, "-c", script], env=own_books.environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert books_of(north.pk) == []
    deadline = time.monotonic() + 20
    while True:
        try:
            done = actions.apply(batch=batch, by=BY, at=NOW)
            break
        except UnableTo:
            assert time.monotonic() < deadline
    assert done.status == BatchStatus.APPLIED
    assert len(books_of(north.pk)) == 2


def test_a_disk_or_database_that_refuses_leaves_nothing(own_books: Books, tmp_path: Path) -> None:
    north = council()
    rows = "".join(f"V{one},P1,A,W1,PC,2026-05-04T08:00,2026-05-04T08:30,\n" for one in range(3_000))
    batch = checked(north, written(tmp_path / "a", visits=HEAD + rows))
    with connection.cursor() as cursor:
        if own_books.vendor == "sqlite":
            pages = cursor.execute("PRAGMA page_count").fetchone()[0]
            cursor.execute(f"PRAGMA max_page_count = {pages + 20}")
        else:
            cursor.execute("SET statement_timeout = 1")  # PostgreSQL's disk cannot be filled from here
    with pytest.raises(UnableTo, match="nothing was applied") as refused:
        actions.apply(batch=batch, by=BY, at=NOW)
    assert "P1" not in str(refused.value), "what is logged quotes no rows"
    connection.close()
    assert books_of(north.pk) == []
    assert actions.apply(batch=batch, by=BY, at=NOW).status == BatchStatus.APPLIED
    assert len(books_of(north.pk)) == 3_000
    with scoped(reading(north.pk)):
        assert Problem.objects.filter(is_rejected=True).count() == 0
        assert Batch.objects.count() == 1
    shutil.rmtree(tmp_path / "a")

"""Workers that are killed, databases that go away, disks that fill up: no run is lost, none is half."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from carethread.councils.actions import changed
from carethread.councils.models import Council
from carethread.settlement import settling
from carethread.settlement.actions import settle_run
from carethread.settlement.models import Difference, Line, Run, RunFinding
from carethread.settlement.queries import is_whole
from carethread.settlement.reaping import reap
from carethread.settlement.spare import spare_folder, sweep
from carethread.settlement.states import RunStatus
from carethread.visits.models import Visit
from carethread.wall.scope import reading, scoped, writing
from tests.books.running import NOW, WEEK, again, ask, clock, daily, lines_of, run_of
from tests.databases import Books
from tests.factories import books as factory

PATIENCE = 40.0
ROOT = Path(__file__).parents[2]


def in_books() -> Council:
    """Make a council that has three visits a day."""
    council = factory.council()
    with scoped(writing(council.pk)):
        factory.keep_records(daily(), council)
    return council


@pytest.fixture
def north(own_books: Books) -> Council:
    return in_books()


def environment(books: Books) -> Mapping[str, str]:
    """What a process needs; a run without a sign of life for two seconds is dead."""
    source = os.environ.get("PYTHONPATH", "")
    return {**books.environment, "CARETHREAD_BEAT_SECONDS": "0.2", "PYTHONPATH": f"{source}:{ROOT}"}


@contextmanager
def process(books: Books, *arguments: str, **options: object) -> Iterator[subprocess.Popen[str]]:
    """Run a command beside the test; it is killed at the end if it still runs."""
    connection.close()
    with subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env=environment(books),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,  # type: ignore[call-overload]
    ) as started:
        try:
            yield started
        finally:
            if started.poll() is None:
                started.kill()


def carethread(books: Books, *arguments: str) -> "subprocess.CompletedProcess[str]":
    connection.close()
    return subprocess.run(
        [sys.executable, "-m", "carethread.cli", *arguments],
        env=environment(books),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def wait_until(is_so: Callable[[], bool], process: "subprocess.Popen[str] | None" = None) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        ended = process is not None and process.poll() is not None
        if ended or time.monotonic() > end:
            output = process.communicate()[0] if process is not None and ended else ""
            pytest.fail(f"it never came about\n{output}")
        time.sleep(0.1)


def is_settled(run: Run) -> bool:
    return again(run).status == RunStatus.SETTLED


def stored(run: Run) -> list[int]:
    with scoped(reading(run.council_id)):
        return [model.objects.filter(run=run).count() for model in (Line, RunFinding, Difference)]


def killed(books: Books, where: str, flag: Path) -> None:
    """Start a worker, and kill it there."""
    with process(books, "tests.books.halting", where, str(flag), "work") as worker:
        wait_until(flag.exists, worker)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()


def test_a_killed_worker_loses_nothing(own_books: Books, north: Council, tmp_path: Path) -> None:
    """Killed in the middle of storing lines; what ticks and another worker see to the rest."""
    run = ask(north, *WEEK, later=True)
    killed(own_books, "write", tmp_path / "there")
    assert again(run).status == RunStatus.RUNNING
    assert stored(run) == [0, 0, 0]
    left = list((own_books.home / "files" / "settling").iterdir())
    assert len(left) == 1, "care records that a killed process could not remove"
    with (
        process(own_books, "carethread.cli", "tick", "--every", "0.2") as ticking,
        process(own_books, "carethread.cli", "work") as worker,
    ):
        wait_until(lambda: is_settled(run), worker)
        worker.terminate()
        ticking.terminate()
        assert (worker.wait(PATIENCE), ticking.wait(PATIENCE)) == (0, 0)
    done = again(run)
    assert done.attempts == 2
    assert stored(run)[0] == done.lines == 21
    assert not list((own_books.home / "files" / "settling").iterdir())
    with scoped(reading(north.pk)):
        assert is_whole(done)
    assert lines_of(done) == lines_of(run_of(north, *WEEK))
    statuses = DBTaskResult.objects.order_by("enqueued_at").values_list("status", flat=True)
    assert list(statuses) == [TaskResultStatus.FAILED, TaskResultStatus.SUCCESSFUL]


@pytest.mark.parametrize("where", ["write_slice", "store_differences"])
def test_wherever_a_worker_is_killed_nothing_is_half(
    own_books: Books, north: Council, where: str, tmp_path: Path
) -> None:
    """Killed while it reads, and just before it would have ended."""
    run = ask(north, *WEEK, later=True)
    killed(own_books, where, tmp_path / "there")
    assert stored(run) == [0, 0, 0]
    dead = datetime.now(UTC) + timedelta(seconds=2 * settings.RUN_LIFE_SECONDS)
    assert reap(dead) == 1
    settle_run(council=north.pk, run=run.pk, clock=clock)
    assert is_settled(run)
    assert stored(run)[0] == 21
    assert not list((own_books.home / "files" / "settling").iterdir())


def test_a_run_whose_teller_was_killed_is_settled_by_a_worker(
    own_books: Books, north: Council, tmp_path: Path
) -> None:
    flag = tmp_path / "there"
    days = ("--from", str(WEEK[0]), "--to", str(WEEK[1]))
    told = ("tests.books.halting", "write", str(flag), "run", "north", *days)
    with process(own_books, *told) as teller:
        wait_until(flag.exists, teller)
        os.kill(teller.pid, signal.SIGKILL)
        teller.wait()
    with scoped(reading(north.pk)):
        run = Run.objects.get()
    time.sleep(2.5)
    assert "give up dead runs" in carethread(own_books, "tick", "--once").stdout
    assert again(run).status == RunStatus.QUEUED
    DBTaskResult.objects.update(run_after=run.asked_at)
    assert carethread(own_books, "work", "--once").returncode == 0
    assert is_settled(run)


def test_several_workers_and_ticks_do_each_run_once(own_books: Books, north: Council) -> None:
    runs = [ask(north, WEEK[0], WEEK[1] - timedelta(days=less), later=True) for less in range(4)]
    with (
        process(own_books, "carethread.cli", "tick", "--every", "0.1"),
        process(own_books, "carethread.cli", "tick", "--every", "0.1"),
        process(own_books, "carethread.cli", "work") as one,
        process(own_books, "carethread.cli", "work") as other,
    ):
        wait_until(lambda: all(is_settled(run) for run in runs))
        for worker in (one, other):
            worker.terminate()
            assert worker.wait(PATIENCE) == 0
    assert {again(run).attempts for run in runs} == {1}
    assert [stored(run)[0] for run in runs] == [21, 18, 15, 12]


def test_two_ticks_never_do_a_deed_at_once(own_books: Books, north: Council, tmp_path: Path) -> None:
    flag = tmp_path / "done"
    told = ("tests.books.halting", "deed", str(flag), "tick", "--every", "0.05")
    with process(own_books, *told) as one, process(own_books, *told) as other:
        wait_until(lambda: flag.exists() and flag.read_text().count("end") >= 4)
        for ticking in (one, other):
            ticking.terminate()
            assert ticking.wait(PATIENCE) == 0
    words = [line.split() for line in flag.read_text().splitlines()]
    assert [word for word, _ in words[0::2]] == ["begin"] * (len(words) // 2)
    assert [word for word, _ in words[1::2]] == ["end"] * (len(words) // 2)
    assert all(begin[1] == end[1] for begin, end in zip(words[0::2], words[1::2], strict=True))


def test_a_database_that_restarts_in_mid_run_only_delays_it(
    own_books: Books, north: Council, tmp_path: Path
) -> None:
    if own_books.vendor == "sqlite":
        return
    run = ask(north, *WEEK, later=True)
    flag = tmp_path / "there"
    with process(own_books, "tests.books.halting", "write", str(flag), "work") as worker:
        wait_until(flag.exists, worker)
        connection.close()
        with psycopg.connect(own_books.super_url, autocommit=True) as superuser:
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        flag.with_suffix(".go").touch()
        wait_until(lambda: is_settled(run), worker)
        worker.terminate()
        assert worker.wait(PATIENCE) == 0
    assert again(run).attempts == 2
    assert stored(run)[0] == 21


def test_a_full_disk_is_told_in_words(own_books: Books, north: Council) -> None:
    """PostgreSQL's files are elsewhere; SQLite's would be on the same disk."""
    if own_books.vendor == "sqlite":
        return
    run = ask(north, *WEEK, later=True)

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))

    with process(own_books, "carethread.cli", "work", "--once", preexec_fn=small) as worker:
        assert worker.wait(PATIENCE) == 0
    done = again(run)
    assert (done.status, stored(run)) == (RunStatus.FAILED, [0, 0, 0])
    assert done.failure.startswith("the disk is full; free some space")
    assert not list((own_books.home / "files" / "settling").iterdir())


def test_data_that_changes_while_a_run_reads_is_not_in_it(
    own_books: Books, north: Council, tmp_path: Path
) -> None:
    """The run is of the books as they stood; that they changed is seen when it is to be approved."""
    run = ask(north, *WEEK, later=True)
    flag = tmp_path / "there"
    with process(own_books, "tests.books.halting", "write_slice", str(flag), "work") as worker:
        wait_until(flag.exists, worker)
        with scoped(writing(north.pk)):
            template = Visit.objects.first()
            assert template is not None
            template.pk, template.ref = None, "LATE"
            template.save(force_insert=True)
            changed(first_on=WEEK[0], last_on=WEEK[0], what="visits imported", by="client:1", at=NOW)
        flag.with_suffix(".go").touch()
        wait_until(lambda: is_settled(run), worker)
    assert "visit|LATE" not in {line["line_id"] for line in lines_of(again(run))}
    assert again(run).book_number == 0
    assert again(run).visits == 48


def test_a_run_that_is_always_killed_is_given_up_in_words(books: Books) -> None:
    north = in_books()
    run = ask(north, *WEEK, later=True)
    life = timedelta(seconds=settings.RUN_LIFE_SECONDS)
    at = clock()
    for attempt in range(1, settling.MOST_ATTEMPTS + 1):
        assert settling.begin(council=north.pk, run=run.pk, at=at) is not None
        assert reap(at + life / 2) == 0, "it may be alive"
        at += 2 * life
        assert reap(at) == 1
        assert again(run).attempts == attempt
    done = again(run)
    assert done.status == RunStatus.FAILED
    assert done.failure.startswith(
        "it was started 4 times, and each time whatever settled it went away"
    )
    assert reap(at + 2 * life) == 0
    waits = [job.run_after for job in DBTaskResult.objects.order_by("run_after")]
    assert len(waits) == settling.MOST_ATTEMPTS


def test_a_queued_run_whose_job_is_lost_gets_another(books: Books) -> None:
    north = in_books()
    run = ask(north, *WEEK, later=True)
    later = run.asked_at + timedelta(seconds=2 * settings.RUN_LIFE_SECONDS)
    assert reap(later) == 0, "its job waits for a worker"
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=run.asked_at)
    assert reap(later) == 1
    assert again(run).job != run.job
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY)
    assert [str(job.pk) for job in waiting] == [str(again(run).job)]
    assert reap(later) == 0
    DBTaskResult.objects.all().delete()
    assert reap(later) == 1


def test_folders_of_the_living_are_left_alone(books: Books) -> None:
    with spare_folder() as folder:
        (folder / "visits.parquet").touch()
        assert sweep() == 0
        assert folder.stat().st_mode & 0o077 == 0 or folder.parent.stat().st_mode & 0o077 == 0
        assert (folder / "visits.parquet").exists()
    assert not folder.parent.exists()

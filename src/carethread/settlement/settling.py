"""A run from the first try to stored lines. Whoever does it may be killed at any moment.

An attempt is known by its number: only the one under way may store, so one that was given up and still
lives stores nothing. Reading is one snapshot; storing is one transaction that locks the run first.
"""

import errno
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from carethread.batch.choose import AUTO, CannotSettle, Faulty, Settled, Shown, settle_job
from carethread.engine.records import Fault, Period
from carethread.engine.written import count
from carethread.kit.one_job import give_back
from carethread.settlement import decided, results, tasks
from carethread.settlement.differences import store_differences
from carethread.settlement.models import Decision, Line, Run, RunFinding, WeekUse
from carethread.settlement.reading.edges import FIRST_MARGIN, days_read
from carethread.settlement.reading.folder import Slice, write_slice
from carethread.settlement.spare import spare_folder
from carethread.settlement.states import RUN, RunStatus
from carethread.wall import bulk
from carethread.wall.scope import reading, scoped, writing

MOST_ATTEMPTS = 4
"""So often is a run started, if whoever settles it is killed or loses the books."""
_FAULTS_TOLD = 5
Clock = Callable[[], datetime]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a run."""

    council: int
    run: int
    number: int
    period: Period


class Lost(Exception):
    """The attempt is no longer the one under way: it was given up, or the run was stopped."""


class Silent:
    """Shows nobody how far it has come."""

    def reading(self, file: str, part: float) -> None:
        """Show nothing."""

    def doing(self, what: str, done: int, of: int) -> None:
        """Show nothing."""


def begin(*, council: int, run: int, at: datetime) -> Attempt | None:
    """Take a queued run; None where another has taken it, or there is nothing left to do."""
    with scoped(writing(council)):
        row = Run.objects.select_for_update().filter(pk=run).first()
        if row is None or not RUN.allows(RunStatus(row.status), "started"):
            return None
        row.status = RUN.after(RunStatus(row.status), "started").value
        row.attempts += 1
        row.started_at = row.beat_at = at
        row.save()
        return Attempt(council, run, row.attempts, Period(row.first_on, row.last_on))


def settle(attempt: Attempt, *, clock: Clock, shown: Shown) -> None:
    """Settle a run that was taken, and store what comes of it; whatever happens, the run says so.

    Raises:
        Lost: if the attempt was given up meanwhile; nothing was stored.
    """
    try:
        with spare_folder() as folder:
            _settle_in(folder, attempt, clock, shown)
    except Lost:
        raise
    except (OperationalError, InterfaceError):
        connection.close()
        put_back(attempt, at=clock())
    except (Faulty, CannotSettle, OSError, MemoryError) as error:
        fail(attempt, _words(error), at=clock())
    except Exception as error:  # noqa: BLE001 -- a defect is told, without what the data says
        frames = "".join(traceback.format_tb(error.__traceback__))
        _log.error("run %s: %s\n%s", attempt.run, type(error).__name__, frames)
        fail(attempt, f"{_DEFECT} ({type(error).__name__})", at=clock())
    finally:
        give_back()


_DEFECT = "a defect of carethread, please report it; the log says where"


def _settle_in(folder: Path, attempt: Attempt, clock: Clock, shown: Shown) -> None:
    shown.doing("Reading the books", 0, 1)
    books, out = folder / "slice", folder / "out"
    books.mkdir()
    out.mkdir()
    with scoped(reading(attempt.council), snapshot=True):
        read = write_slice(books, attempt.period)
    settled = settle_job(_Job(books, attempt.period, out), AUTO, shown, _log.info)
    lines = results.published_lines(out)
    shown.doing("Storing lines", 0, 1)
    with _held(attempt) as run:
        _store(run, attempt, lines, out, read)
        run.status = RUN.after(RunStatus(run.status), "settled").value
        run.settled_at = clock()
        run.save()
        _overtake_older(run)
    assert settled.digest.totals.lines == len(lines), "every line was stored"


@dataclass(slots=True)
class _Job:
    """What the pipeline is told."""

    folder: Path
    period: Period
    filled: Path
    form: str = "parquet"

    @contextmanager
    def out(self) -> Iterator[Path]:
        """Give the folder to fill."""
        yield self.filled

    def finish(self, out: Path, settled: Settled) -> None:
        """Do nothing: the books keep the record."""


@contextmanager
def _held(attempt: Attempt) -> Iterator[Run]:
    """Give the run, locked, in a transaction of its own.

    Raises:
        Lost: if the attempt is no longer the one under way.
    """
    with scoped(writing(attempt.council)):
        row = Run.objects.select_for_update().get(pk=attempt.run)
        if row.status != RunStatus.RUNNING or row.attempts != attempt.number:
            message = f"run {attempt.run}: attempt {attempt.number} was given up"
            raise Lost(message)
        yield row


def _store(run: Run, attempt: Attempt, lines: pa.Table, out: Path, read: Slice) -> None:
    whose = results.Whose(run.council_id, run.pk, read.providers, read.providers_of_orders)
    lines = results.with_effects(lines, _effects(lines, attempt.period, read.book_number))
    findings = results.finding_rows(out, read.places, whose)
    bulk.write(Line, results.line_rows(lines, whose))
    bulk.write(RunFinding, findings)
    bulk.write(WeekUse, results.week_rows(out, whose))
    run.book_number, run.visits = read.book_number, read.visits
    run.lines, run.findings = len(lines), len(findings)
    run.due_pence = _sum(lines["due_pence"])
    run.held_pence = _sum(lines["amount_pence"].filter(lines["is_held"]))
    run.digest = results.digest_of(lines)
    run.failure = ""
    run.differences, run.difference_pence = store_differences(run.pk, attempt.period)


def _sum(pence: Any) -> int:
    return int(pc.sum(pence).as_py() or 0)


def _effects(lines: pa.Table, period: Period, number: int) -> dict[str, decided.Effect]:
    """Ask what became of the lines that somebody decided something of: they alone become objects.

    A decision made after the books were read is for the next run; approval sees that there is one.
    """
    ruled = list(Decision.objects.filter(undone_at=None).values_list("line_ref", "visit_ref"))
    of_lines, of_visits = (pa.array(sorted(set(some) - {""}), pa.string()) for some in _columns(ruled))
    concerned = pc.or_(
        pc.is_in(lines["ref"], value_set=of_lines), pc.is_in(lines["visit_ref"], value_set=of_visits)
    )
    some = lines.filter(concerned)
    read = days_read(period, FIRST_MARGIN)
    days = Period(read.first_on, read.last_on)
    found = decided.effects(results.records_of(some), days) if len(some) else {}
    known = set(Decision.objects.filter(number__lte=number).values_list("pk", flat=True))
    return {ref: effect for ref, effect in found.items() if effect.decision in known}


def _columns(rows: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [line for line, _ in rows], [visit for _, visit in rows]


def _overtake_older(run: Run) -> None:
    older = Run.objects.filter(
        first_on=run.first_on,
        last_on=run.last_on,
        version__lt=run.version,
        status=RunStatus.SETTLED.value,
    )
    older.update(status=RUN.after(RunStatus.SETTLED, "overtaken").value)


def fail(attempt: Attempt, why: str, *, at: datetime) -> None:
    """End a run that cannot be settled as things are, with words for staff."""
    with _held(attempt) as run:
        run.status = RUN.after(RunStatus(run.status), "failed").value
        run.failure = why
        run.beat_at = at
        run.save()


def put_back(attempt: Attempt, *, at: datetime) -> None:
    """Queue a run again whose attempt ended through no fault of the books, or end it at last."""
    with _held(attempt) as run:
        queue_again(run, at=at)


def queue_again(run: Run, *, at: datetime) -> None:
    """Queue a run again, later each time; after so many attempts, end it. The run is locked."""
    if run.attempts >= MOST_ATTEMPTS:
        run.status = RUN.after(RunStatus(run.status), "failed").value
        run.failure = (
            f"it was started {count(run.attempts, 'time')}, and each time whatever settled it went away"
            " without a word: killed, out of memory, or the database or the computer was restarted."
            " When that is mended, ask for it again"
        )
    else:
        run.status = RUN.after(RunStatus(run.status), "queued again").value
        wait = timedelta(seconds=settings.RUN_LIFE_SECONDS * 2 ** (run.attempts - 1))
        run.job = tasks.queue(run.council_id, run.pk, after=at + wait)
    run.save()


def _words(error: Exception) -> str:
    """Say to staff why a run cannot be settled."""
    if isinstance(error, Faulty):
        told = "; ".join(_fault(one) for one in error.faults[:_FAULTS_TOLD])
        more = len(error.faults) - _FAULTS_TOLD
        return f"must be put right first: {told}" + (f"; and {more} more" if more > 0 else "")
    if isinstance(error, MemoryError):
        return "there was not enough memory; settle fewer days at once, or give the worker more"
    if isinstance(error, OSError):
        return _CAUSES.get(error.errno or 0, f"a file could not be written ({type(error).__name__})")
    return str(error)


_FULL = "the disk is full; free some space where carethread keeps its files, then ask for the run again"
_CAUSES = {errno.ENOSPC: _FULL, errno.EDQUOT: _FULL, errno.EFBIG: _FULL}


def _fault(fault: Fault) -> str:
    where = fault.file.partition(".")[0]
    return f"{where}, {fault.column}: {fault.message}" if fault.column else f"{where}: {fault.message}"

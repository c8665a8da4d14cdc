"""Which engine settles a folder: the plain one where it is soonest done, else the compiled one.

A folder of so many visits that they would fill the memory is split into buckets first. All give the
same bytes. Starting the compiled engine costs a second that a small folder need not pay.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from carethread.engine.records import Fault, Finding, Period
from carethread.engine.reference.pipeline import settle
from carethread.engine.reference.tables import digest
from carethread.engine.results import Digest
from carethread.formats.settlement.read import read
from carethread.formats.settlement.write import write
from carethread.kit.compiled import is_ready
from carethread.kit.one_job import give_back, keep_memory, one_job

AUTO, REFERENCE, COLUMNS = "auto", "reference", "columns"
_SMALL = {".csv": 600_000, ".parquet": 120_000}
"""Bytes of visits up to which the plain engine is soonest done: about 5,000 visits."""
BUCKETS = "buckets.json"
"""What tells a bucketed folder: `batch.buckets.FILE`, which takes half a second to import."""
MOST_AT_ONCE = 12_000_000
"""Visits that are settled in one piece, which takes about four gigabytes of memory."""
_MAY_BE_MORE = 100_000_000
"""Bytes of visits from which on they are counted."""
_UNTIL_COMPILED = 50
"""How many times as much the plain engine does while the other one would have to be compiled first."""


class Faulty(Exception):
    """Files that forbid the run, with every fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


class CannotSettle(Exception):
    """The engine asked for cannot settle the folder; the text says what can."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a run: its figures, each file's rows, what reading found, digests if known."""

    digest: Digest
    rows: Mapping[str, int]
    found: Sequence[Finding]
    sha256: Mapping[str, str] = field(default_factory=dict)


class Job(Protocol):
    """What to settle, and where to write it."""

    folder: Path
    period: Period
    form: str

    def out(self) -> AbstractContextManager[Path]:
        """Give the folder to fill, which becomes OUT when it is full."""

    def finish(self, out: Path, settled: Settled) -> None:
        """Write the record of the run into the settlement."""


class Shown(Protocol):
    """Who is told how far it has come."""

    def reading(self, file: str, part: float) -> None:
        """Show how much of a file has been read."""

    def doing(self, what: str, done: int, of: int) -> None:
        """Show how far a step has come."""


def settle_job(job: Job, engine: str, bar: Shown, say: Callable[[str], None]) -> Settled:
    """Settle a folder with the engine asked for, or the one that suits it.

    Args:
        job: What, and where to.
        engine: AUTO, REFERENCE or COLUMNS.
        bar: Who is told how far it has come.
        say: What to do with words for whoever asked.

    Raises:
        Faulty: if files of the folder must be put right first; nothing was written.
        CannotSettle: if the engine asked for cannot.
    """
    with one_job():
        return _settled(job, engine, bar, say)


def _settled(job: Job, engine: str, bar: Shown, say: Callable[[str], None]) -> Settled:
    if (job.folder / BUCKETS).exists():
        return _with_buckets(job, engine, bar)
    if engine == AUTO and _is_large(job.folder):
        settled = _in_buckets(job, bar, say)
        if settled is not None:
            return settled
    if engine == COLUMNS or (engine == AUTO and not _is_small(job.folder)):
        settled = _with_columns(job, bar)
        if settled is not None:
            return settled
    return _with_reference(job, bar)


def _is_small(folder: Path) -> bool:
    times = 1 if is_ready() else _UNTIL_COMPILED
    paths = {folder / f"visits{ending}": most for ending, most in _SMALL.items()}
    return all(path.stat().st_size <= most * times for path, most in paths.items() if path.exists())


def _is_large(folder: Path) -> bool:
    paths = [folder / f"visits{ending}" for ending in _SMALL]
    if all(path.stat().st_size < _MAY_BE_MORE for path in paths if path.exists()):
        return False
    from carethread.batch.buckets import visits_in  # noqa: PLC0415 -- half a second to import

    return visits_in(folder) > MOST_AT_ONCE


def _stop_for(faults: Sequence[Fault]) -> None:
    if faults:
        raise Faulty(faults)


def _with_reference(job: Job, bar: Shown) -> Settled:
    reading = read(job.folder, bar.reading)
    _stop_for(reading.faults)
    settlement = settle(reading.inputs, job.period, bar.doing)
    settled = Settled(digest(settlement, reading.inputs.visits), reading.rows, reading.inputs.findings)
    with job.out() as out:
        write(settlement, out, job.form, bar.doing)
        job.finish(out, settled)
    return settled


def _with_columns(job: Job, bar: Shown) -> Settled | None:
    """Settle with the compiled engine; None where only the reference can."""
    from carethread.batch.local import CannotBeTabled, NeedsReference, settle_tables  # noqa: PLC0415
    from carethread.batch.warm import warming  # noqa: PLC0415
    from carethread.formats.settlement.read_tables import read_tables  # noqa: PLC0415

    keep_memory()
    with warming(job.form):
        reading = read_tables(job.folder, bar.reading)
    _stop_for(reading.faults)
    found = reading.tables.findings
    try:
        with job.out() as out:
            figures = settle_tables(reading.tables, job.period, out, job.form, bar.doing)
            settled = Settled(figures, reading.rows, found)
            job.finish(out, settled)
    except (NeedsReference, CannotBeTabled):
        return None
    return settled


def _with_buckets(job: Job, engine: str, bar: Shown) -> Settled:
    """Settle a folder that has been split into buckets."""
    from carethread.batch.bucketed import NotBuckets, opened, settle_buckets  # noqa: PLC0415
    from carethread.batch.local import CannotBeTabled, NeedsReference  # noqa: PLC0415

    whole = "settle the folder that the buckets were made of"
    if engine == REFERENCE:
        message = f"{job.folder} is split into buckets, which this engine does not read; {whole}"
        raise CannotSettle(message)
    try:
        bucketed = opened(job.folder, bar.reading)
        _stop_for(bucketed.faults)
        keep_memory()
        with job.out() as out:
            figures = settle_buckets(bucketed, job.period, out, job.form, bar.doing)
            settled = Settled(figures, bucketed.rows, bucketed.findings, bucketed.sha256)
            job.finish(out, settled)
    except NotBuckets as error:
        raise CannotSettle(str(error)) from None
    except (NeedsReference, CannotBeTabled):
        message = f"{job.folder} holds ids or terms that cannot be settled in buckets; {whole}"
        raise CannotSettle(message) from None
    return settled


def _in_buckets(job: Job, bar: Shown, say: Callable[[str], None]) -> Settled | None:
    """Split a folder into buckets, settle those and forget them; None where that does not do."""
    from carethread.batch.bucketed import opened, settle_buckets  # noqa: PLC0415
    from carethread.batch.buckets import (  # noqa: PLC0415
        Entangled,
        make_buckets,
        usual_count,
        visits_in,
    )
    from carethread.batch.local import CannotBeTabled, NeedsReference  # noqa: PLC0415

    count = usual_count(visits_in(job.folder))
    try:
        with job.out() as out:
            buckets = out / "buckets"
            made = make_buckets(job.folder, buckets, count, bar.reading, bar.doing)
            _stop_for(made.faults)
            give_back()
            keep_memory()
            bucketed = opened(buckets, bar.reading)
            figures = settle_buckets(bucketed, job.period, out, job.form, bar.doing)
            shutil.rmtree(buckets)
            digests = bucketed.buckets.sha256
            settled = Settled(figures, bucketed.rows, bucketed.findings, digests)
            job.finish(out, settled)
    except Entangled as entangled:
        say(f"{entangled}; all is settled in one piece, which takes more memory")
        return None
    except (NeedsReference, CannotBeTabled):
        return None
    return settled

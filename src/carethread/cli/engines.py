"""Which engine settles a folder: the plain one where it is soonest done, else the compiled one.

All give the same bytes. Starting the compiled one costs a second that a small folder need not pay.
"""

import argparse
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from carethread.cli.folders import is_folder, stop_for
from carethread.cli.terminal import Bar
from carethread.engine.records import Finding, Period
from carethread.engine.reference.pipeline import settle
from carethread.engine.reference.tables import digest
from carethread.engine.results import Digest
from carethread.formats.settlement.read import read
from carethread.formats.settlement.write import write
from carethread.kit.compiled import is_ready

AUTO, REFERENCE, COLUMNS = "auto", "reference", "columns"
ENGINES = (AUTO, REFERENCE, COLUMNS)
_SMALL = {".csv": 600_000, ".parquet": 120_000}
"""Bytes of visits up to which the plain engine is soonest done: about 5,000 visits."""
_UNTIL_COMPILED = 50
"""How many times as much the plain engine does while the other one would have to be compiled first."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a run: its figures, each file's rows, and what reading found."""

    digest: Digest
    rows: Mapping[str, int]
    found: Sequence[Finding]


class Job(Protocol):
    """What to settle, and where to write it."""

    folder: Path
    period: Period
    form: str

    def out(self) -> AbstractContextManager[Path]:
        """Give the folder to fill, which becomes OUT when it is full."""

    def finish(self, out: Path, settled: Settled) -> None:
        """Write the record of the run into the settlement."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the switch. Nobody needs it but to compare."""
    parser.add_argument("--engine", choices=ENGINES, default=AUTO, help=argparse.SUPPRESS)


def settle_job(job: Job, engine: str, bar: Bar) -> Settled:
    """Settle a folder with the engine asked for, or the one that suits it."""
    is_folder(job.folder)
    if engine == COLUMNS or (engine == AUTO and not _is_small(job.folder)):
        settled = _with_columns(job, bar)
        if settled is not None:
            return settled
    return _with_reference(job, bar)


def _is_small(folder: Path) -> bool:
    times = 1 if is_ready() else _UNTIL_COMPILED
    paths = {folder / f"visits{ending}": most for ending, most in _SMALL.items()}
    return all(path.stat().st_size <= most * times for path, most in paths.items() if path.exists())


def _with_reference(job: Job, bar: Bar) -> Settled:
    reading = read(job.folder, bar.reading)
    stop_for(reading.faults)
    settlement = settle(reading.inputs, job.period, bar.doing)
    settled = Settled(digest(settlement, reading.inputs.visits), reading.rows, reading.inputs.findings)
    with job.out() as out:
        write(settlement, out, job.form, bar.doing)
        job.finish(out, settled)
    return settled


def _with_columns(job: Job, bar: Bar) -> Settled | None:
    """Settle with the compiled engine; None where only the reference can."""
    from carethread.batch.local import CannotBeTabled, NeedsReference, settle_tables  # noqa: PLC0415
    from carethread.formats.settlement.read_tables import read_tables  # noqa: PLC0415

    reading = read_tables(job.folder, bar.reading)
    stop_for(reading.faults)
    found = reading.tables.findings
    try:
        with job.out() as out:
            figures = settle_tables(reading.tables, job.period, out, job.form, bar.doing)
            settled = Settled(figures, reading.rows, found)
            job.finish(out, settled)
    except (NeedsReference, CannotBeTabled):
        return None
    return settled

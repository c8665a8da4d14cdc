"""A bucketed folder settled on Spark: bytes as on one computer.

First each task settles a bucket, and the driver gathers what came of all of them but lines and
workings. Then each task writes some row groups of lines or workings, and the driver puts these end to
end.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from carethread.batch.bucketed import Bucketed, Gathering, settle_bucket
from carethread.batch.buckets import FILE
from carethread.batch.handover import REFUSALS, leave, leave_refusal, rows_left, take
from carethread.batch.local import CannotBeTabled, NeedsReference
from carethread.batch.spark_session import UnableToUseSpark, spark_session
from carethread.batch.spark_tasks import Tasks, Work, remove, version
from carethread.batch.stored import Columns
from carethread.engine.columns.merge import between, length
from carethread.engine.columns.run import Progress
from carethread.engine.records import Period
from carethread.engine.results import Digest
from carethread.formats.settlement.joined import joined
from carethread.formats.settlement.sink import TableSink
from carethread.formats.settlement.sink_parquet import GROUP
from carethread.formats.settlement.tables import LINES, WORKINGS, Table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = [
    "CannotBeTabled",
    "Job",
    "NeedsReference",
    "UnableToUseSpark",
    "settle_on",
    "spark_session",
]
_MOST_GROUPS = 8
"""Row groups that a task writes: about a million rows."""
_WRITTEN = (LINES, WORKINGS)
"""The tables that tasks write, by turns. They have a row each for every line."""


@dataclass(frozen=True)
class Job:
    """What to settle, and where to: an empty folder, and csv or parquet."""

    period: Period
    out: Path
    form: str


@dataclass(frozen=True)
class Settling(Work):
    """Each task settles the bucket that has its number."""

    bucketed: Bucketed
    period: Period

    def needs(self) -> Sequence[Path]:
        """Return what has to be seen: the buckets too."""
        return [self.bucketed.folder / FILE, self.to]

    def do(self, number: int, own: Path) -> None:
        """Settle a bucket."""
        try:
            settled = settle_bucket(*self.bucketed.tables(number), self.period)
        except REFUSALS as refusal:
            leave_refusal(refusal, own)
        else:
            leave(settled, own)


@dataclass(frozen=True)
class Writing(Work):
    """Each task writes some rows of a table as they stand in the settlement.

    settled: what is left of all buckets. lines: how many each has. size: rows for a task, whole row
    groups.
    """

    settled: Sequence[Path]
    lines: Sequence[int]
    form: str
    size: int

    @property
    def count(self) -> int:
        """How many tasks there are: at least one for each table, if only for its head."""
        return len(_WRITTEN) * max(1, ceil(sum(self.lines) / self.size))

    def table(self, number: int) -> Table:
        """Return of which table a task writes rows."""
        return _WRITTEN[number % len(_WRITTEN)]

    def needs(self) -> Sequence[Path]:
        """Return what has to be seen: what is left of buckets too."""
        return [*self.settled[:1], self.to]

    def do(self, number: int, own: Path) -> None:
        """Write the rows of a table that have this number."""
        begin = number // len(_WRITTEN) * self.size
        end = min(begin + self.size, sum(self.lines))
        table, rows = self.table(number), 0
        with TableSink(table, own, self.form) as sink:
            for columns in self._rows(table.name, begin, end):
                sink.write(columns)
                rows += length(columns)
        if rows != end - begin:
            message = f"{self.settled[0].parent} does not have all {table.name} that were left there"
            raise OSError(message)

    def _rows(self, name: str, begin: int, end: int) -> Iterator[Columns]:
        """Yield the rows between two of a table's, of all buckets end to end."""
        first = 0
        for folder, lines in zip(self.settled, self.lines, strict=True):
            if begin < first + lines and first < end:
                at = first
                for columns in rows_left(folder, name):
                    begins, ends = max(begin - at, 0), min(end - at, length(columns))
                    if begins < ends:
                        yield between(columns, begins, ends)
                    at += length(columns)
            first += lines


def settle_on(spark: "SparkSession", bucketed: Bucketed, job: Job, progress: Progress) -> Digest:
    """Settle all buckets on Spark and write the settlement into an empty folder.

    Raises:
        NeedsReference, CannotBeTabled: if only the reference can settle this folder.
        UnableToUseSpark: if a computer of the cluster cannot do its part.
    """
    spare = [job.out / name for name in ("settled", "written", "merging")]
    settled, written, merging = spare
    merging.mkdir()
    gathering = Gathering(merging, bucketed, job.period)
    folders: list[Path] = []
    lines: list[int] = []
    # what reading found does not concern tasks
    alone = replace(bucketed, folder=bucketed.folder.absolute(), findings=(), rows={})
    settling = Settling(settled, version(), alone, job.period)
    with Tasks(spark, settling, len(bucketed.buckets.visits)) as tasks:
        for folder in tasks.in_order("Settling buckets", progress):
            one = take(folder)
            gathering.add(one)
            folders.append(folder)
            lines.append(one.digest.totals.lines)
    groups = ceil(sum(lines) / GROUP / spark.sparkContext.defaultParallelism)
    size = GROUP * max(1, min(groups, _MOST_GROUPS))
    writing = Writing(written, version(), folders, lines, job.form, size)
    with Tasks(spark, writing, writing.count) as tasks:
        digest = gathering.write(job.out, job.form, progress)
        _join(writing, tasks.in_order("Writing lines and workings", progress), job)
    for folder in spare:
        remove(folder)
    return digest


def _join(writing: Writing, written: Iterator[Path], job: Job) -> None:
    """Put end to end what tasks have written."""
    with ExitStack() as stack:
        files = {
            table.name: stack.enter_context(
                closing(joined(job.out / f"{table.name}.{job.form}", job.form))
            )
            for table in _WRITTEN
        }
        for number, folder in enumerate(written):
            name = writing.table(number).name
            files[name].add(folder / f"{name}.{job.form}")
            remove(folder)

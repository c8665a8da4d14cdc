"""A bucketed folder settled on Spark: bytes as on one computer.

Each task is given the number of a bucket, settles it and leaves what came of it in a folder that all
computers see; the driver takes these in order. No row goes through Spark.
"""

import errno
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from carethread import __version__
from carethread.batch.bucketed import Bucketed, Gathering, SettledBucket, gather, settle_bucket
from carethread.batch.buckets import FILE
from carethread.batch.handover import REFUSALS, leave, leave_refusal, take
from carethread.batch.local import CannotBeTabled, NeedsReference
from carethread.batch.spark_session import UnableToUseSpark, spark_session
from carethread.engine.columns.run import Progress
from carethread.engine.records import Period
from carethread.engine.results import Digest
from carethread.kit.compiled import digest

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

__all__ = ["CannotBeTabled", "NeedsReference", "UnableToUseSpark", "settle_on", "spark_session"]
_ROW = "bucket long, computer string, unable string"
"""What comes back of a task: which bucket, who had it, and why it could not even be tried."""
_PAUSE = 0.05
_PATIENCE = 90
"""Seconds until a folder that another computer has written is seen on any shared file system."""


@cache
def version() -> str:
    """Return which carethread this is: computers that work together must have the same."""
    return f"{__version__} ({digest()})"


@dataclass(frozen=True)
class Work:
    """What every task has to know; `to` is where it leaves what comes of its bucket."""

    bucketed: Bucketed
    period: Period
    to: Path
    version: str

    def place(self, bucket: int) -> Path:
        """Return where what came of a bucket is found."""
        return self.to / f"{bucket:04d}"

    def settle(self, bucket: int) -> dict[str, Any]:
        """Settle a bucket, on whatever computer this is, and leave what came of it."""
        unable = self._obstacle()
        if not unable:
            # what a task that died has left is nobody's; another that is at it has a name of its own
            own = self.to / f"{bucket:04d}-{socket.gethostname()}-{os.getpid()}"
            shutil.rmtree(own, ignore_errors=True)
            own.mkdir()
            self._leave(bucket, own)
            try:
                own.rename(self.place(bucket))
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                    raise
                shutil.rmtree(own)  # another was sooner, with the same
        return {"bucket": bucket, "computer": socket.gethostname(), "unable": unable}

    def _leave(self, bucket: int, folder: Path) -> None:
        try:
            settled = settle_bucket(*self.bucketed.tables(bucket), self.period)
        except REFUSALS as refusal:
            leave_refusal(refusal, folder)
        else:
            leave(settled, folder)

    def _obstacle(self) -> str:
        """Say why this computer cannot settle a bucket of this folder."""
        if version() != self.version:
            return f"it has carethread {version()}, and not {self.version}"
        for path in (self.bucketed.folder / FILE, self.to):
            if not path.exists():
                return f"it does not see {path.parent}, which all computers must share"
        return ""


@dataclass(frozen=True)
class Job:
    """What to settle, and where to: an empty folder, and csv or parquet."""

    period: Period
    out: Path
    form: str


def settle_on(spark: "SparkSession", bucketed: Bucketed, job: Job, progress: Progress) -> Digest:
    """Settle all buckets on Spark and write the settlement into an empty folder.

    Raises:
        NeedsReference, CannotBeTabled: if only the reference can settle this folder.
        UnableToUseSpark: if a computer of the cluster cannot do its part.
    """
    settled, merging = job.out / "settled", job.out / "merging"
    settled.mkdir()
    merging.mkdir()
    # what reading found does not concern tasks
    alone = replace(bucketed, folder=bucketed.folder.absolute(), findings=(), rows={})
    work = Work(alone, job.period, settled, version())
    tasks = _Tasks(spark, work, len(bucketed.buckets.visits))
    try:
        each = tasks.settled(progress)
        made = gather(each, Gathering(merging, bucketed, job.period), job.out, job.form, progress)
        tasks.finish()
    finally:
        tasks.stop()
        _remove(settled)
    shutil.rmtree(merging)
    return made


def _remove(folder: Path) -> None:
    """Remove a folder into which a task that is being stopped may still write."""
    until = time.monotonic() + _STOPPING
    while folder.exists() and time.monotonic() < until:
        shutil.rmtree(folder, ignore_errors=True)


_STOPPING = 20


class _Tasks:
    """The tasks of all buckets, under way."""

    def __init__(self, spark: "SparkSession", work: Work, count: int) -> None:
        self._spark, self._work, self._count = spark, work, count
        self._group = f"carethread {work.to}"
        self._pool = ThreadPoolExecutor(1)
        self._rows: Future[Sequence[Row]] = self._pool.submit(self._run)

    def _run(self) -> Sequence["Row"]:
        """Run a task for each bucket."""
        work = self._work

        def settle(batches: Iterator[Any]) -> Iterator[Any]:
            for batch in batches:
                made = [work.settle(bucket) for bucket in batch.column(0).to_pylist()]
                yield pa.RecordBatch.from_pylist(made)

        self._spark.sparkContext.setJobGroup(self._group, "carethread", interruptOnCancel=True)
        buckets = self._spark.range(0, self._count, numPartitions=self._count)
        return buckets.mapInArrow(settle, _ROW).collect()

    def settled(self, progress: Progress) -> Iterator[SettledBucket]:
        """Yield what came of the buckets, in their order, while others are being settled."""
        for bucket in range(self._count):
            place = self._work.place(bucket)
            while not place.exists():
                self._wait(bucket, progress)
            settled = take(place)
            shutil.rmtree(place)
            yield settled

    def _wait(self, bucket: int, progress: Progress) -> None:
        has_begun = bucket or any(self._work.to.iterdir())
        progress("Settling on Spark" if has_begun else "Waiting for Spark", bucket, self._count)
        if not self._rows.done():
            time.sleep(_PAUSE)
            return
        self.finish()
        (row,) = (row for row in self._rows.result() if row.bucket == bucket)
        until = time.monotonic() + _PATIENCE
        while not any(path == self._work.place(bucket) for path in self._work.to.iterdir()):
            if time.monotonic() > until:
                message = f"what {row.computer} wrote to {self._work.to} cannot be seen here: OUT must"
                message += " be in a folder that all computers of the cluster share"
                raise UnableToUseSpark(message)
            time.sleep(_PAUSE)

    def finish(self) -> None:
        """Wait until Spark says that all tasks are done.

        Raises:
            UnableToUseSpark: if they are not.
        """
        from py4j.protocol import Py4JError  # noqa: PLC0415 -- an extra that most do without
        from pyspark.errors import PySparkException  # noqa: PLC0415

        try:
            rows = self._rows.result()
        except (Py4JError, PySparkException) as error:
            raise UnableToUseSpark(in_one_line(error)) from None
        for row in rows:
            if row.unable:
                message = f"{row.computer} cannot take part: {row.unable}"
                raise UnableToUseSpark(message)

    def stop(self) -> None:
        """Stop tasks that are under way."""
        while not self._rows.done():
            with suppress(Exception):  # the session has ended, and so have they
                self._spark.sparkContext.cancelJobGroup(self._group)
            time.sleep(_PAUSE)
        self._pool.shutdown()


def in_one_line(error: Exception) -> str:
    """Say why Spark gave up: what Python said in a task, or else what Spark says."""
    from pyspark.errors import PythonException  # noqa: PLC0415

    said = str(error).strip()
    if isinstance(error, PythonException):
        said = said.splitlines()[-1]
    else:
        said = re.split(r"\S+Exception: ", said.split("\n\t")[0])[-1].split(". ")[0]
    if "No module named" in said:
        said += "; every computer needs carethread in its Python (PYSPARK_PYTHON says which)"
    return f"Spark gave up on a bucket: {said}"

"""Many numbered pieces of work done on Spark: each leaves a folder that all computers see.

Spark is given numbers, and told how it went; what is worked on does not go through it.
"""

import errno
import os
import re
import shutil
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from carethread import __version__
from carethread.batch.spark_session import UnableToUseSpark
from carethread.engine.columns.run import Progress
from carethread.kit.compiled import digest

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

_ROW = "number long, computer string, unable string"
"""What comes back of a task: what was done, by whom, and why it could not even be tried."""
_PAUSE = 0.05
_PATIENCE = 90
"""Seconds until a folder that another computer has written is seen on any shared file system."""
_STOPPING = 20
"""Seconds that a task which is being stopped may still write."""


@cache
def version() -> str:
    """Return which carethread this is: computers that work together must have the same."""
    return f"{__version__} ({digest()})"


@dataclass(frozen=True)
class Work(ABC):
    """What every task has to know. `to` is where they leave what they did."""

    to: Path
    version: str

    @abstractmethod
    def do(self, number: int, own: Path) -> None:
        """Do what has this number, and leave what comes of it in an empty folder."""

    def needs(self) -> Sequence[Path]:
        """Return files and folders that whoever does it has to see."""
        return [self.to]

    def place(self, number: int) -> Path:
        """Return where what came of a number is found."""
        return self.to / f"{number:04d}"

    def run(self, number: int) -> dict[str, Any]:
        """Do what has this number, on whatever computer this is."""
        unable = self._obstacle()
        if not unable:
            # what a task that died has left is nobody's; another that is at it has a name of its own
            own = self.to / f"{number:04d}-{socket.gethostname()}-{os.getpid()}"
            shutil.rmtree(own, ignore_errors=True)
            own.mkdir()
            self.do(number, own)
            try:
                own.rename(self.place(number))
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                    raise
                shutil.rmtree(own)  # another was sooner, with the same
        return {"number": number, "computer": socket.gethostname(), "unable": unable}

    def _obstacle(self) -> str:
        """Say why this computer cannot take part."""
        if version() != self.version:
            return f"it has carethread {version()}, and not {self.version}"
        for path in self.needs():
            if not path.exists():
                return f"it does not see {path.parent}, which all computers must share"
        return ""


class Tasks:
    """The tasks of some work, under way from here on; when the block ends, none is left."""

    def __init__(self, spark: "SparkSession", work: Work, count: int) -> None:
        """Begin with all numbers below `count`."""
        self._spark, self._work, self._count = spark, work, count
        self._group = f"carethread {work.to}"
        work.to.mkdir()
        self._pool = ThreadPoolExecutor(1)
        self._rows: Future[Sequence[Row]] = self._pool.submit(self._run)

    def _run(self) -> Sequence["Row"]:
        """Run a task for each number."""
        work = self._work

        def run(batches: Iterator[Any]) -> Iterator[Any]:
            for batch in batches:
                done = [work.run(number) for number in batch.column(0).to_pylist()]
                yield pa.RecordBatch.from_pylist(done)

        self._spark.sparkContext.setJobGroup(self._group, "carethread", interruptOnCancel=True)
        numbers = self._spark.range(0, self._count, numPartitions=self._count)
        return numbers.mapInArrow(run, _ROW).collect()

    def in_order(self, doing: str, progress: Progress) -> Iterator[Path]:
        """Yield what came of each number, while others are being done.

        Raises:
            UnableToUseSpark: if a computer cannot do its part.
        """
        for number in range(self._count):
            while not self._work.place(number).exists():
                has_begun = number or any(self._work.to.iterdir())
                progress(doing if has_begun else "Waiting for Spark", number, self._count)
                self._wait(number)
            yield self._work.place(number)
        self._finish()

    def _wait(self, number: int) -> None:
        if not self._rows.done():
            time.sleep(_PAUSE)
            return
        row = self._finish()[number]
        until = time.monotonic() + _PATIENCE
        while self._work.place(number) not in self._work.to.iterdir():
            if time.monotonic() > until:
                message = f"what {row.computer} wrote to {self._work.to} cannot be seen here: OUT must"
                message += " be in a folder that all computers of the cluster share"
                raise UnableToUseSpark(message)
            time.sleep(_PAUSE)

    def _finish(self) -> Sequence["Row"]:
        """Return what all tasks say, when Spark has it."""
        from py4j.protocol import Py4JError  # noqa: PLC0415 -- an extra that most do without
        from pyspark.errors import PySparkException  # noqa: PLC0415

        try:
            rows = sorted(self._rows.result(), key=lambda row: row.number)
        except (Py4JError, PySparkException) as error:
            raise UnableToUseSpark(in_one_line(error)) from None
        for row in rows:
            if row.unable:
                message = f"{row.computer} cannot take part: {row.unable}"
                raise UnableToUseSpark(message)
        return rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while not self._rows.done():
            with suppress(Exception):  # the session has ended, and so have they
                self._spark.sparkContext.cancelJobGroup(self._group)
            time.sleep(_PAUSE)
        self._pool.shutdown()
        if kind is not None:
            remove(self._work.to)


def remove(folder: Path) -> None:
    """Remove a folder into which a task that is being stopped may still write."""
    until = time.monotonic() + _STOPPING
    while folder.exists() and time.monotonic() < until:
        shutil.rmtree(folder, ignore_errors=True)


def in_one_line(error: Exception) -> str:
    """Say why Spark gave up: what Python said in a task, or else what Spark says."""
    from pyspark.errors import PythonException  # noqa: PLC0415 -- an extra that most do without

    said = str(error).strip()
    if isinstance(error, PythonException):
        said = said.splitlines()[-1]
    else:
        said = re.split(r"\S+Exception: ", said.split("\n\t")[0])[-1].split(". ")[0]
    if "No module named" in said:
        said += "; every computer needs carethread in its Python (PYSPARK_PYTHON says which)"
    return f"Spark gave up: {said}"

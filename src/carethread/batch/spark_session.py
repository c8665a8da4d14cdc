"""A session of Spark: the one there is, or one of our own that says nothing and leaves nothing."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING

from carethread.kit.threads import THREADS, threads

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OLDEST_JAVA = 17
INSTALL_JAVA = "install the package `openjdk-17-jre-headless`, or set JAVA_HOME to a later one"
_TRIES = 4
"""How often a bucket is tried. Spark itself tries once where it runs on one computer."""
_PATIENCE = 5
"""Seconds in which the master has to answer the door."""
_UNDER_SUBMIT = "PYSPARK_GATEWAY_PORT"
"""Set where `spark-submit` runs us: it has started Java and knows the master."""


class UnableToUseSpark(Exception):
    """Spark cannot do it; the message says why and what to do."""


@contextmanager
def spark_session(master: str | None) -> Iterator["SparkSession"]:
    """Give a session of Spark: the one that this process has, or a new one, which is stopped after.

    master: Spark's URL of a cluster, or `local[N]`; without one what `spark-submit` says, else all
    processors of this computer.

    Raises:
        UnableToUseSpark: if Spark or Java is missing, or the master does not answer.
    """
    if not (find_spec("pyspark") and find_spec("pandas")):
        message = "Spark is not installed: pip install 'carethread[spark]'"
        raise UnableToUseSpark(message)
    from pyspark.sql import SparkSession  # noqa: PLC0415 -- an extra that most do without

    session = SparkSession.getActiveSession()
    if session is not None:
        yield session
        return
    session = _started(master)
    try:
        yield session
    finally:
        with suppress(Exception):  # of a Java that has died there is nothing to stop
            session.stop()


def _started(master: str | None) -> "SparkSession":
    from pyspark.sql import SparkSession  # noqa: PLC0415

    settings = dict(_EVERYWHERE)
    if _UNDER_SUBMIT not in os.environ:
        need_java()
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        master = master or f"local[{threads()}]"
    if master is not None:
        _knock(master)
        settings["spark.master"] = _with_tries(master)
        if master.startswith("local"):
            settings |= _LOCAL
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    on_interrupt = signal.getsignal(signal.SIGINT)
    with tempfile.TemporaryFile() as log:
        try:
            with _into(log):
                session: SparkSession = SparkSession.builder.config(map={**settings}).getOrCreate()
        except Exception as error:  # noqa: BLE001 -- Java's, Py4J's, Spark's own: all mean the same
            message = f"Spark did not start at {settings.get('spark.master', 'its master')}"
            message += f": {_last_words(log) or error}"
            raise UnableToUseSpark(message) from None
        finally:
            with suppress(ValueError):  # only the main thread may, and only there Spark has done so
                signal.signal(signal.SIGINT, on_interrupt)
    return session


_EVERYWHERE: Mapping[str, str] = {
    "spark.app.name": "carethread",
    "spark.task.maxFailures": str(_TRIES),
    f"spark.executorEnv.{THREADS}": "1",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.ui.showConsoleProgress": "false",
}
_LOCAL: Mapping[str, str] = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    # Java has little to do: it is started sooner than it would be made fast
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.codegen.wholeStage": "false",
}


def _with_tries(master: str) -> str:
    """Return a master that tries a bucket again.

    >>> _with_tries("local"), _with_tries("local[2]"), _with_tries("spark://one:7077")
    ('local[1,4]', 'local[2,4]', 'spark://one:7077')
    """
    known = re.fullmatch(r"local(?:\[(\d+|\*)\])?", master)
    return f"local[{known[1] or 1},{_TRIES}]" if known else master


def java() -> tuple[str, int] | None:
    """Return the program that Spark would start as Java, and its version; None if there is none."""
    home = os.environ.get("JAVA_HOME")
    program = shutil.which(f"{home}/bin/java" if home else "java")
    if program is None:
        return None
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    version = re.search(r'version "(?:1\.)?(\d+)', said.stderr)
    return program, int(version[1]) if version else 0


def need_java() -> None:
    """Refuse to go on without a Java that Spark can use.

    Raises:
        UnableToUseSpark: if there is none, or it is too old.
    """
    found = java()
    if found is None:
        where = f"in JAVA_HOME ({os.environ['JAVA_HOME']})" if "JAVA_HOME" in os.environ else "here"
        message = f"Spark needs Java {OLDEST_JAVA} or later, and there is none {where}: {INSTALL_JAVA}"
        raise UnableToUseSpark(message)
    program, version = found
    if version < OLDEST_JAVA:
        message = f"Spark needs Java {OLDEST_JAVA} or later, {program} is {version}: {INSTALL_JAVA}"
        raise UnableToUseSpark(message)


def _knock(master: str) -> None:
    """Refuse a master of Spark's own cluster that nobody answers at: Spark would wait a minute."""
    if not master.startswith("spark://"):
        return
    for address in master.removeprefix("spark://").split(","):
        host, _, port = address.rpartition(":")
        with suppress(OSError, ValueError), socket.create_connection((host, int(port)), _PATIENCE):
            return
    message = f"nobody answers at {master}: is the master running, and can it be reached from here?"
    raise UnableToUseSpark(message)


@contextmanager
def _into(log: IO[bytes]) -> Iterator[None]:
    """Have what is started here write to a log all its life, and not on the terminal."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = {place: os.dup(place) for place in (1, 2)}
    try:
        for place in kept:
            os.dup2(log.fileno(), place)
        yield
    finally:
        for place, before in kept.items():
            os.dup2(before, place)
            os.close(before)


def _last_words(log: IO[bytes]) -> str:
    """Return what went wrong by the log, in one line."""
    log.seek(0)
    said = _WRONG.findall(log.read().decode(errors="replace"))
    return said[-1] if said else ""


_WRONG = re.compile(
    r"^(?:Exception in thread \S+ |Caused by: )?[\w.$]*(?:Exception|Error): (.+)$", re.MULTILINE
)

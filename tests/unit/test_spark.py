"""What Spark needs and what it says, and what tasks leave; without a Spark."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from py4j.protocol import Py4JError
from pyspark.errors import PythonException

from carethread.batch.bucketed import Bucketed, NotBuckets, SettledBucket, opened
from carethread.batch.buckets import make_buckets
from carethread.batch.handover import leave, leave_refusal, take
from carethread.batch.local import CannotBeTabled, NeedsReference
from carethread.batch.spark import Work, in_one_line, version
from carethread.batch.spark_session import UnableToUseSpark, java, need_java
from carethread.engine.records import Period
from carethread.engine.reference.tables import VisitRowsDoNotAddUp
from tests.engines import silent
from tests.factories import crossed


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """Return the work that a folder in two buckets makes."""
    folder, tmp = crossed.draw(Random(2)), tmp_path_factory.mktemp("work")
    make_buckets(folder.write(tmp / "folder"), tmp / "bucketed", 2, silent, silent)
    (tmp / "settled").mkdir()
    bucketed = opened(tmp / "bucketed", silent)
    return Work(bucketed, Period(folder.first, folder.last), tmp / "settled", version())


def left(work: Work) -> SettledBucket:
    """Settle the first bucket, as a task does, and take what it left."""
    assert work.settle(0)["unable"] == ""
    assert [path.name for path in work.to.iterdir()] == ["0000"]
    return take(work.place(0))


def test_a_bucket_settled_twice_is_settled_once(work: Work) -> None:
    first = left(work)
    assert first.digest == left(work).digest
    assert first.digest.totals.lines > 0


def test_what_is_left_can_be_taken(work: Work, tmp_path: Path) -> None:
    settled = left(work)
    leave(settled, tmp_path)
    again = take(tmp_path)
    assert again.digest == settled.digest
    assert {name: sorted(table) for name, table in again.tables.items()} == {
        name: sorted(table) for name, table in settled.tables.items()
    }


def test_a_bucket_without_lines_can_be_taken(work: Work, tmp_path: Path) -> None:
    leave(replace(left(work), parts=[]), tmp_path)
    assert take(tmp_path).parts == []


def test_rows_that_are_lost_on_the_way_are_noticed(work: Work, tmp_path: Path) -> None:
    leave(left(work), tmp_path)
    (tmp_path / "workings.arrows").unlink()
    with pytest.raises(OSError, match=r"does not have the [1-9]\d* rows that were written"):
        take(tmp_path)


@pytest.mark.parametrize(
    "refusal",
    [NeedsReference(), CannotBeTabled(), NotBuckets("mended"), VisitRowsDoNotAddUp("row 1")],
)
def test_a_refusal_is_raised_where_it_is_taken(refusal: Exception, tmp_path: Path) -> None:
    leave_refusal(refusal, tmp_path)
    with pytest.raises(type(refusal)) as raised:
        take(tmp_path)
    assert str(raised.value) == str(refusal)


def test_a_computer_that_does_not_see_the_folders_says_so(work: Work, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    elsewhere = Bucketed(**{**vars(work.bucketed), "folder": nowhere})
    for unseen in (replace(work, to=nowhere / "settled"), replace(work, bucketed=elsewhere)):
        said = unseen.settle(0)
        assert said["unable"] == f"it does not see {nowhere}, which all computers must share"
    assert not nowhere.exists()


def test_a_computer_with_another_version_says_so(work: Work) -> None:
    said = replace(work, version="0.0.1").settle(0)
    assert said["unable"] == f"it has carethread {version()}, and not 0.0.1"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            PythonException('Thrown by Python:\nTraceback\n  File "x"\nOSError: [Errno 28] No space\n'),
            "OSError: [Errno 28] No space",
        ),
        (
            PythonException("Traceback\nModuleNotFoundError: No module named 'carethread'"),
            "ModuleNotFoundError: No module named 'carethread';"
            " every computer needs carethread in its Python (PYSPARK_PYTHON says which)",
        ),
        (
            Py4JError(
                "An error occurred.\n: org.apache.spark.SparkException: Job aborted: Lost task 1.3"
                " (TID 14): org.apache.spark.SparkException: Python worker exited unexpectedly"
                " (crashed). Consider setting\n\tat org.apache.spark.api.python\n"
            ),
            "Python worker exited unexpectedly (crashed)",
        ),
    ],
)
def test_what_stops_a_task_for_good_is_told_in_one_line(error: Exception, words: str) -> None:
    assert in_one_line(error) == f"Spark gave up on a bucket: {words}"


@pytest.mark.parametrize(
    ("said", "version"),
    [("1.8.0_402", 8), ("11.0.22", 11), ("17.0.15", 17), ("21", 21), ("26-ea", 26)],
)
def test_a_java_is_known_by_its_version(
    said: str, version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{said}\" 2020-01-01' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java() == (str(program), version)
    if version >= 17:
        need_java()
    else:
        with pytest.raises(UnableToUseSpark, match=f"{program} is {version}: install the package"):
            need_java()


def test_a_java_home_without_java_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UnableToUseSpark, match=rf"there is none in JAVA_HOME \({tmp_path}\)"):
        need_java()

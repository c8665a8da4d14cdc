"""What Spark needs and what it says, and what tasks leave; without a Spark."""

from contextlib import closing
from dataclasses import replace
from math import ceil
from pathlib import Path
from random import Random

import pytest
from py4j.protocol import Py4JError
from pyspark.errors import PythonException

from carethread.batch.bucketed import NotBuckets, SettledBucket, opened, settle_bucket
from carethread.batch.buckets import make_buckets
from carethread.batch.handover import leave, leave_refusal, rows_left, take
from carethread.batch.local import CannotBeTabled, NeedsReference
from carethread.batch.spark import Settling, Writing
from carethread.batch.spark_session import UnableToUseSpark, java, need_java
from carethread.batch.spark_tasks import in_one_line, version
from carethread.batch.stored import arrow, read, write
from carethread.engine.records import Period
from carethread.engine.reference.tables import VisitRowsDoNotAddUp
from carethread.formats.settlement import sink_parquet
from carethread.formats.settlement.joined import joined
from carethread.formats.settlement.sink import TableSink
from carethread.formats.settlement.tables import LINES, WORKINGS
from tests.engines import silent
from tests.factories import crossed


@pytest.fixture(scope="module")
def settling(tmp_path_factory: pytest.TempPathFactory) -> Settling:
    """Return the work that a folder in three buckets makes."""
    folder, tmp = crossed.draw(Random(2)), tmp_path_factory.mktemp("work")
    make_buckets(folder.write(tmp / "folder"), tmp / "bucketed", 3, silent, silent)
    (tmp / "settled").mkdir()
    bucketed, period = opened(tmp / "bucketed", silent), Period(folder.first, folder.last)
    return Settling(tmp / "settled", version(), bucketed, period)


def left(settling: Settling, number: int = 0) -> SettledBucket:
    """Settle a bucket, as a task does, and take what it left."""
    assert settling.run(number)["unable"] == ""
    return take(settling.place(number))


def settled(settling: Settling, number: int = 0) -> SettledBucket:
    """Settle a bucket where we are."""
    return settle_bucket(*settling.bucketed.tables(number), settling.period)


def test_a_bucket_settled_twice_is_settled_once(settling: Settling) -> None:
    first = left(settling)
    assert first.digest == left(settling).digest
    assert first.digest.totals.lines > 0
    assert [path for path in settling.to.iterdir() if "-" in path.name] == []


def test_what_is_left_can_be_taken(settling: Settling) -> None:
    taken, made = left(settling), settled(settling)
    assert taken.digest == made.digest
    assert taken.tables.keys() == made.tables.keys()
    for name, columns in made.tables.items():
        assert arrow(taken.tables[name]) == arrow(columns), name
    parts = zip(*(rows_left(settling.place(0), name) for name in ("lines", "workings")), strict=True)
    for (lines, workings), part in zip(parts, made.parts, strict=True):
        assert (arrow(lines), arrow(workings)) == tuple(map(arrow, part))


def test_a_bucket_without_lines_can_be_left(settling: Settling, tmp_path: Path) -> None:
    leave(replace(settled(settling), parts=[]), tmp_path)
    assert list(rows_left(tmp_path, "lines")) == []


def test_rows_that_are_lost_on_the_way_are_noticed(settling: Settling, tmp_path: Path) -> None:
    made = settled(settling)
    leave(made, tmp_path)
    findings = tmp_path / "findings.arrows"
    write(findings, read(findings).slice(1))
    with pytest.raises(OSError, match=r"does not have the [1-9]\d* findings that were left there"):
        take(tmp_path)
    writing = Writing(tmp_path, version(), [tmp_path], [made.digest.totals.lines + 1], "csv", 10_000)
    with pytest.raises(OSError, match="does not have all lines that were left there"):
        writing.do(0, tmp_path)


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("groups", [1, 3, 1000])
def test_files_put_together_are_as_if_written_at_once(
    settling: Settling, form: str, groups: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink_parquet, "GROUP", 7)
    made = [settled(settling, number) for number in range(3)]
    lines = [left(settling, number).digest.totals.lines for number in range(3)]
    places = [settling.place(number) for number in range(3)]
    writing = Writing(tmp_path, version(), places, lines, form, 7 * groups)
    for place, table in enumerate((LINES, WORKINGS)):
        with TableSink(table, tmp_path, form) as sink:
            for one in made:
                for part in one.parts:
                    sink.write(part[place])
        name = f"{table.name}.{form}"
        with closing(joined(tmp_path / "joined", form)) as file:
            for number in range(place, writing.count, 2):
                assert writing.run(number)["unable"] == ""
                file.add(writing.place(number) / name)
        assert (tmp_path / "joined").read_bytes() == (tmp_path / name).read_bytes()
    assert writing.count == 2 * ceil(sum(lines) / 7 / groups)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_table_without_rows_has_a_head(settling: Settling, form: str, tmp_path: Path) -> None:
    with TableSink(LINES, tmp_path, form):
        pass
    writing = Writing(tmp_path, version(), [settling.to], [0], form, 7)
    assert writing.count == 2
    writing.run(0)
    with closing(joined(tmp_path / "joined", form)) as file:
        file.add(writing.place(0) / f"lines.{form}")
    assert (tmp_path / "joined").read_bytes() == (tmp_path / f"lines.{form}").read_bytes()


@pytest.mark.parametrize(
    "refusal",
    [NeedsReference(), CannotBeTabled(), NotBuckets("mended"), VisitRowsDoNotAddUp("row 1")],
)
def test_a_refusal_is_raised_where_it_is_taken(refusal: Exception, tmp_path: Path) -> None:
    leave_refusal(refusal, tmp_path)
    with pytest.raises(type(refusal)) as raised:
        take(tmp_path)
    assert str(raised.value) == str(refusal)


def test_a_computer_that_does_not_see_the_folders_says_so(settling: Settling, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    elsewhere = replace(settling.bucketed, folder=nowhere)
    writing = Writing(tmp_path, version(), [nowhere / "0000"], [1], "csv", 1)
    for unseen in (
        replace(settling, to=nowhere / "settled"),
        replace(settling, bucketed=elsewhere),
        writing,
    ):
        said = unseen.run(0)
        assert said["unable"] == f"it does not see {nowhere}, which all computers must share"
    assert not nowhere.exists()


def test_a_computer_with_another_version_says_so(settling: Settling) -> None:
    said = replace(settling, version="0.0.1").run(0)
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
    assert in_one_line(error) == f"Spark gave up: {words}"


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

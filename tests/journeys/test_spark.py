"""`carethread settle --engine spark`: what comes out, and what is said when it cannot be.

One worker runs them all (`tests/conftest.py`): there are never two Javas at once.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from carethread.batch import spark as on_spark
from carethread.cli import main
from tests.commands import COMMAND, PERIOD, carethread, contents
from tests.factories import crossed, folders

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SPARK = ("--engine", "spark", "--master", "local[2]")


def settle(folder: Path, out: Path, *more: str) -> int:
    return main(["settle", str(folder), *PERIOD, "--out", str(out), "--engine", "spark", *more])


def is_stopped(
    folder: Path, out: Path, capsys: pytest.CaptureFixture[str], *more: str, code: int = 2
) -> str:
    """Settle a folder that cannot be, see that nothing is left, return the one line that is said."""
    there = sorted(out.parent.iterdir())
    assert settle(folder, out, *more) == code
    assert sorted(out.parent.iterdir()) == there
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    return line


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_entangled_folders_come_out_as_on_one_computer(seed: int, form: str, tmp_path: Path) -> None:
    folder = crossed.draw(Random(seed))
    period = ["--from", str(folder.first), "--to", str(folder.last), "--format", form, "--quiet"]
    with folders.written(folder) as path:
        bucket = ["bucket", str(path), "--out", str(tmp_path / "bucketed"), "--buckets", "3", "--quiet"]
        assert main(bucket) == 0
        made = [["settle", str(path)], ["settle", str(tmp_path / "bucketed"), "--engine", "spark"]]
        for place, command in enumerate(made):
            assert main([*command, *period, "--out", str(tmp_path / str(place))]) == 0
    assert contents(tmp_path / "1") == contents(tmp_path / "0")


@pytest.mark.usefixtures("spark")
def test_a_council_comes_out_as_on_one_computer(
    bucketed_council: Path, settled_council: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_spark, "GROUP", 700)
    assert settle(bucketed_council, tmp_path / "out", "--quiet") == 0
    assert contents(tmp_path / "out") == contents(settled_council)


def test_a_folder_that_is_not_split_is_split_unasked(
    council: Path, settled_council: Path, tmp_path: Path
) -> None:
    plain = carethread("settle", council, *PERIOD, "--out", tmp_path / "plain")
    done = carethread("settle", council, *PERIOD, "--out", tmp_path / "out", *SPARK)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == plain.stdout.replace(f"{tmp_path / 'plain'}", f"{tmp_path / 'out'}")
    assert contents(tmp_path / "out") == contents(settled_council)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "plain"]


def test_a_worker_that_is_killed_does_no_harm(
    spark: "SparkSession", bucketed_council: Path, settled_council: Path, tmp_path: Path
) -> None:
    killed: list[int] = []
    settled = tmp_path / ".out.partial" / "settled"
    killer = Thread(target=kill_a_worker, args=(settled, killed), daemon=True)
    killer.start()
    assert settle(bucketed_council, tmp_path / "out", "--quiet") == 0
    killer.join(10)
    assert killed, "a worker must be killed while it settles a bucket"
    tracker = spark.sparkContext.statusTracker()
    (number,) = tracker.getJobIdsForGroup(f"carethread {settled}")
    job = tracker.getJobInfo(number)
    stages = [tracker.getStageInfo(stage) for stage in job.stageIds] if job else []
    assert sum(stage.numFailedTasks for stage in stages if stage) >= 1
    assert contents(tmp_path / "out") == contents(settled_council)


def kill_a_worker(settled: Path, killed: list[int]) -> None:
    """Kill whoever settles the first bucket that is seen, in the midst of it."""
    until = time.monotonic() + 60
    while not killed and time.monotonic() < until:
        for folder in settled.glob("*-*"):
            worker = int(folder.name.rpartition("-")[2])
            os.kill(worker, signal.SIGSTOP)
            if folder.exists():
                killed.append(worker)
            os.kill(worker, signal.SIGKILL if killed else signal.SIGCONT)
            if killed:
                return
        time.sleep(0.0005)


@pytest.mark.usefixtures("spark")
def test_terms_that_only_the_plain_engine_can_settle_are_told(
    bucketed_council: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(bucketed_council, tmp_path / "folder"))
    contracts = (folder / "contracts.toml").read_text()
    fine = re.sub(r"(?m)^from = .*", r"\g<0>\nunplanned = 'pay'\nmissed_percent = 33.333333", contracts)
    (folder / "contracts.toml").write_text(fine)
    said = is_stopped(folder, tmp_path / "out", capsys)
    assert said.endswith(
        "holds ids or terms that cannot be settled in buckets:"
        " settle the folder that the buckets were made of without --engine spark"
    )


@pytest.mark.usefixtures("spark")
def test_ids_that_only_the_plain_engine_can_settle_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folders.draw(Random(7))
    for table in ("orders", "planned", "suspensions", "invoices"):
        for row in folder.tables[table]:
            if row.get("order_id") == "O0":
                row["order_id"] = "visit"
    said = is_stopped(folder.write(tmp_path / "folder"), tmp_path / "out", capsys)
    assert said.endswith("cannot be settled in buckets: settle it without --engine spark")


@pytest.mark.usefixtures("spark")
def test_a_bucket_that_cannot_be_read_is_told(
    bucketed_council: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(bucketed_council, tmp_path / "folder"))
    visits = folder / "0002" / "visits.arrows"
    visits.write_bytes(bytes(visits.stat().st_size))
    said = is_stopped(folder, tmp_path / "out", capsys)
    assert f"bucket {folder / '0002'} cannot be read" in said
    assert said.endswith("bucket the folder anew")


@pytest.mark.usefixtures("spark")
def test_computers_with_another_version_do_not_take_part(
    bucketed_council: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(on_spark, "version", lambda: "0.0.1 (another)")
    said = is_stopped(bucketed_council, tmp_path / "out", capsys)
    assert re.search(r"cannot take part: it has carethread .+, and not 0\.0\.1 \(another\)$", said)


def without(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Run a program in another environment, from which SPARK_HOME and such are absent."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JAVA", "SPARK"))}
    return subprocess.run(
        [sys.executable, *command],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_missing_java_is_told(council: Path, tmp_path: Path) -> None:
    command = ("-m", "carethread.cli", "settle", str(council), *PERIOD, "--engine", "spark", "--out")
    done = without({"PATH": "/nowhere"}, *command, str(tmp_path / "out"))
    said = "carethread: Spark needs Java 17 or later, and there is none here: install the package"
    assert done.returncode == 2
    assert done.stderr.startswith(f"{said} `openjdk-17-jre-headless`")
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_missing_spark_is_told(council: Path, tmp_path: Path) -> None:
    hidden = (
        "import sys; sys.modules['pyspark'] = None; from carethread.cli import main; sys.exit(main())"
    )
    command = ("-c", hidden, "settle", str(council), *PERIOD, "--engine", "spark", "--out")
    done = without({}, *command, str(tmp_path / "out"))
    said = "carethread: Spark is not installed: pip install 'carethread[spark]'\n"
    assert (done.returncode, done.stderr) == (2, said)
    assert list(tmp_path.iterdir()) == []


def test_a_master_that_nobody_answers_at_is_told(council: Path, tmp_path: Path) -> None:
    done = carethread(
        *("settle", council, *PERIOD, "--out", tmp_path / "out"),
        *("--engine", "spark", "--master", "spark://127.0.0.1:1"),
    )
    assert done.returncode == 2
    assert done.stderr == (
        "carethread: nobody answers at spark://127.0.0.1:1: is the master running,"
        " and can it be reached from here?\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_master_that_is_none_is_told(council: Path, tmp_path: Path) -> None:
    done = carethread(
        *("settle", council, *PERIOD, "--out", tmp_path / "out"),
        *("--engine", "spark", "--master", "somewhere"),
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("carethread: Spark did not start at somewhere: Master must ")
    assert list(tmp_path.iterdir()) == []


def test_a_master_is_for_spark_only(
    council: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    assert main(["settle", str(council), *PERIOD, "--out", out, "--master", "local"]) == 2
    assert capsys.readouterr().err == "carethread: --master is for --engine spark\n"


def test_a_run_that_is_interrupted_leaves_nothing(bucketed_council: Path, tmp_path: Path) -> None:
    command = [
        *COMMAND,
        "settle",
        str(bucketed_council),
        *PERIOD,
        "--out",
        str(tmp_path / "out"),
        *SPARK,
    ]
    settled = tmp_path / ".out.partial" / "settled"
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as run:
        while run.poll() is None and not any(settled.glob("*-*")):
            time.sleep(0.001)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does
        _, said = run.communicate()
    assert (run.returncode, said) == (130, "carethread: stopped; nothing was left half-written\n")
    assert list(tmp_path.iterdir()) == []

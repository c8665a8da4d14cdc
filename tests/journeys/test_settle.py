"""`carethread settle`: what a person gets, and what is left when something goes wrong."""

import json
import os
import pty
import shutil
import signal
import subprocess
import termios
import time
from pathlib import Path

import pytest

from carethread.cli import main
from tests.commands import COMMAND, PERIOD, carethread, contents

TABLES = (
    "lines",
    "workings",
    "findings",
    "summary",
    "weekly",
    "invoice_lines",
    "claim_groups",
    "unclaimed",
)
CASE = Path(__file__).parents[1] / "data" / "cases" / "bands"
DAY = ("--from", "2026-05-11", "--to", "2026-05-11")


def settle(folder: Path, out: Path, *more: str) -> int:
    return main(["settle", str(folder), *DAY, "--out", str(out), *more])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a small good folder that a test may spoil."""
    return Path(shutil.copytree(CASE, tmp_path / "folder"))


def test_it_writes_every_table_and_says_what_it_came_to(council: Path, tmp_path: Path) -> None:
    done = carethread("settle", council, *PERIOD, "--out", tmp_path / "out")
    assert done.returncode == 0
    assert done.stderr == ""
    assert sorted(contents(tmp_path / "out")) == sorted(
        [f"{name}.csv" for name in TABLES] + ["run.json"]
    )
    for words in (
        "Planned",
        "Delivered",
        "Payable",
        "Weekly hours",
        "Held",
        "Largest providers",
        "Findings",
    ):
        assert words in done.stdout
    assert "waiting for a person" in done.stdout
    assert "Invoices claim" in done.stdout
    assert "ATTENTION" not in done.stdout


def test_it_says_what_was_settled_from_what(council: Path, settled_council: Path) -> None:
    record = json.loads((settled_council / "run.json").read_text())
    assert (record["from"], record["to"]) == ("2026-05-04", "2026-05-31")
    assert set(record["inputs"]) == {path.name for path in council.iterdir() if path.is_file()}
    visits = (council / "visits.csv").read_text().splitlines()
    assert record["inputs"]["visits.csv"]["rows"] == len(visits) - 1


def test_the_same_folder_gives_the_same_bytes(
    council: Path, settled_council: Path, tmp_path: Path
) -> None:
    assert main(["settle", str(council), *PERIOD, "--out", str(tmp_path / "again"), "--quiet"]) == 0
    assert contents(tmp_path / "again") == contents(settled_council)


def test_the_truth_is_never_read(council: Path, settled_council: Path, tmp_path: Path) -> None:
    bare = Path(shutil.copytree(council, tmp_path / "bare", ignore=shutil.ignore_patterns("truth")))
    assert not (bare / "truth").exists()
    assert main(["settle", str(bare), *PERIOD, "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert contents(tmp_path / "out") == contents(settled_council)


def test_quiet_says_nothing(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settle(folder, tmp_path / "out", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_a_bad_row_fails_only_a_strict_run(folder: Path, tmp_path: Path) -> None:
    with (folder / "visits.csv").open("a") as file:
        file.write("V9,1,P1,A,W1,PC,delivered,2026-02-31T08:00,,,,app,app,,\n")
    assert settle(folder, tmp_path / "plain") == 0
    assert settle(folder, tmp_path / "strict", "--strict") == 1
    assert contents(tmp_path / "plain") == contents(tmp_path / "strict")


def test_a_fault_stops_the_run_and_nothing_is_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = (folder / "orders.csv").read_text()
    (folder / "orders.csv").write_text(orders.replace(",visits,", ",vists,"))
    assert settle(folder, tmp_path / "out") == 2
    said = capsys.readouterr().err
    assert "orders.csv line 2, basis: 'vists' is not one of visits, weekly_hours" in said
    assert "orders.csv line 7, basis" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "2026-05-11", "--to", "2026-05-10"], "before"),
        (["--from", "11/05/2026", "--to", "2026-05-11"], "write it like 2026-04-06"),
        (["--from", "2026-05-11", "--to", "9999-01-01"], "after the year"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(
    folder: Path, arguments: list[str], words: str
) -> None:
    done = carethread("settle", folder, *arguments, "--out", folder.parent / "out")
    assert done.returncode == 2
    assert words in done.stderr
    assert not (folder.parent / "out").exists()


def test_a_folder_that_is_not_there_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settle(tmp_path / "nowhere", tmp_path / "out") == 2
    assert "is not a folder" in capsys.readouterr().err


def test_an_existing_out_is_replaced_only_with_force(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert settle(folder, out, "--quiet") == 0
    (out / "note.txt").write_text("of the first run")
    first = contents(out)
    assert settle(folder, out) == 2
    assert "--force" in capsys.readouterr().err
    assert contents(out) == first
    assert settle(folder, out, "--force") == 0
    assert "note.txt" not in contents(out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "out"]


def test_what_carethread_did_not_make_is_kept(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    for number in ("", "2"):
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        (out / "mine.txt").write_text(f"precious{number}")
        assert settle(folder, out, "--force") == 0
        assert "mine.txt" not in contents(out)
        assert contents(tmp_path / f"out.before{number}") == {"mine.txt": f"precious{number}".encode()}
        assert f"it is now in {out}.before{number}" in capsys.readouterr().err


@pytest.mark.parametrize("out", [".", "..", "folder", "folder/", "folder/../folder", "link"])
def test_force_never_replaces_the_folder_it_settles_or_stands_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], out: str
) -> None:
    monkeypatch.chdir(folder.parent)
    (folder.parent / "link").symlink_to(folder)
    before = contents(folder)
    assert settle(Path("folder"), Path(out), "--force") == 2
    assert "nothing was changed, choose another folder" in capsys.readouterr().err
    assert contents(folder) == before


def test_out_may_lie_inside_the_folder(folder: Path) -> None:
    assert settle(folder, folder / "settled") == 0
    assert settle(folder, folder / "settled", "--force") == 0
    assert (folder / "settled" / "lines.csv").exists()


def test_a_file_of_rubbish_is_told_before_the_figures(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    visits = (folder / "visits.csv").read_text()
    (folder / "visits.csv").write_text(visits.replace("2026-05-11T", "11/05/2026 "))
    assert settle(folder, tmp_path / "out") == 0
    said = capsys.readouterr().out
    told = "ATTENTION: 6 of 6 rows of visits.csv could not be read: see the findings."
    assert said.index(f"{told} These figures cannot be used.") < said.index("Planned")
    page = tmp_path / "report.html"
    assert main(["report", str(tmp_path / "out"), "--to", str(page)]) == 0
    assert told in page.read_text()


def test_a_period_without_visits_is_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    june = ["--from", "2026-06-01", "--to", "2026-06-07"]
    assert main(["settle", str(folder), *june, "--out", str(tmp_path / "out")]) == 0
    assert "visits run from 11 May 2026 to 11 May 2026" in capsys.readouterr().out


def test_a_file_with_a_name_nearly_right_is_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "suspension.csv").write_text("person_id\n")
    assert settle(folder, tmp_path / "out") == 0
    assert "unread_file" in capsys.readouterr().out
    assert "did you mean suspensions.csv?" in (tmp_path / "out" / "findings.csv").read_text()
    (folder / "rates.csv").rename(folder / "Rates.csv")
    assert settle(folder, tmp_path / "again") == 2
    assert "the file is missing; is it Rates.csv?" in capsys.readouterr().err


def test_out_may_not_be_a_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("a file")
    assert settle(folder, tmp_path / "out", "--force") == 2
    assert "is a file, not a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    "moment", [".out.partial", ".out.partial/lines.csv", ".out.partial/weekly.csv"]
)
@pytest.mark.parametrize("before", ["nothing", "an old settlement"])
def test_a_killed_run_leaves_out_as_it_was(
    council: Path, tmp_path: Path, moment: str, before: str
) -> None:
    out = tmp_path / "out"
    if before == "an old settlement":
        out.mkdir()
        (out / "run.json").write_text("old\n")
    old = contents(out) if out.exists() else None
    arguments = ["settle", str(council), *PERIOD, "--out", str(out), "--force", "--quiet"]
    with subprocess.Popen([*COMMAND, *arguments]) as run:
        while run.poll() is None and not (tmp_path / moment).exists():
            time.sleep(0.001)
        run.send_signal(signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL, "the run must be killed, not finished"
    assert (contents(out) if out.exists() else None) == old
    assert main(arguments) == 0
    assert (out / "lines.csv").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_two_runs_do_not_write_one_folder(council: Path, tmp_path: Path) -> None:
    arguments = ["settle", str(council), *PERIOD, "--out", str(tmp_path / "out"), "--quiet"]
    with subprocess.Popen([*COMMAND, *arguments]) as first:
        while first.poll() is None and not (tmp_path / ".out.partial" / "lines.csv").exists():
            time.sleep(0.001)
        first.send_signal(signal.SIGSTOP)
        second = carethread(*arguments)
        first.send_signal(signal.SIGCONT)
    assert first.returncode == 0
    assert second.returncode == 2
    assert "another run is writing the same folder" in second.stderr
    assert (tmp_path / "out" / "run.json").exists()


@pytest.mark.parametrize(
    ("mount", "words"),
    [
        ("-o size=64k", "the disk is full; free some space"),
        ("-o ro", "that disk can only be read; choose another"),
    ],
)
def test_a_disk_that_refuses_leaves_nothing_behind(
    council: Path, tmp_path: Path, mount: str, words: str
) -> None:
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:  # noqa: S607
        pytest.skip("needs user namespaces, to mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = " ".join([*COMMAND, "settle", str(council), *PERIOD, "--out", f"{disk}/out", "--quiet"])
    script = f"mount -t tmpfs {mount} none {disk} && {command}; echo code $?; ls -A {disk}"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert words in done.stderr
    assert done.stdout == "code 2\n", "and the disk is as empty as it was"


def test_a_person_who_waits_sees_progress(tmp_path: Path) -> None:
    terminal, child = pty.openpty()
    termios.tcsetwinsize(child, (24, 80))
    arguments = ["synth", str(tmp_path / "council"), "--people", "100"]
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=child) as run:
        os.close(child)
        seen = b""
        while True:
            try:
                some = os.read(terminal, 4096)
            except OSError:
                break
            if not some:
                break
            seen += some
    os.close(terminal)
    assert run.returncode == 0
    assert b"%|" in seen
    assert b"Inventing" in seen

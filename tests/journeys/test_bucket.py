"""`carethread bucket`: a folder split, settled, changed; and what is left when something goes wrong."""

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest

from carethread.batch import buckets, choose, crossing
from carethread.cli import main
from tests.commands import COMMAND, PERIOD, contents
from tests.factories.folders import COLUMNS
from tests.formats.breaking import rows_of, swap
from tests.formats.natural import table_to_parquet

Said = pytest.CaptureFixture[str]


def bucket(folder: Path, out: Path, *more: str) -> int:
    return main(["bucket", str(folder), "--out", str(out), *more])


def settle(folder: Path, out: Path, *more: str) -> int:
    return main(["settle", str(folder), *PERIOD, "--out", str(out), "--quiet", *more])


@pytest.fixture
def folder(council: Path, tmp_path: Path) -> Path:
    """Return the folder of an invented council that a test may spoil."""
    leave = shutil.ignore_patterns("truth")
    return Path(shutil.copytree(council, tmp_path / "folder", ignore=leave))


@pytest.fixture
def bucketed(bucketed_council: Path, tmp_path: Path) -> Path:
    """Return buckets that a test may spoil."""
    return Path(shutil.copytree(bucketed_council, tmp_path / "bucketed"))


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_bucketed_folder_settles_to_the_same_bytes(
    council: Path, settled_council: Path, tmp_path: Path, capsys: Said
) -> None:
    out = tmp_path / "bucketed"
    assert bucket(council, out, "--buckets", "5") == 0
    said = capsys.readouterr()
    visits = len(rows_of(council, "visits"))
    assert f"{visits:,} visits of {council} are in 5 buckets." in said.out
    assert f"carethread settle {out} --from" in said.out
    assert said.err == ""
    assert sorted(contents(out)) == ["buckets.json", "contracts.toml", "findings.arrows", "rates.csv"]
    assert settle(out, tmp_path / "settled") == 0
    assert contents(tmp_path / "settled") == contents(settled_council)
    assert left(tmp_path) == ["bucketed", "settled"]


def test_parquet_settles_to_parquet(folder: Path, tmp_path: Path) -> None:
    for table in COLUMNS:
        table_to_parquet(folder, table)
    assert bucket(folder, tmp_path / "bucketed", "--buckets", "3", "--quiet") == 0
    for name, given in (("out", folder), ("from buckets", tmp_path / "bucketed")):
        assert settle(given, tmp_path / name, "--format", "parquet") == 0
    assert contents(tmp_path / "from buckets") == contents(tmp_path / "out")


def test_how_many_is_found_out(folder: Path, tmp_path: Path, capsys: Said) -> None:
    assert bucket(folder, tmp_path / "one") == 0
    assert "are in 1 bucket." in capsys.readouterr().out
    assert bucket(folder, tmp_path / "many", "--buckets", "400") == 0
    persons = len({row["person_id"] for row in rows_of(folder, "visits")})
    assert f"are in {persons} buckets." in capsys.readouterr().out
    for split in ("one", "many"):
        assert settle(tmp_path / split, tmp_path / f"settled {split}") == 0
    assert contents(tmp_path / "settled one") == contents(tmp_path / "settled many")


@pytest.mark.parametrize("number", ["0", "-1", "401", "x", "1.5", "", "9" * 5000])
def test_a_number_of_buckets_that_makes_no_sense_is_refused(
    folder: Path, tmp_path: Path, number: str, capsys: Said
) -> None:
    with pytest.raises(SystemExit) as stopped:
        bucket(folder, tmp_path / "out", f"--buckets={number}")
    assert stopped.value.code == 2
    assert "--buckets" in capsys.readouterr().err
    assert left(tmp_path) == ["folder"]


def test_an_existing_folder_is_replaced_only_with_force(
    folder: Path, bucketed: Path, tmp_path: Path, capsys: Said
) -> None:
    assert bucket(folder, bucketed) == 2
    assert "--force" in capsys.readouterr().err
    assert json.loads((bucketed / "buckets.json").read_text())["visits"][4:]
    assert bucket(folder, bucketed, "--force", "--buckets", "2", "--quiet") == 0
    assert len(json.loads((bucketed / "buckets.json").read_text())["visits"]) == 2
    assert left(tmp_path) == ["bucketed", "folder"]


def test_all_faults_stop_it_and_nothing_is_written(folder: Path, tmp_path: Path, capsys: Said) -> None:
    swap(folder, "orders.csv", ",visits,", ",vists,")
    swap(folder, "contracts.toml", "window_minutes", "windw_minutes")
    assert bucket(folder, tmp_path / "out") == 2
    said = capsys.readouterr().err
    assert settle(folder, tmp_path / "out") == 2
    assert capsys.readouterr().err == said
    assert "'vists' is not one of visits, weekly_hours" in said
    assert "2 faults must be put right first; nothing was written" in said
    assert left(tmp_path) == ["folder"]


def test_rows_that_cannot_be_read_are_found_again(folder: Path, tmp_path: Path) -> None:
    with (folder / "visits.csv").open("a") as file:
        file.write("V9,1,P1,A,W1,PC,delivered,2026-02-31T08:00,,,,,app,app,\n" * 2)
    (folder / "suspension.csv").write_text("person_id\n")
    assert bucket(folder, tmp_path / "bucketed", "--buckets", "3", "--quiet") == 0
    for name, given in (("out", folder), ("from buckets", tmp_path / "bucketed")):
        assert settle(given, tmp_path / name, "--strict") == 1
    assert contents(tmp_path / "from buckets") == contents(tmp_path / "out")
    record = json.loads((tmp_path / "from buckets" / "run.json").read_text())
    assert record["inputs"]["visits.csv"]["kept_out"] == 2


def cheaper(folder: Path) -> None:
    text = (folder / "rates.csv").read_text().splitlines()
    (folder / "rates.csv").write_text("\n".join(text[:1] + [row for row in text[1:] if row]) + "\n")
    swap(folder, "rates.csv", rows_of(folder, "rates")[0]["amount_pence"], "1234")


def other_terms(folder: Path) -> None:
    text = (folder / "contracts.toml").read_text()
    lines = ["missed_percent = 50" if "pay_basis" in line else line for line in text.splitlines()]
    (folder / "contracts.toml").write_text("\n".join(lines) + "\n")


def shorter_gap(folder: Path) -> None:
    swap(folder, "contracts.toml", "join_gap_minutes = 10", "join_gap_minutes = 0")


def other_window(folder: Path) -> None:
    swap(folder, "contracts.toml", "window_minutes = 120", "window_minutes = 15")


def rates_as_parquet(folder: Path) -> None:
    table_to_parquet(folder, "rates")


@pytest.mark.parametrize("change", [cheaper, other_terms, shorter_gap, other_window, rates_as_parquet])
def test_rates_and_contracts_of_the_buckets_are_those_that_count(
    folder: Path,
    bucketed: Path,
    settled_council: Path,
    tmp_path: Path,
    change: Callable[[Path], None],
) -> None:
    for name, given in (("out", folder), ("from buckets", bucketed)):
        change(given)
        assert settle(given, tmp_path / name) == 0
    assert contents(tmp_path / "from buckets") == contents(tmp_path / "out")
    assert contents(tmp_path / "out") != contents(settled_council)


def longer_gap(folder: Path) -> None:
    swap(folder, "contracts.toml", "join_gap_minutes = 10", "join_gap_minutes = 60")


def fault_in_rates(folder: Path) -> None:
    swap(folder, "rates.csv", rows_of(folder, "rates")[0]["amount_pence"], "much")


def no_contracts(folder: Path) -> None:
    (folder / "contracts.toml").unlink()


def other_version(folder: Path) -> None:
    swap(folder, "buckets.json", '"format": 2', '"format": 1')


def no_json(folder: Path) -> None:
    (folder / "buckets.json").write_text("[1]")


def missing(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def cut_short(folder: Path) -> None:
    path = folder / "0003" / "visits.arrows"
    path.write_bytes(path.read_bytes()[:-1])


def spoilt(folder: Path) -> None:
    path = folder / "0003" / "planned.arrows"
    path.write_bytes(b"?" * path.stat().st_size)


def one_more(folder: Path) -> None:
    shutil.copy(folder / "0001" / "visits.arrows", folder / "0001" / "visits-of-witnesses.arrows")


def percent_too_fine(folder: Path) -> None:
    swap(folder, "contracts.toml", "pay_basis", "missed_percent = 0.0000001\npay_basis")


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "longer gap": (longer_gap, "made for log-ins joined over 10 minutes, contracts.toml now says 60"),
    "fault in rates": (fault_in_rates, "rates.csv line 2, amount_pence: 'much'"),
    "no contracts": (no_contracts, "contracts.toml: the file is missing"),
    "other version": (other_version, "is not of this version; bucket the folder anew"),
    "no json": (no_json, "is not of this version; bucket the folder anew"),
    "no visits": (missing("0002/visits.arrows"), "visits.arrows is not as it was made; bucket the"),
    "no findings": (missing("findings.arrows"), "findings.arrows is not as it was made"),
    "cut short": (cut_short, "0003/visits.arrows is not as it was made; bucket the folder anew"),
    "spoilt": (spoilt, "0003 cannot be read"),
    "one more": (one_more, "visits-of-witnesses.arrows is not as it was made"),
    "percent too fine": (percent_too_fine, "settle the folder that the buckets were made of"),
}


@pytest.mark.parametrize(("spoil", "words"), REFUSED.values(), ids=REFUSED)
def test_buckets_that_cannot_be_settled_say_why(
    bucketed: Path, tmp_path: Path, capsys: Said, spoil: Callable[[Path], None], words: str
) -> None:
    spoil(bucketed)
    assert settle(bucketed, tmp_path / "out") == 2
    assert words in capsys.readouterr().err
    assert left(tmp_path) == ["bucketed"]


def test_commands_that_need_the_folder_itself_say_so(
    bucketed: Path, tmp_path: Path, capsys: Said
) -> None:
    page, out = str(tmp_path / "page.html"), str(tmp_path / "out")
    it = str(bucketed)
    for command, words in (
        (["check", it], "check needs the folder that they were made of"),
        (["whatif", it, *PERIOD, "--terms", "planned", "--out", out], "whatif needs the folder"),
        (["bucket", it, "--out", out], "is split into buckets; bucket needs the folder"),
        (["settle", it, *PERIOD, "--out", out, "--engine", "reference"], "does not read"),
        (["report", it, "--to", page], "does not hold a settlement"),
        (["explain", it, "O1|2026-05-11T08:00|1"], "does not hold a settlement"),
    ):
        assert main(command) == 2
        assert words in capsys.readouterr().err
    assert left(tmp_path) == ["bucketed"]


@pytest.mark.parametrize("order_id", ["O|1", "visit"])
def test_order_ids_that_make_line_ids_alike_are_settled_as_they_are(
    folder: Path, tmp_path: Path, capsys: Said, order_id: str
) -> None:
    swap(folder, "orders.csv", rows_of(folder, "orders")[0]["order_id"], order_id)
    assert bucket(folder, tmp_path / "out") == 2
    assert "or an order called visit; settle it as it is" in capsys.readouterr().err
    assert left(tmp_path) == ["folder"]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the council be so large that it is settled in buckets, unasked."""
    monkeypatch.setattr(choose, "_MAY_BE_MORE", 0)
    monkeypatch.setattr(choose, "MOST_AT_ONCE", 100)
    monkeypatch.setattr(buckets, "USUAL", 1000)


@pytest.mark.usefixtures("large")
def test_a_very_large_folder_is_settled_in_buckets_unasked(
    council: Path, settled_council: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = Mock(side_effect=buckets.make_buckets)
    monkeypatch.setattr(buckets, "make_buckets", split)
    assert settle(council, tmp_path / "out") == 0
    assert split.call_args.args[2] > 2
    assert contents(tmp_path / "out") == contents(settled_council)
    assert left(tmp_path / "out") == sorted(contents(tmp_path / "out")), "no buckets are left"


@pytest.mark.usefixtures("large")
def test_a_very_large_folder_with_faults_says_so(folder: Path, tmp_path: Path, capsys: Said) -> None:
    swap(folder, "orders.csv", ",visits,", ",vists,")
    assert settle(folder, tmp_path / "out") == 2
    assert "'vists' is not one of visits, weekly_hours" in capsys.readouterr().err
    assert left(tmp_path) == ["folder"]


@pytest.mark.usefixtures("large")
def test_what_is_too_entangled_is_settled_in_one_piece(
    council: Path,
    settled_council: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Said,
) -> None:
    monkeypatch.setattr(crossing, "FEW", -(10**9))
    assert settle(council, tmp_path / "out") == 0
    assert "more than one person; all is settled in one piece" in capsys.readouterr().err
    assert contents(tmp_path / "out") == contents(settled_council)
    assert bucket(council, tmp_path / "bucketed") == 2
    assert f"buckets are of no use then. Settle {council} as it is" in capsys.readouterr().err
    assert left(tmp_path) == ["out"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_stopping_leaves_nothing_half_written(
    council: Path, tmp_path: Path, how: signal.Signals
) -> None:
    command = [*COMMAND, "bucket", str(council), "--out", str(tmp_path / "out"), "--buckets", "5"]
    stopped_at(tmp_path / ".out.partial" / "0002" / "visits.arrows", command, how)
    assert left(tmp_path) == ([".out.partial"] if how is signal.SIGKILL else [])
    assert bucket(council, tmp_path / "out", "--quiet") == 0
    assert left(tmp_path) == ["out"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_stopping_a_settlement_leaves_nothing_half_written(
    bucketed: Path, tmp_path: Path, how: signal.Signals
) -> None:
    command = [*COMMAND, "settle", str(bucketed), *PERIOD, "--out", str(tmp_path / "out")]
    stopped_at(tmp_path / ".out.partial" / "merging", command, how)
    kept = [".out.partial"] if how is signal.SIGKILL else []
    assert left(tmp_path) == [*kept, "bucketed"]
    assert settle(bucketed, tmp_path / "out") == 0
    assert left(tmp_path) == ["bucketed", "out"]
    assert left(tmp_path / "out") == sorted(contents(tmp_path / "out"))


def stopped_at(path: Path, command: list[str], how: signal.Signals) -> None:
    """Stop a command when a file is there."""
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        while run.poll() is None and not path.exists():
            time.sleep(0.001)
        run.send_signal(how)
        _, said = run.communicate()
    if how is signal.SIGINT:
        assert run.returncode == 130
        assert "stopped; nothing was left half-written" in said
    else:
        assert run.returncode == -how

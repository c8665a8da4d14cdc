"""`carethread synth`: an invented council with the shape of a real one, and the truth about it."""

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from carethread.cli import main
from carethread.engine.words import Outcome
from carethread.formats.settlement import published, tables
from tests.commands import contents
from tests.engines import inputs_of


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def synth(folder: Path, *more: str) -> Path:
    assert main(["synth", str(folder), "--weeks", "1", "--quiet", *more]) == 0
    return folder


def test_one_seed_gives_one_council(tmp_path: Path) -> None:
    one = synth(tmp_path / "one", "--people", "15", "--seed", "3")
    same = synth(tmp_path / "same", "--people", "15", "--seed", "3")
    other = synth(tmp_path / "other", "--people", "15", "--seed", "4")
    assert contents(one) == contents(same)
    assert contents(one / "truth") == contents(same / "truth")
    assert contents(one)["visits.csv"] != contents(other)["visits.csv"]


def test_csv_and_parquet_are_one_council(tmp_path: Path) -> None:
    as_csv = inputs_of(synth(tmp_path / "csv", "--people", "30"))
    parquet = inputs_of(synth(tmp_path / "parquet", "--people", "30", "--format", "parquet"))
    for name in ("orders", "visits", "rates", "contracts", "rota", "suspensions", "invoices"):
        assert getattr(as_csv, name) == getattr(parquet, name), name


def test_it_has_the_shape_of_a_real_council(council: Path, settled_council: Path) -> None:
    """Essex: 17 hours a person and week; visits of 30 to 45 minutes; and what goes wrong."""
    orders = [row for row in rows(council / "orders.csv") if row["basis"] == "visits"]
    weeks = rows(settled_council / "weekly.csv")
    summary = rows(settled_council / "summary.csv")
    minutes = sum(int(row["planned_minutes"]) for row in summary)
    minutes += sum(int(row["allowance_minutes"]) for row in weeks)
    assert 14 <= minutes / 60 / 4 / 36 <= 20
    assert 30 <= sum(int(row["minutes"]) for row in orders) / len(orders) <= 45
    outcomes = Counter(line.outcome for line in published.read(settled_council, tables.LINES))
    for outcome in Outcome:
        assert outcomes[outcome], outcome
    assert 0.01 <= outcomes[Outcome.MISSED] / outcomes.total() <= 0.04
    assert {row["status"] for row in rows(council / "visits.csv")} == {
        "delivered",
        "cancelled",
        "frustrated",
    }
    assert {row["contract_id"] for row in orders} == {"LOT-MINUTE", "LOT-QUARTER", "LOT-PLANNED"}


def test_matching_finds_the_truth(council: Path, settled_council: Path) -> None:
    made_for = {row["visit_id"]: row["line_id"] for row in rows(council / "truth" / "visits.csv")}
    answered = [
        (line.line_id if line.slot else "", made_for[line.visit_id])
        for line in published.read(settled_council, tables.LINES)
        if line.visit_id
    ]
    right = sum(found[:-2] == truth[:-2] for found, truth in answered)  # whichever slot of a double-up
    assert right / len(answered) > 0.99


def test_false_claims_are_not_agreed(council: Path, settled_council: Path) -> None:
    truth = {
        (row["invoice_id"], row["line_no"]): row
        for row in rows(council / "truth" / "invoice_lines.csv")
    }
    judged = rows(settled_council / "invoice_lines.csv")
    assert len(judged) == len(truth)
    false = [row for row in judged if truth[row["invoice_id"], row["line_no"]]["false"] == "true"]
    assert false
    for row in false:
        assert int(row["parked_pence"]) > 0, row
    honest = [row for row in judged if truth[row["invoice_id"], row["line_no"]]["kind"] == "honest"]
    agreed = sum(int(row["agreed_pence"]) for row in honest)
    claimed = sum(int(row["claimed_pence"]) for row in honest)
    assert agreed / claimed > 0.95


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--people", "0"], "from 1 to"),
        (["--people", "many"], "not a whole number"),
        (["--weeks", "-1"], "not a whole number"),
    ],
)
def test_a_council_of_nobody_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["synth", str(tmp_path / "x"), *arguments])
    assert stopped.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.slow
def test_size_does_not_cost_memory(tmp_path: Path) -> None:
    def peak_kilobytes(people: int) -> int:
        program = "import resource, sys; from carethread.cli import main; main(sys.argv[1:]);"
        program += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        folder = str(tmp_path / str(people))
        command = [sys.executable, "-c", program, "synth", folder, "--people", str(people), "--quiet"]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert peak_kilobytes(480) < peak_kilobytes(60) * 1.1

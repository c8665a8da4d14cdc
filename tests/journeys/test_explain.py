"""`carethread explain`: any line, in words, with its numbers."""

import csv
import re
from pathlib import Path

import pytest

from carethread.cli import main
from carethread.engine.explain import explain
from carethread.formats.settlement import published, tables

CASES = Path(__file__).parents[1] / "data" / "cases"


def settle(case: str, out: Path, *more: str) -> Path:
    arguments = ["settle", str(CASES / case), "--from", "2026-05-11", "--to", "2026-05-17"]
    assert main([*arguments, "--out", str(out), "--quiet", *more]) == 0
    return out


def test_it_tells_the_story_of_a_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = settle("week-pool-gives-back", tmp_path / "out")
    assert main(["explain", str(out), "O1|2026-05-12T09:00|1"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Tuesday 12 May 2026, person P1, provider A, service PC, order O1, visit V2 by W1",
        "",
        "Planned 300 minutes at 09:00, one carer.",
        "Checked in 09:00 by app and out 16:00: 420 minutes.",
        "Counted by the minute: 420.",
        "Cut to at most 300 minutes: 300.",
        "Given back 60 minutes that other visits of the period left unused: 360.",
        "Rate 20.00 an hour (any day, card of 6 April 2026): 120.00.",
        "Payable: £120.00.",
    ]


def test_a_held_line_says_what_it_waits_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = settle("provider-cancels-is-missed", tmp_path / "out")
    assert main(["explain", str(out), "O1|2026-05-12T08:00|1"]) == 0
    said = capsys.readouterr().out
    assert "1 hour before the agreed start" in said
    assert "Held: £10.00 waits, and is not lost." in said
    assert "Waits (no_cancelled_by): a cancellation that does not say who cancelled." in said
    assert "Ask the provider; a visit the provider itself cancelled is missed." in said


def test_parquet_is_explained_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = []
    for form in ("csv", "parquet"):
        out = settle("bands", tmp_path / form, "--format", form)
        assert main(["explain", str(out), "O2|2026-05-11T12:00|1"]) == 0
        words.append(capsys.readouterr().out)
    assert words[0] == words[1]
    assert "In the band up to 34 minutes: 30." in words[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["out", "O9|2026-05-11T08:00|1"], "no line 'O9|2026-05-11T08:00|1'"),
        (["nowhere", "O1|2026-05-11T08:00|1"], "does not hold a settlement"),
    ],
)
def test_what_cannot_be_explained_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    settle("bands", tmp_path / "out")
    assert main(["explain", str(tmp_path / arguments[0]), arguments[1]]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("text", ["O2", "V2", "2026-05-11T12:00"])
def test_a_line_is_found_by_its_order_visit_or_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    settle("bands", tmp_path / "out")
    assert main(["explain", str(tmp_path / "out"), text]) == 2
    assert "is it 'O2|2026-05-11T12:00|1'?" in capsys.readouterr().err


def test_a_folder_of_other_tables_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = settle("bands", tmp_path / "out")
    (out / "lines.csv").write_text("colour\nred\n")
    assert main(["explain", str(out), "x"]) == 2
    assert "does not have the columns of lines" in capsys.readouterr().err


def test_every_line_of_a_council_can_be_explained(settled_council: Path) -> None:
    lines = published.read(settled_council, tables.LINES)
    workings = published.read(settled_council, tables.WORKINGS)
    for line, working in zip(lines, workings, strict=True):
        explanation = explain(line, working)
        text = " ".join(explanation.sentences)
        assert "None" not in text, text
        assert not re.search(r"\b1 (minutes|hours)\b", text), text
        assert bool(explanation.waits_for) == line.held
        if line.amount_pence is not None:
            assert f"{line.amount_pence // 100:,}.{line.amount_pence % 100:02d}" in text


def test_lines_and_workings_stand_row_by_row(settled_council: Path) -> None:
    def ids(name: str) -> list[str]:
        with (settled_council / name).open() as file:
            return [row["line_id"] for row in csv.DictReader(file)]

    assert ids("lines.csv") == ids("workings.csv")

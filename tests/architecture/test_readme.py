"""What the README shows is what carethread says."""

import re
from pathlib import Path

import pytest

from carethread.cli import main

ROOT = Path(__file__).parents[2]
CASE = ROOT / "tests" / "data" / "cases" / "week-pool-gives-back"


def test_the_explanation_shown_is_the_one_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    week = ["--from", "2026-05-11", "--to", "2026-05-17"]
    assert main(["settle", str(CASE), *week, "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert main(["explain", str(tmp_path / "out"), "O1|2026-05-12T09:00|1"]) == 0
    (shown,) = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    assert capsys.readouterr().out == shown


def test_every_link_in_the_documents_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    assert len(pages) > 30
    for page in pages:
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            assert "://" in link or (page.parent / link).exists(), f"{page}: {link}"

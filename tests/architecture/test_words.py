"""The words in the code are the words in the glossary, and every finding says what to do."""

import re
from enum import StrEnum
from pathlib import Path

from carethread.engine import decide, words
from carethread.engine.findings import CATALOGUE
from carethread.formats.books import words as books
from carethread.formats.packages import words as packages
from tests import docs

ROOT = Path(__file__).parents[2]


def vocabularies() -> dict[str, set[str]]:
    """Return every vocabulary in the code."""
    found = {}
    for module in (words, decide, books, packages):
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum:
                found[name] = {member.value for member in value}
    return found


def test_glossary_has_the_words_of_the_code() -> None:
    text = (ROOT / "GLOSSARY.md").read_text().split("## Words in files")[1]
    sections = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    listed = {
        section.split()[0]: set(re.findall(r"^\| `([a-z_]+)` \|", section, flags=re.MULTILINE))
        for section in sections
    }
    assert listed == vocabularies()


def test_every_kind_of_finding_is_in_the_catalogue_and_the_docs() -> None:
    assert set(CATALOGUE) == set(words.Kind)
    page = (ROOT / "docs" / "findings.md").read_text()
    for kind, entry in CATALOGUE.items():
        assert f"### {kind}\n" in page
        assert entry.means in page
        assert f"**What to do:** {entry.to_do}" in page


def test_every_reason_that_names_a_finding_is_one() -> None:
    without_finding = {words.Reason.UNPLANNED, words.Reason.MANUAL_WITHOUT_REASON}
    kinds = {kind.value for kind in words.Kind}
    assert {reason.value for reason in words.HOLDING - without_finding} <= kinds


def test_generated_pages_are_current() -> None:
    assert docs.main(["--check"]) == 0

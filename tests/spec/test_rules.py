"""Every example of the rule book holds."""

from pathlib import Path

import pytest

from tests.spec.chapters import CHAPTERS
from tests.spec.drawn import Chapter, Example, as_drawn

EXAMPLES = [(chapter, example) for chapter in CHAPTERS for example in chapter.examples]


@pytest.mark.parametrize(
    ("chapter", "example"), EXAMPLES, ids=[f"{c.number} {e.name}" for c, e in EXAMPLES]
)
def test_example(chapter: Chapter, example: Example, tmp_path: Path) -> None:
    tables = example.settle(tmp_path)
    compared = 0
    for name, table in example.expected():
        found = [[as_drawn(head, row[head]) for head in table.heads] for row in tables[name]]
        assert found == table.rows, f"{chapter.number} {example.name}: {name}"
        compared += 1
    assert compared, "an example must expect something"


def test_names_are_unique() -> None:
    for chapter in CHAPTERS:
        names = [example.name for example in chapter.examples]
        assert len(set(names)) == len(names)

"""Runs: what the books settle to is what the folder does, and what becomes of a run."""

import tomllib
from pathlib import Path

import pytest

from tests.books.running import CASES, lines_of, run_of
from tests.databases import Books
from tests.engines import published, settled
from tests.factories import books as factory


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_settles_alike_in_books_and_files(books: Books, case: Path) -> None:
    told = tomllib.loads((case / "case.toml").read_text())
    council = factory.council()
    factory.keep(case, council)
    run = run_of(council, told["from"], told["to"])
    expected = published(settled(case, told["from"], told["to"]))
    assert lines_of(run) == expected["lines"]

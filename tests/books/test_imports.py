"""Files into the books: every row has a verdict, the same again changes nothing."""

import tomllib
from pathlib import Path

import pytest

from tests.books.imports import applied, checked, council, problems
from tests.books.running import lines_of, run_of
from tests.databases import Books
from tests.engines import published, settled

CASES = sorted(
    path.parent for path in (Path(__file__).parents[1] / "data" / "cases").glob("*/case.toml")
)


def only(folder: Path, to: Path) -> Path:
    """Return a copy of a case without what is expected of it."""
    to.mkdir()
    for path in folder.iterdir():
        if path.name != "case.toml" and not path.name.startswith("expected"):
            (to / path.name).write_bytes(path.read_bytes())
    return to


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_imported_once(books: Books, case: Path, tmp_path: Path) -> None:
    north = council()
    folder = only(case, tmp_path / "case")
    first = applied(north, folder)
    assert first.status == "applied", problems(first)
    assert all(not one["changed"] and not one["rejected"] for one in first.counts.values())
    assert first.counts["orders"]["new"]
    again = checked(north, folder)
    for table, counts in again.counts.items():
        rows = sum(first.counts[table].values())
        kept = rows - first.counts[table]["rejected"]
        assert counts == {
            "new": 0,
            "changed": 0,
            "unchanged": kept,
            "rejected": first.counts[table]["rejected"],
        }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_imported_case_settles_as_its_files_do(books: Books, case: Path, tmp_path: Path) -> None:
    told = tomllib.loads((case / "case.toml").read_text())
    north = council()
    applied(north, only(case, tmp_path / "case"))
    run = run_of(north, told["from"], told["to"])
    assert lines_of(run) == published(settled(case, told["from"], told["to"]))["lines"]

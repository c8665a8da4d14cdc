"""The worked cases, many from published sources: all must hold."""

import csv
import tomllib
from pathlib import Path

import pytest

from tests.engines import Rows, published, settled

CASES = sorted((Path(__file__).parents[1] / "data" / "cases").iterdir())
EXPECTED = {
    "expected.csv": ("lines", ["line_id"]),
    "expected_invoice_lines.csv": ("invoice_lines", ["invoice_id", "line_no"]),
    "expected_claim_groups.csv": ("claim_groups", ["group_id"]),
}


def test_all_cases_are_here() -> None:
    assert len(CASES) == 26


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path) -> None:
    period = tomllib.loads((case / "case.toml").read_text())
    tables = published(settled(case, period["from"], period["to"]))
    compared = 0
    for name, (table, key) in EXPECTED.items():
        if (case / name).exists():
            with (case / name).open() as file:
                expected = list(csv.DictReader(file))
            assert _by(key, _like(expected, tables[table])) == _by(key, expected)
            compared += 1
    assert compared


def _by(key: list[str], rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: [row[name] for name in key])


def _like(expected: Rows, rows: Rows) -> Rows:
    """Keep the columns that are expected."""
    return [{name: row[name] for name in expected[0]} for row in rows]

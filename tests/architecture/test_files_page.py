"""The page of files lists every column there is, in order, and nothing else."""

import re
import tomllib
from pathlib import Path

from carethread.engine.records import Settings, Terms
from carethread.formats.settlement import contracts, layouts, tables

PAGE = (Path(__file__).parents[2] / "docs" / "files.md").read_text()


def sections() -> dict[str, str]:
    """Return the page's sections by table."""
    parts = re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]
    return {part.split("\n", 1)[0]: part for part in parts}


def listed(section: str) -> list[str]:
    return re.findall(r"^\| `([a-z_]+)` \|", section, flags=re.MULTILINE)


def test_every_input_column_is_listed() -> None:
    for layout in layouts.LAYOUTS:
        assert listed(sections()[layout.table]) == [column.name for column in layout.columns]


def test_every_output_column_is_listed() -> None:
    for table in tables.TABLES:
        assert listed(sections()[table.name]) == [column.name for column in table.columns]


def test_the_defaults_shown_are_the_defaults(tmp_path: Path) -> None:
    toml = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)[0]
    (tmp_path / "contracts.toml").write_text(toml)
    read = contracts.read_contracts(tmp_path)
    assert read.faults == []
    assert read.settings == Settings()
    (contract,) = read.contracts
    assert contract.terms == (Terms(from_on=contract.terms[0].from_on),)
    shown = tomllib.loads(toml)
    for name, keys in (("match", contracts.MATCH), ("holidays", contracts.HOLIDAYS)):
        assert list(shown[name]) == list(keys)
    assert list(shown["invoice"]) == list(contracts.INVOICE)
    assert list(shown["contract"][0]["terms"][0]) == list(contracts.TERMS)

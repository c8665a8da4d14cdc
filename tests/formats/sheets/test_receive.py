"""What was sent is known by what is in it, not by its name."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from carethread.formats.sheets.receive import receive
from tests.formats.sheets.test_workbooks import workbook


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_text_is_taken_as_csv(tmp_path: Path, out: Path) -> None:
    (tmp_path / "May visits.txt").write_text("visit_id\nV1\n")
    assert receive(tmp_path / "May visits.txt", out, "visits") == []
    assert (out / "visits.csv").read_text() == "visit_id\nV1\n"


def test_without_a_table_the_name_is_kept(tmp_path: Path, out: Path) -> None:
    (tmp_path / "rates.csv").write_text("x\n")
    (tmp_path / "contracts.toml").write_text("")
    for name in ("rates.csv", "contracts.toml"):
        assert receive(tmp_path / name, out) == []
    assert names(out) == ["contracts.toml", "rates.csv"]


def test_parquet_stays_parquet(tmp_path: Path, out: Path) -> None:
    pq.write_table(pa.table({"visit_id": ["V1"]}), tmp_path / "sent.dat")
    assert receive(tmp_path / "sent.dat", out, "visits") == []
    assert names(out) == ["visits.parquet"]


def test_a_workbook_of_several_tables_becomes_all_of_them(tmp_path: Path, out: Path) -> None:
    sheets = {"Notes": {1: ["n"]}, "Orders": {1: ["o"]}, "visits": {1: ["v"]}}
    source = workbook(tmp_path / "sent.xlsx", {name: dict(rows) for name, rows in sheets.items()})
    assert receive(source, out) == []
    assert [(path.name, path.read_text()) for path in sorted(out.iterdir())] == [
        ("orders.csv", "o\n"),
        ("visits.csv", "v\n"),
    ]


def test_an_old_workbook_is_named(tmp_path: Path, out: Path) -> None:
    (tmp_path / "orders.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (fault,) = receive(tmp_path / "orders.xls", out)
    assert "is an old .xls workbook, or has a password" in fault.message


def test_what_is_not_there_is_a_fault(tmp_path: Path, out: Path) -> None:
    (fault,) = receive(tmp_path / "none.csv", out)
    assert fault.message == "the file cannot be opened: No such file or directory"

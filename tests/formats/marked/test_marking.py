"""The same file back with its problems: same rows, same numbers, nothing that runs."""

import csv
from contextlib import closing
from datetime import date, time
from pathlib import Path
from typing import Any

import fastexcel
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carethread.formats.marked.marking import mark
from carethread.formats.settlement.files import CsvFile, Row
from tests.formats.sheets.test_workbooks import workbook

CSV = 'a,b\n1,2\n\n=cmd(),"two\nlines"\n3,4\n'


def marked(folder: Path, content: str, problems: Any, *, only: bool = False) -> str:
    (folder / "sent.csv").write_bytes(content.encode())
    out = folder / "back.csv"
    assert mark(folder / "sent.csv", out, problems, table="visits", only_rejected=only) == []
    return out.read_bytes().decode()


def test_every_row_has_its_number_and_its_problems(tmp_path: Path) -> None:
    problems = {4: ["b: is empty", "no such\nperson"], 6: ["=bad"]}
    assert marked(tmp_path, CSV, problems) == (
        "carethread_problems,a,b\n,1,2\n\n"
        "b: is empty; no such person,'=cmd(),\"two\nlines\"\n'=bad,3,4\n"
    )


def test_only_rejected_rows_are_wanted(tmp_path: Path) -> None:
    assert marked(tmp_path, CSV, {6: ["no"], 2: []}, only=True) == "carethread_problems,a,b\nno,3,4\n"


def test_a_row_of_another_width_has_its_problems_in_their_place(tmp_path: Path) -> None:
    back = marked(tmp_path, "a,b\n1\n1,2,3\n", {2: ["short"], 3: ["long"]})
    assert back == "carethread_problems,a,b\nshort,1\nlong,1,2,3\n"


def test_a_copy_marked_again_has_the_column_once(tmp_path: Path) -> None:
    first = marked(tmp_path, CSV, {2: ["was wrong"]})
    assert marked(tmp_path, first, {6: ["is wrong"]}) == marked(tmp_path, CSV, {6: ["is wrong"]})


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    source = workbook(tmp_path / "sent.xlsx", {"S": {1: ["a"], 2: ["1"]}})
    for name in ("one", "two"):
        assert mark(source, tmp_path / name, {2: ["x"]}, table="t", only_rejected=False) == []
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_parquet_goes_back_as_csv(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ["1", "2"]}), tmp_path / "sent.parquet")
    out = tmp_path / "back.csv"
    assert mark(tmp_path / "sent.parquet", out, {3: ["x"]}, table="t", only_rejected=False) == []
    assert out.read_text() == "carethread_problems,a\n,1\nx,2\n"


@pytest.mark.parametrize("content", [b"", b"a\n\xff\n", b'a\n"open\n', b"PK\x03\x04 no zip"])
def test_what_cannot_be_read_cannot_be_marked(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sent").write_bytes(content)
    faults = mark(tmp_path / "sent", tmp_path / "back", {}, table="t", only_rejected=False)
    assert len(faults) == 1
    assert faults[0].file == "sent"
    assert not (tmp_path / "back").exists()


def test_what_is_not_there_cannot_be_marked(tmp_path: Path) -> None:
    (fault,) = mark(tmp_path / "none", tmp_path / "back", {}, table="t", only_rejected=False)
    assert fault.message == "the file cannot be opened: No such file or directory"


def sheet(path: Path) -> list[list[Any]]:
    loaded = fastexcel.read_excel(path).load_sheet(0, header_row=None, skip_rows=0, dtypes="string")
    return [list(row.values()) for row in loaded.to_arrow().to_pylist()]


ROWS: dict[int, list[Any]] = {
    1: ["order_id", "starts_on", "start_time", "minutes"],
    2: ["0012", date(2026, 4, 6), time(8, 30), 30],
    4: ["=cmd()", "http://example.org", "", "#=#DIV/0!"],
}


def test_a_workbook_comes_back_as_a_workbook_of_text(tmp_path: Path) -> None:
    source = workbook(tmp_path / "sent.xlsx", {"Notes": {1: ["n"]}, "Orders": ROWS})
    out = tmp_path / "back.xlsx"
    assert mark(source, out, {4: ["no", "=1+1"]}, table="orders", only_rejected=False) == []
    assert fastexcel.read_excel(out).sheet_names == ["Orders"]
    assert sheet(out) == [
        ["carethread_problems", "order_id", "starts_on", "start_time", "minutes"],
        [None, "0012", "2026-04-06", "08:30", "30"],
        [None] * 5,
        ["no; =1+1", "=cmd()", "http://example.org", None, None],
    ]


def test_only_rejected_rows_of_a_workbook_are_wanted(tmp_path: Path) -> None:
    rows = {number + 2: cells for number, cells in ROWS.items()}
    source = workbook(tmp_path / "sent.xlsx", {"Orders": rows})
    out = tmp_path / "back.xlsx"
    assert mark(source, out, {6: ["x" * 40_000]}, table="orders", only_rejected=True) == []
    header, row = sheet(out)
    assert header[0] == "carethread_problems"
    assert row[1:] == ["=cmd()", "http://example.org", None, None][: len(row) - 1]
    assert len(row[0]) == 32_767
    assert row[0].endswith("…")


def test_a_workbook_marked_again_has_the_column_once(tmp_path: Path) -> None:
    source = workbook(tmp_path / "sent.xlsx", {"Orders": ROWS})
    once, twice = tmp_path / "once.xlsx", tmp_path / "twice.xlsx"
    assert mark(source, once, {2: ["x"]}, table="orders", only_rejected=False) == []
    assert mark(once, twice, {4: ["y"]}, table="orders", only_rejected=False) == []
    assert [row[0] for row in sheet(twice)] == ["carethread_problems", None, None, "y"]
    assert len(sheet(twice)[0]) == 5


def rows_of(path: Path) -> list[Row]:
    with closing(CsvFile(path)) as table:
        return list(table.rows())


CELLS = st.text(st.sampled_from("ab1=+-@' \n\r\",;é"), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=6), st.sets(st.integers(2, 12)))
def test_rows_and_numbers_are_read_back(
    tmp_path_factory: Any, rows: list[list[str]], rejected: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("marked")
    with (folder / "sent.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([["h", "i"], *rows])
    problems = {number: ["=no"] for number in rejected}
    out = folder / "back.csv"
    assert mark(folder / "sent.csv", out, problems, table="t", only_rejected=False) == []
    sent, back = rows_of(folder / "sent.csv"), rows_of(out)
    assert [(row.number, list(row.cells)) for row in sent] == [
        (row.number, list(row.cells[1:])) for row in back
    ]
    assert {row.number for row in back if row.cells[0] == "=no"} == rejected & {
        row.number for row in sent
    }

"""Tables written in columns: the bytes are those of their records, whatever the pieces."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carethread.engine import units
from carethread.engine.columns.arrays import NONE, Coded, Texts
from carethread.engine.records import Finding, Period
from carethread.engine.reference.pipeline import settle
from carethread.engine.results import ClaimGroup, Line, Settlement
from carethread.engine.words import Cause, Kind, Outcome, Reason, Severity
from carethread.formats.settlement import published, sink_parquet, tables
from carethread.formats.settlement.sink import Cells, TableSink, columns_of, sliced
from carethread.formats.settlement.tables import Table
from carethread.formats.settlement.write import FORMATS, write_table
from tests.engines import inputs_of, silent
from tests.factories import folders
from tests.formats.test_odd_text import BOTH

Columns = Mapping[str, Cells]
SEEDS = st.integers(0, 2**32)
ALL_FORMS = pytest.mark.parametrize("form", FORMATS)
TEXTS = [
    *BOTH.values(),
    *("", "'", "''", "-", "\r", "\r\n", "\n", '"', ",", '",\r"', "=,", '-"', "=\r", "\0", "é" * 300),
    *("a" * 5000, " ", " a", "\ufeff", "0", "true"),
    *("'＝", "＝", "－-", "！", "＞", "￼", "＋,"),  # noqa: RUF001 -- the wide signs and their neighbours
]


def settlement_of(seed: int) -> Settlement:
    """Draw a folder and settle it."""
    folder = folders.draw(Random(seed))
    with folders.written(folder) as path:
        return settle(inputs_of(path), Period(folder.first, folder.last), silent)


def by_record(table: Table, records: Sequence[Any], form: str) -> bytes:
    """Return what the records' writer writes."""
    with TemporaryDirectory() as folder:
        write_table(table, records, Path(folder), form)
        return (Path(folder) / f"{table.name}.{form}").read_bytes()


def by_column(table: Table, pieces: Sequence[Columns], form: str) -> bytes:
    """Return what the columns' writer writes."""
    with TemporaryDirectory() as folder:
        with TableSink(table, Path(folder), form) as sink:
            for piece in pieces:
                sink.write(piece)
        return (Path(folder) / f"{table.name}.{form}").read_bytes()


def pieces_of(columns: Columns, rng: Random) -> Iterator[Columns]:
    """Cut columns into pieces; a text column has its own vocabulary, or one of the piece, or none."""
    rows = len(columns["line_id" if "line_id" in columns else next(iter(columns))])
    most = rng.choice([1, 3, 10, rows + 1])
    cuts = [0]
    while cuts[-1] < rows:
        cuts.append(min(rows, cuts[-1] + rng.randint(0 if rng.random() < 0.1 else 1, most)))
    shared = {name: coded(cells, rng) for name, cells in columns.items() if isinstance(cells, Texts)}
    for begin, end in pairwise(cuts):
        piece = {name: sliced(cells, begin, end) for name, cells in columns.items()}
        for name, cells in piece.items():
            if isinstance(cells, Texts):
                which = rng.random()
                if which < 0.4:
                    piece[name] = sliced(shared[name], begin, end)
                elif which < 0.7:
                    piece[name] = coded(cells, rng)
            elif rng.random() < 0.5:
                piece[name] = narrower(cells)
        yield piece


def coded(texts: Texts, rng: Random) -> Coded:
    """Code texts by a vocabulary in no order, with words that are not used, used twice, or empty."""
    values = texts.to_list()
    words = [*dict.fromkeys(values), "never", *rng.sample(values, min(2, len(values)))]
    rng.shuffle(words)
    places = {word: place for place, word in enumerate(words)}
    codes = [-1 if not text and rng.random() < 0.5 else places.get(text, -1) for text in values]
    return Coded(np.array(codes, np.int32), Texts.of(words))


def narrower(cells: Cells) -> Cells:
    """Return numbers in the smaller type in which the compiled engine has them, where they fit."""
    assert isinstance(cells, np.ndarray)
    small = cells.astype(np.int32)
    return small if (small == cells).all() and cells.dtype == np.int64 else cells


def odd_findings(texts: Sequence[str]) -> list[Finding]:
    return [
        Finding(
            Severity.INFO, Kind.JOINED, texts[-1 - place], place or None, text, text[::-1], text * 2
        )
        for place, text in enumerate(texts)
    ]


def odd_lines() -> list[Line]:
    """Return lines with times at every edge of the calendar."""
    changes = [
        units.instant_of_offset(moment)
        for year in (1901, 1916, 1941, 1968, 1971, 1972, 2026, 2199)
        for moment in (
            pa.scalar(f"{year}-{day}T00:59:00+00:00").cast(pa.timestamp("ms", tz="UTC")).as_py()
            for day in ("01-01", "03-29", "05-21", "10-25", "10-31")
        )
    ]
    instants: list[Any] = [
        None,
        -1,
        0,
        *(change + step for change in changes for step in (-60, -1, 0, 1, 2, 60, 61)),
    ]
    blank: dict[str, Any] = {field.name: "" for field in fields(Line)}
    return [
        Line(
            **blank
            | {"line_id": f"L{place}", "slot": None, "planned_minutes": -(10**place % 10**9)}
            | {"agreed_start": instant, "planned_start": None, "check_in": instants[place // 2 + 1]}
            | {"check_out": instants[-1 - place], "counted_minutes": place, "held": place % 3 == 0}
            | {
                "start_deviation_minutes": -place,
                "payable_minutes": None,
                "amount_pence": 10**place % 7,
            }
            | {"outcome": Outcome.MISSED, "service_on": units.local_date(instants[max(place, 1)])}
            | {"reasons": tuple(Reason)[: place % 4]}
        )
        for place, instant in enumerate(instants)
    ]


@given(SEEDS)
@settings(max_examples=25)
def test_columns_are_written_as_their_records(seed: int) -> None:
    settlement, rng = settlement_of(seed), Random(seed)
    for table in tables.TABLES:
        records = getattr(settlement, table.name)
        columns = columns_of(table, records)
        for form in FORMATS:
            expected = by_record(table, records, form)
            assert by_column(table, [columns], form) == expected
            assert by_column(table, list(pieces_of(columns, rng)), form) == expected


@ALL_FORMS
@pytest.mark.parametrize("group", [5, 64])
def test_the_pieces_do_not_matter(form: str, group: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink_parquet, "GROUP", group)
    rng = Random(group)
    findings = odd_findings(TEXTS)
    for records, table in ((odd_lines(), tables.LINES), (findings, tables.FINDINGS)):
        columns = columns_of(table, records)
        expected = by_record(table, records, form)
        rows = [
            {name: sliced(cells, n, n + 1) for name, cells in columns.items()}
            for n in range(len(records))
        ]
        assert by_column(table, rows, form) == expected
        for _ in range(10):
            assert by_column(table, list(pieces_of(columns, rng)), form) == expected


def test_row_groups_are_of_one_size_and_the_pieces_do_not_matter(tmp_path: Path) -> None:
    rows = 2 * sink_parquet.GROUP + 1000
    ids = [f"O{number // 50}|{number}" for number in range(rows)]
    pence = np.arange(rows, dtype=np.int32)
    columns: Columns = {"line_id": Texts.of(ids), "amount_pence": pence}
    files = []
    for step in (rows, 100_000, 1000):
        pieces = [
            {name: sliced(cells, begin, begin + step) for name, cells in columns.items()}
            for begin in range(0, rows, step)
        ]
        files.append(by_column(tables.UNCLAIMED, pieces, "parquet"))
    assert files[0] == files[1] == files[2]
    path = tmp_path / "unclaimed.parquet"
    path.write_bytes(files[0])
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    assert groups == [sink_parquet.GROUP, sink_parquet.GROUP, 1000]
    assert pq.read_table(path).to_pydict() == {"line_id": ids, "amount_pence": pence.tolist()}


def test_arrays_may_be_used_again_once_they_are_written(tmp_path: Path) -> None:
    data = np.frombuffer(b"ab", np.uint8).copy()
    codes, pence = np.array([0, 1], np.int32), np.array([1, 2], np.int32)
    with TableSink(tables.UNCLAIMED, tmp_path, "parquet") as sink:
        for ids in (Texts(np.arange(3), data), Coded(codes, Texts.of(["c", "d"]))):
            sink.write({"line_id": ids, "amount_pence": pence})
        data[:], codes[:], pence[:] = ord("x"), 1, 7
    found = pq.read_table(tmp_path / "unclaimed.parquet").to_pydict()
    assert found == {"line_id": ["a", "b", "c", "d"], "amount_pence": [1, 2, 1, 2]}


@ALL_FORMS
def test_what_is_written_is_read_back(form: str, tmp_path: Path) -> None:
    for table, records in ((tables.LINES, odd_lines()), (tables.FINDINGS, odd_findings(TEXTS))):
        content = by_column(table, [columns_of(table, records)], form)
        (tmp_path / f"{table.name}.{form}").write_bytes(content)
        assert list(published.read(tmp_path, table)) == list(records)


def instants(moments: Sequence[datetime | None]) -> list[int | None]:
    return [None if moment is None else units.instant_of_offset(moment) for moment in moments]


def test_parquet_has_natural_types_and_every_reader_reads_it(tmp_path: Path) -> None:
    lines = odd_lines()
    with TableSink(tables.LINES, tmp_path, "parquet") as sink:
        sink.write(columns_of(tables.LINES, lines))
    path = tmp_path / "lines.parquet"
    expected = [line.agreed_start for line in lines]
    schema = pq.read_schema(path)
    natural = [(column.name, sink_parquet.TYPES[column.type]) for column in tables.LINES.columns]
    assert [(field.name, field.type) for field in schema] == natural
    assert instants(pq.read_table(path)["agreed_start"].to_pylist()) == expected
    by_polars = pl.read_parquet(path)
    assert by_polars.schema["outcome"] == pl.String
    assert instants(by_polars["agreed_start"].to_list()) == expected
    query = "select agreed_start, outcome, held, reasons, amount_pence from read_parquet(?)"
    with duckdb.connect() as database:
        database.execute("set timezone = 'UTC'")
        rows = database.execute(query, [str(path)]).fetchall()
    assert instants([row[0] for row in rows]) == expected
    assert [row[1:] for row in rows] == [
        (line.outcome.value, line.held, tables.natural(line.reasons), line.amount_pence)
        for line in lines
    ]


def test_a_column_that_is_never_empty_holds_every_number(tmp_path: Path) -> None:
    group = ClaimGroup("G", NONE, NONE, 0, 0, -(10**12), ((Cause.RATE, NONE),), ())
    for form in FORMATS:
        written = by_column(tables.CLAIM_GROUPS, [columns_of(tables.CLAIM_GROUPS, [group])], form)
        assert written == by_record(tables.CLAIM_GROUPS, [group], form)
        folder = tmp_path / form
        folder.mkdir()
        (folder / f"claim_groups.{form}").write_bytes(written)
        assert list(published.read(folder, tables.CLAIM_GROUPS)) == [group]


@ALL_FORMS
def test_a_table_without_rows_has_its_columns(form: str, tmp_path: Path) -> None:
    for table in tables.TABLES:
        none = columns_of(table, [])
        assert (
            by_column(table, [none], form) == by_column(table, [], form) == by_record(table, [], form)
        )
    write_table(tables.UNCLAIMED, [], tmp_path, form)
    with duckdb.connect() as database:
        found = database.execute(f"select * from '{tmp_path}/unclaimed.{form}'")  # noqa: S608
        assert [column[0] for column in found.description] == ["line_id", "amount_pence"]
        assert found.fetchall() == []


@ALL_FORMS
@pytest.mark.parametrize(
    "columns",
    [
        {"line_id": Texts.of(["a"])},
        {"line_id": Texts.of(["a"]), "amount_pence": np.zeros(2, np.int32)},
        {"line_id": np.zeros(1, np.int32), "amount_pence": np.zeros(1, np.int32)},
        {"line_id": Texts.of(["a"]), "amount_pence": Texts.of(["1"])},
    ],
    ids=["a column is missing", "lengths differ", "numbers for text", "text for numbers"],
)
def test_what_is_not_the_table_is_not_written(form: str, columns: Columns, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="column"), TableSink(tables.UNCLAIMED, tmp_path, form) as sink:
        sink.write(columns)


def test_small_settlements_need_no_compiler(tmp_path: Path) -> None:
    say = (
        "import sys; from pathlib import Path; from carethread.formats.settlement import tables, write;"
        "write.write_table(tables.UNCLAIMED, [], Path(sys.argv[1]), sys.argv[2]);"
        "print(*{'numpy', 'numba', 'pyarrow'} & set(sys.modules))"
    )
    for form, needed in (("csv", set()), ("parquet", {"numpy", "pyarrow"})):
        command = [sys.executable, "-c", say, str(tmp_path), form]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert set(done.stdout.split()) == needed

"""The reader of columns finds what the reader of rows finds: every record, fault and finding."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from carethread.cli import main
from carethread.engine.columns.arrays import Coded, Texts
from carethread.formats.settlement import bulk, bulk_batches, reading, values
from carethread.formats.settlement.bulk import BulkTable, read_bulk, records
from carethread.formats.settlement.bulk_batches import UNSURE, csv_batches
from carethread.formats.settlement.files import CsvFile, Row, Unreadable, inert
from carethread.formats.settlement.layouts import LAYOUTS, VISITS, Layout
from carethread.formats.settlement.parquet import ParquetFile
from carethread.formats.settlement.reading import TableRead, read_table
from tests.engines import silent
from tests.factories.folders import COLUMNS, draw, write_rows
from tests.formats.breaking import add, cell, drop_columns, encode, rows_of, swap
from tests.formats.natural import TYPES, Types, to_parquet
from tests.formats.natural import column as natural_column

TEXTS = {("orders", "order_id"), ("visits", "visit_id"), ("invoices", "invoice_id")} | {
    ("invoices", "visit_id")
}
SMALL = {values.truth, values.slot}


def same(folder: Path) -> None:
    """Check that both readers find the same in every table."""
    for layout in LAYOUTS:
        same_table(layout, folder)


def same_table(layout: Layout, folder: Path) -> tuple[BulkTable, TableRead]:
    found, expected = read_bulk(layout, folder, silent), read_table(layout, folder, silent)
    assert list(records(layout, found)) == expected.records
    assert found.faults == expected.faults
    assert found.findings == expected.findings
    assert (found.rows, found.file, found.is_there) == (
        expected.rows,
        expected.file,
        expected.is_there,
    )
    assert found.numbers.dtype == np.int32
    assert found.numbers.tolist() == [record.row for record in expected.records]
    assert list(found.columns) == list(COLUMNS[layout.table])
    for column in layout.columns:
        has_form(layout.table, column.name, column.read, found.columns[column.name])
    return found, expected


def has_form(table: str, name: str, read: values.Reader, made: Any) -> None:
    """Check that a column is what the engine of columns takes."""
    if read is not values.text:
        is_small = read in SMALL or isinstance(read, values.OneOf)
        assert made.dtype == (np.int8 if is_small else np.int32)
    elif (table, name) in TEXTS:
        assert isinstance(made, Texts)
        assert made.offsets[0] == 0
    else:
        assert isinstance(made, Coded)
        vocabulary = made.vocabulary.to_list()
        again = Coded.of([vocabulary[code] if code >= 0 else "" for code in made.codes.tolist()])
        assert again.codes.tolist() == made.codes.tolist()
        assert again.vocabulary.to_list() == vocabulary


@pytest.fixture(params=[None, 40], ids=["large batches", "small batches"])
def batches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param:
        monkeypatch.setattr(bulk_batches, "_ROWS", request.param)
        monkeypatch.setattr(bulk_batches, "_BLOCK", 50 * request.param)


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    """Return the rows that will have been read one by one."""
    rows: list[Row] = []
    careful = reading.read_row

    def read_row(layout: Any, columns: Any, row: Row, *rest: Any) -> Any:
        rows.append(row)
        return careful(layout, columns, row, *rest)

    monkeypatch.setattr(bulk, "read_row", read_row)
    return rows


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_an_invented_council(form: str, tmp_path: Path, one_by_one: list[Row]) -> None:
    folder = tmp_path / "council"
    size = ("--people", "100", "--weeks", "1", "--seed", "3")
    assert main(["synth", str(folder), *size, "--format", form, "--quiet"]) == 0
    same(folder)
    rows = sum(read_bulk(layout, folder, silent).rows for layout in LAYOUTS)
    assert rows > 2000
    assert len(one_by_one) < 0.05 * 2 * rows


def quoted(folder: Path) -> None:
    """Write the files as some programs do: all cells in quotes, the mark and the ends of Windows."""
    for table in COLUMNS:
        rows = rows_of(folder, table)
        with (folder / f"{table}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(rows)


@pytest.mark.parametrize(
    "change",
    [quoted, *(partial(to_parquet, types=types) for types in TYPES.values())],
    ids=["quoted", *TYPES],
)
def test_no_row_of_a_good_folder_is_read_one_by_one(
    folder: Path, change: Callable[[Path], None], one_by_one: list[Row]
) -> None:
    add(folder, "planned")
    add(folder, "suspensions", told_at="2026-05-14T09:00")
    change(folder)
    same(folder)
    assert one_by_one == []


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize("seed", range(10))
def test_folders_drawn_by_chance(seed: int, tmp_path: Path) -> None:
    same(draw(Random(seed)).write(tmp_path))


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize("types", TYPES.values(), ids=TYPES.keys())
@pytest.mark.parametrize("seed", range(4))
def test_folders_of_parquet(seed: int, types: Types, tmp_path: Path) -> None:
    draw(Random(seed)).write(tmp_path)
    rewrite(tmp_path, types, 50)
    same(tmp_path)


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize("size", [1, 7, 39])
def test_row_groups_of_a_few_rows(size: int, tmp_path: Path) -> None:
    draw(Random(size)).write(tmp_path)
    rewrite(tmp_path, TYPES["utc"], size)
    same(tmp_path)


def rewrite(folder: Path, types: Types, size: int) -> None:
    """Make Parquet of natural types of every table, so many rows to a group."""
    for table in COLUMNS:
        rows = rows_of(folder, table)
        made = {name: natural([row[name] for row in rows], name, types) for name in COLUMNS[table]}
        pq.write_table(pa.table(made), folder / f"{table}.parquet", row_group_size=size)
        (folder / f"{table}.csv").unlink()


SCHEMA = pa.schema({"person_id": pa.string()})


@pytest.mark.parametrize(
    ("sizes", "read"),
    [
        ([3, 3, 3, 3, 3], [[3, 3, 3], [3, 3]]),
        ([10, 1, 9, 1], [[10], [1, 9], [1]]),
        ([1, 12, 1, 1], [[1], [12], [1, 1]]),
        ([0, 4], [[0, 4]]),
        ([], []),
    ],
)
def test_small_row_groups_are_read_together(
    sizes: list[int], read: list[list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_batches, "_ROWS", 10)
    path = tmp_path / "visits.parquet"
    rows = pa.table({"person_id": [f"P{row % 5}" for row in range(sum(sizes))]}, SCHEMA)
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for group, size in enumerate(sizes):
            writer.write_table(rows.slice(sum(sizes[:group]), size))
    assert pq.read_metadata(path).num_row_groups == len(sizes)
    table = ParquetFile(path)
    batches = list(bulk_batches.parquet_batches(path, table, [0], [0]))
    table.close()
    assert [len(batch.numbers) for batch in batches] == [sum(some) for some in read]
    assert [number for batch in batches for number in batch.numbers] == [*range(2, len(rows) + 2)]
    texts = [text for batch in batches for text in batch.columns[0].to_pylist()]
    assert texts == rows["person_id"].to_pylist()
    assert all(len(batch.columns[0].dictionary) <= 5 for batch in batches)


def natural(cells: Sequence[str], name: str, types: Types) -> Any:
    """Return a column of natural values; of text if one of the cells is none."""
    try:
        return natural_column(name, cells, types)
    except (ValueError, pa.ArrowInvalid):
        return pa.array(cells)


ODD = (
    *("", " ", "0", "-1", "+5", "007", "-0", "1000000001", "99999999999", "9" * 30, "1e3", "1.0", "٣"),
    *("2026-02-29", "2024-02-29", "2026-13-01", "1899-12-31", "9999-12-31", "2026-04-06T00:00:00"),
    *("2026-10-25T01:30", "2026-03-29T01:30", "2026-10-25T01:30+01:00", "2026-03-29 01:59:59"),
    *("2026-04-06t08:00z", "2026-04-06T08:00:30.5Z", "2026-04-06T08:00:30,5", "2026-04-06T08:00:60"),
    *("2026-04-06 08:00:00+0100", "2026-04-06T08:00+01", "2026-04-06T08:00-24:00", "2026-04-06T24:00"),
    *("1900-01-01T00:00+01:00", "1899-12-31T23:59Z", "2200-12-31T23:59-01:00", "2201-01-01T00:00"),
    *("08:00", "24:00", "8:00", "0000000", "1111111", "111", "any", "weekday", "TRUE", "False"),
    *("delivered", "cancelled", "frustrated", "visits", "weekly_hours", "hospital", "manual"),
    *('the "big" one', '"', '""', "a,b", "two\nlines", "two\r\nlines", "two\rlines", "x\0y", "'", "'x"),
    *("=cmd()", "'=cmd()", "''=x", "Zoë", "é1", "🙂", "данные", "ﬁ", "\x1f", "\x7f", "\ufeff", "£"),
)
AROUND: tuple[Callable[[str], str], ...] = (
    lambda text: f" {text}",
    lambda text: f"{text}\t ",
    lambda text: f"\u00a0{text}",
    lambda text: f"{text}\u3000",
    lambda text: f"{text}\u2028",
    lambda text: f"'{text}",
    lambda text: f"{text}é",
    str.upper,
)


def odd(rng: Random, text: str) -> str:
    return rng.choice(AROUND)(text) if rng.random() < 0.3 else rng.choice(ODD)


def odd_rows(rng: Random, rows: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """Yield the rows, some cells of them odd; some too long, too short, blank, or there again."""
    for row in rows:
        cells = [odd(rng, text) if rng.random() < 0.03 else text for text in row]
        chance = rng.random()
        if chance < 0.02:
            cells = cells[: rng.randrange(len(cells) + 1)]
        elif chance < 0.04:
            cells += ["", odd(rng, "x")][: rng.choice([1, 2])]
        elif chance < 0.06:
            yield rng.choice([[], [""] * len(row), [" "] * len(row), ["", " \t"], ["'="]])
        yield cells


def spoil(rng: Random, path: Path) -> None:
    """Write a CSV file again as a careless sender does."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    if rng.random() < 0.5:
        rows = [[inert(text) for text in row] for row in rows] * 4
    out = io.StringIO(newline="")
    ends = rng.choice(["\n", "\n", "\r\n", "\r"])
    writer = csv.writer(out, lineterminator=ends)
    if rng.random() < 0.3:
        writer = csv.writer(out, lineterminator=ends, quoting=csv.QUOTE_ALL)
    writer.writerows(rng.choice([[], [], [[" ", ""], []]]))
    writer.writerows([header, *odd_rows(rng, rows)])
    content = out.getvalue().encode()
    if rng.random() < 0.2:
        at = rng.randrange(len(content))
        broken = rng.choice([b'"', b'"', b"\r", b"\n", b"\0", b"\xff", b",", b"\n\n,\n", b'""'])
        content = content[:at] + broken + content[at + rng.choice([0, 1]) :]
    if rng.random() < 0.2:
        content = content[: -rng.choice([1, 1, 2, 9])]
    path.write_bytes(rng.choice([b"", b"", "\ufeff".encode()]) + content)


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize("seed", range(25))
def test_careless_csv(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    draw(rng).write(tmp_path)
    for path in sorted(tmp_path.glob("*.csv")):
        spoil(rng, path)
    same(tmp_path)


KINDS = (pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string()), pa.string_view())


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize("seed", range(12))
def test_careless_parquet_of_text(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    draw(rng).write(tmp_path)
    for table in COLUMNS:
        rows = [list(row.values()) for row in rows_of(tmp_path, table)]
        rows = [row for row in odd_rows(rng, rows) if len(row) == len(COLUMNS[table])]
        columns = list(zip(*rows, strict=True)) or [() for _ in COLUMNS[table]]
        made = {
            name: pa.array([text or rng.choice(["", None]) for text in texts]).cast(
                pa.string() if len(set(texts)) > 100 else rng.choice(KINDS)
            )
            for name, texts in zip(COLUMNS[table], columns, strict=True)
        }
        pq.write_table(pa.table(made), tmp_path / f"{table}.parquet", row_group_size=50)
        (tmp_path / f"{table}.csv").unlink()
    same(tmp_path)


def mislaid(folder: Path) -> None:
    (folder / "visits.csv").unlink()
    (folder / "visits.csv").mkdir()


BREAKS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _: None,
    "missing file": lambda folder: (folder / "visits.csv").unlink(),
    "misnamed file": lambda folder: (folder / "visits.csv").rename(folder / "visit.csv"),
    "two files": lambda folder: (folder / "visits.parquet").touch(),
    "no Parquet": lambda folder: (folder / "visits.csv").rename(folder / "visits.parquet"),
    "a folder": mislaid,
    "empty": lambda folder: (folder / "visits.csv").write_text(""),
    "header only": lambda folder: write_rows(folder / "visits.csv", COLUMNS["visits"], []),
    "missing column": lambda folder: drop_columns(folder, "visits", "service"),
    "fewest columns": lambda folder: drop_columns(
        folder, "visits", "sequence", "status", "planned_start", "in_method", "reason_code", "worker_id"
    ),
    "unknown column": lambda folder: swap(folder, "visits.csv", "reason_code", "reason"),
    "column twice": lambda folder: swap(folder, "visits.csv", "reason_code", "service"),
    "semicolons": lambda folder: (folder / "visits.csv").write_text(
        (folder / "visits.csv").read_text().replace(",", ";")
    ),
    "UTF-16": lambda folder: encode(folder, "visits.csv", "utf-16"),
    "unclosed quote": lambda folder: swap(folder, "visits.csv", "V1,", '"V1,'),
    "text after a quote": lambda folder: swap(folder, "visits.csv", "V1,", '"V"1,'),
    "long cell": lambda folder: cell(folder, "visits", 3, "reason_code", "x" * 140_000),
    "clock change": lambda folder: add(folder, "visits", check_in="2026-10-25T01:30"),
    "cancelled": lambda folder: add(
        folder, "visits", status="cancelled", check_in="nonsense", planned_start="2026-05-11T20:00"
    ),
    "order backwards": lambda folder: add(folder, "orders", ends_on="2026-05-11"),
    "invoice backwards": lambda folder: add(folder, "invoices", to_on="2026-05-10"),
    "invoice of less": lambda folder: add(folder, "invoices", minutes="-5"),
    "credit": lambda folder: add(folder, "invoices", minutes="-5", amount_pence="-7"),
    "no day at all": lambda folder: cell(folder, "orders", 2, "days", "0000000"),
    "week with days": lambda folder: add(
        folder,
        "orders",
        days="0000000",
        basis="weekly_hours",
        weekly_minutes="60",
        start_time="",
        minutes="",
    ),
}


@pytest.mark.parametrize("breaks", BREAKS.values(), ids=BREAKS.keys())
def test_one_thing_broken(folder: Path, breaks: Callable[[Path], object]) -> None:
    breaks(folder)
    same(folder)


@pytest.mark.parametrize("name", ["visit_id", "worker_id", "colour"])
def test_latin_1_deep_in_a_file(folder: Path, name: str) -> None:
    rows = [
        row | {"colour": "", "visit_id": f"{n}"}
        for n in range(200)
        for row in rows_of(folder, "visits")
    ]
    rows[500][name] = "Zo\xeb's"
    write_rows(folder / "visits.csv", (*COLUMNS["visits"], "colour"), rows)
    encode(folder, "visits.csv", "latin-1")
    found, _ = same_table(VISITS, folder)
    assert len(found.numbers) >= 100
    assert found.faults


LATE = datetime(2026, 5, 11, 8, 59, 59)  # noqa: DTZ001 -- natural values have a zone or have not
NEVER = 971_906_784_000_000
"""Milliseconds: a time of the year 32768, which Arrow cannot write."""
UTF_8 = pa.array(["W1", "W2", "W3"]).buffers()
NATURAL: dict[str, tuple[str, Any]] = {
    "large numbers": ("sequence", pa.array([1, 2**63, 10**9], pa.uint64())),
    "small numbers": ("sequence", pa.array([1, None, -3], pa.int8())),
    "parts": ("sequence", pa.array([1.0, 1.5, -0.0])),
    "decimals": ("sequence", pa.array([Decimal("1.0"), Decimal("2.5"), None])),
    "small decimals": ("sequence", pa.array([Decimal("1.0"), None, None], pa.decimal32(5, 1))),
    "truths as numbers": ("sequence", pa.array([True, False, None])),
    "nothing": ("sequence", pa.nulls(3)),
    "no ids": ("visit_id", pa.nulls(3)),
    "ids as numbers": ("visit_id", pa.array([1, 2, 10**15])),
    "ids as parts": ("person_id", pa.array([0.0, -0.0, float("nan")])),
    "coded ids": ("visit_id", pa.array(["a", " b", None]).dictionary_encode()),
    "coded numbers": ("sequence", pa.array([1, 5, None]).dictionary_encode()),
    "coded times": ("check_in", pa.array([LATE, LATE, None]).dictionary_encode()),
    "coded text of a repeated hour": (
        "check_in",
        pa.array(["2026-10-25T01:30", "2026-05-11T08:00", " "]).dictionary_encode(),
    ),
    "dates": ("check_in", pa.array([LATE, None, LATE]).cast(pa.date32())),
    "dates of milliseconds": ("check_in", pa.array([LATE, None, LATE]).cast(pa.date64())),
    "times of day": ("check_in", pa.array([LATE.time()] * 3)),
    "a zone nobody knows": ("check_in", pa.array([None, 0, 0], pa.timestamp("s", "Nowhere/At_All"))),
    "an unknown zone": ("colour", pa.array([None, 0, 0], pa.timestamp("s", "Nowhere/At_All"))),
    "an unknown coded zone": (
        "colour",
        pa.array([0, 0, 0], pa.timestamp("s", "Nowhere/At_All")).dictionary_encode(),
    ),
    "unknown times of no calendar": ("colour", pa.array([0, NEVER, 0], pa.timestamp("ms", "UTC"))),
    "an unknown column": ("colour", pa.array([LATE.time()] * 3)),
    "lists": ("colour", pa.array([[1], None, []])),
    "lists where text should be": ("person_id", pa.array([["P1"]] * 3)),
    "text not UTF-8": (
        "worker_id",
        pa.StringArray.from_buffers(3, UTF_8[1], pa.py_buffer(b"W1\xe9\xe8W1")),
    ),
    "unknown text not UTF-8": (
        "colour",
        pa.StringArray.from_buffers(3, UTF_8[1], pa.py_buffer(b"W1\xe9\xe8W1")),
    ),
}


@pytest.mark.parametrize(("name", "column"), NATURAL.values(), ids=NATURAL.keys())
def test_one_natural_column(folder: Path, name: str, column: Any) -> None:
    rows = rows_of(folder, "visits")
    made = {key: pa.array([row[key] for row in rows]) for key in COLUMNS["visits"]}
    (folder / "visits.csv").unlink()
    pq.write_table(pa.table(made | {name: column}), folder / "visits.parquet")
    same_table(VISITS, folder)


def test_spoilt_pages(folder: Path) -> None:
    to_parquet(folder, TYPES["utc"])
    path = folder / "visits.parquet"
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56
    path.write_bytes(bytes(content))
    same(folder)
    assert read_bulk(VISITS, folder, silent).faults


def some_times(rng: Random) -> Iterator[datetime]:
    """Yield times of every year, and many close to the days on which clocks have changed."""
    for year in range(1900, 2201):
        for month, day in (
            (1, 1),
            (12, 31),
            (3, 25),
            (10, 25),
            (rng.randint(2, 11), rng.randint(1, 28)),
        ):
            begin = datetime(year, month, day)  # noqa: DTZ001 -- they have a zone or have not
            yield begin + timedelta(minutes=rng.randrange(1440), seconds=rng.randrange(60))
    for year in (1916, 1941, 1947, 1968, 1971, 2026, 2199):
        for month in range(1, 13):
            for day in range(15, 32 if month in (3, 10) else 22):
                hour = rng.randint(0, 3)
                yield datetime(year, month, day, hour, rng.randint(0, 59))  # noqa: DTZ001


def planned(folder: Path, times: Any) -> Path:
    """Write a rota of such times as Parquet."""
    order_ids = pa.array(["O0"] * len(times))
    rota = pa.table({"order_id": order_ids, "planned_start": times})
    pq.write_table(rota, folder / "planned.parquet")
    return folder


ZONES = (
    *("", "Z", "+00:00", "+01:00", "-0530", "+14:00"),
    *(".123456789+01:00", ".5", ".", ".Z", ".1234567890", ".x", ".5 "),
)
PLANNED = next(layout for layout in LAYOUTS if layout.table == "planned")


def test_times_as_text(tmp_path: Path) -> None:
    rng = Random(1)
    texts = [time.isoformat() + rng.choice(ZONES) for time in some_times(rng)]
    found, _ = same_table(PLANNED, planned(tmp_path, pa.array(texts)))
    assert found.findings


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/London", "Africa/Monrovia", "+05:30"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times(unit: str, zone: str | None, tmp_path: Path) -> None:
    rng = Random(2)
    times = [time for time in some_times(rng) if unit != "ns" or time.year > 1970]
    column = pa.array(times[:: 2 if unit == "s" else 9]).cast(pa.timestamp(unit), safe=False)
    same_table(PLANNED, planned(tmp_path, column.cast(pa.int64()).cast(pa.timestamp(unit, zone))))


def test_times_outside_the_calendar(tmp_path: Path) -> None:
    times = [-(2**62), 10**18, 0, -(10**13), NEVER, 2**62, None]
    for zone in (None, "UTC"):
        for unit in ("ms", "us"):
            same_table(PLANNED, planned(tmp_path, pa.array(times, pa.timestamp(unit, zone))))


@pytest.mark.parametrize("time", [2**62, NEVER])
def test_a_time_that_is_ignored(folder: Path, time: int) -> None:
    rows = rows_of(folder, "visits")
    made = {name: pa.array([row[name] for row in rows]) for name in COLUMNS["visits"]}
    made["status"] = pa.array(["cancelled"] * 3)
    made["planned_start"] = pa.array(["2026-05-11T20:00"] * 3)
    made["check_in"] = pa.array([0, None, time], pa.timestamp("ms", "UTC"))
    (folder / "visits.csv").unlink()
    pq.write_table(pa.table(made), folder / "visits.parquet")
    same_table(VISITS, folder)


@pytest.mark.parametrize("seed", range(30))
def test_rows_are_those_of_the_csv_module(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = Random(seed)
    path = tmp_path / "some.csv"
    if rng.random() < 0.5:
        monkeypatch.setattr(bulk_batches, "_BLOCK", 200)
        monkeypatch.setattr(bulk_batches, "_ROWS", 3)
    for _ in range(20):
        signs = "".join(
            rng.choices("\",\n\rxé '=\0", (3, 4, 3, 1, 5, 1, 1, 1, 1, 1), k=rng.randint(0, 30))
        )
        path.write_bytes(f"a,b\n{signs}".encode())
        try:
            found = [row for batch in csv_batches(path, 2, [1]) for row in cut_rows(batch)]
        except UNSURE:
            with pytest.raises(Unreadable):
                careful_rows(path)
        else:
            assert found == careful_rows(path)


def careful_rows(path: Path) -> list[Row]:
    with closing(CsvFile(path)) as table:
        return list(table.rows())


def cut_rows(batch: bulk_batches.Batch) -> Iterator[Row]:
    """Yield a batch's rows; the second cell must be where the batch says."""
    seconds = batch.columns[1].arrow().to_pylist()
    every = np.arange(len(batch.numbers))
    for row, number, is_odd, text in zip(
        batch.rows(every), batch.numbers, batch.odd, seconds, strict=True
    ):
        assert row.number == number
        if not is_odd:
            assert row.cells[1] == bulk_batches.clean(text)
        if any(row.cells):
            yield row

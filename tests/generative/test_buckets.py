"""A folder settled bucket by bucket gives what the whole folder gives, to the byte, whatever it is."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carethread.batch import bucketed, crossing, witnesses
from carethread.batch.bucketed import opened, settle_buckets
from carethread.batch.buckets import make_buckets
from carethread.batch.crossing import Entangled, InvoicesSeen, Places, VisitsSeen, Wanted
from carethread.batch.local import settle_tables
from carethread.cli.record import kept_out
from carethread.engine.columns import merge, run
from carethread.engine.records import Period
from carethread.engine.results import Digest
from carethread.formats.settlement import bulk, bulk_batches
from carethread.formats.settlement.read_tables import read_tables
from carethread.synth.council import FIRST_MONDAY, Council
from carethread.synth.folder import synthesise
from tests.engines import silent
from tests.factories import crossed, folders
from tests.factories.folders import COLUMNS, Folder
from tests.formats.breaking import rows_of
from tests.formats.natural import TYPES, Types, column

SEEDS = st.integers(0, 2**32)
COUNTS = st.sampled_from((1, 2, 3, 4, 6, 400))
KINDS = st.sampled_from(("csv", *TYPES))


@dataclass(frozen=True)
class Made:
    """What a settlement is: the bytes of its files, its figures, and what `run.json` says of it."""

    files: Mapping[str, bytes]
    figures: Digest
    rows: Mapping[str, int]
    kept_out: Mapping[str, int]


@contextmanager
def written(folder: Folder, kind: str) -> Iterator[Path]:
    """Write a folder somewhere for a while, as CSV or with one of the kinds of types of Parquet."""
    with folders.written(folder) as path:
        if kind != "csv":
            to_parquet(path, TYPES[kind])
        yield path


def to_parquet(folder: Path, types: Types) -> None:
    """Turn every table into Parquet; a column in which something is wrong stays text."""
    for table, names in COLUMNS.items():
        rows = rows_of(folder, table)
        cells = {name: [row[name] for row in rows] for name in names}
        made = {name: natural(name, cells[name], types) for name in names}
        pq.write_table(pa.table(made), folder / f"{table}.parquet")
        (folder / f"{table}.csv").unlink()


def natural(name: str, cells: list[str], types: Types) -> Any:
    try:
        return column(name, cells, types)
    except (ValueError, pa.ArrowInvalid):
        return pa.array(cells, pa.string())


def at_once(path: Path, period: Period, form: str) -> Made:
    """Settle a folder in one piece."""
    with TemporaryDirectory() as name:
        reading = read_tables(path, silent)
        assert not reading.faults
        figures = settle_tables(reading.tables, period, Path(name), form, silent)
        return Made(files_of(Path(name)), figures, reading.rows, kept_out(reading.tables.findings))


def in_buckets(path: Path, count: int, period: Period, form: str) -> Made:
    """Settle a folder bucket by bucket."""
    with TemporaryDirectory() as name:
        made, out = Path(name, "buckets"), Path(name, "out")
        out.mkdir()
        assert not make_buckets(path, made, count, silent, silent).faults
        whole = opened(made, silent)
        figures = settle_buckets(whole, period, out, form, silent)
        return Made(files_of(out), figures, whole.rows, kept_out(whole.findings))


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@contextmanager
def crumbs() -> Iterator[None]:
    """Read, deal, settle and merge a few rows at a time, as large folders are."""
    with ExitStack() as stack:
        for place, name, few in (
            (bulk, "_HANDED_OVER", 30),
            (bulk_batches, "_ROWS", 40),
            (bulk_batches, "_BLOCK", 2000),
            (merge, "BLOCK", 3),
            (witnesses, "_AT_ONCE", 5),
            (bucketed, "HELD", 5000),
            (bucketed, "BLOCK", 4),
            (run, "CHUNK", 60),
        ):
            stack.enter_context(patch.object(place, name, few))
        yield


@settings(max_examples=25)
@given(
    SEEDS, COUNTS, KINDS, st.sampled_from(("csv", "parquet")), st.sampled_from((nullcontext, crumbs))
)
def test_all_files_and_figures_are_equal(
    seed: int, count: int, kind: str, form: str, sized: Callable[[], AbstractContextManager[None]]
) -> None:
    folder = crossed.draw(Random(seed))
    period = Period(folder.first, folder.last)
    with written(folder, kind) as path:
        whole = at_once(path, period, form)
        with sized():
            assert in_buckets(path, count, period, form) == whole


NOBODY = np.zeros(0, np.int32)
NOWHERE = Places(NOBODY, NOBODY)
UNKNOWN_TO_EACH_OTHER = {
    "workers in two places": (VisitsSeen, "overlapping", Wanted(NOBODY, NOWHERE), 0),
    "visits that invoices name": (VisitsSeen, "named", Wanted(NOBODY, NOWHERE), 10),
    "visit ids that are used twice": (VisitsSeen, "sharing", NOWHERE, 1),
    "invoice lines that are there twice": (InvoicesSeen, "repeated", NOWHERE, 0),
}


@pytest.mark.parametrize(
    ("seen", "name", "nothing", "seed"),
    UNKNOWN_TO_EACH_OTHER.values(),
    ids=UNKNOWN_TO_EACH_OTHER,
)
def test_it_would_be_noticed_if_buckets_did_not_know_of(
    seen: type, name: str, nothing: Any, seed: int
) -> None:
    folder = crossed.draw(Random(seed))
    period = Period(folder.first, folder.last)
    with written(folder, "csv") as path:
        whole = at_once(path, period, "csv")
        assert in_buckets(path, 6, period, "csv") == whole
        with patch.object(seen, name, return_value=nothing):
            assert in_buckets(path, 6, period, "csv") != whole


@pytest.mark.parametrize(
    ("place", "most", "seed", "words"),
    [
        (crossing, 0, 0, "one worker is recorded at many persons at once, again and again"),
        (crossing, 0, 1, "many invoice rows name a visit of another person than their own"),
        (witnesses, -1, 0, "many visits are tied to those of other persons, by worker or by invoice"),
    ],
)
def test_what_is_too_entangled_is_refused(
    place: ModuleType, most: int, seed: int, words: str, tmp_path: Path
) -> None:
    folder = crossed.draw(Random(seed)).write(tmp_path / "folder")
    with patch.object(place, "most", return_value=most), pytest.raises(Entangled, match=words):
        make_buckets(folder, tmp_path / "buckets", 6, silent, silent)


def test_who_waits_is_told_what_is_being_done(tmp_path: Path) -> None:
    folder = crossed.draw(Random(1))
    said: list[tuple[str, int, int]] = []

    def doing(what: str, done: int, of: int) -> None:
        said.append((what, done, of))

    def reading(file: str, _part: float) -> None:
        doing(f"Reading {file}", 0, 1)

    make_buckets(folder.write(tmp_path / "folder"), tmp_path / "buckets", 3, reading, doing)
    whole = opened(tmp_path / "buckets", reading)
    (tmp_path / "out").mkdir()
    settle_buckets(whole, Period(folder.first, folder.last), tmp_path / "out", "csv", doing)
    assert list(dict.fromkeys(what for what, _, _ in said)) == [
        "Counting visits.csv",
        "Reading orders.csv",
        "Reading rates.csv",
        "Reading suspensions.csv",
        "Dealing out planned.csv",
        "Dealing out visits.csv",
        "Dealing out invoices.csv",
        "Looking across buckets",
        "Settling buckets",
        "Merging what buckets gave",
    ]
    assert all(0 <= done <= of for _, done, of in said)


@pytest.mark.slow
def test_a_month_of_a_council_is_equal_to_the_byte(tmp_path: Path) -> None:
    path, council = tmp_path / "council", Council(people=700, weeks=4, seed=11)
    path.mkdir()
    synthesise(council, path, "parquet", silent)
    period = Period(FIRST_MONDAY, council.last)
    whole = at_once(path, period, "parquet")
    assert in_buckets(path, 9, period, "parquet") == whole
    with patch.object(bucketed, "HELD", 300_000):
        assert in_buckets(path, 9, period, "parquet") == whole

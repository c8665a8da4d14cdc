"""The parts of splitting a folder into buckets: where to cut, what is stored, what crosses."""

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from carethread.batch.dealing import Shelf, buckets_of, cuts
from carethread.batch.stored import append, arrow, columns_of, pieces, read, write
from carethread.engine.columns import crossing
from carethread.engine.columns.arrays import NONE, Coded, Texts
from carethread.engine.columns.merge import between

COLUMNS: dict[str, Any] = {
    "id": Texts.of(["a", "", "é\U0001d4b5", "b|c"]),
    "who": Coded(np.array([1, -1, 0, 1], np.int32), Texts.of(["x", "y", "never used"])),
    "minutes": np.array([5, NONE, 0, -3], np.int32),
    "word": np.array([0, -1, 1, 2], np.int8),
    "pence": np.array([2**40, 0, NONE, 1], np.int64),
}


def cells(columns: Any) -> dict[str, tuple[str, list[Any]]]:
    """Return what columns hold, and of which type."""
    return {name: _cells(one) for name, one in columns.items()}


def _cells(one: Any) -> tuple[str, list[Any]]:
    if isinstance(one, Coded):
        return "coded", [one.vocabulary[code] if code >= 0 else None for code in one.codes.tolist()]
    if isinstance(one, Texts):
        assert one.offsets[0] == 0
        return "texts", one.to_list()
    return str(one.dtype), one.tolist()


@pytest.mark.parametrize(("begin", "end"), [(0, 4), (1, 3), (2, 2)])
def test_what_is_stored_comes_back(tmp_path: Path, begin: int, end: int) -> None:
    some = between(COLUMNS, begin, end)
    write(tmp_path / "file", arrow(some))
    (piece,) = pieces(tmp_path / "file")
    assert cells(piece) == cells(columns_of(read(tmp_path / "file")))
    assert cells(piece) == {
        name: (kind, values[begin:end]) for name, (kind, values) in cells(COLUMNS).items()
    }


def test_rows_can_be_added_that_use_other_words(tmp_path: Path) -> None:
    other = {**COLUMNS, "who": Coded.of(["z", "", "x", "z"])}
    for some in (COLUMNS, between(COLUMNS, 0, 0), other):
        append(tmp_path / "file", arrow(some))
    found = cells(columns_of(read(tmp_path / "file")))
    assert found["who"] == ("coded", ["y", None, "x", "y", "z", None, "x", "z"])
    assert found["id"] == ("texts", 2 * COLUMNS["id"].to_list())
    assert [len(piece["minutes"]) for piece in pieces(tmp_path / "file")] == [4, 0, 4]


def test_what_is_not_whole_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path / "file", arrow(COLUMNS))
    data = (tmp_path / "file").read_bytes()
    for left in range(1, len(data) - 8, 31):
        (tmp_path / "file").write_bytes(data[:left])
        with pytest.raises((pa.ArrowException, OSError)):
            read(tmp_path / "file")


@pytest.mark.parametrize(
    ("visits", "count", "firsts"),
    [
        ({}, 5, []),
        ({"a": 9}, 5, []),
        ({"a": 1, "b": 1}, 400, ["b"]),
        ({"b": 1, "a": 97, "c": 2}, 3, ["b"]),
        ({"a": 1, "b": 1, "c": 100}, 3, []),
        ({"a": 5, "b": 1, "c": 3, "d": 3}, 3, ["b", "d"]),
        ({"é": 1, "\U0001d4b5": 1, "\uffff": 1}, 3, ["\uffff", "\U0001d4b5"]),
    ],
)
def test_persons_are_cut_where_about_as_many_visits_are(
    visits: dict[str, int], count: int, firsts: list[str]
) -> None:
    assert cuts(visits, count) == firsts


def test_buckets_are_nearly_of_one_size() -> None:
    rng = Random(1)
    visits = {f"P{n}": rng.randint(1, 100) for n in range(2000)}
    firsts = cuts(visits, 20)
    assert len(firsts) == 19
    sizes = np.bincount(buckets_of(firsts, visits), list(visits.values()))
    assert sizes.max() - sizes.min() < 2 * 100


def test_a_person_belongs_to_the_bucket_whose_range_they_are_in() -> None:
    assert buckets_of(["b", "d"], ["", "a", "b", "c", "d", "e"]).tolist() == [0, 0, 1, 1, 2, 2]
    assert buckets_of([], ["a"]).tolist() == [0]


def test_every_bucket_has_a_file_of_every_table(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    shelf = Shelf(folders, "table")
    for some, buckets in ((COLUMNS, [2, 0, 2, 0]), (between(COLUMNS, 0, 1), [2])):
        shelf.deal(some, np.array(buckets, np.int32))
    shelf.finish(COLUMNS)
    assert shelf.rows.tolist() == [2, 0, 3]
    found = [cells(columns_of(read(folder / "table.arrows"))) for folder in folders]
    assert [one["id"][1] for one in found] == [["", "b|c"], [], ["a", "é\U0001d4b5", "a"]]
    assert [one["who"][1] for one in found] == [[None, "y"], [], ["y", "x", "y"]]
    assert {name: kind for name, (kind, _) in found[1].items()} == {
        name: kind for name, (kind, _) in found[0].items()
    }


def numbers(*values: int) -> Any:
    return np.array(values, np.int32)


def overlapping(*log_ins: tuple[int, int, int, int], gap: int = 0) -> set[tuple[int, int]]:
    """Return (owner, row it has to know of) of log-ins of one worker: person, owner, in, out."""
    persons, owners, came, went = (numbers(*column) for column in zip(*log_ins, strict=True))
    nobody = np.zeros(len(log_ins), np.int32)
    stretch, pairs, is_all = crossing.overlapping(
        nobody, persons, nobody, owners, came, went, gap, 1000
    )
    assert is_all
    return set(
        zip(
            *(part.tolist() for part in crossing.rows_of(pairs[:, 0], pairs[:, 1], stretch)),
            strict=True,
        )
    )


def test_log_ins_of_one_worker_that_overlap_are_told_to_both_owners() -> None:
    assert overlapping((1, 0, 0, 60), (2, 1, 59, 90)) == {(0, 1), (1, 0)}
    assert overlapping((1, 0, 0, 60), (2, 1, 60, 90)) == set(), "one goes as the other begins"
    assert overlapping((1, 0, 0, 60), (2, 0, 59, 90)) == set(), "one owner knows both"


def test_log_ins_that_may_be_joined_are_told_together() -> None:
    apart = ((1, 0, 0, 10), (1, 0, 15, 30), (2, 1, 11, 14))
    assert overlapping(*apart) == set()
    assert overlapping(*apart, gap=5) == {(0, 2), (1, 0), (1, 1)}


def test_one_worker_everywhere_at_once_is_too_much() -> None:
    count = 20_000
    nobody, everybody = np.zeros(count, np.int32), np.arange(count, dtype=np.int32)
    times = nobody, nobody + np.int32(60)
    for many in (100, 10**9):
        rows = nobody, everybody, nobody, everybody % np.int32(2), *times
        assert crossing.overlapping(*rows, 0, many)[2] is False

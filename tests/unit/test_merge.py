"""Sorted tables become one sorted table, whatever the pieces they come in."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import numpy as np
import pytest

from carethread.engine.columns import merge
from carethread.engine.columns.arrays import NONE, Coded, Texts
from carethread.engine.columns.merge import ORDERED_BY, between, length, merged, plain

WORDS = ("", "a", "aa", "b", "é", "ö|1", "\U0001d4b5", "\uffff")
NUMBERS = {"week_starting", "line_no", "row"}
CODED = {"kind", "file"}
Row = tuple[Any, ...]


def drawn(rng: Random, by: Iterable[str], count: int) -> list[Row]:
    """Draw rows in order: a cell for each column of the key, and one more."""
    rows = [
        (*(rng.choice([NONE, 1, 20]) if name in NUMBERS else rng.choice(WORDS) for name in by), n)
        for n in range(count)
    ]
    return sorted(rows, key=lambda row: row[:-1])


def table(rows: list[Row], by: Iterable[str]) -> dict[str, Any]:
    names = [*by, "more"]
    cells = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    return {name: column(name, list(values)) for name, values in cells.items()}


def column(name: str, values: list[Any]) -> Any:
    if name in CODED:
        return Coded.of(values)
    return np.array(values, np.int32) if name in NUMBERS | {"more"} else Texts.of(values)


def rows_of(columns: Any) -> list[Row]:
    return list(zip(*(cells_of(cells) for cells in columns.values()), strict=True))


def cells_of(cells: Any) -> list[Any]:
    if isinstance(cells, Coded):
        return [cells.vocabulary[code] if code >= 0 else "" for code in cells.codes.tolist()]
    return cells.to_list() if isinstance(cells, Texts) else list(cells.tolist())


def in_pieces(rng: Random, columns: dict[str, Any]) -> Iterator[Any]:
    """Yield a table's rows, some at a time, or none."""
    begin = 0
    while begin < length(columns):
        end = min(length(columns), begin + rng.randint(0, 5))
        yield between(columns, begin, end)
        begin = end


@pytest.mark.parametrize("block", [1, 3, 1000])
@pytest.mark.parametrize("name", ORDERED_BY)
def test_rows_of_all_come_in_order(name: str, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "BLOCK", block)
    by = ORDERED_BY[name]
    for seed in range(30):
        rng = Random(seed)
        tables = [drawn(rng, by, rng.choice([0, 1, 5, 40])) for _ in range(rng.randint(0, 6))]
        streams = [in_pieces(rng, table(rows, by)) for rows in tables]
        found = [row for some in merged(streams, by) for row in rows_of(some)]
        every = sorted(row for rows in tables for row in rows)
        assert sorted(found) == every, "no row is lost"
        assert [row[:-1] for row in found] == [row[:-1] for row in every]


def test_little_is_looked_at_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "BLOCK", 10)
    tables = [[table([(f"{n:04d}", 0) for n in range(k, 900, 3)], ["line_id"])] for k in range(3)]
    sizes = [length(some) for some in merged(tables, ["line_id"])]
    assert sum(sizes) == 900
    assert max(sizes) <= 30


def test_ids_are_held_without_the_vocabulary_of_all_orders() -> None:
    orders = Texts.of(f"O{n}" for n in range(1000))
    columns = {"order_id": Coded(np.array([999, -1, 3], np.int32), orders), "kind": Coded.of(["a"] * 3)}
    made = plain(columns)
    assert made["order_id"].to_list() == ["O999", "", "O3"]
    assert made["kind"] is columns["kind"]

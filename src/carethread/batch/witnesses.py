"""Rows of other buckets that a bucket has to know of: copied to it, with negative numbers.

What becomes of them there is not published.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carethread.batch.crossing import Each, Entangled, Wanted, most
from carethread.batch.dealing import Shelf
from carethread.batch.stored import ENDING, Columns, columns_of, read
from carethread.engine.columns.arrays import Coded, Ints, Longs
from carethread.engine.columns.crossing import rows_of
from carethread.engine.columns.merge import end_to_end, length, rows
from carethread.engine.columns.texts import first_of_equals

TABLES = ("orders", "planned", "suspensions", "visits")
SUFFIX = "-of-witnesses"
_AT_ONCE = 1 << 20
Chosen = tuple[Ints, Longs]
"""For each copy of a row, the bucket that is given it, and the row."""


def copy_witnesses(
    buckets: Sequence[Path], log_ins: Wanted, persons: Wanted, own: NDArray[np.int64], each: Each
) -> None:
    """Copy the log-ins wanted, and all rows of the persons whose visits are wanted.

    own: how many visits each bucket has.

    Raises:
        Entangled: if a bucket would be given much more than it has.
    """

    def look(home: int) -> list[tuple[str, Columns, Ints]]:
        of_home = [_of_home(wanted, home) for wanted in (log_ins, persons)]
        return list(_chosen(buckets[home], *of_home))

    homes = np.unique(np.concatenate([log_ins.visits.bucket, persons.visits.bucket])).tolist()
    shelves = {table: _Copies(buckets, table) for table in TABLES}
    for chosen in each(look, homes):
        for table, copies, by in chosen:
            shelves[table].add(copies, by)
        _refuse_many(shelves["visits"].rows, own)
    for shelf in shelves.values():
        shelf.finish()


def _refuse_many(copied: NDArray[np.int64], own: NDArray[np.int64]) -> None:
    for many, rows_of_own in zip(copied.tolist(), own.tolist(), strict=True):
        if many > most(rows_of_own):
            message = "many visits are tied to those of other persons, by worker or by invoice"
            raise Entangled(message)


class _Copies:
    """Copies of a table's rows, held until they are many."""

    def __init__(self, buckets: Sequence[Path], table: str) -> None:
        self._shelf = Shelf(buckets, table + SUFFIX)
        self._held: list[tuple[Columns, Ints]] = []
        self.rows = np.zeros(len(buckets), np.int64)

    def add(self, copies: Columns, by: Ints) -> None:
        self._held.append((copies, by))
        self.rows += np.bincount(by, minlength=len(self.rows))
        if sum(length(held) for held, _ in self._held) >= _AT_ONCE:
            self._deal()

    def _deal(self) -> None:
        columns = end_to_end([held for held, _ in self._held])
        self._shelf.deal(columns, np.concatenate([by for _, by in self._held]))
        self._held.clear()

    def finish(self) -> None:
        if self._held:
            self._deal()


def _of_home(wanted: Wanted, home: int) -> tuple[Ints, Ints]:
    is_here = wanted.visits.bucket == home
    return wanted.by[is_here], wanted.visits.number[is_here]


def _chosen(
    bucket: Path, log_ins: tuple[Ints, Ints], persons: tuple[Ints, Ints]
) -> Iterator[tuple[str, Columns, Ints]]:
    """Yield of each table of a bucket the rows that others are given, and to whom each is given."""
    for table, columns, (by, which) in _places(bucket, log_ins, persons):
        copies = rows(columns, which)
        copies["numbers"] = -copies["numbers"]
        yield table, copies, by


def _places(
    bucket: Path, log_ins: tuple[Ints, Ints], persons: tuple[Ints, Ints]
) -> Iterator[tuple[str, Columns, Chosen]]:
    """Yield each table of a bucket, and which of its rows others are given."""
    visits = _columns(bucket, "visits")
    person = visits["person_id"]
    ids = visits["visit_id"]
    versions = first_of_equals(ids.offsets, ids.data)
    of_log_ins = rows_of(*_with_key(visits["numbers"], log_ins, versions), versions)
    of_persons = rows_of(*_with_key(visits["numbers"], persons, person.codes), person.codes)
    targets = np.concatenate([of_log_ins[0], of_persons[0]])
    either = np.concatenate([of_log_ins[1], of_persons[1]]).astype(np.int32)
    by, which = rows_of(targets, either, np.arange(len(versions), dtype=np.int32))
    yield "visits", visits, (by, which)

    orders = _columns(bucket, "orders")
    whose = _recoded(person, orders["person_id"])[person.codes[which]]
    chosen = rows_of(*_known(by, whose), orders["person_id"].codes)
    yield "orders", orders, chosen
    suspensions = _columns(bucket, "suspensions")
    whose = _recoded(person, suspensions["person_id"])[person.codes[which]]
    yield "suspensions", suspensions, rows_of(*_known(by, whose), suspensions["person_id"].codes)
    planned = _columns(bucket, "planned")
    places = _by_text(planned["order_id"])
    texts = orders["order_id"]
    ordered = np.array([places.get(texts[row], -1) for row in chosen[1].tolist()], np.int32)
    yield "planned", planned, rows_of(*_known(chosen[0], ordered), planned["order_id"].codes)


def _columns(bucket: Path, table: str) -> dict[str, Any]:
    return columns_of(read(bucket / f"{table}{ENDING}"))


def _with_key(numbers: Ints, wanted: tuple[Ints, Ints], column: Ints) -> tuple[Ints, Ints]:
    """Return who wants what of a column, of who wants which row; rows that are gone are left out."""
    by, number = wanted
    if not len(numbers):
        return by[:0], number[:0]
    at = np.minimum(np.searchsorted(numbers, number), len(numbers) - 1)
    is_there = numbers[at] == number
    return by[is_there], column[at[is_there]]


def _known(by: Ints, keys: Ints) -> tuple[Ints, Ints]:
    return by[keys >= 0], keys[keys >= 0]


def _by_text(coded: Coded) -> Mapping[str, int]:
    return {text: place for place, text in enumerate(coded.vocabulary.to_list())}


def _recoded(coded: Coded, other: Coded) -> Ints:
    """Return where the texts of a vocabulary stand in another; -1 where they do not."""
    places = _by_text(other)
    return np.array([places.get(text, -1) for text in coded.vocabulary.to_list()], np.int32)

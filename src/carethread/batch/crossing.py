"""What crosses from one bucket to another, gathered while a folder's rows are dealt out.

Source: settlement §2 (versions are settled over the whole folder), §4.5 (`worker_overlap`), §7.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carethread.batch.spill import PARTS, Spill
from carethread.batch.stored import Columns
from carethread.engine.columns import crossing
from carethread.engine.columns.arrays import NONE, Ints
from carethread.engine.columns.texts import hashes
from carethread.engine.units import DAY_MINUTES
from carethread.engine.words import Status

_DELIVERED = list(Status).index(Status.DELIVERED)
_PART_BITS = PARTS.bit_length() - 1
_LINE_NO = np.uint64(0x9E3779B97F4A7C15)
"""Scatters line numbers when multiplied with."""
Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
"""`map`, or one that does some at once."""
FEW = 100_000
"""So many rows may cross from bucket to bucket in any folder."""


class Entangled(Exception):
    """Too much crosses from person to person for buckets to be of use; the message says what."""


def most(rows: int) -> int:
    """Return how many of so many rows may cross."""
    return FEW + rows // 2


@dataclass(frozen=True, slots=True)
class Places:
    """Some rows of a table: the bucket and the number of each."""

    bucket: Ints
    number: Ints


@dataclass(frozen=True, slots=True)
class Wanted:
    """Visits of other buckets that a bucket has to know of."""

    by: Ints
    visits: Places


def _halves(keys: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    pairs = keys.view(np.int32).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _whole(low: Ints, high: Ints) -> NDArray[np.uint64]:
    pairs = np.stack([low, high], axis=1)
    return pairs.view(np.uint64).reshape(-1)


def _part(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return keys >> np.uint64(64 - _PART_BITS)


def _end_to_end(pieces: Iterable[tuple[Ints, ...]]) -> list[Ints]:
    """Return the columns of all pieces."""
    return [np.concatenate(column).astype(np.int32) for column in zip(*pieces, strict=True)]


class VisitsSeen:
    """Visits that have been dealt out: who had which id, who was where when."""

    def __init__(self, folder: Path) -> None:
        """Keep what was seen in a folder."""
        self._ids = Spill(folder, "ids", 4)
        self._log_ins = Spill(folder, "log-ins", 6)
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._ids.forget()
        self._log_ins.forget()
        self.rows = 0
        self.came: tuple[int, int] | None = None

    def see(self, numbers: Ints, columns: Columns, buckets: Ints) -> None:
        """Keep what matters of some rows."""
        self.rows += len(numbers)
        ids = columns["visit_id"]
        keys = hashes(ids.offsets, ids.data)
        self._ids.add(_part(keys), *_halves(keys), buckets, numbers)
        check_in, check_out = columns["check_in"], columns["check_out"]
        if (came := check_in[check_in != NONE]).size:
            first, last = self.came or (came[0], came[0])
            self.came = min(int(came.min()), first), max(int(came.max()), last)
        minutes = check_out.astype(np.int64) - check_in
        is_visit = (columns["status"] == _DELIVERED) & (check_in != NONE) & (check_out != NONE)
        rows = np.flatnonzero(is_visit & (minutes >= 0) & (minutes <= DAY_MINUTES))
        care = (columns[name].codes[rows] for name in ("worker_id", "provider_id", "person_id"))
        worker, provider, person = care
        times = check_in[rows], check_out[rows]
        self._log_ins.add(worker % PARTS, worker // PARTS, provider, person, *times, numbers[rows])

    def sharing(self, each: Each) -> Places:
        """Return the rows whose visit id may be in another bucket too.

        Raises:
            Entangled: if that is many.
        """

        def look(part: int) -> tuple[Ints, Ints]:
            low, high, bucket, number = self._ids.part(part)
            which = crossing.shared(_whole(low, high), bucket)
            return bucket[which], number[which]

        bucket, number = _end_to_end(each(look, range(PARTS)))
        if len(number) > FEW + self.rows // 10:
            message = "many visit ids are used for visits of more than one person"
            raise Entangled(message)
        return Places(bucket, number)

    def overlapping(self, gap: int, bucket_of_person: Ints, each: Each) -> Wanted:
        """Return the log-ins that may overlap one of the same worker in another bucket.

        gap: minutes between log-ins over which they may be joined.

        Raises:
            Entangled: if those are many.
        """

        def look(part: int) -> tuple[Ints, Ints, Ints]:
            worker, provider, person, check_in, check_out, number = self._log_ins.part(part)
            bucket = bucket_of_person[person]
            rows = worker, person, provider, bucket, check_in, check_out
            stretch, pairs, is_all = crossing.overlapping(*rows, gap, most(self.rows))
            if not is_all:
                message = "one worker is recorded at many persons at once, again and again"
                raise Entangled(message)
            by, row = crossing.rows_of(pairs[:, 0], pairs[:, 1], stretch)
            return by, bucket[row], number[row]

        by, bucket, number = _end_to_end(each(look, range(PARTS)))
        return Wanted(by, Places(bucket, number))

    def named(self, invoices: "InvoicesSeen", each: Each) -> Wanted:
        """Return visits with an id that invoice rows of another bucket name.

        Raises:
            Entangled: if those are many.
        """

        def look(part: int) -> tuple[Ints, Ints, Ints]:
            wanted, by = invoices.naming(part)
            low, high, bucket, number = self._ids.part(part if len(by) else None)
            rows = _whole(low, high), bucket
            pairs, is_all = crossing.wanted_elsewhere(*rows, wanted, by, most(self.rows))
            if not is_all:
                message = "many invoice rows name a visit of another person than their own"
                raise Entangled(message)
            row = pairs[:, 1]
            return pairs[:, 0], bucket[row], number[row]

        by, bucket, number = _end_to_end(each(look, range(PARTS)))
        return Wanted(by, Places(bucket, number))


class InvoicesSeen:
    """Invoice rows that have been dealt out: which visits they name, which lines they are."""

    def __init__(self, folder: Path) -> None:
        """Keep what was seen in a folder."""
        self._naming = Spill(folder, "naming", 3)
        self._lines = Spill(folder, "invoice-lines", 4)
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._naming.forget()
        self._lines.forget()

    def see(self, numbers: Ints, columns: Columns, buckets: Ints) -> None:
        """Keep what matters of some rows."""
        ids = columns["visit_id"]
        rows = np.flatnonzero(ids.offsets[1:] > ids.offsets[:-1])
        keys = hashes(ids.offsets, ids.data)[rows]
        self._naming.add(_part(keys), *_halves(keys), buckets[rows])
        ids = columns["invoice_id"]
        keys = hashes(ids.offsets, ids.data) ^ columns["line_no"].astype(np.uint64) * _LINE_NO
        self._lines.add(_part(keys), *_halves(keys), buckets, numbers)

    def naming(self, part: int) -> tuple[NDArray[np.uint64], Ints]:
        """Return the hashes of the visit ids that are named, and by which bucket: one part of them."""
        low, high, bucket = self._naming.part(part)
        order = np.lexsort((bucket, high, low))
        rows = np.stack([low, high, bucket])[:, order]
        is_new = np.ones(len(order), np.bool_)
        is_new[1:] = (rows[:, 1:] != rows[:, :-1]).any(axis=0)
        low, high, bucket = rows[:, is_new]
        return _whole(low, high), np.ascontiguousarray(bucket)

    def repeated(self, each: Each) -> Places:
        """Return the rows whose invoice id and line number another row may have too."""

        def look(part: int) -> tuple[Ints, Ints]:
            low, high, bucket, number = self._lines.part(part)
            which = crossing.shared(_whole(low, high), number)
            return bucket[which], number[which]

        return Places(*_end_to_end(each(look, range(PARTS))))

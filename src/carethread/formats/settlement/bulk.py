"""From a file's rows to columns: what `reading.read_table` finds, at millions of rows.

Whole columns are read at once. A row with a cell that is not plain, or whose cells may not fit
together, is read by `reading.read_row`, which says what it means or what is wrong with it.

Source: settlement §2.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import NONE, Coded, Ints, Texts
from carethread.engine.records import Fault, Finding
from carethread.engine.words import Basis, Status
from carethread.formats.settlement import values
from carethread.formats.settlement.bulk_batches import (
    UNSURE,
    Batch,
    clean,
    csv_batches,
    parquet_batches,
    row_batches,
)
from carethread.formats.settlement.bulk_columns import (
    Clean,
    CodedColumn,
    Made,
    NumberColumn,
    Piece,
    TextColumn,
    form_of,
)
from carethread.formats.settlement.bulk_kernels import Truths
from carethread.formats.settlement.files import TableFile
from carethread.formats.settlement.headers import Places, places
from carethread.formats.settlement.layouts import Column, Layout
from carethread.formats.settlement.parquet import ParquetFile
from carethread.formats.settlement.reading import (
    IGNORED_WHEN_CANCELLED,
    Progress,
    TableRead,
    read_file,
    read_row,
)
from carethread.kit.threads import threads

_EACH_ITS_OWN = {
    "orders": {"order_id"},
    "visits": {"visit_id"},
    "invoices": {"invoice_id", "visit_id"},
}
"""The columns of texts that are mostly not the same."""


@dataclass(slots=True)
class BulkTable:
    """What came out of one file, as `reading.TableRead`, its good rows as columns.

    `numbers` are the numbers of the good rows, in the order of the file. `columns` has each column of
    the layout, as `engine.columns.arrays` says; days of the week are bits, Monday 1, and any slot is 0.
    """

    file: str
    is_there: bool
    faults: list[Fault]
    findings: list[Finding]
    rows: int
    numbers: Ints
    columns: dict[str, Any]


class Taker(Protocol):
    """Takes the good rows of a table while they are read, so that they need not all be held."""

    def start(self) -> None:
        """Begin; what was taken before is void, for the file is read anew."""

    def take(self, numbers: Ints, columns: Mapping[str, Piece]) -> None:
        """Take some rows, in the order of the file."""


_HANDED_OVER = 1 << 19
"""About how many rows a taker is given at once."""
_AND_SOME, _LEAST_PART, _MOST_ROOM = 1.05, 1e-6, 1 << 26
"""Room for rows that never come costs no memory."""


def read_bulk(
    layout: Layout, folder: Path, progress: Progress, taker: Taker | None = None
) -> BulkTable:
    """Read a table's file, whatever its format; without its rows where someone takes them."""
    result = TableRead()
    taken = _Taken(layout, "", [(column, None) for column in layout.columns], str.strip)

    def take(path: Path, table: TableFile) -> None:
        nonlocal taken
        at = places(layout, table)
        is_parquet = isinstance(table, ParquetFile)
        taken = _Taken(layout, result.file, at, str.strip if is_parquet else clean)
        try:
            taken.take_all(_batches(layout, at, path, table), len(table.columns), progress, taker)
        except UNSURE:
            taken = _Taken(layout, result.file, at, str.strip)
            taken.take_all(row_batches(table), len(table.columns), progress, taker)

    read_file(layout, folder, progress, result, take)
    found = taken.found
    return BulkTable(
        file=result.file,
        is_there=result.is_there,
        faults=[*found.faults, *result.faults],
        findings=[*result.findings, *found.findings],
        rows=found.rows,
        numbers=taken.numbers(),
        columns=taken.columns(),
    )


def _batches(layout: Layout, at: Places, path: Path, table: TableFile) -> Iterator[Batch]:
    wanted = {place: column for column, place in at if place is not None}
    if not isinstance(table, ParquetFile):
        return csv_batches(path, len(table.columns), wanted)
    few = [place for place, column in wanted.items() if _has_few_values(layout, column)]
    return parquet_batches(path, table, wanted, few)


def _has_few_values(layout: Layout, column: Column) -> bool:
    if column.read is values.moment or isinstance(column.read, values.Whole):
        return False
    return not _is_its_own(layout, column)


def _is_its_own(layout: Layout, column: Column) -> bool:
    return column.name in _EACH_ITS_OWN.get(layout.table, ())


class _Taken:
    """What has been taken of a table so far."""

    def __init__(self, layout: Layout, file: str, at: Places, clean: Clean) -> None:
        self.found = TableRead(file)
        self._layout = layout
        self._at = at
        self._columns = {column.name: _made(layout, column, clean) for column in layout.columns}
        self._numbers: list[Ints] = []

    def take_all(
        self, batches: Iterator[Batch], width: int, progress: Progress, taker: Taker | None
    ) -> None:
        """Take the rows of a file whose header has so many columns."""
        if taker is not None:
            taker.start()
        for batch in batches:
            if not self._numbers:
                self._make_room(len(batch.numbers), batch.part_read, taker)
            self._take(batch, width)
            progress(self.found.file, batch.part_read)
            if taker is not None and sum(map(len, self._numbers)) >= _HANDED_OVER:
                self._hand_over(taker)
        if taker is not None:
            self._hand_over(taker)

    def _make_room(self, rows: int, part_read: float, taker: Taker | None) -> None:
        """Have room for all rows there seem to be, as the first are so many and so large a part."""
        expected = min(rows / max(part_read, _LEAST_PART) * _AND_SOME, _MOST_ROOM)
        if taker is not None:
            expected = min(expected, 2 * _HANDED_OVER)
        for column in self._columns.values():
            column.make_room(int(expected))

    def _hand_over(self, taker: Taker) -> None:
        taker.take(self.numbers(), {name: column.some() for name, column in self._columns.items()})
        self._numbers.clear()

    def numbers(self) -> Ints:
        """Return the numbers of the good rows."""
        return np.concatenate([np.zeros(0, np.int32), *self._numbers])

    def columns(self) -> dict[str, Made]:
        """Return the columns of the good rows."""
        with ThreadPoolExecutor(threads()) as pool:
            return dict(zip(self._columns, pool.map(_whole, self._columns.values()), strict=True))

    def _take(self, batch: Batch, width: int) -> None:
        is_good = self._certain(batch)
        odd = np.flatnonzero(~is_good)
        self.found.rows += len(is_good) - len(odd)
        for place, row in zip(odd.tolist(), batch.rows(odd) if len(odd) else (), strict=True):
            if not any(row.cells):
                continue
            cells = read_row(self._layout, self._at, row, width, self.found)
            if cells is not None:
                is_good[place] = True
                for name, made in self._columns.items():
                    made.put(place, cells[name])
        self._numbers.append(batch.numbers[is_good])
        for made in self._columns.values():
            made.keep(is_good)

    def _certain(self, batch: Batch) -> Truths:
        """Read a batch's columns; return the rows that are good beyond doubt."""
        is_sure: Truths = ~batch.odd
        numbers: dict[str, NDArray[Any]] = {}
        for column, place in self._at:
            made = self._columns[column.name]
            cells = None if place is None else batch.columns.get(place)
            is_read = made.take(cells, len(is_sure))
            if isinstance(made, NumberColumn):
                if column.name in IGNORED_WHEN_CANCELLED and "status" in numbers:
                    is_ignored = numbers["status"] == _CANCELLED
                    made.leave_out(is_ignored)
                    is_read |= is_ignored
                numbers[column.name] = made.batch
            is_sure &= is_read
        return is_sure & ~_MISFITS[self._layout.table](numbers)


def _whole(column: NumberColumn | TextColumn) -> Made:
    return column.whole()


def _made(layout: Layout, column: Column, clean: Clean) -> NumberColumn | TextColumn:
    if column.read is not values.text:
        return NumberColumn(column, clean, form_of(column.read))
    if _is_its_own(layout, column):
        return TextColumn(column)
    return CodedColumn(column, clean)


_CANCELLED, _DELIVERED = list(Status).index(Status.CANCELLED), list(Status).index(Status.DELIVERED)
_VISITS = list(Basis).index(Basis.VISITS)
Batched = Mapping[str, NDArray[Any]]


def _order_misfits(of: Batched) -> Truths:
    has_days, has_minutes = of["days"] != 0, of["minutes"] != NONE
    has_start, has_week = of["start_time"] != NONE, of["weekly_minutes"] != NONE
    fits_visits: Truths = has_days & has_start & has_minutes & ~has_week
    is_free = ~(has_days | has_start | has_minutes)
    fits_week: Truths = is_free & has_week & (of["carers"] == 1)
    fits = np.where(of["basis"] == _VISITS, fits_visits, fits_week)
    return ~fits | _backwards(of["starts_on"], of["ends_on"])


def _backwards(first: NDArray[Any], last: NDArray[Any]) -> Truths:
    is_backwards: Truths = (last < first) & (last != NONE)
    return is_backwards


def _rate_misfits(of: Batched) -> Truths:
    is_half: Truths = (of["band_from"] == NONE) != (of["band_to"] == NONE)
    return is_half


def _suspension_misfits(of: Batched) -> Truths:
    is_loose: Truths = (of["to_time"] != NONE) & (of["to_on"] == NONE)
    return is_loose


def _visit_misfits(of: Batched) -> Truths:
    is_delivered = of["status"] == _DELIVERED
    lacks = np.where(is_delivered, of["worker_id"] < 0, of["planned_start"] == NONE).astype(np.bool_)
    if "claimed_start" in of:  # a column of the books alone
        lacks |= (of["claimed_start"] == NONE) != (of["claimed_minutes"] == NONE)
    return lacks


def _invoice_misfits(of: Batched) -> Truths:
    is_no_credit = (of["minutes"] < 0) & (of["amount_pence"] >= 0)
    return is_no_credit | _backwards(of["from_on"], of["to_on"])


def _no_misfits(of: Batched) -> Truths:
    return np.zeros(len(of["order_id"]), np.bool_)


_MISFITS: Mapping[str, Callable[[Batched], Truths]] = {
    "orders": _order_misfits,
    "planned": _no_misfits,
    "rates": _rate_misfits,
    "suspensions": _suspension_misfits,
    "visits": _visit_misfits,
    "invoices": _invoice_misfits,
}
"""Which rows the layout's own `misfits` has to judge: at least all those it finds fault with."""


def records(layout: Layout, table: BulkTable) -> Iterator[Any]:
    """Yield the good rows as `reading.read_table` has them."""
    names = [column.name for column in layout.columns]
    cells = [_values(column, table.columns[column.name]) for column in layout.columns]
    for number, *row in zip(table.numbers.tolist(), *cells, strict=True):
        of = dict(zip(names, row, strict=True))
        if of.get("basis") is Basis.VISITS and not of["days"]:
            of["days"] = _NO_DAY
        yield layout.build(number, of)


_NO_DAY = "0000000"
"""An order of visits names its days, even if they are none; other orders' days are empty."""


def _values(column: Column, made: Made) -> list[Any]:
    if isinstance(made, Texts):
        return [text or column.default for text in made.to_list()]
    if isinstance(made, Coded):
        texts = made.vocabulary.to_list()
        return [texts[code] if code >= 0 else column.default for code in made.codes.tolist()]
    form = form_of(column.read)
    return [column.default if number == form.empty else form.value(number) for number in made.tolist()]

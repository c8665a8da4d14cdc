"""The columns of a table as they are read: batch by batch, cell by cell where a cell is odd."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from carethread.engine.columns import clock
from carethread.engine.columns.arrays import NONE, Coded, Ints, Texts
from carethread.engine.columns.index import Index
from carethread.engine.columns.texts import gather
from carethread.formats.settlement import values
from carethread.formats.settlement.bulk_arrow import buffers, filled, nulls, plain, spans
from carethread.formats.settlement.bulk_batches import Cut, distinct, is_text
from carethread.formats.settlement.bulk_kernels import (
    EMPTY,
    GIVEN,
    ODD,
    WALL,
    Truths,
    bare,
    moments,
    relabel,
    whole_numbers,
)
from carethread.formats.settlement.cell_kernels import read_codes, read_numbers
from carethread.formats.settlement.layouts import Column
from carethread.formats.settlement.parquet import as_text

Numbers = NDArray[np.int64]
Kinds = NDArray[np.uint8]
Made = Ints | NDArray[np.int8] | Coded | Texts


@dataclass(frozen=True, slots=True)
class Growing:
    """Some rows of a column of few texts: places in a vocabulary to which later rows may add."""

    codes: Ints
    vocabulary: Mapping[str, int]


Piece = Ints | NDArray[np.int8] | Growing | Texts
"""A column of some of a table's rows."""
Clean = Callable[[str], str]
"""What makes a cell's text as it stands in the file into the text that a reader is given."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the values of a reader stand as numbers."""

    kind: type[np.int32 | np.int8]
    empty: int
    number: Callable[[Any], int]
    value: Callable[[int], Any]


def form_of(read: values.Reader) -> Form:
    """Return the form of a reader's values; texts have none."""
    if isinstance(read, values.Whole):
        return _NUMBER
    if isinstance(read, values.OneOf):
        words = list(read.known.values())
        return Form(np.int8, -1, words.index, words.__getitem__)
    return _FORMS[read]


_EPOCH = date(1970, 1, 1).toordinal()
_NUMBER = Form(np.int32, NONE, int, int)
_FORMS: Mapping[values.Reader, Form] = {
    values.moment: _NUMBER,
    values.clock: _NUMBER,
    values.clock_or_midnight: _NUMBER,
    values.day: Form(
        np.int32,
        NONE,
        lambda day: day.toordinal() - _EPOCH,
        lambda days: date.fromordinal(days + _EPOCH),
    ),
    values.truth: Form(np.int8, -1, int, bool),
    values.slot: Form(np.int8, 0, int, int),
    values.weekdays: Form(
        np.int32, 0, lambda marks: int(marks[::-1], 2), lambda mask: f"{mask:07b}"[::-1]
    ),
}


_ReadTexts = Callable[[Sequence[str | None]], tuple[Numbers, Kinds]]


class _Known:
    """The values that a column has had so far, and what they were read as."""

    def __init__(self) -> None:
        self._values = Index()
        self._last: Any = None
        self._numbers: Numbers = np.zeros(0, np.int64)
        self._kinds: Kinds = np.zeros(0, np.uint8)
        self._read_as = self._numbers, self._kinds

    def of(self, vocabulary: Any, read: _ReadTexts) -> tuple[Numbers, Kinds]:
        """Return what a vocabulary's values were read as."""
        if self._last is None or not vocabulary.equals(self._last):
            self._last = vocabulary
            at = self._all_places(vocabulary, read)
            self._read_as = self._numbers.take(at), self._kinds.take(at)
        return self._read_as

    def _all_places(self, vocabulary: Any, read: _ReadTexts) -> Ints:
        """Return where a vocabulary's values are among those known; those that are new become so."""
        if is_text(vocabulary):
            data, offsets = buffers(filled(vocabulary))
            values = Texts(offsets, data)
        else:
            values = Texts.of(text or "" for text in as_text(vocabulary))
        at = self._values.places(values)
        is_new = at < 0
        if is_new.any():
            new = gather(values, np.flatnonzero(is_new))
            numbers, kinds = read(new.to_list())
            at[is_new] = len(self._values) + np.arange(len(new))
            self._values.add(new)
            self._numbers = np.concatenate([self._numbers, numbers])
            self._kinds = np.concatenate([self._kinds, kinds])
        return at


class NumberColumn:
    """A column whose values are numbers."""

    def __init__(self, column: Column, clean: Clean, form: Form) -> None:
        self._column = column
        self._clean = clean
        self._form = form
        self._rows: NDArray[Any] = np.empty(0, form.kind)
        self._count = 0
        self._default = form.empty if column.default in (None, "") else form.number(column.default)
        self._known = _Known()
        self.batch: NDArray[Any] = np.zeros(0, form.kind)

    def make_room(self, rows: int) -> None:
        """Have room for so many rows more."""
        if self._count + rows > len(self._rows):
            larger = np.empty(max(self._count + rows, 2 * self._count), self._form.kind)
            larger[: self._count] = self._rows[: self._count]
            self._rows = larger

    def take(self, cells: Any, count: int) -> Truths:
        """Read a batch's cells, or so many empty ones; return which of them are certain."""
        cells = pa.nulls(count) if cells is None else cells
        is_sure: Truths = np.ones(count, np.bool_)
        self.make_room(count)
        self.batch = self._rows[self._count : self._count + count]
        if not self._read_numbers(cells, is_sure):
            read = self._read_fast(cells)
            if read is None:
                self._read_codes(cells, is_sure)
            else:
                numbers, kinds = read
                is_empty = kinds == EMPTY
                self.batch[:] = np.where(is_empty, self._default, numbers)
                is_sure &= kinds == GIVEN if self._column.cell_required else is_empty | (kinds == GIVEN)
        return is_sure

    def leave_out(self, which: Truths) -> None:
        """Take some of the batch's cells for empty."""
        self.batch[which] = self._default

    def put(self, row: int, value: Any) -> None:
        """Put a value in a row of the batch."""
        self.batch[row] = self._form.empty if value in (None, "") else self._form.number(value)

    def keep(self, which: Truths) -> None:
        """Add rows of the batch to the column."""
        end = self._count + int(np.count_nonzero(which))
        if end < self._count + len(which):
            self._rows[self._count : end] = self.batch[which]
        self._count = end

    def whole(self) -> Made:
        """Return the column."""
        return self._whole()

    def some(self) -> Piece:
        """Return the rows kept since the last time, and forget them."""
        return self._whole()

    def _whole(self) -> NDArray[Any]:
        whole, room = self._rows[: self._count], len(self._rows)
        self._rows, self._count = np.empty(0, self._form.kind), 0
        self.make_room(room)
        return whole

    def _read_numbers(self, cells: Any, is_sure: Truths) -> bool:
        """Read a column that is of numbers in the file; say whether it is."""
        read = self._column.read
        if is_text(cells):
            return False
        kind = cells.type
        if pa.types.is_timestamp(kind) and kind.tz is not None and read is values.moment:
            first = _FIRST + _A_DAY if kind.tz in _ALWAYS_WHOLE else _WHOLE_MINUTES
            bounds = _A_MINUTE[kind.unit], first, _LAST - _A_DAY
        elif pa.types.is_integer(kind) and isinstance(read, values.Whole):
            bounds = 1, read.least, read.most
        elif pa.types.is_date32(kind) and read is values.day:
            bounds = 1, _FIRST_DAY, _LAST_DAY
            cells = cells.cast(pa.int32())
        else:
            return False
        numbers = plain(cells.cast(pa.int64()), np.int64)
        rest: Any = self._default, self._column.cell_required, self.batch, is_sure
        read_numbers(numbers, nulls(cells), *bounds, *rest)
        return True

    def _read_fast(self, cells: Any) -> tuple[Numbers, Kinds] | None:
        """Read a column of many texts, or of London's clocks."""
        read = self._column.read
        if read is values.moment:
            if is_text(cells):
                return _in_london(*moments(*spans(cells), _FIRST, _LAST))
            if pa.types.is_timestamp(cells.type):
                return _clocks(cells)
        elif isinstance(read, values.Whole) and is_text(cells):
            return whole_numbers(*spans(cells), read.least, read.most)
        return None

    def _read_codes(self, cells: Any, is_sure: Truths) -> None:
        """Read every value once, whichever batches it is in."""
        coded = distinct(cells.arrow() if isinstance(cells, Cut) else cells)
        numbers, kinds = self._known.of(coded.dictionary, self._read_texts)
        codes = coded.indices.cast(pa.int32())
        rest = self._default, self._column.cell_required, self.batch, is_sure
        read_codes(plain(codes, np.int32), nulls(coded), numbers, kinds, *rest)

    def _read_texts(self, texts: Sequence[str | None]) -> tuple[Numbers, Kinds]:
        """Read texts."""
        numbers = np.zeros(len(texts), np.int64)
        kinds = np.full(len(texts), EMPTY, np.uint8)
        for place, raw in enumerate(texts):
            text = self._clean(raw or "")
            if text:
                numbers[place], kinds[place] = self._read_text(text)
        return numbers, kinds

    def _read_text(self, text: str) -> tuple[int, int]:
        try:
            value: Any = self._column.read(text)
        except ValueError:
            return 0, ODD
        if self._column.read is values.moment:
            value, is_changed = value
            if is_changed:
                return 0, ODD
        if value is None:
            return 0, EMPTY
        number = self._form.number(value)
        return number, ODD if number == self._form.empty else GIVEN


class CodedColumn(NumberColumn):
    """A column of texts of which few differ."""

    def __init__(self, column: Column, clean: Clean) -> None:
        self._vocabulary: dict[str, int] = {}
        super().__init__(column, clean, Form(np.int32, -1, self._code, int))

    def _code(self, text: str) -> int:
        return self._vocabulary.setdefault(text, len(self._vocabulary))

    def whole(self) -> Made:
        """Return the column; its vocabulary is in order of first appearance."""
        codes = self._whole()
        texts = list(self._vocabulary)
        old = relabel(codes, len(texts))
        return Coded(codes, Texts.of(texts[place] for place in old.tolist()))

    def some(self) -> Piece:
        """Return the rows kept since the last time, and forget them; codes go on meaning the same."""
        return Growing(self._whole(), self._vocabulary)


class TextColumn:
    """A column of texts that are mostly not the same."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._chunks: list[Any] = []
        self._odd: dict[int, str] = {}
        self._batch: Any = None

    def take(self, cells: Any, count: int) -> Truths:
        """Read a batch's cells, or so many empty ones; return which of them are certain."""
        if cells is None:
            cells = pa.nulls(count, pa.large_string())
        elif isinstance(cells, Cut):
            cells = cells.arrow()
        elif pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_decode()
        if not is_text(cells):
            cells = pa.array(as_text(cells), pa.large_string())
        self._batch = filled(cells)
        self._odd = {}
        kinds = bare(*spans(self._batch))
        is_sure: Truths = kinds == GIVEN
        return is_sure if self._column.cell_required else is_sure | (kinds == EMPTY)

    def make_room(self, rows: int) -> None:
        """Need no room: texts are held as they come."""

    def put(self, row: int, value: Any) -> None:
        """Put a text in a row of the batch."""
        self._odd[row] = value or ""

    def keep(self, which: Truths) -> None:
        """Add rows of the batch to the column."""
        if self._odd:
            is_odd = np.zeros(len(self._batch), np.bool_)
            is_odd[list(self._odd)] = True
            texts = pa.array(self._odd.values(), pa.large_string())
            self._batch = pc.replace_with_mask(self._batch, pa.array(is_odd), texts)
        self._chunks.append(self._batch if which.all() else self._batch.filter(pa.array(which)))

    def whole(self) -> Made:
        """Return the column."""
        return self.some()

    def some(self) -> Texts:
        """Return the rows kept since the last time, and forget them."""
        texts = pa.concat_arrays([pa.nulls(0, pa.large_string()), *self._chunks])
        self._chunks.clear()
        data, offsets = buffers(texts)
        begin, end = offsets[0], offsets[-1]
        return Texts(offsets - begin if begin else offsets, data[begin:end])


def _minutes(year: int) -> int:
    """Return the minute in which a year begins."""
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) // 60


_FIRST, _LAST = _minutes(values.EARLIEST_YEAR), _minutes(values.LATEST_YEAR + 1) - 1
_FIRST_DAY, _LAST_DAY = (
    date(values.EARLIEST_YEAR, 1, 1).toordinal() - _EPOCH,
    date.max.toordinal() - _EPOCH,
)
_WHOLE_MINUTES = _minutes(1973)
"""From this year on every zone's offset is of whole minutes; the readers cut the seconds off."""
_ALWAYS_WHOLE = frozenset({"UTC", "Europe/London"})
_A_DAY = 24 * 60
_A_MINUTE = {"s": 60, "ms": 60_000, "us": 60_000_000, "ns": 60_000_000_000}


def _clocks(cells: Any) -> tuple[Numbers, Kinds]:
    """Return the instants of Arrow's times without a zone, which are what London's clocks show."""
    raw = cells.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    minutes = raw // _A_MINUTE[cells.type.unit]
    kinds = np.where((minutes >= _FIRST) & (minutes <= _LAST), WALL, ODD).astype(np.uint8)
    if cells.null_count:
        kinds[nulls(cells)] = EMPTY
    return _in_london(minutes, kinds)


def _in_london(minutes: Numbers, kinds: Kinds) -> tuple[Numbers, Kinds]:
    """Turn what London's clocks show into instants; ODD in an hour that is there twice, or not at all.

    Source: settlement §1.
    """
    on_the_wall = np.flatnonzero(kinds == WALL)
    walls = minutes[on_the_wall]
    change = np.searchsorted(clock.WALL, walls, side="right")
    minutes[on_the_wall] = walls - clock.OFFSET[change]
    is_changed = _DOUBTFUL[change] <= walls
    kinds[on_the_wall] = np.where(is_changed, ODD, GIVEN)
    return minutes, kinds


_DOUBTFUL = np.append(
    clock.AT + np.minimum(clock.OFFSET[:-1], clock.OFFSET[1:]), np.iinfo(np.int64).max
)
"""The wall time from which the next change of the clocks decides, up to its `clock.WALL`."""

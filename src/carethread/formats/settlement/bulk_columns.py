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
from carethread.engine.columns.arrays import NONE, Bytes, Coded, Ints, Texts
from carethread.engine.columns.found import joined
from carethread.engine.columns.texts import gather
from carethread.formats.settlement import values
from carethread.formats.settlement.bulk_batches import Cut, distinct, is_text
from carethread.formats.settlement.bulk_kernels import (
    EMPTY,
    GIVEN,
    ODD,
    WALL,
    Truths,
    bare,
    enter,
    entries,
    moments,
    relabel,
    whole_numbers,
)
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
        self._values = Texts.of(())
        self._table = np.full(1024, -1, np.int32)
        self._last: Any = None
        self._at: Numbers = np.zeros(0, np.int64)
        self._numbers: Numbers = np.zeros(0, np.int64)
        self._kinds: Kinds = np.zeros(0, np.uint8)

    def of(self, vocabulary: Any, read: _ReadTexts) -> tuple[Numbers, Kinds]:
        """Return what a vocabulary's values were read as, and an empty one behind them."""
        if self._last is None or not vocabulary.equals(self._last):
            self._last = vocabulary
            self._at = self._all_places(vocabulary, read)
        at = self._at
        return np.append(self._numbers.take(at), 0), np.append(self._kinds.take(at), _NOTHING)

    def _all_places(self, vocabulary: Any, read: _ReadTexts) -> Numbers:
        """Return where a vocabulary's values are among those known; those that are new become so."""
        if not is_text(vocabulary):
            vocabulary = pa.array(as_text(vocabulary), pa.large_string())
        data, offsets = _buffers(vocabulary.cast(pa.large_string()).fill_null(""))
        values = Texts(offsets, data)
        at = self._places(values)
        if (at < 0).any():
            new = gather(values, np.flatnonzero(at < 0))
            self._enter(new, *read(new.to_list()))
            at = self._places(values)
        return at

    def _places(self, values: Texts) -> Numbers:
        known = self._values.offsets, self._values.data
        places: Numbers = entries(self._table, *known, values.offsets, values.data)
        return places

    def _enter(self, values: Texts, numbers: Numbers, kinds: Kinds) -> None:
        first = len(self._values)
        self._values = joined([self._values, values])
        self._numbers = np.concatenate([self._numbers, numbers])
        self._kinds = np.concatenate([self._kinds, kinds])
        if len(self._table) < 2 * len(self._values):
            self._table = np.full(1 << len(self._values).bit_length() + 2, -1, np.int32)
            first = 0
        enter(self._table, self._values.offsets, self._values.data, first)


_NOTHING = np.uint8(EMPTY)


class NumberColumn:
    """A column whose values are numbers."""

    def __init__(self, column: Column, clean: Clean, form: Form) -> None:
        self._column = column
        self._clean = clean
        self._form = form
        self._chunks: list[NDArray[Any]] = []
        self._default = form.empty if column.default in (None, "") else form.number(column.default)
        self._known = _Known()
        self.batch: NDArray[Any] = np.zeros(0, form.kind)

    def take(self, cells: Any, count: int) -> Truths:
        """Read a batch's cells, or so many empty ones; return which of them are certain."""
        self.batch, kinds = self._read(pa.nulls(count) if cells is None else cells)
        is_sure: Truths = kinds == GIVEN
        return is_sure if self._column.cell_required else is_sure | (kinds == EMPTY)

    def leave_out(self, which: Truths) -> None:
        """Take some of the batch's cells for empty."""
        self.batch[which] = self._default

    def put(self, row: int, value: Any) -> None:
        """Put a value in a row of the batch."""
        self.batch[row] = self._form.empty if value in (None, "") else self._form.number(value)

    def keep(self, which: Truths) -> None:
        """Add rows of the batch to the column."""
        self._chunks.append(self.batch[which])

    def whole(self) -> Made:
        """Return the column."""
        return self._whole()

    def some(self) -> Piece:
        """Return the rows kept since the last time, and forget them."""
        return self._whole()

    def _whole(self) -> NDArray[Any]:
        whole = np.concatenate([np.zeros(0, self._form.kind), *self._chunks])
        self._chunks.clear()
        return whole

    def _read(self, cells: Any) -> tuple[NDArray[Any], Kinds]:
        """Return each cell's number, and what it is; an odd cell's number is any."""
        numbers, kinds = self._read_fast(cells) or self._each_once(cells)
        numbers = numbers.astype(self._form.kind)
        numbers[kinds == EMPTY] = self._default
        return numbers, kinds

    def _read_fast(self, cells: Any) -> tuple[Numbers, Kinds] | None:
        """Read a column of many values, if it is one."""
        read = self._column.read
        if read is values.moment:
            if is_text(cells):
                return _in_london(*moments(*_texts(cells), _FIRST, _LAST))
            if pa.types.is_timestamp(cells.type):
                return _timestamps(cells)
        elif isinstance(read, values.Whole):
            if is_text(cells):
                return whole_numbers(*_texts(cells), read.least, read.most)
            if pa.types.is_integer(cells.type):
                return _within(_raw(cells), cells, read.least, read.most)
        elif read is values.day and not is_text(cells) and pa.types.is_date32(cells.type):
            return _within(_raw(cells.cast(pa.int32())), cells, _FIRST_DAY, _LAST_DAY)
        return None

    def _each_once(self, cells: Any) -> tuple[Numbers, Kinds]:
        """Read every value once, whichever batches it is in."""
        coded = distinct(cells.arrow() if isinstance(cells, Cut) else cells)
        vocabulary = coded.dictionary
        numbers, kinds = self._known.of(vocabulary, self._read_texts)
        at = coded.indices.cast(pa.int32()).fill_null(len(vocabulary)).to_numpy(zero_copy_only=False)
        return numbers.take(at), kinds.take(at)

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
        self._batch = cells.cast(pa.large_string()).fill_null("")
        self._odd = {}
        kinds = bare(*_texts(self._batch))
        is_sure: Truths = kinds == GIVEN
        return is_sure if self._column.cell_required else is_sure | (kinds == EMPTY)

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
        self._chunks.append(self._batch.filter(pa.array(which)))

    def whole(self) -> Made:
        """Return the column."""
        return self.some()

    def some(self) -> Texts:
        """Return the rows kept since the last time, and forget them."""
        texts = pa.concat_arrays([pa.array([], pa.large_string()), *self._chunks])
        self._chunks.clear()
        data, offsets = _buffers(texts)
        return Texts(offsets - offsets[0], data[offsets[0] : offsets[-1]])


def _texts(cells: Any) -> tuple[Bytes, Numbers, Numbers]:
    """Return the bytes of a column of text, and where each cell's begin and end; none for no text."""
    if isinstance(cells, Cut):
        return cells.data, cells.begins, cells.ends
    data, offsets = _buffers(cells.cast(pa.large_string()).fill_null(""))
    return data, offsets[:-1].copy(), offsets[1:].copy()


def _buffers(texts: Any) -> tuple[Bytes, Numbers]:
    """Return the bytes and the offsets of an Arrow column of long text without nulls."""
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int64, len(texts) + 1, 8 * texts.offset)
    return np.frombuffer(data or b"", np.uint8), places


def _raw(cells: Any) -> NDArray[Any]:
    numbers: NDArray[Any] = cells.fill_null(0).to_numpy(zero_copy_only=False)
    return numbers


def _within(numbers: NDArray[Any], cells: Any, least: int, most: int) -> tuple[Numbers, Kinds]:
    """Return the numbers, and which are within bounds."""
    kinds = ((numbers >= least) & (numbers <= most)).astype(np.uint8)
    if cells.null_count:
        kinds[cells.is_null().to_numpy(zero_copy_only=False)] = EMPTY
    return numbers.astype(np.int64, copy=False), kinds


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


def _timestamps(cells: Any) -> tuple[Numbers, Kinds]:
    """Return the instants of Arrow's times: with a zone they are instants, or else London's clocks."""
    kind = cells.type
    minutes = _raw(cells.cast(pa.int64())) // _A_MINUTE[kind.unit]
    if kind.tz is None:
        minutes, kinds = _within(minutes, cells, _FIRST, _LAST)
        return _in_london(minutes, np.where(kinds == GIVEN, WALL, kinds).astype(np.uint8))
    first = _FIRST + _A_DAY if kind.tz in _ALWAYS_WHOLE else _WHOLE_MINUTES
    return _within(minutes, cells, first, _LAST - _A_DAY)


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

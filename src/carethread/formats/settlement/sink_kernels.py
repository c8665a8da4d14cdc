"""The loops of writing tables, compiled: texts by first appearance, and cells into rows of CSV."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Bytes, Ints

Longs = NDArray[np.int64]

_COMMA, _QUOTE, _APOSTROPHE = ord(","), ord('"'), ord("'")
_FEED, _RETURN, _MINUS, _ZERO = ord("\n"), ord("\r"), ord("-"), ord("0")
_EQUALS, _PLUS, _AT = ord("="), ord("+"), ord("@")
_WIDE_FIRST, _WIDE_SECOND = "＝".encode()[:2]  # noqa: RUF001 -- spreadsheets obey the wide ones too
_WIDE_EQUALS, _WIDE_PLUS, _WIDE_MINUS, _WIDE_AT = "＝＋－＠".encode()[2::3]  # noqa: RUF001
_WIDE_SIZE = 3
_UNSEEN, _EMPTY = -2, -1
_U = np.uint64
_TEN, _HOUR = 10, 60
_MINUTE_AT = len("2026-04-06T08:")


class Rows(NamedTuple):
    """Rows of CSV that are being put together: the bytes, and where each row's next cell goes."""

    out: Bytes
    at: NDArray[np.uint64]


class Stamps(NamedTuple):
    """Days or hours as text, all of one width, from the day or hour `first` on.

    `hours`: whether they are hours; then a time has its own minute.
    """

    texts: Bytes
    width: int
    first: int
    hours: bool


@njit(cache=True, nogil=True)
def widened(
    numbers: NDArray[np.signedinteger[Any]], empty: int, times: int
) -> tuple[Longs, Bytes, bool]:
    """Return numbers so many times as large; a bit for each that is not empty; and if any is."""
    count = len(numbers)
    out, bits = np.empty(count, np.int64), np.zeros((count + 7) // 8, np.uint8)
    has_empty = False
    for row in range(count):
        number = np.int64(numbers[row])
        out[row] = number * times
        if number == empty:
            has_empty = True
        else:
            bits[row >> 3] |= np.uint8(1 << (row & 7))
    return out, bits, has_empty


@njit(cache=True, nogil=True)
def renumbered(codes: Ints, offsets: Longs) -> tuple[Ints, Ints]:
    """Number the texts in use by first appearance: the new codes, and the old code of each number.

    An empty text of the vocabulary is an empty cell, -1.
    """
    numbers = np.full(len(offsets) - 1, _UNSEEN, np.int32)
    used = np.empty(min(len(codes), len(numbers)), np.int32)
    found = np.empty(len(codes), np.int32)
    count = 0
    for row in range(len(codes)):
        code = codes[row]
        if code < 0:
            found[row] = _EMPTY
            continue
        if numbers[code] == _UNSEEN:
            if offsets[code] == offsets[code + 1]:
                numbers[code] = _EMPTY
            else:
                numbers[code] = count
                used[count] = code
                count += 1
        found[row] = numbers[code]
    return found, used[:count]


@njit(cache=True, nogil=True)
def gathered(codes: Ints, offsets: Longs, data: Bytes) -> tuple[Longs, Bytes]:
    """Return the texts that the codes stand for, end to end."""
    ends = np.zeros(len(codes) + 1, np.int64)
    for row in range(len(codes)):
        code = codes[row]
        ends[row + 1] = ends[row] + (offsets[code + 1] - offsets[code] if code >= 0 else 0)
    texts = np.empty(ends[-1], np.uint8)
    for row in range(len(codes)):
        if codes[row] >= 0:
            _copy(data, offsets[codes[row]], offsets[codes[row] + 1], texts, _U(ends[row]))
    return ends, texts


@njit(cache=True, nogil=True)
def _copy(data: Bytes, begin: int, end: int, out: Bytes, at: np.uint64) -> np.uint64:
    """Copy bytes and return where they end. Places without a sign are the fast ones."""
    first, size = _U(begin), _U(end - begin)
    for place in range(size):
        out[at + place] = data[first + place]
    return at + size


@njit(cache=True, nogil=True)
def _is_formula(data: Bytes, begin: int, end: int) -> bool:
    """Say whether a spreadsheet would run the text, behind apostrophes or not, as `files.inert`."""
    while begin < end and data[begin] == _APOSTROPHE:
        begin += 1
    if begin == end:
        return False
    first = data[begin]
    if first in (_EQUALS, _PLUS, _MINUS, _AT):
        return True
    if end - begin < _WIDE_SIZE or first != _WIDE_FIRST or data[begin + 1] != _WIDE_SECOND:
        return False
    return data[begin + 2] in (_WIDE_EQUALS, _WIDE_PLUS, _WIDE_MINUS, _WIDE_AT)


@njit(cache=True, nogil=True)
def _quotes(data: Bytes, begin: int, end: int) -> int:
    """Return how many quotes the text needs as a cell: two around it, one before each of its own."""
    own = 0
    is_odd = False
    for place in range(_U(begin), _U(end)):
        byte = data[place]
        own += byte == _QUOTE
        is_odd |= (byte == _COMMA) | (byte == _QUOTE) | (byte == _FEED) | (byte == _RETURN)
    return own + 2 if is_odd else 0


@njit(cache=True, nogil=True)
def cell_ends(offsets: Longs, data: Bytes) -> Longs:
    """Return the offsets of the texts as they stand in cells: formulas inert, quoted where needed."""
    ends = np.zeros(len(offsets), np.int64)
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        more = _quotes(data, begin, end) + _is_formula(data, begin, end)
        ends[row + 1] = ends[row] + end - begin + more
    return ends


@njit(cache=True, nogil=True)
def cell_bytes(offsets: Longs, data: Bytes, ends: Longs) -> Bytes:
    """Return the texts as they stand in cells that end there."""
    cells = np.empty(ends[-1], np.uint8)
    for row in range(len(offsets) - 1):
        begin, end, at = offsets[row], offsets[row + 1], ends[row]
        if _quotes(data, begin, end):
            cells[at] = cells[ends[row + 1] - 1] = _QUOTE
            at += 1
        if _is_formula(data, begin, end):
            cells[at] = _APOSTROPHE
            at += 1
        for place in range(begin, end):
            if data[place] == _QUOTE:
                cells[at] = _QUOTE
                at += 1
            cells[at] = data[place]
            at += 1
    return cells


@njit(cache=True, nogil=True)
def add_text_sizes(codes: Ints, offsets: Longs, sizes: Longs) -> None:
    """Add to each row the size of its cell of text."""
    for row in range(len(codes)):
        code = codes[row]
        if code >= 0:
            sizes[row] += offsets[code + 1] - offsets[code]


@njit(cache=True, nogil=True)
def put_texts(codes: Ints, cells: tuple[Longs, Bytes], rows: Rows, mark: int) -> None:
    """Put each row's cell of text, and the mark that ends it."""
    offsets, data = cells
    for row in range(len(codes)):
        code, at = codes[row], rows.at[row]
        if code >= 0:
            at = _copy(data, offsets[code], offsets[code + 1], rows.out, at)
        rows.out[at] = mark
        rows.at[row] = at + _U(1)


@njit(cache=True, nogil=True)
def _size(number: int) -> int:
    """Return how many characters the number has."""
    size = 2 if number < 0 else 1
    rest = abs(number) // _TEN
    while rest:
        rest //= _TEN
        size += 1
    return size


@njit(cache=True, nogil=True)
def add_number_sizes(numbers: Longs, empty: int, sizes: Longs) -> None:
    """Add to each row the size of its number."""
    for row in range(len(numbers)):
        if numbers[row] != empty:
            sizes[row] += _size(numbers[row])


@njit(cache=True, nogil=True)
def put_numbers(numbers: Longs, empty: int, rows: Rows, mark: int) -> None:
    """Put each row's number, and the mark that ends it."""
    for row in range(len(numbers)):
        number, at = numbers[row], rows.at[row]
        if number != empty:
            end = at + _U(_size(number))
            rest, place = abs(number), end
            while place > at:
                place -= _U(1)
                rows.out[place] = _ZERO + rest % _TEN
                rest //= _TEN
            if number < 0:
                rows.out[at] = _MINUS
            at = end
        rows.out[at] = mark
        rows.at[row] = at + _U(1)


@njit(cache=True, nogil=True)
def unwritten(places: Longs, known: NDArray[np.bool_]) -> Longs:
    """Return the places that are not known, each once, and mark them as known."""
    found = np.empty(len(places), np.int64)
    count = 0
    for place in places:
        if not known[place]:
            known[place] = True
            found[count] = place
            count += 1
    return found[:count]


@njit(cache=True, nogil=True)
def add_time_sizes(times: Longs, empty: int, width: int, sizes: Longs) -> None:
    """Add to each row the size of its date or instant."""
    for row in range(len(times)):
        if times[row] != empty:
            sizes[row] += width


@njit(cache=True, nogil=True)
def put_times(times: Longs, empty: int, stamps: Stamps, rows: Rows, mark: int) -> None:
    """Put each row's date or instant, and the mark that ends it."""
    texts, width, first, hours = stamps
    for row in range(len(times)):
        time, at = times[row], rows.at[row]
        if time != empty:
            begin = ((time // _HOUR if hours else time) - first) * width
            end = _copy(texts, begin, begin + width, rows.out, at)
            if hours:
                minute = time % _HOUR
                rows.out[at + _U(_MINUTE_AT)] = _ZERO + minute // _TEN
                rows.out[at + _U(_MINUTE_AT + 1)] = _ZERO + minute % _TEN
            at = end
        rows.out[at] = mark
        rows.at[row] = at + _U(1)


@njit(cache=True, nogil=True)
def holds(data: Bytes, byte: int) -> bool:
    """Say whether the byte is among them."""
    count = 0
    for place in range(_U(len(data))):
        count += data[place] == byte
    return count > 0

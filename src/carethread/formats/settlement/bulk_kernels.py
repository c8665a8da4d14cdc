"""Compiled loops over the bytes of a table's file: its rows, cells, times and numbers.

What a loop does not take for certain it calls ODD; the readers in `values` then decide.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Bytes, Ints
from carethread.formats.settlement.values import LAST_HOUR, LAST_MINUTE

Places = NDArray[np.int64]
Truths = NDArray[np.bool_]
ODD, GIVEN, EMPTY, WALL = range(4)
"""What a cell is: to be read by its reader, a value, empty, a time on London's clocks."""
_BLANK, _QUOTE, _APOSTROPHE, _COMMA, _LAST_SIGN = 0x20, 0x22, 0x27, 0x2C, 0x7E
_LINE_FEED, _RETURN = 0x0A, 0x0D
_PLUS, _MINUS, _POINT, _ZERO, _NINE = 0x2B, 0x2D, 0x2E, 0x30, 0x39
_COLON, _T, _Z = 0x3A, 0x54, 0x5A
_BEYOND_ASCII = 0x80
_MOST_DIGITS, _FINEST = 10, 9
_FEBRUARY, _MONTHS = 2, 12
_DAY, _HOUR = 1440, 60
_MINUTE_ENDS = len("2026-04-06T08:00")
_NEVER = -(2**62)


@njit(cache=True, nogil=True)
def split(  # noqa: C901, PLR0912, PLR0913 -- one loop over each byte of the file
    data: Bytes,
    is_last: bool,  # noqa: FBT001 -- compiled code takes no keywords
    line: int,
    wanted: Places,
    longest: int,
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    spans: NDArray[np.int64],
    numbers: Ints,
    odd: Truths,
) -> tuple[int, int, int, bool]:
    """Find the rows of CSV that are not blank, as Python's strict reader does.

    Row r stands at `spans[r]` and begins on line `numbers[r]`; its cell in the column w with
    `wanted[w]` = k stands at `begins[k, r]` to `ends[k, r]`, without its quotes. A row with another
    number of cells, or with quotes inside of quotes, is `odd`.

    Returns how many rows there are; the place and the line at which the next one begins; and whether
    there is nothing wrong.
    """
    size, width, room = len(data), len(wanted), len(numbers)
    rows = place = 0
    while rows < room and place < size:
        at, lines, cell = place, 0, 0
        is_odd, is_blank = False, True
        while True:
            if at < size and data[at] == _QUOTE:
                begin = at + 1
                at, inside, is_doubled = _quoted(data, begin)
                lines += inside
                is_odd = is_odd or is_doubled
                if at + 1 >= size and not is_last:
                    return rows, place, line, True
                if at >= size:
                    return rows, place, line, False
                end = at
                at += 1
                if at < size and not _ends_cell(data[at]):
                    return rows, place, line, False
            else:
                begin = at
                while at < size and not _ends_cell(data[at]):
                    at += 1
                end = at
            if end - begin > longest:
                return rows, place, line, False
            if begin != end:
                is_blank = False
            if cell < width and wanted[cell] >= 0:
                begins[wanted[cell], rows] = begin
                ends[wanted[cell], rows] = end
            cell += 1
            if at == size or data[at] != _COMMA:
                break
            at += 1
        if not is_last and (at == size or (data[at] == _RETURN and at + 1 == size)):
            return rows, place, line, True
        spans[rows, 0], spans[rows, 1] = place, at
        numbers[rows] = line
        if at < size:
            at += 2 if data[at] == _RETURN and at + 1 < size and data[at + 1] == _LINE_FEED else 1
        place = at
        line += lines + 1
        if is_blank:
            continue
        odd[rows] = is_odd or cell != width
        if cell < width:
            begins[:, rows] = ends[:, rows] = 0
        rows += 1
    return rows, place, line, True


@njit(cache=True, nogil=True)
def _quoted(data: Bytes, at: int) -> tuple[int, int, bool]:
    """Return where the quote is that closes a cell, its line ends, and whether it has quotes inside."""
    size, lines, is_doubled = len(data), 0, False
    while at < size:
        sign, is_final = data[at], at + 1 == size
        if sign == _QUOTE:
            if is_final or data[at + 1] != _QUOTE:
                break
            is_doubled = True
            at += 1
        elif sign == _LINE_FEED or (sign == _RETURN and (is_final or data[at + 1] != _LINE_FEED)):
            lines += 1
        at += 1
    return at, lines, is_doubled


@njit(cache=True, nogil=True)
def _ends_cell(sign: int) -> bool:
    return sign in (_COMMA, _LINE_FEED, _RETURN)


@njit(cache=True, nogil=True)
def gather(data: Bytes, begins: Places, offsets: Places, texts: Bytes) -> None:
    """Put the texts that begin at some places end to end, as long as the offsets say."""
    for i in range(len(begins)):
        ahead = begins[i] - offsets[i]
        for at in range(offsets[i], offsets[i + 1]):
            texts[at] = data[at + ahead]


@njit(cache=True, nogil=True)
def bare(data: Bytes, begins: Places, ends: Places) -> NDArray[np.uint8]:
    """Say what each text is; ODD if it may have blanks around it, or an apostrophe before it."""
    kinds = np.full(len(begins), GIVEN, np.uint8)
    for i in range(len(kinds)):
        begin, end = begins[i], ends[i]
        if begin == end:
            kinds[i] = EMPTY
        elif not _is_bare(data, begin, end):
            kinds[i] = ODD
    return kinds


@njit(cache=True, nogil=True)
def _is_bare(data: Bytes, begin: int, end: int) -> bool:
    first, last = data[begin], data[end - 1]
    if first <= _BLANK or first == _APOSTROPHE or last <= _BLANK:
        return False
    if _LAST_SIGN < first < _BEYOND_ASCII or _LAST_SIGN < last < _BEYOND_ASCII:
        return False
    if first >= _BEYOND_ASCII and _may_be_blank(first, data[begin + 1]):
        return False
    if last < _BEYOND_ASCII:
        return True
    return not (
        _may_be_blank(data[end - 2], last)
        or (end - begin > 2 and _may_be_blank(data[end - 3], data[end - 2]))  # noqa: PLR2004
    )


@njit(cache=True, nogil=True)
def _may_be_blank(one: int, two: int) -> bool:
    """Say whether one of the blanks of Unicode begins with two bytes of UTF-8."""
    return (
        one == 0xC2  # noqa: PLR2004 -- U+0085, U+00A0
        or (one == 0xE1 and two == 0x9A)  # noqa: PLR2004 -- U+1680
        or (one == 0xE2 and two in (0x80, 0x81))  # noqa: PLR2004 -- U+2000 to U+205F
        or (one == 0xE3 and two == 0x80)  # noqa: PLR2004 -- U+3000
    )


@njit(cache=True, nogil=True)
def whole_numbers(
    data: Bytes, begins: Places, ends: Places, least: int, most: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Read whole numbers; return them, and what each cell is."""
    count = len(begins)
    numbers = np.zeros(count, np.int64)
    kinds = np.zeros(count, np.uint8)
    for i in range(count):
        begin, end = begins[i], ends[i]
        if begin == end:
            kinds[i] = EMPTY
            continue
        is_below = data[begin] == _MINUS
        if is_below or data[begin] == _PLUS:
            begin += 1
        if begin == end or end - begin > _MOST_DIGITS:
            continue
        number = _digits(data, begin, end)
        if number < 0:
            continue
        number = -number if is_below else number
        if least <= number <= most:
            numbers[i] = number
            kinds[i] = GIVEN
    return numbers, kinds


@njit(cache=True, nogil=True)
def moments(
    data: Bytes, begins: Places, ends: Places, first: int, last: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Read times from `first` to `last`; return each one's minutes since 1970, and what each cell is.

    The minutes are those of UTC if the time has an offset, or else of London's clocks.
    """
    count = len(begins)
    minutes = np.zeros(count, np.int64)
    kinds = np.zeros(count, np.uint8)
    for i in range(count):
        begin, end = begins[i], ends[i]
        if begin == end:
            kinds[i] = EMPTY
            continue
        wall = _wall(data, begin, end)
        if not first <= wall <= last:
            continue
        offset = _offset(data, _after_seconds(data, begin + _MINUTE_ENDS, end), end)
        if offset == _DAY:
            minutes[i], kinds[i] = wall, WALL
        elif offset < _DAY:
            minutes[i], kinds[i] = wall - offset, GIVEN
    return minutes, kinds


@njit(cache=True, nogil=True)
def _wall(data: Bytes, begin: int, end: int) -> int:
    """Read the minute of 2026-04-06T08:00; far too small a number if that is not what stands there."""
    if begin + _MINUTE_ENDS > end or data[begin + 10] not in (_T, _BLANK):
        return _NEVER
    if data[begin + 4] != _MINUS or data[begin + 7] != _MINUS or data[begin + 13] != _COLON:
        return _NEVER
    year, month = _digits(data, begin, begin + 4), _digits(data, begin + 5, begin + 7)
    day = _digits(data, begin + 8, begin + 10)
    hour, minute = _digits(data, begin + 11, begin + 13), _digits(data, begin + 14, begin + 16)
    if year < 0 or not 1 <= month <= _MONTHS or not 1 <= day <= _days_in(year, month):
        return _NEVER
    if not (0 <= hour <= LAST_HOUR and 0 <= minute <= LAST_MINUTE):
        return _NEVER
    return _days(year, month, day) * _DAY + hour * _HOUR + minute


@njit(cache=True, nogil=True)
def _digits(data: Bytes, begin: int, end: int) -> int:
    """Return a number of digits only, or -1."""
    number = 0
    for at in range(begin, end):
        sign = data[at]
        if not _ZERO <= sign <= _NINE:
            return -1
        number = number * 10 + (sign - _ZERO)
    return number


@njit(cache=True, nogil=True)
def _after_seconds(data: Bytes, at: int, end: int) -> int:
    """Return where `:30` or `:30.5` ends; a place after the end if that is not what stands there."""
    if at == end or data[at] != _COLON:
        return at
    if at + 3 > end or not 0 <= _digits(data, at + 1, at + 3) <= LAST_MINUTE:
        return end + 1
    at += 3
    if at == end or data[at] != _POINT:
        return at
    begin = at + 1
    at = begin
    while at < end and _ZERO <= data[at] <= _NINE:
        at += 1
    return at if 1 <= at - begin <= _FINEST else end + 1


@njit(cache=True, nogil=True)
def _offset(data: Bytes, at: int, end: int) -> int:
    """Read Z, +01:00 or +0100 in minutes; a day if nothing stands there, more if something else."""
    if at == end:
        return _DAY
    size = end - at
    if size == 1 and data[at] == _Z:
        return 0
    is_offset = size == 5 or (size == 6 and data[at + 3] == _COLON)  # noqa: PLR2004
    if not is_offset or data[at] not in (_PLUS, _MINUS):
        return _DAY + 1
    hours, minutes = _digits(data, at + 1, at + 3), _digits(data, end - 2, end)
    if not (0 <= hours <= LAST_HOUR and 0 <= minutes <= LAST_MINUTE):
        return _DAY + 1
    ahead = hours * _HOUR + minutes
    return ahead if data[at] == _PLUS else -ahead


@njit(cache=True, nogil=True)
def _days_in(year: int, month: int) -> int:
    if month == _FEBRUARY:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@njit(cache=True, nogil=True)
def _days(year: int, month: int, day: int) -> int:
    """Return the days since 1970; a year is counted from its March on."""
    if month <= _FEBRUARY:
        year, month = year - 1, month + _MONTHS
    leaps = year // 4 - year // 100 + year // 400
    return 365 * year + leaps + (153 * (month - 3) + 2) // 5 + day - 719469


@njit(cache=True, nogil=True)
def relabel(codes: Ints, size: int) -> NDArray[np.int64]:
    """Number the codes in order of first appearance; return the old code of each new one."""
    new = np.full(size, -1, np.int64)
    old = np.empty(size, np.int64)
    count = 0
    for i in range(len(codes)):
        code = codes[i]
        if code < 0:
            continue
        if new[code] < 0:
            new[code] = count
            old[count] = code
            count += 1
        codes[i] = new[code]
    return old[:count]

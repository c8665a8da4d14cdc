"""Compiled work on columns of texts: gathering, hashing, comparing, sorting, building line ids."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import NONE, Bytes, Coded, Ints, Longs, Marks, Pair, Texts
from carethread.engine.columns.clock import DAY, offset_at
from carethread.engine.columns.compiled import bare, compiled

_NINE, _MARCH, _MARCH_TO_DECEMBER = 9, 3, 10
_LOCAL = 16
"""Bytes of `2026-04-06T08:00`."""


@compiled
def _gather(offsets: Longs, data: Bytes, places: Ints) -> tuple[Longs, Bytes]:
    """Gather texts, some hundred at a time: first a byte of each, so that memory is asked for all."""
    count = len(places)
    ends = np.zeros(count + 1, np.int64)
    begins = np.zeros(count, np.int64)
    for i in range(count):
        place, length = places[i], 0
        if place >= 0:
            begins[i] = offsets[place]
            length = offsets[place + 1] - offsets[place]
        ends[i + 1] = ends[i] + length
    out = np.empty(ends[count] + 1, np.uint8)
    for first in range(0, count if ends[count] > 0 else 0, _AT_ONCE):
        last = min(first + _AT_ONCE, count)
        for i in range(first, last):
            out[ends[i]] = data[min(begins[i], len(data) - 1)]
        for i in range(first, last):
            to, begin = ends[i], begins[i]
            for k in range(ends[i + 1] - to):
                out[to + k] = data[begin + k]
    return ends, out[: ends[count]]


_AT_ONCE = 512


def gather(texts: Texts, places: NDArray[Any]) -> Texts:
    """Return the texts at the places; empty where a place is negative."""
    return Texts(*_gather(texts.offsets, texts.data, places))


@bare
def hash_of(data: Bytes, begin: int, end: int) -> np.uint64:
    """Return a 64-bit hash of a stretch of bytes: FNV-1a, its bits mixed once more."""
    value = np.uint64(0xCBF29CE484222325)
    for place in range(begin, end):
        value = (value ^ np.uint64(data[place])) * np.uint64(0x100000001B3)
    return value ^ (value >> np.uint64(29))


@compiled
def hashes(offsets: Longs, data: Bytes) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each text."""
    out = np.empty(len(offsets) - 1, np.uint64)
    for i in range(len(out)):
        out[i] = hash_of(data, offsets[i], offsets[i + 1])
    return out


@bare
def compare(offsets: Longs, data: Bytes, one: int, other: int) -> int:
    """Return -1, 0 or 1: how two texts of a column compare, byte by byte."""
    a, a_end = offsets[one], offsets[one + 1]
    b, b_end = offsets[other], offsets[other + 1]
    while a < a_end and b < b_end:
        if data[a] != data[b]:
            return -1 if data[a] < data[b] else 1
        a += 1
        b += 1
    return (b == b_end) - (a == a_end)


@compiled
def first_of_equals(offsets: Longs, data: Bytes) -> Ints:
    """Return for each text the place of the first one equal to it."""
    count = len(offsets) - 1
    size = 1024
    while size < 2 * count:
        size *= 2
    table = np.full(size, -1, np.int32)
    known = hashes(offsets, data)
    first = np.empty(count, np.int32)
    for i in range(count):
        place = known[i] & np.uint64(size - 1)
        while True:
            other = table[place]
            if other < 0:
                table[place] = i
                first[i] = i
                break
            if known[other] == known[i] and compare(offsets, data, i, other) == 0:
                first[i] = other
                break
            place = (place + np.uint64(1)) & np.uint64(size - 1)
    return first


@bare
def width(number: int) -> int:
    """Return how many bytes a whole number is written in."""
    count = 1 if number >= 0 else 2
    left = abs(number)
    while left > _NINE:
        left //= 10
        count += 1
    return count


@bare
def write_number(out: Bytes, at: int, number: int) -> int:
    """Write a whole number; return how many bytes it took."""
    count = width(number)
    left = abs(number)
    for place in range(at + count - 1, at - 1, -1):
        out[place] = 48 + left % 10
        left //= 10
    if number < 0:
        out[at] = 45
    return count


@bare
def copy_text(out: Bytes, at: int, texts: Pair, place: int) -> int:
    """Copy a text of a column; return how many bytes it has."""
    offsets, data = texts
    begin = offsets[place]
    length = offsets[place + 1] - begin
    for k in range(length):
        out[at + k] = data[begin + k]
    return length


@bare
def _two_digits(out: Bytes, at: int, number: int) -> None:
    out[at] = 48 + number // 10
    out[at + 1] = 48 + number % 10


@bare
def write_wall(out: Bytes, at: int, wall: int) -> None:
    """Write a wall time, minutes since 1970 as London shows them, as `2026-04-06T08:00`."""
    day, minute = wall // DAY, wall % DAY
    era_day = day + 719468  # the civil calendar from 0000-03-01, in eras of 400 years
    era = era_day // 146097
    of_era = era_day - era * 146097
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    on = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < _MARCH_TO_DECEMBER else month - 9
    year = year + era * 400 + (1 if month < _MARCH else 0)
    _two_digits(out, at, year // 100)
    _two_digits(out, at + 2, year % 100)
    out[at + 4] = 45
    _two_digits(out, at + 5, month)
    out[at + 7] = 45
    _two_digits(out, at + 8, on)
    out[at + 10] = 84
    _two_digits(out, at + 11, minute // 60)
    out[at + 13] = 58
    _two_digits(out, at + 14, minute % 60)


@compiled
def line_ids(
    order_offsets: Longs,
    order_data: Bytes,
    visit_offsets: Longs,
    visit_data: Bytes,
    codes: Ints,
    agreed: Ints,
    slots: Ints,
    visits: Ints,
) -> tuple[Longs, Bytes]:
    """Return the ids of lines: `order|agreed start|slot`, or `visit|visit id` without a slot.

    codes: the order's place where there is a slot; visits: the visit id's place where there is none.

    Source: settlement §6.
    """
    ends = np.zeros(len(slots) + 1, np.int64)
    for i in range(len(slots)):
        if slots[i] == NONE:
            length = 6 + visit_offsets[visits[i] + 1] - visit_offsets[visits[i]]
        else:
            length = order_offsets[codes[i] + 1] - order_offsets[codes[i]] + _LOCAL + 3
        ends[i + 1] = ends[i] + length
    out = np.empty(ends[-1], np.uint8)
    for i in range(len(slots)):
        at = ends[i]
        if slots[i] == NONE:
            for k in range(6):
                out[at + k] = (118, 105, 115, 105, 116, 124)[k]
            begin = visit_offsets[visits[i]]
            for k in range(ends[i + 1] - at - 6):
                out[at + 6 + k] = visit_data[begin + k]
        else:
            begin, end = order_offsets[codes[i]], order_offsets[codes[i] + 1]
            for k in range(end - begin):
                out[at + k] = order_data[begin + k]
            at += end - begin
            out[at] = 124
            write_wall(out, at + 1, agreed[i] + offset_at(agreed[i]))
            out[at + 17] = 124
            out[at + 18] = 48 + slots[i]
    return ends, out


def in_order(texts: Texts) -> tuple[Texts, Ints]:
    """Return the different texts in order, and each text's place among them."""
    different, codes = numbered_texts(texts)
    order = text_order(different)
    rank = np.empty(len(different), np.int32)
    rank[order] = np.arange(len(different), dtype=np.int32)
    return gather(different, order), rank[codes]


@compiled
def with_sign(offsets: Longs, data: Bytes, sign: int) -> tuple[Longs, Bytes]:
    """Return texts with a sign behind each."""
    ends = np.empty(len(offsets), np.int64)
    out = np.empty(len(data) + len(offsets) - 1, np.uint8)
    for i in range(len(offsets)):
        ends[i] = offsets[i] + i
    for i in range(len(offsets) - 1):
        for k in range(offsets[i], offsets[i + 1]):
            out[k + i] = data[k]
        out[ends[i + 1] - 1] = sign
    return ends, out


@compiled
def _numbered(first: Ints) -> tuple[Longs, Ints]:
    codes = np.empty(len(first), np.int32)
    leads = np.empty(len(first), np.int64)
    count = 0
    for i in range(len(first)):
        if first[i] == i:
            leads[count] = i
            codes[i] = count
            count += 1
        else:
            codes[i] = codes[first[i]]
    return leads[:count], codes


def numbered_texts(texts: Texts) -> tuple[Texts, Ints]:
    """Return the different texts, in order of first appearance, and each text's place among them."""
    leads, codes = _numbered(first_of_equals(texts.offsets, texts.data))
    return gather(texts, leads), codes


@compiled
def _order(offsets: Longs, data: Bytes) -> Longs:
    count = len(offsets) - 1
    order, spare = np.arange(count), np.empty(count, np.int64)
    run = 1
    while run < count:
        for begin in range(0, count, 2 * run):
            middle, end = min(begin + run, count), min(begin + 2 * run, count)
            if middle == end or compare(offsets, data, order[middle - 1], order[middle]) <= 0:
                spare[begin:end] = order[begin:end]
                continue
            i, j = begin, middle
            for k in range(begin, end):
                if j == end or (i < middle and compare(offsets, data, order[i], order[j]) <= 0):
                    spare[k] = order[i]
                    i += 1
                else:
                    spare[k] = order[j]
                    j += 1
        order, spare = spare, order
        run *= 2
    return order


def text_order(texts: Texts) -> Longs:
    """Return the order that sorts texts by their bytes."""
    return _order(texts.offsets, texts.data)


@compiled
def _places(
    offsets: Longs, data: Bytes, text: Ints, state: Marks, wanted_offsets: Longs, wanted_data: Bytes
) -> Ints:
    count = len(wanted_offsets) - 1
    size = 1024
    while size < 2 * count:
        size *= 2
    table = np.full(size, -1, np.int32)
    known = hashes(wanted_offsets, wanted_data)
    for i in range(count):
        at = known[i] & np.uint64(size - 1)
        while table[at] >= 0:
            at = (at + np.uint64(1)) & np.uint64(size - 1)
        table[at] = i
    places = np.full(count, -1, np.int32)
    for row in range(len(text)):
        if state[row] != 0:
            continue
        begin, end = offsets[text[row]], offsets[text[row] + 1]
        key = hash_of(data, begin, end)
        at = key & np.uint64(size - 1)
        while table[at] >= 0:
            i = table[at]
            if known[i] == key and is_same(
                data, begin, end, wanted_data, wanted_offsets[i], wanted_offsets[i + 1]
            ):
                places[i] = row
                break
            at = (at + np.uint64(1)) & np.uint64(size - 1)
    return places


@bare
def is_same(
    data: Bytes, begin: int, end: int, other_data: Bytes, other_begin: int, other_end: int
) -> bool:
    """Say whether two stretches of bytes are the same."""
    if end - begin != other_end - other_begin:
        return False
    for k in range(end - begin):
        if data[begin + k] != other_data[other_begin + k]:
            return False
    return True


def places_of(wanted: Texts, ids: Texts, text: Ints, state: Marks) -> Ints:
    """Return for each of different ids the row that has it and counts (state 0), -1 if there is none.

    text: per row, the place of its id among `ids`.
    """
    return _places(ids.offsets, ids.data, text, state, wanted.offsets, wanted.data)


@compiled
def at_places(column: NDArray[Any], places: Ints, empty: int) -> NDArray[Any]:
    """Return a column's numbers at places; `empty` where a place is negative, or there are none."""
    out = np.empty(len(places), column.dtype)
    for i in range(len(places)):
        place = places[i]
        out[i] = column[place] if 0 <= place < len(column) else empty
    return out


def taken(column: Coded | Texts | NDArray[Any], rows: NDArray[Any]) -> Any:
    """Return some rows of a column of any kind."""
    if isinstance(column, Texts):
        return gather(column, rows)
    if isinstance(column, Coded):
        return Coded(column.codes[rows], column.vocabulary)
    return column[rows]


def joined(texts: Iterable[Texts]) -> Texts:
    """Return columns of texts one after the other."""
    every = list(texts)
    starts = np.cumsum([0, *(len(one.data) for one in every)])
    offsets = [one.offsets[1:] + start for one, start in zip(every, starts, strict=False)]
    return Texts(
        np.concatenate([np.zeros(1, np.int64), *offsets]),
        np.concatenate([np.empty(0, np.uint8), *(one.data for one in every)]),
    )

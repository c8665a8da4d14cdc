"""Which settled lines an invoice row covers: a stretch of its care's lines, by day.

Source: settlement §7.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Ints, Longs, Marks
from carethread.engine.columns.claim_tables import (
    NOT_GIVEN,
    OUTSIDE,
    UNKNOWN,
    Cares,
    Covers,
    Groups,
    Places,
    Rows,
)
from carethread.engine.columns.compiled import compiled

ODD, _HALF = np.uint64(6_364_136_223_846_793_005), np.uint64(32)
"""Knuth's multiplier, and where its products are mixed best: both unsigned, which may overflow."""


@compiled
def cares_of(person: Ints, provider: Ints, service: Ints, service_on: Ints) -> Cares:
    """Put lines in order of person, care and day."""
    count = len(person)
    line, day = np.empty(count, np.uint32), np.empty(count, np.int32)
    example, begin = np.empty(count, np.int32), np.zeros(count + 1, np.int32)
    cares = first = 0
    while first < count:
        theirs = cares
        end = first + 1
        has_one_care = True
        while end < count and person[end] == person[first]:
            has_one_care &= provider[end] == provider[first] and service[end] == service[first]
            end += 1
        if has_one_care:
            example[cares] = first
            cares += 1
            begin[cares] = end
            for one in range(first, end):
                line[one] = one
        else:
            cares = _part_cares(provider, service, line, example, begin, cares, first, end)
        ascending = True
        for place in range(first, end):
            day[place] = service_on[line[place]]
            ascending &= place == first or day[place] >= day[place - 1]
        for care in range(theirs, theirs if ascending else cares):
            _sort_by_day(day, line, begin[care], begin[care + 1])
        first = end
    example = example[:cares]
    return Cares(line, day, person[example], provider[example], service[example], begin[: cares + 1])


@compiled
def _part_cares(
    provider: Ints,
    service: Ints,
    line: Places,
    example: Ints,
    begin: Ints,
    cares: int,
    first: int,
    end: int,
) -> int:
    """Put a person's lines, from first to end, in order of care; return how many cares there are now.

    example: a line of each care. A person has few cares.
    """
    theirs = cares
    care_of = np.empty(end - first, np.int32)
    for one in range(first, end):
        care = theirs
        while care < cares and (
            provider[one] != provider[example[care]] or service[one] != service[example[care]]
        ):
            care += 1
        if care == cares:
            example[care] = one
            cares += 1
            begin[cares] = 0
        care_of[one - first] = care
        begin[care + 1] += 1
    begin[theirs] = first
    for care in range(theirs, cares):
        begin[care + 1] += begin[care]
    free = begin[theirs:cares].copy()
    for one in range(first, end):
        care = care_of[one - first] - theirs
        line[free[care]] = one
        free[care] += 1
    return cares


@compiled
def _sort_by_day(day: Ints, line: Places, begin: int, end: int) -> None:
    """Sort a care's lines by day, in place; as published they nearly always are."""
    for place in range(begin + 1, end):
        if day[place] < day[place - 1]:
            break
    else:
        return
    keys = np.empty(end - begin, np.int64)
    for place in range(begin, end):
        keys[place - begin] = _key(day[place], line[place])
    keys.sort()
    for place in range(begin, end):
        day[place] = keys[place - begin] >> 32
        line[place] = keys[place - begin] & 0xFFFFFFFF


@compiled
def _key(major: int, minor: int) -> Any:
    """Return one int64 that sorts by two int32, the second of which is not below 0."""
    return (np.int64(major) << 32) | np.int64(minor)


@compiled
def covers_of(
    rows: Rows, order: Ints, visit: Ints, cares: Cares, first_on: int, last_on: int
) -> Covers:
    """Find what each row covers: the line of its visit if it names one, else the lines of its dates.

    Either way of its person, provider and service, and of its order if it gives one. A row belongs
    to this settlement if its dates, or the visit it names, are settled here.
    """
    count = len(rows.person)
    begin, end = np.zeros(count, np.int32), np.zeros(count, np.int32)
    by_order, belongs = np.zeros(count, np.int8), np.zeros(count, np.int8)
    care_of = _care_of(rows, cares)
    place_of = _place_of(visit, cares.line, rows.visit)
    keys = _order_keys(order, cares, rows)
    for row in range(count):
        care, wanted, named = care_of[row], rows.order[row], rows.visit[row]
        low, high = (cares.begin[care], cares.begin[care + 1]) if care >= 0 else (0, 0)
        belongs[row] = first_on <= rows.from_on[row] and rows.to_on[row] <= last_on
        if named != NOT_GIVEN:
            at = _found(named, visit, cares.line, place_of)
            belongs[row] |= at >= 0 or rows.named_elsewhere[row] != 0
            is_theirs = low <= at < high
            if is_theirs and wanted != NOT_GIVEN:
                is_theirs = order[cares.line[at]] == wanted
            if is_theirs:
                begin[row], end[row] = at, at + 1
        elif wanted != UNKNOWN:
            low = first_from(cares.day, rows.from_on[row], low, high)
            high = first_from(cares.day, rows.to_on[row] + 1, low, high)
            if wanted != NOT_GIVEN and care >= 0:
                theirs, last = cares.begin[care], cares.begin[care + 1]
                by_order[row] = 1
                low = first_from(keys, _key(wanted, low), theirs, last)
                high = first_from(keys, _key(wanted, high), low, last)
            begin[row], end[row] = low, high
    order_places = np.empty(len(keys), np.int32)
    for at in range(len(keys)):
        order_places[at] = keys[at] & 0xFFFFFFFF
    return Covers(begin, end, by_order, belongs, order_places)


@compiled
def _care_of(rows: Rows, cares: Cares) -> Ints:
    """Return the care of each row, -1 where no line is of its care."""
    care_of = np.full(len(rows.person), -1, np.int32)
    first = 0
    for row, person in enumerate(rows.person):
        while first < len(cares.person) and cares.person[first] < person:
            first += 1
        care = first
        while care < len(cares.person) and cares.person[care] == person:
            if cares.provider[care] == rows.provider[row] and cares.service[care] == rows.service[row]:
                care_of[row] = care
                break
            care += 1
    return care_of


@compiled
def _place_of(visit: Ints, line: Places, named: Ints) -> Ints:
    """Return a table of the places of lines by visit, to be asked with `_found`.

    It is empty where no row names a visit.
    """
    some = False
    for one in named:
        some |= one >= 0
    place_of = np.full(twice(len(line)) if some else 0, -1, np.int32)
    for place in range(len(line) if some else 0):
        at = visit[line[place]]
        if at >= 0:
            spot = spot_of(at, len(place_of))
            while place_of[spot] >= 0:
                spot = spot_after(spot, len(place_of))
            place_of[spot] = place
    return place_of


@compiled
def _found(named: int, visit: Ints, line: Places, place_of: Ints) -> int:
    """Return the place of the line that has the named visit, -1 where none has it."""
    if named < 0:
        return -1
    spot = spot_of(named, len(place_of))
    while place_of[spot] >= 0 and visit[line[place_of[spot]]] != named:
        spot = spot_after(spot, len(place_of))
    return int(place_of[spot])


@compiled
def twice(count: int) -> int:
    """Return the size of a table for so many: a power of 2, at least half of it free."""
    size = 2
    while size < 2 * count:
        size *= 2
    return size


@compiled
def spot_of(number: int, size: int) -> Any:
    """Return where in a table of a size to look for a number first: any place, near ones apart."""
    return np.int64(np.uint64(number) * ODD >> _HALF) & (size - 1)


@compiled
def spot_after(spot: int, size: int) -> int:
    """Return the spot behind a spot; the first is behind the last."""
    return (spot + 1) & (size - 1)


@compiled
def _order_keys(order: Ints, cares: Cares, rows: Rows) -> Longs:
    """Return the lines' orders and places as keys, sorted inside each care.

    They are empty where no row gives an order and no visit.
    """
    some = False
    for row, wanted in enumerate(rows.order):
        some |= wanted >= 0 and rows.visit[row] == NOT_GIVEN
    keys = np.empty(len(cares.line) if some else 0, np.int64)
    for care in range(len(cares.person) if some else 0):
        first, end = cares.begin[care], cares.begin[care + 1]
        ascending = True
        for place in range(first, end):
            keys[place] = _key(order[cares.line[place]], place)
            ascending &= place == first or keys[place] > keys[place - 1]
        if not ascending:
            keys[first:end].sort()
    return keys


@compiled
def first_from(sorted_values: NDArray[Any], least: int, low: int, high: int) -> int:
    """Return the first place from low to high whose value is at least this, else high."""
    while low < high:
        middle = (low + high) // 2
        if sorted_values[middle] < least:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def mark_covered(covers: Covers, cares: Cares, groups: Groups, covered: Marks) -> None:
    """Mark the lines that a row covers, be it one outside the period."""
    line, at = cares.line, groups.at
    for place in range(len(line)):
        covered[line[place]] = at[place] != OUTSIDE
    if len(groups.rows) < len(groups.number):
        _cover_outside(covers, line, groups.number, covered)


@compiled
def _cover_outside(covers: Covers, line: Places, number: Ints, covered: Marks) -> None:
    """Mark the lines that rows outside the period cover."""
    outside = np.zeros(len(line) + 1, np.int32)
    outside_by_order = np.zeros(len(covers.order_places) + 1, np.int32)
    for row in range(len(number)):
        if number[row] == OUTSIDE:
            these = outside_by_order if covers.by_order[row] else outside
            these[covers.begin[row]] += 1
            these[covers.end[row]] -= 1
    over = 0
    for place in range(len(line)):
        over += outside[place]
        covered[line[place]] |= over > 0
    over = 0
    for at, place in enumerate(covers.order_places):
        over += outside_by_order[at]
        covered[line[place]] |= over > 0

"""What bears on persons of more than one bucket, found among the rows of a whole folder.

Two log-ins of a worker at two persons, an id that is used twice, an invoice row that names a visit of
another person. What is found may be too much and is never too little: a bucket is given more to look at
than it needs.

Source: settlement §2 (versions), §4.5 (`worker_overlap`), §7.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Ints, Longs
from carethread.engine.columns.compiled import compiled

Keys = NDArray[np.uint64]
Truths = NDArray[np.bool_]
_STEPS = 1_000
"""How many log-ins may go on beside each one before looking at all pairs takes too long."""
_PLACE = 0x7FFFFFFF


@compiled
def renumbered(codes: Ints, begin: Longs, size: int) -> tuple[Ints, Ints, Longs]:
    """Give each stretch of a column of codes a vocabulary of its own, in order of first appearance.

    begin: where each stretch begins, and the end of the last. size: of the vocabulary of all. Returns
    the codes; for each stretch the old codes it uses, end to end; and where each stretch's begin.
    """
    seen, new = np.full(size, -1, np.int32), np.empty(size, np.int32)
    codes, old = codes.copy(), np.empty(len(codes), np.int32)
    begins = np.zeros(len(begin), np.int64)
    count = 0
    for stretch in range(len(begin) - 1):
        first = count
        for row in range(begin[stretch], begin[stretch + 1]):
            code = codes[row]
            if code < 0:
                continue
            if seen[code] != stretch:
                seen[code], new[code] = stretch, count - first
                old[count] = code
                count += 1
            codes[row] = new[code]
        begins[stretch + 1] = count
    return codes, old[:count].copy(), begins


@compiled
def _table(keys: Keys) -> Ints:
    size = 1024
    while size < 2 * len(keys):
        size *= 2
    return np.full(size, -1, np.int32)


@compiled
def _place(table: Ints, keys: Keys, key: np.uint64) -> np.uint64:
    """Return where in a table of places among keys the key is, or where it may be put."""
    last = np.uint64(len(table) - 1)
    at = key & last
    while table[at] >= 0 and keys[table[at]] != key:
        at = (at + np.uint64(1)) & last
    return at


@compiled
def shared(keys: Keys, owners: Ints) -> Truths:
    """Say for each row whether its key is that of another owner's row too."""
    table, lead = _table(keys), np.empty(len(keys), np.int32)
    is_shared = np.zeros(len(keys), np.bool_)
    for row in range(len(keys)):
        at = _place(table, keys, keys[row])
        if table[at] < 0:
            table[at] = row
        lead[row] = table[at]
        if owners[lead[row]] != owners[row]:
            is_shared[lead[row]] = True
    for row in range(len(keys)):
        is_shared[row] = is_shared[lead[row]]
    return is_shared


@compiled
def wanted_elsewhere(
    keys: Keys, owners: Ints, wanted: Keys, by: Ints, most: int
) -> tuple[NDArray[np.int32], bool]:
    """Find the rows whose key is wanted by others than their owner.

    Returns (who wants it, the row) for each; and whether those are all, for there are more than `most`.
    """
    table, after = _table(wanted), np.full(len(wanted), -1, np.int32)
    for place in range(len(wanted)):
        at = _place(table, wanted, wanted[place])
        after[place] = table[at]
        table[at] = place
    found, count = np.empty((1024, 2), np.int32), 0
    for row in range(len(keys)):
        place = table[_place(table, wanted, keys[row])]
        while place >= 0:
            if by[place] != owners[row]:
                if count == most:
                    return found[:count], False
                found = _with_room(found, count)
                found[count, 0], found[count, 1] = by[place], row
                count += 1
            place = after[place]
    return found[:count], True


@compiled
def _with_room(found: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    if count + 2 <= len(found):
        return found
    larger = np.empty((2 * len(found), found.shape[1]), np.int32)
    larger[:count] = found[:count]
    return larger


@compiled
def _by_worker(workers: Ints, check_in: Ints) -> tuple[Longs, Longs]:
    """Return check-in and row in one number, worker by worker in order; and where each one's begin."""
    count = 0
    for worker in workers:
        count = max(count, worker + 1)
    begin = np.zeros(count + 2, np.int64)
    for worker in workers:
        begin[worker + 2] += 1
    for worker in range(count):
        begin[worker + 2] += begin[worker + 1]
    keys = np.empty(len(workers), np.int64)
    for row in range(len(workers)):
        place = workers[row] + 1
        keys[begin[place]] = (np.int64(check_in[row]) << 32) | row
        begin[place] += 1
    for worker in range(count):
        keys[begin[worker] : begin[worker + 1]].sort()
    return keys, begin[: count + 1]


@compiled
def _stretches(workers: Ints, care: Any, check_in: Ints, check_out: Ints, gap: int) -> Any:
    """Put together the log-ins of a worker at a person that joining might put together, and more.

    Whatever versions and joining make of a person's log-ins, each visit lies within a stretch: visits
    are joined over gaps of at most `gap` minutes, and here all are that lie so near. care: of each row
    the person and the provider.

    Returns each row's stretch; of each stretch its first row and its end; where each worker's begin;
    and whether that is all, for it would take too long.
    """
    keys, begin = _by_worker(workers, check_in)
    stretch = np.empty(len(workers), np.int32)
    first, until = np.empty(len(workers), np.int32), np.empty(len(workers), np.int32)
    begins = np.zeros(len(begin), np.int64)
    going_on = np.empty(len(workers), np.int32)
    count, steps = 0, np.int64(0)
    for worker in range(len(begin) - 1):
        open_ones = 0
        for key in keys[begin[worker] : begin[worker + 1]]:
            row = np.int32(key & _PLACE)
            still, own = 0, -1
            steps += open_ones
            for place in range(open_ones):
                one = going_on[place]
                if until[one] + gap < check_in[row]:
                    continue
                going_on[still] = one
                still += 1
                if care[0][first[one]] == care[0][row] and care[1][first[one]] == care[1][row]:
                    own = one
            if own < 0:
                own = count
                first[own], until[own] = row, check_out[row]
                going_on[still] = own
                still += 1
                count += 1
            until[own] = max(until[own], check_out[row])
            stretch[row] = own
            open_ones = still
        begins[worker + 1] = count
        if steps > _STEPS * (len(workers) + 100_000):
            return stretch, first[:count], until[:count], begins, False
    return stretch, first[:count], until[:count], begins, True


@compiled
def overlapping(
    workers: Ints,
    persons: Ints,
    providers: Ints,
    owners: Ints,
    check_in: Ints,
    check_out: Ints,
    gap: int,
    most: int,
) -> tuple[Ints, NDArray[np.int32], bool]:
    """Find the log-ins of one provider's one worker that may overlap at persons of different owners.

    Returns each row's stretch; (an owner, a stretch of another that it has to know of) for each pair,
    some twice; and whether those are all: not where there are more than `most`, or too many to look at.
    """
    found, count = np.empty((1024, 2), np.int32), 0
    care = persons, providers
    stretch, first, until, begins, is_all = _stretches(workers, care, check_in, check_out, gap)
    if not is_all:
        return stretch, found[:0], False
    going_on = np.empty(len(first), np.int32)
    for worker in range(len(begins) - 1):
        open_ones = 0
        for one in range(begins[worker], begins[worker + 1]):
            row = first[one]
            still = 0
            for place in range(open_ones):
                other = going_on[place]
                if until[other] <= check_in[row]:
                    continue
                going_on[still] = other
                still += 1
                beside = first[other]
                if (
                    check_in[beside] < until[one]
                    and owners[beside] != owners[row]
                    and providers[beside] == providers[row]
                ):
                    if count + 2 > most:
                        return stretch, found[:count], False
                    found = _with_room(found, count)
                    found[count, 0], found[count, 1] = owners[beside], one
                    found[count + 1, 0], found[count + 1, 1] = owners[row], other
                    count += 2
            going_on[still] = one
            open_ones = still + 1
    return stretch, found[:count], True


def rows_of(targets: Ints, keys: Ints, column: Ints) -> tuple[Ints, Longs]:
    """Return (a target, a row) for each row of a column that has a key the target wants; none twice."""
    pairs = np.unique(targets.astype(np.int64) << 32 | keys.astype(np.int64))
    targets, keys = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
    is_wanted = np.zeros(max(keys.max(initial=-1), column.max(initial=-1)) + 2, np.bool_)
    is_wanted[keys] = True
    rows = np.flatnonzero(is_wanted[column])  # an empty cell, -1, looks where nothing is wanted
    rows = rows[np.argsort(column[rows], kind="stable")]
    first, end = (np.searchsorted(column[rows], keys, side) for side in ("left", "right"))
    counts = end - first
    behind = np.cumsum(counts) - counts
    at = np.repeat(first - behind, counts) + np.arange(counts.sum())
    return np.repeat(targets, counts), rows[at]

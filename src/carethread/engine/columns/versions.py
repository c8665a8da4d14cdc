"""Which row of a visit counts, over the whole folder.

Source: settlement §2, `visits.csv`: versions.
"""

import numpy as np

from carethread.engine.columns import says
from carethread.engine.columns.arrays import Ints, Marks
from carethread.engine.columns.attend import note, with_room
from carethread.engine.columns.compiled import bare, compiled


@bare
def _is_same(contents: Ints, one: int, other: int) -> bool:
    for column in range(len(contents)):
        if contents[column, one] != contents[column, other]:
            return False
    return True


@bare
def _all_same(contents: Ints, rows: Ints, sequence: Ints, wanted: int) -> bool:
    first = -1
    for row in rows:
        if sequence[row] == wanted:
            if first < 0:
                first = row
            elif not _is_same(contents, first, row):
                return False
    return True


@compiled
def groups_of(first: Ints) -> tuple[Ints, Ints]:
    """Return the rows that share an id with another, and where each such id's rows begin.

    first: per row the first row of its id.
    """
    members = np.zeros(len(first), np.int32)
    for row in range(len(first)):
        if first[row] != row:
            members[first[row]] += 1
    ids, rows = 0, 0
    for row in range(len(first)):
        if members[row] > 0:
            ids += 1
            rows += members[row] + 1
    begin = np.zeros(ids + 1, np.int32)
    ids = 0
    for row in range(len(first)):
        if members[row] > 0:
            begin[ids + 1] = begin[ids] + members[row] + 1
            members[row] = begin[ids]
            ids += 1
        elif first[row] == row:
            members[row] = -1
    together = np.empty(rows, np.int32)
    for row in range(len(first)):
        lead = first[row]
        if members[lead] >= 0:
            together[members[lead]] = row
            members[lead] += 1
    return together, begin


@compiled
def current_versions(
    together: Ints, begin: Ints, sequence: Ints, contents: Ints, state: Marks
) -> tuple[Ints, Marks]:
    """Mark in `state` the rows that do not count; return the findings and the ids in conflict.

    contents: what the rows say, column by row, sequence aside. The rows of an id come in the order of
    the file.
    """
    found = np.empty((1024, says.WIDTH), np.int32)
    count = 0
    conflicts = np.zeros(len(begin) - 1, np.int8)
    for one in range(len(begin) - 1):
        rows = together[begin[one] : begin[one + 1]]
        found = with_room(found, count, len(rows))
        highest = sequence[rows[0]]
        for row in rows:
            highest = max(highest, sequence[row])
        if not _all_same(contents, rows, sequence, highest):
            conflicts[one] = 1
            for row in rows:
                state[row] = 1
            continue
        for i in range(len(rows)):
            row = rows[i]
            is_copy = False
            if _all_same(contents, rows, sequence, sequence[row]):
                for earlier in rows[:i]:
                    is_copy = is_copy or sequence[earlier] == sequence[row]
            if is_copy:
                count = note(found, count, says.REPEATED, row, -1, -1, 0, -1)
                state[row] = 1
            elif sequence[row] != highest:
                count = note(found, count, says.SUPERSEDED, row, -1, -1, highest, -1)
                state[row] = 1
    return found[:count], conflicts

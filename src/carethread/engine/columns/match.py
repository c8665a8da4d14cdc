"""Which visit answers which slot, compiled.

Source: settlement §4.2.
"""

import numpy as np

from carethread.engine.columns.arrays import Ints, Longs
from carethread.engine.columns.compiled import bare, compiled


@compiled
def assign(starts: Ints, check_ins: Ints, n: int, m: int, window: int, answer: Ints) -> None:
    """Write into `answer` which of m visits each of n slots has, -1 for none; both rise in time.

    Where nothing happens for longer than a window, what comes before cannot bear on what comes
    after, so each stretch is assigned alone.
    """
    for slot in range(n):
        answer[slot] = -1
    i = j = 0
    while i < n and j < m:
        first_i, first_j = i, j
        last = min(starts[i], check_ins[j])
        while True:
            if i < n and starts[i] <= last + window and (j == m or starts[i] <= check_ins[j]):
                last = starts[i]
                i += 1
            elif j < m and check_ins[j] <= last + window:
                last = check_ins[j]
                j += 1
            else:
                break
        if first_i < i and first_j < j:
            _assign_stretch(starts, check_ins, first_i, i, first_j, j, window, answer)


@compiled
def _assign_stretch(
    starts: Ints, check_ins: Ints, i0: int, i1: int, j0: int, j1: int, window: int, answer: Ints
) -> None:
    """Assign one stretch: slots i0 to i1, visits j0 to j1."""
    if i1 - i0 == j1 - j0 and _is_one_to_one(starts, check_ins, i0, i1, j0, window):
        for k in range(i1 - i0):
            answer[i0 + k] = j0 + k
    else:
        cost = _costs_from(starts, check_ins, i0, i1, j0, j1, window)
        _walk(starts, check_ins, i0, j0, window, cost, answer)


@bare
def _is_one_to_one(starts: Ints, check_ins: Ints, i0: int, i1: int, j0: int, window: int) -> bool:
    """Say whether matching one to one, in order, is surely what the walk would do.

    It is if the distances come to no more than one window: any other assignment in order leaves a slot
    and a visit alone, which costs that much; and among equals a pair that may be matched is.
    """
    total = 0
    for k in range(i1 - i0):
        total += abs(check_ins[j0 + k] - starts[i0 + k])
        if total > window:
            return False
    return True


@compiled
def _costs_from(
    starts: Ints, check_ins: Ints, i0: int, i1: int, j0: int, j1: int, window: int
) -> Longs:
    """Return, doubled to stay whole, the least cost of everything from each slot and visit on."""
    n, m = i1 - i0, j1 - j0
    cost = np.empty((n + 1, m + 1), np.int64)
    for i in range(n + 1):
        cost[i, m] = window * (n - i)
    for j in range(m + 1):
        cost[n, j] = window * (m - j)
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            best = window + min(cost[i + 1, j], cost[i, j + 1])
            apart = abs(check_ins[j0 + j] - starts[i0 + i])
            if apart <= window:
                best = min(best, 2 * apart + cost[i + 1, j + 1])
            cost[i, j] = best
    return cost


@bare
def _walk(
    starts: Ints, check_ins: Ints, i0: int, j0: int, window: int, cost: Longs, answer: Ints
) -> None:
    """Walk one cheapest assignment: match where that is among the cheapest, else leave the earlier.

    Source: settlement §4.2, "Among equal totals".
    """
    n, m = cost.shape[0] - 1, cost.shape[1] - 1
    i = j = 0
    while i < n and j < m:
        start, check_in = starts[i0 + i], check_ins[j0 + j]
        apart = abs(check_in - start)
        can_leave_slot = cost[i, j] == window + cost[i + 1, j]
        can_leave_visit = cost[i, j] == window + cost[i, j + 1]
        if apart <= window and cost[i, j] == 2 * apart + cost[i + 1, j + 1]:
            answer[i0 + i] = j0 + j
            i += 1
            j += 1
        elif can_leave_slot and (start <= check_in or not can_leave_visit):
            i += 1
        else:
            j += 1

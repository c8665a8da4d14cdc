"""Which visit answers which slot, compiled.

Source: settlement §4.2.
"""

from carethread.engine.columns.arrays import Ints
from carethread.engine.columns.compiled import bare


@bare
def assign(
    starts: Ints, check_ins: Ints, n: int, m: int, window: int, costs: Ints, answer: Ints
) -> None:
    """Write into `answer` which of m visits each of n slots has, -1 for none; both rise in time.

    Where nothing happens for longer than a window, what comes before cannot bear on what comes
    after, so each stretch is assigned alone. `costs` has room for (n + 1) * (m + 1) numbers.
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
            here = answer[first_i:i]
            _assign_stretch(starts[first_i:i], check_ins[first_j:j], first_j, window, costs, here)


@bare
def _assign_stretch(
    starts: Ints, check_ins: Ints, first: int, window: int, costs: Ints, answer: Ints
) -> None:
    """Assign one stretch; its visits are numbered from `first`."""
    if _is_one_to_one(starts, check_ins, window):
        for k in range(len(starts)):
            answer[k] = first + k
    else:
        _count_costs(starts, check_ins, window, costs)
        _walk(starts, check_ins, first, window, costs, answer)


@bare
def _is_one_to_one(starts: Ints, check_ins: Ints, window: int) -> bool:
    """Say whether matching one to one, in order, is surely what the walk would do.

    It is if the distances come to no more than one window: any other assignment in order leaves a slot
    and a visit alone, which costs that much; and among equals a pair that may be matched is.
    """
    if len(starts) != len(check_ins):
        return False
    total = 0
    for k in range(len(starts)):
        total += abs(check_ins[k] - starts[k])
        if total > window:
            return False
    return True


@bare
def _count_costs(starts: Ints, check_ins: Ints, window: int, costs: Ints) -> None:
    """Put at i * (m + 1) + j the least cost of everything from slot i and visit j on.

    Costs are doubled to stay whole.
    """
    n, m = len(starts), len(check_ins)
    wide = m + 1
    for i in range(n + 1):
        costs[i * wide + m] = window * (n - i)
    for j in range(m + 1):
        costs[n * wide + j] = window * (m - j)
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            at = i * wide + j
            best = window + min(costs[at + wide], costs[at + 1])
            apart = abs(check_ins[j] - starts[i])
            if apart <= window:
                best = min(best, 2 * apart + costs[at + wide + 1])
            costs[at] = best


@bare
def _walk(starts: Ints, check_ins: Ints, first: int, window: int, costs: Ints, answer: Ints) -> None:
    """Walk one cheapest assignment: match where that is among the cheapest, else leave the earlier.

    Source: settlement §4.2, "Among equal totals".
    """
    n, m = len(starts), len(check_ins)
    i = j = 0
    while i < n and j < m:
        start, check_in, at = starts[i], check_ins[j], i * (m + 1) + j
        apart = abs(check_in - start)
        can_leave_slot = costs[at] == window + costs[at + m + 1]
        can_leave_visit = costs[at] == window + costs[at + 1]
        if apart <= window and costs[at] == 2 * apart + costs[at + m + 2]:
            answer[i] = first + j
            i += 1
            j += 1
        elif can_leave_slot and (start <= check_in or not can_leave_visit):
            i += 1
        else:
            j += 1

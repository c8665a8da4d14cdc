"""Which visit answers which slot.

Source: settlement §4.1 to §4.4.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from carethread.engine.findings import found
from carethread.engine.records import Finding, Period, VisitRow
from carethread.engine.reference.plan import Care, Slot
from carethread.engine.reference.visits import TABLE, Attendance
from carethread.engine.units import local_date
from carethread.engine.words import Kind

Answers = dict[Slot, Attendance]


class Names:
    """Finds the slots that a planned start names: by where the rota has them, else as agreed."""

    def __init__(self, slots: Iterable[Slot]) -> None:
        """Index the slots by care and start."""
        self._planned: dict[tuple[Care, int], list[Slot]] = defaultdict(list)
        self._agreed: dict[tuple[Care, int], list[Slot]] = defaultdict(list)
        for slot in sorted(slots, key=lambda slot: (slot.order.order_id, slot.number)):
            self._planned[slot.order.care, slot.planned_start].append(slot)
            self._agreed[slot.order.care, slot.agreed_start].append(slot)

    def of(self, care: Care, start: int) -> list[Slot]:
        """Return the named slots, best first: as moved before as agreed, then by order and slot."""
        return self._planned.get((care, start), []) + self._agreed.get((care, start), [])


def named(
    visits: Iterable[Attendance], names: Names, window: int
) -> tuple[Answers, list[Attendance], set[Attendance]]:
    """Give each visit the slot it names, if that can be had.

    Returns the answers, the visits left for `timed`, and those of them whose named slot could not
    be had.

    Source: settlement §4.1.
    """
    answers: Answers = {}
    rest: list[Attendance] = []
    not_had: set[Attendance] = set()
    for visit in sorted(visits, key=_by_time):
        slot = None
        if visit.planned_start is not None:
            slot = next(
                (
                    slot
                    for slot in names.of(visit.care, visit.planned_start)
                    if slot not in answers and abs(visit.check_in - slot.planned_start) <= window
                ),
                None,
            )
            if slot is None:
                not_had.add(visit)
        if slot is None:
            rest.append(visit)
        else:
            answers[slot] = visit
    return answers, rest, not_had


def _by_time(visit: Attendance) -> tuple[int, str]:
    return visit.check_in, visit.visit_id


def timed(slots: Iterable[Slot], visits: Iterable[Attendance], window: int) -> Answers:
    """Assign visits to slots so that the total cost is minimal, care by care.

    A pair costs its distance in minutes and must be within the window; a slot or a visit left alone
    costs half a window.

    Source: settlement §4.2.
    """
    slots_of: dict[Care, list[Slot]] = defaultdict(list)
    visits_of: dict[Care, list[Attendance]] = defaultdict(list)
    for slot in slots:
        slots_of[slot.order.care].append(slot)
    for visit in visits:
        visits_of[visit.care].append(visit)
    answers: Answers = {}
    for care, theirs in visits_of.items():
        planned = sorted(
            slots_of.get(care, ()),
            key=lambda slot: (slot.planned_start, slot.order.order_id, slot.number),
        )
        theirs.sort(key=_by_time)
        pairs = assign(
            [slot.planned_start for slot in planned], [visit.check_in for visit in theirs], window
        )
        answers |= {planned[i]: theirs[j] for i, j in pairs}
    return answers


def assign(starts: Sequence[int], check_ins: Sequence[int], window: int) -> list[tuple[int, int]]:
    """Return the pairs (slot, visit) of the cheapest assignment of two rising sequences.

    Distances on a line never gain by crossing, so only assignments in order need be looked at; and
    where nothing happens for longer than a window, what comes before cannot bear on what comes
    after, so each stretch is assigned alone.
    """
    pairs: list[tuple[int, int]] = []
    for slots, visits in _stretches(starts, check_ins, window):
        cost = _costs_from(starts, check_ins, slots, visits, window)
        pairs += _walk(starts, check_ins, slots, visits, window, cost)
    return pairs


def _stretches(
    starts: Sequence[int], check_ins: Sequence[int], window: int
) -> Iterable[tuple[range, range]]:
    """Yield the slots and visits between gaps longer than a window, where there are both."""
    i = j = 0
    while i < len(starts) and j < len(check_ins):
        first_i, first_j = i, j
        last = min(starts[i], check_ins[j])
        while True:
            if (
                i < len(starts)
                and starts[i] <= last + window
                and (j == len(check_ins) or starts[i] <= check_ins[j])
            ):
                last, i = starts[i], i + 1
            elif j < len(check_ins) and check_ins[j] <= last + window:
                last, j = check_ins[j], j + 1
            else:
                break
        if first_i < i and first_j < j:
            yield range(first_i, i), range(first_j, j)


Costs = list[list[int]]


def _costs_from(
    starts: Sequence[int], check_ins: Sequence[int], slots: range, visits: range, window: int
) -> Costs:
    """Return, doubled to stay whole, the least cost of everything from slot i and visit j on."""
    n, m = len(slots), len(visits)
    cost = [[window * (n - i + m - j) for j in range(m + 1)] for i in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            best = window + min(cost[i + 1][j], cost[i][j + 1])
            apart = abs(check_ins[visits[j]] - starts[slots[i]])
            if apart <= window:
                best = min(best, 2 * apart + cost[i + 1][j + 1])
            cost[i][j] = best
    return cost


def _walk(  # noqa: PLR0913 -- the arguments of `_costs_from` and its result
    starts: Sequence[int],
    check_ins: Sequence[int],
    slots: range,
    visits: range,
    window: int,
    cost: Costs,
) -> Iterable[tuple[int, int]]:
    """Walk one cheapest assignment: match where that is among the cheapest, else leave the earlier.

    Source: settlement §4.2, "Among equal totals".
    """
    i = j = 0
    while i < len(slots) and j < len(visits):
        start, check_in = starts[slots[i]], check_ins[visits[j]]
        apart = abs(check_in - start)
        can_leave_slot = cost[i][j] == window + cost[i + 1][j]
        can_leave_visit = cost[i][j] == window + cost[i][j + 1]
        if apart <= window and cost[i][j] == 2 * apart + cost[i + 1][j + 1]:
            yield slots[i], visits[j]
            i, j = i + 1, j + 1
        elif can_leave_slot and (start <= check_in or not can_leave_visit):
            i += 1
        else:
            j += 1


def explained(
    rows: Iterable[VisitRow], names: Names, answers: Answers, period: Period
) -> tuple[dict[Slot, VisitRow], list[Finding]]:
    """Give each status row the first free slot it names; the rest takes no part and says why.

    Source: settlement §4.3.
    """
    explanations: dict[Slot, VisitRow] = {}
    findings: list[Finding] = []
    for row in sorted(rows, key=lambda row: (row.planned_start, row.visit_id)):
        assert row.planned_start is not None
        slots = names.of(row.care, row.planned_start)
        slot = next((s for s in slots if s not in answers and s not in explanations), None)
        if slot is not None:
            explanations[slot] = row
            continue
        if not period.holds(local_date(row.planned_start)):
            kind, say = Kind.OUTSIDE_PERIOD, "its planned day is not settled here"
        elif slots and all(s in answers for s in slots):
            kind, say = Kind.OVERTAKEN, f"{row.status}, but the planned visit was delivered"
        else:
            kind, say = (
                Kind.STATUS_WITHOUT_PLAN,
                f"{row.status}, but names no visit left to explain",
            )
        findings.append(found(kind, say, subject=row.visit_id, table=TABLE, row=row.row))
    return explanations, findings

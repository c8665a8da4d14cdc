"""Claim groups: the rows and lines that hang together through covering, and their sums.

Source: settlement §7.
"""

import numpy as np

from carethread.engine.columns.arrays import NONE, Ints, Longs, Marks
from carethread.engine.columns.claim_cares import first_from
from carethread.engine.columns.claim_tables import (
    LISTED,
    OUTSIDE,
    UNLISTED,
    Cares,
    Covers,
    Groups,
    Lines,
    Rows,
    Sums,
)
from carethread.engine.columns.compiled import compiled
from carethread.engine.words import Cause, Outcome

_CAUSE_OF = {
    Outcome.MISSED: Cause.MISSED,
    Outcome.CANCELLED: Cause.CANCELLED,
    Outcome.FRUSTRATED: Cause.CANCELLED,
    Outcome.SUSPENDED: Cause.SUSPENDED,
    Outcome.DELIVERED: Cause.SHORT,
}
_LISTED_FOR = np.array(
    [LISTED.index(_CAUSE_OF[word]) if word in _CAUSE_OF else UNLISTED for word in Outcome], np.int8
)
CANDIDATES, _HELD, _SHORT = len(LISTED), LISTED.index(Cause.HELD), LISTED.index(Cause.SHORT)


@compiled
def hang_together(covers: Covers, count: int) -> Ints:
    """Return, for the line at each place, the first place that hangs together with it by covering.

    A row ties each place of its stretch to the next. Rows that do not belong tie nothing.
    """
    ties = np.zeros(count + 1, np.int32)
    ties_by_order = np.zeros(len(covers.order_places) + 1, np.int32)
    for row in range(len(covers.begin)):
        if covers.belongs[row] and covers.begin[row] < covers.end[row]:
            these = ties_by_order if covers.by_order[row] else ties
            these[covers.begin[row]] += 1
            these[covers.end[row] - 1] -= 1
    root = np.empty(count, np.int32)
    tied = 0
    for place in range(count):
        root[place] = root[place - 1] if tied else place
        tied += ties[place]
    for at in range(len(covers.order_places)):
        if tied:
            one = _root(root, covers.order_places[at - 1])
            other = _root(root, covers.order_places[at])
            root[max(one, other)] = min(one, other)
        tied += ties_by_order[at]
    for place in range(len(covers.order_places)):
        root[place] = root[root[place]]
    return root


@compiled
def _root(root: Ints, place: int) -> int:
    """Return the first place that hangs together with this one, as far as is known."""
    while root[place] != place:
        root[place] = root[root[place]]
        place = root[place]
    return place


@compiled
def groups_of(person: Ints, rank: Longs, covers: Covers, root: Ints) -> Groups:
    """Put rows into groups by the lines they cover; one that covers nothing stands alone."""
    count = len(person)
    number = np.full(count, OUTSIDE, np.int32)
    size = np.zeros(count + 1, np.int32)
    number_of = np.full(len(root), OUTSIDE, np.int32)
    ranked = _ranked(person, rank)
    groups = 0
    for row in ranked:
        if not covers.belongs[row]:
            continue
        mine = OUTSIDE
        if covers.begin[row] < covers.end[row]:
            place = covers.begin[row]
            home = root[covers.order_places[place] if covers.by_order[row] else place]
            mine = number_of[home]
            if mine == OUTSIDE:
                number_of[home] = groups
        if mine == OUTSIDE:
            mine = groups
            groups += 1
        number[row] = mine
        size[mine] += 1
    begin = np.zeros(groups + 1, np.int32)
    for mine in range(groups):
        begin[mine + 1] = begin[mine] + size[mine]
        size[mine] = begin[mine]
    rows = np.empty(begin[groups], np.int32)
    for row in ranked:
        if number[row] != OUTSIDE:
            rows[size[number[row]]] = row
            size[number[row]] += 1
    return Groups(number, rows, begin, number_of[root])


@compiled
def _ranked(person: Ints, rank: Longs) -> Ints:
    """Return the rows in order of person and rank."""
    ranked = np.empty(len(person), np.int32)
    first = 0
    while first < len(person):
        ranked[first] = first
        end = first + 1
        ascending = True
        while end < len(person) and person[end] == person[first]:
            ranked[end] = end
            ascending &= rank[end] > rank[end - 1]
            end += 1
        if not ascending:
            _sort_by_rank(ranked, rank, first, end)
        first = end
    return ranked


@compiled
def _sort_by_rank(ranked: Ints, rank: Longs, first: int, end: int) -> None:
    """Sort a person's rows by rank: each to the place that its rank has among the ranks."""
    ranks = rank[first:end].copy()
    ranks.sort()
    for row in range(first, end):
        ranked[first + first_from(ranks, rank[row], 0, len(ranks))] = row


@compiled
def _pence_due(amount_pence: int, held: int) -> int:
    """Return what a line pays now: nothing while it is held."""
    return 0 if held or amount_pence == NONE else amount_pence


@compiled
def due_on_rows(covers: Covers, cares: Cares, amount_pence: Longs, held: Marks) -> Longs:
    """Return what the lines that each row covers itself, and that are not held, pay."""
    before = np.zeros(len(cares.line) + 1, np.int64)
    for place, line in enumerate(cares.line):
        before[place + 1] = before[place] + _pence_due(amount_pence[line], held[line])
    before_by_order = np.zeros(len(covers.order_places) + 1, np.int64)
    for at, place in enumerate(covers.order_places):
        before_by_order[at + 1] = before_by_order[at] + before[place + 1] - before[place]
    due_on = np.empty(len(covers.begin), np.int64)
    for row in range(len(covers.begin)):
        sums = before_by_order if covers.by_order[row] else before
        due_on[row] = sums[covers.end[row]] - sums[covers.begin[row]]
    return due_on


@compiled
def add_claims(rows: Rows, groups: Groups, sums: Sums) -> None:
    """Add up what each group's rows claim, credits included."""
    claimed_minutes, claimed_pence = sums.claimed_minutes, sums.claimed_pence
    minutes, pence = rows.minutes, rows.pence
    for row, number in enumerate(groups.number):
        if number != OUTSIDE:
            claimed_minutes[number] += minutes[row]
            claimed_pence[number] += pence[row]


@compiled
def add_expected(lines: Lines, cares: Cares, groups: Groups, sums: Sums) -> None:
    """Add up what each group's lines make due, and what they might have been claimed for beside it.

    A held line is a candidate with its amount, or the price of its planned minutes where that is
    empty; another with the price of its planned minutes less its amount.
    """
    at, outcome, held, planned_minutes = groups.at, lines.outcome, lines.held, lines.planned_minutes
    payable_minutes, amount_pence, plan_pence = (
        *(lines.payable_minutes, lines.amount_pence, lines.plan_pence),
    )
    payable_lines, expected_minutes = sums.payable_lines, sums.expected_minutes
    expected_pence, candidates = sums.expected_pence, sums.candidates
    for place, line in enumerate(cares.line):
        number = at[place]
        if number == OUTSIDE:
            continue
        planned, payable, amount, plan = (
            *(planned_minutes[line], payable_minutes[line], amount_pence[line], plan_pence[line]),
        )
        if held[line]:
            candidates[number, _HELD] += _or_nothing(plan if amount == NONE else amount)
            continue
        payable, amount = _or_nothing(payable), _or_nothing(amount)
        payable_lines[number] += 1
        expected_minutes[number] += payable
        expected_pence[number] += amount
        listed = _LISTED_FOR[outcome[line]]
        if listed == UNLISTED or planned == NONE:
            continue
        if plan != NONE and (listed != _SHORT or payable < planned):
            candidates[number, listed] += plan - amount


@compiled
def _or_nothing(number: int) -> int:
    return 0 if number == NONE else number

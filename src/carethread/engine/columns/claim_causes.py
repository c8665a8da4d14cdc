"""Why a claim group's figure differs from what is expected, as far as the figures prove it.

Source: settlement §7, "A cause is named only where the figures prove it".
"""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Ints, Longs
from carethread.engine.columns.claim_cares import ODD, spot_after, spot_of, twice
from carethread.engine.columns.claim_groups import CANDIDATES
from carethread.engine.columns.claim_tables import LISTED, Groups, Rows, Sums
from carethread.engine.columns.compiled import compiled
from carethread.engine.words import Cause

_CHOICES = np.array(
    [
        [place in some for place in range(CANDIDATES)]
        for size in range(1, CANDIDATES + 1)
        for some in combinations(range(CANDIDATES), size)
    ]
)
"""Every choice of candidates: the fewest first, among equals the first as listed."""
CAUSES = len(Cause)
_NOT_CLAIMED, _REPEAT, _RATE, _NOT_EXPLAINED = (
    list(Cause).index(cause)
    for cause in (Cause.NOT_CLAIMED, Cause.REPEAT, Cause.RATE, Cause.NOT_EXPLAINED)
)
_CAUSE_LISTED = np.array([list(Cause).index(cause) for cause in LISTED])


@compiled
def explain(rows: Rows, groups: Groups, sums: Sums, causes: Longs) -> None:
    """Fill in the causes of claimed less expected, which they add up to exactly, for each group."""
    for number in range(len(causes)):
        left = sums.claimed_pence[number] - sums.expected_pence[number]
        if left < 0:
            causes[number, _NOT_CLAIMED] = left
        elif left > 0:
            theirs = groups.rows[groups.begin[number] : groups.begin[number + 1]]
            minutes = sums.claimed_minutes[number] - sums.expected_minutes[number]
            _name_causes(left, minutes, rows, theirs, sums.candidates[number], causes[number])


@compiled
def _name_causes(
    left: int, minutes: int, rows: Rows, theirs: Ints, listed: Longs, named: Longs
) -> None:
    """Name the causes of what a group claims above what is expected: left pence, and minutes.

    Repeats; then the rate, if that leaves no minutes and no repeats unnamed; else candidates.
    """
    again = 0
    if len(theirs) > 1:
        repeated = _repeats(rows, theirs)
        for at, row in enumerate(theirs):
            if repeated[at]:
                again += rows.pence[row]
                minutes -= rows.minutes[row]
    unnamed = again > left
    if not unnamed:
        named[_REPEAT] = again
        left -= again
    if not unnamed and minutes == 0:
        named[_RATE] = left
    elif left > 0:
        _name_fewest(left, listed, named)


@compiled
def _repeats(rows: Rows, theirs: Ints) -> NDArray[np.bool_]:
    """Mark the positive rows of a group that say the same as an earlier row on another invoice.

    The rows come in order of rank; the same is equal scope, minutes and pence.
    """
    says = _says(rows, theirs)
    first_with = np.full(twice(len(theirs)), -1, np.int32)
    invoices_differ = np.zeros(len(theirs), np.bool_)
    again = np.zeros(len(theirs), np.bool_)
    for at, row in enumerate(theirs):
        if rows.pence[row] <= 0:
            continue
        spot = spot_of(_mixed(says, at), len(first_with))
        while first_with[spot] >= 0 and not _are_equal(says, first_with[spot], at):
            spot = spot_after(spot, len(first_with))
        first = first_with[spot]
        if first < 0:
            first_with[spot] = at
            continue
        invoices_differ[first] |= rows.invoice[theirs[first]] != rows.invoice[row]
        again[at] = invoices_differ[first]
    return again


@compiled
def _says(rows: Rows, theirs: Ints) -> Longs:
    """Return what each row of a group says: its scope (the care is one), minutes and pence."""
    says = np.empty((len(theirs), 6), np.int64)
    for at, row in enumerate(theirs):
        says[at, 0] = rows.from_on[row]
        says[at, 1] = rows.to_on[row]
        says[at, 2] = rows.order[row]
        says[at, 3] = rows.visit_id[row]
        says[at, 4] = rows.minutes[row]
        says[at, 5] = rows.pence[row]
    return says


@compiled
def _are_equal(says: Longs, one: int, other: int) -> bool:
    for column in range(says.shape[1]):
        if says[one, column] != says[other, column]:
            return False
    return True


@compiled
def _mixed(says: Longs, at: int) -> Any:
    """Return a number that is equal for rows that say the same, and seldom for others."""
    number = np.uint64(0)
    for column in range(says.shape[1]):
        number = number * ODD + np.uint64(says[at, column])
    return number


@compiled
def _name_fewest(pence: int, listed: Longs, named: Longs) -> None:
    """Name the fewest candidates that add up to the pence; else it is not explained.

    Candidates of 0 pence are never among the fewest.
    """
    for choice in _CHOICES:
        total = 0
        for at in range(CANDIDATES):
            total += listed[at] if choice[at] else 0
        if total == pence:
            for at in range(CANDIDATES):
                if choice[at]:
                    named[_CAUSE_LISTED[at]] = listed[at]
            return
    named[_NOT_EXPLAINED] = pence

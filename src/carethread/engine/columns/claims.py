"""A provider's invoices against the settled lines, in columns: every figure as `reference.reconcile`.

A chunk holds the lines and the invoice rows of whole persons. Put in order by person, care and day,
the lines that an invoice row covers are one stretch; so claim groups, their sums and what is claimed
twice are found in a walk each, however many rows a person has.

Source: settlement §7.
"""

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Longs, Marks
from carethread.engine.columns.claim_cares import cares_of, covers_of, mark_covered
from carethread.engine.columns.claim_causes import CAUSES, explain
from carethread.engine.columns.claim_groups import (
    CANDIDATES,
    add_claims,
    add_expected,
    due_on_rows,
    groups_of,
    hang_together,
)
from carethread.engine.columns.claim_tables import (
    OUTSIDE,
    Allowances,
    Claims,
    Covers,
    Groups,
    Lines,
    Rows,
    Sums,
    as_compiled_for,
    lines_between,
    rows_between,
    some_persons,
)
from carethread.engine.columns.compiled import compiled
from carethread.engine.words import Verdict

_AGREED, _UNDER_CLAIMED, _OVER_CLAIMED, _ALREADY_CLAIMED = (
    list(Verdict).index(verdict)
    for verdict in (
        *(Verdict.AGREED, Verdict.UNDER_CLAIMED, Verdict.OVER_CLAIMED, Verdict.ALREADY_CLAIMED),
    )
)
_NOTHING_DUE, _NO_ORDER, _OUTSIDE_PERIOD = (
    list(Verdict).index(verdict)
    for verdict in (Verdict.NOTHING_DUE, Verdict.NO_ORDER, Verdict.OUTSIDE_PERIOD)
)


def reconcile(lines: Lines, rows: Rows, first_on: int, last_on: int, allowances: Allowances) -> Claims:
    """Reconcile a chunk's invoice rows with its lines; the period's days, both inclusive, since 1970.

    Sums are int64, allowances are compared exactly: a group may claim or expect 2**62 pence, which
    is four thousand million rows of ten million pounds.
    """
    return Claims(
        *_reconcile(as_compiled_for(lines), as_compiled_for(rows), first_on, last_on, allowances)
    )


@compiled
def _reconcile(lines: Lines, rows: Rows, first_on: int, last_on: int, allowances: Allowances) -> Claims:
    """Reconcile some persons after the other: a few thousand lines stay close at hand."""
    count = len(rows.person)
    group, named_by = np.full(count, OUTSIDE, np.int32), np.empty(count, np.int32)
    agreed, verdict = np.zeros(count, np.int64), np.empty(count, np.int8)
    claimed_minutes, claimed_pence = np.zeros(count, np.int64), np.zeros(count, np.int64)
    expected_minutes, expected_pence = np.zeros(count, np.int64), np.zeros(count, np.int64)
    due_pence, causes = np.zeros(count, np.int64), np.zeros((count, CAUSES), np.int64)
    candidates = np.zeros((count, CANDIDATES), np.int64)
    covered = np.zeros(len(lines.person), np.int8)
    line = row = found = 0
    while row < count:
        line_end, row_end = some_persons(lines.person, rows.person, line, row)
        some_lines, some_rows = lines_between(lines, line, line_end), rows_between(rows, row, row_end)
        cares = cares_of(
            some_lines.person, some_lines.provider, some_lines.service, some_lines.service_on
        )
        covers = covers_of(some_rows, some_lines.order, some_lines.visit, cares, first_on, last_on)
        root = hang_together(covers, len(cares.line))
        groups = groups_of(some_rows.person, some_rows.rank, covers, root)
        end = found + len(groups.begin) - 1
        sums = Sums(
            claimed_minutes[found:end],
            claimed_pence[found:end],
            np.zeros(end - found, np.int64),
            expected_minutes[found:end],
            expected_pence[found:end],
            candidates[found:end],
        )
        add_claims(some_rows, groups, sums)
        add_expected(some_lines, cares, groups, sums)
        due_on = due_on_rows(covers, cares, some_lines.amount_pence, some_lines.held)
        _agree(some_rows.pence, groups, sums, due_on, allowances, agreed[row:row_end])
        _judge(
            some_rows,
            covers,
            groups,
            sums,
            due_on,
            agreed[row:row_end],
            allowances,
            verdict[row:row_end],
        )
        explain(some_rows, groups, sums, causes[found:end])
        mark_covered(covers, cares, groups, covered[line:line_end])
        for number in range(end - found):
            named_by[found + number] = row + groups.rows[groups.begin[number]]
        for one in range(row, row_end):
            number = groups.number[one - row]
            if number != OUTSIDE:
                group[one] = named_by[found + number]
                due_pence[found + number] += agreed[one]
        line, row, found = line_end, row_end, end
    return Claims(
        group,
        agreed,
        verdict,
        named_by[:found],
        claimed_minutes[:found],
        claimed_pence[:found],
        expected_minutes[:found],
        expected_pence[:found],
        due_pence[:found],
        causes[:found],
        candidates[:found],
        covered,
    )


@compiled
def _is_more_than_allowed(
    difference: Longs, sums: Sums, pence_per_line: int, numerator: int, denominator: int
) -> NDArray[np.bool_]:
    """Mark the groups whose difference is above 0 and above the allowance.

    That is the larger of so many pence for each of the group's lines not held and a share of
    expected; none where nothing is expected.
    """
    differs = difference > 0
    for number, expected in enumerate(sums.expected_pence):
        if differs[number] and expected > 0:
            by_line = pence_per_line * sums.payable_lines[number]
            differs[number] = difference[number] > by_line and _is_more(
                difference[number], expected, numerator, denominator
            )
    return differs


@compiled
def _is_more(one: int, whole: int, other: int, other_whole: int) -> bool:
    """Say whether one / whole > other / other_whole, all but other above 0, without their products.

    Where the whole parts are equal, the fractions left over are compared upside down.
    """
    while one // whole == other // other_whole:
        one, other = one % whole, other % other_whole
        if one == 0 or other == 0:
            return one > other
        one, whole, other, other_whole = other_whole, other, whole, one
    return one // whole > other // other_whole


@compiled
def _agree(
    pence: Longs,
    groups: Groups,
    sums: Sums,
    due_on: Longs,
    allowances: Allowances,
    agreed: Longs,
) -> None:
    """Fill in what is agreed of each row: all of it where its group does not claim too much.

    Otherwise, in order, no more than what remains of the expected money and the credits, and no more
    than the lines the row itself covers and the credits. Nothing of a row outside the period.
    """
    number_of, credit = groups.number, np.zeros(len(sums.expected_pence), np.int64)
    for row, number in enumerate(number_of):
        if number != OUTSIDE and pence[row] < 0:
            credit[number] -= pence[row]
    remaining = sums.expected_pence + credit
    claims_too_much = _is_more_than_allowed(
        sums.claimed_pence - sums.expected_pence,
        sums,
        allowances.over_pence_per_line,
        allowances.over_numerator,
        allowances.over_denominator,
    )
    for row in groups.rows:
        number = number_of[row]
        if pence[row] < 0 or not claims_too_much[number]:
            agreed[row] = pence[row]
        else:
            agreed[row] = min(pence[row], remaining[number], due_on[row] + credit[number])
            remaining[number] -= agreed[row]


@compiled
def _judge(
    rows: Rows,
    covers: Covers,
    groups: Groups,
    sums: Sums,
    due_on: Longs,
    agreed: Longs,
    allowances: Allowances,
    verdict: Marks,
) -> None:
    """Fill in the verdict on each row: the first that fits."""
    pence, touched, begin, end = rows.pence, rows.touched, covers.begin, covers.end
    claims_too_little = _is_more_than_allowed(
        sums.expected_pence - sums.claimed_pence,
        sums,
        allowances.under_pence_per_line,
        allowances.under_numerator,
        allowances.under_denominator,
    )
    for row, number in enumerate(groups.number):
        if number == OUTSIDE:
            verdict[row] = _OUTSIDE_PERIOD
        elif pence[row] < 0:
            verdict[row] = _AGREED
        elif begin[row] == end[row] and not touched[row]:
            verdict[row] = _NO_ORDER
        elif agreed[row] == pence[row]:
            verdict[row] = _UNDER_CLAIMED if claims_too_little[number] else _AGREED
        elif agreed[row] > 0:
            verdict[row] = _OVER_CLAIMED
        else:
            verdict[row] = _NOTHING_DUE if due_on[row] == 0 else _ALREADY_CLAIMED

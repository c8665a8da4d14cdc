"""What invoices are reconciled from and into, as tables: lines, rows, cares, groups, claims.

Source: settlement §7.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Ints, Longs, Marks, fixed
from carethread.engine.columns.compiled import compiled
from carethread.engine.records import Settings
from carethread.engine.words import Cause

Places = NDArray[np.uint32]
"""Places that are looked up all the time: never below 0, which numba then need not ask."""
_Table = TypeVar("_Table", "Lines", "Rows")
NOT_GIVEN = -1
"""The order or the visit of an invoice row that gives none."""
UNKNOWN = -2
"""An order or a visit that is on no line of the person."""
OUTSIDE = -1
"""The group of an invoice row that is `outside_period`."""
LISTED = (Cause.HELD, Cause.MISSED, Cause.CANCELLED, Cause.SUSPENDED, Cause.SHORT)
"""The causes that are looked for among a group's lines, in the order in which they are listed."""
_DTYPES: dict[str, type[np.signedinteger[Any]]] = {
    **dict.fromkeys(("outcome", "held", "named_elsewhere", "touched"), np.int8),
    **dict.fromkeys(("amount_pence", "plan_pence", "pence", "rank"), np.int64),
}
"""The types of columns that are not int32."""
UNLISTED = -1
AT_ONCE = 4096
"""How many lines are reconciled at once, and those of the last person."""


class Lines(NamedTuple):
    """The settled lines of a chunk, an array for each column: in published order, persons ascending.

    person, provider, service: codes. order: code, -1 without one. visit: the place of the line's row
    in the visits table, -1 without one; no place is on two lines. service_on: days since 1970.
    outcome: place in words.Outcome. planned_minutes, payable_minutes, amount_pence and plan_pence
    (the price of the planned minutes, rounded as a line): NONE where empty. held: 1 or 0.
    """

    person: Ints
    provider: Ints
    service: Ints
    order: Ints
    visit: Ints
    service_on: Ints
    outcome: Marks
    planned_minutes: Ints
    payable_minutes: Ints
    amount_pence: Longs
    plan_pence: Longs
    held: Marks


class Rows(NamedTuple):
    """The invoice rows of the same persons, an array for each column: persons ascending.

    person, provider, service: codes as of `Lines`, or any other where no line has it. order: code,
    NOT_GIVEN or UNKNOWN. visit: the place of the visit that the row names (of a log-in joined into
    another visit, the place of that one), NOT_GIVEN or UNKNOWN. visit_id: code of the named id as it
    is written, so that two log-ins of one visit differ; -1 without one. named_elsewhere: 1 where the
    named visit is on a line of another person. from_on, to_on: days since 1970. rank: the row's place
    among all rows in order of billed_on, invoice_id, line_no, no two equal. invoice: code of the
    invoice id. touched: 1 where an order of the person, provider and service touches the row's dates.
    """

    person: Ints
    provider: Ints
    service: Ints
    order: Ints
    visit: Ints
    visit_id: Ints
    named_elsewhere: Marks
    from_on: Ints
    to_on: Ints
    minutes: Ints
    pence: Longs
    rank: Longs
    invoice: Ints
    touched: Marks


class Allowances(NamedTuple):
    """How far claimed may be over and under expected: pence per line, and a share of expected.

    A share is 0 to 1, as a numerator and a denominator below 2**63.
    """

    over_pence_per_line: int
    over_numerator: int
    over_denominator: int
    under_pence_per_line: int
    under_numerator: int
    under_denominator: int

    @classmethod
    def of(cls, settings: Settings) -> "Allowances":
        """Return a council's allowances.

        >>> Allowances.of(Settings(over_percent=Fraction("0.5")))[:3]
        (1, 1, 200)
        """
        over, under = _share(settings.over_percent / 100), _share(settings.under_percent / 100)
        return cls(
            *(settings.over_pence_per_line, over.numerator, over.denominator),
            *(settings.under_pence_per_line, under.numerator, under.denominator),
        )


class Claims(NamedTuple):
    """What becomes of a chunk's invoice rows, claim groups and lines.

    For each row: group (the row that names its group, OUTSIDE where it has none), agreed_pence,
    verdict (place in words.Verdict). For each group, in order of person and of the naming row's rank:
    named_by (that row), figures as in results.ClaimGroup, and two tables of pence with a row for each
    group: causes has a column for each of words.Cause, candidates one for each of LISTED, both in
    published order, and 0 is what is not named. For each line: covered, 1 where an invoice row covers
    it, be it one outside the period.
    """

    group: Ints
    agreed_pence: Longs
    verdict: Marks
    named_by: Ints
    claimed_minutes: Longs
    claimed_pence: Longs
    expected_minutes: Longs
    expected_pence: Longs
    due_pence: Longs
    causes: Longs
    candidates: Longs
    covered: Marks


class Cares(NamedTuple):
    """Lines in order of person, care and day.

    line, day: at each place, the line and its service_on. person, provider, service: of each care.
    begin: the place where each care begins, and the end of the last.
    """

    line: Places
    day: Ints
    person: Ints
    provider: Ints
    service: Ints
    begin: Ints


class Covers(NamedTuple):
    """The stretch that each invoice row covers, from begin to before end; equal where nothing.

    A stretch is of places in `Cares`; or, where by_order is 1, of places in `order_places`, which
    lists the former in order of care, order and day (and is empty where nothing needs it).
    belongs: 1 where this settlement can judge the row.
    """

    begin: Ints
    end: Ints
    by_order: Marks
    belongs: Marks
    order_places: Ints


class Groups(NamedTuple):
    """Claim groups. number: of each row, OUTSIDE without one; numbers go by first row.

    rows, begin: each group's rows in order of rank, from begin[number] to before begin[number + 1].
    at: the number of the group to which the line at each place of `Cares` belongs, or OUTSIDE.
    """

    number: Ints
    rows: Ints
    begin: Ints
    at: Ints


class Sums(NamedTuple):
    """Of each group: what its rows claim, what its lines make due, and the candidate causes."""

    claimed_minutes: Longs
    claimed_pence: Longs
    payable_lines: Longs
    expected_minutes: Longs
    expected_pence: Longs
    candidates: Longs


def as_compiled_for(table: _Table) -> _Table:
    """Return the columns as the kernels are compiled for them: once, whatever arrays come.

    Of the declared types, end to end, not to be written to. Copies only what is not so.
    """
    columns: Iterable[tuple[str, NDArray[Any]]] = zip(table._fields, table, strict=True)
    return type(table)(*(fixed(column, _DTYPES.get(name, np.int32)) for name, column in columns))


def _share(share: Fraction) -> Fraction:
    """Return the largest fraction up to the share whose denominator is at most 2**62.

    No whole number up to 2**62 times the one and times the other differ when rounded down, so that
    no comparison with a group's pence does.
    """
    most = 2**62
    near = share.limit_denominator(most)
    if near <= share:
        return near
    # Below it in the row of all fractions with such denominators stands the one that fulfils
    # near - below = 1 / (their denominators' product).
    step = pow(near.numerator, -1, near.denominator) if near.denominator > 1 else 0
    below = step + (most - step) // near.denominator * near.denominator
    return Fraction((near.numerator * below - 1) // near.denominator, below)


@compiled
def some_persons(person: Ints, of_rows: Ints, line: int, row: int) -> tuple[int, int]:
    """Return where the lines and the rows of the next persons end."""
    line = min(line + AT_ONCE, len(person))
    while 0 < line < len(person) and person[line] == person[line - 1]:
        line += 1
    while row < len(of_rows) and (line == len(person) or of_rows[row] <= person[line - 1]):
        row += 1
    return line, row


@compiled
def lines_between(lines: Lines, first: int, end: int) -> Lines:
    """Return the lines from first to before end."""
    return Lines(
        lines.person[first:end],
        lines.provider[first:end],
        lines.service[first:end],
        lines.order[first:end],
        lines.visit[first:end],
        lines.service_on[first:end],
        lines.outcome[first:end],
        lines.planned_minutes[first:end],
        lines.payable_minutes[first:end],
        lines.amount_pence[first:end],
        lines.plan_pence[first:end],
        lines.held[first:end],
    )


@compiled
def rows_between(rows: Rows, first: int, end: int) -> Rows:
    """Return the rows from first to before end."""
    return Rows(
        rows.person[first:end],
        rows.provider[first:end],
        rows.service[first:end],
        rows.order[first:end],
        rows.visit[first:end],
        rows.visit_id[first:end],
        rows.named_elsewhere[first:end],
        rows.from_on[first:end],
        rows.to_on[first:end],
        rows.minutes[first:end],
        rows.pence[first:end],
        rows.rank[first:end],
        rows.invoice[first:end],
        rows.touched[first:end],
    )

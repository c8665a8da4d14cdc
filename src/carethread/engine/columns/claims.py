"""A provider's invoices against the settled lines, in columns: every figure as `reference.reconcile`.

A chunk holds the lines and the invoice rows of whole persons. Put in order by person, care and day,
the lines that an invoice row covers are one stretch; so claim groups, their sums and what is claimed
twice are found in a walk each, however many rows a person has.

Source: settlement §7.
"""

from fractions import Fraction
from itertools import combinations
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carethread.engine.columns.arrays import NONE, Ints
from carethread.engine.records import Settings
from carethread.engine.words import Cause, Outcome, Verdict

Longs = NDArray[np.int64]
Marks = NDArray[np.int8]
_Places = NDArray[np.uint32]
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
_CAUSE_OF = {
    Outcome.MISSED: Cause.MISSED,
    Outcome.CANCELLED: Cause.CANCELLED,
    Outcome.FRUSTRATED: Cause.CANCELLED,
    Outcome.SUSPENDED: Cause.SUSPENDED,
    Outcome.DELIVERED: Cause.SHORT,
}
_UNLISTED = -1
_LISTED_FOR = np.array(
    [LISTED.index(_CAUSE_OF[word]) if word in _CAUSE_OF else _UNLISTED for word in Outcome], np.int8
)
_CANDIDATES, _HELD, _SHORT = len(LISTED), LISTED.index(Cause.HELD), LISTED.index(Cause.SHORT)
_CHOICES = np.array(
    [
        [place in some for place in range(_CANDIDATES)]
        for size in range(1, _CANDIDATES + 1)
        for some in combinations(range(_CANDIDATES), size)
    ]
)
"""Every choice of candidates: the fewest first, among equals the first as listed."""
_CAUSES = len(Cause)
_NOT_CLAIMED, _REPEAT, _RATE, _NOT_EXPLAINED = (
    list(Cause).index(cause)
    for cause in (Cause.NOT_CLAIMED, Cause.REPEAT, Cause.RATE, Cause.NOT_EXPLAINED)
)
_CAUSE_LISTED = np.array([list(Cause).index(cause) for cause in LISTED])
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
_AT_ONCE = 4096
"""How many lines are reconciled at once, and those of the last person."""
_ODD = 6_364_136_223_846_793_005
"""Scatters numbers when multiplied with (Knuth's multiplier, of 63 bits)."""


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


class _Cares(NamedTuple):
    """Lines in order of person, care and day.

    line, day: at each place, the line and its service_on. person, provider, service: of each care.
    begin: the place where each care begins, and the end of the last.
    """

    line: _Places
    day: Ints
    person: Ints
    provider: Ints
    service: Ints
    begin: Ints


class _Covers(NamedTuple):
    """The stretch that each invoice row covers, from begin to before end; equal where nothing.

    A stretch is of places in `_Cares`; or, where by_order is 1, of places in `order_places`, which
    lists the former in order of care, order and day (and is empty where nothing needs it).
    belongs: 1 where this settlement can judge the row.
    """

    begin: Ints
    end: Ints
    by_order: Marks
    belongs: Marks
    order_places: Ints


class _Groups(NamedTuple):
    """Claim groups. number: of each row, OUTSIDE without one; numbers go by first row.

    rows, begin: each group's rows in order of rank, from begin[number] to before begin[number + 1].
    at: the number of the group to which the line at each place of `_Cares` belongs, or OUTSIDE.
    """

    number: Ints
    rows: Ints
    begin: Ints
    at: Ints


class _Sums(NamedTuple):
    """Of each group: what its rows claim, what its lines make due, and the candidate causes."""

    claimed_minutes: Longs
    claimed_pence: Longs
    payable_lines: Longs
    expected_minutes: Longs
    expected_pence: Longs
    candidates: Longs


def reconcile(lines: Lines, rows: Rows, first_on: int, last_on: int, allowances: Allowances) -> Claims:
    """Reconcile a chunk's invoice rows with its lines; the period's days, both inclusive, since 1970.

    Sums are int64, allowances are compared exactly: a group may claim or expect 2**62 pence, which
    is four thousand million rows of ten million pounds.
    """
    return Claims(
        *_reconcile(_as_compiled_for(lines), _as_compiled_for(rows), first_on, last_on, allowances)
    )


def _as_compiled_for(table: _Table) -> _Table:
    """Return the columns as the kernels are compiled for them: once, whatever arrays come.

    Of the declared types, end to end, not to be written to. Copies only what is not so.
    """
    views = []
    for name, column in zip(table._fields, table, strict=True):
        view = np.ascontiguousarray(column, _DTYPES.get(name, np.int32)).view()
        view.flags.writeable = False
        views.append(view)
    return type(table)(*views)


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


@njit(cache=True, nogil=True)
def _reconcile(lines: Lines, rows: Rows, first_on: int, last_on: int, allowances: Allowances) -> Claims:
    """Reconcile some persons after the other: a few thousand lines stay close at hand."""
    count = len(rows.person)
    group, named_by = np.full(count, OUTSIDE, np.int32), np.empty(count, np.int32)
    agreed, verdict = np.zeros(count, np.int64), np.empty(count, np.int8)
    claimed_minutes, claimed_pence = np.zeros(count, np.int64), np.zeros(count, np.int64)
    expected_minutes, expected_pence = np.zeros(count, np.int64), np.zeros(count, np.int64)
    due_pence, causes = np.zeros(count, np.int64), np.zeros((count, _CAUSES), np.int64)
    candidates = np.zeros((count, _CANDIDATES), np.int64)
    covered = np.zeros(len(lines.person), np.int8)
    line = row = found = 0
    while row < count:
        line_end, row_end = _some_persons(lines.person, rows.person, line, row)
        some_lines, some_rows = _some_lines(lines, line, line_end), _some_rows(rows, row, row_end)
        cares = _cares(
            some_lines.person, some_lines.provider, some_lines.service, some_lines.service_on
        )
        covers = _covers(some_rows, some_lines.order, some_lines.visit, cares, first_on, last_on)
        root = _hang_together(covers, len(cares.line))
        groups = _groups(some_rows.person, some_rows.rank, covers, root)
        end = found + len(groups.begin) - 1
        sums = _Sums(
            claimed_minutes[found:end],
            claimed_pence[found:end],
            np.zeros(end - found, np.int64),
            expected_minutes[found:end],
            expected_pence[found:end],
            candidates[found:end],
        )
        _claim(some_rows, groups, sums)
        _expect(some_lines, cares, groups, sums)
        due_on = _due_on(covers, cares, some_lines.amount_pence, some_lines.held)
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
        _explain(some_rows, groups, sums, causes[found:end])
        _cover(covers, cares, groups, covered[line:line_end])
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


@njit(cache=True, nogil=True)
def _some_persons(person: Ints, of_rows: Ints, line: int, row: int) -> tuple[int, int]:
    """Return where the lines and the rows of the next persons end."""
    line = min(line + _AT_ONCE, len(person))
    while 0 < line < len(person) and person[line] == person[line - 1]:
        line += 1
    while row < len(of_rows) and (line == len(person) or of_rows[row] <= person[line - 1]):
        row += 1
    return line, row


@njit(cache=True, nogil=True)
def _some_lines(lines: Lines, first: int, end: int) -> Lines:
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


@njit(cache=True, nogil=True)
def _some_rows(rows: Rows, first: int, end: int) -> Rows:
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


@njit(cache=True, nogil=True)
def _cares(person: Ints, provider: Ints, service: Ints, service_on: Ints) -> _Cares:
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
    return _Cares(line, day, person[example], provider[example], service[example], begin[: cares + 1])


@njit(cache=True, nogil=True)
def _part_cares(
    provider: Ints,
    service: Ints,
    line: _Places,
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


@njit(cache=True, nogil=True)
def _sort_by_day(day: Ints, line: _Places, begin: int, end: int) -> None:
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


@njit(cache=True, nogil=True)
def _key(major: int, minor: int) -> Any:
    """Return one int64 that sorts by two int32, the second of which is not below 0."""
    return (np.int64(major) << 32) | np.int64(minor)


@njit(cache=True, nogil=True)
def _covers(
    rows: Rows, order: Ints, visit: Ints, cares: _Cares, first_on: int, last_on: int
) -> _Covers:
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
            low = _first_from(cares.day, rows.from_on[row], low, high)
            high = _first_from(cares.day, rows.to_on[row] + 1, low, high)
            if wanted != NOT_GIVEN and care >= 0:
                theirs, last = cares.begin[care], cares.begin[care + 1]
                by_order[row] = 1
                low = _first_from(keys, _key(wanted, low), theirs, last)
                high = _first_from(keys, _key(wanted, high), low, last)
            begin[row], end[row] = low, high
    order_places = np.empty(len(keys), np.int32)
    for at in range(len(keys)):
        order_places[at] = keys[at] & 0xFFFFFFFF
    return _Covers(begin, end, by_order, belongs, order_places)


@njit(cache=True, nogil=True)
def _care_of(rows: Rows, cares: _Cares) -> Ints:
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


@njit(cache=True, nogil=True)
def _place_of(visit: Ints, line: _Places, named: Ints) -> Ints:
    """Return a table of the places of lines by visit, to be asked with `_found`.

    It is empty where no row names a visit.
    """
    some = False
    for one in named:
        some |= one >= 0
    place_of = np.full(_twice(len(line)) if some else 0, -1, np.int32)
    for place in range(len(line) if some else 0):
        at = visit[line[place]]
        if at >= 0:
            spot = _spot(at, len(place_of))
            while place_of[spot] >= 0:
                spot = _spot_after(spot, len(place_of))
            place_of[spot] = place
    return place_of


@njit(cache=True, nogil=True)
def _found(named: int, visit: Ints, line: _Places, place_of: Ints) -> int:
    """Return the place of the line that has the named visit, -1 where none has it."""
    if named < 0:
        return -1
    spot = _spot(named, len(place_of))
    while place_of[spot] >= 0 and visit[line[place_of[spot]]] != named:
        spot = _spot_after(spot, len(place_of))
    return int(place_of[spot])


@njit(cache=True, nogil=True)
def _twice(count: int) -> int:
    """Return the size of a table for so many: a power of 2, at least half of it free."""
    size = 2
    while size < 2 * count:
        size *= 2
    return size


@njit(cache=True, nogil=True)
def _spot(number: int, size: int) -> int:
    """Return where in a table of a size to look for a number first: any place, near ones apart."""
    return (number * _ODD >> 32) & (size - 1)


@njit(cache=True, nogil=True)
def _spot_after(spot: int, size: int) -> int:
    return (spot + 1) & (size - 1)


@njit(cache=True, nogil=True)
def _order_keys(order: Ints, cares: _Cares, rows: Rows) -> Longs:
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


@njit(cache=True, nogil=True)
def _first_from(sorted_values: NDArray[Any], least: int, low: int, high: int) -> int:
    """Return the first place from low to high whose value is at least this, else high."""
    while low < high:
        middle = (low + high) // 2
        if sorted_values[middle] < least:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def _hang_together(covers: _Covers, count: int) -> Ints:
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


@njit(cache=True, nogil=True)
def _root(root: Ints, place: int) -> int:
    """Return the first place that hangs together with this one, as far as is known."""
    while root[place] != place:
        root[place] = root[root[place]]
        place = root[place]
    return place


@njit(cache=True, nogil=True)
def _groups(person: Ints, rank: Longs, covers: _Covers, root: Ints) -> _Groups:
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
    return _Groups(number, rows, begin, number_of[root])


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _sort_by_rank(ranked: Ints, rank: Longs, first: int, end: int) -> None:
    """Sort a person's rows by rank: each to the place that its rank has among the ranks."""
    ranks = rank[first:end].copy()
    ranks.sort()
    for row in range(first, end):
        ranked[first + _first_from(ranks, rank[row], 0, len(ranks))] = row


@njit(cache=True, nogil=True)
def _pence_due(amount_pence: int, held: int) -> int:
    """Return what a line pays now: nothing while it is held."""
    return 0 if held or amount_pence == NONE else amount_pence


@njit(cache=True, nogil=True)
def _due_on(covers: _Covers, cares: _Cares, amount_pence: Longs, held: Marks) -> Longs:
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


@njit(cache=True, nogil=True)
def _claim(rows: Rows, groups: _Groups, sums: _Sums) -> None:
    """Add up what each group's rows claim, credits included."""
    claimed_minutes, claimed_pence = sums.claimed_minutes, sums.claimed_pence
    minutes, pence = rows.minutes, rows.pence
    for row, number in enumerate(groups.number):
        if number != OUTSIDE:
            claimed_minutes[number] += minutes[row]
            claimed_pence[number] += pence[row]


@njit(cache=True, nogil=True)
def _expect(lines: Lines, cares: _Cares, groups: _Groups, sums: _Sums) -> None:
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
        if listed == _UNLISTED or planned == NONE:
            continue
        if plan != NONE and (listed != _SHORT or payable < planned):
            candidates[number, listed] += plan - amount


@njit(cache=True, nogil=True)
def _or_nothing(number: int) -> int:
    return 0 if number == NONE else number


@njit(cache=True, nogil=True)
def _is_more_than_allowed(
    difference: Longs, sums: _Sums, pence_per_line: int, numerator: int, denominator: int
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _agree(
    pence: Longs,
    groups: _Groups,
    sums: _Sums,
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


@njit(cache=True, nogil=True)
def _judge(
    rows: Rows,
    covers: _Covers,
    groups: _Groups,
    sums: _Sums,
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


@njit(cache=True, nogil=True)
def _explain(rows: Rows, groups: _Groups, sums: _Sums, causes: Longs) -> None:
    """Fill in the causes of claimed less expected, which they add up to exactly, for each group."""
    for number in range(len(causes)):
        left = sums.claimed_pence[number] - sums.expected_pence[number]
        if left < 0:
            causes[number, _NOT_CLAIMED] = left
        elif left > 0:
            theirs = groups.rows[groups.begin[number] : groups.begin[number + 1]]
            minutes = sums.claimed_minutes[number] - sums.expected_minutes[number]
            _name_causes(left, minutes, rows, theirs, sums.candidates[number], causes[number])


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _repeats(rows: Rows, theirs: Ints) -> NDArray[np.bool_]:
    """Mark the positive rows of a group that say the same as an earlier row on another invoice.

    The rows come in order of rank; the same is equal scope, minutes and pence.
    """
    first_with = np.full(_twice(len(theirs)), -1, np.int32)
    invoices_differ = np.zeros(len(theirs), np.bool_)
    again = np.zeros(len(theirs), np.bool_)
    for at, row in enumerate(theirs):
        if rows.pence[row] <= 0:
            continue
        spot = _spot(_mixed(rows, row), len(first_with))
        while first_with[spot] >= 0 and not _says_the_same(rows, theirs[first_with[spot]], row):
            spot = _spot_after(spot, len(first_with))
        first = first_with[spot]
        if first < 0:
            first_with[spot] = at
            continue
        invoices_differ[first] |= rows.invoice[theirs[first]] != rows.invoice[row]
        again[at] = invoices_differ[first]
    return again


@njit(cache=True, nogil=True)
def _says_the_same(rows: Rows, one: int, other: int) -> bool:
    """Say whether two rows of one care have equal scope, minutes and pence."""
    return bool(
        rows.pence[one] == rows.pence[other]
        and rows.minutes[one] == rows.minutes[other]
        and rows.from_on[one] == rows.from_on[other]
        and rows.to_on[one] == rows.to_on[other]
        and rows.order[one] == rows.order[other]
        and rows.visit_id[one] == rows.visit_id[other]
    )


@njit(cache=True, nogil=True)
def _mixed(rows: Rows, row: int) -> Any:
    """Return a number that is equal for rows that say the same, and seldom for others."""
    number = rows.pence[row]
    number = number * _ODD + rows.minutes[row]
    number = number * _ODD + rows.from_on[row]
    number = number * _ODD + rows.to_on[row]
    number = number * _ODD + rows.order[row]
    return number * _ODD + rows.visit_id[row]


@njit(cache=True, nogil=True)
def _name_fewest(pence: int, listed: Longs, named: Longs) -> None:
    """Name the fewest candidates that add up to the pence; else it is not explained.

    Candidates of 0 pence are never among the fewest.
    """
    for choice in _CHOICES:
        total = 0
        for at in range(_CANDIDATES):
            total += listed[at] if choice[at] else 0
        if total == pence:
            for at in range(_CANDIDATES):
                if choice[at]:
                    named[_CAUSE_LISTED[at]] = listed[at]
            return
    named[_NOT_EXPLAINED] = pence


@njit(cache=True, nogil=True)
def _cover(covers: _Covers, cares: _Cares, groups: _Groups, covered: Marks) -> None:
    """Mark the lines that a row covers, be it one outside the period."""
    line, at = cares.line, groups.at
    for place in range(len(line)):
        covered[line[place]] = at[place] != OUTSIDE
    if len(groups.rows) < len(groups.number):
        _cover_outside(covers, line, groups.number, covered)


@njit(cache=True, nogil=True)
def _cover_outside(covers: _Covers, line: _Places, number: Ints, covered: Marks) -> None:
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

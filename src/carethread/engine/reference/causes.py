"""Why a claim group's figure differs from what is expected, as far as the figures prove it.

Source: settlement §7, "A cause is named only where the figures prove it".
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

from carethread.engine.records import InvoiceRow
from carethread.engine.reference.claims import Group
from carethread.engine.results import Line
from carethread.engine.words import Cause, Outcome

Pence = tuple[tuple[Cause, int], ...]
Planned = Callable[[Line], int | None]
"""Line -> the price of its planned minutes, rounded as a line; None where there is none."""

_CAUSE_OF = {
    Outcome.MISSED: Cause.MISSED,
    Outcome.CANCELLED: Cause.CANCELLED,
    Outcome.FRUSTRATED: Cause.CANCELLED,
    Outcome.SUSPENDED: Cause.SUSPENDED,
    Outcome.DELIVERED: Cause.SHORT,
}
_LISTED = (Cause.HELD, Cause.MISSED, Cause.CANCELLED, Cause.SUSPENDED, Cause.SHORT)


def causes(group: Group, listed: Pence) -> Pence:
    """Return the causes of claimed less expected, which they add up to exactly.

    `listed` are the group's `candidates`.
    """
    left = group.claimed_pence - group.expected_pence
    if left == 0:
        return ()
    if left < 0:
        return ((Cause.NOT_CLAIMED, left),)
    named: list[tuple[Cause, int]] = []
    repeated = repeats(group.rows)
    again = sum(row.amount_pence for row in repeated)
    unnamed = again > left
    if repeated and not unnamed:
        named.append((Cause.REPEAT, again))
        left -= again
    if left:
        minutes = sum(row.minutes for row in group.rows)
        minutes -= 0 if unnamed else sum(row.minutes for row in repeated)
        if not unnamed and minutes == expected_minutes(group):
            named.append((Cause.RATE, left))
        else:
            named += fewest(left, listed) or [(Cause.NOT_EXPLAINED, left)]
    return tuple(named)


def expected_minutes(group: Group) -> int:
    """Return the payable minutes of the lines that are not held."""
    return sum(line.payable_minutes or 0 for line in group.payable)


def repeats(rows: Sequence[InvoiceRow]) -> list[InvoiceRow]:
    """Return the positive rows that say the same as an earlier row on another invoice.

    The rows come in order; the same is equal scope, minutes and pence.
    """
    invoices: dict[tuple[object, ...], set[str]] = {}
    found = []
    for row in rows:
        if row.amount_pence <= 0:
            continue
        earlier = invoices.setdefault(_scope(row), set())
        if earlier - {row.invoice_id}:
            found.append(row)
        earlier.add(row.invoice_id)
    return found


def _scope(row: InvoiceRow) -> tuple[object, ...]:
    scope = row.care, row.from_on, row.to_on, row.order_id, row.visit_id
    return *scope, row.minutes, row.amount_pence


def fewest(pence: int, listed: Pence) -> list[tuple[Cause, int]]:
    """Return the fewest candidates that add up to the pence; among equals, the first in order."""
    for size in range(1, len(listed) + 1):
        for some in combinations(listed, size):
            if sum(amount for _, amount in some) == pence:
                return list(some)
    return []


def candidates(lines: Iterable[Line], planned: Planned) -> Pence:
    """Return, per possible cause, the money a provider who claims the plan would have too much.

    Held lines count with their amount, or the price of their planned minutes where it is empty; the
    rest with the price of their planned minutes less their amount.
    """
    totals = dict.fromkeys(_LISTED, 0)
    for line in lines:
        cause, pence = _candidate(line, planned)
        if cause is not None:
            totals[cause] += pence
    return tuple((cause, pence) for cause, pence in totals.items() if pence)


def _candidate(line: Line, planned: Planned) -> tuple[Cause | None, int]:
    if line.held:
        amount = planned(line) if line.amount_pence is None else line.amount_pence
        return Cause.HELD, amount or 0
    if line.planned_minutes is None or line.outcome not in _CAUSE_OF:
        return None, 0
    if line.outcome is Outcome.DELIVERED and (line.payable_minutes or 0) >= line.planned_minutes:
        return None, 0
    price = planned(line)
    return _CAUSE_OF[line.outcome], 0 if price is None else price - (line.amount_pence or 0)

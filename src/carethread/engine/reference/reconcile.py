"""A provider's invoices against the settled lines: what is agreed now, and what waits.

Source: settlement §7.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from carethread.engine.records import InvoiceRow, OrderVersion, Period, Settings
from carethread.engine.reference.causes import Planned, candidates, causes, expected_minutes
from carethread.engine.reference.claims import Care, Covers, Group, group
from carethread.engine.results import ClaimGroup, InvoiceLine, Line, Unclaimed
from carethread.engine.words import Verdict


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The three tables of reconciliation, each in its published order."""

    invoice_lines: Sequence[InvoiceLine]
    claim_groups: Sequence[ClaimGroup]
    unclaimed: Sequence[Unclaimed]


@dataclass(frozen=True, slots=True)
class Books:
    """What invoices are judged against.

    `part_of` gives the visit that each joined log-in is part of; `planned` prices a line's planned
    minutes.
    """

    lines: Sequence[Line]
    orders: Sequence[OrderVersion]
    part_of: Mapping[str, str]
    period: Period
    settings: Settings
    planned: Planned


def reconcile(rows: Sequence[InvoiceRow], books: Books) -> Reconciled:
    """Reconcile invoice rows with settled lines."""
    covers = Covers(books.lines, books.part_of)
    covered = {row: covers.of(row) for row in rows}
    here = [row for row in rows if covers.belongs(row, books.period)]
    groups = group(here, covered)
    ordered = _Ordered(books.orders)
    judged = [_parked(row) for row in rows if not covers.belongs(row, books.period)]
    for one in groups:
        judged += judge(one, ordered, books.settings)
    return Reconciled(
        sorted(judged, key=lambda line: (line.invoice_id, line.line_no)),
        sorted((_claim_group(one, books) for one in groups), key=lambda one: one.group_id),
        _unclaimed(books.lines, {line.line_id for lines in covered.values() for line in lines}),
    )


def _parked(row: InvoiceRow) -> InvoiceLine:
    """Park all of a row that reaches outside the settled period until a run contains it."""
    return _judged(row, "", 0, Verdict.OUTSIDE_PERIOD)


def _judged(row: InvoiceRow, group_id: str, agreed: int, verdict: Verdict) -> InvoiceLine:
    return InvoiceLine(
        row.invoice_id,
        row.line_no,
        group_id,
        row.minutes,
        row.amount_pence,
        agreed,
        row.amount_pence - agreed,
        verdict,
    )


def allowance(one: Group, pence_per_line: int, percent: Fraction) -> Fraction:
    """Return how far claimed and expected may differ; nothing when nothing is expected."""
    if one.expected_pence == 0:
        return Fraction(0)
    by_line = Fraction(pence_per_line * len(one.payable))
    return max(by_line, percent * one.expected_pence / 100)


def agree(one: Group, settings: Settings) -> dict[InvoiceRow, int]:
    """Return what is agreed of each row: all of it where the group does not claim too much.

    Otherwise, in order, no more than what remains of the expected money and the credits, and no more
    than the lines the row itself covers and the credits.
    """
    over = allowance(one, settings.over_pence_per_line, settings.over_percent)
    if one.claimed_pence <= one.expected_pence + over:
        return {row: row.amount_pence for row in one.rows}
    credit = -sum(row.amount_pence for row in one.rows if row.amount_pence < 0)
    remaining = one.expected_pence + credit
    agreed = {}
    for row in one.rows:
        if row.amount_pence < 0:
            agreed[row] = row.amount_pence
        else:
            agreed[row] = min(row.amount_pence, remaining, one.due_on(row) + credit)
            remaining -= agreed[row]
    return agreed


class _Ordered:
    """Says whether any order of the row's care touches the row's dates."""

    def __init__(self, orders: Iterable[OrderVersion]) -> None:
        self._by_care: dict[Care, list[OrderVersion]] = defaultdict(list)
        for order in orders:
            self._by_care[order.care].append(order)

    def touches(self, row: InvoiceRow) -> bool:
        return any(
            order.starts_on <= row.to_on and (order.ends_on is None or row.from_on <= order.ends_on)
            for order in self._by_care.get(row.care, ())
        )


def judge(one: Group, ordered: _Ordered, settings: Settings) -> list[InvoiceLine]:
    """Say of each row of a group what is agreed, and why not more."""
    under = allowance(one, settings.under_pence_per_line, settings.under_percent)
    claims_too_little = one.claimed_pence < one.expected_pence - under
    agreed = agree(one, settings)
    judged = []
    for row in one.rows:
        if row.amount_pence < 0:
            verdict = Verdict.AGREED
        elif not one.covered[row] and not ordered.touches(row):
            verdict = Verdict.NO_ORDER
        else:
            verdict = _verdict(row.amount_pence, agreed[row], one.due_on(row))
            if verdict is Verdict.AGREED and claims_too_little:
                verdict = Verdict.UNDER_CLAIMED
        judged.append(_judged(row, one.group_id, agreed[row], verdict))
    return judged


def _verdict(claim: int, agreed: int, due: int) -> Verdict:
    if agreed == claim:
        return Verdict.AGREED
    if agreed > 0:
        return Verdict.OVER_CLAIMED
    return Verdict.NOTHING_DUE if due == 0 else Verdict.ALREADY_CLAIMED


def _claim_group(one: Group, books: Books) -> ClaimGroup:
    listed = candidates(one.lines, books.planned)
    return ClaimGroup(
        group_id=one.group_id,
        claimed_minutes=sum(row.minutes for row in one.rows),
        claimed_pence=one.claimed_pence,
        expected_minutes=expected_minutes(one),
        expected_pence=one.expected_pence,
        due_pence=sum(agree(one, books.settings).values()),
        causes=causes(one, listed),
        candidates=listed,
    )


def _unclaimed(lines: Iterable[Line], covered: set[str]) -> list[Unclaimed]:
    """Return what the provider is owed and did not claim."""
    return sorted(
        (
            Unclaimed(line.line_id, line.amount_pence)
            for line in lines
            if line.amount_pence and not line.held and line.line_id not in covered
        ),
        key=lambda one: one.line_id,
    )

"""The tables drawn from settled lines, and the sum that every visit row must be in.

Source: settlement §6.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from carethread.engine.records import Finding, VisitRow
from carethread.engine.results import Digest, Line, Settlement, Summary, Totals
from carethread.engine.units import local_date, monday_of
from carethread.engine.words import Kind, Outcome

TAKES_NO_PART = frozenset(
    {
        Kind.BAD_ROW,
        Kind.SUPERSEDED,
        Kind.REPEATED_ROW,
        Kind.CONFLICTING_VERSIONS,
        Kind.JOINED,
        Kind.NO_CHECK_IN,
        Kind.BAD_TIMES,
        Kind.TOO_LONG,
        Kind.OVERTAKEN,
        Kind.STATUS_WITHOUT_PLAN,
        Kind.OUTSIDE_PERIOD,
    }
)


class VisitRowsDoNotAddUp(AssertionError):
    """A visit row is in no line and no finding, or in more than one: a defect of carethread."""


def summarise(lines: Iterable[Line]) -> list[Summary]:
    """Return each provider's weeks in figures, by provider and week."""
    weeks: dict[tuple[str, date], list[Line]] = defaultdict(list)
    for line in lines:
        weeks[line.provider_id, monday_of(line.service_on)].append(line)
    return [_summary(*key, weeks[key]) for key in sorted(weeks)]


def _summary(provider_id: str, week: date, lines: Sequence[Line]) -> Summary:
    outcomes = Counter(line.outcome for line in lines)
    return Summary(
        provider_id=provider_id,
        week_starting=week,
        planned_minutes=sum(line.planned_minutes or 0 for line in lines),
        counted_minutes=sum(line.counted_minutes or 0 for line in lines),
        payable_minutes=sum(line.payable_minutes or 0 for line in lines),
        amount_pence=sum(line.amount_pence or 0 for line in lines if not line.held),
        held_pence=sum(line.amount_pence or 0 for line in lines if line.held),
        **{outcome.value: outcomes[outcome] for outcome in Outcome},
    )


def check_visit_rows(read: Iterable[int], on_lines: Iterable[int], findings: Iterable[Finding]) -> None:
    """Check that every visit row is on exactly one line or in one finding that says why not.

    `read` and `on_lines` are row numbers; the findings are those of the engine, by table.

    Raises:
        VisitRowsDoNotAddUp: if the sum does not hold.
    """
    kept_out = [
        finding.row
        for finding in findings
        if finding.kind in TAKES_NO_PART and finding.file == "visits"
    ]
    told = Counter((*on_lines, *(row or 0 for row in kept_out)))
    rows = Counter(read)
    wrong = sorted((rows - told) + (told - rows))
    if wrong:
        message = f"visit rows not accounted for exactly once: {wrong[:10]} ({len(wrong)} in all)"
        raise VisitRowsDoNotAddUp(message)


def digest(settlement: Settlement, visits: Iterable[VisitRow]) -> Digest:
    """Return a settlement in a few figures."""
    lines, weekly = settlement.lines, settlement.weekly
    days = [local_date(row.check_in) for row in visits if row.check_in is not None]
    held = [line for line in lines if line.held]
    rows = settlement.invoice_lines
    return Digest(
        period=settlement.period,
        totals=Totals(
            lines=len(lines),
            planned=_sum(line.planned_minutes for line in lines),
            called_off=_sum(line.planned_minutes for line in lines if line.outcome in _CALLED_OFF),
            delivered=_sum(line.counted_minutes for line in lines if line.slot is not None),
            payable_minutes=_sum(line.payable_minutes for line in lines if not line.held),
            held_lines=len(held),
            unpriced=sum(line.amount_pence is None for line in held),
        ),
        weeks=settlement.summary,
        weekly=(
            _sum(week.allowance_minutes for week in weekly),
            _sum(w.payable_minutes for w in weekly),
        )
        if weekly
        else None,
        findings=Counter((finding.severity, finding.kind) for finding in settlement.findings),
        verdicts=Counter(row.verdict for row in rows),
        claimed_pence=sum(row.claimed_pence for row in rows),
        agreed_pence=sum(row.agreed_pence for row in rows),
        unclaimed_lines=len(settlement.unclaimed),
        unclaimed_pence=sum(line.amount_pence for line in settlement.unclaimed),
        has_visit=any(line.visit_id for line in lines),
        visits_from=min(days, default=None),
        visits_to=max(days, default=None),
    )


_CALLED_OFF = (Outcome.SUSPENDED, Outcome.CANCELLED)


def _sum(numbers: Iterable[int | None]) -> int:
    return sum(number or 0 for number in numbers)

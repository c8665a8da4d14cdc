"""The tables drawn from settled lines, and the sum that every visit row must be in.

Source: settlement §6.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from carethread.engine.records import Finding
from carethread.engine.results import Line, Summary
from carethread.engine.units import monday_of
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

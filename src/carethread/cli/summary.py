"""What a settlement came to, on one screen."""

from collections import Counter
from collections.abc import Iterable, Sequence

from carethread.cli.record import Run
from carethread.cli.terminal import table
from carethread.engine.records import Inputs, Period
from carethread.engine.results import Line, Settlement, Summary
from carethread.engine.units import local_date
from carethread.engine.words import Outcome, Severity
from carethread.engine.written import count, hours, pounds, share, short_day

_LARGEST_SHOWN = 5
CALLED_OFF = (Outcome.SUSPENDED, Outcome.CANCELLED)


def summary(settlement: Settlement, inputs: Inputs, run: Run) -> str:
    """Say in one screen what a settlement came to, what to doubt about it first."""
    period, lines, weeks = settlement.period, settlement.lines, settlement.summary
    providers = count(len({week.provider_id for week in weeks}), "provider")
    settled = f"Settled {period.first_on} to {period.last_on}"
    parts = [
        f"{settled}: {count(len(lines), 'line')}, {providers}",
        *doubts(run),
        _no_visits(inputs, lines, period),
        _totals(settlement),
        _outcomes(weeks),
        _largest(weeks),
        _findings(settlement),
        _invoices(settlement) if settlement.invoice_lines else "",
    ]
    return "\n\n".join(part for part in parts if part)


def doubts(run: Run) -> list[str]:
    """Say which files had rows that could not be read, and when that is most of them."""
    said = []
    for name, bad in sorted(run.kept_out.items()):
        rows = run.rows.get(name, bad)
        say = f"{bad:,} of {count(rows, 'row')} of {name} could not be read: see the findings."
        if 2 * bad > rows:
            say += " These figures cannot be used."
        said.append(f"ATTENTION: {say}")
    return said


def _no_visits(inputs: Inputs, lines: Iterable[Line], period: Period) -> str:
    days = [local_date(row.check_in) for row in inputs.visits if row.check_in is not None]
    if not days or any(line.visit_id for line in lines):
        return ""
    span = f"visits run from {short_day(min(days))} to {short_day(max(days))}"
    return f"ATTENTION: no visit lies between {period.first_on} and {period.last_on}; {span}."


def _totals(settlement: Settlement) -> str:
    lines, weekly = settlement.lines, settlement.weekly
    planned = _sum(line.planned_minutes for line in lines)
    delivered = _sum(line.counted_minutes for line in lines if line.slot is not None)
    called_off = _sum(line.planned_minutes for line in lines if line.outcome in CALLED_OFF)
    held = [line for line in lines if line.held]
    unpriced = sum(line.amount_pence is None for line in held)
    waiting = f"{count(len(held), 'line')} waiting for a person"
    waiting += f", {unpriced:,} of them without a price yet" if unpriced else ""
    not_held = [line for line in lines if not line.held]
    rows = [
        ("Planned", hours(planned), f"hours at set times, {hours(called_off)} of them called off"),
        ("Delivered", hours(delivered), f"hours of these, {share(delivered, planned) or 'none'}"),
    ]
    if weekly:
        used = sum(week.payable_minutes for week in weekly)
        allowed = sum(week.allowance_minutes for week in weekly)
        rows.append(("Weekly hours", hours(used), f"used of {hours(allowed)} allowed"))
    rows += [
        ("Payable", hours(_sum(line.payable_minutes for line in not_held)), "hours that are not held"),
        ("Payable", pounds(_sum(line.amount_pence for line in not_held)), "the undisputed part"),
        ("Held", pounds(_sum(line.amount_pence for line in held)), waiting),
    ]
    return table(rows, right=[1])


def _sum(numbers: Iterable[int | None]) -> int:
    return sum(number or 0 for number in numbers)


def _outcomes(weeks: Sequence[Summary]) -> str:
    counts = [(outcome, sum(getattr(week, outcome) for week in weeks)) for outcome in Outcome]
    return "Outcomes: " + ", ".join(f"{number:,} {name}" for name, number in counts if number)


def _largest(weeks: Sequence[Summary]) -> str:
    paid: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for week in weeks:
        paid[week.provider_id] += week.amount_pence
        held[week.provider_id] += week.held_pence
    largest = sorted(paid, key=lambda provider: (-paid[provider] - held[provider], provider))
    rows = [("Largest providers", "payable", "held")]
    rows += [(name, pounds(paid[name]), pounds(held[name])) for name in largest[:_LARGEST_SHOWN]]
    return table(rows, right=[1, 2]) if paid else ""


def _findings(settlement: Settlement) -> str:
    counts = Counter((finding.severity, finding.kind) for finding in settlement.findings)
    if not counts:
        return "No findings."
    worst = list(reversed(Severity))
    order = sorted(counts, key=lambda key: (worst.index(key[0]), key[1]))
    rows = [("Findings", "", "")]
    rows += [(f"  {kind}", f"{counts[severity, kind]:,}", severity) for severity, kind in order]
    return table(rows, right=[1])


def _invoices(settlement: Settlement) -> str:
    rows = settlement.invoice_lines
    claimed, agreed = sum(r.claimed_pence for r in rows), sum(r.agreed_pence for r in rows)
    unclaimed = sum(line.amount_pence for line in settlement.unclaimed)
    verdicts = Counter(row.verdict for row in rows)
    listed = ", ".join(f"{number:,} {name}" for name, number in sorted(verdicts.items()))
    return table(
        [
            ("Invoices claim", pounds(claimed), f"on {count(len(rows), 'invoice line')}: {listed}"),
            ("Agreed now", pounds(agreed), "can be paid at once"),
            ("Waiting", pounds(claimed - agreed), "claimed, but not agreed"),
            ("Never claimed", pounds(unclaimed), f"due on {count(len(settlement.unclaimed), 'line')}"),
        ],
        right=[1],
    )

"""What a settlement came to, on one screen."""

from collections import Counter
from collections.abc import Sequence

from carethread.cli.record import Run
from carethread.cli.terminal import table
from carethread.engine.results import Digest, Summary
from carethread.engine.words import Outcome, Severity
from carethread.engine.written import count, hours, pounds, share, short_day

_LARGEST_SHOWN = 5


def summary(digest: Digest, run: Run) -> str:
    """Say in one screen what a settlement came to, what to doubt about it first."""
    period, weeks = digest.period, digest.weeks
    providers = count(len({week.provider_id for week in weeks}), "provider")
    settled = f"Settled {period.first_on} to {period.last_on}"
    parts = [
        f"{settled}: {count(digest.totals.lines, 'line')}, {providers}",
        *doubts(run),
        _no_visits(digest),
        _totals(digest),
        _outcomes(weeks),
        _largest(weeks),
        _findings(digest),
        _invoices(digest) if digest.verdicts else "",
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


def _no_visits(digest: Digest) -> str:
    if digest.has_visit or digest.visits_from is None or digest.visits_to is None:
        return ""
    period = digest.period
    span = f"visits run from {short_day(digest.visits_from)} to {short_day(digest.visits_to)}"
    return f"ATTENTION: no visit lies between {period.first_on} and {period.last_on}; {span}."


def _totals(digest: Digest) -> str:
    totals = digest.totals
    waiting = f"{count(totals.held_lines, 'line')} waiting for a person"
    waiting += f", {totals.unpriced:,} of them without a price yet" if totals.unpriced else ""
    called_off = hours(totals.called_off)
    share_of_plan = share(totals.delivered, totals.planned) or "none"
    rows = [
        ("Planned", hours(totals.planned), f"hours at set times, {called_off} of them called off"),
        ("Delivered", hours(totals.delivered), f"hours of these, {share_of_plan}"),
    ]
    if digest.weekly:
        allowed, used = digest.weekly
        rows.append(("Weekly hours", hours(used), f"used of {hours(allowed)} allowed"))
    payable = sum(week.amount_pence for week in digest.weeks)
    held = sum(week.held_pence for week in digest.weeks)
    rows += [
        ("Payable", hours(totals.payable_minutes), "hours that are not held"),
        ("Payable", pounds(payable), "the undisputed part"),
        ("Held", pounds(held), waiting),
    ]
    return table(rows, right=[1])


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


def _findings(digest: Digest) -> str:
    counts = digest.findings
    if not counts:
        return "No findings."
    worst = list(reversed(Severity))
    order = sorted(counts, key=lambda key: (worst.index(key[0]), key[1]))
    rows = [("Findings", "", "")]
    rows += [(f"  {kind}", f"{counts[severity, kind]:,}", severity) for severity, kind in order]
    return table(rows, right=[1])


def _invoices(digest: Digest) -> str:
    claimed, agreed = digest.claimed_pence, digest.agreed_pence
    rows = sum(digest.verdicts.values())
    listed = ", ".join(f"{number:,} {name}" for name, number in sorted(digest.verdicts.items()))
    never = f"due on {count(digest.unclaimed_lines, 'line')}"
    return table(
        [
            ("Invoices claim", pounds(claimed), f"on {count(rows, 'invoice line')}: {listed}"),
            ("Agreed now", pounds(agreed), "can be paid at once"),
            ("Waiting", pounds(claimed - agreed), "claimed, but not agreed"),
            ("Never claimed", pounds(digest.unclaimed_pence), never),
        ],
        right=[1],
    )

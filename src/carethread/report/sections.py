"""The sections of the report: what each says, its chart, its tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from carethread.engine.words import Outcome
from carethread.engine.written import hours, pounds, share, short_day
from carethread.report.charts import Chart, bars
from carethread.report.figures import LATE, LATENESS, ON_TIME, Figures

MOST_PROVIDERS = 6
"""How many providers a chart shows; its table has them all."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its caption, its column heads, its rows, and which columns hold numbers."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a sentence that says what is to be seen, a chart with its table, further tables."""

    key: str
    title: str
    says: str
    table: Table
    chart: Chart | None = None
    more: tuple[Table, ...] = ()


def sections(figures: Figures) -> list[Section]:
    """Return the sections that have something to show."""
    every = [
        _hours(figures),
        _money(figures),
        _outcomes(figures),
        _waiting(figures),
        _reasons(figures),
        _punctuality(figures),
        _weekly(figures),
        _claims(figures),
        _findings(figures),
    ]
    return [section for section in every if section.table.rows]


def headline(figures: Figures) -> list[tuple[str, str, str]]:
    """Return the key figures: name, figure, what to know of it."""
    planned, delivered, called_off = _planned_and_delivered(figures)
    money = figures.money.values()
    not_in_doubt = "not in doubt"
    if figures.claims.lines:
        not_in_doubt += f"; {pounds(figures.claims.agreed_pence.total())} agreed on invoices"
    unpriced = sum(one.unpriced for one in money)
    held = f"on {figures.held_lines:,} lines"
    held += f", {unpriced:,} of them not priced yet" if unpriced else ""
    return [
        ("Planned at set times", hours(planned), f"hours, {hours(called_off)} of them called off"),
        ("Delivered of it", hours(delivered), f"hours, {share(delivered, planned)} of the plan"),
        ("Payable", pounds(sum(one.payable_pence for one in money)), not_in_doubt),
        ("Held", pounds(sum(one.held_pence for one in money)), held),
    ]


def _planned_and_delivered(figures: Figures) -> tuple[int, int, int]:
    every = figures.hours.values()
    return (
        sum(one.planned_minutes for one in every),
        sum(one.delivered_minutes for one in every),
        sum(one.called_off_minutes for one in every),
    )


def _largest(figures: Figures) -> list[str]:
    """Return the providers, the one with most planned first."""
    planned: dict[str, int] = dict.fromkeys(figures.money, 0)
    for (provider, _), one in figures.hours.items():
        planned[provider] += one.planned_minutes
    return sorted(planned, key=lambda provider: (-planned[provider], provider))


def _shown(figures: Figures) -> str:
    more = len(figures.money) - MOST_PROVIDERS
    return f" The chart shows the {MOST_PROVIDERS} largest providers." if more > 0 else ""


def _week(monday: date) -> str:
    return f"week of {short_day(monday)}"


def _hours(figures: Figures) -> Section:
    planned, delivered, called_off = _planned_and_delivered(figures)
    shown = _largest(figures)[:MOST_PROVIDERS]
    weeks = sorted(figures.hours.items())
    charted = [
        (
            f"{provider}, {_week(monday)}",
            [(n, hours(n)) for n in (one.planned_minutes, one.delivered_minutes)],
        )
        for provider in shown
        for (who, monday), one in weeks
        if who == provider
    ]
    rows = [
        (
            provider,
            _week(monday),
            hours(one.planned_minutes),
            hours(one.called_off_minutes),
            hours(one.delivered_minutes),
            share(one.delivered_minutes, one.planned_minutes),
        )
        for (provider, monday), one in weeks
    ]
    says = (
        f"Of {hours(planned)} hours planned at set times, {hours(delivered)} were delivered:"
        f" {share(delivered, planned)}. {hours(called_off)} were called off: suspended, or cancelled by"
        " the person or the council. Weekly-hours orders and unplanned visits are not in these"
        f" figures.{_shown(figures)}"
    )
    title = "Planned and delivered hours"
    heads = (
        *("Provider", "Week", "Planned hours", "Called off", "Delivered hours"),
        "Delivered of planned",
    )
    return Section(
        "hours",
        "Planned against delivered, by provider and week",
        says,
        Table(title, heads, tuple(rows), frozenset({2, 3, 4, 5})),
        bars("hours", title, ("Planned", "Delivered"), charted),
    )


def _money(figures: Figures) -> Section:
    money = [(provider, figures.money[provider]) for provider in _largest(figures)]
    charted = [
        (provider, [(max(0, n), pounds(n)) for n in (one.payable_pence, one.held_pence)])
        for provider, one in money[:MOST_PROVIDERS]
    ]
    rows = [
        (provider, pounds(one.payable_pence), pounds(one.held_pence), f"{one.unpriced:,}")
        for provider, one in money
    ]
    says = (
        "What is not in doubt need not wait. Held money waits for a person's decision and is"
        f" never lost.{_shown(figures)}"
    )
    title = "Money that is payable and money held"
    heads = ("Provider", "Payable", "Held", "Held lines without a price")
    return Section(
        "money",
        "Payable and held money, by provider",
        says,
        Table(title, heads, tuple(rows), frozenset({1, 2, 3})),
        bars("money", title, ("Payable", "Held"), charted),
    )


def _counts(
    key: str, title: str, says: str, heads: tuple[str, str], counts: Iterable[tuple[str, int]]
) -> Section:
    """Return a section of counts, with a bar for each."""
    counts = [(name.replace("_", " "), count) for name, count in counts]
    whole = sum(count for _, count in counts)
    rows = tuple((name, f"{count:,}", share(count, whole)) for name, count in counts)
    table = Table(title, (*heads, "Share"), rows, frozenset({1, 2}))
    charted = [(name, [(count, f"{count:,}")]) for name, count in counts]
    return Section(key, title, says, table, bars(key, title, (heads[1],), charted))


def _outcomes(figures: Figures) -> Section:
    says = "A double-up counts as two lines, one for each carer."
    counts = [(outcome.value, figures.outcomes[outcome]) for outcome in Outcome]
    shown = [(name, count) for name, count in counts if count]
    return _counts("outcomes", "What became of each line", says, ("Outcome", "Lines"), shown)


def _waiting(figures: Figures) -> Section:
    says = "A line can wait for more than one thing."
    counts = figures.waiting.most_common()
    return _counts("waiting", "What held lines wait for", says, ("Reason", "Lines"), counts)


def _reasons(figures: Figures) -> Section:
    says = "What changed the minutes or the money of lines, those held included."
    title = "Why lines pay more or less than was planned or recorded"
    return _counts("reasons", title, says, ("Reason", "Lines"), figures.reasons.most_common())


def _punctuality(figures: Figures) -> Section:
    by_provider = [(name, figures.punctuality[name]) for name in _largest(figures)]
    counts = [sum(one[n] for _, one in by_provider) for n in range(len(LATENESS))]
    total = sum(counts)
    rows = []
    for provider, one in by_provider:
        starts = sum(one.values())
        if starts:
            on_time, late = sum(one[n] for n in ON_TIME), sum(one[n] for n in LATE)
            rows.append((provider, f"{starts:,}", share(on_time, starts), share(late, starts)))
    heads = ("Provider", "Visits", "Within 30 minutes", "More than 30 minutes late")
    within = share(sum(counts[n] for n in ON_TIME), total)
    section = _counts(
        "punctuality",
        "Punctuality: when delivered visits began",
        f"{within} of delivered visits began within 30 minutes of the time planned.",
        ("Began", "Visits"),
        zip((name for name, _ in LATENESS), counts, strict=True) if total else (),
    )
    table = Table("Punctuality by provider", heads, tuple(rows), frozenset({1, 2, 3}))
    return Section(section.key, section.title, section.says, section.table, section.chart, (table,))


_USES: tuple[tuple[int | None, str], ...] = (
    (50, "under 50 percent"),
    (80, "50 to under 80 percent"),
    (95, "80 to under 95 percent"),
    (100, "95 to under 100 percent"),
    (None, "all of it"),
)


def _weekly(figures: Figures) -> Section:
    counts = [0] * len(_USES)
    for use in figures.weekly:
        used, allowed = use.payable_minutes, use.allowance_minutes
        below = [n for n, (most, _) in enumerate(_USES) if most is None or 100 * used < most * allowed]
        counts[below[0]] += 1
    allowed = sum(use.allowance_minutes for use in figures.weekly)
    used = sum(use.payable_minutes for use in figures.weekly)
    says = (
        f"Weekly-hours orders used {hours(used)} of {hours(allowed)} hours: {share(used, allowed)}."
        " An order that is short week after week needs its plan reviewed, not only a smaller"
        " payment."
    )
    named = zip((name for _, name in _USES), counts, strict=True)
    return _counts(
        "weekly",
        "How much of their weekly hours orders used",
        says,
        ("Use of the week's allowance", "Order weeks"),
        named if figures.weekly else (),
    )


def _claims(figures: Figures) -> Section:
    claims = figures.claims
    verdicts = [
        (verdict.replace("_", " "), claims.claimed_pence[verdict], claims.agreed_pence[verdict])
        for verdict in sorted(claims.lines)
    ]
    rows = [
        (name, f"{count:,}", pounds(claimed), pounds(agreed), pounds(claimed - agreed))
        for (name, claimed, agreed), (_, count) in zip(
            verdicts, sorted(claims.lines.items()), strict=True
        )
    ]
    charted = [
        (name, [(max(0, n), pounds(n)) for n in (claimed, agreed)])
        for name, claimed, agreed in verdicts
    ]
    claimed, agreed = claims.claimed_pence.total(), claims.agreed_pence.total()
    says = (
        f"Providers claim {pounds(claimed)}; {pounds(agreed)} of it is agreed at once and"
        f" {pounds(claimed - agreed)} waits. {pounds(claims.unclaimed_pence)} on"
        f" {claims.unclaimed_lines:,} lines is due and was not claimed: the providers should be"
        " told."
    )
    title = "Invoice lines by verdict"
    heads = ("Verdict", "Invoice lines", "Claimed", "Agreed now", "Waiting")
    return Section(
        "claims",
        "What providers claim and what is agreed",
        says,
        Table(title, heads, tuple(rows), frozenset({1, 2, 3, 4})),
        bars("claims", title, ("Claimed", "Agreed now"), charted),
    )


_SEVERITIES = ("error", "warning", "info")


def _findings(figures: Figures) -> Section:
    counts = sorted(figures.findings.items(), key=lambda one: (_SEVERITIES.index(one[0][0]), one[0][1]))
    rows = [
        (kind.replace("_", " "), severity.value, f"{count:,}") for (severity, kind), count in counts
    ]
    says = "What is wrong or doubtful in the data; rows that could not be used are among it."
    heads = ("Finding", "Severity", "Count")
    return Section(
        "findings", "Findings", says, Table("Findings by kind", heads, tuple(rows), frozenset({2}))
    )

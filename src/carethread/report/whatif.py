"""A what-if as one page: what the same visits would have paid, where it changes, what it means."""

from collections.abc import Iterable, Iterator, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from carethread.engine import written
from carethread.engine.changes import (
    BandChange,
    Comparison,
    LineChange,
    ProviderChange,
    changing_most,
    headline,
)
from carethread.engine.words import HOLDING, Reason
from carethread.engine.written import pounds
from carethread.report.charts import Chart, bars
from carethread.report.sections import MOST_PROVIDERS, Section, Table

MOST_LINES = 20
"""How many lines the page shows; the table `lines` has more."""
_SERIES = ("Now", "Then")
_MILLION = 100_000_000
"""Pence."""


def render(comparison: Comparison, terms: str, notes: Sequence[str]) -> str:
    """Return the page; `terms` names the other terms, `notes` stand before the figures."""
    environment = Environment(
        loader=PackageLoader("carethread.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    period = comparison.period
    days = f"{written.day(period.first_on)} to {written.day(period.last_on)}"
    return environment.get_template("report.html.j2").render(
        title=headline(comparison, terms).removesuffix("."),
        period=f"What if {days} had been under {terms}?",
        doubts=notes,
        headline=_key_figures(comparison, terms),
        sections=[
            _meaning(comparison, terms),
            _providers(comparison),
            _bands(comparison),
            _lines(comparison),
        ],
        looks=(),
    )


def _key_figures(comparison: Comparison, terms: str) -> list[tuple[str, str, str]]:
    amount, held = comparison.measure("amount_pence"), comparison.measure("held_pence")
    return [
        ("Now", pounds(amount.now), "payable under the terms in force"),
        ("Then", pounds(amount.then), f"payable under {terms}"),
        ("Difference", pounds(amount.difference), amount.percent),
        ("Held, counted apart", pounds(held.then), f"then; now {pounds(held.now)}"),
    ]


_MEASURES = {
    "payable_minutes": "Payable hours",
    "amount_pence": "Payable",
    "held_pence": "Held, not in payable",
    "lines": "Lines",
    "held_lines": "Lines held",
    "unpriced_lines": "Lines held without a price",
}


def _meaning(comparison: Comparison, terms: str) -> Section:
    lines, held = comparison.measure("lines"), comparison.measure("held_pence")
    says = (
        f"{written.count(comparison.visits, 'recorded visit')} of the period were priced twice, under"
        f" the terms in force and under {terms}, with the same orders, rates and matching:"
        f" {comparison.changed:,} of {lines.now:,} lines pay another amount. The difference is what the"
        " recorded visits support of a claimed saving; what is claimed beyond it needs another reason."
        " It is not a forecast: under other terms people would plan, stay and record differently."
        " Missed and cancelled visits stay what they were. Held money is counted apart, because nobody"
        f" has decided yet whether to pay it: {pounds(held.now)} now, {pounds(held.then)} then."
    )
    rows = tuple(
        (
            _MEASURES[one.measure],
            _written(one.measure, one.now),
            _written(one.measure, one.then),
            ("-" if one.difference < 0 else "") + _written(one.measure, abs(one.difference)),
            one.percent,
        )
        for one in comparison.measures
    )
    heads = ("Of all lines", "Now", "Then", "Difference", "Change")
    table = Table("All lines, now and then", heads, rows, frozenset({1, 2, 3, 4}))
    return Section("meaning", "What the difference means", says, table)


def _written(measure: str, number: int) -> str:
    if measure.endswith("_pence"):
        return pounds(number)
    return written.hours(number) if measure.endswith("_minutes") else f"{number:,}"


def _providers(comparison: Comparison) -> Section:
    shown = changing_most(comparison.providers)[:MOST_PROVIDERS]
    more = len(comparison.providers) - len(shown)
    says = "Payable money, without what is held."
    if more > 0:
        says += f" The chart shows the {MOST_PROVIDERS} providers that change most."
    rows = tuple((one.provider_id, *_amounts(one), *_hours(one)) for one in comparison.providers)
    heads = ("Provider", "Now", "Then", "Difference", "Change", "Hours now", "Hours then")
    return Section(
        "providers",
        "By provider",
        says,
        Table("Payable by provider", heads, rows, frozenset(range(1, 7))),
        _chart("providers", "Payable by provider", [(one.provider_id, one) for one in shown]),
    )


def _bands(comparison: Comparison) -> Section:
    rows = tuple((_band(one), f"{one.persons:,}", *_amounts(one)) for one in comparison.bands)
    says = (
        "People by the hours a week that their orders plan or allow, in the weeks they have any. It"
        " shows whose care the difference comes from."
    )
    heads = ("Planned hours a week", "People", "Now", "Then", "Difference", "Change")
    charted = [(_band(one), one) for one in comparison.bands if one.persons]
    title = "Payable by people's planned hours a week"
    return Section(
        "bands",
        "By people's planned hours a week",
        says,
        Table(title, heads, rows, frozenset(range(1, 6))),
        _chart("bands", title, charted),
    )


def _band(one: BandChange) -> str:
    return f"{one.hours_a_week} hours"


def _amounts(one: ProviderChange | BandChange) -> tuple[str, ...]:
    return (
        pounds(one.amount_pence_now),
        pounds(one.amount_pence_then),
        pounds(one.amount_pence_difference),
        one.amount_percent,
    )


def _hours(one: ProviderChange) -> tuple[str, str]:
    return written.hours(one.payable_minutes_now), written.hours(one.payable_minutes_then)


def _chart(key: str, title: str, named: Sequence[tuple[str, ProviderChange | BandChange]]) -> Chart:
    """Draw what is payable now and then; from a million pounds on, pence would not fit a telephone."""
    most = max((max(one.amount_pence_now, one.amount_pence_then) for _, one in named), default=0)
    rows: list[tuple[str, list[tuple[float, str]]]] = [
        (
            f"{name}, {one.amount_percent}" if one.amount_percent else name,
            [
                (pence, pounds(pence) if most < _MILLION else f"£{round(pence / 100):,}")
                for pence in (one.amount_pence_now, one.amount_pence_then)
            ],
        )
        for name, one in named
    ]
    return bars(key, title, _SERIES, rows)


def _lines(comparison: Comparison) -> Section:
    shown = comparison.lines[:MOST_LINES]
    says = (
        f"The {len(shown)} that change most of {written.count(comparison.changed, 'line')} that change;"
        f" the table lines has the first {len(comparison.lines):,}."
        if shown
        else "No line pays another amount."
    )
    rows = tuple(
        (
            one.line_id,
            *(written.short_day(one.service_on), one.person_id, one.provider_id),
            " ".join(what_changed(one)),
            *(pounds(one.amount_pence_now), pounds(one.amount_pence_then)),
            pounds(one.amount_pence_difference),
        )
        for one in shown
    )
    heads = ("Line", "Date", "Person", "Provider", "What changes", "Now", "Then", "Difference")
    return Section(
        "lines",
        "The lines that change most",
        says,
        Table("Lines that change most", heads, rows, frozenset({5, 6, 7})),
    )


def what_changed(line: LineChange) -> Iterator[str]:
    """Say why a line pays another amount, where that is simple."""
    held_now, held_then = _waits(line.reasons_now), _waits(line.reasons_then)
    if held_then and not held_now:
        yield f"Would be held ({held_then})."
    elif held_now and not held_then:
        yield f"Would not be held any more ({held_now})."
    now, then = line.payable_minutes_now, line.payable_minutes_then
    if now is None or then is None:
        return
    if now != then:
        paid = f"{written.count(then, 'minute')}{_why(line.reasons_then)}"
        yield f"Pays {paid}, not {now:,}{_why(line.reasons_now)}."
    elif bool(held_now) == bool(held_then):
        yield f"Pays {written.count(now, 'minute')} both times, at another price."


def _waits(reasons: Sequence[Reason]) -> str:
    return _listed(reason for reason in reasons if reason in HOLDING)


def _why(reasons: Sequence[Reason]) -> str:
    why = _listed(reason for reason in reasons if reason not in HOLDING)
    return f" ({why})" if why else ""


def _listed(reasons: Iterable[Reason]) -> str:
    return " and ".join(reason.replace("_", " ") for reason in reasons)

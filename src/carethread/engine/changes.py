"""What the same visits pay under two sets of terms: plain records, in the units of `records`.

`now` is under the terms in force, `then` under the others. Amounts and payable minutes are those of
lines that are not held; held money is counted apart. A percent is of `now`, in words, to one decimal:
`5.9% less`; of nothing it is empty.

Source: Tri-borough home care e-monitoring: savings of 8% and 6% anticipated, to be shown real.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from carethread.engine import words
from carethread.engine.records import Period
from carethread.engine.written import pounds, share

MEASURES = (
    "payable_minutes",
    "amount_pence",
    "held_pence",
    "lines",
    "held_lines",
    "unpriced_lines",
)
"""What is counted of all lines; unpriced lines are held ones that have no price."""
HOURS_A_WEEK = (
    "under 3.5",
    "3.5 to under 7",
    "7 to under 14",
    "14 to under 21",
    "21 to under 35",
    "35 or more",
)
"""The bands of persons, by planned hours a week."""
BAND_ENDS = (210, 420, 840, 1260, 2100)
"""Minutes a week below which a person is in a band; above the last, in the last band."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of all lines."""

    measure: str
    now: int
    then: int
    difference: int
    percent: str


@dataclass(frozen=True, slots=True)
class ProviderChange:
    """A provider's figures."""

    provider_id: str
    amount_pence_now: int
    amount_pence_then: int
    amount_pence_difference: int
    amount_percent: str
    payable_minutes_now: int
    payable_minutes_then: int
    payable_minutes_difference: int
    payable_minutes_percent: str
    held_pence_now: int
    held_pence_then: int


@dataclass(frozen=True, slots=True)
class BandChange:
    """The figures of the persons with so many planned hours a week."""

    hours_a_week: str
    persons: int
    amount_pence_now: int
    amount_pence_then: int
    amount_pence_difference: int
    amount_percent: str


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line that pays another amount. Amounts are 0 while it is held, held pence 0 while it is not.

    Empty: held pence and payable minutes that cannot be worked out.
    """

    line_id: str
    person_id: str
    provider_id: str
    service: str
    order_id: str
    service_on: date
    outcome: words.Outcome
    amount_pence_now: int
    amount_pence_then: int
    amount_pence_difference: int
    held_pence_now: int | None
    held_pence_then: int | None
    payable_minutes_now: int | None
    payable_minutes_then: int | None
    reasons_now: tuple[words.Reason, ...]
    reasons_then: tuple[words.Reason, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A period under two sets of terms. `lines` are those that change most; `changed` counts all.

    visits: the delivered visits on the lines. measures: in the order of MEASURES; providers: by id;
    bands: in the order of HOURS_A_WEEK.
    """

    period: Period
    visits: int
    changed: int
    measures: Sequence[Measure]
    providers: Sequence[ProviderChange]
    bands: Sequence[BandChange]
    lines: Sequence[LineChange]

    def measure(self, name: str) -> Measure:
        """Return one of the measures."""
        return self.measures[MEASURES.index(name)]


def percent(now: int, then: int) -> str:
    """Write a change in percent of what is now.

    >>> percent(8000, 7520), percent(0, 5), percent(7, 7)
    ('6.0% less', '', '0.0%')
    """
    if not now or now == then:
        return share(0, now)
    return f"{share(abs(then - now), now)} {'less' if then < now else 'more'}"


def measure(name: str, now: int, then: int) -> Measure:
    """Return a measure with its difference."""
    return Measure(name, now, then, then - now, percent(now, then))


def headline(comparison: Comparison, terms: str) -> str:
    """Say in a sentence what the other terms would have paid."""
    amount = comparison.measure("amount_pence")
    would = f"Under {terms} the same recorded visits would have paid"
    if not amount.difference:
        return f"{would} the same."
    part = share(abs(amount.difference), amount.now)
    of = f" ({part})" if part else ""
    way = "less" if amount.difference < 0 else "more"
    return f"{would} {pounds(abs(amount.difference))} {way}{of}."


def changing_most(providers: Sequence[ProviderChange]) -> list[ProviderChange]:
    """Return the providers, the one whose amount changes most first."""
    return sorted(providers, key=lambda one: (-abs(one.amount_pence_difference), one.provider_id))

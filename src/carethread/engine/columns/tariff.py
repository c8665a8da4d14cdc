"""Contracts, terms and rate cards as tables that compiled code reads.

Which rate fits is asked of the reference once for every card, kind of day, place in the team and
stretch of the day between two band edges; compiled code only looks the answer up.

Source: settlement §2 (`contracts.toml`) and §5, "Rate".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from carethread.engine import units
from carethread.engine.columns.arrays import NONE, Ints
from carethread.engine.columns.compiled import bare
from carethread.engine.holidays import day_types
from carethread.engine.records import Contract, Period, RateRow, Settings, Terms
from carethread.engine.reference import price
from carethread.engine.reference.minutes import percent_text
from carethread.engine.words import (
    BandRule,
    Cap,
    DoubleUp,
    Kind,
    Manual,
    PayBasis,
    Pool,
    Reason,
    Rounding,
    Unplanned,
)

EPOCH = date(1970, 1, 1)
BEYOND = timedelta(days=12)
"""How far outside the settled period the calendar reaches: minutes of a line may run on."""
_MONDAY = date(2024, 1, 1)
_SLOTS = (None, 1, 2)
MOST = 2**31 - 1
_FINEST, _MOST_STRETCHES = 10**4, 255
"""Percents of finer parts could take a product beyond 64 bits; stretches are counted in a byte."""

(
    FROM,
    BASIS,
    TOLERANCE,
    MINIMUM,
    UNIT,
    ROUND,
    BANDS_BEGIN,
    BANDS_END,
    CEILING,
    POOL,
    OVERLAP,
    MISSED,
    FRUSTRATED,
    CANCELLED_BEGIN,
    CANCELLED_END,
    SUSPENDED,
    RETAINER,
    UNPLANNED,
    HOLD_MANUAL,
    HOLD_ON,
    SPLIT,
) = range(21)
"""The columns of the table of terms. CEILING is the minutes above the plan, NONE without a cap;
MISSED, FRUSTRATED and SUSPENDED are places in the table of percents."""

ACTUAL, PLANNED, TOLERANT = (list(PayBasis).index(basis) for basis in PayBasis)
NEAREST, UP, DOWN = (list(Rounding).index(way) for way in Rounding)
NO_POOL, WEEK, MONTH = (list(Pool).index(pool) for pool in Pool)
HOLD, PAY, ZERO = (list(Unplanned).index(choice) for choice in Unplanned)
DOUBTS = (Kind.SAME_WORKER, Kind.WORKER_OVERLAP, Kind.SHORT_TEAM, Kind.LATE_TIME_CRITICAL)
"""What `hold_on` may name: bit 0 of HOLD_ON is the first."""


class Tariff(NamedTuple):
    """The tables.

    known: per contract, whether it is in contracts.toml. terms_begin: per contract, where its terms
    begin in `terms`. bands: (minutes up to, minutes paid). notices: (minutes of notice below which,
    percent). percents: (numerator, denominator). card_begin: per contract and service in use, where
    its cards begin in card_from. stretch: per card and minute of day, which stretch of the day.
    rate: per card, kind of day, place and stretch, which rate; split: the same among hourly rows
    alone. problem, hourly: per rate; steps_begin and steps (minutes, pence): its ladder.
    first_day, day_kind, month_first, month_last: the calendar.
    """

    known: NDArray[np.int8]
    terms_begin: Ints
    terms: Ints
    bands: Ints
    notices: Ints
    percents: NDArray[np.int64]
    card_begin: Ints
    card_from: Ints
    stretch: NDArray[np.uint8]
    rate: Ints
    split: Ints
    problem: NDArray[np.int8]
    hourly: Ints
    steps_begin: Ints
    steps: Ints
    first_day: int
    day_kind: NDArray[np.int8]
    month_first: Ints
    month_last: Ints


@dataclass(frozen=True)
class TariffWords:
    """What the places in the tables are called."""

    percents: Sequence[str]
    kinds: Sequence[str]
    hourly_kinds: Sequence[str]


NO_PROBLEM, NO_RATE, AMBIGUOUS = 0, 1, 2
_PROBLEM = {None: NO_PROBLEM, Reason.NO_RATE: NO_RATE, Reason.AMBIGUOUS_RATE: AMBIGUOUS}


class CannotBeTabled(Exception):
    """The terms hold numbers too fine or too large for whole numbers of 64 bits."""


def days_since(day: date) -> int:
    """Return a date as days since 1970."""
    return (day - EPOCH).days


class _Percents:
    """Collects percents in the order in which they are first used."""

    def __init__(self) -> None:
        self.places: dict[Fraction, int] = {}
        self.of(Fraction(100))

    def of(self, percent: Fraction) -> int:
        if percent.denominator > _FINEST:
            raise CannotBeTabled
        return self.places.setdefault(percent, len(self.places))


WHOLE = 0
"""The place of 100 percent."""


def compile_tariff(
    contracts: Iterable[Contract],
    rates: Iterable[RateRow],
    settings: Settings,
    contract_ids: Sequence[str],
    families: Sequence[tuple[str, str]],
    period: Period,
) -> tuple[Tariff, TariffWords]:
    """Return the tables for the contracts, and the (contract, service) pairs, that orders use.

    Raises:
        CannotBeTabled: if a percent or a price does not fit.
    """
    asked = price.Tariff(contracts, rates, settings)
    of = {contract.contract_id: contract.terms for contract in contracts}
    percents = _Percents()
    terms_begin, terms = [0], list[tuple[int, ...]]()
    bands, notices = list[tuple[int, int]](), list[tuple[int, int]]()
    for contract_id in contract_ids:
        for one in sorted(of.get(contract_id, ()), key=lambda one: one.from_on):
            terms.append(_terms_row(one, len(bands), len(notices), percents))
            bands += one.bands
            notices += [
                (min(MOST, ceil(hours * 60)), percents.of(percent))
                for hours, percent in sorted(one.cancelled)
            ]
        terms_begin.append(len(terms))
    cards = _Cards()
    for family in families:
        cards.add(asked, family, period)
    first = period.first_on - BEYOND
    days = [first + timedelta(days=n) for n in range((period.last_on - first + BEYOND).days + 1)]
    tables = Tariff(
        known=np.array([contract_id in of for contract_id in contract_ids], np.int8),
        terms_begin=_ints(terms_begin),
        terms=_ints(terms, 21),
        bands=_ints(bands, 2),
        notices=_ints(notices, 2),
        percents=np.array([(p.numerator, p.denominator) for p in percents.places], np.int64).reshape(
            -1, 2
        ),
        **cards.tables(),
        first_day=days_since(first),
        day_kind=np.array([_day_kind(day, asked) for day in days], np.int8),
        month_first=_ints([days_since(day.replace(day=1)) for day in days]),
        month_last=_ints([days_since(_month_last(day)) for day in days]),
    )
    words = TariffWords([percent_text(p) for p in percents.places], cards.kinds, cards.hourly_kinds)
    return tables, words


def _ints(rows: Sequence[object], width: int = 0) -> Ints:
    made = np.array(rows, np.int32)
    return made.reshape(-1, width) if width else made


def _month_last(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _day_kind(day: date, asked: price.Tariff) -> int:
    kind = max(0, day.weekday() - 4)
    return kind + (3 if asked.is_bank_holiday(day) else 0)


def _terms_row(one: Terms, bands: int, notices: int, percents: _Percents) -> tuple[int, ...]:
    return (
        days_since(one.from_on),
        list(PayBasis).index(one.pay_basis),
        one.tolerance_minutes,
        one.minimum_minutes,
        one.round_to_minutes,
        list(Rounding).index(one.round),
        bands,
        bands + len(one.bands),
        one.cap_over_minutes if one.cap is Cap.PLANNED else NONE,
        list(Pool).index(one.pool),
        int(one.double_up is DoubleUp.OVERLAP),
        percents.of(one.missed_percent),
        percents.of(one.frustrated_percent),
        notices,
        notices + len(one.cancelled),
        percents.of(one.suspended_percent),
        one.retainer_days,
        list(Unplanned).index(one.unplanned),
        int(one.manual is Manual.HOLD),
        sum(1 << bit for bit, kind in enumerate(DOUBTS) if kind in one.hold_on),
        int(one.band_rule is BandRule.SPLIT),
    )


class _Cards:
    """Collects the cards in force in the period, and every rate they can give."""

    def __init__(self) -> None:
        self.begin = [0]
        self.from_on: list[int] = []
        self.stretches: list[list[int]] = []
        self.rates: dict[price.Rate, int] = {}
        self.rate: list[list[int]] = []
        self.split: list[list[int]] = []
        self.kinds: list[str] = []
        self.hourly_kinds: list[str] = []

    def add(self, asked: price.Tariff, family: tuple[str, str], period: Period) -> None:
        """Add a contract and service's cards."""
        day = period.first_on
        dates = {asked.card(*family, day)[0]}
        dates |= {on for on in asked.card_dates(*family) if period.holds(on)}
        for on in sorted(dates - {date.min}):
            self._add_card(days_since(on), asked.card(*family, on)[1])
        self.begin.append(len(self.from_on))

    def _add_card(self, from_on: int, rows: Sequence[RateRow]) -> None:
        edges = {0} | {edge % units.DAY_MINUTES for row in rows for edge in row.band or ()}
        starts = sorted(edges)
        if len(starts) > _MOST_STRETCHES:
            raise CannotBeTabled
        self.from_on.append(from_on)
        self.stretches.append(
            [
                place
                for place, length in enumerate(np.diff([*starts, units.DAY_MINUTES]))
                for _ in range(length)
            ]
        )
        hourly = [row for row in rows if row.minutes is None]
        self.rate.append([self._place(rows, case) for case in _cases(starts)])
        self.split.append([self._place(hourly, case) for case in _cases(starts)])

    def _place(self, rows: Sequence[RateRow], case: tuple[int, int | None, int]) -> int:
        kind, slot, minute = case
        day = _MONDAY + timedelta(days=kind % 3 + 4)
        days = day_types(day, bank_holiday=kind >= 3)  # noqa: PLR2004 -- the kinds of `_day_kind`
        rate = price.rate_of(price.fitting(rows, slot, days, minute))
        if rate not in self.rates:
            self.rates[rate] = len(self.rates)
            self.kinds.append(rate.kind)
            self.hourly_kinds.append(rate.hourly_kind)
        return self.rates[rate]

    def tables(self) -> Mapping[str, Any]:
        """Return the tables of cards and rates."""
        most = max((stretch[-1] + 1 for stretch in self.stretches), default=1)
        shape = (len(self.from_on), 6, 3, most)
        rates = list(self.rates)
        steps = [step for rate in rates for step in rate.steps]
        return {
            "card_begin": _ints(self.begin),
            "card_from": _ints(self.from_on),
            "stretch": np.array(self.stretches, np.uint8).reshape(-1, units.DAY_MINUTES),
            "rate": self._by_case(self.rate, shape),
            "split": self._by_case(self.split, shape),
            "problem": np.array([_PROBLEM[rate.problem] for rate in rates], np.int8),
            "hourly": _ints(
                [NONE if rate.hourly_pence is None else rate.hourly_pence for rate in rates]
            ),
            "steps_begin": _ints(np.cumsum([0, *(len(rate.steps) for rate in rates)]).tolist()),
            "steps": _ints(steps, 2),
        }

    def _by_case(self, places: Sequence[Sequence[int]], shape: tuple[int, ...]) -> Ints:
        table = np.zeros(shape, np.int32)
        for card, row in enumerate(places):
            table[card, :, :, : len(row) // 18] = np.array(row, np.int32).reshape(6, 3, -1)
        return table


def _cases(starts: Sequence[int]) -> list[tuple[int, int | None, int]]:
    return [(kind, slot, minute) for kind in range(6) for slot in _SLOTS for minute in starts]


@bare
def terms_on(tariff: Tariff, contract: int, day: int) -> int:
    """Return the place of the terms in force on a day, -1 if there are none."""
    found = -1
    for place in range(tariff.terms_begin[contract], tariff.terms_begin[contract + 1]):
        if tariff.terms[place, FROM] <= day:
            found = place
    return found


@bare
def card_on(tariff: Tariff, family: int, day: int) -> int:
    """Return the place of the rate card in force on a day, -1 if there is none."""
    found = -1
    for place in range(tariff.card_begin[family], tariff.card_begin[family + 1]):
        if tariff.card_from[place] <= day:
            found = place
    return found

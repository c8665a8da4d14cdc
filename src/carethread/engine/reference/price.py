"""Which terms and which rate are in force, and what minutes cost at that rate.

Source: settlement §5, "Rate", "Amount" and `band_rule`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby

from carethread.engine.holidays import bank_holidays, day_types
from carethread.engine.records import Contract, RateRow, Settings, Terms
from carethread.engine.units import local_date, minute_of_day
from carethread.engine.words import BandRule, DayType, Reason

HOUR = 60
_DAY_RANK = {
    DayType.BANK_HOLIDAY: 0,
    DayType.SATURDAY: 1,
    DayType.SUNDAY: 1,
    DayType.WEEKEND: 2,
    DayType.WEEKDAY: 2,
    DayType.ANY: 3,
}
Kind = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Job:
    """What is priced: the contract's service on a day, in a place of the team, from a moment on."""

    contract_id: str
    service: str
    service_on: date
    slot: int | None
    start: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """How a price ladder was used: the step taken, and the next step's price where it cut."""

    step_minutes: int
    step_pence: int
    limit_pence: int | None


@dataclass(frozen=True, slots=True)
class Quote:
    """A price: exact pence, or the reasons why there is none; with the rate it came from."""

    pence: Fraction | None
    problems: tuple[Reason, ...] = ()
    card_from: date | None = None
    kind: str = ""
    hourly_pence: int | None = None
    hourly_kind: str = ""
    ladder: Ladder | None = None
    pieces: tuple[tuple[int, int], ...] = ()


class Tariff:
    """The council's contracts, terms and rate cards, asked by day."""

    def __init__(
        self, contracts: Iterable[Contract], rates: Iterable[RateRow], settings: Settings
    ) -> None:
        """Index terms by contract and cards by contract and service."""
        self._terms = {contract.contract_id: contract.terms for contract in contracts}
        self._cards: dict[tuple[str, str], dict[date, list[RateRow]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for row in rates:
            self._cards[row.contract_id, row.service][row.from_on].append(row)
        self.is_bank_holiday = bank_holidays(
            region=settings.region_holidays, extra=settings.extra_holidays
        )

    def has(self, contract_id: str) -> bool:
        """Say whether the contract is known."""
        return contract_id in self._terms

    def terms(self, contract_id: str, day: date) -> Terms | None:
        """Return the terms in force on the day: those with the latest `from` on or before it."""
        dated = [t for t in self._terms.get(contract_id, ()) if t.from_on <= day]
        return max(dated, key=lambda terms: terms.from_on, default=None)

    def card(self, contract_id: str, service: str, day: date) -> tuple[date, Sequence[RateRow]]:
        """Return the rate card in force on the day, with its date; an empty one if there is none.

        A new date replaces the whole card.
        """
        cards = self._cards.get((contract_id, service), {})
        from_on = max((on for on in cards if on <= day), default=date.min)
        return from_on, cards.get(from_on, ())

    def card_dates(self, contract_id: str, service: str) -> list[date]:
        """Return the dates from which the contract and service have a rate card."""
        return sorted(self._cards.get((contract_id, service), ()))

    def quote(self, job: Job, minutes: int, rule: BandRule) -> Quote:
        """Price the minutes of a job."""
        if minutes == 0:
            return Quote(Fraction(0))
        if rule is BandRule.SPLIT:
            return self._split_quote(job, minutes)
        return self._start_quote(job, minutes)

    def _fitting(self, job: Job, rows: Iterable[RateRow], moment: int, day: date) -> list[RateRow]:
        """Return the rows that fit the slot, the day and the time of day, best kind first."""
        days = day_types(day, bank_holiday=self.is_bank_holiday(day))
        return fitting(rows, job.slot, days, minute_of_day(moment))

    def _start_quote(self, job: Job, minutes: int) -> Quote:
        """Price all minutes at the rate of the rating start."""
        card_from, card = self.card(job.contract_id, job.service, job.service_on)
        rate = rate_of(self._fitting(job, card, job.start, job.service_on))
        if rate.problem is not None:
            return Quote(None, (rate.problem,))
        pence, ladder = climb(rate.steps, rate.hourly_pence, minutes)
        return Quote(
            pence,
            (Reason.NO_RATE,) if pence is None else (),
            card_from,
            rate.kind,
            rate.hourly_pence,
            rate.hourly_kind,
            ladder,
        )

    def _split_quote(self, job: Job, minutes: int) -> Quote:
        """Price each minute at the best hourly row of its own clock and day."""
        card_from, card = self.card(job.contract_id, job.service, job.service_on)
        hourly = [row for row in card if row.minutes is None]
        paid: list[int] = []
        problems: set[Reason] = set()
        for moment in range(job.start, job.start + minutes):
            rate = rate_of(self._fitting(job, hourly, moment, local_date(moment)))
            if rate.problem is None and rate.hourly_pence is not None:
                paid.append(rate.hourly_pence)
            elif rate.problem is not None:
                problems.add(rate.problem)
        if problems:
            return Quote(None, tuple(problems))
        pieces = tuple((len(list(run)), rate) for rate, run in groupby(paid))
        return Quote(Fraction(sum(paid), HOUR), (), card_from, "split", pieces=pieces)


def fitting(
    rows: Iterable[RateRow], slot: int | None, days: frozenset[DayType], minute: int
) -> list[RateRow]:
    """Return the rows that fit a slot, a day's types and a minute of the day, best kind first."""
    fit = [
        row
        for row in rows
        if row.slot in (None, slot) and row.day_type in days and in_band(row.band, minute)
    ]
    return sorted(fit, key=kind_of)


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate of the best kind: its ladder's (minutes, pence) steps, rising, and its hourly rate.

    `hourly_kind` says whose hourly rate it is where the best kind has none of its own.
    """

    problem: Reason | None
    steps: tuple[tuple[int, int], ...] = ()
    hourly_pence: int | None = None
    kind: str = ""
    hourly_kind: str = ""


def rate_of(fit: Sequence[RateRow]) -> Rate:
    """Return the rate of rows that fit, best kind first.

    All rows of the best kind are the rate; without an hourly row it takes the next best kind's.
    """
    kinds = [list(rows) for _, rows in groupby(fit, key=kind_of)]
    if not kinds:
        return Rate(Reason.NO_RATE)
    steps = sorted((row for row in kinds[0] if row.minutes is not None), key=_length)
    hourly = next((rows for rows in map(_hourly, kinds) if rows), [])
    if len(hourly) > 1 or len({row.minutes for row in steps}) < len(steps):
        return Rate(Reason.AMBIGUOUS_RATE)
    row = hourly[0] if hourly else None
    borrowed = row is not None and kind_of(row) != kind_of(kinds[0][0])
    return Rate(
        None,
        tuple((_length(step), step.amount_pence) for step in steps),
        row.amount_pence if row else None,
        describe(kinds[0][0]),
        describe(row) if row and borrowed else "",
    )


def in_band(band: tuple[int, int] | None, minute: int) -> bool:
    """Say whether a minute of the day lies in a time band: its start does, its end does not.

    A band may cross midnight; one whose ends are equal is all day.
    """
    if band is None:
        return True
    begin, end = band
    if begin < end:
        return begin <= minute < end
    return begin == end or minute >= begin or minute < end


def kind_of(row: RateRow) -> Kind:
    """Return the row's kind; the smaller, the better it is."""
    return (
        -row.priority,
        _DAY_RANK[row.day_type],
        0 if row.band is not None else 1,
        0 if row.slot is not None else 1,
    )


def describe(row: RateRow) -> str:
    """Say in words what a rate row is for: `weekday 06:00-20:00 slot 2`."""
    words = [row.day_type.value]
    if row.band is not None:
        words.append("-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in row.band))
    if row.slot is not None:
        words.append(f"slot {row.slot}")
    return " ".join(words)


def _hourly(rows: Iterable[RateRow]) -> list[RateRow]:
    return [row for row in rows if row.minutes is None]


def _length(row: RateRow) -> int:
    assert row.minutes is not None
    return row.minutes


def climb(
    steps: Sequence[tuple[int, int]], hourly_pence: int | None, minutes: int
) -> tuple[Fraction | None, Ladder | None]:
    """Price minutes on a ladder of (minutes, pence) steps, in rising order, and an hourly rate.

    The largest step not above the minutes has its price, what remains goes by the hour, and the sum
    is never more than the next larger step. Without steps everything goes by the hour. None when
    something remains and there is no hourly rate.
    """
    length, price = max((step for step in steps if step[0] <= minutes), default=(0, 0))
    limit = min((step for step in steps if step[0] > minutes), default=None)
    rest = minutes - length
    if rest and hourly_pence is None:
        return None, None
    pence = Fraction(price)
    if rest and hourly_pence is not None:
        pence += Fraction(rest * hourly_pence, HOUR)
    cut = limit is not None and pence > limit[1]
    if cut and limit is not None:
        pence = Fraction(limit[1])
    ladder = Ladder(length, price, limit[1] if cut and limit else None) if steps else None
    return pence, ladder

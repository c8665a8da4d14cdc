"""A council's contracts, calendar and prices as small tables that any engine can join.

The rules are few enough to be worked out beforehand: `calendar` has a row for every contract, service,
agreed time and day, with the instant and the price list that is in force then; `prices` has the price
of every list for every number of minutes. What is left for the peers is joining millions of rows.
"""

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.common import FIRST, LAST
from carethread.engine.holidays import bank_holidays, day_types
from carethread.engine.units import instant_on

_HOUR = 60
_RANK = {"bank_holiday": 0, "saturday": 1, "sunday": 1, "weekend": 2, "weekday": 2, "any": 3}
_PRICED_BY = ["contract_id", "service", "start_time"]
List = tuple[int | None, tuple[tuple[int, int], ...]]
"""Pence an hour, and steps of (minutes, pence)."""


class Rate(NamedTuple):
    """A row of a rate card."""

    from_on: date
    day_type: str
    band_from: str | None
    band_to: str | None
    minutes: int | None
    amount_pence: int
    priority: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """The three tables, and the window for matching."""

    window: int
    terms: pa.Table
    calendar: pa.Table
    prices: pa.Table


def tariff(folder: Path) -> Tariff:
    """Read a council's contracts and rates."""
    with (folder / "contracts.toml").open("rb") as file:
        contracts = tomllib.load(file)
    cards = _cards(folder)
    orders = pq.read_table(folder / "orders.parquet", columns=[*_PRICED_BY, "minutes"])
    orders = orders.filter(pc.is_valid(orders["start_time"]))
    numbers: dict[List, int] = {}
    days = _days()
    calendar = []
    for order in orders.group_by(_PRICED_BY).aggregate([]).to_pylist():
        minute = _minute(order["start_time"])
        card = cards[order["contract_id"], order["service"]]
        for day, types in days.items():
            number = numbers.setdefault(_list(card, types, minute), len(numbers))
            start = instant_on(day, minute)[0]
            row = {"day": day, "weekday": day.isoweekday(), "start": start, "list": number}
            calendar.append({**order, **row})
    prices = [
        {"list": number, "payable_minutes": minutes, "amount_pence": _price(one, minutes)}
        for one, number in numbers.items()
        for minutes in range(pc.max(orders["minutes"]).as_py() + 1)
    ]
    return Tariff(
        contracts["match"]["window_minutes"],
        pa.Table.from_pylist([_terms(contract) for contract in contracts["contract"]]),
        pa.Table.from_pylist(calendar),
        pa.Table.from_pylist(prices),
    )


def _cards(folder: Path) -> Mapping[tuple[str, str], tuple[Rate, ...]]:
    """Return the rate card of every contract and service; an invented council has one of each."""
    cards: dict[tuple[str, str], tuple[Rate, ...]] = defaultdict(tuple)
    for row in pq.read_table(folder / "rates.parquet").to_pylist():
        assert row["slot"] == "any"
        cards[row["contract_id"], row["service"]] += (Rate(*(row[name] for name in Rate._fields)),)
    assert all(len({row.from_on for row in card}) == 1 for card in cards.values())
    return cards


def _days() -> Mapping[date, frozenset[str]]:
    """Return the days of the period and what kinds of day each is."""
    is_bank_holiday = bank_holidays(region=True, extra=frozenset())
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    kinds = {day: day_types(day, bank_holiday=is_bank_holiday(day)) for day in days}
    return {day: frozenset(kind.value for kind in types) for day, types in kinds.items()}


def _terms(contract: Mapping[str, Any]) -> Mapping[str, Any]:
    (terms,) = contract["terms"]
    return {
        "contract_id": contract["id"],
        "basis": terms["pay_basis"],
        "tolerance": terms.get("tolerance_minutes", 0),
        "minimum": max(1, terms.get("minimum_minutes", 0)),
        "unit": terms.get("round_to_minutes", 1),
    }


@cache
def _list(card: Sequence[Rate], types: frozenset[str], minute: int) -> List:
    """Return the price list of a card on a kind of day, from a minute of the day on."""
    fit = sorted(
        (rate for rate in card if rate.day_type in types and _in_band(rate, minute)), key=_rank
    )
    best = [rate for rate in fit if _rank(rate) == _rank(fit[0])]
    hourly = next((rate.amount_pence for rate in (*best, *fit) if rate.minutes is None), None)
    steps = ((rate.minutes, rate.amount_pence) for rate in best if rate.minutes is not None)
    return hourly, tuple(sorted(steps))


def _minute(clock: str) -> int:
    return int(clock[:2]) * _HOUR + int(clock[3:5])


def _in_band(rate: Rate, minute: int) -> bool:
    if rate.band_from is None or rate.band_to is None:
        return True
    begin, end = _minute(rate.band_from), _minute(rate.band_to)
    return begin <= minute < end if begin < end else minute >= begin or minute < end


def _rank(rate: Rate) -> tuple[int, int, bool]:
    return -rate.priority, _RANK[rate.day_type], rate.band_from is None


def _price(one: List, minutes: int) -> int | None:
    """Price minutes on a list: the largest step, the rest by the hour, at most the next step."""
    hourly, steps = one
    length, pence = max((step for step in steps if step[0] <= minutes), default=(0, 0))
    rest = minutes - length
    if rest and hourly is None:
        return None
    rounded = (2 * (pence * _HOUR + rest * (hourly or 0)) + _HOUR) // (2 * _HOUR)
    return min([rounded, *(step[1] for step in steps if step[0] > minutes)])

"""Reads: a council's contracts, rates and rules, as the engine takes them."""

from collections import defaultdict
from dataclasses import fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from carethread.engine import records, words
from carethread.providers.models import Contract, ContractTerms, SettlementRules

_PERCENTS = ("missed_percent", "frustrated_percent", "suspended_percent")
_WORDS = {
    "pay_basis": words.PayBasis,
    "round": words.Rounding,
    "cap": words.Cap,
    "pool": words.Pool,
    "double_up": words.DoubleUp,
    "unplanned": words.Unplanned,
    "manual": words.Manual,
    "band_rule": words.BandRule,
}


def stated_contracts() -> list[records.Contract]:
    """Return the contracts that the one council in scope has stated, with their terms, by id."""
    terms: dict[int, list[records.Terms]] = defaultdict(list)
    for one in ContractTerms.objects.order_by("contract", "from_on"):
        terms[one.contract_id].append(terms_of(one))
    stated = Contract.objects.filter(is_stated=True).order_by("ref")
    return [records.Contract(one.ref, tuple(terms[one.pk])) for one in stated]


def terms_of(row: ContractTerms) -> records.Terms:
    """Return terms as the engine takes them."""
    values: dict[str, Any] = {one.name: getattr(row, one.name) for one in fields(records.Terms)}
    values |= {name: word(values[name]) for name, word in _WORDS.items()}
    values |= {name: _exact(values[name]) for name in _PERCENTS}
    values["bands"] = tuple((limit, pays) for limit, pays in values["bands"])
    values["cancelled"] = tuple((_exact(hours), _exact(part)) for hours, part in values["cancelled"])
    values["hold_on"] = frozenset(words.Kind(kind) for kind in values["hold_on"])
    return records.Terms(**values)


def settlement_settings() -> records.Settings:
    """Return what the one council in scope settles by beside its contracts."""
    row = SettlementRules.objects.first()
    if row is None:
        return records.Settings()
    values: dict[str, Any] = {one.name: getattr(row, one.name) for one in fields(records.Settings)}
    values |= {name: _exact(values[name]) for name in ("over_percent", "under_percent")}
    values["extra_holidays"] = frozenset(map(date.fromisoformat, values["extra_holidays"]))
    return records.Settings(**values)


def _exact(number: Any) -> Fraction:
    """Return a number that is kept as the text of a decimal, or is whole."""
    return Fraction(Decimal(str(number)))

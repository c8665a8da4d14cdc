"""`contracts.toml` against the books: terms by contract and first day; what the file leaves out stays.

A row is one thing that the file states: its settings as a whole, a contract, terms. It is numbered by
its place among them.

Source: settlement §2, `contracts.toml`; docs/decisions/0010.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from carethread.engine.records import Settings, Terms
from carethread.formats.settlement.contracts import FILE, ContractsRead, read_contracts
from carethread.interchange.imports.given import Given
from carethread.interchange.imports.records import Change, Checked, Hand
from carethread.interchange.imports.told import Days, Told, judged, of_faults, refused, too_long
from carethread.interchange.imports.words import Code, Verdict
from carethread.providers.models import Contract, ContractTerms, SettlementRules

TABLE = "contracts"
_EARLIEST = date(1900, 1, 1)
_LONGEST = 100
_PERCENTS = ("missed_percent", "frustrated_percent", "suspended_percent")
_OF_TERMS = tuple(name for name in Terms.__slots__ if name != "from_on")
_MATCH = ("window_minutes", "join_gap_minutes", "time_critical_minutes")
_INVOICE = ("over_pence_per_line", "over_percent", "under_pence_per_line", "under_percent")
_HOLIDAYS = ("region_holidays", "extra_holidays")
_SECTIONS = {"match": _MATCH, "holidays": _HOLIDAYS, "invoice": _INVOICE}


@dataclass(frozen=True, slots=True)
class _Stated:
    """What one row states: the settings (no contract), a contract (no terms), or terms."""

    contract_id: str = ""
    from_on: date | None = None


def judge_contracts(given: Given) -> Checked:
    """Judge the contracts, terms and settings of a batch."""
    read = read_contracts(given.folder)
    said = {} if read.faults else _said(given)
    changes = list(_changes(read, said))
    told = [*of_faults(TABLE, [replace(one, row=one.row) for one in read.faults]), *_too_long(read)]
    told = [replace(one, code=Code.UNREADABLE_FILE) if read.faults else one for one in told]
    rows = [] if read.faults else [one.row for one in changes]
    if any(one.is_rejected for one in told):
        return Checked(refused(TABLE, rows, told), partial(_write, []))
    found = judged(TABLE, {one.row: one.verdict for one in changes}, told, None)
    writes = [one for one in changes if one.verdict is not Verdict.UNCHANGED]
    if writes:
        found.days = Days(min(one.record.from_on or _EARLIEST for one in writes), None)
    return Checked(found, partial(_write, writes))


def _said(given: Given) -> Mapping[str, Any]:
    text = (given.folder / FILE).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    return tomllib.loads(text, parse_float=Decimal)


def _too_long(read: ContractsRead) -> Iterator[Told]:
    for row, one in enumerate(read.contracts, 2):
        if len(one.contract_id) > _LONGEST:
            yield too_long(TABLE, row, "id", one.contract_id, _LONGEST)


def _changes(read: ContractsRead, said: Mapping[str, Any]) -> Iterator[Change]:
    row = 1
    sections = [name for name in _SECTIONS if name in said]
    if sections:
        row += 1
        after = {name: value for one in sections for name, value in _section(read.settings, one)}
        stored = SettlementRules.objects.values(*after).first()
        yield _change(row, _Stated(), stored, after)
    contracts = {one.ref: one for one in Contract.objects.all()}
    stored_terms = {
        (one.contract.ref, one.from_on): one for one in ContractTerms.objects.select_related("contract")
    }
    for contract in read.contracts:
        row += 1
        there = contracts.get(contract.contract_id)
        before = None if there is None else {"is_stated": there.is_stated}
        yield _change(row, _Stated(contract.contract_id), before, {"is_stated": True})
        for terms in contract.terms:
            row += 1
            old = stored_terms.get((contract.contract_id, terms.from_on))
            after = as_stored(terms)
            before = None if old is None else {name: getattr(old, name) for name in after}
            yield _change(row, _Stated(contract.contract_id, terms.from_on), before, after)


def _change(
    row: int, stated: _Stated, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> Change:
    verdict = Verdict.NEW if before is None else Verdict.CHANGED
    if before == after:
        verdict = Verdict.UNCHANGED
    return Change(row, stated, verdict, before, after, stated)


def decimal(value: Fraction) -> str:
    """Return an exact fraction, which came from a decimal, as that decimal."""
    return format((Decimal(value.numerator) / Decimal(value.denominator)).normalize(), "f")


def as_stored(terms: Terms) -> dict[str, Any]:
    """Return terms in the books' columns."""
    values: dict[str, Any] = {name: _plain(getattr(terms, name)) for name in _OF_TERMS}
    return {
        **values,
        **{name: decimal(getattr(terms, name)) for name in _PERCENTS},
        "bands": [list(one) for one in terms.bands],
        "cancelled": [[decimal(hours), decimal(percent)] for hours, percent in terms.cancelled],
        "hold_on": sorted(kind.value for kind in terms.hold_on),
    }


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)


def _section(settings: Settings, section: str) -> Iterator[tuple[str, Any]]:
    """Yield a section's settings in the books' columns."""
    readers: dict[str, Callable[[Any], Any]] = {
        "extra_holidays": lambda days: sorted(day.isoformat() for day in days),
        "over_percent": decimal,
        "under_percent": decimal,
    }
    for name in _SECTIONS[section]:
        yield name, readers.get(name, _plain)(getattr(settings, name))


def _write(changes: list[Change], hand: Hand) -> None:
    contracts = hand.contracts(one.record.contract_id for one in changes if one.record.contract_id)
    for one in changes:
        stated: _Stated = one.record
        if not stated.contract_id:
            rows, keyed = SettlementRules.objects.all(), {}
        elif stated.from_on is None:
            Contract.objects.filter(pk=contracts[stated.contract_id]).update(**one.after)
            continue
        else:
            keyed = {"contract_id": contracts[stated.contract_id], "from_on": stated.from_on}
            rows = ContractTerms.objects.filter(**keyed)
        if one.verdict is Verdict.NEW:
            rows.model.objects.create(council_id=hand.council, **keyed, **one.after)
        else:
            rows.update(**one.after)
            where = f"{stated.contract_id}/{stated.from_on}" if stated.contract_id else "settings"
            hand.tell("terms.changed", f"terms:{where}"[:200], one)

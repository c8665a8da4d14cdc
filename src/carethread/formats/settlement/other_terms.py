"""Other terms for the same folder: another file like `contracts.toml`, or a ready-made variant of it.

Source: settlement §2.
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from carethread.engine.records import Contract, Fault, Period, Settings
from carethread.engine.variants import VARIANTS, varied
from carethread.formats.settlement.contracts import FILE, MATCH, ContractsRead, read_contracts

_HOLIDAYS = ("region_holidays", "extra_holidays")


@dataclass(frozen=True, slots=True)
class Own:
    """What a folder settles by itself: its contracts and settings, and the contracts orders use."""

    contracts: Sequence[Contract]
    settings: Settings
    used: Collection[str]


@dataclass(frozen=True, slots=True)
class OtherTerms:
    """The other terms as they rule the folder, or the faults that forbid it.

    name: how people call them. notes: what to know before the figures are used.
    """

    name: str
    contracts: Sequence[Contract]
    settings: Settings
    notes: Sequence[str] = ()
    faults: Sequence[Fault] = ()


def other_terms(given: str, own: Own, period: Period) -> OtherTerms:
    """Return the variant of this name, or else what the file says.

    A section that the file leaves out is the folder's own; [match] always is.
    """
    if given in VARIANTS:
        contracts = varied(own.contracts, VARIANTS[given])
        return OtherTerms(f"{given} terms", contracts, own.settings)
    path = Path(given)
    read = _read(path)
    if read.faults:
        faults = [replace(fault, file=path.name) for fault in read.faults]
        return OtherTerms(path.name, read.contracts, own.settings, faults=faults)
    stated = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    settings = _settings(own.settings, read.settings, stated)
    return OtherTerms(
        name=path.name,
        contracts=read.contracts,
        settings=settings,
        notes=list(_notes(path.name, own.settings, read.settings, stated)),
        faults=list(_gaps(path.name, own, read.contracts, period)),
    )


def _read(path: Path) -> ContractsRead:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / FILE).symlink_to(path.resolve())
        return read_contracts(folder)


def _settings(own: Settings, other: Settings, stated: Mapping[str, object]) -> Settings:
    if "holidays" not in stated:
        return own
    return replace(own, **{name: getattr(other, name) for name in _HOLIDAYS})


def _notes(name: str, own: Settings, other: Settings, stated: Mapping[str, object]) -> Iterator[str]:
    differ = {
        field.name for field in fields(own) if getattr(own, field.name) != getattr(other, field.name)
    }
    match = ", ".join(key for key in MATCH if key in differ)
    if "match" in stated and match:
        yield (
            f"{name} has other [match] settings ({match}). They were not used: the visits are matched"
            " as in the folder, so that only the terms differ."
        )
    if "holidays" in stated and differ & set(_HOLIDAYS):
        yield f"{name} has other bank holidays than the folder: they are part of the difference."


def _gaps(name: str, own: Own, contracts: Sequence[Contract], period: Period) -> Iterator[Fault]:
    """Yield the contracts in use that would lose their terms, wholly or for some days."""
    others = {contract.contract_id: contract for contract in contracts}
    owns = {contract.contract_id: contract for contract in own.contracts}
    for contract_id in sorted(own.used):
        if contract_id not in others:
            say = f"{contract_id} is missing, and orders use it: what would its visits pay?"
            yield Fault(name, None, "contract", say)
            continue
        ruled, rules = _begin(owns.get(contract_id)), _begin(others[contract_id])
        first = max(ruled, period.first_on)
        last = min(rules - timedelta(days=1), period.last_on)
        if first <= last:
            say = f"{contract_id} has no terms from {first} to {last}, where {FILE} has them"
            yield Fault(name, None, "contract.terms", say)


def _begin(contract: Contract | None) -> date:
    """Return the first day on which a contract has terms."""
    terms = contract.terms if contract else ()
    return min((one.from_on for one in terms), default=date.max)

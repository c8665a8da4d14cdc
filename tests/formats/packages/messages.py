"""A good package, and books that know what it names."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from carethread.engine.records import OrderVersion
from carethread.formats.books.records import OrderMore, PersonRow
from carethread.formats.packages.known import ContractKnown, ProviderKnown
from carethread.formats.packages.reading import read_package
from carethread.formats.packages.records import Package

PERSON = {"person_id": "P1", "given_name": "Ada", "born_on": "1941-02-03", "nhs_number": "9434765919"}
ORDER: dict[str, Any] = {
    "provider_id": "A",
    "contract_id": "LOT-1",
    "service": "PC",
    "starts_on": "2026-05-11",
    "basis": "visits",
    "days": "1111111",
    "start_time": "08:00",
    "minutes": 30,
}
HOURS = {
    "basis": "weekly_hours",
    "days": None,
    "start_time": None,
    "minutes": None,
    "weekly_minutes": 420,
}
HEAD = {
    "key": "CM-1",
    "sent_at": "2026-05-01T09:00:00+01:00",
    "plan_ref": "SP-7",
    "plan_authorised_on": "2026-04-30",
    "plan_authorised_by": "Team manager",
}


def message(*orders: dict[str, Any], person: Any = None, **head: Any) -> dict[str, Any]:
    """Return a good message with changes; each of `orders` changes the good order."""
    lines = [ORDER | order for order in orders or ({},)]
    return {**HEAD, "person": PERSON | (person or {}), "orders": lines, **head}


def package(*orders: dict[str, Any], person: Any = None, **head: Any) -> Package:
    read = read_package(json.dumps(message(*orders, person=person, **head)).encode())
    assert read.package is not None, read.returns
    return read.package


def order(**changes: Any) -> OrderVersion:
    """Return an order that is there: the good one's, as O1, with changes."""
    there = package({"order_id": "O1"}).orders[0]
    return replace(there, **changes)


@dataclass
class Books:
    """Books that know what the good package names."""

    taken: dict[str, str] = field(default_factory=dict)
    people: dict[str, PersonRow] = field(default_factory=dict)
    returned: frozenset[str] = frozenset()
    disposed: frozenset[str] = frozenset()
    providers: dict[str, ProviderKnown] = field(default_factory=lambda: {"A": ProviderKnown()})
    contracts: dict[str, ContractKnown] = field(
        default_factory=lambda: {
            "LOT-1": ContractKnown(frozenset({"A"}), date(2026, 4, 6), date(2027, 4, 5))
        }
    )
    rates: frozenset[tuple[str, str]] = frozenset({("LOT-1", "PC")})
    codes: frozenset[str] = frozenset({"C100", "L200", "L300"})
    orders: Sequence[OrderVersion] = ()

    def fingerprint_of(self, key: str) -> str | None:
        return self.taken.get(key)

    def person(self, person_id: str) -> PersonRow | None:
        return self.people.get(person_id)

    def can_replace(self, key: str) -> bool:
        return key in self.returned

    def is_disposed(self, person_id: str) -> bool:
        return person_id in self.disposed

    def provider(self, provider_id: str) -> ProviderKnown | None:
        return self.providers.get(provider_id)

    def contract(self, contract_id: str) -> ContractKnown | None:
        return self.contracts.get(contract_id)

    def unpriced(self, order: OrderMore) -> str:
        known = (order.contract_id, order.service) in self.rates
        return "" if known and order.starts_on >= date(2026, 4, 6) else f"on {order.starts_on}"

    def has_cost_centre(self, code: str) -> bool:
        return code in self.codes

    def has_ledger_code(self, code: str) -> bool:
        return code in self.codes

    def coding_fits(self, cost_centre: str, ledger_code: str, on: date) -> bool:
        return (cost_centre, ledger_code) != ("C100", "L300") and on >= date(2026, 4, 1)

    def person_of_order(self, order_id: str) -> str | None:
        return next((one.person_id for one in self.orders if one.order_id == order_id), None)

    def orders_of(self, person_id: str) -> Sequence[OrderVersion]:
        return [one for one in self.orders if one.person_id == person_id]

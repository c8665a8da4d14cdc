"""What the books are asked about a package; a room answers, or in tests a record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from carethread.engine.records import OrderVersion
from carethread.formats.books.records import PersonRow


@dataclass(frozen=True, slots=True)
class ContractKnown:
    """A contract: the providers that have it, and its dates, both inclusive; None is open."""

    provider_ids: frozenset[str]
    starts_on: date | None = None
    ends_on: date | None = None


class Known(Protocol):
    """The council's books as far as a package touches them."""

    def fingerprint_of(self, key: str) -> str | None:
        """Return the sum of the package that was taken under a key."""

    def person(self, person_id: str) -> PersonRow | None:
        """Return a person as the books know them."""

    def has_provider(self, provider_id: str) -> bool:
        """Say whether a provider is in the register."""

    def contract(self, contract_id: str) -> ContractKnown | None:
        """Return a contract."""

    def has_rate(self, contract_id: str, service: str, on: date) -> bool:
        """Say whether a contract has a rate card for a service on a day."""

    def has_cost_centre(self, code: str) -> bool:
        """Say whether a cost centre is open."""

    def has_ledger_code(self, code: str) -> bool:
        """Say whether a ledger code is open."""

    def person_of_order(self, order_id: str) -> str | None:
        """Return whose an order is."""

    def orders_of(self, person_id: str) -> Sequence[OrderVersion]:
        """Return every version of every order of a person."""

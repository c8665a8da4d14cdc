"""What the books are asked about a package; a room answers, or in tests a record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from carethread.engine.records import OrderVersion
from carethread.formats.books.records import OrderMore, PersonRow


@dataclass(frozen=True, slots=True)
class ContractKnown:
    """A contract: its providers, None where the books do not say; its dates, both inclusive.

    A date that is None is open. `has_terms` is False while nobody has stated by which rules it pays.
    """

    provider_ids: frozenset[str] | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    has_terms: bool = True


@dataclass(frozen=True, slots=True)
class ProviderKnown:
    """A provider: `closed_on` is the last day it may be given an order, None while it trades."""

    closed_on: date | None = None


class Known(Protocol):
    """The council's books as far as a package touches them."""

    def fingerprint_of(self, key: str) -> str | None:
        """Return the sum of the package that was taken under a key."""

    def can_replace(self, key: str) -> bool:
        """Say whether a package was returned under a key and still waits to be corrected."""

    def person(self, person_id: str) -> PersonRow | None:
        """Return a person as the books know them."""

    def is_disposed(self, person_id: str) -> bool:
        """Say whether a person's record was disposed of, its retention being over."""

    def provider(self, provider_id: str) -> ProviderKnown | None:
        """Return a provider of the register."""

    def contract(self, contract_id: str) -> ContractKnown | None:
        """Return a contract."""

    def unpriced(self, order: OrderMore) -> str:
        """Return the first kind of visit an order asks for that has no rate, in words; "" if none."""

    def has_cost_centre(self, code: str) -> bool:
        """Say whether a cost centre is known."""

    def has_ledger_code(self, code: str) -> bool:
        """Say whether a ledger code is known."""

    def coding_fits(self, cost_centre: str, ledger_code: str, on: date) -> bool:
        """Say whether a ledger code, either may be "", is open to a cost centre on a day."""

    def person_of_order(self, order_id: str) -> str | None:
        """Return whose an order is."""

    def orders_of(self, person_id: str) -> Sequence[OrderVersion]:
        """Return every version of every order of a person."""

"""A council that can take packages: a provider, a contract with terms and rates, ledger codes."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from carethread.accounts.actions import open_council
from carethread.councils.models import Council
from carethread.formats.packages.reading import read_package
from carethread.interchange.actions_inbox import Receipt, take_package
from carethread.interchange.states import Told
from carethread.orders.models import LedgerCode, Order
from carethread.providers.models import Contract, ContractTerms, Provider, Rate, RateCard
from carethread.wall.scope import reading, scoped, writing
from tests.formats.packages.messages import message

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
BEGAN = date(2026, 4, 6)


def later(**by: float) -> datetime:
    return NOW + timedelta(**by)


def furnished(code: str = "north") -> Council:
    """Open a council with provider A, contract LOT-1 at 20.00 an hour for PC, and code C100 / L200."""
    council = open_council(code=code, name=f"{code} (invented)", by="console:test", at=NOW)
    with scoped(writing(council.pk)):
        Provider.objects.create(council=council, ref="A", name="Provider A (invented)")
        contract = Contract.objects.create(council=council, ref="LOT-1", is_stated=True)
        ContractTerms.objects.create(council=council, contract=contract, from_on=BEGAN)
        card = RateCard.objects.create(council=council, contract=contract, service="PC", from_on=BEGAN)
        Rate.objects.create(council=council, card=card, row=2, day_type="any", amount_pence=2000)
        LedgerCode.objects.create(council=council, code="L200", cost_centre="C100", from_on=BEGAN)
    return council


def content(*orders: dict[str, Any], person: Any = None, **head: Any) -> bytes:
    return json.dumps(message(*orders, person=person, **head)).encode()


def take(
    council: Council,
    *orders: dict[str, Any],
    person: Any = None,
    at: datetime = NOW,
    raw: bytes = b"",
    **head: Any,
) -> Receipt:
    """Let a package come in: the good one, with changes."""
    return take_package(
        council=council.pk,
        read=read_package(raw or content(*orders, person=person, **head)),
        sender="client:1",
        how=Told.ANSWER,
        by="client:1",
        at=at,
    )


def codes(receipt: Receipt) -> list[str]:
    """Return the codes of the reasons why it was last returned."""
    with scoped(reading(receipt.package.council_id)):
        returns = receipt.package.returns.filter(decision=receipt.package.decisions)
        return list(returns.order_by("place").values_list("code", flat=True))


def orders_in(council: Council) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each order with the dates of its versions."""
    with scoped(reading(council.pk)):
        return [
            (one.ref, [(str(v.starts_on), str(v.ends_on)) for v in _versions(one)])
            for one in Order.objects.order_by("ref")
        ]


def _versions(order: Order) -> Any:
    return order.versions.order_by("starts_on")

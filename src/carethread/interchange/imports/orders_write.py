"""Orders of a batch into the books: orders, then their versions."""

from collections.abc import Mapping, Sequence
from typing import Any

from carethread.interchange.imports.given import with_refs
from carethread.interchange.imports.records import Change, Hand
from carethread.interchange.imports.words import Verdict
from carethread.orders.models import Order, OrderVersion

_OF_VERSION = ("days", "start_minute", "minutes", "carers", "time_critical", "weekly_minutes")
_CODED = (
    "plan_ref",
    "funding_source",
    "council_share_percent",
    "scheme",
    "scheme_starts_on",
    "scheme_weeks_limit",
    "cost_centre",
    "ledger_code",
    "assessment_referred_on",
    "assessment_done_on",
)


def write(changes: Sequence[Change], hand: Hand) -> None:
    """Write orders and versions; each order that changes has its entry in the audit."""
    if not changes:
        return
    orders = _orders(changes, hand)
    new = []
    ending_first = sorted(changes, key=lambda one: one.verdict is Verdict.NEW)
    for one in _growing_last(ending_first):
        order = orders[one.record.order_id]
        values = {name: one.after[name] for name in _OF_VERSION if name in one.after}
        values["ends_on"] = one.after["ends_on"]
        values["provider_id"] = order.provider_id
        if one.verdict is Verdict.NEW:
            keyed = {"council_id": hand.council, "order": order, "starts_on": one.record.starts_on}
            new.append(OrderVersion(**keyed, **values))
        else:
            OrderVersion.objects.filter(order=order, starts_on=one.record.starts_on).update(**values)
    OrderVersion.objects.bulk_create(new, batch_size=1_000)


def _growing_last(changes: Sequence[Change]) -> list[Change]:
    """Return changes, versions that end earlier than before first: none overlaps on the way."""

    def grows(one: Change) -> tuple[bool, bool]:
        before = one.before or {}
        was, will = before.get("ends_on"), one.after["ends_on"]
        is_longer = one.before is not None and was is not None and (will is None or will > was)
        return one.verdict is Verdict.NEW, is_longer

    return sorted(changes, key=grows)


def _orders(changes: Sequence[Change], hand: Hand) -> dict[str, Order]:
    """Return the orders of all changes by their id, made or brought up to date."""
    refs = {one.record.order_id for one in changes}
    rows = with_refs(Order.objects, "ref", refs)
    orders: dict[str, Order] = {one.ref: one for one in rows if one.ref in refs}
    keys = _Keys(changes, hand)
    made: dict[str, Order] = {}
    for one in changes:
        ref = one.record.order_id
        if ref not in orders:
            made[ref] = orders[ref] = Order(council_id=hand.council, ref=ref, **keys.of(one.after))
    Order.objects.bulk_create(made.values(), batch_size=1_000)
    for one in changes:
        ref = one.record.order_id
        if ref in made:
            continue
        if one.before is not None and _differs(one):
            Order.objects.filter(pk=orders[ref].pk).update(**keys.of(one.after))
        hand.tell("order.changed", f"order:{ref}"[:200], one, person_ref=one.record.person_id)
    _link(changes, orders)
    changed = set(orders) - set(made)
    rows = with_refs(Order.objects, "ref", changed)
    return orders | {one.ref: one for one in rows if one.ref in changed}


def _differs(change: Change) -> bool:
    before = change.before or {}
    return any(before[name] != value for name, value in change.after.items() if name not in _OF_VERSION)


class _Keys:
    """What orders point at, by the ids that files name."""

    def __init__(self, changes: Sequence[Change], hand: Hand) -> None:
        records = [one.record for one in changes]
        self._people = hand.people(one.person_id for one in records)
        self._providers = hand.providers(one.provider_id for one in records)
        self._contracts = hand.contracts(one.contract_id for one in records)

    def of(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Return an order's columns from what a row says."""
        coded = {name: said[name] for name in _CODED if name in said}
        if "funding_source" in coded:
            source = coded["funding_source"]
            coded["funding_source"] = "" if source is None else source.value
        return {
            "person_id": self._people[said["person_id"]],
            "provider_id": self._providers[said["provider_id"]],
            "contract_id": self._contracts[said["contract_id"]],
            "service": said["service"],
            "basis": said["basis"].value,
            **coded,
        }


def _link(changes: Sequence[Change], orders: Mapping[str, Order]) -> None:
    """Let orders that add to another's package point at it."""
    wanted = {one.record.order_id: one.after.get("increases_order_id") for one in changes}
    others = {ref for ref in wanted.values() if ref} - set(orders)
    every = {**orders, **{one.ref: one for one in with_refs(Order.objects, "ref", others)}}
    for ref, other in wanted.items():
        if other is not None:
            linked = every[other].pk if other else None
            Order.objects.filter(pk=orders[ref].pk).exclude(increases_id=linked).update(
                increases_id=linked
            )

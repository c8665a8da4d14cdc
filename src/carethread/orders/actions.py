"""Writes: placing an order, changing it from a day on, ending it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from carethread.audit.actions import record
from carethread.councils.actions import changed, hold_books
from carethread.formats.books.records import OrderMore
from carethread.formats.books.words import FundingSource
from carethread.kit.unable import UnableTo
from carethread.orders.models import Order, OrderVersion
from carethread.people.models import Person
from carethread.providers.models import Contract, Provider
from carethread.wall.scope import current

PATTERN = ("days", "start_minute", "minutes", "carers", "time_critical", "weekly_minutes")
"""The columns of a version that say what care it is."""


def place_order(
    *, line: OrderMore, ref: str, person: Person, by: str, at: datetime, why: str = ""
) -> Order:
    """Place an order: the line's care, for a person, under an id.

    Raises:
        UnableTo: if the id is taken, or provider, contract or the order it increases is unknown.
    """
    hold_books()
    council = current().writes
    assert council is not None, "holding the books needs a council"
    if Order.objects.filter(council_id=council, ref=ref).exists():
        message = f"an order is called {ref!r} already"
        raise UnableTo(message)
    order = Order(
        council_id=council,
        ref=ref,
        person=person,
        provider=_the(Provider, line.provider_id, "provider"),
        contract=_the(Contract, line.contract_id, "contract"),
        service=line.service,
        basis=line.basis.value,
        **_coding(line),
    )
    order.save()
    _add_version(order, line)
    _record("order.placed", order, by=by, at=at, why=why, before=None, after=_said(order, line))
    changed(first_on=line.starts_on, last_on=line.ends_on, what="order placed", by=by, at=at)
    return order


def change_order(
    *, order: Order, line: OrderMore, by: str, at: datetime, why: str = ""
) -> OrderVersion:
    """Let an order be something else from a day on: what was in force ends the day before.

    Raises:
        UnableTo: if a version begins on that day or later.
    """
    last = _last(order)
    if line.starts_on <= last.starts_on:
        message = f"order {order.ref} has a version from {last.starts_on}; a change must start later"
        raise UnableTo(message)
    before = _of_version(last) | _code(order, _coding(line))
    day_before = line.starts_on - timedelta(days=1)
    was = last.ends_on
    if was is None or was > day_before:
        last.ends_on = day_before
        last.save(update_fields=["ends_on"])
    version = _add_version(order, line)
    _record("order.changed", order, by=by, at=at, why=why, before=before, after=_said(order, line))
    ends_on = None if was is None or line.ends_on is None else max(was, line.ends_on)
    changed(first_on=line.starts_on, last_on=ends_on, what="order changed", by=by, at=at)
    return version


def end_order(
    *, order: Order, ends_on: date | None, by: str, at: datetime, why: str = ""
) -> OrderVersion:
    """End an order with a day, which is its last; a later day than it had, or none, lets it go on.

    Raises:
        UnableTo: if its last version begins after that day.
    """
    last = _last(order)
    if ends_on is not None and ends_on < last.starts_on:
        message = f"order {order.ref} has a version from {last.starts_on}; it cannot end before that"
        raise UnableTo(message)
    was = last.ends_on
    if was == ends_on:
        return last
    last.ends_on = ends_on
    last.save(update_fields=["ends_on"])
    deed = "order.ended" if was is None or (ends_on is not None and ends_on < was) else "order.extended"
    said = {"starts_on": last.starts_on}
    _record(
        deed,
        order,
        by=by,
        at=at,
        why=why,
        before={**said, "ends_on": was},
        after={**said, "ends_on": ends_on},
    )
    first_on = min(day for day in (was, ends_on) if day is not None) + timedelta(days=1)
    last_on = None if was is None or ends_on is None else max(was, ends_on)
    changed(first_on=first_on, last_on=last_on, what=deed.replace(".", " "), by=by, at=at)
    return last


def code_order(*, order: Order, line: OrderMore, by: str, at: datetime, why: str = "") -> bool:
    """Bring plan, funding, coding and assessment up to date; say whether any was otherwise.

    What the line leaves empty stays. None of it changes what is settled.
    """
    before = _code(order, _coding(line))
    if not before:
        return False
    after = {name: _plain(getattr(order, name)) for name in before}
    _record("order.coded", order, by=by, at=at, why=why, before=before, after=after)
    return True


def _code(order: Order, coding: Mapping[str, Any]) -> dict[str, Any]:
    """Write what an order is coded with; return what was otherwise before."""
    other = {name: told for name, told in coding.items() if told != getattr(order, name)}
    before = {name: _plain(getattr(order, name)) for name in other}
    for name, told in other.items():
        setattr(order, name, told)
    if other:
        order.save(update_fields=list(other))
    return before


def _coding(line: OrderMore) -> dict[str, Any]:
    """Return what a line says of an order beside its care, in the columns of an order."""
    told: dict[str, Any] = {
        "plan_ref": line.plan_ref,
        "cost_centre": line.cost_centre,
        "ledger_code": line.ledger_code,
        "assessment_referred_on": line.assessment_referred_on,
        "assessment_done_on": line.assessment_done_on,
    }
    if line.increases_order_id:
        told["increases"] = _the(Order, line.increases_order_id, "order")
    told = {name: value for name, value in told.items() if value not in (None, "")}
    if line.funding_source is not None:
        is_joint = line.funding_source is FundingSource.JOINT
        told["funding_source"] = line.funding_source.value
        told["council_share_percent"] = line.council_share_percent if is_joint else None
    if line.scheme:
        told["scheme"] = line.scheme
        told["scheme_starts_on"] = line.scheme_starts_on
        told["scheme_weeks_limit"] = line.scheme_weeks_limit
    return told


def _add_version(order: Order, line: OrderMore) -> OrderVersion:
    version: OrderVersion = OrderVersion.objects.create(
        council_id=order.council_id,
        order=order,
        provider_id=order.provider_id,
        starts_on=line.starts_on,
        ends_on=line.ends_on,
        **{name: getattr(line, name) for name in PATTERN},
    )
    return version


def _last(order: Order) -> OrderVersion:
    last = order.versions.order_by("starts_on").last()
    assert last is not None, "an order has at least one version"
    return last


def _the(model: Any, ref: str, what: str) -> Any:
    found = model.objects.filter(council_id=current().writes, ref=ref).first()
    if found is None:
        message = f"there is no {what} {ref!r}"
        raise UnableTo(message)
    return found


def _of_version(version: OrderVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in ("starts_on", "ends_on", *PATTERN)}


def _said(order: Order, line: OrderMore) -> dict[str, Any]:
    care = {name: getattr(line, name) for name in ("starts_on", "ends_on", *PATTERN)}
    who = {"provider": line.provider_id, "contract": line.contract_id, "service": line.service}
    return who | care | {name: _plain(getattr(order, name)) for name in _coding(line)}


def _plain(value: Any) -> Any:
    return value.ref if isinstance(value, Order) else value


def _record(action: str, order: Order, **said: Any) -> None:
    """Record what was done to an order: it commits money, so the chain holds it."""
    record(
        action=action,
        subject=f"order:{order.ref}",
        person_ref=order.person.ref,
        chained=True,
        **said,
    )

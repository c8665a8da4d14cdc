"""Orders of a file against the books, by order id and first day; versions not named stay.

What the file and the books say together must be right: versions that do not overlap, of one person,
provider, contract, service and basis.

Source: settlement §2, `orders.csv`; docs/decisions/0010.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from carethread.engine import words
from carethread.engine.faults import order_faults
from carethread.engine.records import OrderVersion as VersionRecord
from carethread.formats.books.keys import repeats
from carethread.formats.books.layouts import CODING, ORDERS_MORE
from carethread.formats.books.records import OrderMore
from carethread.formats.books.words import FundingSource
from carethread.interchange.imports.given import Given, of_disposed, with_refs
from carethread.interchange.imports.orders_write import write
from carethread.interchange.imports.records import Change, Checked, merged, opened, settled
from carethread.interchange.imports.told import Told, days_of, lengths, of_faults, too_long
from carethread.interchange.imports.words import Code
from carethread.orders.models import Order, OrderVersion

_TABLE = ORDERS_MORE.table
_OF_ORDER = ("person_id", "provider_id", "contract_id", "service", "basis")
_OF_VERSION = (
    "ends_on",
    "days",
    "start_minute",
    "minutes",
    "carers",
    "time_critical",
    "weekly_minutes",
)
_CODED = tuple(column.name for column in CODING)
_FILE = {"start_minute": "start_time"}
"""The record's name -> the file's, where they differ."""
_ALWAYS = (*_OF_ORDER, "ends_on", "days", "start_minute", "minutes", "weekly_minutes")
"""What a version says by being silent: an order by visits that has no last day has none."""


def judge_orders(given: Given) -> Checked:
    """Judge the order versions of a batch."""
    table = opened(given, ORDERS_MORE)
    records: Sequence[OrderMore] = table.read.records
    has = given.unpacked.columns.get(_TABLE, frozenset())
    said = [
        name
        for name in (*_OF_ORDER, *_OF_VERSION, *_CODED)
        if name in _ALWAYS or _FILE.get(name, name) in has
    ]
    there = _there({one.order_id for one in records})
    existing = {(one["order_id"], one["starts_on"]): one for one in there}
    changes = list(merged(records, _key, partial(_values, said), existing))
    told = [
        *of_faults(_TABLE, repeats(_TABLE, records, table.read.file), Code.SAID_TWICE),
        *_between(records, there),
        *_coding_faults(records, said),
        *_named(records),
        *_too_long(records),
    ]
    found, writes = settled(given, ORDERS_MORE, table, changes, told)
    found.days = days_of(span for one in writes for span in _spans(one))
    if not any(one.is_rejected for one in found.told):
        given.coming.orders |= {
            one.order_id: (one.person_id, one.provider_id, one.basis.value) for one in records
        }
    return Checked(found, partial(write, writes))


def _values(said: Sequence[str], one: OrderMore) -> dict[str, Any]:
    """Return what a row says: of the order's coding only what is not empty; what is shared is joint."""
    values = {name: getattr(one, name) for name in said}
    values = {name: told for name, told in values.items() if name not in _CODED or _is_told(told)}
    if values.get("funding_source", FundingSource.JOINT) is not FundingSource.JOINT:
        values["council_share_percent"] = None
    return values


def _is_told(value: Any) -> bool:
    return value not in (None, "")


def _key(one: Any) -> tuple[str, Any]:
    return one.order_id, one.starts_on


def _spans(change: Change) -> Iterator[tuple[date, date | None]]:
    """Yield the days of care that a change bears on: those between the ends, where only they differ."""
    starts_on, will = change.record.starts_on, change.after["ends_on"]
    if change.before is None:
        yield starts_on, will
        return
    was = change.before["ends_on"]
    if _differ(change, (*_OF_ORDER, *_OF_VERSION[1:])):
        yield starts_on, None if was is None or will is None else max(was, will)
    elif was != will:
        first = min(one for one in (was, will) if one is not None) + timedelta(days=1)
        yield first, None if was is None or will is None else max(was, will)


def _differ(change: Change, names: Iterable[str]) -> bool:
    before = change.before or {}
    return any(before[name] != change.after[name] for name in names if name in change.after)


def _there(refs: set[str]) -> list[dict[str, Any]]:
    """Return the versions in the books of some orders, as their records' columns."""
    rows = with_refs(OrderVersion.objects, "order__ref", refs).select_related(
        "order", "order__person", "order__provider", "order__contract", "order__increases"
    )
    return [_as_record(one) for one in rows if one.order.ref in refs]


def _as_record(one: OrderVersion) -> dict[str, Any]:
    order = one.order
    return {
        "order_id": order.ref,
        "person_id": order.person.ref,
        "provider_id": order.provider.ref,
        "contract_id": order.contract.ref,
        "service": order.service,
        "basis": words.Basis(order.basis),
        "starts_on": one.starts_on,
        **{name: getattr(one, name) for name in _OF_VERSION},
        **{name: getattr(order, name) for name in _CODED if hasattr(order, name)},
        "increases_order_id": "" if order.increases is None else order.increases.ref,
        "funding_source": FundingSource(order.funding_source) if order.funding_source else None,
    }


_IN_BOOKS = 0
"""The row that stands for a version in the books, which comes before every row of a file."""


def _between(records: Sequence[OrderMore], there: Iterable[Mapping[str, Any]]) -> Iterator[Told]:
    """Yield what does not fit together of the file's versions and those that stay in the books."""
    named = {_key(one) for one in records}
    firsts = {_key(one): one for one in reversed(records)}
    stay = [
        VersionRecord(
            row=_IN_BOOKS,
            **{name: one[name] for name in VersionRecord.__slots__ if name != "row"},
        )
        for one in there
        if (one["order_id"], one["starts_on"]) not in named
    ]
    rows: dict[str, int] = {}
    for one in records:
        rows.setdefault(one.order_id, one.row)
    of_stay = {one.order_id for one in stay}
    for fault in order_faults([*stay, *firsts.values()]):
        say = fault.message.replace(f"row {_IN_BOOKS} ", "the books ").replace(
            f"row {_IN_BOOKS}", "the books"
        )
        row = fault.row
        if row == _IN_BOOKS:
            named_here = [one for one in of_stay if fault.message.startswith(f"order {one} ")]
            order_id = max(named_here, key=len)
            row = rows[order_id]
            say += "; the books have a version that the file does not name: send all versions"
        yield Told(_TABLE, row, fault.column, Code.DOES_NOT_FIT, say)


def _coding_faults(records: Sequence[OrderMore], said: Sequence[str]) -> Iterator[Told]:
    """Yield rows that say something else of their order's coding than an earlier row."""
    coded = [name for name in _CODED if name in said]
    firsts: dict[str, OrderMore] = {}
    known = {one.order_id for one in records}
    asked = {one.increases_order_id for one in records if one.increases_order_id} - known
    known |= (
        set(with_refs(Order.objects, "ref", asked).values_list("ref", flat=True)) if asked else set()
    )
    for one in records:
        first = firsts.setdefault(one.order_id, one)
        for name in coded:
            here, there = getattr(one, name), getattr(first, name)
            if here != there and _is_told(here) and _is_told(there):
                say = f"row {first.row} says something else of the same order; it has one"
                yield Told(_TABLE, one.row, name, Code.DOES_NOT_FIT, say)
        if one.increases_order_id and one.increases_order_id not in known:
            say = f"no order has the id {one.increases_order_id}"
            yield Told(_TABLE, one.row, "increases_order_id", Code.UNKNOWN_ORDER, say)


def _named(records: Sequence[OrderMore]) -> Iterator[Told]:
    yield from of_disposed(_TABLE, records)


def _too_long(records: Sequence[OrderMore]) -> Iterator[Told]:
    most = lengths(Order)
    ids = dict.fromkeys(("order_id", "person_id", "provider_id", "contract_id"), most["ref"])
    for one in records:
        for name, longest in {**most, **ids}.items():
            text = getattr(one, name, "")
            if isinstance(text, str) and len(text) > longest:
                yield too_long(_TABLE, one.row, name, text, longest)

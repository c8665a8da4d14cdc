"""What must be right in a council's own files before anything is settled.

These are the rules that hold between rows; `formats` checks each row by itself.

Source: settlement §2, the first point; a typing error must never price a bank holiday as a weekday.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from carethread.engine.records import Fault, OrderVersion, RateRow, Suspension

_SAME_IN_ALL_VERSIONS = ("person_id", "provider_id", "contract_id", "service", "basis")


def order_faults(orders: Iterable[OrderVersion]) -> Iterator[Fault]:
    """Yield the faults between rows of one order id: overlapping dates, another person or contract."""
    by_id: dict[str, list[OrderVersion]] = defaultdict(list)
    for order in orders:
        by_id[order.order_id].append(order)
    for versions in by_id.values():
        versions.sort(key=lambda version: (version.starts_on, version.row))
        longest = versions[0]
        for version in versions[1:]:
            if version.starts_on <= _last_day(longest):
                say = f"order {version.order_id} starts a version on {version.starts_on}, while the one"
                say += f" in row {longest.row} runs {_until(longest.ends_on)}"
                yield Fault("orders", version.row, "starts_on", say)
            longest = max(longest, version, key=_last_day)
        yield from _version_differences(versions)


def _last_day(order: OrderVersion) -> date:
    return order.ends_on or date.max


def _until(ends_on: date | None) -> str:
    return "on without an end" if ends_on is None else f"until {ends_on}"


def _version_differences(versions: Sequence[OrderVersion]) -> Iterator[Fault]:
    first, *others = versions
    for other in others:
        for column in _SAME_IN_ALL_VERSIONS:
            here, there = getattr(other, column), getattr(first, column)
            if here != there:
                say = f"order {other.order_id} has {here} here and {there} in row {first.row}"
                yield Fault("orders", other.row, column, say)


def suspension_faults(
    suspensions: Iterable[Suspension], person_of: Mapping[str, str]
) -> Iterator[Fault]:
    """Yield suspensions of an order that is unknown or another person's; each order has its person."""
    for suspension in suspensions:
        order_id, person_id = suspension.order_id, suspension.person_id
        if order_id is not None and order_id not in person_of:
            say = f"no order has the id {order_id}"
            yield Fault("suspensions", suspension.row, "order_id", say)
        elif order_id is not None and person_of[order_id] != person_id:
            say = f"order {order_id} is not an order of person {person_id}"
            yield Fault("suspensions", suspension.row, "order_id", say)


def length_faults(suspensions: Iterable[Suspension]) -> Iterator[Fault]:
    """Yield suspensions that end at or before their start."""
    for suspension in suspensions:
        if suspension.ends_at is not None and suspension.ends_at <= suspension.starts_at:
            column = "to_on" if suspension.to_on != suspension.from_on else "to_time"
            say = "the suspension ends at or before its start"
            yield Fault("suspensions", suspension.row, column, say)


def rate_faults(rates: Iterable[RateRow]) -> Iterator[Fault]:
    """Yield the steps of price ladders at which a longer visit costs less than a shorter one."""
    ladders: dict[tuple[object, ...], list[RateRow]] = defaultdict(list)
    for row in rates:
        if row.minutes is not None:
            card = row.contract_id, row.service, row.from_on
            ladders[*card, row.day_type, row.band, row.slot, row.priority].append(row)
    for steps in ladders.values():
        steps.sort(key=lambda step: (step.minutes, step.amount_pence, step.row))
        dearest = steps[0]
        for step in steps:
            if step.minutes != dearest.minutes and step.amount_pence < dearest.amount_pence:
                yield Fault(
                    "rates",
                    step.row,
                    "amount_pence",
                    f"{step.minutes} minutes cost {step.amount_pence}, less than the"
                    f" {dearest.amount_pence} of {dearest.minutes} minutes in row {dearest.row}",
                )
            elif step.amount_pence >= dearest.amount_pence:
                dearest = step

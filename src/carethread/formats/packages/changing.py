"""What an order line does to the orders that are there: places one, changes one, ends one.

A line that names no order, or one that is not there, places it. One that names an order and starts
after its last version began is a new version: what was in force ends the day before. One that says that
last version again with another last day ends it, or lets it go on; with the same, it changes nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from carethread.engine.records import OrderVersion


class Move(StrEnum):
    """What an order line does."""

    PLACE = "place"
    CHANGE = "change"
    END = "end"
    KEEP = "keep"


def versions_of(order_id: str, existing: Sequence[OrderVersion]) -> list[OrderVersion]:
    """Return the versions of an order, earliest first; none for ""."""
    own = [one for one in existing if order_id and one.order_id == order_id]
    return sorted(own, key=lambda one: one.starts_on)


def move_of(line: OrderVersion, existing: Sequence[OrderVersion]) -> Move | None:
    """Return what a line does to the orders that are there; None where it cannot be done."""
    versions = versions_of(line.order_id, existing)
    if not versions:
        return Move.PLACE
    last = versions[-1]
    if line.starts_on > last.starts_on:
        return Move.CHANGE
    if line.starts_on < last.starts_on or _pattern(line) != _pattern(last):
        return None
    return Move.KEEP if line.ends_on == last.ends_on else Move.END


def after(line: OrderVersion, existing: Sequence[OrderVersion]) -> list[OrderVersion]:
    """Return the orders as they are once a line that can be done has been."""
    move = move_of(line, existing)
    if move is Move.KEEP:
        return list(existing)
    if move is Move.PLACE:
        return [*existing, line]
    last = versions_of(line.order_id, existing)[-1]
    others = [one for one in existing if one is not last]
    return [*others, line] if move is Move.END else [*others, cut(last, line), line]


def cut(former: OrderVersion, change: OrderVersion) -> OrderVersion:
    """Return the version before a change: it ends the day before, unless it ended earlier."""
    day_before = change.starts_on - timedelta(days=1)
    return replace(former, ends_on=min(former.ends_on or day_before, day_before))


def _pattern(order: OrderVersion) -> tuple[object, ...]:
    times = (order.days, order.start_minute, order.minutes, order.carers)
    return (*times, order.time_critical, order.weekly_minutes)

"""The desk at which persons are settled one after another: tables that are filled anew for each.

A row is a record that compiled code takes in hand, reads and writes by name, as `reference` does its
own; a place is -1 where there is none, a number NONE. The tables are laid out once, for the person
with most in them; what a person has of one is a slice.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from carethread.engine.columns.arrays import Ints, Longs, Marks
from carethread.engine.columns.book import Frame, Orders, Visits
from carethread.engine.columns.clock import monday_of
from carethread.engine.columns.compiled import bare, compiled

MARGIN = 7
"""Days outside the settled period in which slots and visits take part. Source: settlement §3."""

NO_PERCENT = -1
"""A share of nothing: the percent of a notice longer than all."""


class Care:
    """What one provider gives the person of one service; its slots are those from begin to end."""

    provider: int
    service: int
    begin: int
    end: int


class Slot:
    """One carer's place in a planned visit.

    order: the order version. visit: the visit that answers it. status: the row that explains it.
    draft: the place of its draft; -1 outside the period.
    """

    order: int
    day: int
    number: int
    agreed: int
    planned: int
    visit: int
    status: int
    draft: int


class Draft:
    """A line while the steps of pay work on it.

    slot: its place among the person's. visit, status: the row on the line, as of `Slot`. order: the
    order version whose contract rules the line. line: its place in the table of lines. missing: the
    reason why there are no terms, else 0. percent: its place in the tariff, or NO_PERCENT. steps,
    holds: the reasons of the steps of pay, and why the line waits. From `rule` on: for `explain`.
    """

    slot: int
    visit: int
    status: int
    order: int
    line: int
    outcome: int
    day: int
    terms: int
    missing: int
    counted: int
    payable: int
    percent: int
    steps: int
    holds: int
    pool: int
    rule: int
    rule_minutes: int
    figure: int
    ceiling: int
    pooled: int
    allowance: int
    used: int
    told_at: int
    notice: int
    stay_from: int


class Pool:
    """An order's week or month; `room` is what its visits left unused, and nobody was given."""

    order_code: int
    kind: int
    start: int
    room: int


def _rows_of(record: type, number: type) -> Any:
    """Return the type of a table's rows, of whole numbers of one size."""
    return np.dtype((np.record, [(name, number) for name in record.__annotations__]))


CARE, SLOT, DRAFT = (_rows_of(record, np.int32) for record in (Care, Slot, Draft))
POOL = _rows_of(Pool, np.int64)
Cares = NDArray[Any]
Slots = NDArray[Any]
Drafts = NDArray[Any]
Pools = NDArray[Any]


class Pairing(NamedTuple):
    """A care's free slots and the visits that are left: their places, their times, what goes where.

    costs: room for the cost of every slot with every visit, and one of each more.
    """

    slots: Ints
    starts: Ints
    visits: Ints
    check_ins: Ints
    answers: Ints
    costs: Ints


class Desk(NamedTuple):
    """The tables.

    keys: what slots are sorted by. roles: what is known of each visit row, `answers` says what;
    first_visit is the place of the first. statuses, spare: status rows, sorted. used: minutes, by
    order version and week. when: what drafts are sorted by.
    """

    cares: Cares
    keys: Longs
    slots: Slots
    pairing: Pairing
    first_visit: int
    roles: Marks
    statuses: Ints
    spare: Longs
    drafts: Drafts
    pools: Pools
    used: Longs
    when: Longs


class Room(NamedTuple):
    """How much some persons need.

    lines, weeks: rows of what is published, for all. orders, slots, visits: for the one with most.
    """

    lines: int
    weeks: int
    orders: int
    slots: int
    visits: int


@bare
def days_between(orders: Orders, order: int, first: int, last: int) -> tuple[int, int]:
    """Return the first and the last day from first to last that an order version's dates hold."""
    return max(first, orders.starts[order]), min(last, orders.ends[order])


@bare
def _most_slots(orders: Orders, frame: Frame, order: int) -> int:
    """Return the most slots of an order version: if it had a visit every day."""
    if orders.weekly[order]:
        return 0
    first, last = days_between(orders, order, frame.first - MARGIN, frame.last + MARGIN)
    return max(0, last - first + 1) * orders.carers[order]


@bare
def _most_weeks(orders: Orders, frame: Frame, order: int) -> int:
    """Return the most weeks of a weekly-hours order version: those its settled days touch."""
    first, last = days_between(orders, order, frame.first, frame.last)
    if not orders.weekly[order] or last < first:
        return 0
    return (last - first) // 7 + 2


@compiled
def room_for(orders: Orders, visits: Visits, frame: Frame, first_person: int, end_person: int) -> Room:
    """Return how much the persons from first to end need."""
    lines, weeks, most_orders, most_slots, most_visits = 0, 0, 0, 0, 0
    for person in range(first_person, end_person):
        slots = 0
        for order in range(orders.begin[person], orders.begin[person + 1]):
            slots += _most_slots(orders, frame, order)
            weeks += _most_weeks(orders, frame, order)
        rows = visits.begin[person + 1] - visits.begin[person]
        lines += slots + rows
        most_orders = max(most_orders, orders.begin[person + 1] - orders.begin[person])
        most_slots, most_visits = max(most_slots, slots), max(most_visits, rows)
    return Room(lines, weeks, most_orders, most_slots, most_visits)


@bare
def weeks_of(frame: Frame) -> int:
    """Return how many weeks the settled period touches."""
    return (monday_of(frame.last) - monday_of(frame.first)) // 7 + 1


@compiled
def lay(room: Room, frame: Frame, first_visit: int, end_visit: int) -> Desk:
    """Return a desk for persons whose visit rows are those from first to end."""
    drafts = room.slots + room.visits
    return Desk(
        cares=np.empty(room.orders, CARE),
        keys=np.empty(room.slots, np.int64),
        slots=np.empty(room.slots, SLOT),
        pairing=Pairing(
            slots=np.empty(room.slots, np.int32),
            starts=np.empty(room.slots, np.int32),
            visits=np.empty(room.visits, np.int32),
            check_ins=np.empty(room.visits, np.int32),
            answers=np.empty(room.slots, np.int32),
            costs=np.empty((room.slots + 1) * (room.visits + 1), np.int32),
        ),
        first_visit=first_visit,
        roles=np.zeros(end_visit - first_visit, np.int8),
        statuses=np.empty(room.visits, np.int32),
        spare=np.empty(room.visits, np.int64),
        drafts=np.empty(drafts, DRAFT),
        pools=np.empty(drafts, POOL),
        used=np.empty((room.orders, weeks_of(frame)), np.int64),
        when=np.empty(drafts, np.int64),
    )

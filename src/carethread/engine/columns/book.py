"""The shapes of what compiled code works on: orders, absences and visits, person by person.

Every table is sorted by person; `begin[p]` to `begin[p + 1]` are the rows of person p. Persons are
numbered in the order of their ids; so are order ids. Numbers are as `arrays` says.
"""

from typing import NamedTuple

from carethread.engine.columns.arrays import Bytes, Ints, Longs, Marks


class Orders(NamedTuple):
    """Order versions, by person, order id and start.

    family: which contract and service. ends: `MOST` where open. weekly: 1 for weekly hours. days: a
    bit per weekday, Monday first. tie: where the order's line ids stand among others of one time.
    """

    begin: Ints
    code: Ints
    provider: Ints
    service: Ints
    contract: Ints
    family: Ints
    starts: Ints
    ends: Ints
    weekly: Marks
    days: Ints
    start_minute: Ints
    minutes: Ints
    carers: Ints
    critical: Marks
    weekly_minutes: Ints
    row: Ints
    tie: Ints


class Rota(NamedTuple):
    """Moved visits: for order code c the rows begin[c] to begin[c + 1], by day."""

    begin: Ints
    day: Ints
    start: Ints


class Absences(NamedTuple):
    """Suspensions, by person, in the order of the file. order: -1 for all of the person's."""

    begin: Ints
    order: Ints
    from_on: Ints
    to_on: Ints
    starts: Ints
    ends: Ints
    reason: Marks
    told: Ints


class Visits(NamedTuple):
    """Visit rows, by person, in the order of the file.

    text: the place of the visit id among `offsets`. state: 0, or 1 where another version counts.
    """

    begin: Ints
    text: Ints
    provider: Ints
    worker: Ints
    service: Ints
    status: Marks
    check_in: Ints
    check_out: Ints
    planned_start: Ints
    cancelled_by: Marks
    notified_at: Ints
    in_method: Marks
    out_method: Marks
    reason: Ints
    state: Marks
    offsets: Longs
    data: Bytes


class Attended(NamedTuple):
    """What joining made of the visits.

    head: the visit it is part of (itself, if it is one), -1 where it takes no part. next_part: the
    log-in joined after it, -1 after the last. out, out_method,
    reason, own, log_ins: of a head, the joined visit's. heads: per person the heads in order of
    (check-in, visit id), then -1. overlap: another person's visit of the same worker at one time.
    """

    head: Ints
    next_part: Ints
    out: Ints
    out_method: Marks
    reason: Ints
    own: Ints
    log_ins: Ints
    heads: Ints
    overlap: Ints


class Frame(NamedTuple):
    """The settled period in days, and the settings of matching in minutes."""

    first: int
    last: int
    window: int
    gap: int
    critical: int
    visit_tie: int
    with_plan_pence: int

"""From orders and rotas to a person's planned slots, care by care, as `reference.plan` has them.

Source: settlement §2 (`planned.csv`) and §3.
"""

import numpy as np

from carethread.engine.columns.arrays import Longs
from carethread.engine.columns.attend import sort_numbers
from carethread.engine.columns.book import Frame, Orders, Rota
from carethread.engine.columns.clock import DAY, instant_on, local_day
from carethread.engine.columns.compiled import bare
from carethread.engine.columns.desk import (
    MARGIN,
    Care,
    Cares,
    Desk,
    Slot,
    Slots,
    days_between,
)
from carethread.engine.columns.plan import is_care, is_commissioned, planned_start

_NUMBER_BITS, _ORDER_BITS = 2, 22
"""A slot's key is its start, its order version among the person's (4 million), its number (3)."""


@bare
def plan_slots(orders: Orders, rota: Rota, frame: Frame, person: int, cares: Cares, desk: Desk) -> int:
    """Lay out the slots of a person's cares planned in the period and its margins; return how many.

    Slots come by care, then planned start, order and number.
    """
    count = 0
    for care in cares:
        care.begin = count
        for i in range(_key_slots(care, orders, rota, frame, person, desk.keys)):
            _lay_out(desk.slots[count], desk.keys[i], orders, frame, person)
            count += 1
        care.end = count
    return count


@bare
def find_cares(orders: Orders, person: int, cares: Cares) -> int:
    """Find what providers give a person, each service of each by itself; return how many cares."""
    count = 0
    for order in range(orders.begin[person], orders.begin[person + 1]):
        place = 0
        while place < count and not is_care(orders, order, cares[place].provider, cares[place].service):
            place += 1
        if place == count:
            cares[place].provider, cares[place].service = orders.provider[order], orders.service[order]
            count += 1
    return count


@bare
def _key_slots(care: Care, orders: Orders, rota: Rota, frame: Frame, person: int, keys: Longs) -> int:
    """Make a key for each slot of a care, in their order; return how many."""
    count = 0
    for order in range(orders.begin[person], orders.begin[person + 1]):
        if orders.weekly[order] or not is_care(orders, order, care.provider, care.service):
            continue
        first, last = days_between(orders, order, frame.first - MARGIN, frame.last + MARGIN)
        for day in range(first, last + 1):
            if is_commissioned(orders, order, day):
                agreed = instant_on(day, orders.start_minute[order])
                planned = planned_start(orders, rota, order, day, agreed)
                key = np.int64(planned - _base(frame)) << _ORDER_BITS
                key = (key | (order - orders.begin[person])) << _NUMBER_BITS
                for number in range(1, orders.carers[order] + 1):
                    keys[count] = key | number
                    count += 1
    sort_numbers(keys, count)
    return count


@bare
def _base(frame: Frame) -> int:
    """Return an instant before all slots, so that keys are positive."""
    return (frame.first - MARGIN - 2) * DAY


@bare
def _lay_out(slot: Slot, key: int, orders: Orders, frame: Frame, person: int) -> None:
    """Make of a key the slot that nothing answers yet. A rota moves a visit inside its day."""
    key, slot.number = key >> _NUMBER_BITS, key & ((1 << _NUMBER_BITS) - 1)
    slot.order = orders.begin[person] + (key & ((1 << _ORDER_BITS) - 1))
    slot.planned = (key >> _ORDER_BITS) + _base(frame)
    slot.day = local_day(slot.planned)
    slot.agreed = instant_on(slot.day, orders.start_minute[slot.order])
    slot.visit = slot.status = slot.draft = -1


@bare
def is_settled(frame: Frame, day: int) -> bool:
    """Say whether a day lies in the settled period."""
    return frame.first <= day <= frame.last


@bare
def takes_part(frame: Frame, day: int) -> bool:
    """Say whether what is planned or done on a day takes part in matching.

    Source: settlement §3.
    """
    return frame.first - MARGIN <= day <= frame.last + MARGIN


@bare
def is_team(slots: Slots, place: int) -> bool:
    """Say whether a slot and the next are the two of a double-up."""
    if place + 1 >= len(slots):
        return False
    one, two = slots[place], slots[place + 1]
    return one.number == 1 and two.number == 2 and one.order == two.order  # noqa: PLR2004

"""Planned visits and suspensions, asked by compiled code.

Source: settlement §2 (`planned.csv`, `suspensions.csv`) and §3.
"""

from carethread.engine.columns.arrays import NONE
from carethread.engine.columns.book import Absences, Orders, Rota
from carethread.engine.columns.clock import instant_on, local_day, weekday
from carethread.engine.columns.compiled import bare
from carethread.engine.columns.tariff import MOST
from carethread.engine.words import Absence

HOSPITAL, DECEASED = (list(Absence).index(a) for a in (Absence.HOSPITAL, Absence.DECEASED))


@bare
def in_force(orders: Orders, order: int, day: int) -> bool:
    """Say whether an order version's dates hold the day."""
    return orders.starts[order] <= day <= orders.ends[order]


@bare
def is_commissioned(orders: Orders, order: int, day: int) -> bool:
    """Say whether the version has a planned visit on the day."""
    if orders.weekly[order] or not in_force(orders, order, day):
        return False
    return (orders.days[order] >> weekday(day)) & 1 == 1


@bare
def planned_start(orders: Orders, rota: Rota, order: int, day: int, agreed: int) -> int:
    """Return where the rota has the order's visit of the day, or as agreed."""
    code = orders.code[order]
    for row in range(rota.begin[code], rota.begin[code + 1]):
        if rota.day[row] == day:
            return rota.start[row]
        if rota.day[row] > day:
            break
    return agreed


@bare
def is_care(orders: Orders, order: int, provider: int, service: int) -> bool:
    """Say whether the order is for this provider's care of this kind."""
    return orders.provider[order] == provider and orders.service[order] == service


@bare
def has_start_between(
    orders: Orders, rota: Rota, person: int, provider: int, service: int, earliest: int, latest: int
) -> bool:
    """Say whether a planned start of the care lies between the instants, both inclusive."""
    if latest < earliest:
        return False
    for order in range(orders.begin[person], orders.begin[person + 1]):
        if not is_care(orders, order, provider, service):
            continue
        for day in range(local_day(earliest), local_day(latest) + 1):
            if is_commissioned(orders, order, day):
                agreed = instant_on(day, orders.start_minute[order])
                if earliest <= planned_start(orders, rota, order, day, agreed) <= latest:
                    return True
    return False


@bare
def _is_named(orders: Orders, rota: Rota, order: int, day: int, start: int, as_moved: bool) -> bool:
    if not is_commissioned(orders, order, day):
        return False
    agreed = instant_on(day, orders.start_minute[order])
    if as_moved:
        return planned_start(orders, rota, order, day, agreed) == start
    return agreed == start


@bare
def _is_any_named(
    orders: Orders, rota: Rota, person: int, provider: int, service: int, start: int
) -> bool:
    day = local_day(start)
    for order in range(orders.begin[person], orders.begin[person + 1]):
        theirs = is_care(orders, order, provider, service)
        if theirs and _is_named(orders, rota, order, day, start, True):
            return True
    return False


@bare
def name_another(
    orders: Orders, rota: Rota, person: int, provider: int, service: int, one: int, other: int
) -> bool:
    """Say whether two planned starts name planned visits of which none is the same."""
    if one == NONE or other == NONE or one == other:
        return False
    day = local_day(one)
    if day != local_day(other):
        return True
    one_moved = _is_any_named(orders, rota, person, provider, service, one)
    other_moved = _is_any_named(orders, rota, person, provider, service, other)
    for order in range(orders.begin[person], orders.begin[person + 1]):
        if not is_care(orders, order, provider, service):
            continue
        named = _is_named(orders, rota, order, day, one, one_moved)
        if named and _is_named(orders, rota, order, day, other, other_moved):
            return False
    return True


@bare
def concerns(absences: Absences, orders: Orders, absence: int, order: int) -> bool:
    """Say whether a suspension applies to the order: its own, or the person's."""
    own = absences.order[absence]
    return own == -1 or own == orders.code[order]


@bare
def covers(absences: Absences, orders: Orders, absence: int, order: int, instant: int) -> bool:
    """Say whether a suspension applies to the order and holds the instant."""
    if not concerns(absences, orders, absence, order):
        return False
    return absences.starts[absence] <= instant < absences.ends[absence]


@bare
def is_suspended(absences: Absences, orders: Orders, person: int, order: int, instant: int) -> bool:
    """Say whether the order is suspended at the instant."""
    for absence in range(absences.begin[person], absences.begin[person + 1]):
        if covers(absences, orders, absence, order, instant):
            return True
    return False


@bare
def is_wholly_suspended(absences: Absences, orders: Orders, person: int, instant: int) -> bool:
    """Say whether suspensions cover all the person's orders in force that day at the instant.

    Source: settlement §5.8.
    """
    if absences.begin[person] == absences.begin[person + 1]:
        return False
    day = local_day(instant)
    some = False
    for order in range(orders.begin[person], orders.begin[person + 1]):
        if in_force(orders, order, day):
            some = True
            if not is_suspended(absences, orders, person, order, instant):
                return False
    return some


@bare
def told_at(absences: Absences, orders: Orders, person: int, order: int, instant: int) -> int:
    """Return when the provider was first told of a suspension that holds the instant."""
    first = NONE
    for absence in range(absences.begin[person], absences.begin[person + 1]):
        told = absences.told[absence]
        if told != NONE and covers(absences, orders, absence, order, instant):
            first = told if first == NONE else min(first, told)
    return first


@bare
def absence_mask(absences: Absences, orders: Orders, person: int, order: int, instant: int) -> int:
    """Return a bit for each kind of absence that holds the instant."""
    mask = 0
    for absence in range(absences.begin[person], absences.begin[person + 1]):
        if covers(absences, orders, absence, order, instant):
            mask |= 1 << absences.reason[absence]
    return mask


@bare
def hospital_stay_began(
    absences: Absences, orders: Orders, person: int, order: int, instant: int
) -> int:
    """Return the first day of the hospital stay that holds the instant.

    Hospital rows of the order that overlap or lie on touching days are one stay.

    Source: settlement §2, `suspensions.csv`.
    """
    inside = -1
    for absence in range(absences.begin[person], absences.begin[person + 1]):
        if absences.reason[absence] == HOSPITAL and covers(absences, orders, absence, order, instant):
            inside = absence
            break
    began = absences.from_on[inside]
    while True:
        earlier = began
        for absence in range(absences.begin[person], absences.begin[person + 1]):
            if absences.reason[absence] != HOSPITAL:
                continue
            if not concerns(absences, orders, absence, order):
                continue
            until = absences.to_on[absence]
            if absences.from_on[absence] < earlier and (until == MOST or until + 1 >= began):
                earlier = absences.from_on[absence]
        if earlier == began:
            return began
        began = earlier

"""What happens in an invented round, day by day: care as it was given, and as it was recorded.

Shares from uk-practice: 5% double-ups, 2% missed visits (Devon Cares' target), one in ten more than
half an hour late where a study counted, under one in ten shorter than they should be.

Source: Devon Cares KPIs; Corporate Watch, "Short, badly paid and late".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from carethread.engine import units
from carethread.engine.records import OrderVersion, RotaRow, Suspension, VisitRow
from carethread.engine.reference.plan import Plan, Slot
from carethread.engine.words import Absence, Basis, CancelledBy, Method, Status
from carethread.synth.council import FIRST_MONDAY, Round

_TRAVEL = 5
_METHODS = ([Method.APP, Method.PHONE, Method.TAG, Method.TOKEN, Method.MANUAL], [70, 15, 8, 4, 3])


@dataclass(slots=True)
class Happened:
    """A round's weeks: rotas, suspensions, visit rows, and for each visit the slot it was made for."""

    rota: list[RotaRow] = field(default_factory=list)
    suspensions: list[Suspension] = field(default_factory=list)
    visits: list[VisitRow] = field(default_factory=list)
    made_for: dict[str, str] = field(default_factory=dict)


def happen(one: Round, orders: Sequence[OrderVersion]) -> Happened:
    """Let the weeks pass."""
    dice = one.dice("days")
    happened = Happened()
    happened.suspensions = list(_stays(one, orders, dice))
    moved = _rota(one, orders, dice)
    happened.rota = [RotaRow(0, order_id, start) for (order_id, _), start in moved.items()]
    plan = Plan(orders, moved, happened.suspensions)
    team = _Team(one)
    makes_names = one.provider % 3 == 0
    slots = sorted(
        plan.slots(FIRST_MONDAY, one.council.last),
        key=lambda slot: (slot.planned_start, slot.line_id),
    )
    for slot in slots:
        visit = _visit(slot, team, dice, number=len(happened.made_for), names=makes_names)
        if visit is not None:
            happened.made_for[visit.visit_id] = slot.line_id
            happened.visits.append(visit)
    for visit in _free_visits(one, orders, plan, team, dice, len(happened.made_for)):
        happened.made_for[visit.visit_id] = ""
        happened.visits.append(visit)
    happened.visits = [row for visit in happened.visits for row in _recorded(visit, happened, dice)]
    return happened


def _stays(one: Round, orders: Sequence[OrderVersion], dice: Random) -> Iterator[Suspension]:
    """Send a few people into hospital at some hour, and a few away."""
    days = (one.council.last - FIRST_MONDAY).days + 1
    for person in sorted({order.person_id for order in orders}):
        if dice.random() > 0.02 * one.council.weeks:
            continue
        begins = FIRST_MONDAY + timedelta(days=dice.randrange(days))
        hour = dice.randrange(6 * 60, 22 * 60)
        ends = begins + timedelta(days=dice.choice([1, 2, 4, 9, 14]))
        back = dice.randrange(9 * 60, 19 * 60)
        start = units.instant_on(begins, hour)[0]
        hospital = dice.random() < 0.8
        yield Suspension(
            row=0,
            person_id=person,
            order_id=None,
            from_on=begins,
            to_on=ends,
            starts_at=start,
            ends_at=units.instant_on(ends, back)[0],
            reason=Absence.HOSPITAL if hospital else Absence.AWAY,
            told_at=start + dice.choice([30, 120, 300, 600]) if hospital else start - 2880,
        )


def _rota(one: Round, orders: Sequence[OrderVersion], dice: Random) -> dict[tuple[str, date], int]:
    """Let two providers in five send a rota that moves a tenth of the visits."""
    if one.provider % 5 > 1:
        return {}
    moved = {}
    for slot in Plan(orders, {}, ()).slots(FIRST_MONDAY, one.council.last):
        if slot.number == 1 and dice.random() < 0.1:
            start = slot.planned_start + dice.choice([-30, -15, 15, 30, 45])
            if units.local_date(start) == slot.planned_on:
                moved[slot.order.order_id, slot.planned_on] = start
    return moved


class _Team:
    """A round's workers: whoever is free goes; a new one joins when nobody is."""

    def __init__(self, one: Round) -> None:
        self._name = f"W{one.number:05d}"
        self._free_from: list[int] = []

    def send(self, start: int, end: int, dice: Random) -> str:
        """Return a worker who is free, or rarely one who is not."""
        free = [n for n, free_from in enumerate(self._free_from) if free_from <= start]
        if self._free_from and dice.random() < 0.0005:
            number = dice.randrange(len(self._free_from))
        elif free:
            number = free[0]
        else:
            number = len(self._free_from)
            self._free_from.append(0)
        self._free_from[number] = max(self._free_from[number], end + _TRAVEL)
        return f"{self._name}-{number:02d}"


def _visit(slot: Slot, team: _Team, dice: Random, *, number: int, names: bool) -> VisitRow | None:
    """Let one slot be visited, or not."""
    row = _row(slot.order, number)
    row = replace(row, planned_start=slot.planned_start)
    if slot.suspensions:
        return _during_absence(slot, row, team, dice)
    chance = dice.random()
    if chance < 0.02:
        return None
    if chance < 0.037:
        return _cancelled(slot, row, dice)
    if chance < 0.044:
        return _frustrated(slot, row, team, dice)
    start = slot.planned_start + lateness(dice)
    end = start + _length(slot.minutes, dice)
    worker = team.send(start, end, dice)
    visit = replace(row, worker_id=worker, check_in=start, check_out=end)
    return visit if names else replace(visit, planned_start=None)


def _row(order: OrderVersion, number: int) -> VisitRow:
    return VisitRow(
        row=0,
        visit_id=f"{order.order_id[1:7]}-{order.provider_id[4:]}-{number:06d}",
        sequence=1,
        person_id=order.person_id,
        provider_id=order.provider_id,
        worker_id="",
        service=order.service,
        status=Status.DELIVERED,
    )


def lateness(dice: Random) -> int:
    """Return minutes late: most are punctual, some have a long tail."""
    late = dice.gauss(2, 8)
    if dice.random() < 0.18:
        late += dice.expovariate(1 / 30)
    return round(late)


def _length(planned: int, dice: Random) -> int:
    if dice.random() < 0.03:
        return dice.randint(1, max(2, planned // 2))
    return max(1, round(planned * dice.triangular(0.7, 1.2, 0.97)))


def _during_absence(slot: Slot, row: VisitRow, team: _Team, dice: Random) -> VisitRow | None:
    """Until the provider is told, a carer comes to a closed door; rarely care is still recorded."""
    told = min((s.told_at for s in slot.suspensions if s.told_at is not None), default=None)
    if told is not None and slot.planned_start < told:
        return _frustrated(slot, row, team, dice)
    if dice.random() < 0.01:
        end = slot.planned_start + slot.minutes
        worker = team.send(slot.planned_start, end, dice)
        start = slot.planned_start
        return replace(row, worker_id=worker, check_in=start, check_out=end, planned_start=None)
    return None


def _cancelled(slot: Slot, row: VisitRow, dice: Random) -> VisitRow:
    by = dice.choices([CancelledBy.PERSON, CancelledBy.PROVIDER, None], [85, 10, 5])[0]
    notice = dice.choice([20, 90, 300, 1200, 1500, 4000])
    told = slot.agreed_start - notice if dice.random() < 0.93 else None
    status = Status.CANCELLED
    return replace(row, status=status, cancelled_by=by, notified_at=told)


def _frustrated(slot: Slot, row: VisitRow, team: _Team, dice: Random) -> VisitRow:
    came = slot.planned_start + lateness(dice)
    worker = team.send(came, came + 10, dice)
    proof = came if dice.random() < 0.9 else None
    return replace(row, status=Status.FRUSTRATED, worker_id=worker, check_in=proof)


def _free_visits(  # noqa: PLR0913 -- a private step of `happen`
    one: Round,
    orders: Sequence[OrderVersion],
    plan: Plan,
    team: _Team,
    dice: Random,
    number: int,
) -> Iterator[VisitRow]:
    """Give weekly-hours people visits when it suits them, and some others visits nobody planned."""
    for order in orders:
        for ordinal in range(FIRST_MONDAY.toordinal(), one.council.last.toordinal() + 1):
            day = FIRST_MONDAY.fromordinal(ordinal)
            if not order.in_force(day):
                continue
            length = _free_length(order, dice)
            if not length:
                continue
            start = units.instant_on(day, dice.randrange(8 * 60, 19 * 60))[0]
            if plan.suspensions_at(order, start):
                continue
            worker = team.send(start, start + length, dice)
            row = _row(order, number)
            number += 1
            yield replace(row, worker_id=worker, check_in=start, check_out=start + length)


def _free_length(order: OrderVersion, dice: Random) -> int:
    if order.basis is Basis.VISITS:
        return dice.choice([15, 30, 45]) if dice.random() < 0.004 else 0
    days_a_week = 5
    if dice.random() > days_a_week / 7:
        return 0
    usual = (order.weekly_minutes or 0) / days_a_week
    return max(10, round(usual * dice.triangular(0.6, 1.3, 0.95)))


def _recorded(visit: VisitRow, happened: Happened, dice: Random) -> Iterator[VisitRow]:
    """Record a visit as real systems do: by several methods, sometimes twice or in two log-ins."""
    if visit.status is not Status.DELIVERED:
        yield visit
        return
    clocks = dice.choices(*_METHODS, k=2)
    why = "PHONE-FLAT" if Method.MANUAL in clocks and dice.random() < 0.85 else ""
    visit = replace(visit, in_method=clocks[0], out_method=clocks[1], reason_code=why)
    chance = dice.random()
    if chance < 0.007:
        yield replace(visit, check_out=None)
    elif chance < 0.017:
        yield from _two_log_ins(visit, happened, dice)
    elif chance < 0.027:
        yield replace(visit, check_out=(visit.check_out or 0) + dice.randint(5, 40))
        yield replace(visit, sequence=2, reason_code="CORRECTED")
    elif chance < 0.032:
        yield visit
        yield visit
    else:
        yield visit


def _two_log_ins(visit: VisitRow, happened: Happened, dice: Random) -> Iterator[VisitRow]:
    """Let the phone die on the way: two rows, a few minutes apart, of one visit."""
    assert visit.check_in is not None
    assert visit.check_out is not None
    middle = (visit.check_in + visit.check_out) // 2
    again = min(visit.check_out, middle + dice.randint(0, 4))
    second = replace(visit, visit_id=f"{visit.visit_id}b", check_in=again)
    happened.made_for[second.visit_id] = happened.made_for[visit.visit_id]
    yield replace(visit, check_out=middle)
    yield second

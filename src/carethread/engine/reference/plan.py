"""From orders, rotas and suspensions to planned slots.

Source: settlement §2 (`planned.csv`, `suspensions.csv`) and §3.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from carethread.engine import units
from carethread.engine.findings import found
from carethread.engine.records import Finding, OrderVersion, RotaRow, Suspension
from carethread.engine.words import Absence, Basis, Kind

Care = tuple[str, str, str]
Moves = Mapping[tuple[str, date], int]
"""(order id, local date) -> the start the rota moved that day's visit to."""


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """One carer's place in a planned visit. `suspensions` are those its planned start lies in."""

    order: OrderVersion
    planned_on: date
    number: int
    agreed_start: int
    planned_start: int
    clock_changed: bool
    suspensions: tuple[Suspension, ...]

    @property
    def line_id(self) -> str:
        """The id of the slot's line, which a rota does not change."""
        return f"{self.order.order_id}|{units.iso_local(self.agreed_start)}|{self.number}"

    @property
    def minutes(self) -> int:
        """The planned length."""
        assert self.order.minutes is not None
        return self.order.minutes


def is_commissioned(order: OrderVersion, day: date) -> bool:
    """Say whether the version has a planned visit on the day."""
    return order.basis is Basis.VISITS and order.in_force(day) and order.days[day.weekday()] == "1"


def moves(
    rows: Iterable[RotaRow], orders: Iterable[OrderVersion]
) -> tuple[dict[tuple[str, date], int], list[Finding]]:
    """Return where the rota moves visits to, and a finding for each row that moves nothing."""
    versions: dict[str, list[OrderVersion]] = defaultdict(list)
    for order in orders:
        versions[order.order_id].append(order)
    by_day: dict[tuple[str, date], list[RotaRow]] = defaultdict(list)
    for row in rows:
        by_day[row.order_id, units.local_date(row.planned_start)].append(row)
    moved: dict[tuple[str, date], int] = {}
    findings: list[Finding] = []
    for (order_id, day), same in by_day.items():
        problem = _rota_problem(versions.get(order_id, ()), day, len(same))
        if problem is None:
            moved[order_id, day] = same[0].planned_start
            continue
        kind, say = problem
        findings += [found(kind, say, subject=order_id, table="planned", row=row.row) for row in same]
    return moved, findings


def _rota_problem(versions: Sequence[OrderVersion], day: date, rows: int) -> tuple[Kind, str] | None:
    if not versions:
        return Kind.BAD_ROW, "order_id: no order has this id"
    if versions[0].basis is Basis.WEEKLY_HOURS:
        return Kind.BAD_ROW, "order_id: a weekly_hours order has no planned visits to move"
    if rows > 1:
        return Kind.BAD_ROW, f"planned_start: {rows} rows for this order on {day}; none is used"
    if not any(is_commissioned(version, day) for version in versions):
        return Kind.NOT_COMMISSIONED, f"no visit is commissioned on {day}"
    return None


class Plan:
    """The planned visits of all orders, asked by day."""

    def __init__(
        self, orders: Iterable[OrderVersion], moved: Moves, suspensions: Iterable[Suspension]
    ) -> None:
        """Index the orders by care and by person, the suspensions by person."""
        self._moved = moved
        self._by_care: dict[Care, list[OrderVersion]] = defaultdict(list)
        self._orders_of: dict[str, list[OrderVersion]] = defaultdict(list)
        for order in sorted(orders, key=lambda order: (order.order_id, order.starts_on)):
            self._by_care[order.care].append(order)
            self._orders_of[order.person_id].append(order)
        self._by_person: dict[str, list[Suspension]] = defaultdict(list)
        for suspension in suspensions:
            self._by_person[suspension.person_id].append(suspension)

    def suspensions_at(self, order: OrderVersion, instant: int) -> tuple[Suspension, ...]:
        """Return the suspensions that apply to the order and cover the instant."""
        theirs = self._by_person.get(order.person_id, ())
        return tuple(s for s in theirs if s.concerns(order) and s.covers(instant))

    def suspensions_of(self, order: OrderVersion) -> list[Suspension]:
        """Return the suspensions that apply to the order at any time."""
        return [s for s in self._by_person.get(order.person_id, ()) if s.concerns(order)]

    def ruling_order(self, care: Care, day: date) -> OrderVersion | None:
        """Return the order whose contract rules an unplanned visit: the first in force on its day.

        Source: settlement §5.8.
        """
        theirs = self._by_care.get(care, ())
        return next((order for order in theirs if order.in_force(day)), None)

    def is_wholly_suspended(self, person_id: str, instant: int) -> bool:
        """Say whether suspensions cover all the person's orders in force that day at the instant.

        Source: settlement §5.8.
        """
        day = units.local_date(instant)
        in_force = [order for order in self._orders_of.get(person_id, ()) if order.in_force(day)]
        return bool(in_force) and all(self.suspensions_at(order, instant) for order in in_force)

    def slots(self, first_on: date, last_on: date) -> Iterator[Slot]:
        """Yield every slot planned on the days from first to last, both inclusive."""
        for orders in self._by_care.values():
            for order in orders:
                first = max(first_on, order.starts_on)
                last = min(last_on, order.ends_on or last_on)
                for ordinal in range(first.toordinal(), last.toordinal() + 1):
                    yield from self._slots_on(order, date.fromordinal(ordinal))

    def _slots_on(self, order: OrderVersion, day: date) -> Iterator[Slot]:
        if not is_commissioned(order, day):
            return
        agreed, changed = _agreed_start(order, day)
        planned = self._moved.get((order.order_id, day), agreed)
        suspended = self.suspensions_at(order, planned)
        for number in range(1, order.carers + 1):
            yield Slot(order, day, number, agreed, planned, changed, suspended)

    def starts_on(self, care: Care, day: date) -> list[tuple[str, int, int]]:
        """Return the care's planned visits on a day as (order id, planned start, agreed start)."""
        starts = []
        for order in self._by_care.get(care, ()):
            if is_commissioned(order, day):
                agreed, _ = _agreed_start(order, day)
                planned = self._moved.get((order.order_id, day), agreed)
                starts.append((order.order_id, planned, agreed))
        return starts

    def has_start_between(self, care: Care, earliest: int, latest: int) -> bool:
        """Say whether a planned start of the care lies between the instants, both inclusive."""
        if latest < earliest:
            return False
        first, last = units.local_date(earliest), units.local_date(latest)
        return any(
            earliest <= planned <= latest
            for day in range(first.toordinal(), last.toordinal() + 1)
            for _, planned, _ in self.starts_on(care, date.fromordinal(day))
        )

    def named(self, care: Care, start: int) -> set[tuple[str, date]]:
        """Return the planned visits that a start names: those planned then, else those agreed."""
        day = units.local_date(start)
        starts = self.starts_on(care, day)
        planned = {(order_id, day) for order_id, where, _ in starts if where == start}
        return planned or {(order_id, day) for order_id, _, agreed in starts if agreed == start}


def _agreed_start(order: OrderVersion, day: date) -> tuple[int, bool]:
    assert order.start_minute is not None
    return units.instant_on(day, order.start_minute)


def hospital_stay_began(suspensions: Iterable[Suspension], inside: Suspension) -> date:
    """Return the first day of the hospital stay that a hospital row belongs to.

    `suspensions` are all that apply to the order. Hospital rows that overlap or lie on touching days
    are one stay.

    Source: settlement §2, `suspensions.csv`.
    """
    rows = [s for s in suspensions if s.reason is Absence.HOSPITAL]
    began, ended = date.min, date.min
    for row in sorted(rows, key=lambda row: row.from_on):
        if row.from_on.toordinal() > ended.toordinal() + 1:
            began = row.from_on
        ended = max(ended, row.to_on or date.max)
        if row is inside:
            break
    return began

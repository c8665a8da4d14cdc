"""Weekly-hours orders: which visit is whose, and how far the week's allowance goes.

Source: settlement §5.6.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from carethread.engine.records import Finding, OrderVersion, Period, Terms
from carethread.engine.reference import pay
from carethread.engine.reference.drafts import Draft, terms_for
from carethread.engine.reference.minutes import cut_period, take_figure
from carethread.engine.reference.plan import Care
from carethread.engine.reference.price import Tariff
from carethread.engine.reference.visits import Attendance
from carethread.engine.results import WeekUse
from carethread.engine.units import local_date, monday_of
from carethread.engine.words import Basis, Outcome, Reason

WEEK_DAYS = 7


class Weeks:
    """The weekly-hours orders of a settlement and how much of each week is used."""

    def __init__(self, orders: Iterable[OrderVersion], tariff: Tariff, period: Period) -> None:
        """Index the orders by care."""
        self._tariff = tariff
        self._period = period
        self._versions: dict[str, list[OrderVersion]] = defaultdict(list)
        self._by_care: dict[Care, list[OrderVersion]] = defaultdict(list)
        for order in orders:
            if order.basis is Basis.WEEKLY_HOURS:
                self._versions[order.order_id].append(order)
                self._by_care[order.care].append(order)
        self._used: dict[tuple[str, date], int] = defaultdict(int)

    def in_force(self, care: Care, day: date) -> list[OrderVersion]:
        """Return the weekly-hours orders of the care in force on the day, by order id."""
        orders = [order for order in self._by_care.get(care, ()) if order.in_force(day)]
        return sorted(orders, key=lambda order: order.order_id)

    def allowance(self, order_id: str, week: date) -> int:
        """Return the minutes an order may use in the week, by its versions' days in the period."""
        days = [week + timedelta(days=n) for n in range(WEEK_DAYS)]
        settled = [day for day in days if self._period.holds(day)]
        return pay.weekly_allowance(
            (version.weekly_minutes or 0, sum(version.in_force(day) for day in settled))
            for version in self._versions[order_id]
        )

    def room(self, order_id: str, week: date) -> int:
        """Return what is left of the order's week."""
        return self.allowance(order_id, week) - self._used[order_id, week]

    def draft(self, visit: Attendance) -> Draft | None:
        """Return the line of a visit under a weekly-hours order, or None if there is no order."""
        day = local_date(visit.check_in)
        orders = self.in_force(visit.care, day)
        if not orders:
            return None
        order = self._choose(orders, visit, day)
        terms, missing = terms_for(self._tariff, order, day)
        draft = Draft(None, visit, None, order, Outcome.DELIVERED, day, terms, missing)
        draft.counted = visit.minutes
        self._pay(draft, order)
        return draft

    def _choose(self, orders: Sequence[OrderVersion], visit: Attendance, day: date) -> OrderVersion:
        """Take the first order whose room takes the whole visit, else the one with most room."""
        week = monday_of(day)
        for order in orders:
            terms, _ = terms_for(self._tariff, order, day)
            counted = visit.minutes
            needed = 0 if terms is None or counted is None else _needed(terms, counted)
            if needed <= self.room(order.order_id, week):
                return order
        return max(orders, key=lambda order: self.room(order.order_id, week))

    def _pay(self, draft: Draft, order: OrderVersion) -> None:
        if draft.terms is None or draft.counted is None:
            return
        week = monday_of(draft.service_on)
        room = self.room(order.order_id, week)
        take_figure(draft, pay.figure(draft.terms, draft.counted, None))
        draft.working |= {
            "allowance_minutes": self.allowance(order.order_id, week),
            "used_minutes": self._used[order.order_id, week],
        }
        if draft.payable is not None and draft.payable > room:
            draft.payable = room
            draft.steps.append(Reason.OVER_WEEKLY_ALLOWANCE)
        self._used[order.order_id, week] += draft.payable or 0

    def table(self) -> list[WeekUse]:
        """Return the use of every order's every week in force and in the period."""
        rows = []
        for order_id, versions in sorted(self._versions.items()):
            for week in self._weeks_of(versions):
                allowance, used = self.allowance(order_id, week), self._used[order_id, week]
                rows.append(WeekUse(order_id, week, allowance, used, allowance - used))
        return rows

    def cut_weeks(self) -> list[Finding]:
        """Find the weeks of weekly-hours orders that the settled period cuts."""
        findings = []
        for order_id, versions in self._versions.items():
            first = min(versions, key=lambda version: version.starts_on)
            for week in self._weeks_of(versions):
                ends = week + timedelta(days=WEEK_DAYS - 1)
                if not self._period.holds(week) or not self._period.holds(ends):
                    findings.append(cut_period(order_id, first, "week", week))
        return findings

    def _weeks_of(self, versions: Iterable[OrderVersion]) -> list[date]:
        weeks = set()
        for version in versions:
            first = max(version.starts_on, self._period.first_on)
            last = min(version.ends_on or self._period.last_on, self._period.last_on)
            days = range(first.toordinal(), last.toordinal() + 1)
            weeks |= {monday_of(date.fromordinal(day)) for day in days}
        return sorted(weeks)


def _needed(terms: Terms, counted: int) -> int:
    return pay.figure(terms, counted, None).minutes

"""A line in the making, and the teams of a double-up.

Source: settlement §4.4, §5.1.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from carethread.engine.records import OrderVersion, Terms, VisitRow
from carethread.engine.reference.match import Answers
from carethread.engine.reference.plan import Slot
from carethread.engine.reference.price import Tariff
from carethread.engine.reference.visits import Attendance, minutes_together
from carethread.engine.units import local_date
from carethread.engine.words import CancelledBy, DoubleUp, Kind, Outcome, Reason, Status


@dataclass(slots=True, eq=False)
class Draft:
    """A line while the steps of pay work on it; `lines` closes it.

    `order` is the order whose contract rules the line; `missing` says why there are no terms.
    `steps` are the reasons of the steps of pay, `holds` why the line waits, `doubts` what is found
    wrong with it (with a message each), `working` the numbers for `explain`.
    """

    slot: Slot | None
    visit: Attendance | None
    status: VisitRow | None
    order: OrderVersion | None
    outcome: Outcome
    service_on: date
    terms: Terms | None
    missing: Reason | None
    counted: int | None = None
    payable: int | None = None
    percent: Fraction = Fraction(100)
    steps: list[Reason] = field(default_factory=list)
    holds: set[Reason] = field(default_factory=set)
    doubts: dict[Kind, str] = field(default_factory=dict)
    working: dict[str, Any] = field(default_factory=dict)

    @property
    def line_id(self) -> str:
        """The slot's id, or the visit's."""
        if self.slot is not None:
            return self.slot.line_id
        assert self.visit is not None
        return f"visit|{self.visit.visit_id}"

    @property
    def answer(self) -> Attendance | VisitRow | None:
        """The visit or status row that is on the line."""
        return self.visit or self.status

    def doubt(self, kind: Kind, message: str, *, hold: bool = True) -> None:
        """Note a finding on the line; with `hold`, the line waits for it."""
        self.doubts[kind] = message
        if hold:
            self.holds.add(Reason(kind.value))


def terms_for(
    tariff: Tariff, order: OrderVersion | None, day: date
) -> tuple[Terms | None, Reason | None]:
    """Return the terms in force for an order on a day, or why there are none.

    Source: settlement §2 ("No contract or no terms"), §5.8 ("none is finding `no_order`").
    """
    if order is None:
        return None, Reason.NO_ORDER
    if not tariff.has(order.contract_id):
        return None, Reason.NO_CONTRACT
    terms = tariff.terms(order.contract_id, day)
    return terms, None if terms else Reason.NO_TERMS


def slot_drafts(
    slots: Iterable[Slot],
    answers: Answers,
    explanations: Mapping[Slot, VisitRow],
    tariff: Tariff,
) -> list[Draft]:
    """Return the lines of the slots, with what answers or explains them and the counted minutes."""
    drafts = []
    for slot in slots:
        visit, status = answers.get(slot), explanations.get(slot)
        terms, missing = terms_for(tariff, slot.order, slot.planned_on)
        outcome = slot_outcome(slot, visit, status)
        draft = Draft(slot, visit, status, slot.order, outcome, slot.planned_on, terms, missing)
        draft.counted = visit.minutes if visit else None
        drafts.append(draft)
    return drafts


def slot_outcome(slot: Slot, visit: Attendance | None, status: VisitRow | None) -> Outcome:
    """Return what became of a slot.

    Source: settlement §4, "Outcomes".
    """
    if visit is not None:
        return Outcome.DELIVERED
    if status is None:
        return Outcome.SUSPENDED if slot.suspensions else Outcome.MISSED
    if status.status is Status.FRUSTRATED:
        return Outcome.FRUSTRATED
    if status.cancelled_by is CancelledBy.PROVIDER:
        return Outcome.MISSED
    return Outcome.CANCELLED


def visit_draft(visit: Attendance, order: OrderVersion | None, tariff: Tariff) -> Draft:
    """Return the line of a visit that answers no slot, under the order that rules it, if any."""
    day = local_date(visit.check_in)
    terms, missing = terms_for(tariff, order, day)
    draft = Draft(None, visit, None, order, Outcome.UNPLANNED, day, terms, missing)
    draft.counted = visit.minutes
    return draft


Team = tuple[Slot, Slot]


def teams(slots: Iterable[Slot]) -> list[Team]:
    """Return the two slots of each double-up."""
    by_visit: dict[tuple[str, date], list[Slot]] = defaultdict(list)
    for slot in slots:
        by_visit[slot.order.order_id, slot.planned_on].append(slot)
    return [(pair[0], pair[1]) for pair in by_visit.values() if len(pair) == 2]  # noqa: PLR2004


def put_longer_first(pairs: Iterable[Team], answers: Answers, tariff: Tariff) -> None:
    """Where a double-up is paid for time together, put the longer of two visits in slot 1.

    Source: settlement §4.4.
    """
    for one, two in pairs:
        first, second = answers.get(one), answers.get(two)
        terms, _ = terms_for(tariff, one.order, one.planned_on)
        if terms is None or terms.double_up is not DoubleUp.OVERLAP:
            continue
        if first is None or second is None or first.minutes is None or second.minutes is None:
            continue
        answers[one], answers[two] = sorted((first, second), key=_longest_first)


def _longest_first(visit: Attendance) -> tuple[int, int, str]:
    return -(visit.minutes or 0), visit.check_in, visit.visit_id


def count_time_together(drafts: Iterable[Draft], pairs: Iterable[Team]) -> None:
    """Where a double-up is paid for time together, let slot 2 count only those minutes.

    Source: settlement §5.1.
    """
    by_slot = {draft.slot: draft for draft in drafts}
    for one, two in pairs:
        first, second = by_slot.get(one), by_slot.get(two)
        if first is None or second is None or first.visit is None or second.visit is None:
            continue
        if second.terms is None or second.terms.double_up is not DoubleUp.OVERLAP:
            continue
        if first.visit.minutes is not None and second.visit.minutes is not None:
            second.counted = minutes_together(first.visit, second.visit)

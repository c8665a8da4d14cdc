"""The steps of pay on a line: from counted minutes to payable minutes and percent.

Source: settlement §5.2 to §5.8.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from carethread.engine.findings import found
from carethread.engine.records import Finding, OrderVersion, Period, Terms
from carethread.engine.reference import pay
from carethread.engine.reference.doubts import told_at
from carethread.engine.reference.drafts import Draft
from carethread.engine.reference.plan import Plan, Slot, hospital_stay_began
from carethread.engine.units import monday_of
from carethread.engine.words import Absence, Kind, Outcome, Pool, Reason, Unplanned


def pay_slot(draft: Draft, plan: Plan) -> None:
    """Work out a slot's line, all but its pool."""
    if draft.terms is None or draft.slot is None:
        return
    if draft.outcome is Outcome.DELIVERED:
        _pay_delivered(draft, draft.terms, draft.slot)
    else:
        percent, reason = _share(draft, draft.terms, draft.slot, plan)
        _pay_share(draft, draft.slot, percent, reason)


def _pay_delivered(draft: Draft, terms: Terms, slot: Slot) -> None:
    """Steps 2 to 4 for a delivered slot."""
    if draft.counted is None:
        return
    take_figure(draft, pay.figure(terms, draft.counted, slot.minutes))
    most = pay.ceiling(terms, slot.minutes)
    if draft.payable is not None and most is not None and draft.payable > most:
        draft.payable = most
        draft.steps.append(Reason.CAPPED)
        draft.working["ceiling_minutes"] = most


def take_figure(draft: Draft, figure: pay.Figure) -> None:
    """Give a line the figure of steps 2 and 3."""
    draft.payable = figure.minutes
    if figure.reason is not None:
        draft.steps.append(figure.reason)
    draft.working |= {
        "rule": figure.rule,
        "rule_minutes": figure.rule_minutes,
        "figure_minutes": figure.minutes,
    }
    if figure.rule == "round" and draft.terms is not None:
        draft.working["rounding"] = draft.terms.round.value


def _pay_share(draft: Draft, slot: Slot, percent: Fraction, reason: Reason | None) -> None:
    """Pay a percent of the planned minutes' price: the percent is of the money, not of the time.

    Source: settlement §5.7.
    """
    draft.percent = percent
    draft.payable = slot.minutes if percent > 0 else 0
    if percent > 0 and reason is not None:
        draft.steps.append(reason)
    draft.working |= {"rule": "share", "percent": percent_text(percent)}


def percent_text(percent: Fraction) -> str:
    """Write a percent without needless decimals: 50, 12.5."""
    return f"{(Decimal(percent.numerator) / Decimal(percent.denominator)).normalize():f}"


def _share(draft: Draft, terms: Terms, slot: Slot, plan: Plan) -> tuple[Fraction, Reason | None]:
    match draft.outcome:
        case Outcome.FRUSTRATED:
            return terms.frustrated_percent, Reason.FRUSTRATED_PAID
        case Outcome.CANCELLED:
            return _cancelled_percent(draft, terms, slot), Reason.LATE_CANCELLATION
        case Outcome.SUSPENDED:
            return _retainer_percent(draft, terms, slot, plan), Reason.RETAINER
        case _:
            return terms.missed_percent, None


def _cancelled_percent(draft: Draft, terms: Terms, slot: Slot) -> Fraction:
    """Return what a cancellation pays: by its notice, to the agreed start, or the suspension's.

    Without the time of notice it counts as told after the start.
    """
    told = draft.status.notified_at if draft.status else None
    notice = None
    if told is not None:
        suspended = told_at(draft)
        told = told if suspended is None else min(told, suspended)
        notice = slot.agreed_start - told
    draft.working |= {"told_at": told, "notice_minutes": notice}
    return pay.notice_percent(terms.cancelled, notice)


def _retainer_percent(draft: Draft, terms: Terms, slot: Slot, plan: Plan) -> Fraction:
    """Return what a suspended slot pays: the retainer, on the first days of a hospital stay."""
    reasons = {s.reason for s in slot.suspensions}
    in_hospital = next((s for s in slot.suspensions if s.reason is Absence.HOSPITAL), None)
    if in_hospital is None or Absence.DECEASED in reasons:
        return Fraction(0)
    began = hospital_stay_began(plan.suspensions_of(slot.order), in_hospital)
    draft.working["stay_from"] = began
    day_of_stay = (slot.planned_on - began).days
    return terms.suspended_percent if day_of_stay < terms.retainer_days else Fraction(0)


def pay_unplanned(draft: Draft) -> None:
    """Work out the line of a visit that nobody planned.

    Source: settlement §5.8.
    """
    if draft.outcome is not Outcome.UNPLANNED or draft.terms is None or draft.counted is None:
        return
    if draft.terms.unplanned is Unplanned.ZERO:
        draft.payable = 0
        draft.steps.append(Reason.UNPLANNED_ZERO)
        draft.working["rule"] = "zero"
        return
    take_figure(draft, pay.figure(draft.terms, draft.counted, None))
    if draft.terms.unplanned is Unplanned.HOLD:
        draft.holds.add(Reason.UNPLANNED)


PoolKey = tuple[str, Pool, date]


def pool_start(pool: Pool, day: date) -> date:
    """Return the first day of the pool's period that holds the day."""
    return monday_of(day) if pool is Pool.WEEK else day.replace(day=1)


def pool_end(pool: Pool, start: date) -> date:
    """Return the last day of the pool's period that begins on `start`."""
    if pool is Pool.WEEK:
        return start + timedelta(days=6)
    return (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def pay_pools(drafts: Iterable[Draft], period: Period) -> list[Finding]:
    """Give back inside each pool what the cap took, where there is room; find the cut pools.

    Source: settlement §5.5.
    """
    pools: dict[PoolKey, list[Draft]] = defaultdict(list)
    for draft in drafts:
        pool = draft.terms.pool if draft.terms else Pool.NONE
        if draft.slot is None or draft.outcome is not Outcome.DELIVERED or not draft.payable:
            continue
        if pool is not Pool.NONE:
            key = draft.slot.order.order_id, pool, pool_start(pool, draft.service_on)
            pools[key].append(draft)
    findings = []
    for (order_id, pool, start), lines in pools.items():
        lines.sort(key=_earliest_first)
        _pay_pool(lines)
        if not period.holds(start) or not period.holds(pool_end(pool, start)):
            findings.append(cut_period(order_id, lines[0].order, pool.value, start))
    return findings


def cut_period(order_id: str, order: OrderVersion | None, what: str, start: date) -> Finding:
    """Find that the settled period cuts a week or month of an order.

    Source: settlement §5.6.
    """
    say = f"only part of the {what} of {start} is settled"
    row = order.row if order else None
    return found(Kind.PARTIAL_PERIOD, say, subject=order_id, table="orders", row=row)


def _earliest_first(draft: Draft) -> tuple[int, int]:
    assert draft.slot is not None
    return draft.slot.planned_start, draft.slot.number


def _pay_pool(lines: list[Draft]) -> None:
    pooled = [
        pay.Pooled(
            planned=draft.slot.minutes if draft.slot else 0,
            payable=draft.payable or 0,
            taken=draft.working["figure_minutes"] - (draft.payable or 0),
        )
        for draft in lines
    ]
    for draft, back in zip(lines, pay.give_back(pooled), strict=True):
        if back:
            draft.payable = (draft.payable or 0) + back
            draft.steps.append(Reason.POOLED)
            draft.working["pooled_minutes"] = back

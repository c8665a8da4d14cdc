"""Closing a draft: its price, its reasons in order, the settled line, its working, its findings.

Source: settlement §5 (Rate, Amount, 9) and §6.
"""

from dataclasses import dataclass

from carethread.engine.findings import found
from carethread.engine.records import Finding
from carethread.engine.reference.drafts import Draft
from carethread.engine.reference.price import Job, Quote, Tariff
from carethread.engine.reference.visits import Attendance
from carethread.engine.results import Line, Working
from carethread.engine.units import half_up
from carethread.engine.words import Kind, Outcome, Reason

_PROBLEM = {
    Reason.NO_ORDER: "no order of this person, provider and service is in force on the day",
    Reason.NO_CONTRACT: "the contract is not in contracts.toml",
    Reason.NO_TERMS: "the contract has no terms in force on the day",
    Reason.NO_RATE: "no row of the rate card prices it",
    Reason.AMBIGUOUS_RATE: "two rows of the rate card price it equally well",
}
_IN_ORDER = {reason: place for place, reason in enumerate(Reason)}


@dataclass(frozen=True, slots=True)
class Closed:
    """A finished line with the visit row on it (if any), its working and findings."""

    row: int | None
    line: Line
    working: Working
    findings: tuple[Finding, ...]


def close(draft: Draft, tariff: Tariff) -> Closed:
    """Price a draft and close it."""
    quote = _price(draft, tariff)
    reasons = _reasons(draft)
    can_pay = draft.missing is None and Reason.NO_CHECK_OUT not in draft.holds
    pence = None
    if can_pay and quote is not None and quote.pence is not None:
        pence = half_up(quote.pence * draft.percent / 100)
    line = _line(draft, pence, reasons, held=bool(draft.holds or draft.missing))
    row = draft.answer.row if draft.answer else None
    return Closed(row, line, _working(draft, quote), tuple(_findings(draft, line)))


def _price(draft: Draft, tariff: Tariff) -> Quote | None:
    """Quote the payable minutes; a line without a price waits for one."""
    if draft.missing is not None:
        draft.doubts[Kind(draft.missing.value)] = _PROBLEM[draft.missing]
    if draft.payable is None or draft.terms is None:
        return None
    quote = tariff.quote(_job(draft), draft.payable, draft.terms.band_rule)
    for problem in quote.problems:
        draft.doubt(Kind(problem.value), _PROBLEM[problem])
    return quote


def _job(draft: Draft) -> Job:
    """Rating start is the agreed start; without a slot, the check-in."""
    assert draft.order is not None
    if draft.slot is not None:
        start, number = draft.slot.agreed_start, draft.slot.number
    else:
        assert draft.visit is not None
        start, number = draft.visit.check_in, None
    order = draft.order
    return Job(order.contract_id, order.service, draft.service_on, number, start)


def _reasons(draft: Draft) -> tuple[Reason, ...]:
    """Return the reasons of the steps, then why the line waits, each list in its order.

    What has no order, contract or terms says that alone; a visit without check-out, that alone.
    """
    if draft.missing is not None:
        return (draft.missing,)
    if Reason.NO_CHECK_OUT in draft.holds:
        return (Reason.NO_CHECK_OUT,)
    return (*draft.steps, *sorted(draft.holds, key=_IN_ORDER.__getitem__))


def _line(draft: Draft, pence: int | None, reasons: tuple[Reason, ...], *, held: bool) -> Line:
    slot, answer, order = draft.slot, draft.answer, draft.order
    care = slot.order if slot else answer
    assert care is not None
    check_in = answer.check_in if answer else None
    planned_start = slot.planned_start if slot else None
    deviation = None
    if check_in is not None and planned_start is not None:
        deviation = check_in - planned_start
    return Line(
        line_id=draft.line_id,
        provider_id=care.provider_id,
        person_id=care.person_id,
        order_id=order.order_id if order and draft.outcome is not Outcome.UNPLANNED else "",
        contract_id=order.contract_id if order else "",
        service=care.service,
        slot=slot.number if slot else None,
        agreed_start=slot.agreed_start if slot else None,
        planned_start=planned_start,
        planned_minutes=slot.minutes if slot else None,
        visit_id=answer.visit_id if answer else "",
        worker_id=answer.worker_id if answer else "",
        check_in=check_in,
        check_out=answer.check_out if answer else None,
        counted_minutes=draft.counted,
        start_deviation_minutes=deviation,
        outcome=draft.outcome,
        payable_minutes=draft.payable,
        amount_pence=pence,
        held=held,
        reasons=reasons,
        service_on=draft.service_on,
    )


def _working(draft: Draft, quote: Quote | None) -> Working:
    facts = dict(draft.working)
    if draft.slot is not None:
        order, suspensions = draft.slot.order, draft.slot.suspensions
        facts |= {"time_critical": order.time_critical, "carers": order.carers}
        facts["absence"] = ";".join(sorted({s.reason.value for s in suspensions}))
    if draft.terms is not None:
        facts["terms_from"] = draft.terms.from_on
    if draft.status is not None:
        facts["cancelled_by"] = draft.status.cancelled_by or ""
    if draft.visit is not None:
        facts |= _clocks(draft.visit)
    if quote is not None:
        facts |= _rate(quote)
    return Working(draft.line_id, **facts)


def _clocks(visit: Attendance) -> dict[str, object]:
    return {
        "in_method": visit.in_method.value,
        "out_method": visit.out_method.value if visit.check_out is not None else "",
        "reason_code": visit.reason_code,
        "log_ins": len(visit.parts),
        "own_minutes": visit.minutes,
    }


def _rate(quote: Quote) -> dict[str, object]:
    facts: dict[str, object] = {
        "card_from": quote.card_from,
        "rate_kind": quote.kind,
        "hourly_pence": quote.hourly_pence,
        "hourly_kind": quote.hourly_kind,
        "pieces": ";".join(f"{minutes}@{pence}" for minutes, pence in quote.pieces),
    }
    if quote.ladder is not None:
        facts |= {
            "step_minutes": quote.ladder.step_minutes,
            "step_pence": quote.ladder.step_pence,
            "limit_pence": quote.ladder.limit_pence,
        }
    return facts


def _findings(draft: Draft, line: Line) -> list[Finding]:
    """Return the line's findings; each points at the visit's row, or at the order's."""
    if draft.answer is not None:
        table, row, subject = "visits", draft.answer.row, draft.answer.visit_id
    else:
        assert draft.order is not None
        table, row, subject = "orders", draft.order.row, draft.order.order_id
    findings = [
        found(kind, say, subject=subject, table=table, row=row, line_id=line.line_id)
        for kind, say in draft.doubts.items()
    ]
    if draft.slot is not None and draft.slot.clock_changed:
        order = draft.slot.order
        say = "the agreed start falls in the hour of the clock change"
        findings.append(
            found(
                Kind.CLOCK_CHANGE,
                say,
                subject=order.order_id,
                table="orders",
                row=order.row,
                line_id=line.line_id,
            )
        )
    return findings

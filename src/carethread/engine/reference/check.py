"""What is doubtful in a folder before anything is settled.

Beside what reading found: versions, impossible times, rotas, care and invoices that no order covers,
and orders that no contract, terms or rate would price on the days the visits span.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain

from carethread.engine.findings import found
from carethread.engine.records import Finding, Inputs, InvoiceRow, OrderVersion, Period, VisitRow
from carethread.engine.reference.matching import Attended, attend
from carethread.engine.reference.pipeline import published
from carethread.engine.reference.plan import Plan, moves
from carethread.engine.reference.price import Job, Tariff
from carethread.engine.reference.visits import Attendance
from carethread.engine.reference.weeks import Weeks
from carethread.engine.units import iso, local_date
from carethread.engine.words import CancelledBy, Kind, Status
from carethread.engine.written import count


def doubts(inputs: Inputs) -> list[Finding]:
    """Return everything doubtful in a folder, in the order findings are published in."""
    tariff = Tariff(inputs.contracts, inputs.rates, inputs.settings)
    moved, findings = moves(inputs.rota, inputs.orders)
    plan = Plan(inputs.orders, moved, inputs.suspensions)
    attended = attend(inputs, plan)
    findings += [*inputs.findings, *attended.findings]
    findings += _incomplete(attended)
    findings += _uncovered_visits(inputs.visits, plan)
    findings += _uncovered_invoices(inputs.invoices, inputs.orders)
    findings += _unpriced_orders(inputs, attended.visits, plan, tariff)
    return published(findings, inputs.files)


def _incomplete(attended: Attended) -> Iterator[Finding]:
    """Find what will hold a line: visits and status rows that leave something out."""
    for visit in attended.visits:
        if visit.check_out is None:
            say = f"checked in {iso(visit.check_in)}, never out"
            yield _about(Kind.NO_CHECK_OUT, say, visit)
    for row in attended.status:
        if row.status is Status.FRUSTRATED and row.check_in is None:
            yield _about(Kind.NO_ATTENDANCE_PROOF, "frustrated, but no check-in", row)
        if row.status is Status.CANCELLED and row.cancelled_by is None:
            yield _about(Kind.NO_CANCELLED_BY, "cancelled, but not said by whom", row)
        by_provider = row.cancelled_by is CancelledBy.PROVIDER
        if row.status is Status.CANCELLED and row.notified_at is None and not by_provider:
            yield _about(Kind.NO_NOTICE_TIME, "cancelled, but not said when", row)


def _about(kind: Kind, say: str, visit: Attendance | VisitRow) -> Finding:
    return found(kind, say, subject=visit.visit_id, table="visits", row=visit.row)


def _uncovered_visits(visits: Iterable[VisitRow], plan: Plan) -> Iterator[Finding]:
    for row in visits:
        when = row.planned_start if row.check_in is None else row.check_in
        if when is not None and plan.ruling_order(row.care, local_date(when)) is None:
            say = f"no order for {_care(row.care)} is in force that day"
            yield _about(Kind.NO_ORDER, say, row)


def _care(care: tuple[str, str, str]) -> str:
    person, provider, service = care
    return f"person {person}, provider {provider}, service {service}"


def _uncovered_invoices(
    rows: Iterable[InvoiceRow], orders: Iterable[OrderVersion]
) -> Iterator[Finding]:
    known = {order.care for order in orders}
    ids = {order.order_id for order in orders}
    for row in rows:
        if row.care not in known:
            say = f"no order is for {_care(row.care)}"
        elif row.order_id and row.order_id not in ids:
            say = f"no order has the id {row.order_id}"
        else:
            continue
        yield found(Kind.NO_ORDER, say, subject=row.invoice_id, table="invoices", row=row.row)


def _unpriced_orders(
    inputs: Inputs, visits: Sequence[Attendance], plan: Plan, tariff: Tariff
) -> Iterator[Finding]:
    """Try the price of every planned visit on the days that the recorded visits span.

    Weekly-hours orders plan no visits: theirs are tried by the visits recorded.
    """
    days = {local_date(row.check_in) for row in inputs.visits if row.check_in is not None}
    if not days:
        return
    planned = (
        (slot.order, _job(slot.order, slot.planned_on, slot.number, slot.agreed_start), slot.minutes)
        for slot in plan.slots(min(days), max(days))
    )
    weekly = Weeks(inputs.orders, tariff, Period(min(days), max(days)))
    recorded = (
        (order, _job(order, local_date(visit.check_in), None, visit.check_in), visit.minutes or 1)
        for visit in visits
        for order in weekly.in_force(visit.care, local_date(visit.check_in))
    )
    said: set[tuple[str, Kind]] = set()
    for order, job, minutes in chain(planned, recorded):
        for kind, say in _pricing_problems(job, minutes, tariff):
            if (order.order_id, kind) not in said:
                said.add((order.order_id, kind))
                yield found(kind, say, subject=order.order_id, table="orders", row=order.row)


def _job(order: OrderVersion, day: date, number: int | None, start: int) -> Job:
    return Job(order.contract_id, order.service, day, number, start)


def _pricing_problems(job: Job, minutes: int, tariff: Tariff) -> Iterator[tuple[Kind, str]]:
    if not tariff.has(job.contract_id):
        yield Kind.NO_CONTRACT, f"contract {job.contract_id} is not in contracts.toml"
        return
    terms = tariff.terms(job.contract_id, job.service_on)
    if terms is None:
        yield Kind.NO_TERMS, f"contract {job.contract_id} has no terms on {_named(job.service_on)}"
        return
    for problem in tariff.quote(job, minutes, terms.band_rule).problems:
        place = f", slot {job.slot}" if job.slot else ""
        say = f"{job.contract_id}: {count(minutes, 'minute')} of {job.service}"
        say += f" on {_named(job.service_on)}{place}"
        yield Kind(problem.value), say


def _named(day: date) -> str:
    return f"{day:%A} {day}"

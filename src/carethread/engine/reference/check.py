"""What is doubtful in a folder before anything is settled.

Beside what reading found: versions, impossible times, rotas, care and invoices that no order covers,
and orders that no contract, terms or rate would price on the days the visits span.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from carethread.engine.findings import found
from carethread.engine.records import Finding, Inputs, InvoiceRow, OrderVersion, VisitRow
from carethread.engine.reference.matching import attend
from carethread.engine.reference.pipeline import published
from carethread.engine.reference.plan import Plan, Slot, moves
from carethread.engine.reference.price import Job, Tariff
from carethread.engine.units import local_date
from carethread.engine.words import Kind


def doubts(inputs: Inputs) -> list[Finding]:
    """Return everything doubtful in a folder, in the order findings are published in."""
    tariff = Tariff(inputs.contracts, inputs.rates, inputs.settings)
    moved, findings = moves(inputs.rota, inputs.orders)
    plan = Plan(inputs.orders, moved, inputs.suspensions)
    attended = attend(inputs, plan)
    findings += [*inputs.findings, *attended.findings]
    findings += _uncovered_visits(inputs.visits, plan)
    findings += _uncovered_invoices(inputs.invoices, inputs.orders)
    findings += _unpriced_orders(inputs, plan, tariff)
    return published(findings, inputs.files)


def _uncovered_visits(visits: Iterable[VisitRow], plan: Plan) -> Iterator[Finding]:
    for row in visits:
        when = row.planned_start if row.check_in is None else row.check_in
        if when is not None and plan.ruling_order(row.care, local_date(when)) is None:
            say = f"no order for {_care(row.care)} is in force that day"
            yield found(Kind.NO_ORDER, say, subject=row.visit_id, table="visits", row=row.row)


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


def _unpriced_orders(inputs: Inputs, plan: Plan, tariff: Tariff) -> Iterator[Finding]:
    """Try the price of every planned visit on the days that the recorded visits span."""
    days = {local_date(row.check_in) for row in inputs.visits if row.check_in is not None}
    if not days:
        return
    said: set[tuple[str, Kind]] = set()
    for slot in plan.slots(min(days), max(days)):
        for kind, say in _pricing_problems(slot, tariff):
            if (slot.order.order_id, kind) not in said:
                said.add((slot.order.order_id, kind))
                subject, row = slot.order.order_id, slot.order.row
                yield found(kind, say, subject=subject, table="orders", row=row)


def _pricing_problems(slot: Slot, tariff: Tariff) -> Iterator[tuple[Kind, str]]:
    order, day = slot.order, slot.planned_on
    if not tariff.has(order.contract_id):
        yield Kind.NO_CONTRACT, f"contract {order.contract_id} is not in contracts.toml"
        return
    terms = tariff.terms(order.contract_id, day)
    if terms is None:
        yield Kind.NO_TERMS, f"contract {order.contract_id} has no terms on {_named(day)}"
        return
    job = Job(order.contract_id, order.service, day, slot.number, slot.agreed_start)
    for problem in tariff.quote(job, slot.minutes, terms.band_rule).problems:
        say = f"{slot.minutes} minutes of {order.service} on {_named(day)}, slot {slot.number}"
        yield Kind(problem.value), say


def _named(day: date) -> str:
    return f"{day:%A} {day}"

"""Books to test with: what a settlement folder holds, kept as a council's books, by the ORM."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from carethread.accounts.actions import open_council
from carethread.councils.actions import changed
from carethread.councils.models import Council
from carethread.engine import records, units
from carethread.engine.words import Basis
from carethread.formats.settlement.read import read
from carethread.formats.settlement.write_contracts import number
from carethread.invoices.models import InvoiceRow
from carethread.orders.models import Order, OrderVersion, Suspension
from carethread.people.models import Person
from carethread.providers.models import (
    Contract,
    ContractTerms,
    Provider,
    Rate,
    RateCard,
    SettlementRules,
    Worker,
)
from carethread.visits.models import RotaTime, Visit
from carethread.wall.scope import scoped, writing

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
BY = "console:test"


def council(code: str = "north") -> Council:
    """Open an invented council's books."""
    return open_council(code=code, name=f"{code.title()} (invented)", by=BY, at=NOW)


def keep(folder: Path, council: Council) -> records.Inputs:
    """Keep what a settlement folder holds as a council's books; rows that are bad stay out.

    Returns what was read of the folder.
    """
    reading = read(folder, lambda *_: None)
    assert not reading.faults, reading.faults
    with scoped(writing(council.pk)):
        keep_records(reading.inputs, council)
        changed(first_on=date(1970, 1, 1), last_on=None, what="folder kept", by=BY, at=NOW)
    return reading.inputs


def keep_records(inputs: records.Inputs, council: Council) -> None:
    """Keep records as a council's books, inside a scope that writes them."""
    shelf = _Shelf(council, inputs)
    shelf.keep_terms(inputs)
    shelf.keep_rates(inputs.rates)
    shelf.keep_orders(inputs.orders)
    shelf.keep_absences(inputs.suspensions)
    shelf.keep_rota(inputs.rota)
    keep_visits(inputs.visits, council)
    shelf.keep_invoices(inputs.invoices)


class _Shelf:
    """What has been kept, by id."""

    def __init__(self, council: Council, inputs: records.Inputs) -> None:
        self.council = council
        of_people: list[Any] = [*inputs.orders, *inputs.suspensions]
        of_providers: list[Any] = [*inputs.orders, *inputs.visits, *inputs.invoices]
        of_contracts: list[Any] = [*inputs.orders, *inputs.rates, *inputs.contracts]
        self.people = self._named(Person, {one.person_id for one in of_people})
        self.providers = self._named(Provider, {one.provider_id for one in of_providers})
        self.contracts = self._named(Contract, {one.contract_id for one in of_contracts})
        self.orders: dict[str, Order] = {}

    def _named(self, model: Any, refs: Iterable[str]) -> dict[str, Any]:
        rows = [model(council=self.council, ref=ref) for ref in sorted(refs)]
        model.objects.bulk_create(rows)
        return {row.ref: row for row in rows}

    def keep_terms(self, inputs: records.Inputs) -> None:
        for contract in inputs.contracts:
            row = self.contracts[contract.contract_id]
            row.is_stated = True
            row.save()
            for terms in contract.terms:
                ContractTerms.objects.create(council=self.council, contract=row, **of_terms(terms))
        SettlementRules.objects.create(council=self.council, **of_settings(inputs.settings))

    def keep_rates(self, rates: Iterable[records.RateRow]) -> None:
        cards: dict[tuple[str, str, date], RateCard] = {}
        for rate in rates:
            key = rate.contract_id, rate.service, rate.from_on
            if key not in cards:
                contract = self.contracts[rate.contract_id]
                cards[key] = RateCard.objects.create(
                    council=self.council, contract=contract, service=rate.service, from_on=rate.from_on
                )
            begin, end = rate.band or (None, None)
            Rate.objects.create(
                council=self.council,
                card=cards[key],
                row=rate.row,
                day_type=rate.day_type.value,
                band_from_minute=begin,
                band_to_minute=end,
                slot=rate.slot,
                minutes=rate.minutes,
                amount_pence=rate.amount_pence,
                priority=rate.priority,
            )

    def keep_orders(self, versions: Iterable[records.OrderVersion]) -> None:
        for one in versions:
            if one.order_id not in self.orders:
                self.orders[one.order_id] = Order.objects.create(
                    council=self.council,
                    ref=one.order_id,
                    person=self.people[one.person_id],
                    provider=self.providers[one.provider_id],
                    contract=self.contracts[one.contract_id],
                    service=one.service,
                    basis=one.basis.value,
                )
            OrderVersion.objects.create(
                council=self.council,
                order=self.orders[one.order_id],
                provider=self.providers[one.provider_id],
                starts_on=one.starts_on,
                ends_on=one.ends_on,
                days=one.days if one.basis is Basis.VISITS else "",
                start_minute=one.start_minute,
                minutes=one.minutes,
                carers=one.carers,
                time_critical=one.time_critical,
                weekly_minutes=one.weekly_minutes,
            )

    def keep_absences(self, suspensions: Iterable[records.Suspension]) -> None:
        for one in suspensions:
            end = None if one.ends_at is None or one.to_on is None else one.ends_at
            inside = end is not None and units.local_date(end) == one.to_on
            Suspension.objects.create(
                council=self.council,
                person=self.people[one.person_id],
                order=self.orders[one.order_id] if one.order_id else None,
                from_on=one.from_on,
                from_minute=units.minute_of_day(one.starts_at),
                to_on=one.to_on,
                to_minute=units.minute_of_day(end) if inside and end is not None else None,
                reason=one.reason.value,
                told_at=moment(one.told_at),
            )

    def keep_rota(self, rows: Iterable[records.RotaRow]) -> None:
        for one in rows:
            order = self.orders.get(one.order_id)
            if order is not None:
                RotaTime.objects.create(
                    council=self.council,
                    provider_id=order.provider_id,
                    order=order,
                    on=units.local_date(one.planned_start),
                    planned_start=moment(one.planned_start),
                    row=one.row,
                    received_at=NOW,
                )

    def keep_invoices(self, rows: Iterable[records.InvoiceRow]) -> None:
        for one in rows:
            InvoiceRow.objects.create(
                council=self.council,
                provider=self.providers[one.provider_id],
                invoice_ref=one.invoice_id,
                person_ref=one.person_id,
                order_ref=one.order_id,
                visit_ref=one.visit_id,
                received_at=NOW,
                **{name: getattr(one, name) for name in _OF_INVOICES},
            )


_OF_INVOICES = ("line_no", "service", "from_on", "to_on", "minutes", "amount_pence", "billed_on", "row")


def keep_visits(
    visits: Iterable[records.VisitRow], council: Council, batch: int = 0, at: datetime = NOW
) -> None:
    """Keep visits, inside a scope that writes them; providers and workers are made where missing."""
    rows = list(visits)
    providers = {one.ref: one for one in Provider.objects.all()}
    for ref in sorted({one.provider_id for one in rows} - set(providers)):
        providers[ref] = Provider.objects.create(council=council, ref=ref)
    seen: dict[str, set[str]] = defaultdict(set)
    for one in rows:
        seen[one.provider_id].add(one.worker_id)
    for ref, workers in seen.items():
        known = set(Worker.objects.filter(provider=providers[ref]).values_list("ref", flat=True))
        for worker in sorted(workers - known - {""}):
            Worker.objects.create(council=council, provider=providers[ref], ref=worker)
    Visit.objects.bulk_create(
        visit(one, council, providers[one.provider_id], batch, at) for one in rows
    )


def visit(
    one: records.VisitRow, council: Council, provider: Provider, batch: int = 0, at: datetime = NOW
) -> Visit:
    """Return a visit as the books keep it."""
    day = one.check_in if one.check_in is not None else one.planned_start
    return Visit(
        council=council,
        provider=provider,
        ref=one.visit_id,
        sequence=one.sequence,
        person_ref=one.person_id,
        worker_ref=one.worker_id,
        service=one.service,
        status=one.status.value,
        service_on=None if day is None else units.local_date(day),
        check_in=moment(one.check_in),
        check_out=moment(one.check_out),
        planned_start=moment(one.planned_start),
        cancelled_by=one.cancelled_by.value if one.cancelled_by else "",
        notified_at=moment(one.notified_at),
        in_method=one.in_method.value,
        out_method=one.out_method.value,
        reason_code=one.reason_code,
        batch=batch,
        row=one.row,
        received_at=at,
    )


def moment(instant: int | None) -> datetime | None:
    """Return an instant of the engine as the books keep it."""
    return None if instant is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=instant)


def of_terms(terms: records.Terms) -> dict[str, Any]:
    """Return terms as columns."""
    values = {one.name: _column(getattr(terms, one.name)) for one in fields(terms)}
    values["bands"] = [list(pair) for pair in terms.bands]
    values["cancelled"] = [[number(hours), number(part)] for hours, part in terms.cancelled]
    values["hold_on"] = sorted(kind.value for kind in terms.hold_on)
    return values


def of_settings(settings: records.Settings) -> dict[str, Any]:
    """Return a council's rules as columns."""
    values = {one.name: _column(getattr(settings, one.name)) for one in fields(settings)}
    values["extra_holidays"] = [day.isoformat() for day in sorted(settings.extra_holidays)]
    return values


def _column(value: Any) -> Any:
    return number(value) if isinstance(value, Fraction) else getattr(value, "value", value)

"""What the books know of what a package names: `formats.packages.known`, answered by the database."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet

from carethread.audit.queries import is_disposed
from carethread.engine.records import OrderVersion
from carethread.engine.words import Basis
from carethread.formats.books.records import OrderMore, PersonRow
from carethread.formats.packages.known import ContractKnown, ProviderKnown
from carethread.interchange import models
from carethread.interchange.pricing import Prices
from carethread.interchange.states import PackageStatus
from carethread.orders import models as orders
from carethread.people.actions import TOLD
from carethread.people.models import Person
from carethread.providers.models import Contract, Provider


class Books:
    """The books of the one council in scope, asked about a package that was recorded in them."""

    def __init__(self, package: models.Package) -> None:
        """Ask for a package."""
        self._package = package

    def fingerprint_of(self, key: str) -> str | None:
        """Return the sum of another package that the key stands for."""
        holder = models.Package.objects.filter(key=key, has_key=True).exclude(pk=self._package.pk)
        sums: list[str] = list(holder.values_list("sha256", flat=True))
        return sums[0] if sums else None

    def can_replace(self, key: str) -> bool:
        """Say whether what came under a key waits to be corrected, or this package corrected it."""
        statuses = [PackageStatus.RETURNED]
        if self._package.decisions:
            statuses.append(PackageStatus.REPLACED)
        others = models.Package.objects.filter(key=key).exclude(pk=self._package.pk)
        return bool(others.filter(status__in=statuses).exists())

    def person(self, person_id: str) -> PersonRow | None:
        """Return a person as the books know them."""
        person = Person.objects.filter(ref=person_id).first()
        if person is None:
            return None
        return PersonRow(0, person.ref, **{name: getattr(person, name) for name in TOLD})

    def is_disposed(self, person_id: str) -> bool:
        """Say whether a person's record was disposed of."""
        gone = Person.objects.filter(ref=person_id, disposed_on__isnull=False)
        return gone.exists() or is_disposed(person_id)

    def provider(self, provider_id: str) -> ProviderKnown | None:
        """Return a provider of the register."""
        provider = Provider.objects.filter(ref=provider_id).first()
        return None if provider is None else ProviderKnown(provider.closed_on)

    def contract(self, contract_id: str) -> ContractKnown | None:
        """Return a contract: it begins with its first terms, and any provider may have it."""
        contract = Contract.objects.filter(ref=contract_id).first()
        if contract is None:
            return None
        first = contract.terms.order_by("from_on").first()
        return ContractKnown(
            starts_on=None if first is None else first.from_on, has_terms=first is not None
        )

    def unpriced(self, order: OrderMore) -> str:
        """Return the first kind of visit an order asks for that has no rate, in words."""
        return Prices(order.contract_id, order.service).unpriced(order)

    def has_cost_centre(self, code: str) -> bool:
        """Say whether a ledger code is open to a cost centre, now or ever."""
        return bool(orders.LedgerCode.objects.filter(cost_centre=code).exists())

    def has_ledger_code(self, code: str) -> bool:
        """Say whether finance has entered a ledger code."""
        return bool(orders.LedgerCode.objects.filter(code=code).exists())

    def coding_fits(self, cost_centre: str, ledger_code: str, on: date) -> bool:
        """Say whether a ledger code is open to a cost centre on a day."""
        if not ledger_code:
            return True
        lasting = Q(until_on=None) | Q(until_on__gte=on)
        open_to = orders.LedgerCode.objects.filter(lasting, code=ledger_code, from_on__lte=on)
        if cost_centre:
            open_to = open_to.filter(cost_centre__in=(cost_centre, ""))
        return bool(open_to.exists())

    def person_of_order(self, order_id: str) -> str | None:
        """Return whose an order is."""
        order = orders.Order.objects.filter(ref=order_id).select_related("person").first()
        return None if order is None else order.person.ref

    def orders_of(self, person_id: str) -> Sequence[OrderVersion]:
        """Return every version of every order of a person."""
        versions = orders.OrderVersion.objects.filter(order__person__ref=person_id)
        return [record_of(one) for one in with_names(versions).order_by("order__ref", "starts_on")]


def with_names(versions: QuerySet[orders.OrderVersion]) -> QuerySet[orders.OrderVersion]:
    """Return versions with what `record_of` reads of them."""
    return versions.select_related("order__person", "order__provider", "order__contract")


def record_of(version: orders.OrderVersion) -> OrderVersion:
    """Return a version as the engine knows it."""
    order = version.order
    return OrderVersion(
        row=0,
        order_id=order.ref,
        person_id=order.person.ref,
        provider_id=order.provider.ref,
        contract_id=order.contract.ref,
        service=order.service,
        starts_on=version.starts_on,
        ends_on=version.ends_on,
        basis=Basis(order.basis),
        days=version.days,
        start_minute=version.start_minute,
        minutes=version.minutes,
        carers=version.carers,
        time_critical=version.time_critical,
        weekly_minutes=version.weekly_minutes,
    )

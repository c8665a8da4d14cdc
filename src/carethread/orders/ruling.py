"""Reads: which order settles a visit that answers none."""

from datetime import date

from django.db.models import Q

from carethread.orders.models import Order, OrderVersion


def order_called(ref: str) -> Order | None:
    """Return an order of the council in scope, with its person, provider and contract."""
    found: Order | None = (
        Order.objects.filter(ref=ref).select_related("person", "provider", "contract").first()
    )
    return found


def is_in_force(order: Order, day: date) -> bool:
    """Say whether a version of the order holds the day."""
    there: bool = OrderVersion.objects.filter(_on(day), order=order).exists()
    return there


def ruling_order(care: tuple[str, str, str], day: date) -> tuple[str, str]:
    """Return the order that settles an unplanned visit of some care, and its contract; empty if none.

    Args:
        care: Person, provider and service, as files name them.
        day: The London day of the check-in.

    Source: settlement §5.8 (the smallest order id), §1 (by its UTF-8 bytes).
    """
    person, provider, service = care
    rows = OrderVersion.objects.filter(
        _on(day),
        order__person__ref=person,
        order__provider__ref=provider,
        order__service=service,
    ).values_list("order__ref", "order__contract__ref")
    return min(rows, key=lambda row: str(row[0]).encode(), default=("", ""))


def _on(day: date) -> Q:
    return Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))

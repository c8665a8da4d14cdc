"""Control totals: the figures of a day on this side, and beside them those of the other system.

Definitions. A day is a London day. In: packages_received, order_lines, weekly_minutes and weekly_pence
are of the packages that first came on the day, whatever became of them; packages_accepted and
packages_returned are those of them that are so now (replaced and withdrawn ones were returned);
packages_waiting those of them for which somebody must act; weekly_pence is null where the cost of any
is not known. open_cases is how many cases with a plan reference have care in force or to come on the
day. Out: of what was made on the day for a system, how many messages, rows and pence, and how many
messages are acknowledged, refused and waiting for an answer now.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet, Sum

from carethread.engine.units import LONDON
from carethread.interchange.models import ControlTotal, Outgoing, Package
from carethread.interchange.states import WAITING, Direction, OutgoingStatus, PackageStatus, TotalKind
from carethread.orders.models import OrderVersion

CASE_MANAGEMENT = "case_management"
"""The other system where packages come from."""
Figures = Mapping[TotalKind, int | None]


def bounds(day: date) -> tuple[datetime, datetime]:
    """Return the instants at which a London day begins and ends."""
    begin = datetime.combine(day, time(), LONDON)
    return begin, datetime.combine(day + timedelta(1), time(), LONDON)


def packages_of(day: date) -> QuerySet[Package]:
    """Return the packages that first came on a day."""
    begin, end = bounds(day)
    packages: QuerySet[Package] = Package.objects.filter(received_at__gte=begin, received_at__lt=end)
    return packages


def figures_in(day: date) -> Figures:
    """Return what came in on a day, as it is here."""
    packages = packages_of(day)
    was_returned = (PackageStatus.RETURNED, PackageStatus.REPLACED, PackageStatus.WITHDRAWN)
    sums = packages.aggregate(lines=Sum("order_lines"), minutes=Sum("weekly_minutes"))
    unknown = packages.filter(order_lines__gt=0, weekly_pence=None).exists()
    return {
        TotalKind.PACKAGES_RECEIVED: packages.count(),
        TotalKind.PACKAGES_ACCEPTED: packages.filter(status=PackageStatus.ACCEPTED).count(),
        TotalKind.PACKAGES_RETURNED: packages.filter(status__in=was_returned).count(),
        TotalKind.PACKAGES_WAITING: packages.filter(status__in=WAITING).count(),
        TotalKind.ORDER_LINES: sums["lines"] or 0,
        TotalKind.WEEKLY_MINUTES: sums["minutes"] or 0,
        TotalKind.WEEKLY_PENCE: None if unknown else _sum(packages, "weekly_pence"),
        TotalKind.OPEN_CASES: open_cases(day),
    }


def open_cases(day: date) -> int:
    """Return how many plans have care in force or to come on a day."""
    lasting = Q(ends_on=None) | Q(ends_on__gte=day)
    versions = OrderVersion.objects.filter(lasting).exclude(order__plan_ref="")
    return len(set(versions.values_list("order__plan_ref", "order__person_id")))


def figures_out(day: date, system: str) -> Figures:
    """Return what was made on a day for a system, as it is here."""
    begin, end = bounds(day)
    made = Outgoing.objects.filter(created_at__gte=begin, created_at__lt=end, system=system)
    made = made.exclude(status=OutgoingStatus.CANCELLED)
    open_ = (OutgoingStatus.WAITING, OutgoingStatus.HANDED_OVER)
    return {
        TotalKind.MESSAGES_SENT: made.count(),
        TotalKind.MESSAGES_ACKNOWLEDGED: made.filter(status=OutgoingStatus.ACKNOWLEDGED).count(),
        TotalKind.MESSAGES_REFUSED: made.filter(status=OutgoingStatus.REFUSED).count(),
        TotalKind.MESSAGES_WAITING: made.filter(status__in=open_).count(),
        TotalKind.ROWS_SENT: _sum(made, "row_count"),
        TotalKind.PENCE_SENT: _sum(made, "amount_pence"),
    }


def _sum(rows: QuerySet[Package] | QuerySet[Outgoing], column: str) -> int:
    found: int | None = rows.aggregate(sum=Sum(column))["sum"]
    return found or 0


def systems_out() -> list[str]:
    """Return the systems that anything goes out to."""
    return sorted(set(Outgoing.objects.values_list("system", flat=True)))


def kinds(direction: Direction) -> list[TotalKind]:
    """Return what is counted in a direction, in the order it is shown."""
    every = list(TotalKind)
    first_out = every.index(TotalKind.MESSAGES_SENT)
    return every[:first_out] if direction is Direction.IN else every[first_out:]


def latest_list(system: str) -> date | None:
    """Return the day of the latest list of cases, None before the first; an empty list is one too."""
    counted = ControlTotal.objects.filter(
        system=system, kind=TotalKind.OPEN_CASES.value, theirs__isnull=False
    )
    latest = counted.order_by("day").last()
    return None if latest is None else latest.day

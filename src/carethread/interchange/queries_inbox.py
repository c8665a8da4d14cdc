"""Reads: packages, why they were returned, and whose move it is."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, QuerySet

from carethread.interchange.models import Package, Return
from carethread.interchange.states import WAITING


def package_at(address: str) -> Package | None:
    """Return the package at an address: its key, or `~` and its number; None if there is none."""
    if address.startswith("~"):
        number = address[1:]
        is_number = number.isascii() and number.isdigit() and len(number) < _LONGEST_NUMBER
        found = Package.objects.filter(pk=int(number)) if is_number else Package.objects.none()
    else:
        found = Package.objects.filter(key=address, has_key=True)
    package: Package | None = found.first()
    return package


_LONGEST_NUMBER = 19


def waiting_at(at: datetime) -> QuerySet[Package]:
    """Return the packages that waited at a moment, the longest first."""
    waiting = Package.objects.filter(status__in=WAITING, received_at__lte=at)
    ordered: QuerySet[Package] = waiting.order_by("received_at", "pk")
    return ordered


def reasons_of(package: Package) -> Sequence[Return]:
    """Return why a package was last returned."""
    reasons = Return.objects.filter(package=package, decision=package.decisions)
    return list(reasons.order_by("place"))


def reasons_of_all(packages: QuerySet[Package]) -> dict[int, list[Return]]:
    """Return why each of some packages was last returned."""
    found: dict[int, list[Return]] = {}
    returns = Return.objects.filter(package__in=packages, decision=F("package__decisions"))
    for one in returns.order_by("package_id", "place"):
        found.setdefault(one.package_id, []).append(one)
    return found

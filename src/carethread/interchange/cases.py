"""The list that answers "not going through": cases in one system and not in the other, and why.

A case is a plan of a person. The other side is the latest list of cases that the system sent; this side
are orders with a version in force or to come on the day, and packages. A package that could not be
read, or that is about a case the list does not have, stands for itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from carethread.engine.units import LONDON
from carethread.interchange.models import Package, Return, SystemCase
from carethread.interchange.queries_inbox import reasons_of_all
from carethread.interchange.states import WAITING, CaseReason, CaseStatus, PackageStatus
from carethread.interchange.totals import latest_list
from carethread.orders.models import OrderVersion

Case = tuple[str, str]
"""The plan's reference and the person's."""


@dataclass(frozen=True, slots=True)
class Apart:
    """A case that is not the same in both systems.

    reason: why. since: the day since when it is so; None where nobody can say. who: whose move it is.
    sentence: all of it in words, with the codes a package was returned for. package: its address.
    """

    plan_ref: str
    person_ref: str
    reason: CaseReason
    since: date | None
    who: str
    sentence: str
    package: str = ""


@dataclass(slots=True)
class _Here:
    """What is here: the last day of each case, None while open; orders without a plan; packages."""

    ends: dict[Case, date | None] = field(default_factory=dict)
    starts: dict[Case, date] = field(default_factory=dict)
    unplanned: dict[str, tuple[str, date]] = field(default_factory=dict)
    packages: dict[Case, Package] = field(default_factory=dict)
    reasons: dict[int, list[Return]] = field(default_factory=dict)

    def persons_of(self, plan_ref: str) -> list[str]:
        """Return whose orders name a plan."""
        return sorted(person for plan, person in self.ends if plan == plan_ref)


def apart(system: str, day: date) -> list[Apart]:
    """Return the cases in one system and not in the other on a day, by plan and person.

    Only packages are told of where the system has never sent a list.
    """
    here = _here(day)
    there = {(one.ref, one.person_ref): one for one in SystemCase.objects.filter(system=system)}
    found = [one for case in there.values() for one in _there_only(case, here, day)]
    if there or latest_list(system) is not None:
        found += _here_only(here, there, day)
    told = {one.package for one in found}
    waiting = Package.objects.filter(status__in=WAITING).defer("content")
    found += [_waiting(one, here) for one in waiting if one.address not in told]
    return sorted(found, key=lambda one: (one.plan_ref, one.person_ref, one.package))


def _here(day: date) -> _Here:
    here = _Here()
    versions = OrderVersion.objects.select_related("order__person").order_by("starts_on")
    for version in versions.iterator(chunk_size=2_000):
        order = version.order
        case = (order.plan_ref, order.person.ref)
        if not order.plan_ref:
            if version.ends_on is None or version.ends_on >= day:
                here.unplanned[order.ref] = (order.person.ref, version.starts_on)
            continue
        here.starts.setdefault(case, version.starts_on)
        here.ends[case] = (
            _later(here.ends[case], version.ends_on) if case in here.ends else (version.ends_on)
        )
    packages = Package.objects.exclude(status=PackageStatus.REPLACED).defer("content")
    for package in packages.order_by("received_at", "pk").iterator(chunk_size=2_000):
        known = here.packages.get((package.plan_ref, package.person_ref))
        if known is None or package.status in WAITING or known.status not in WAITING:
            here.packages[package.plan_ref, package.person_ref] = package
    here.reasons = reasons_of_all(Package.objects.filter(status=PackageStatus.RETURNED))
    return here


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)


def _is_open(here: _Here, case: Case, day: date) -> bool:
    return case in here.ends and (here.ends[case] is None or (here.ends[case] or day) >= day)


def _there_only(case: SystemCase, here: _Here, day: date) -> Iterator[Apart]:
    key = (case.ref, case.person_ref)
    is_open = _is_open(here, key, day)
    if case.status == CaseStatus.CLOSED:
        if is_open:
            say = "Closed there, but care is ordered here. End the orders, or open the case again."
            yield Apart(*key, CaseReason.CLOSED_THERE, case.as_of, "broker", say)
        return
    if not is_open:
        yield _why_not_here(key, case, here)


def _why_not_here(key: Case, case: SystemCase, here: _Here) -> Apart:
    package = here.packages.get(key)
    if package is not None and package.status in WAITING:
        return _waiting(package, here)
    if key in here.ends:
        ended = here.ends[key]
        say = f"The care ended here on {ended}. Close the case there, or send a new package."
        return Apart(*key, CaseReason.ENDED_HERE, ended, "social_worker", say)
    if package is not None and package.status == PackageStatus.WITHDRAWN:
        say = "The package was withdrawn by its sender. Send another, or close the case there."
        on = _day_of(package)
        return Apart(*key, CaseReason.WITHDRAWN, on, "social_worker", say, package.address)
    if others := here.persons_of(case.ref):
        say = f"The plan is here for person {', '.join(others)}. Find out whose it is."
        return Apart(*key, CaseReason.OTHER_PERSON, None, "social_worker", say)
    say = "No package for it ever came. Send one, and look at why it was not sent."
    return Apart(*key, CaseReason.NEVER_RECEIVED, None, "system_administrator", say)


def _waiting(package: Package, here: _Here) -> Apart:
    key, on = (package.plan_ref, package.person_ref), _day_of(package)
    if package.status == PackageStatus.RECEIVED:
        say = (
            "The package came and was not decided. Have carethread decide it: carethread inbox decide."
        )
        who = "system_administrator"
        return Apart(*key, CaseReason.NOT_DECIDED, on, who, say, package.address)
    reasons = here.reasons.get(package.pk, [])
    who = "; ".join(dict.fromkeys(one.who for one in reasons))
    codes = ", ".join(
        dict.fromkeys(f"{one.code} ({one.field})" if one.field else one.code for one in reasons)
    )
    say = f"The package was returned and waits on {who.replace('_', ' ')} since {on}: {codes}."
    return Apart(*key, CaseReason.RETURNED, on, who, say, package.address)


def _day_of(package: Package) -> date:
    return (package.decided_at or package.received_at).astimezone(LONDON).date()


def _here_only(here: _Here, there: dict[Case, SystemCase], day: date) -> Iterator[Apart]:
    for case in here.ends:
        if case not in there and _is_open(here, case, day):
            say = "Care is ordered here for a case that is not known there. Open it, or end the orders."
            yield Apart(*case, CaseReason.NOT_KNOWN_THERE, here.starts[case], "social_worker", say)
    for ref, (person, starts_on) in here.unplanned.items():
        say = f"Order {ref} names no plan, so nobody can say which case it is of. Enter the plan."
        yield Apart("", person, CaseReason.NO_PLAN_REFERENCE, starts_on, "broker", say)

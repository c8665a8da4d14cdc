"""Reads: when a person's care ended, and what keeps their record still."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q

from carethread.audit.models import PersonKey
from carethread.orders.models import OrderVersion
from carethread.people.models import LikelySame, Person
from carethread.retention.rules import kept_until
from carethread.settlement.models import Line
from carethread.settlement.states import RunStatus
from carethread.visits.models import Visit


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person's record stands.

    ended_on: the last day anything is known of their care; None where nothing is. keep_until: the last
    day that the record is kept for; None likewise. reasons: what else keeps it, in words for staff.
    """

    person_ref: str
    ended_on: date | None
    keep_until: date | None
    reasons: tuple[str, ...]

    def is_due(self, on: date) -> bool:
        """Say whether the record may be disposed of on a day."""
        return not self.reasons and self.keep_until is not None and self.keep_until < on


def due(on: date) -> list[Standing]:
    """Return the records of the councils in scope whose time has come, by person."""
    refs = Person.objects.filter(disposed_on=None).order_by("ref").values_list("ref", flat=True)
    ended = _ended(None)
    late = [ref for ref in refs if ref in ended and kept_until(ended[ref]) < on]
    return [one for one in (standing(ref, on) for ref in late) if one.is_due(on)]


def standing(person_ref: str, on: date) -> Standing:
    """Return how a person's record stands on a day."""
    ended_on = _ended([person_ref]).get(person_ref)
    keep_until = None if ended_on is None else kept_until(ended_on)
    return Standing(person_ref, ended_on, keep_until, tuple(_keeping(person_ref, on)))


def _ended(refs: Iterable[str] | None) -> dict[str, date]:
    """Return the last day of each person's care: of an order, visit or life, else their record."""
    last: dict[str, date] = {}
    people = Q() if refs is None else Q(ref__in=refs)
    sent = Q() if refs is None else Q(person_ref__in=refs)
    ordered = Q() if refs is None else Q(order__person__ref__in=refs)
    found = [
        OrderVersion.objects.filter(ordered).values_list("order__person__ref").annotate(Max("ends_on")),
        OrderVersion.objects.filter(ordered)
        .values_list("order__person__ref")
        .annotate(Max("starts_on")),
        Visit.objects.filter(sent).values_list("person_ref").annotate(Max("service_on")),
        Person.objects.filter(people).values_list("ref", "died_on"),
    ]
    for rows in found:
        for ref, day in rows.order_by():
            if day is not None:
                last[ref] = max(day, last.get(ref, day))
    begun = PersonKey.objects.filter(sent).values_list("person_ref", "created_at")
    return {**{ref: at.date() for ref, at in begun}, **last}


def _keeping(person_ref: str, on: date) -> list[str]:
    reasons = []
    open_orders = OrderVersion.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=on), order__person__ref=person_ref
    )
    refs = sorted(set(open_orders.values_list("order__ref", flat=True)))
    if refs:
        reasons.append(f"order {', '.join(refs)} is open: end it first")
    lines = Line.objects.filter(person_ref=person_ref)
    unapproved = lines.filter(run__status=RunStatus.SETTLED.value).count()
    if unapproved:
        reasons.append(f"{unapproved} settled lines wait for approval: approve their run first")
    held = lines.filter(run__status=RunStatus.APPROVED.value, is_held=True).count()
    if held:
        reasons.append(f"{held} lines are held and not paid: decide them first")
    alike = LikelySame.objects.filter(
        Q(one__ref=person_ref) | Q(other__ref=person_ref), verdict="open"
    ).count()
    if alike:
        reasons.append(
            "it is not decided whether another record is the same person's: decide that first"
        )
    return reasons

"""Reads: which decisions in force stand in the way of another about the same line or visit."""

from datetime import datetime

from django.db.models import Q

from carethread.accounts.queries import name_of
from carethread.engine.decide import Ruling, facts
from carethread.engine.units import LONDON
from carethread.kit.unable import UnableTo
from carethread.settlement.decided import InForce, in_force
from carethread.settlement.models import Decision
from carethread.settlement.subjects import Subject


def in_the_way(
    about: Subject, ruling: Ruling, *, of_visit: bool, instead_of: int | None
) -> tuple[Decision, ...]:
    """Return the decisions that a new one ends: lapsed ones, and the one it is made instead of.

    A decision about a line stands on what the run settled; so one about its visit that the run has not
    read, or was undone since, must be settled first.

    Raises:
        UnableTo: if another is in force; the text says who decided what, and when.
    """
    there = in_force(None, Decision.objects.filter(_about(about)))
    lapsed = [one for one in there if _has_lapsed(one, about)]
    standing = [one for one in there if one not in lapsed and _stands(one, about, ruling, of_visit)]
    if instead_of is not None and instead_of not in {one.decision.pk for one in standing}:
        message = f"decision {instead_of} does not stand in the way of this"
        raise UnableTo(message)
    for one in standing:
        if one.decision.pk != instead_of:
            raise UnableTo(_already(one.decision, about))
    _check_settled_since(about, ruling)
    return tuple(one.decision for one in (*lapsed, *standing))


def _about(about: Subject) -> Q:
    condition = Q(pk__in=[])
    if about.row is not None:
        condition |= Q(line_ref=about.row.ref)
    if about.visit_ref:
        condition |= Q(visit_ref=about.visit_ref)
    return condition


def _has_lapsed(one: InForce, about: Subject) -> bool:
    if one.decided.of_visit:
        return one.lapse is not None
    return about.line is None or facts(about.line) != one.decided.basis


def _stands(one: InForce, about: Subject, ruling: Ruling, of_visit: bool) -> bool:  # noqa: FBT001
    if not one.decided.of_visit or _is_unread(one.decision, about):
        return True
    return of_visit and one.decided.ruling in (ruling, Ruling.ASK_PROVIDER)


def _is_unread(decision: Decision, about: Subject) -> bool:
    return decision.number > (about.run.book_number or 0)


def _already(decision: Decision, about: Subject) -> str:
    who, ruling = name_of(decision.made_by), decision.ruling
    told = f"{who} decided {ruling} on {when(decision.made_at)}: {decision.reason}"
    if decision.visit_ref and _is_unread(decision, about):
        told += " (the next run honours it)"
    return f"{told}. Undo decision {decision.pk}, or decide instead of it"


def _check_settled_since(about: Subject, ruling: Ruling) -> None:
    """Refuse to rule a line that was settled by a decision which is no more."""
    if not about.visit_ref or about.row is None or ruling is Ruling.CORRECT_CLOCK:
        return
    number = about.run.book_number or 0
    undone = Decision.objects.filter(
        visit_ref=about.visit_ref, number__lte=number, undone_number__gt=number
    )
    found = undone.order_by("-undone_number").first()
    if found is not None:
        message = f"decision {found.pk} about its visit was undone since: settle again first"
        raise UnableTo(message)


def when(at: datetime) -> str:
    """Write a moment for a person: 12 May 2026 at 10:31."""
    return f"{at.astimezone(LONDON):%-d %B %Y at %H:%M}"

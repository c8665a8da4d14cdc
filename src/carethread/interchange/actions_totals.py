"""Writes: striking a day's control totals, taking the other system's, explaining a difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from carethread.audit.actions import record
from carethread.councils.actions import hold_books
from carethread.interchange.models import ControlTotal, SystemCase
from carethread.interchange.states import CaseStatus, Direction, TotalKind
from carethread.interchange.totals import (
    CASE_MANAGEMENT,
    figures_in,
    figures_out,
    kinds,
    latest_list,
    systems_out,
)
from carethread.kit.unable import UnableTo
from carethread.wall.scope import current


@dataclass(frozen=True, slots=True)
class CaseThere:
    """A case as the other system lists it: the plan's reference, whose it is, what it is there."""

    ref: str
    person_ref: str
    status: CaseStatus


def strike(*, day: date, at: datetime) -> list[ControlTotal]:
    """Count this side of a day's control totals; return them with the other side's."""
    hold_books()
    totals = _struck(day, Direction.IN, CASE_MANAGEMENT, figures_in(day), at)
    for system in systems_out():
        totals += _struck(day, Direction.OUT, system, figures_out(day, system), at)
    return totals


def _struck(
    day: date,
    direction: Direction,
    system: str,
    figures: Mapping[TotalKind, int | None],
    at: datetime,
) -> list[ControlTotal]:
    struck = []
    for kind in kinds(direction):
        total = _total(day, direction, system, kind, at)
        total.ours, total.struck_at = figures[kind], at
        total.save()
        struck.append(total)
    return struck


def _total(day: date, direction: Direction, system: str, kind: TotalKind, at: datetime) -> ControlTotal:
    """Return a figure's row, new if it is not there."""
    found, _ = ControlTotal.objects.get_or_create(
        council_id=current().writes,
        day=day,
        direction=direction.value,
        system=system,
        kind=kind.value,
        defaults={"struck_at": at},
    )
    total: ControlTotal = found
    return total


def take_totals(
    *,
    day: date,
    direction: Direction,
    system: str,
    theirs: Mapping[TotalKind, int],
    by: str,
    at: datetime,
) -> None:
    """Take the other system's figures of a day; said again, the later holds.

    Raises:
        UnableTo: if one is not counted in that direction.
    """
    strangers = [kind.value for kind in theirs if kind not in kinds(direction)]
    if strangers:
        message = f"{', '.join(strangers)} is not counted of what goes {direction}"
        raise UnableTo(message)
    for kind, figure in theirs.items():
        total = _total(day, direction, system, kind, at)
        if total.theirs != figure:
            total.theirs, total.explained = figure, ""
            total.save()
    record(
        by=by,
        at=at,
        action="totals.received",
        subject=f"totals:{day}:{direction}:{system}",
        after={kind.value: figure for kind, figure in theirs.items()},
    )


def take_cases(*, day: date, system: str, cases: Sequence[CaseThere], by: str, at: datetime) -> int:
    """Take the list of cases that the other system has, in the place of the one before.

    Raises:
        UnableTo: if there is a list of a later day, or it has a case twice.
    """
    hold_books()
    council = current().writes
    assert council is not None, "holding the books needs a council"
    latest = latest_list(system)
    if latest is not None and latest > day:
        message = f"there is a list of {latest} already; send the latest"
        raise UnableTo(message)
    if len({(one.ref, one.person_ref) for one in cases}) < len(cases):
        message = "the list has a case twice; each may be there once"
        raise UnableTo(message)
    SystemCase.objects.filter(system=system).delete()
    SystemCase.objects.bulk_create(
        SystemCase(
            council_id=council,
            system=system,
            ref=one.ref,
            person_ref=one.person_ref,
            status=one.status.value,
            as_of=day,
        )
        for one in cases
    )
    count = sum(one.status is CaseStatus.OPEN for one in cases)
    take_totals(
        day=day,
        direction=Direction.IN,
        system=system,
        theirs={TotalKind.OPEN_CASES: count},
        by=by,
        at=at,
    )
    return count


def explain_total(*, total: ControlTotal, why: str, by: str, at: datetime) -> None:
    """Note why the two sides of a figure differ.

    Raises:
        UnableTo: if they do not.
    """
    if not total.difference:
        message = "there is no difference to explain"
        raise UnableTo(message)
    before = {"explained": total.explained}
    total.explained = why
    total.save(update_fields=["explained"])
    subject = f"totals:{total.day}:{total.direction}:{total.system}"
    after = {"kind": total.kind, "explained": why}
    record(
        by=by,
        at=at,
        action="totals.explained",
        subject=subject,
        before=before,
        after=after,
        chained=True,
    )

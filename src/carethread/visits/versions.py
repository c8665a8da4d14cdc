"""Reads: the versions of a visit as they were recorded, as the engine's records."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from carethread.engine import words
from carethread.engine.records import VisitRow
from carethread.visits.models import Visit


def instant(at: datetime | None) -> int | None:
    """Return a time as the engine counts it: whole minutes since 1970."""
    return None if at is None else int(at.timestamp()) // 60


def visit_row(visit: Visit) -> VisitRow:
    """Return a recorded version of a visit, its provider loaded."""
    return VisitRow(
        row=visit.row,
        visit_id=visit.ref,
        sequence=visit.sequence,
        person_id=visit.person_ref,
        provider_id=visit.provider.ref,
        worker_id=visit.worker_ref,
        service=visit.service,
        status=words.Status(visit.status),
        check_in=instant(visit.check_in),
        check_out=instant(visit.check_out),
        planned_start=instant(visit.planned_start),
        cancelled_by=words.CancelledBy(visit.cancelled_by) if visit.cancelled_by else None,
        notified_at=instant(visit.notified_at),
        in_method=words.Method(visit.in_method),
        out_method=words.Method(visit.out_method),
        reason_code=visit.reason_code,
    )


def versions_of(refs: Iterable[str]) -> Mapping[str, list[Visit]]:
    """Return every recorded version of some visits, by visit, as they came; providers loaded."""
    found: dict[str, list[Visit]] = defaultdict(list)
    for visit in Visit.objects.filter(ref__in=set(refs)).select_related("provider").order_by("pk"):
        found[visit.ref].append(visit)
    return found

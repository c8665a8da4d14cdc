"""Reads: everything that is known of a line: recorded, settled, decided, undone."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from carethread.settlement.models import Decision, Line
from carethread.settlement.subjects import HAS_LINES
from carethread.visits.models import Visit
from carethread.visits.versions import versions_of


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a line, each list oldest first.

    recorded: every version of its visits as it came. settled: by each run, what was settled
    automatically and what came of decisions side by side. decided: of it or of its visits, undone
    decisions too.
    """

    recorded: Sequence[Visit]
    settled: Sequence[Line]
    decided: Sequence[Decision]


def decisions_in_force() -> QuerySet[Decision]:
    """Return the decisions that the next run honours, newest first."""
    rows: QuerySet[Decision] = Decision.objects.filter(undone_at=None)
    return rows.select_related("order", "provider").order_by("-pk")


def history(about: str) -> History:
    """Return the history of a line, or of a visit on whatever lines; empty where nothing is known."""
    settled = list(_settled(Q(ref=about)))
    visits = {line.visit_ref for line in settled if line.visit_ref} or {about}
    versions = versions_of(visits)
    if not settled:
        people = {visit.person_ref for sent in versions.values() for visit in sent}
        settled = list(_settled(Q(person_ref__in=people, visit_ref=about)))
    refs = {about, *(line.ref for line in settled if line.visit_ref == about)}
    decided = Decision.objects.filter(Q(line_ref__in=refs) | Q(visit_ref__in=visits))
    return History(
        recorded=[visit for ref in sorted(visits) for visit in versions.get(ref, ())],
        settled=settled,
        decided=list(decided.select_related("order", "provider").order_by("pk")),
    )


def _settled(which: Q) -> QuerySet[Line]:
    rows: QuerySet[Line] = Line.objects.filter(which, run__status__in=HAS_LINES)
    return rows.select_related("run", "provider").order_by("run__settled_at", "run_id")

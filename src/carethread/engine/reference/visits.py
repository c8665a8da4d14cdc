"""From visit rows to attendances: versions, times that cannot be, log-ins that are one visit.

Source: settlement §2, `visits.csv`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from carethread.engine.findings import found
from carethread.engine.records import Finding, VisitRow
from carethread.engine.reference.plan import Plan
from carethread.engine.units import DAY_MINUTES
from carethread.engine.words import Kind, Method, Status

TABLE = "visits"


@dataclass(frozen=True, slots=True, eq=False)
class Attendance:
    """A delivered visit that takes part, after joining.

    `stretches` are the minutes covered, gaps left out: disjoint (from, to) instants, in order; empty
    when there is no check-out. `parts` are the visit ids joined into it, its own first.
    """

    row: int
    visit_id: str
    person_id: str
    provider_id: str
    worker_id: str
    service: str
    check_in: int
    check_out: int | None
    planned_start: int | None
    in_method: Method
    out_method: Method
    reason_code: str
    stretches: tuple[tuple[int, int], ...]
    parts: tuple[str, ...]

    @property
    def care(self) -> tuple[str, str, str]:
        """Whose care of what kind."""
        return self.person_id, self.provider_id, self.service

    @property
    def minutes(self) -> int | None:
        """The minutes covered; None without a check-out."""
        return None if self.check_out is None else sum(b - a for a, b in self.stretches)

    @property
    def has_silent_manual_clock(self) -> bool:
        """Say whether a clock was entered by hand and nobody said why."""
        return not self.reason_code and Method.MANUAL in (self.in_method, self.out_method)


def current_versions(rows: Iterable[VisitRow]) -> tuple[list[VisitRow], list[Finding]]:
    """Return the version of each visit that counts, and a finding for every row that does not."""
    by_visit: dict[str, dict[int, list[VisitRow]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_visit[row.visit_id][row.sequence].append(row)
    current: list[VisitRow] = []
    findings: list[Finding] = []
    for versions in by_visit.values():
        kept, dropped = _current_version(versions)
        current += kept
        findings += dropped
    return current, findings


def _current_version(versions: dict[int, list[VisitRow]]) -> tuple[list[VisitRow], list[Finding]]:
    highest = max(versions)
    if _differ(versions[highest]):
        every = [row for rows in versions.values() for row in rows]
        providers = {row.provider_id for row in every}
        return [], conflict(every[0].visit_id, highest, providers, [row.row for row in every])
    findings = []
    for sequence, rows in versions.items():
        first, *others = sorted(rows, key=lambda row: row.row)
        if _differ(rows):
            copies: list[VisitRow] = []
            older = rows
        else:
            copies, older = others, [first]
        findings += [_dropped(Kind.REPEATED_ROW, "the same row again", row) for row in copies]
        if sequence != highest:
            say = f"sequence {highest} of this visit is the current one"
            findings += [_dropped(Kind.SUPERSEDED, say, row) for row in older]
    return [min(versions[highest], key=lambda row: row.row)], findings


def conflict(
    visit_id: str, sequence: int, providers: Collection[str], rows: Iterable[int]
) -> list[Finding]:
    """Find that the rows of a visit id say different things under its highest sequence."""
    say = f"two rows with sequence {sequence} say different things; neither takes part"
    if len(providers) > 1:
        say = f"the id is used by {' and '.join(sorted(providers))}; it must be one visit's alone"
    kind = Kind.CONFLICTING_VERSIONS
    return [found(kind, say, subject=visit_id, table=TABLE, row=row) for row in rows]


def _differ(rows: Sequence[VisitRow]) -> bool:
    return any(_content(row) != _content(rows[0]) for row in rows[1:])


def _content(row: VisitRow) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in VisitRow.__slots__ if name != "row")


def _dropped(kind: Kind, message: str, row: VisitRow) -> Finding:
    return found(kind, message, subject=row.visit_id, table=TABLE, row=row.row)


def usable(rows: Iterable[VisitRow]) -> tuple[list[VisitRow], list[VisitRow], list[Finding]]:
    """Split current rows into delivered ones that take part, status rows, and findings."""
    delivered: list[VisitRow] = []
    status: list[VisitRow] = []
    findings: list[Finding] = []
    for row in rows:
        problem = _unusable(row)
        if problem:
            findings.append(_dropped(*problem, row))
        elif row.status is Status.DELIVERED:
            delivered.append(row)
        else:
            status.append(row)
    return delivered, status, findings


def _unusable(row: VisitRow) -> tuple[Kind, str] | None:
    if row.status is Status.DELIVERED and row.check_in is None:
        return Kind.NO_CHECK_IN, "delivered, but no check-in"
    if row.check_in is None or row.check_out is None:
        return None
    length = row.check_out - row.check_in
    if length < 0:
        return Kind.BAD_TIMES, f"the check-out is {-length} minutes before the check-in"
    if length > DAY_MINUTES:
        return Kind.TOO_LONG, f"{length} minutes, more than 24 hours"
    return None


def join(rows: Iterable[VisitRow], gap: int, plan: Plan) -> tuple[list[Attendance], list[Finding]]:
    """Join log-ins of one worker that are one visit; a visit without check-out stays alone."""
    attendances: list[Attendance] = []
    findings: list[Finding] = []
    by_worker: dict[tuple[str, ...], list[VisitRow]] = defaultdict(list)
    for row in rows:
        if row.check_out is None:
            attendances.append(_attendance([row]))
        else:
            by_worker[(*row.care, row.worker_id)].append(row)
    for theirs in by_worker.values():
        for parts in _runs(sorted(theirs, key=_by_time), gap, plan):
            attendances.append(_attendance(parts))
            say = f"one visit with {parts[0].visit_id}"
            findings += [_dropped(Kind.JOINED, say, part) for part in parts[1:]]
    return attendances, findings


def _by_time(row: VisitRow) -> tuple[int, str]:
    assert row.check_in is not None
    return row.check_in, row.visit_id


def _runs(rows: Sequence[VisitRow], gap: int, plan: Plan) -> Iterable[list[VisitRow]]:
    parts: list[VisitRow] = []
    latest_out = 0
    for row in rows:
        assert row.check_in is not None
        assert row.check_out is not None
        near = parts and row.check_in <= latest_out + gap
        if near and not _is_another(parts[0], row, latest_out, gap, plan):
            parts.append(row)
            latest_out = max(latest_out, row.check_out)
        else:
            if parts:
                yield parts
            parts, latest_out = [row], row.check_out
    if parts:
        yield parts


def _is_another(first: VisitRow, row: VisitRow, latest_out: int, gap: int, plan: Plan) -> bool:
    """Say whether a log-in near an earlier one is a visit of its own all the same."""
    if _names_another(first, row, plan):
        return True
    assert row.check_in is not None
    assert first.check_in is not None
    if row.check_in < latest_out - gap:
        return False
    earliest = max(latest_out - gap, first.check_in + gap + 1)
    return plan.has_start_between(row.care, earliest, row.check_in + gap)


def _names_another(first: VisitRow, row: VisitRow, plan: Plan) -> bool:
    """Say whether both name a planned visit, and not the same one."""
    one, other = first.planned_start, row.planned_start
    if one is None or other is None or one == other:
        return False
    return plan.named(row.care, one).isdisjoint(plan.named(row.care, other))


def _attendance(parts: Sequence[VisitRow]) -> Attendance:
    first = parts[0]
    last = max(parts, key=lambda part: part.check_out or 0)
    assert first.check_in is not None
    return Attendance(
        row=first.row,
        visit_id=first.visit_id,
        person_id=first.person_id,
        provider_id=first.provider_id,
        worker_id=first.worker_id,
        service=first.service,
        check_in=first.check_in,
        check_out=last.check_out,
        planned_start=first.planned_start,
        in_method=first.in_method,
        out_method=last.out_method,
        reason_code=next((part.reason_code for part in parts if part.reason_code), ""),
        stretches=_covered(parts),
        parts=tuple(part.visit_id for part in parts),
    )


def _covered(parts: Sequence[VisitRow]) -> tuple[tuple[int, int], ...]:
    """Return the stretches that at least one part covers; the parts come in order of check-in."""
    stretches: list[tuple[int, int]] = []
    for part in parts:
        if part.check_in is None or part.check_out is None:
            continue
        if stretches and part.check_in <= stretches[-1][1]:
            begin, end = stretches.pop()
            stretches.append((begin, max(end, part.check_out)))
        else:
            stretches.append((part.check_in, part.check_out))
    return tuple(stretches)


def minutes_together(one: Attendance, other: Attendance) -> int:
    """Return the minutes during which both were there, gaps not counted.

    Source: settlement §5.1.
    """
    return sum(
        max(0, min(end, other_end) - max(begin, other_begin))
        for begin, end in one.stretches
        for other_begin, other_end in other.stretches
    )

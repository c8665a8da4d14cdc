"""The figures of a settlement's report, counted in one pass over its published tables."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from carethread.engine.records import Finding
from carethread.engine.results import Line, WeekUse, Working
from carethread.engine.units import monday_of
from carethread.engine.words import HOLDING, Kind, Outcome, Severity, Verdict
from carethread.engine.written import pounds
from carethread.formats.settlement import published, tables

LATENESS = (
    ("more than 60 minutes early", -61),
    ("31 to 60 minutes early", -31),
    ("16 to 30 minutes early", -16),
    ("within 15 minutes", 15),
    ("16 to 30 minutes late", 30),
    ("31 to 60 minutes late", 60),
    ("more than 60 minutes late", None),
)
"""Bands of start deviation, each with the latest it holds."""
ON_TIME, LATE = range(2, 5), range(5, 7)
"""The bands within 30 minutes, and those later."""
FIRST_LOOKS = 5
"""How many lines of each sort the report puts before a person."""


@dataclass(slots=True)
class Hours:
    """Minutes planned at set times, recorded against those plans, and suspended or cancelled."""

    planned_minutes: int = 0
    delivered_minutes: int = 0
    called_off_minutes: int = 0


@dataclass(slots=True)
class Money:
    """Pence to pay now, pence held, and held lines that have no price yet."""

    payable_pence: int = 0
    held_pence: int = 0
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """A line that someone should look at, and why."""

    why: str
    line: Line
    working: Working
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Claims:
    """What providers' invoices come to, by verdict, and what they forgot to bill."""

    lines: Counter[Verdict] = field(default_factory=Counter)
    claimed_pence: Counter[Verdict] = field(default_factory=Counter)
    agreed_pence: Counter[Verdict] = field(default_factory=Counter)
    unclaimed_lines: int = 0
    unclaimed_pence: int = 0


@dataclass(slots=True)
class Figures:
    """Everything the report says."""

    lines: int = 0
    hours: dict[tuple[str, date], Hours] = field(default_factory=lambda: defaultdict(Hours))
    money: dict[str, Money] = field(default_factory=lambda: defaultdict(Money))
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    held_lines: int = 0
    missed_time_critical: int = 0
    punctuality: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    weekly: list[WeekUse] = field(default_factory=list)
    findings: Counter[tuple[Severity, Kind]] = field(default_factory=Counter)
    claims: Claims = field(default_factory=Claims)
    looks: list[Look] = field(default_factory=list)


def collect(out: Path) -> Figures:
    """Read a published settlement and count; what is kept does not grow with its lines."""
    figures = Figures()
    missed, held = _Worst(), _Worst()
    for line, working in _lines(out):
        _count(figures, line)
        if working.time_critical and line.outcome is Outcome.MISSED:
            figures.missed_time_critical += 1
            missed.add(line.planned_minutes or 0, Look("Time-critical visit missed", line, working))
        elif line.held:
            held.add(_worth(line), Look(_held(line), line, working))
    figures.weekly = list(published.read(out, tables.WEEKLY))
    for finding in published.read(out, tables.FINDINGS):
        figures.findings[finding.severity, finding.kind] += 1
    _count_claims(figures.claims, out)
    figures.looks = _with_findings([*missed.worst(), *held.worst()], out)
    return figures


def _lines(out: Path) -> Iterator[tuple[Line, Working]]:
    workings = published.read(out, tables.WORKINGS)
    return zip(published.read(out, tables.LINES), workings, strict=True)


def _count(figures: Figures, line: Line) -> None:
    figures.lines += 1
    figures.outcomes[line.outcome] += 1
    if line.slot is not None:
        hours = figures.hours[line.provider_id, monday_of(line.service_on)]
        hours.planned_minutes += line.planned_minutes or 0
        hours.delivered_minutes += line.counted_minutes or 0
        if line.outcome in (Outcome.SUSPENDED, Outcome.CANCELLED):
            hours.called_off_minutes += line.planned_minutes or 0
    money = figures.money[line.provider_id]
    if line.held:
        figures.held_lines += 1
        money.held_pence += line.amount_pence or 0
        money.unpriced += line.amount_pence is None
    else:
        money.payable_pence += line.amount_pence or 0
    for reason in line.reasons:
        (figures.waiting if reason in HOLDING else figures.reasons)[reason] += 1
    if line.outcome is Outcome.DELIVERED and line.start_deviation_minutes is not None:
        figures.punctuality[line.provider_id][band(line.start_deviation_minutes)] += 1


def band(minutes_late: int) -> int:
    """Return the place in LATENESS of a start so many minutes late."""
    return next(
        place for place, (_, latest) in enumerate(LATENESS) if latest is None or minutes_late <= latest
    )


def _held(line: Line) -> str:
    amount = "" if line.amount_pence is None else f" {pounds(line.amount_pence)}"
    waits = " and ".join(reason.replace("_", " ") for reason in line.reasons if reason in HOLDING)
    return f"Held{amount}, {waits}"


def _worth(line: Line) -> int:
    """Say how much is at stake on a held line; one without a price by its minutes, at £30 an hour."""
    if line.amount_pence is not None:
        return line.amount_pence
    return 50 * (line.planned_minutes or line.counted_minutes or 0)


class _Worst:
    """Keeps the lines with most at stake."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Look]] = []
        self._seen = 0

    def add(self, worth: int, look: Look) -> None:
        self._seen += 1
        heapq.heappush(self._heap, (worth, -self._seen, look))
        if len(self._heap) > FIRST_LOOKS:
            heapq.heappop(self._heap)

    def worst(self) -> list[Look]:
        return [look for _, _, look in sorted(self._heap, key=lambda one: one[:2], reverse=True)]


def _with_findings(looks: Iterable[Look], out: Path) -> list[Look]:
    by_line = {look.line.line_id: look for look in looks}
    findings: dict[str, list[Finding]] = defaultdict(list)
    for finding in published.read(out, tables.FINDINGS, by_line.__contains__):
        findings[finding.line_id].append(finding)
    return [
        Look(look.why, look.line, look.working, tuple(findings[line_id]))
        for line_id, look in by_line.items()
    ]


def _count_claims(claims: Claims, out: Path) -> None:
    for row in published.read(out, tables.INVOICE_LINES):
        claims.lines[row.verdict] += 1
        claims.claimed_pence[row.verdict] += row.claimed_pence
        claims.agreed_pence[row.verdict] += row.agreed_pence
    for line in published.read(out, tables.UNCLAIMED):
        claims.unclaimed_lines += 1
        claims.unclaimed_pence += line.amount_pence

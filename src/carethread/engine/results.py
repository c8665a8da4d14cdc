"""What comes out of a settlement: plain immutable records, in the units of `records`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from carethread.engine import words
from carethread.engine.records import Finding, Period


@dataclass(frozen=True, slots=True)
class Line:
    """A settled line: one per planned slot, and one per visit that answers no slot."""

    line_id: str
    provider_id: str
    person_id: str
    order_id: str
    contract_id: str
    service: str
    slot: int | None
    agreed_start: int | None
    planned_start: int | None
    planned_minutes: int | None
    visit_id: str
    worker_id: str
    check_in: int | None
    check_out: int | None
    counted_minutes: int | None
    start_deviation_minutes: int | None
    outcome: words.Outcome
    payable_minutes: int | None
    amount_pence: int | None
    held: bool
    reasons: tuple[words.Reason, ...]
    service_on: date


@dataclass(frozen=True, slots=True)
class Working:
    """How a line came to its figure: what `explain` says in words. Empty where a step did not run.

    time_critical, carers: of the order. in_method, out_method, reason_code, log_ins (how many
    log-ins make the visit), own_minutes (covered by the visit itself, before a double-up is cut to
    the time together): of the visit. terms_from: the date of the terms. rule, rule_minutes,
    rounding, figure_minutes: what turned counted into payable minutes, with its number, and the
    result. ceiling_minutes: the cap, where it cut. pooled_minutes: given back. allowance_minutes,
    used_minutes: of the order's week before this line. cancelled_by, told_at, notice_minutes: of a
    cancellation. absence, stay_from: of a suspension. percent: of the price. card_from, rate_kind,
    hourly_pence, hourly_kind (where it is another kind's), step_minutes, step_pence, limit_pence
    (the next step's price, where it cut), pieces (minutes and pence per hour, with split bands).
    """

    line_id: str
    time_critical: bool | None = None
    carers: int | None = None
    in_method: str = ""
    out_method: str = ""
    reason_code: str = ""
    log_ins: int | None = None
    own_minutes: int | None = None
    terms_from: date | None = None
    rule: str = ""
    rule_minutes: int | None = None
    rounding: str = ""
    figure_minutes: int | None = None
    ceiling_minutes: int | None = None
    pooled_minutes: int | None = None
    allowance_minutes: int | None = None
    used_minutes: int | None = None
    cancelled_by: str = ""
    told_at: int | None = None
    notice_minutes: int | None = None
    absence: str = ""
    stay_from: date | None = None
    percent: str = ""
    card_from: date | None = None
    rate_kind: str = ""
    hourly_pence: int | None = None
    hourly_kind: str = ""
    step_minutes: int | None = None
    step_pence: int | None = None
    limit_pence: int | None = None
    pieces: str = ""


@dataclass(frozen=True, slots=True)
class WeekUse:
    """A weekly-hours order's week: what it allowed, what was paid of it (held lines included)."""

    order_id: str
    week_starting: date
    allowance_minutes: int
    payable_minutes: int
    unused_minutes: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A provider's week in figures; `amount_pence` is without, `held_pence` is the held money."""

    provider_id: str
    week_starting: date
    planned_minutes: int
    counted_minutes: int
    payable_minutes: int
    amount_pence: int
    held_pence: int
    delivered: int
    missed: int
    cancelled: int
    frustrated: int
    suspended: int
    unplanned: int


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """What is agreed of one invoice row, and what is parked."""

    invoice_id: str
    line_no: int
    group_id: str
    claimed_minutes: int
    claimed_pence: int
    agreed_pence: int
    parked_pence: int
    verdict: words.Verdict


@dataclass(frozen=True, slots=True)
class ClaimGroup:
    """Invoice rows and settled lines that hang together: claimed against expected, and why."""

    group_id: str
    claimed_minutes: int
    claimed_pence: int
    expected_minutes: int
    expected_pence: int
    due_pence: int
    causes: tuple[tuple[words.Cause, int], ...]
    candidates: tuple[tuple[words.Cause, int], ...]


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A payable line that no invoice row covers."""

    line_id: str
    amount_pence: int


@dataclass(frozen=True)
class Settlement:
    """Everything a settlement gives, each table in its published order."""

    period: Period
    lines: Sequence[Line]
    workings: Sequence[Working]
    findings: Sequence[Finding]
    summary: Sequence[Summary]
    weekly: Sequence[WeekUse]
    invoice_lines: Sequence[InvoiceLine]
    claim_groups: Sequence[ClaimGroup]
    unclaimed: Sequence[Unclaimed]


@dataclass(frozen=True, slots=True)
class Totals:
    """What settled lines come to: how many, and minutes.

    planned, called_off (of the planned), delivered (on slots), payable_minutes (of lines not held);
    held_lines, and those of them without a price.
    """

    lines: int = 0
    planned: int = 0
    called_off: int = 0
    delivered: int = 0
    payable_minutes: int = 0
    held_lines: int = 0
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """A settlement in a few figures, whichever engine settled it.

    weekly: minutes allowed and used under weekly hours; None without such orders. visits_from,
    visits_to: the days the recorded check-ins span, if there are any; has_visit: whether any is on a
    line. unclaimed: owed and not claimed.
    """

    period: Period
    totals: Totals
    weeks: Sequence[Summary]
    weekly: tuple[int, int] | None
    findings: Mapping[tuple[words.Severity, words.Kind], int]
    verdicts: Mapping[words.Verdict, int]
    claimed_pence: int
    agreed_pence: int
    unclaimed_lines: int
    unclaimed_pence: int
    has_visit: bool
    visits_from: date | None
    visits_to: date | None

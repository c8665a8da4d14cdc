"""What goes into a settlement: plain immutable records.

Units: every `_at`, `check_in`, `check_out` and `_start` is an instant (minutes since 1970, UTC; see
`units`), every `_on` a London date, every `_minutes` minutes, every `_pence` pence. `row` is where
the record stands in its file (the header is row 1) or in its table. None is "empty".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from carethread.engine import words


@dataclass(frozen=True, slots=True)
class OrderVersion:
    """One row of orders: what was commissioned of one provider for one person, for some dates."""

    row: int
    order_id: str
    person_id: str
    provider_id: str
    contract_id: str
    service: str
    starts_on: date
    ends_on: date | None
    basis: words.Basis
    days: str = ""
    start_minute: int | None = None
    minutes: int | None = None
    carers: int = 1
    time_critical: bool = False
    weekly_minutes: int | None = None

    @property
    def care(self) -> tuple[str, str, str]:
        """Whose care of what kind: only visits of the same care can answer this order."""
        return self.person_id, self.provider_id, self.service

    def in_force(self, day: date) -> bool:
        """Say whether the version's dates, both inclusive, hold the day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class RotaRow:
    """One row of a provider's rota: it moves a planned visit inside its day."""

    row: int
    order_id: str
    planned_start: int


@dataclass(frozen=True, slots=True)
class Suspension:
    """A stretch of time in which an order, or all of a person's orders, is suspended."""

    row: int
    person_id: str
    order_id: str | None
    from_on: date
    to_on: date | None
    starts_at: int
    ends_at: int | None
    reason: words.Absence
    told_at: int | None = None

    def covers(self, instant: int) -> bool:
        """Say whether the instant lies inside: the start does, the end does not."""
        return self.starts_at <= instant and (self.ends_at is None or instant < self.ends_at)

    def concerns(self, order: OrderVersion) -> bool:
        """Say whether the suspension applies to the order: its own, or the person's."""
        return self.person_id == order.person_id and self.order_id in (None, order.order_id)


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One row of visits as a provider sent it; several rows may be versions of one visit."""

    row: int
    visit_id: str
    sequence: int
    person_id: str
    provider_id: str
    worker_id: str
    service: str
    status: words.Status
    check_in: int | None = None
    check_out: int | None = None
    planned_start: int | None = None
    cancelled_by: words.CancelledBy | None = None
    notified_at: int | None = None
    in_method: words.Method = words.Method.FILE
    out_method: words.Method = words.Method.FILE
    reason_code: str = ""

    @property
    def care(self) -> tuple[str, str, str]:
        """Whose care of what kind."""
        return self.person_id, self.provider_id, self.service


@dataclass(frozen=True, slots=True)
class RateRow:
    """One row of a rate card: pence per hour, or the price of a visit of exactly `minutes`."""

    row: int
    contract_id: str
    service: str
    from_on: date
    day_type: words.DayType
    amount_pence: int
    band: tuple[int, int] | None = None
    slot: int | None = None
    minutes: int | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """A contract's rules from a date on. The defaults are the contract's own."""

    from_on: date
    pay_basis: words.PayBasis = words.PayBasis.ACTUAL
    tolerance_minutes: int = 0
    minimum_minutes: int = 0
    round_to_minutes: int = 1
    round: words.Rounding = words.Rounding.NEAREST
    bands: tuple[tuple[int, int], ...] = ()
    cap: words.Cap = words.Cap.PLANNED
    cap_over_minutes: int = 0
    pool: words.Pool = words.Pool.NONE
    double_up: words.DoubleUp = words.DoubleUp.EACH
    missed_percent: Fraction = Fraction(0)
    frustrated_percent: Fraction = Fraction(100)
    cancelled: tuple[tuple[Fraction, Fraction], ...] = ((Fraction(24), Fraction(100)),)
    suspended_percent: Fraction = Fraction(0)
    retainer_days: int = 0
    unplanned: words.Unplanned = words.Unplanned.HOLD
    manual: words.Manual = words.Manual.PAY
    hold_on: frozenset[words.Kind] = frozenset({words.Kind.SAME_WORKER, words.Kind.WORKER_OVERLAP})
    band_rule: words.BandRule = words.BandRule.START


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract: an id and its dated terms, earliest first."""

    contract_id: str
    terms: tuple[Terms, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What `contracts.toml` says beside the contracts. The defaults are the contract's own."""

    window_minutes: int = 120
    join_gap_minutes: int = 10
    time_critical_minutes: int = 30
    region_holidays: bool = True
    extra_holidays: frozenset[date] = frozenset()
    over_pence_per_line: int = 1
    over_percent: Fraction = Fraction(0)
    under_pence_per_line: int = 1
    under_percent: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One line of a provider's invoice."""

    row: int
    invoice_id: str
    line_no: int
    provider_id: str
    person_id: str
    service: str
    from_on: date
    to_on: date
    minutes: int
    amount_pence: int
    order_id: str
    visit_id: str
    billed_on: date

    @property
    def care(self) -> tuple[str, str, str]:
        """Whose care of what kind."""
        return self.person_id, self.provider_id, self.service


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong or doubtful in the data, reported as data."""

    severity: words.Severity
    kind: words.Kind
    file: str
    row: int | None
    line_id: str
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the council's own files that must be put right before anything is settled."""

    file: str
    row: int | None
    column: str
    message: str


@dataclass(frozen=True)
class Inputs:
    """Everything a settlement reads.

    `files` names each table's file, for findings; `findings` are those of reading.
    """

    orders: Sequence[OrderVersion]
    visits: Sequence[VisitRow]
    rates: Sequence[RateRow]
    contracts: Sequence[Contract]
    settings: Settings = field(default_factory=Settings)
    rota: Sequence[RotaRow] = ()
    suspensions: Sequence[Suspension] = ()
    invoices: Sequence[InvoiceRow] = ()
    findings: Sequence[Finding] = ()
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Period:
    """The days to settle, both inclusive."""

    first_on: date
    last_on: date

    def holds(self, day: date) -> bool:
        """Say whether the day lies in the period."""
        return self.first_on <= day <= self.last_on

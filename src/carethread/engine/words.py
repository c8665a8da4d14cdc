"""The closed vocabularies of the trade, as the files spell them.

Each member's value is the word that stands in a file, on a screen and in GLOSSARY.md
(a test holds the three equal).
"""

from enum import StrEnum


class Basis(StrEnum):
    """How an order buys care: visit by visit, or so many minutes a week."""

    VISITS = "visits"
    WEEKLY_HOURS = "weekly_hours"


class Status(StrEnum):
    """What a visit row says happened."""

    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    FRUSTRATED = "frustrated"


class CancelledBy(StrEnum):
    """Who called a planned visit off."""

    PERSON = "person"
    COUNCIL = "council"
    PROVIDER = "provider"


class Method(StrEnum):
    """How a clock time came to be recorded."""

    PHONE = "phone"
    APP = "app"
    TAG = "tag"
    TOKEN = "token"  # noqa: S105 -- a fob at the person's home, not a secret
    FILE = "file"
    MANUAL = "manual"


class Absence(StrEnum):
    """Why care is suspended."""

    HOSPITAL = "hospital"
    RESPITE = "respite"
    AWAY = "away"
    DECEASED = "deceased"
    OTHER = "other"


class DayType(StrEnum):
    """The kind of day a rate row is for."""

    ANY = "any"
    WEEKDAY = "weekday"
    WEEKEND = "weekend"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    BANK_HOLIDAY = "bank_holiday"


class PayBasis(StrEnum):
    """What a delivered visit is paid on."""

    ACTUAL = "actual"
    PLANNED = "planned"
    PLANNED_WITHIN_TOLERANCE = "planned_within_tolerance"


class Rounding(StrEnum):
    """Which way minutes are rounded."""

    NEAREST = "nearest"
    UP = "up"
    DOWN = "down"


class Cap(StrEnum):
    """Whether a visit can pay more than was planned."""

    PLANNED = "planned"
    NONE = "none"


class Pool(StrEnum):
    """The period inside which unused minutes are given back."""

    NONE = "none"
    WEEK = "week"
    MONTH = "month"


class DoubleUp(StrEnum):
    """How the second carer of a double-up is counted."""

    EACH = "each"
    OVERLAP = "overlap"


class Unplanned(StrEnum):
    """What happens to a visit that answers no slot."""

    HOLD = "hold"
    PAY = "pay"
    ZERO = "zero"


class Manual(StrEnum):
    """What happens to a manual clock that gives no reason."""

    PAY = "pay"
    HOLD = "hold"


class BandRule(StrEnum):
    """Whether a visit has the rate of its start or each minute its own."""

    START = "start"
    SPLIT = "split"


class Outcome(StrEnum):
    """What became of a planned slot or of a visit nobody planned."""

    DELIVERED = "delivered"
    MISSED = "missed"
    CANCELLED = "cancelled"
    FRUSTRATED = "frustrated"
    SUSPENDED = "suspended"
    UNPLANNED = "unplanned"


class Reason(StrEnum):
    """Why a line pays what it pays, or waits; declared in the order a line lists them."""

    BELOW_MINIMUM = "below_minimum"
    WITHIN_TOLERANCE = "within_tolerance"
    ROUNDED_UP = "rounded_up"
    ROUNDED_DOWN = "rounded_down"
    CAPPED = "capped"
    POOLED = "pooled"
    OVER_WEEKLY_ALLOWANCE = "over_weekly_allowance"
    FRUSTRATED_PAID = "frustrated_paid"
    LATE_CANCELLATION = "late_cancellation"
    RETAINER = "retainer"
    UNPLANNED_ZERO = "unplanned_zero"
    NO_ORDER = "no_order"
    NO_CONTRACT = "no_contract"
    NO_TERMS = "no_terms"
    VISIT_IN_SUSPENSION = "visit_in_suspension"
    TOLD_BEFORE_VISIT = "told_before_visit"
    NO_ATTENDANCE_PROOF = "no_attendance_proof"
    NO_CANCELLED_BY = "no_cancelled_by"
    NO_NOTICE_TIME = "no_notice_time"
    NO_CHECK_OUT = "no_check_out"
    UNPLANNED = "unplanned"
    MANUAL_WITHOUT_REASON = "manual_without_reason"
    SAME_WORKER = "same_worker"
    WORKER_OVERLAP = "worker_overlap"
    SHORT_TEAM = "short_team"
    LATE_TIME_CRITICAL = "late_time_critical"
    NO_RATE = "no_rate"
    AMBIGUOUS_RATE = "ambiguous_rate"


HOLDING = frozenset(list(Reason)[list(Reason).index(Reason.NO_ORDER) :])
"""The reasons that hold a line: those from `no_order` on."""


class Severity(StrEnum):
    """How much a finding matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Kind(StrEnum):
    """Every kind of finding."""

    AMBIGUOUS_RATE = "ambiguous_rate"
    BAD_ROW = "bad_row"
    BAD_TIMES = "bad_times"
    CLOCK_CHANGE = "clock_change"
    CONFLICTING_VERSIONS = "conflicting_versions"
    JOINED = "joined"
    LATE_TIME_CRITICAL = "late_time_critical"
    NAMED_SLOT_NOT_HAD = "named_slot_not_had"
    NO_ATTENDANCE_PROOF = "no_attendance_proof"
    NO_CANCELLED_BY = "no_cancelled_by"
    NO_CHECK_IN = "no_check_in"
    NO_CHECK_OUT = "no_check_out"
    NO_CONTRACT = "no_contract"
    NO_NOTICE_TIME = "no_notice_time"
    NO_ORDER = "no_order"
    NO_RATE = "no_rate"
    NO_TERMS = "no_terms"
    NOT_COMMISSIONED = "not_commissioned"
    OUTSIDE_PERIOD = "outside_period"
    OVERTAKEN = "overtaken"
    PARTIAL_PERIOD = "partial_period"
    REPEATED_ROW = "repeated_row"
    SAME_WORKER = "same_worker"
    SHORT_TEAM = "short_team"
    STATUS_WITHOUT_PLAN = "status_without_plan"
    SUPERSEDED = "superseded"
    TOLD_BEFORE_VISIT = "told_before_visit"
    TOO_LONG = "too_long"
    UNKNOWN_COLUMN = "unknown_column"
    UNKNOWN_PERSON = "unknown_person"
    UNREAD_FILE = "unread_file"
    VISIT_IN_SUSPENSION = "visit_in_suspension"
    WORKER_OVERLAP = "worker_overlap"


class Verdict(StrEnum):
    """What reconciliation says of one invoice line."""

    AGREED = "agreed"
    UNDER_CLAIMED = "under_claimed"
    OVER_CLAIMED = "over_claimed"
    ALREADY_CLAIMED = "already_claimed"
    NOTHING_DUE = "nothing_due"
    NO_ORDER = "no_order"
    OUTSIDE_PERIOD = "outside_period"


class Cause(StrEnum):
    """Why a claim group's figure differs from what is expected."""

    NOT_CLAIMED = "not_claimed"
    REPEAT = "repeat"
    RATE = "rate"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    SHORT = "short"
    NOT_EXPLAINED = "not_explained"

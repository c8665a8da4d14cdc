"""What becomes of a package that came in, and of what goes out."""

from enum import StrEnum

from carethread.kit.states import States


class PackageStatus(StrEnum):
    """What has become of a package."""

    RECEIVED = "received"
    """Recorded, and not yet decided: carethread's move."""
    ACCEPTED = "accepted"
    RETURNED = "returned"
    """Nothing of it was taken; it waits for whoever its reasons name."""
    REPLACED = "replaced"
    """A corrected package came in its place."""
    WITHDRAWN = "withdrawn"
    """The sender no longer asks for it."""


PACKAGE = States(
    PackageStatus.RECEIVED,
    {
        "accepted": {
            PackageStatus.RECEIVED: PackageStatus.ACCEPTED,
            PackageStatus.RETURNED: PackageStatus.ACCEPTED,
        },
        "returned": {
            PackageStatus.RECEIVED: PackageStatus.RETURNED,
            PackageStatus.RETURNED: PackageStatus.RETURNED,
        },
        "replaced": {PackageStatus.RETURNED: PackageStatus.REPLACED},
        "withdrawn": {
            PackageStatus.RECEIVED: PackageStatus.WITHDRAWN,
            PackageStatus.RETURNED: PackageStatus.WITHDRAWN,
        },
    },
)
"""A returned package that is checked again is accepted or returned anew."""
WAITING = (PackageStatus.RECEIVED, PackageStatus.RETURNED)
"""Somebody must act."""


class OutgoingStatus(StrEnum):
    """How far something that goes out has come."""

    WAITING = "waiting"
    HANDED_OVER = "handed_over"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    CANCELLED = "cancelled"


OUTGOING = States(
    OutgoingStatus.WAITING,
    {
        "handed over": {OutgoingStatus.WAITING: OutgoingStatus.HANDED_OVER},
        "acknowledged": {OutgoingStatus.HANDED_OVER: OutgoingStatus.ACKNOWLEDGED},
        "refused": {OutgoingStatus.HANDED_OVER: OutgoingStatus.REFUSED},
        "cancelled": {
            OutgoingStatus.WAITING: OutgoingStatus.CANCELLED,
            OutgoingStatus.REFUSED: OutgoingStatus.CANCELLED,
        },
        "sent again": {OutgoingStatus.REFUSED: OutgoingStatus.WAITING},
    },
)
"""What was handed over cannot be cancelled: the receiver has it, and must refuse it."""


class Told(StrEnum):
    """How a sender was told what became of a package."""

    ANSWER = "answer"
    FILE = "file"
    FETCHED = "fetched"


class Direction(StrEnum):
    """Which way things go."""

    IN = "in"
    OUT = "out"


class TotalKind(StrEnum):
    """What a control total counts or sums, on one day."""

    PACKAGES_RECEIVED = "packages_received"
    PACKAGES_ACCEPTED = "packages_accepted"
    PACKAGES_RETURNED = "packages_returned"
    PACKAGES_WAITING = "packages_waiting"
    ORDER_LINES = "order_lines"
    WEEKLY_MINUTES = "weekly_minutes"
    WEEKLY_PENCE = "weekly_pence"
    OPEN_CASES = "open_cases"
    MESSAGES_SENT = "messages_sent"
    MESSAGES_ACKNOWLEDGED = "messages_acknowledged"
    MESSAGES_REFUSED = "messages_refused"
    MESSAGES_WAITING = "messages_waiting"
    ROWS_SENT = "rows_sent"
    PENCE_SENT = "pence_sent"


class CaseStatus(StrEnum):
    """What the other system says of a case."""

    OPEN = "open"
    CLOSED = "closed"


class CaseReason(StrEnum):
    """Why a case is in one system and not in the other."""

    NEVER_RECEIVED = "never_received"
    NOT_DECIDED = "not_decided"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    ENDED_HERE = "ended_here"
    OTHER_PERSON = "other_person"
    CLOSED_THERE = "closed_there"
    NOT_KNOWN_THERE = "not_known_there"
    NO_PLAN_REFERENCE = "no_plan_reference"

"""The words of imports, and what becomes of a batch. Pure."""

from enum import StrEnum

from carethread.kit.states import States


class BatchStatus(StrEnum):
    """How far an import has come."""

    RECEIVED = "received"
    """The file is kept by its name and digest; nothing was read yet."""
    CHECKED = "checked"
    """Every row has its verdict; nothing was written to the books yet."""
    APPLIED = "applied"
    """What was new or changed is in the books."""
    ABANDONED = "abandoned"
    """Somebody decided against it; nothing was written."""
    FAILED = "failed"
    """Nothing of it could be read; the problems say why."""


BATCH = States(
    BatchStatus.RECEIVED,
    {
        "checked": {
            BatchStatus.RECEIVED: BatchStatus.CHECKED,
            BatchStatus.CHECKED: BatchStatus.CHECKED,
            BatchStatus.FAILED: BatchStatus.CHECKED,
        },
        "failed": {
            BatchStatus.RECEIVED: BatchStatus.FAILED,
            BatchStatus.CHECKED: BatchStatus.FAILED,
            BatchStatus.FAILED: BatchStatus.FAILED,
        },
        "applied": {BatchStatus.CHECKED: BatchStatus.APPLIED},
        "abandoned": {
            BatchStatus.RECEIVED: BatchStatus.ABANDONED,
            BatchStatus.CHECKED: BatchStatus.ABANDONED,
            BatchStatus.FAILED: BatchStatus.ABANDONED,
        },
    },
)
"""A batch may be checked as often as somebody likes, until it is applied or abandoned."""


class Verdict(StrEnum):
    """What an import says of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


VERDICTS = tuple(Verdict)
"""A verdict is its place here, where there are many of them."""


class Code(StrEnum):
    """Why a row was rejected, or what somebody should know of one that was not."""

    UNREADABLE_FILE = "unreadable_file"
    UNREADABLE_ROW = "unreadable_row"
    TOO_LONG = "too_long"
    NOT_YOURS = "not_yours"
    ID_TAKEN = "id_taken"
    SAID_TWICE = "said_twice"
    UNKNOWN_ORDER = "unknown_order"
    DOES_NOT_FIT = "does_not_fit"
    DISPOSED = "disposed"
    TABLE_REFUSED = "table_refused"
    CREATED = "created"
    CLOCK_CHANGE = "clock_change"
    UNKNOWN_COLUMN = "unknown_column"
    TWO_VERSIONS = "two_versions"
    NOT_READ = "not_read"


NOTED = (
    Code.CREATED,
    Code.CLOCK_CHANGE,
    Code.UNKNOWN_COLUMN,
    Code.TWO_VERSIONS,
    Code.NOT_READ,
)
"""What is only told: it rejects nothing."""

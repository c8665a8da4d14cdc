"""What becomes of a run, and of a person's decision."""

from enum import StrEnum

from carethread.kit.states import States


class RunStatus(StrEnum):
    """How far a settlement run has come."""

    QUEUED = "queued"
    RUNNING = "running"
    SETTLED = "settled"
    APPROVED = "approved"
    OVERTAKEN = "overtaken"
    FAILED = "failed"
    STOPPED = "stopped"


RUN = States(
    RunStatus.QUEUED,
    {
        "started": {RunStatus.QUEUED: RunStatus.RUNNING},
        "settled": {RunStatus.RUNNING: RunStatus.SETTLED},
        "approved": {RunStatus.SETTLED: RunStatus.APPROVED},
        "overtaken": {
            RunStatus.SETTLED: RunStatus.OVERTAKEN,
            RunStatus.APPROVED: RunStatus.OVERTAKEN,
        },
        "queued again": {RunStatus.RUNNING: RunStatus.QUEUED, RunStatus.FAILED: RunStatus.QUEUED},
        "failed": {RunStatus.RUNNING: RunStatus.FAILED},
        "stopped": {
            RunStatus.QUEUED: RunStatus.STOPPED,
            RunStatus.RUNNING: RunStatus.STOPPED,
            RunStatus.FAILED: RunStatus.STOPPED,
        },
    },
)
"""A settled run is overtaken by a newer one of its period; an approved one by a newer approved one."""
ACTIVE = (RunStatus.QUEUED, RunStatus.RUNNING)
"""A council has at most one of these for a period."""


class Ruling(StrEnum):
    """What a person decides of a held line, a finding or a visit."""

    ACCEPT_RECORDED = "accept_recorded"
    """Pay it as priced, on the recorded times, although it was held."""
    ACCEPT_UNPLANNED = "accept_unplanned"
    """Pay a visit nobody planned, as care given under the order named."""
    CORRECT_CLOCK = "correct_clock"
    """Settle the visit with these times, on the evidence named; what was recorded stays."""
    REJECT = "reject"
    """Pay nothing for it."""
    ASK_PROVIDER = "ask_provider"
    """Wait: the provider has been asked."""

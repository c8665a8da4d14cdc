"""What becomes of a run, and of a line that waits for a person."""

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


class Standing(StrEnum):
    """How a line that was held stands: whom it waits on."""

    WAITS = "waits"
    """On the council: nobody has decided."""
    ASKED = "asked"
    """On the provider, who has been asked."""
    AGAIN = "again"
    """On the council: what was decided on has changed since."""
    DECIDED = "decided"
    """On nobody: the decision is honoured by the next run, or has been by this one."""


STANDING = States(
    Standing.WAITS,
    {
        "asked": {Standing.WAITS: Standing.ASKED, Standing.AGAIN: Standing.ASKED},
        "decided": {
            Standing.WAITS: Standing.DECIDED,
            Standing.ASKED: Standing.DECIDED,
            Standing.AGAIN: Standing.DECIDED,
            Standing.DECIDED: Standing.DECIDED,
        },
        "undone": {
            Standing.ASKED: Standing.WAITS,
            Standing.DECIDED: Standing.WAITS,
            Standing.AGAIN: Standing.WAITS,
        },
        "changed": {Standing.ASKED: Standing.AGAIN, Standing.DECIDED: Standing.AGAIN},
    },
)
"""None is final: a decision can always be undone. `changed` is what late data does, not a person."""

"""The background job that settles a run. It is told keys alone.

Source: django-tasks, https://docs.djangoproject.com/en/6.0/topics/tasks/
"""

from datetime import UTC, datetime
from uuid import UUID

from django_tasks import task


@task()
def settle(council: int, run: int) -> str:
    """Settle a run if it is still waiting for it; return what became of it."""
    from carethread.settlement import beats, settling  # noqa: PLC0415 -- they queue jobs themselves

    def now() -> datetime:
        return datetime.now(UTC)

    attempt = settling.begin(council=council, run=run, at=now())
    if attempt is None:
        return "nothing to do"
    try:
        with beats.beating(attempt, clock=now) as shown:
            settling.settle(attempt, clock=now, shown=shown)
    except settling.Lost:
        return "given up"
    return "done"


def queue(council: int, run: int, after: datetime | None = None) -> UUID:
    """Queue the job, in the transaction under way; return its key."""
    made = settle.using(run_after=after) if after is not None else settle
    return UUID(made.enqueue(council, run).id)

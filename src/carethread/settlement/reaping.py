"""Runs whose worker is no more are queued again; what killed ones left on the disk is removed."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from carethread.councils.models import Council
from carethread.settlement import tasks
from carethread.settlement.models import Run
from carethread.settlement.settling import queue_again
from carethread.settlement.spare import sweep
from carethread.settlement.states import RunStatus
from carethread.wall.scope import Scope, scoped, writing


def reap(at: datetime) -> int:
    """Queue again, or end, each run that nobody settles any more; return how many."""
    sweep()
    dead = at - timedelta(seconds=settings.RUN_LIFE_SECONDS)
    return sum(_is_reaped(council, run, dead, at) for council, run in _suspects(dead))


def _silent(dead: datetime) -> Q:
    """Return the condition for a run to be looked at: no sign of life, or queued for long."""
    running = Q(status=RunStatus.RUNNING.value, beat_at__lt=dead)
    queued = Q(status=RunStatus.QUEUED.value) & (
        Q(beat_at__lt=dead) | Q(beat_at=None, asked_at__lt=dead)
    )
    return running | queued


def _suspects(dead: datetime) -> list[tuple[int, int]]:
    councils = frozenset(Council.objects.values_list("pk", flat=True))
    with scoped(Scope(councils)):
        return list(Run.objects.filter(_silent(dead)).order_by("pk").values_list("council_id", "pk"))


def _is_reaped(council: int, key: int, dead: datetime, at: datetime) -> bool:
    """Look at a run again, locked. One that is locked by whoever stores its lines is alive."""
    with scoped(writing(council)):
        run = Run.objects.select_for_update(skip_locked=True).filter(_silent(dead), pk=key).first()
        if run is None or (run.status == RunStatus.QUEUED and _will_come(run, dead)):
            return False
        _end_job(run, at)
        if run.status == RunStatus.RUNNING:
            queue_again(run, at=at)
        else:
            run.job = tasks.queue(council, key)
            run.save(update_fields=["job"])
    return True


def _will_come(run: Run, dead: datetime) -> bool:
    """Say whether a queued run's job waits for a worker, or has only just been taken by one."""
    job = DBTaskResult.objects.filter(pk=run.job).first() if run.job else None
    if job is None:
        return False
    just_taken = job.status == TaskResultStatus.RUNNING and (job.started_at or dead) > dead
    return bool(job.status == TaskResultStatus.READY or just_taken)


def _end_job(run: Run, at: datetime) -> None:
    """Let a job that its worker never ended not look as if it were under way."""
    if run.job is not None:
        jobs = DBTaskResult.objects.filter(pk=run.job, status=TaskResultStatus.RUNNING)
        jobs.update(status=TaskResultStatus.FAILED, finished_at=at)

"""Writes: asking for runs, settling them, stopping and approving them."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from carethread.accounts.queries import approval_limit, user_of
from carethread.audit.actions import record
from carethread.batch.choose import Shown
from carethread.councils.actions import hold_books
from carethread.councils.queries import changes_since
from carethread.engine.records import Period
from carethread.engine.units import LONDON
from carethread.engine.written import count, pounds
from carethread.kit.states import CannotBecome
from carethread.kit.unable import UnableTo
from carethread.settlement import settling, tasks
from carethread.settlement.differences import are_as_stored
from carethread.settlement.models import Run
from carethread.settlement.reading.edges import FIRST_MARGIN, days_read
from carethread.settlement.settling import Clock, Silent
from carethread.settlement.states import RUN, RunStatus
from carethread.wall.scope import current


def ask_for_run(*, first_on: date, last_on: date, later: bool, by: str, at: datetime) -> Run:
    """Ask for a settlement of some days of the council being written.

    Args:
        first_on: The first day.
        last_on: The last, inclusive.
        later: Whether a background worker settles it; else the caller does, at once.
        by: Who asks.
        at: When.

    Raises:
        UnableTo: if these days are being settled already.
    """
    council = current().writes
    assert council is not None, "only a scope that writes can ask for a run"
    if last_on < first_on:
        message = f"the last day, {last_on}, is before the first, {first_on}"
        raise UnableTo(message)
    of_period = Run.objects.filter(first_on=first_on, last_on=last_on)
    latest = of_period.aggregate(latest=Max("version"))["latest"] or 0
    run = Run(council_id=council, first_on=first_on, last_on=last_on, version=latest + 1)
    run.asked_by, run.asked_at = by, at
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError:
        message = f"{_days(run)} are being settled already; wait for that run, or stop it"
        raise UnableTo(message) from None
    if later:
        run.job = tasks.queue(council, run.pk)
        run.save(update_fields=["job"])
    record(by=by, at=at, action="run.asked", subject=_subject(run), after=_told(run))
    return run


def settle_run(*, council: int, run: int, clock: Clock, shown: Shown | None = None) -> None:
    """Settle a run that was asked for, if nobody has; called again, it does nothing.

    No sign of life is given meanwhile; `settlement.beats` gives it.
    """
    attempt = settling.begin(council=council, run=run, at=clock())
    if attempt is not None:
        settling.settle(attempt, clock=clock, shown=shown or Silent())


def ask_again(*, run: int, by: str, at: datetime) -> Run:
    """Queue a run again that failed, now that its cause is mended.

    Raises:
        UnableTo: if it did not fail, or its days are being settled already.
    """
    row = _locked(run)
    before = _told(row)
    _become(row, "queued again", only_from=RunStatus.FAILED)
    row.attempts, row.failure, row.beat_at = 0, "", None
    row.asked_by, row.asked_at = by, at
    row.job = tasks.queue(row.council_id, row.pk)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        message = f"{_days(row)} are being settled already; wait for that run, or stop it"
        raise UnableTo(message) from None
    record(
        by=by, at=at, action="run.asked_again", subject=_subject(row), before=before, after=_told(row)
    )
    return row


def stop_run(*, run: int, why: str, by: str, at: datetime) -> Run:
    """Stop a run that is not settled yet; whoever settles it stores nothing.

    Raises:
        UnableTo: if it is settled.
    """
    row = _locked(run)
    before = _told(row)
    _become(row, "stopped")
    row.save()
    record(
        by=by,
        at=at,
        action="run.stopped",
        subject=_subject(row),
        why=why,
        before=before,
        after=_told(row),
    )
    return row


def approve_run(*, run: int, by: str, at: datetime) -> Run:
    """Approve a settled run: what it says is due may be paid. It is never edited from then on.

    Raises:
        UnableTo: if whoever asks may not approve it, or it is not the newest word on the books.
    """
    hold_books()
    row = _locked(run)
    _check_approver(row, by, at)
    if not RUN.allows(RunStatus(row.status), "approved"):
        message = f"the run is {row.status}; only a settled run can be approved"
        raise UnableTo(message)
    _check_newest(row)
    before = _told(row)
    earlier = Run.objects.filter(
        first_on=row.first_on, last_on=row.last_on, status=RunStatus.APPROVED.value
    )
    overtaken = list(earlier.values_list("pk", flat=True))
    earlier.update(status=RUN.after(RunStatus.APPROVED, "overtaken").value)
    _become(row, "approved")
    row.approved_by, row.approved_at = by, at
    row.save()
    after = {**_told(row), "overtakes": overtaken, "digest": row.digest}
    record(
        by=by,
        at=at,
        action="run.approved",
        subject=_subject(row),
        before=before,
        after=after,
        chained=True,
    )
    return row


def _locked(run: int) -> Run:
    found: Run | None = Run.objects.select_for_update().filter(pk=run).first()
    if found is None:
        message = f"there is no run {run}; carethread runs lists them"
        raise UnableTo(message)
    return found


def _become(row: Run, deed: str, only_from: RunStatus | None = None) -> None:
    status = RunStatus(row.status)
    try:
        after = RUN.after(status, deed)
    except CannotBecome as error:
        message = f"run {row.pk}: {error}"
        raise UnableTo(message) from None
    if only_from is not None and status is not only_from:
        message = f"run {row.pk}: it is {status}; only what is {only_from} can be {deed}"
        raise UnableTo(message)
    row.status = after.value


def _check_approver(row: Run, by: str, at: datetime) -> None:
    user = user_of(by)
    if user is None:
        message = "only a user can approve a run; say who with --by EMAIL"
        raise UnableTo(message)
    if _is_same(row.asked_by, by):
        message = "who asked for a run cannot approve it; let another approver do it"
        raise UnableTo(message)
    limit = approval_limit(user, row.council_id, at.astimezone(LONDON).date())
    if limit is None:
        message = "you may approve nothing here: that takes the role approver, with a limit"
        raise UnableTo(message)
    if (row.due_pence or 0) > limit:
        comes_to = f"the run comes to {pounds(row.due_pence or 0)}, your limit is {pounds(limit)}"
        message = f"{comes_to}; let an approver with a higher limit do it"
        raise UnableTo(message)


def _is_same(asked_by: str, by: str) -> bool:
    """Say whether one person may have asked and approve: one user, or one unnamed at the console."""
    asker, _, asked_at = asked_by.partition(" at ")
    approver, _, approved_at = by.partition(" at ")
    return asker == approver or (asker == approved_at and not asked_at)


def _check_newest(row: Run) -> None:
    newer = Run.objects.filter(
        first_on=row.first_on, last_on=row.last_on, version__gt=row.version
    ).exclude(status__in=[RunStatus.FAILED.value, RunStatus.STOPPED.value])
    later = newer.order_by("-version").first()
    if later is not None:
        message = (
            f"version {later.version} of {_days(row)} is {later.status}: that is the one to approve"
        )
        raise UnableTo(message)
    period = Period(row.first_on, row.last_on)
    days = days_read(period, FIRST_MARGIN)
    changes = changes_since(row.book_number or 0, days.first_on, days.last_on)
    if (number := changes.count()) > 0:
        what = ", ".join(sorted(set(changes.values_list("what", flat=True))))
        message = f"the books changed since it was settled ({count(number, 'change')}: {what})"
        raise UnableTo(message)
    if not are_as_stored(row.pk, period):
        message = (
            "a run of some of its days was approved since, and its differences are old; run it again"
        )
        raise UnableTo(message)


def _days(row: Run) -> str:
    return f"{row.first_on} to {row.last_on}"


def _subject(row: Run) -> str:
    return f"run:{row.pk}"


def _told(row: Run) -> dict[str, object]:
    names = ("first_on", "last_on", "version", "status", "lines", "due_pence", "held_pence")
    return {name: getattr(row, name) for name in (*names, "differences", "difference_pence")}

"""Writes: a batch checked, applied or abandoned. Each is one transaction, and says so in the audit."""

import shutil
import tempfile
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
from django.db import OperationalError
from django.db.models import Max

from carethread.audit.actions import record
from carethread.councils.actions import changed, hold_books
from carethread.councils.queries import book_number
from carethread.formats.settlement.reading import Progress
from carethread.interchange.imports import store
from carethread.interchange.imports.look import FEEDS, ORDER, Look, digest_of, look, noted
from carethread.interchange.imports.records import Hand
from carethread.interchange.imports.told import Told
from carethread.interchange.imports.words import BATCH, BatchStatus
from carethread.interchange.models import Batch, Problem
from carethread.kit.states import CannotBecome
from carethread.kit.unable import UnableTo
from carethread.people.actions import report_likely_same
from carethread.people.likeness import likely_same
from carethread.people.models import LikelySame
from carethread.people.queries import people_to_compare
from carethread.wall import bulk
from carethread.wall.scope import on_commit, reading, scoped, writing


def quiet(_file: str, _part: float) -> None:
    """Show nobody how far reading has come."""


def check(*, batch: Batch, by: str, at: datetime, progress: Progress = quiet) -> Batch:
    """Judge every row of a batch against the books, and keep what was found to be shown.

    Opens its own scopes: it reads for as long as it takes, and writes at the end.

    Raises:
        UnableTo: if the batch was applied or abandoned.
    """
    _may(batch, "checked")
    with _folder(batch) as folder:
        with scoped(reading(batch.council_id)):
            state = _state()
            found = look(batch, folder, progress)
        with scoped(writing(batch.council_id)):
            batch = _locked(batch)
            _may(batch, "checked")
            _keep(batch, found, folder, state, by, at)
    return batch


class _folder:  # noqa: N801 -- reads as a context
    """A private folder for what a look finds, gone at the end unless it was kept."""

    def __init__(self, batch: Batch) -> None:
        self._place = store.working(batch)

    def __enter__(self) -> Path:
        self._path = Path(tempfile.mkdtemp(prefix="look-", dir=self._place))
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)


def _may(batch: Batch, deed: str) -> BatchStatus:
    try:
        return BATCH.after(BatchStatus(batch.status), deed)
    except CannotBecome as error:
        message = f"import {batch.pk} cannot be {deed}: {error}"
        raise UnableTo(message) from None


def _locked(batch: Batch) -> Batch:
    found: Batch = Batch.objects.select_for_update().get(pk=batch.pk)
    return found


def _state() -> tuple[int, int]:
    """Return the state of the books that a check is made against."""
    applied = Batch.objects.filter(status=BatchStatus.APPLIED.value)
    return book_number(), applied.aggregate(last=Max("pk"))["last"] or 0


def _keep(
    batch: Batch, found: Look, folder: Path, state: tuple[int, int], by: str, at: datetime
) -> None:
    """Write down what a look found."""
    batch.status = _may(batch, "failed" if found.is_empty else "checked").value
    batch.counts, batch.verdicts = found.counts, found.digest
    batch.book_number, batch.after_batch = state
    days = found.days
    batch.first_on = None if days is None else days.first_on
    batch.last_on = None if days is None else days.last_on
    batch.checked_by, batch.checked_at = by, at
    batch.save()
    Problem.objects.filter(batch=batch).delete()
    _write_problems(batch, found.every_told())
    store.keep_found(batch, folder, found.digest)
    on_commit(lambda: store.drop_found(batch, keeping=found.digest))
    record(
        by=by,
        at=at,
        action=f"import.{batch.status}",
        subject=f"import:{batch.pk}",
        after={"counts": batch.counts, "sha256": batch.sha256},
    )


def _write_problems(batch: Batch, told: Collection[Told]) -> None:
    count = len(told)
    provider = None if batch.provider is None else batch.provider.pk

    def column(name: str, kind: pa.DataType) -> pa.Array:
        return pa.array([getattr(one, name) for one in told], kind)

    bulk.write(
        Problem,
        pa.table(
            {
                "council_id": pa.array([batch.council_id] * count, pa.int64()),
                "provider_id": pa.array([provider] * count, pa.int64()),
                "batch_id": pa.array([batch.pk] * count, pa.int64()),
                "table": column("table", pa.string()),
                "row": column("row", pa.int64()),
                "column": pa.array([one.column[:100] for one in told], pa.string()),
                "code": pa.array([one.code.value for one in told], pa.string()),
                "says": column("says", pa.string()),
                "is_rejected": column("is_rejected", pa.bool_()),
            }
        ),
    )


class ChangedSince(UnableTo):
    """The books changed since a batch was checked: it would do something else than was shown."""


def apply(*, batch: Batch, by: str, at: datetime, progress: Progress = quiet) -> Batch:
    """Write what is new or changed in a checked batch: all of it, or nothing.

    Imports and other changes of one council wait for each other. Opens its own scope. When people came
    or changed, look for records that are likely one person's with `compare_people` afterwards.

    Raises:
        ChangedSince: if it would do something else than the last check showed: it was checked again,
            and is to be looked at again.
        UnableTo: if it is not checked, or the database or the disk refuses.
    """
    try:
        with _folder(batch) as folder, scoped(writing(batch.council_id)):
            batch = _locked(batch)
            _may(batch, "applied")
            hold_books()
            is_as_shown = _write(batch, folder, progress, by, at)
    except (OperationalError, psycopg.OperationalError, OSError) as error:
        message = f"the database or the disk refused, and nothing was applied: {_plainly(error)}"
        raise UnableTo(message) from None
    if not is_as_shown:
        message = (
            f"the books changed since import {batch.pk} was checked: it would now do something else;"
            " it was checked again: look at it, then apply it"
        )
        raise ChangedSince(message)
    return batch


def _plainly(error: Exception) -> str:
    """Return what went wrong without the lines below it: they quote rows, which hold care."""
    if isinstance(error, OSError):
        return error.strerror or "it cannot be written"
    return next(iter(str(error).splitlines()), "no reason given")


def _write(batch: Batch, folder: Path, progress: Progress, by: str, at: datetime) -> bool:
    """Write a batch if that does what was shown; else keep what it would do now. Say which."""
    state = _state()
    found, prepared, is_as_shown = _looked_again(batch, folder, progress, state)
    if not is_as_shown:
        _keep(batch, look(batch, _emptied(folder), progress), folder, state, by, at)
        return False
    hand = Hand(batch, by, at)
    days = noted(prepared)
    for table in _bringing(batch):
        if table in found.tables:
            found.tables[table].write(hand)
        else:
            FEEDS[table][1](prepared, hand)
        span = days[table].days
        if span is not None:
            what = f"{table} imported"
            changed(first_on=span.first_on, last_on=span.last_on, what=what, by=by, at=at)
    batch.status, batch.applied_by, batch.applied_at = _may(batch, "applied").value, by, at
    batch.save()
    record(
        by=by,
        at=at,
        action="import.applied",
        subject=f"import:{batch.pk}",
        after={"file": batch.file, "sha256": batch.sha256, "counts": batch.counts},
        chained=True,
    )
    return True


def _emptied(folder: Path) -> Path:
    for path in folder.iterdir():
        path.unlink()
    return folder


def _bringing(batch: Batch) -> list[str]:
    """Return the tables that bring anything, in the order in which they are written."""
    counts: dict[str, Any] = batch.counts
    return [one for one in ORDER if one in counts and counts[one]["new"] + counts[one]["changed"]]


def _looked_again(
    batch: Batch, folder: Path, progress: Progress, state: tuple[int, int]
) -> tuple[Look, Path, bool]:
    """Look again at what may be otherwise by now; say whether it is as it was shown.

    Where the books did not change, the many rows of providers are as they were prepared.
    """
    kept = store.found(batch)
    if state != (batch.book_number, batch.after_batch) or not kept.exists():
        found = look(batch, folder, progress)
        return found, folder, found.digest == batch.verdicts
    small = [one for one in _bringing(batch) if one not in FEEDS]
    if not small:
        return Look({}, [], batch.verdicts), kept, True
    found = look(batch, folder, progress, only=small)
    was = noted(kept)
    return found, kept, all(digest_of(folder, one) == was[one].digest for one in small)


def abandon(*, batch: Batch, by: str, at: datetime) -> Batch:
    """Decide against a batch; its file is kept, and nothing was written.

    Raises:
        UnableTo: if it was applied or abandoned.
    """
    batch = _locked(batch)
    batch.status = _may(batch, "abandoned").value
    batch.abandoned_by, batch.abandoned_at = by, at
    batch.save()
    record(by=by, at=at, action="import.abandoned", subject=f"import:{batch.pk}", chained=True)
    on_commit(lambda: store.drop_found(batch))
    return batch


def brings_people(batch: Batch) -> bool:
    """Say whether a batch brought or changed people."""
    counts = batch.counts.get("people", {"new": 0, "changed": 0})
    return bool(counts["new"] + counts["changed"])


def compare_people(*, council: int, at: datetime) -> list[LikelySame]:
    """Report records of a council that are likely one person's; return those not reported before.

    Opens its own scopes: nobody waits while people are compared.
    """
    with scoped(reading(council)):
        people = people_to_compare()
    found = likely_same(people)
    with scoped(writing(council)):
        return report_likely_same(found=found, at=at)

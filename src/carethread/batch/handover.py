"""What came of a bucket, in a folder of files: one process leaves it, others take it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import astuple, fields
from datetime import date
from pathlib import Path
from typing import Any

from carethread.batch.bucketed import NotBuckets, SettledBucket
from carethread.batch.local import CannotBeTabled, NeedsReference
from carethread.batch.stored import ENDING, Columns, append, arrow, columns_of, pieces, read, write
from carethread.engine.columns.merge import length
from carethread.engine.records import Period
from carethread.engine.reference.tables import VisitRowsDoNotAddUp
from carethread.engine.results import Digest, Summary, Totals
from carethread.engine.words import Kind, Severity, Verdict

REFUSALS: tuple[type[Exception], ...] = (
    CannotBeTabled,
    NeedsReference,
    NotBuckets,
    VisitRowsDoNotAddUp,
)
"""Why a bucket may not be settled: raised again where it is taken."""
_SAID = "said.json"
_PARTS = ("lines", "workings")


def leave(settled: SettledBucket, folder: Path) -> None:
    """Write what came of a bucket into an empty folder."""
    for name, columns in settled.tables.items():
        write(folder / f"{name}{ENDING}", arrow(columns))
    for place, name in enumerate(_PARTS):
        for part in settled.parts:
            append(folder / f"{name}{ENDING}", arrow(part[place]))
    sizes = {name: length(columns) for name, columns in settled.tables.items()}
    _say(folder, {"rows": sizes, "digest": _written(settled.digest)})


def leave_refusal(refusal: Exception, folder: Path) -> None:
    """Write why a bucket cannot be settled into an empty folder."""
    _say(folder, {"refused": type(refusal).__name__, "why": str(refusal)})


def take(folder: Path) -> SettledBucket:
    """Read what came of a bucket, but for lines and workings.

    Raises:
        NeedsReference, CannotBeTabled, NotBuckets, VisitRowsDoNotAddUp: as settling it did.
        OSError: if not every row that was left is there.
    """
    said = json.loads((folder / _SAID).read_text(encoding="utf-8"))
    for refusal in REFUSALS:
        if said.get("refused") == refusal.__name__:
            raise refusal(said["why"])
    tables = {name: columns_of(read(folder / f"{name}{ENDING}")) for name in said["rows"]}
    for name, rows in said["rows"].items():
        if length(tables[name]) != rows:
            message = f"{folder} does not have the {rows} {name} that were left there"
            raise OSError(message)
    return SettledBucket([], tables, _digest(said["digest"]))


def rows_left(folder: Path, name: str) -> Iterator[Columns]:
    """Yield the rows of lines or workings, some at a time; there may be none."""
    path = folder / f"{name}{ENDING}"
    if path.exists():
        yield from pieces(path)


def _say(folder: Path, said: Mapping[str, Any]) -> None:
    (folder / _SAID).write_text(json.dumps(said, default=date.isoformat), encoding="utf-8")


def _written(digest: Digest) -> dict[str, Any]:
    return {
        **{field.name: getattr(digest, field.name) for field in fields(digest)},
        "period": astuple(digest.period),
        "totals": astuple(digest.totals),
        "weeks": [astuple(week) for week in digest.weeks],
        "findings": [[*which, count] for which, count in digest.findings.items()],
    }


def _digest(said: dict[str, Any]) -> Digest:
    told = said | {
        "period": Period(*map(_day, said["period"])),
        "totals": Totals(*said["totals"]),
        "weeks": [Summary(provider, _day(week), *rest) for provider, week, *rest in said["weeks"]],
        "weekly": said["weekly"] and tuple(said["weekly"]),
        "findings": {(Severity(one), Kind(other)): count for one, other, count in said["findings"]},
        "verdicts": {Verdict(verdict): count for verdict, count in said["verdicts"].items()},
        "visits_from": said["visits_from"] and _day(said["visits_from"]),
        "visits_to": said["visits_to"] and _day(said["visits_to"]),
    }
    return Digest(**told)


def _day(text: str) -> date:
    return date.fromisoformat(text)

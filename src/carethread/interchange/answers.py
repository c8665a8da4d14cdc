"""What receivers answer by file: each row of `answers/*.csv` is about one message that went out."""

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from carethread.councils.models import Council
from carethread.interchange.actions_outbox import Answer, answer_outgoing, hand_over_file
from carethread.interchange.models import Outgoing
from carethread.interchange.states import OutgoingStatus
from carethread.kit.unable import UnableTo
from carethread.wall.scope import reading, scoped, writing

COLUMNS = ("key", "outcome", "sha256", "code", "sentence")


@dataclass(frozen=True, slots=True)
class Heard:
    """A row of an answer. problem: why it could not be taken, empty where it was."""

    file: str
    key: str
    problem: str = ""


def hand_over_waiting(*, council: Council, path: Path, by: str, at: datetime) -> list[str]:
    """Put all that waits into a folder's `out`; return the keys, in the order they were made.

    Raises:
        UnableTo: as `hand_over_file`; what was handed over before it is.
    """
    with scoped(reading(council.pk)):
        waiting = Outgoing.objects.filter(status=OutgoingStatus.WAITING).order_by("pk")
        keys: list[str] = list(waiting.values_list("key", flat=True))
    for key in keys:
        hand_over_file(council=council.pk, key=key, folder=path / "out", by=by, at=at)
    return keys


def read_answers(*, council: Council, path: Path, by: str, at: datetime) -> list[Heard]:
    """Take the answers that lie in a folder's `answers`, and move each file to `answers/done`.

    A file with a row that could not be taken stays, so that it is seen and put right.
    """
    heard: list[Heard] = []
    for file in sorted((path / "answers").glob("*.csv")):
        rows = [_row(council, file, row, by, at) for row in _rows(file)]
        heard += rows
        if not any(one.problem for one in rows):
            done = file.parent / "done"
            done.mkdir(exist_ok=True)
            file.rename(done / file.name)
    return heard


def _rows(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            return [{name: row.get(name) or "" for name in COLUMNS} for row in csv.DictReader(text)]
    except (UnicodeDecodeError, csv.Error):
        return [dict.fromkeys(COLUMNS, "")]


def _row(council: Council, file: Path, row: dict[str, str], by: str, at: datetime) -> Heard:
    outcomes = {OutgoingStatus.ACKNOWLEDGED.value: True, OutgoingStatus.REFUSED.value: False}
    if row["outcome"] not in outcomes:
        return Heard(file.name, row["key"], "the outcome must be acknowledged or refused")
    answer = Answer(outcomes[row["outcome"]], row["code"][:80], row["sentence"], row["sha256"])
    try:
        with scoped(writing(council.pk)):
            answer_outgoing(key=row["key"], answer=answer, by=by, at=at)
    except UnableTo as unable:
        return Heard(file.name, row["key"], str(unable))
    return Heard(file.name, row["key"])

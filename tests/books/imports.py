"""Imports for tests: a file or folder received, checked and applied in one line."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from carethread.accounts.actions import open_council
from carethread.councils.models import Council
from carethread.interchange.imports import actions
from carethread.interchange.imports.receive import Sending, receive
from carethread.interchange.models import Batch, Problem
from carethread.providers.models import Provider
from carethread.wall.scope import reading, scoped, writing

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
BY = "console:test"


def council(code: str = "north") -> Council:
    return open_council(code=code, name=f"{code} (invented)", by=BY, at=NOW)


def received(council: Council, path: Path, *, again: bool = True, **said: Any) -> Batch:
    with scoped(writing(council.pk)):
        sending = Sending(path, **said)
        return receive(sending=sending, again=again, by=BY, at=NOW).batch


def checked(council: Council, path: Path, **said: Any) -> Batch:
    return actions.check(batch=received(council, path, **said), by=BY, at=NOW)


def applied(council: Council, path: Path, **said: Any) -> Batch:
    return actions.apply(batch=checked(council, path, **said), by=BY, at=NOW)


def provider(council: Council, ref: str) -> Provider:
    with scoped(writing(council.pk)):
        made: Provider = Provider.objects.create(council=council, ref=ref)
        return made


def problems(batch: Batch) -> list[tuple[str, int | None, str, str]]:
    with scoped(reading(batch.council_id)):
        rows = Problem.objects.filter(batch=batch).order_by("table", "row", "pk")
        return [(one.table, one.row, one.column, one.code) for one in rows]


def written(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        ending = "toml" if name == "contracts" else "csv"
        (folder / f"{name}.{ending}").write_text(text)
    return folder

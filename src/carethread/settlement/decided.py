"""What a run is told of people's decisions: further versions of visits, and what becomes of lines."""

from collections.abc import Iterable
from dataclasses import dataclass

from carethread.engine.records import Period, VisitRow
from carethread.engine.results import Line


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision makes of a line: its key, what is due (null while held), whether it waits."""

    decision: int
    due_pence: int | None
    is_held: bool


def corrected_rows(days: Period | None = None) -> list[VisitRow]:  # noqa: ARG001
    """Return the further versions that decisions give to visits."""
    return []


def effects(lines: Iterable[Line], days: Period | None = None) -> dict[str, Effect]:  # noqa: ARG001
    """Return what decisions make of lines as the pipeline settled them, by line id."""
    return {}

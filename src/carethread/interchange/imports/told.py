"""What is said of a batch's rows, as it is found: verdicts by row, problems in sentences."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carethread.engine.records import Fault, Finding
from carethread.engine.words import Kind
from carethread.formats.marked.rows import PROBLEMS
from carethread.formats.settlement.layouts import Layout
from carethread.interchange.imports.words import NOTED, VERDICTS, Code, Verdict

Rows = NDArray[np.int64]
Places = NDArray[np.int8]
"""A verdict's place in `VERDICTS`, for each row."""


@dataclass(frozen=True, slots=True)
class Told:
    """One problem: `Problem` tells what each is."""

    table: str
    row: int | None
    column: str
    code: Code
    says: str

    @property
    def is_rejected(self) -> bool:
        """Say whether it keeps something out."""
        return self.code not in NOTED


@dataclass(frozen=True, slots=True)
class Days:
    """Days of care that something bears on, both inclusive; last_on is None where there is no end."""

    first_on: date
    last_on: date | None

    def joined(self, other: "Days | None") -> "Days":
        """Return the days from the earlier first to the later last."""
        if other is None:
            return self
        is_open = self.last_on is None or other.last_on is None
        return Days(
            min(self.first_on, other.first_on),
            None if is_open else max(self.last_on, other.last_on),  # type: ignore[type-var]
        )


def days_of(spans: Iterable[tuple[date, date | None]]) -> Days | None:
    """Return the days that hold all spans; None for none."""
    found: Days | None = None
    for first_on, last_on in spans:
        found = Days(first_on, last_on).joined(found)
    return found


@dataclass(slots=True)
class Judged:
    """A table of a batch, judged: a verdict for each of its rows, and what to say.

    rows, places: the rows' numbers and their verdicts, in the order of the file. days: what it would
    change in care; None for nothing.
    """

    table: str
    rows: Rows
    places: Places
    told: list[Told] = field(default_factory=list)
    days: Days | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each verdict."""
        found = np.bincount(self.places, minlength=len(VERDICTS)).tolist()
        return {verdict.value: found[place] for place, verdict in enumerate(VERDICTS)}

    @property
    def brings(self) -> bool:
        """Say whether there is anything to apply."""
        return bool((self.places <= VERDICTS.index(Verdict.CHANGED)).any())


def judged(
    table: str, verdicts: Mapping[int, Verdict], told: Sequence[Told], days: Days | None
) -> Judged:
    """Return a table judged row by row."""
    rows = sorted(verdicts)
    places = [VERDICTS.index(verdicts[row]) for row in rows]
    return Judged(table, np.array(rows, np.int64), np.array(places, np.int8), list(told), days)


def refused(table: str, rows: Iterable[int], told: Sequence[Told]) -> Judged:
    """Return a table none of whose rows is taken, because some are wrong."""
    wrong = len({one.row for one in told if one.is_rejected and one.row is not None})
    say = f"nothing of {table} is taken before everything in it is right"
    if wrong:
        say += f": {wrong} {'row is' if wrong == 1 else 'rows are'} wrong"
    whole = Told(table, None, "", Code.TABLE_REFUSED, say)
    return judged(table, dict.fromkeys(rows, Verdict.REJECTED), [*told, whole], None)


def of_faults(table: str, faults: Iterable[Fault], code: Code = Code.UNREADABLE_ROW) -> list[Told]:
    """Return the faults of reading as problems; what is of no row, or of the header, is the file's."""
    return [
        Told(table, fault.row, fault.column, _of_file(fault.row, code), fault.message)
        for fault in faults
    ]


def _of_file(row: int | None, code: Code) -> Code:
    return Code.UNREADABLE_FILE if row in (None, 1) else code


def of_findings(layout: Layout, findings: Iterable[Finding]) -> Iterator[Told]:
    """Yield the findings of reading as problems."""
    names = {column.name for column in layout.columns}
    for one in findings:
        if one.kind is Kind.UNKNOWN_COLUMN and one.subject == PROBLEMS:
            continue
        column, _, rest = one.message.partition(": ")
        others = {part.partition(": ")[0] for part in rest.split("; ")}
        is_named = column in names and not others & names
        code = _CODES.get(one.kind, Code.UNREADABLE_ROW)
        says = rest if is_named else one.message
        named = column if is_named else one.subject if code is Code.UNKNOWN_COLUMN else ""
        yield Told(layout.table, one.row, named[:100], code, says)


_CODES: Mapping[Kind, Code] = {
    Kind.CLOCK_CHANGE: Code.CLOCK_CHANGE,
    Kind.UNKNOWN_COLUMN: Code.UNKNOWN_COLUMN,
}


def lengths(model: Any) -> dict[str, int]:
    """Return how many signs each text of a model may have."""
    return {
        one.name: one.max_length
        for one in model._meta.concrete_fields  # noqa: SLF001
        if getattr(one, "max_length", None)
    }


def too_long(table: str, row: int, column: str, text: str, most: int) -> Told:
    """Return the problem of a text that has more signs than are kept."""
    say = f"has {len(text)} signs; at most {most} are kept: {text[:30]!r}…"
    return Told(table, row, column, Code.TOO_LONG, say)

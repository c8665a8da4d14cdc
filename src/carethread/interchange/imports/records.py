"""Tables that are small enough for a record a row: merged by key, what a file does not name stays.

Any fault in a council's own file refuses the whole of it; a provider's bad rows are kept out.

Source: settlement §2.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from carethread.audit.actions import record as audited
from carethread.engine.words import Kind
from carethread.formats.settlement.layouts import Layout
from carethread.formats.settlement.reading import TableRead, read_table
from carethread.interchange.imports.given import Given
from carethread.interchange.imports.told import (
    Days,
    Judged,
    Told,
    judged,
    of_faults,
    of_findings,
    refused,
    too_long,
)
from carethread.interchange.imports.words import Code, Verdict
from carethread.interchange.models import Batch
from carethread.people.models import Person
from carethread.providers.models import Contract, Provider

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What a row of a file would do: before and after have the columns that the file says."""

    row: int
    key: Hashable
    verdict: Verdict
    before: Values | None
    after: Values
    record: Any


@dataclass(frozen=True, slots=True)
class Hand:
    """What a write is done with: for which batch, by whom, when."""

    batch: Batch
    by: str
    at: datetime

    @property
    def council(self) -> int:
        """The council's key."""
        return self.batch.council_id

    def providers(self, refs: Iterable[str]) -> dict[str, int]:
        """Return the keys of providers, those that are not there made by their ref."""
        return self._keys(Provider, refs)

    def people(self, refs: Iterable[str]) -> dict[str, int]:
        """Return the keys of people, those that are not there made by their ref."""
        return self._keys(Person, refs)

    def contracts(self, refs: Iterable[str]) -> dict[str, int]:
        """Return the keys of contracts; one that only orders or rates name is not stated."""
        return self._keys(Contract, refs)

    def _keys(self, model: Any, refs: Iterable[str]) -> dict[str, int]:
        there: dict[str, int] = dict(model.objects.values_list("ref", "pk"))
        missing = sorted(set(refs) - set(there))
        if missing:
            made = model.objects.bulk_create(
                [model(council_id=self.council, ref=ref) for ref in missing], batch_size=1_000
            )
            there |= {one.ref: one.pk for one in made}
        return there

    def tell(self, action: str, subject: str, change: Change, *, person_ref: str = "") -> None:
        """Record in the audit what a row changed."""
        audited(
            by=self.by,
            at=self.at,
            action=action,
            subject=subject,
            person_ref=person_ref,
            why=f"import {self.batch.pk}, row {change.row}",
            before=change.before,
            after=change.after,
        )


Write = Callable[[Hand], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """A judged table, and what writes it."""

    judged: Judged
    write: Write


@dataclass(frozen=True, slots=True)
class Opened:
    """A table's file, read: its records, every row's number, and what is wrong."""

    read: TableRead
    rows: frozenset[int]
    told: list[Told]

    @property
    def is_wrong(self) -> bool:
        """Say whether anything is wrong with it."""
        return any(one.is_rejected for one in self.told)


def opened(given: Given, layout: Layout) -> Opened:
    """Read a table's file."""
    table = layout.table
    read = read_table(layout, given.folder, given.progress)
    left_out = given.unpacked.left_out.get(table, set())
    told = [*of_faults(table, read.faults), *of_findings(layout, read.findings)]
    bad = {one.row for one in read.faults if one.row is not None and one.row > 1}
    bad |= {one.row for one in read.findings if one.kind is Kind.BAD_ROW and one.row}
    assert read.rows == len(read.records) + len(bad), "rows read are good or bad"
    rows = frozenset({one.row for one in read.records} | bad | left_out)
    assert len(rows) == read.rows + len(left_out), "every row has a number of its own"
    return Opened(read, rows, told)


def merged(
    records: Iterable[Any],
    key_of: Callable[[Any], Hashable],
    values_of: Callable[[Any], Values],
    existing: Mapping[Any, Values],
) -> Iterator[Change]:
    """Yield what each row would do; a row that says what an earlier one says does nothing."""
    seen: set[Hashable] = set()
    for record in records:
        key, after = key_of(record), values_of(record)
        there = existing.get(key)
        before = None if there is None else {name: there[name] for name in after}
        verdict = Verdict.NEW if before is None else Verdict.CHANGED
        if key in seen or before == after:
            verdict = Verdict.UNCHANGED
        seen.add(key)
        yield Change(record.row, key, verdict, before, after, record)


def settled(
    given: Given, layout: Layout, table: Opened, changes: Sequence[Change], more: Iterable[Told]
) -> tuple[Judged, list[Change]]:
    """Return a table judged, and the changes to write; of a council's file with a fault, nothing."""
    told = [*table.told, *more]
    wrong = {one.row for one in told if one.is_rejected}
    left_out = given.unpacked.left_out.get(layout.table, set())
    if layout.council and (wrong or left_out):
        return refused(layout.table, table.rows, told), []
    verdicts = dict.fromkeys(table.rows, Verdict.REJECTED)
    verdicts |= {one.row: one.verdict for one in changes if one.row not in wrong}
    writes = [
        one for one in changes if one.row not in wrong and one.verdict in (Verdict.NEW, Verdict.CHANGED)
    ]
    return judged(layout.table, verdicts, told, None), writes


def long_texts(
    table: str, changes: Iterable[Change], most: Mapping[str, int], theirs: Mapping[str, str]
) -> Iterator[Told]:
    """Yield texts with more signs than the books keep; theirs: our column -> the file's."""
    for change in changes:
        for name, value in change.after.items():
            if isinstance(value, str) and len(value) > most.get(name, len(value)):
                yield too_long(table, change.row, theirs.get(name, name), value, most[name])


def with_days(found: Judged, days: Days | None) -> Judged:
    """Return a judged table with the days of care that it bears on."""
    found.days = days
    return found


def problem(table: str, row: int, column: str, code: Code, say: str) -> Told:
    """Return what is wrong with one cell."""
    return Told(table, row, column, code, say)

"""A settlement in columns, from the tables of a folder to the published columns, chunk by chunk.

The order of work is the reference's; persons are settled in ranges, which `each` may do at once.

Source: settlement §2 to §7.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit

from carethread.engine.columns import attend, invoices, publish, says, settle
from carethread.engine.columns import lines as table
from carethread.engine.columns.arrays import NONE, Coded, Ints, Texts
from carethread.engine.columns.book import Orders, Visits
from carethread.engine.columns.build import Each, build
from carethread.engine.columns.clock import local_day
from carethread.engine.columns.found import Found, finding_columns, noted, recorded
from carethread.engine.columns.given import Tables
from carethread.engine.columns.index import Index
from carethread.engine.columns.publish import Chunk, Columns
from carethread.engine.columns.rota import days_to_date
from carethread.engine.columns.texts import gather, joined, text_order
from carethread.engine.columns.totals import Sums
from carethread.engine.records import Period
from carethread.engine.reference.tables import VisitRowsDoNotAddUp
from carethread.engine.results import Digest, Summary
from carethread.engine.words import Kind, Severity, Verdict

Progress = Callable[[str, int, int], None]
CHUNK = 60_000
"""About how many visits and slots are settled at once: few enough to stay in the processor's cache."""


@njit(cache=True, nogil=True)
def _ends(orders: Orders, visits: Visits, size: int) -> Ints:
    """Return where to cut persons so that each range has about `size` visits."""
    persons = len(visits.begin) - 1
    ends = np.empty(persons + 1, np.int32)
    count, weight = 0, 0
    for person in range(persons):
        weight += visits.begin[person + 1] - visits.begin[person]
        weight += 8 * (orders.begin[person + 1] - orders.begin[person])
        if weight >= size or person == persons - 1:
            ends[count] = person + 1
            count += 1
            weight = 0
    return ends[:count]


class Run:
    """A settlement under way: take all of `parts`, then `tables` and `digest`."""

    def __init__(
        self, tables: Tables, period: Period, each: Each = map, witnesses: Collection[str] = ()
    ) -> None:
        """Lay the tables out person by person, join log-ins, look for workers in two places.

        witnesses: persons, all before or behind the others, who are settled for what their visits say
        about those of others; nothing of theirs is published. Their rows have negative numbers.

        Raises:
            NeedsReference, CannotBeTabled: if only the reference can settle this folder.
        """
        self._tables, self._each = tables, each
        self.book = build(tables, period, each)
        book = self.book
        self._own = _without(book.codes["persons"], witnesses)
        cuts = {0, self._own.start, self._own.stop, *_ends(book.orders, book.visits, CHUNK).tolist()}
        self.ranges = [range(*pair) for pair in pairwise(sorted(cuts))]
        self._names = sorted({*tables.files.values(), *(one.file for one in tables.findings)})
        self._files = {name: self._names.index(name) for name in self._names}
        self._files |= {table: self._files[name] for table, name in tables.files.items()}
        self._found: list[Found] = []
        self._note(book.found)
        self._invoices, _ = each(
            lambda work: work(), (partial(invoices.invoices_of, book, tables), self._attend)
        )
        self._reconciled: list[invoices.Reconciled] = []
        self._sums = Sums(len(book.names.providers), book.frame)
        self._weeks: list[Ints] = []
        self._unclaimed: list[tuple[Texts, np.ndarray]] = []

    def _attend(self) -> None:
        """Join log-ins, and look for workers in two places."""
        book = self.book
        rest = book.visits, book.orders, book.rota, book.frame, book.attended
        for part in self.ranges:
            self._note(attend.attend(*rest, part.start, part.stop))
        workers = len(book.names.workers)
        theirs = attend.by_worker(book.visits, book.attended, workers)
        attend.find_overlaps(book.visits, book.visit_person, book.attended, *theirs, 0, workers)

    def _note(self, found: Ints) -> None:
        """Note what was found of visits that take no part."""
        book = self.book
        np.add.at(book.told, found[:, says.VISIT], 1)
        own = found[book.visit_row[found[:, says.VISIT]] > 0]
        self._found.append(noted(book, own, None, self._files))

    def parts(self, progress: Progress) -> Iterator[tuple[Columns, Columns]]:
        """Yield the columns of lines and of workings, some persons at a time, in published order."""
        own = [part for part in self.ranges if self._own.start <= part.start < self._own.stop]
        rest = [part for part in self.ranges if part not in own]
        for _ in self._each(self._settle, rest):
            pass
        for done, settled in enumerate(self._each(self._settle_own, own)):
            progress("Settling", done, len(own))
            chunk, lines, workings, found, reconciled = settled
            self._found.append(found)
            self._sums.add(chunk)
            self._weeks.append(chunk.weeks)
            self._reconciled.append(reconciled)
            self._keep_unclaimed(chunk, reconciled.covered)
            yield lines, workings

    def _settle(self, part: range) -> Chunk:
        book = self.book
        tables = book.orders, book.rota, book.absences, book.visits, book.attended, book.tariff
        settled = settle.settle(*tables, book.frame, part.start, part.stop, book.told)
        chunk = publish.chunk_of(book, settled)
        visits = chunk[table.VISIT]
        book.on_line[visits[visits >= 0]] = 1
        return chunk

    def _settle_own(self, part: range) -> tuple[Chunk, Columns, Columns, Found, invoices.Reconciled]:
        chunk = self._settle(part)
        found = noted(self.book, chunk.found, chunk.line_id, self._files)
        reconciled = invoices.reconcile(self.book, self._invoices, self._tables, chunk, part)
        columns = publish.line_columns(chunk), publish.working_columns(chunk)
        return chunk, *columns, found, reconciled

    def _keep_unclaimed(self, chunk: Chunk, covered: np.ndarray) -> None:
        pence, held = chunk.pence[0], chunk[table.HELD]
        places = np.flatnonzero((pence != NONE) & (pence != 0) & (held == 0) & (covered == 0))
        self._unclaimed.append((gather(chunk.line_id, places), pence[places]))

    def tables(self) -> dict[str, Columns]:
        """Return the columns of all other tables.

        Raises:
            VisitRowsDoNotAddUp: if a visit row were lost or counted twice (a defect of carethread).
        """
        book, inputs = self.book, self._tables
        wrong = np.flatnonzero(book.told != 1)
        if len(wrong):
            rows = sorted(book.visit_row[wrong].tolist())
            message = f"visit rows not accounted for exactly once: {rows[:10]} ({len(rows)} in all)"
            raise VisitRowsDoNotAddUp(message)
        nothing = publish.chunk_of(book, _nothing())
        strays = invoices.reconcile_strays(book, self._invoices, inputs, nothing)
        of_own = [one for one in book.findings if one.row is None or one.row > 0]
        loose = recorded([*inputs.findings, *of_own], self._files)
        findings, of_invoices = self._each(
            lambda work: work(),
            (
                lambda: finding_columns([*self._found, loose], self._names),
                lambda: invoices.invoice_tables(self._invoices, [*self._reconciled, strays]),
            ),
        )
        made: dict[str, Columns] = {
            "findings": findings,
            "summary": self._sums.summary(book.names.providers),
            "weekly": self._weekly(),
            **of_invoices,
            "unclaimed": self._unclaimed_table(),
        }
        self._made = made
        return made

    def _weekly(self) -> Columns:
        weeks = np.concatenate([np.empty((0, 4), np.int32), *self._weeks])
        weeks = weeks[np.lexsort((weeks[:, 1], weeks[:, 0]))]
        return {
            "order_id": Coded(weeks[:, 0].copy(), self.book.names.orders),
            "week_starting": weeks[:, 1].copy(),
            "allowance_minutes": weeks[:, 2].copy(),
            "payable_minutes": weeks[:, 3].copy(),
            "unused_minutes": weeks[:, 2] - weeks[:, 3],
        }

    def _unclaimed_table(self) -> Columns:
        ids = joined(texts for texts, _ in self._unclaimed)
        pence = np.concatenate([np.empty(0, np.int64), *(pence for _, pence in self._unclaimed)])
        order = text_order(ids)
        return {"line_id": gather(ids, order), "amount_pence": pence[order]}

    def digest(self) -> Digest:
        """Return the settlement in a few figures; after `tables`."""
        made, book = self._made, self.book
        weekly, lines = made["weekly"], made["invoice_lines"]
        came = book.visits.check_in[book.visits.check_in != NONE]
        return Digest(
            period=book.period,
            totals=self._sums.totals(),
            weeks=_summaries(made["summary"]),
            weekly=(int(weekly["allowance_minutes"].sum()), int(weekly["payable_minutes"].sum()))
            if len(weekly["week_starting"])
            else None,
            findings=_counted(made["findings"]),
            verdicts=_words(lines["verdict"].codes, list(Verdict)),
            claimed_pence=int(lines["claimed_pence"].sum()),
            agreed_pence=int(lines["agreed_pence"].sum()),
            unclaimed_lines=len(made["unclaimed"]["amount_pence"]),
            unclaimed_pence=int(made["unclaimed"]["amount_pence"].sum()),
            has_visit=bool(book.on_line.any()),
            visits_from=_day(came.min()) if len(came) else None,
            visits_to=_day(came.max()) if len(came) else None,
        )


def _without(persons: Index, witnesses: Collection[str]) -> range:
    """Return the persons between those who are witnesses."""
    own = np.ones(len(persons), np.bool_)
    own[persons.known(Texts.of(witnesses))] = False
    first, end = (int(own.argmax()), len(own) - int(own[::-1].argmax())) if own.any() else (0, 0)
    if not own[first:end].all():
        message = "a witness stands among the persons of a bucket"
        raise ValueError(message)
    return range(first, end)


def _day(instant: int) -> date:
    return days_to_date(int(local_day(instant)))


def _nothing() -> tuple[Ints, np.ndarray, Ints, Ints]:
    """Return what `settle` gives where there is nobody."""
    return (
        np.empty((len(table.COLUMNS), 0), np.int32),
        np.empty((2, 0), np.int64),
        np.empty((0, says.WIDTH), np.int32),
        np.empty((0, 4), np.int32),
    )


def _words(codes: Ints, words: list[Any]) -> Mapping[Any, int]:
    counts = np.bincount(codes, minlength=len(words)).tolist()
    return {word: count for word, count in zip(words, counts, strict=True) if count}


def _counted(findings: Columns) -> Mapping[tuple[Severity, Kind], int]:
    severities, kinds = list(Severity), list(Kind)
    pairs = zip(findings["severity"].codes.tolist(), findings["kind"].codes.tolist(), strict=True)
    return Counter((severities[severity], kinds[kind]) for severity, kind in pairs)


def _summaries(columns: Columns) -> list[Summary]:
    names = [name for name in columns if name not in ("provider_id", "week_starting")]
    providers = columns["provider_id"].vocabulary.to_list()
    rows = zip(*(columns[name].tolist() for name in names), strict=True)
    return [
        Summary(providers[code], days_to_date(week), **dict(zip(names, row, strict=True)))
        for code, week, row in zip(
            columns["provider_id"].codes.tolist(),
            columns["week_starting"].tolist(),
            rows,
            strict=True,
        )
    ]

"""The same persons settled under two sets of terms, in columns: sums, and the lines that change most.

Matching asks nothing of the terms (but which of two carers stands first), so both settlements have
the same lines in the same order; that is checked.

Source: settlement §4 and §5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from carethread.engine import changes
from carethread.engine.changes import Comparison, LineChange
from carethread.engine.columns import lines, settle
from carethread.engine.columns.arrays import NONE, Coded, Ints, Longs, Texts
from carethread.engine.columns.book import Frame
from carethread.engine.columns.build import Book
from carethread.engine.columns.clock import monday_of
from carethread.engine.columns.compiled import compiled
from carethread.engine.columns.publish import Chunk, chunk_of, line_columns
from carethread.engine.columns.rota import days_to_date
from carethread.engine.columns.tariff import compile_tariff
from carethread.engine.columns.texts import gather, joined, text_order
from carethread.engine.records import Contract, RateRow, Settings
from carethread.engine.reference.tables import VisitRowsDoNotAddUp
from carethread.engine.words import Outcome, Reason

MOST_LINES = 1000
"""How many of the lines that change are kept."""
_MINUTES, _AMOUNT, _HELD, _LINES, _HELD_LINES, _UNPRICED = range(len(changes.MEASURES))
_BAND_ENDS = np.array(changes.BAND_ENDS, np.int64)
_Settled = tuple[Ints, Longs, Ints, Ints]
"""What `settle` gives: the table of lines, their pence, findings, weeks."""
_DIFFERENT = "the visits do not have the same lines under both terms"


def under(
    book: Book, contracts: Iterable[Contract], rates: Iterable[RateRow], settings: Settings
) -> Book:
    """Return the same book under other contracts and holidays; it shares everything else.

    Raises:
        CannotBeTabled: if the terms do not fit the tables.
    """
    orders, ids = book.orders, book.names.contracts.to_list()
    services = book.names.services.to_list()
    _, first = np.unique(orders.family, return_index=True)
    families = [(ids[orders.contract[place]], services[orders.service[place]]) for place in first]
    tariff, said = compile_tariff(contracts, rates, settings, ids, families, book.period)
    return replace(book, tariff=tariff, names=replace(book.names, tariff=said))


@compiled
def _is_same_line(now: Ints, then: Ints, line: int) -> bool:
    for column in (lines.PERSON, lines.PROVIDER, lines.SLOT, lines.AGREED):
        if now[column, line] != then[column, line]:
            return False
    column = lines.VISIT if now[lines.SLOT, line] == NONE else lines.ORDER
    is_same: bool = now[column, line] == then[column, line]
    return is_same


@compiled
def _add(table: Ints, pence: Longs, line: int, sums: Longs, of_provider: Longs) -> int:
    """Add a line to the sums of all lines and of its provider; return what it pays."""
    amount: int = pence[0, line]
    sums[_LINES] += 1
    if table[lines.HELD, line]:
        sums[_HELD_LINES] += 1
        if amount == NONE:
            sums[_UNPRICED] += 1
        else:
            sums[_HELD] += amount
            of_provider[_HELD] += amount
        return 0
    sums[_MINUTES] += table[lines.PAYABLE, line]
    of_provider[_MINUTES] += table[lines.PAYABLE, line]
    sums[_AMOUNT] += amount
    of_provider[_AMOUNT] += amount
    return amount


@compiled
def _compare(
    now: Ints,
    now_pence: Longs,
    then: Ints,
    then_pence: Longs,
    weeks: Ints,
    owner: Ints,
    frame: Frame,
    first_person: int,
    persons: int,
    providers: int,
) -> tuple[Longs, Longs, Longs, Longs, Longs]:
    """Return sums, each for now and then: of all lines, providers, bands; and counts.

    The counts: lines that are not the same, lines that pay another amount, delivered visits.
    """
    first_monday = monday_of(frame.first)
    span = (monday_of(frame.last) - first_monday) // 7 + 1
    sums = np.zeros((2, 6), np.int64)
    of_providers = np.zeros((providers, 2, 3), np.int64)
    is_there = np.zeros(providers, np.int64)
    bands = np.zeros((len(_BAND_ENDS) + 1, 3), np.int64)
    counts = np.zeros(3, np.int64)
    paid = np.zeros((persons, 2), np.int64)
    planned = np.zeros(persons, np.int64)
    is_known = np.zeros(persons, np.int8)
    has_plan = np.zeros((persons, span), np.int8)
    for line in range(now.shape[1]):
        counts[0] += not _is_same_line(now, then, line)
        person, provider = now[lines.PERSON, line] - first_person, now[lines.PROVIDER, line]
        is_there[provider] = 1
        is_known[person] = 1
        before = _add(now, now_pence, line, sums[0], of_providers[provider, 0])
        after = _add(then, then_pence, line, sums[1], of_providers[provider, 1])
        paid[person, 0] += before
        paid[person, 1] += after
        counts[1] += before != after
        counts[2] += now[lines.ATTENDED, line]
        if now[lines.PLANNED_MINUTES, line] != NONE:
            planned[person] += now[lines.PLANNED_MINUTES, line]
            has_plan[person, (monday_of(now[lines.SERVICE_ON, line]) - first_monday) // 7] = 1
    for row in range(len(weeks)):
        person = owner[weeks[row, 0]] - first_person
        planned[person] += weeks[row, 2]
        has_plan[person, (weeks[row, 1] - first_monday) // 7] = 1
        is_known[person] = 1
    for person in range(persons):
        if not is_known[person]:
            continue
        days = 0
        for week in range(span):
            if has_plan[person, week]:
                monday = first_monday + 7 * week
                days += min(monday + 6, frame.last) - max(monday, frame.first) + 1
        band = 0
        while days and band < len(_BAND_ENDS) and planned[person] * 7 >= _BAND_ENDS[band] * days:
            band += 1
        bands[band, 0] += 1
        bands[band, 1] += paid[person, 0]
        bands[band, 2] += paid[person, 1]
    return sums, of_providers, is_there, bands, counts


@dataclass(frozen=True)
class Part:
    """Some persons' sums, and those of their lines that change most."""

    sums: Sequence[Longs]
    most: tuple[Chunk, Chunk]


class Comparing:
    """A comparison under way: `add` the `part` of each range of persons, then ask for the `result`."""

    def __init__(self, book: Book, other: Book) -> None:
        """Start at nothing. `book` has its visits joined; `other` is the same under other terms."""
        self._books = book, other
        self._told = book.told.copy(), book.told.copy()
        persons = np.repeat(np.arange(book.persons, dtype=np.int32), np.diff(book.orders.begin))
        self._owner = np.zeros(len(book.names.orders), np.int32)
        self._owner[book.orders.code] = persons
        part = self.part(range(0))
        self._sums, self._most = part.sums, part.most

    def part(self, part: range) -> Part:
        """Return a range of persons under both terms; ranges may be asked for at once.

        Raises:
            VisitRowsDoNotAddUp: if the terms changed which lines there are (a defect of carethread).
        """
        (now, then), book = self._settled(part), self._books[0]
        if now[0].shape != then[0].shape:
            raise VisitRowsDoNotAddUp(_DIFFERENT)
        sums = _compare(
            *(now[0], now[1], then[0], then[1], now[3], self._owner, book.frame),
            *(part.start, len(part), len(book.names.providers)),
        )
        if sums[-1][0]:
            raise VisitRowsDoNotAddUp(_DIFFERENT)
        places = _changing(now, then)
        chunks = [
            chunk_of(one, (table[:, places], pence[:, places], found[:0], weeks[:0]))
            for one, (table, pence, found, weeks) in zip(self._books, (now, then), strict=True)
        ]
        return Part(sums, _first(chunks[0], chunks[1]))

    def _settled(self, part: range) -> list[_Settled]:
        return [
            settle.settle(
                *(book.orders, book.rota, book.absences, book.visits, book.attended, book.tariff),
                *(book.frame, part.start, part.stop, told),
            )
            for book, told in zip(self._books, self._told, strict=True)
        ]

    def add(self, part: Part) -> None:
        """Add a range's part."""
        self._sums = [one + other for one, other in zip(self._sums, part.sums, strict=True)]
        now, then = (_together(pair) for pair in zip(self._most, part.most, strict=True))
        self._most = _first(now, then)

    def result(self) -> Comparison:
        """Return the comparison.

        Raises:
            VisitRowsDoNotAddUp: if a visit row were lost or counted twice (a defect of carethread).
        """
        if any((told != 1).any() for told in self._told):
            message = "visit rows not accounted for exactly once under both terms"
            raise VisitRowsDoNotAddUp(message)
        sums, of_providers, is_there, bands, counts = self._sums
        names = self._books[0].names.providers
        return Comparison(
            period=self._books[0].period,
            visits=int(counts[2]),
            changed=int(counts[1]),
            measures=[
                changes.measure(name, now, then)
                for name, now, then in zip(changes.MEASURES, *sums.tolist(), strict=True)
            ],
            providers=[
                _provider(names[place], *of_providers[place].tolist())
                for place in np.flatnonzero(is_there).tolist()
            ],
            bands=[
                changes.BandChange(name, persons, now, then, then - now, changes.percent(now, then))
                for name, (persons, now, then) in zip(changes.HOURS_A_WEEK, bands.tolist(), strict=True)
            ],
            lines=_changes(*self._most),
        )


def _payable(table: Ints, pence: Longs) -> Longs:
    """Return what each line pays: nothing while it is held."""
    return np.where(table[lines.HELD] == 0, pence[0], 0)


def _changing(now: _Settled, then: _Settled) -> Longs:
    """Return the places of the lines that may be among those that change most."""
    size = np.abs(_payable(*then[:2]) - _payable(*now[:2]))
    places = np.flatnonzero(size)
    if len(places) > MOST_LINES:
        last = len(places) - MOST_LINES
        places = places[size[places] >= np.partition(size[places], last)[last]]
    return places


def _first(now: Chunk, then: Chunk) -> tuple[Chunk, Chunk]:
    """Return the lines that change most, most first, those that change alike by line id."""
    size = np.abs(_payable(then.table, then.pence) - _payable(now.table, now.pence))
    rank = np.empty(len(size), np.int64)
    rank[text_order(now.line_id)] = np.arange(len(size))
    order = np.lexsort((rank, -size))[:MOST_LINES]
    return _taken(now, order), _taken(then, order)


def _taken(chunk: Chunk, places: Longs) -> Chunk:
    return replace(
        chunk,
        table=chunk.table[:, places],
        pence=chunk.pence[:, places],
        line_id=gather(chunk.line_id, places),
    )


def _together(pair: tuple[Chunk, Chunk]) -> Chunk:
    return replace(
        pair[0],
        table=np.concatenate([one.table for one in pair], axis=1),
        pence=np.concatenate([one.pence for one in pair], axis=1),
        line_id=joined(one.line_id for one in pair),
    )


def _provider(name: str, now: Sequence[int], then: Sequence[int]) -> changes.ProviderChange:
    return changes.ProviderChange(
        provider_id=name,
        amount_pence_now=now[_AMOUNT],
        amount_pence_then=then[_AMOUNT],
        amount_pence_difference=then[_AMOUNT] - now[_AMOUNT],
        amount_percent=changes.percent(now[_AMOUNT], then[_AMOUNT]),
        payable_minutes_now=now[_MINUTES],
        payable_minutes_then=then[_MINUTES],
        payable_minutes_difference=then[_MINUTES] - now[_MINUTES],
        payable_minutes_percent=changes.percent(now[_MINUTES], then[_MINUTES]),
        held_pence_now=now[_HELD],
        held_pence_then=then[_HELD],
    )


def _changes(now: Chunk, then: Chunk) -> list[LineChange]:
    before, after = line_columns(now), line_columns(then)
    made = []
    for place, line_id in enumerate(now.line_id.to_list()):
        (paid, held), (paid_then, held_then) = _money(now, place), _money(then, place)
        made.append(
            LineChange(
                line_id=line_id,
                person_id=_text(before["person_id"], place),
                provider_id=_text(before["provider_id"], place),
                service=_text(before["service"], place),
                order_id=_text(before["order_id"], place),
                service_on=days_to_date(int(now[lines.SERVICE_ON][place])),
                outcome=Outcome(_text(before["outcome"], place)),
                amount_pence_now=paid,
                amount_pence_then=paid_then,
                amount_pence_difference=paid_then - paid,
                held_pence_now=held,
                held_pence_then=held_then,
                payable_minutes_now=_number(before["payable_minutes"], place),
                payable_minutes_then=_number(after["payable_minutes"], place),
                reasons_now=_reasons(before, place),
                reasons_then=_reasons(after, place),
            )
        )
    return made


def _money(chunk: Chunk, place: int) -> tuple[int, int | None]:
    """Return what a line pays, and what is held of it."""
    pence = _number(chunk.pence[0], place)
    return (0, pence) if chunk[lines.HELD][place] else (pence or 0, 0)


def _number(column: Longs, place: int) -> int | None:
    return None if column[place] == NONE else int(column[place])


def _text(column: Coded | Texts, place: int) -> str:
    if isinstance(column, Texts):
        return column[place]
    return column.vocabulary[column.codes[place]] if column.codes[place] >= 0 else ""


def _reasons(columns: Any, place: int) -> tuple[Reason, ...]:
    return tuple(Reason(word) for word in _text(columns["reasons"], place).split(";") if word)

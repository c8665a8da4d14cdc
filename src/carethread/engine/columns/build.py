"""From input tables in columns to the book that compiled code settles, person by person."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from carethread.engine import words
from carethread.engine.columns import says, versions
from carethread.engine.columns.arrays import NONE, Coded, Ints, Texts
from carethread.engine.columns.book import Absences, Attended, Frame, Orders, Rota, Visits
from carethread.engine.columns.given import Table, Tables, dates_of, numbers_of
from carethread.engine.columns.index import Index
from carethread.engine.columns.rota import rota_of
from carethread.engine.columns.tariff import (
    MOST,
    Tariff,
    TariffWords,
    compile_tariff,
    days_since,
)
from carethread.engine.columns.texts import (
    at_places,
    first_of_equals,
    in_order,
    joined,
    text_order,
    with_sign,
)
from carethread.engine.records import Finding, Period, Suspension
from carethread.engine.reference.visits import conflict

Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
"""Does a thing to each of many, gives the results in order: `map`, or one that does some at once."""


class NeedsReference(Exception):
    """The folder holds something that only the reference settles."""


@dataclass(frozen=True)
class Names:
    """What the codes of a book stand for. `orders` are the order ids, `lines` the visit ids."""

    persons: Texts
    providers: Texts
    services: Texts
    contracts: Texts
    orders: Texts
    workers: Texts
    reasons: Texts
    visits: Texts
    tariff: TariffWords


@dataclass(frozen=True)
class Book:
    """Everything a settlement needs, person by person."""

    period: Period
    orders: Orders
    rota: Rota
    absences: Absences
    visits: Visits
    attended: Attended
    tariff: Tariff
    frame: Frame
    names: Names
    visit_row: Ints
    visit_person: Ints
    told: np.ndarray
    on_line: np.ndarray
    found: Ints
    findings: list[Finding]
    codes: Mapping[str, Index]

    @property
    def persons(self) -> int:
        """How many persons there are."""
        return len(self.orders.begin) - 1


def _unify(*columns: Coded) -> tuple[Index, list[Ints]]:
    """Return one vocabulary for columns, in order of its texts, and the columns' codes in it."""
    every, places = in_order(joined(column.vocabulary for column in columns))
    codes, first = [], 0
    for column in columns:
        end = first + len(column.vocabulary)
        codes.append(np.append(places[first:end], np.int32(-1))[column.codes])
        first = end
    return Index(every), codes


@njit(cache=True, nogil=True)
def _stable_order(persons: Ints, count: int) -> tuple[Ints, Ints]:
    """Return the order that sorts rows by person and keeps the file's order, and where each begins."""
    begin = np.zeros(count + 1, np.int32)
    for person in persons:
        begin[person + 1] += 1
    for person in range(count):
        begin[person + 1] += begin[person]
    at = begin[:-1].copy()
    order = np.empty(len(persons), np.int32)
    for row in range(len(persons)):
        order[at[persons[row]]] = row
        at[persons[row]] += 1
    return order, begin


def build(tables: Tables, period: Period, each: Each = map) -> Book:
    """Return the book of a folder.

    Raises:
        NeedsReference: if the folder holds ids that make line ids of different orders alike.
        CannotBeTabled: if the terms do not fit the tables.
    """
    orders, visits, invoices = tables.orders, tables.visits, tables.invoices
    suspended = Coded.of([row.person_id for row in tables.suspensions])
    persons, (of_orders, of_visits, *_) = _unify(
        *(table["person_id"] for table in (orders, visits, invoices)), suspended
    )
    providers, provider = _unify(*(table["provider_id"] for table in (orders, visits, invoices)))
    services, service = _unify(*(table["service"] for table in (orders, visits, invoices)))
    contracts, (contract,) = _unify(orders["contract_id"])
    ids, code = in_order(orders["order_id"])
    order_ids = Index(ids)
    if (ids.data == _BAR).any() or order_ids.places(Texts.of(["visit"]))[0] >= 0:
        raise NeedsReference

    by = np.lexsort((orders["starts_on"], code, of_orders)).astype(np.int32)
    begin = np.searchsorted(of_orders[by], np.arange(len(persons) + 1)).astype(np.int32)
    families, family = _families(contract, service[0])
    ties, visit_tie = _ties(ids)
    names_of = contracts.texts.to_list(), services.texts.to_list()
    tariff, tariff_words = compile_tariff(
        tables.contracts,
        tables.rates,
        tables.settings,
        names_of[0],
        [(names_of[0][c], names_of[1][s]) for c, s in families],
        period,
    )

    def by_person(column: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(column[by])

    ends = orders["ends_on"]
    versions_of = Orders(
        begin=begin,
        code=by_person(code),
        provider=by_person(provider[0]),
        service=by_person(service[0]),
        contract=by_person(contract),
        family=by_person(family),
        starts=by_person(orders["starts_on"]),
        ends=by_person(np.where(ends == NONE, MOST, ends).astype(np.int32)),
        weekly=by_person((orders["basis"] == 1).astype(np.int8)),
        days=by_person(orders["days"].astype(np.int32)),
        start_minute=by_person(orders["start_time"]),
        minutes=by_person(orders["minutes"]),
        carers=by_person(orders["carers"]),
        critical=by_person(orders["time_critical"].astype(np.int8)),
        weekly_minutes=by_person(orders["weekly_minutes"]),
        row=by_person(orders["numbers"]),
        tie=by_person(ties[code]),
    )
    rota, rota_findings = rota_of(tables.rota, versions_of, order_ids)
    frame = Frame(
        first=days_since(period.first_on),
        last=days_since(period.last_on),
        window=tables.settings.window_minutes,
        gap=tables.settings.join_gap_minutes,
        critical=tables.settings.time_critical_minutes,
        visit_tie=visit_tie,
        with_plan_pence=int(len(invoices["numbers"]) > 0),
    )
    sorted_visits = _visits(visits, of_visits, provider[1], service[1], len(persons), each)
    return Book(
        period=period,
        orders=versions_of,
        rota=rota,
        absences=_absences(tables.suspensions, persons, order_ids),
        visits=sorted_visits.visits,
        attended=_attended(len(of_visits)),
        tariff=tariff,
        frame=frame,
        names=Names(
            persons.texts,
            providers.texts,
            services.texts,
            contracts.texts,
            ids,
            visits["worker_id"].vocabulary,
            visits["reason_code"].vocabulary,
            visits["visit_id"],
            tariff_words,
        ),
        visit_row=sorted_visits.row,
        visit_person=sorted_visits.person,
        told=sorted_visits.told,
        on_line=np.zeros(len(of_visits), np.int8),
        found=sorted_visits.found,
        findings=[*rota_findings, *sorted_visits.findings],
        codes={
            "persons": persons,
            "providers": providers,
            "services": services,
            "orders": order_ids,
        },
    )


def _families(contract: Ints, service: Ints) -> tuple[list[tuple[int, int]], Ints]:
    """Return the pairs of contract and service in use, and each order version's."""
    if not len(contract):
        return [], contract
    width = int(service.max()) + 1
    pairs, family = np.unique(contract.astype(np.int64) * width + service, return_inverse=True)
    return [(int(pair) // width, int(pair) % width) for pair in pairs], family.astype(np.int32)


def _ties(order_ids: Texts) -> tuple[Ints, int]:
    """Return how line ids that begin with order ids compare, and where `visit|` stands among them."""
    begins = Texts(*with_sign(order_ids.offsets, order_ids.data, _BAR))
    order = text_order(begins)
    before = bisect_left(order, "visit|", key=begins.__getitem__)
    ties = np.empty(len(order), np.int32)
    ties[order] = np.arange(len(order), dtype=np.int32)
    return ties + (ties >= before).astype(np.int32), before


_BAR = ord("|")


def _absences(rows: Sequence[Suspension], persons: Index, order_ids: Index) -> Absences:
    person = persons.known(Texts.of(row.person_id for row in rows))
    by, begin = _stable_order(person, len(persons))
    rows = [rows[place] for place in by]
    named = [place for place, row in enumerate(rows) if row.order_id]
    order = np.full(len(rows), -1, np.int32)
    order[named] = order_ids.known(Texts.of(rows[place].order_id or "" for place in named))
    reasons = list(words.Absence)

    def or_open(values: Sequence[int | None]) -> Ints:
        return np.array([MOST if value is None else value for value in values], np.int32)

    return Absences(
        begin=begin,
        order=order,
        from_on=dates_of([row.from_on for row in rows]),
        to_on=or_open([days_since(row.to_on) if row.to_on else None for row in rows]),
        starts=numbers_of([row.starts_at for row in rows]),
        ends=or_open([row.ends_at for row in rows]),
        reason=np.array([reasons.index(row.reason) for row in rows], np.int8),
        told=numbers_of([row.told_at for row in rows]),
    )


@dataclass(frozen=True)
class _SortedVisits:
    visits: Visits
    row: Ints
    person: Ints
    told: np.ndarray
    found: Ints
    findings: list[Finding]


_SAID = (
    *("status", "check_in", "check_out", "planned_start", "cancelled_by", "notified_at"),
    *("in_method", "out_method"),
)


def _visits(
    table: Table, person: Ints, provider: Ints, service: Ints, persons: int, each: Each
) -> _SortedVisits:
    """Settle versions over the whole folder, and sort the visits by person."""
    ids: Texts = table["visit_id"]
    worker, reason = table["worker_id"].codes, table["reason_code"].codes
    state = np.zeros(len(ids), np.int8)
    (together, begin), (by, first) = each(
        lambda work: work(),
        (
            lambda: versions.groups_of(first_of_equals(ids.offsets, ids.data)),
            lambda: _stable_order(person, persons),
        ),
    )
    said = [person, provider, service, worker, reason, *(table[name] for name in _SAID)]
    contents = np.array([column[together] for column in said], np.int32).reshape(len(said), -1)
    among = np.arange(len(together), dtype=np.int32)
    among_state = np.zeros(len(together), np.int8)
    noted, conflicts = versions.current_versions(
        among, begin, table["sequence"][together], contents, among_state
    )
    state[together] = among_state
    noted[:, says.VISIT] = together[noted[:, says.VISIT]]
    told = np.zeros(len(ids), np.int8)
    findings = []
    for one in np.flatnonzero(conflicts):
        rows = together[begin[one] : begin[one + 1]]
        told[rows] += 1
        names = table["provider_id"].vocabulary
        using = {names[table["provider_id"].codes[row]] for row in rows}
        findings += conflict(
            ids[int(rows[0])],
            int(table["sequence"][rows].max()),
            using,
            [int(table["numbers"][row]) for row in rows],
        )
    place = np.empty(len(by), np.int32)
    place[by] = np.arange(len(by), dtype=np.int32)
    noted[:, says.VISIT] = place[noted[:, says.VISIT]]
    columns = {
        "person": person,
        "provider": provider,
        "worker": worker,
        "service": service,
        **{name: table[name] for name in (*_SAID, "numbers")},
        "reason": reason,
        "state": state,
        "told": told,
    }
    rows = each(lambda column: at_places(column, by, 0), columns.values())
    sorted_columns = dict(zip(columns, rows, strict=True))
    person, row, told = (sorted_columns.pop(name) for name in ("person", "numbers", "told"))
    visits = Visits(begin=first, text=by, offsets=ids.offsets, data=ids.data, **sorted_columns)
    return _SortedVisits(visits, row, person, told, noted, findings)


def _attended(rows: int) -> Attended:
    def ints() -> Ints:
        return np.empty(rows, np.int32)

    return Attended(
        head=ints(),
        next_part=ints(),
        out=ints(),
        out_method=np.empty(rows, np.int8),
        reason=ints(),
        own=ints(),
        log_ins=ints(),
        heads=ints(),
        overlap=ints(),
    )

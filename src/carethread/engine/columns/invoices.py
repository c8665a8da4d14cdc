"""A folder's invoice rows: which visits and orders they name, and the tables they are published in.

Source: settlement §7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from carethread.engine.columns import claim_tables, claims, lines
from carethread.engine.columns.arrays import Bytes, Coded, Ints, Longs, Marks, Pair, Texts
from carethread.engine.columns.book import Orders
from carethread.engine.columns.build import Book
from carethread.engine.columns.compiled import compiled
from carethread.engine.columns.given import Tables
from carethread.engine.columns.index import Index
from carethread.engine.columns.publish import Chunk
from carethread.engine.columns.texts import (
    copy_text,
    gather,
    in_order,
    is_same,
    joined,
    numbered_texts,
    places_of,
    text_order,
    width,
    write_number,
)
from carethread.engine.words import Cause, Verdict

VERDICTS = Texts.of(list(Verdict))


@dataclass(frozen=True)
class Invoices:
    """Invoice rows by person, as `claim_tables.Rows` has them, and what they are called.

    place: per sorted row, its place in the file's table. begin: per person. visit: the place of the
    visit row the id stands for now, before joining; another person's rows are `stray`.
    """

    person: Ints
    provider: Ints
    service: Ints
    order: Ints
    visit: Ints
    visit_id: Ints
    stray: Marks
    from_on: Ints
    to_on: Ints
    minutes: Ints
    pence: np.ndarray
    rank: np.ndarray
    invoice: Ints
    line_no: Ints
    begin: Ints
    ids: Texts


def invoices_of(book: Book, tables: Tables) -> Invoices:
    """Return the invoice rows of a book, sorted by person."""
    table = tables.invoices
    count = len(table["numbers"])
    person = _recoded(table["person_id"], book.codes["persons"])
    by = np.argsort(person, kind="stable")
    ids, invoice = in_order(table["invoice_id"])
    visit_ids, which = numbered_texts(table["visit_id"])
    place = _visits_named(
        book, visit_ids, person[table["visit_id"].offsets[1:] > table["visit_id"].offsets[:-1]]
    )[which]
    named = place >= 0
    no_visit = table["visit_id"].offsets[1:] == table["visit_id"].offsets[:-1]
    visit_id = np.where(named, place, np.where(no_visit, -1, -2 - which))
    stray = np.zeros(count, np.int8)
    if named.any():
        stray[named] = book.visit_person[place[named]] != person[named]
    visit = np.where(no_visit, claim_tables.NOT_GIVEN, np.where(named, place, claim_tables.UNKNOWN))
    rank = np.empty(count, np.int64)
    rank[np.lexsort((table["line_no"], invoice, table["billed_at"]))] = np.arange(count)
    order = _recoded(table["order_id"], book.codes["orders"])
    order = np.where(
        table["order_id"].codes < 0,
        claim_tables.NOT_GIVEN,
        np.where(order < 0, claim_tables.UNKNOWN, order),
    )

    def by_person(column: np.ndarray, kind: type = np.int32) -> np.ndarray:
        return np.ascontiguousarray(column[by].astype(kind))

    return Invoices(
        person=by_person(person),
        provider=by_person(_recoded(table["provider_id"], book.codes["providers"])),
        service=by_person(_recoded(table["service"], book.codes["services"])),
        order=by_person(order),
        visit=by_person(visit),
        visit_id=by_person(visit_id),
        stray=by_person(stray, np.int8),
        from_on=by_person(table["from_on"]),
        to_on=by_person(table["to_on"]),
        minutes=by_person(table["minutes"]),
        pence=by_person(table["amount_pence"], np.int64),
        rank=by_person(rank, np.int64),
        invoice=by_person(invoice),
        line_no=by_person(table["line_no"]),
        begin=np.searchsorted(person[by], np.arange(book.persons + 1)).astype(np.int32),
        ids=ids,
    )


def _visits_named(book: Book, ids: Texts, persons: Ints) -> Ints:
    """Return the visit that each of different ids stands for, -1 for none.

    persons: whose invoice rows name visits. Theirs are looked through first, and mostly alone.
    """
    is_likely = np.zeros(book.persons, np.bool_)
    is_likely[persons] = True
    is_theirs, state = is_likely[book.visit_person], book.visits.state
    places = places_of(ids, book.names.visits, book.visits.text, np.where(is_theirs, state, _LEFT))
    rest = np.flatnonzero((places < 0) & (ids.offsets[1:] > ids.offsets[:-1]))
    if len(rest):
        others = np.where(is_theirs, _LEFT, state)
        places[rest] = places_of(gather(ids, rest), book.names.visits, book.visits.text, others)
    return places


_LEFT = np.int8(1)


def _recoded(column: Coded, names: Index) -> Ints:
    """Return a column's codes in another vocabulary, -1 where it has not the text."""
    return np.append(names.places(column.vocabulary), np.int32(-1))[column.codes]


@njit(cache=True, nogil=True)
def _touched(
    orders: Orders, person: Ints, provider: Ints, service: Ints, from_on: Ints, to_on: Ints
) -> Marks:
    """Say for each row whether an order of its person, provider and service touches its dates."""
    touched = np.zeros(len(person), np.int8)
    for row in range(len(person)):
        for order in range(orders.begin[person[row]], orders.begin[person[row] + 1]):
            if (
                orders.provider[order] == provider[row]
                and orders.service[order] == service[row]
                and orders.starts[order] <= to_on[row]
                and from_on[row] <= orders.ends[order]
            ):
                touched[row] = 1
    return touched


@dataclass(frozen=True)
class Reconciled:
    """Some invoice rows reconciled: the rows' places, and what `claims` says of them.

    group: of each row the place of the row its group is called by, -1 outside the period. named_by: of
    each group that row. groups: what is published of each group beside its id.
    """

    rows: Ints
    group: Ints
    agreed_pence: Longs
    verdict: Marks
    named_by: Ints
    groups: Mapping[str, Any]
    covered: Marks


def reconcile(book: Book, invoices: Invoices, tables: Tables, chunk: Chunk, part: range) -> Reconciled:
    """Reconcile the invoice rows of a chunk's persons, but for those that name another's visit."""
    first, end = invoices.begin[part.start], invoices.begin[part.stop]
    rows = np.arange(first, end, dtype=np.int32)
    rows = rows[invoices.stray[first:end] == 0]
    return _reconcile(book, invoices, tables, chunk, rows, np.zeros(len(rows), np.int8))


def reconcile_strays(book: Book, invoices: Invoices, tables: Tables, empty: Chunk) -> Reconciled:
    """Reconcile the rows that name a visit of another person, when it is known what is on a line."""
    rows = np.flatnonzero(invoices.stray).astype(np.int32)
    place = invoices.visit[rows]
    head = book.attended.head[place]
    on_line = book.on_line[np.where(head >= 0, head, place)]
    return _reconcile(book, invoices, tables, empty, rows, on_line)


def _reconcile(
    book: Book, invoices: Invoices, tables: Tables, chunk: Chunk, rows: Ints, elsewhere: Marks
) -> Reconciled:
    visit = invoices.visit[rows]
    stands_for = (
        np.where(visit >= 0, book.attended.head[np.maximum(visit, 0)], -1)
        if len(book.attended.head)
        else np.full(len(rows), -1, np.int32)
    )
    visit = np.where(stands_for >= 0, stands_for, visit).astype(np.int32)
    if len(book.on_line):
        is_known = (visit >= 0) & (book.on_line[np.maximum(visit, 0)] == 1)
        visit = np.where((visit >= 0) & ~is_known, claim_tables.UNKNOWN, visit).astype(np.int32)
    visit = np.where(invoices.stray[rows] == 1, claim_tables.UNKNOWN, visit).astype(np.int32)
    person, provider, service = invoices.person[rows], invoices.provider[rows], invoices.service[rows]
    from_on, to_on = invoices.from_on[rows], invoices.to_on[rows]
    settled = claim_tables.Lines(
        person=chunk[lines.PERSON],
        provider=chunk[lines.PROVIDER],
        service=chunk[lines.SERVICE],
        order=chunk[lines.ORDER],
        visit=chunk[lines.VISIT],
        service_on=chunk[lines.SERVICE_ON],
        outcome=chunk[lines.OUTCOME].astype(np.int8),
        planned_minutes=chunk[lines.PLANNED_MINUTES],
        payable_minutes=chunk[lines.PAYABLE],
        amount_pence=chunk.pence[0],
        plan_pence=chunk.pence[1],
        held=chunk[lines.HELD].astype(np.int8),
    )
    named = claim_tables.Rows(
        person=person,
        provider=provider,
        service=service,
        order=invoices.order[rows],
        visit=visit,
        visit_id=invoices.visit_id[rows],
        named_elsewhere=elsewhere,
        from_on=from_on,
        to_on=to_on,
        minutes=invoices.minutes[rows],
        pence=invoices.pence[rows],
        rank=invoices.rank[rows],
        invoice=invoices.invoice[rows],
        touched=_touched(book.orders, person, provider, service, from_on, to_on),
    )
    allowances = claim_tables.Allowances.of(tables.settings)
    judged = claims.reconcile(settled, named, book.frame.first, book.frame.last, allowances)
    return Reconciled(
        rows=rows,
        group=_named_row(rows, judged.group),
        agreed_pence=judged.agreed_pence,
        verdict=judged.verdict,
        named_by=_named_row(rows, judged.named_by),
        groups={
            "claimed_minutes": judged.claimed_minutes,
            "claimed_pence": judged.claimed_pence,
            "expected_minutes": judged.expected_minutes,
            "expected_pence": judged.expected_pence,
            "due_pence": judged.due_pence,
            "causes": Texts(*_listed(judged.causes, _CAUSES.offsets, _CAUSES.data)),
            "candidates": Texts(*_listed(judged.candidates, _CANDIDATES.offsets, _CANDIDATES.data)),
        },
        covered=judged.covered,
    )


def invoice_tables(invoices: Invoices, parts: list[Reconciled]) -> dict[str, Mapping[str, Any]]:
    """Return the columns of `invoice_lines` and `claim_groups`, in published order."""
    rows, group, agreed, verdict = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("rows", "group", "agreed_pence", "verdict")
    )
    order = np.argsort(_by_line(invoices, rows))
    rows, group, agreed, verdict = rows[order], group[order], agreed[order], verdict[order]
    pence = invoices.pence[rows]
    lines = {
        "invoice_id": gather(invoices.ids, invoices.invoice[rows]),
        "line_no": invoices.line_no[rows],
        "group_id": _group_ids(invoices, group),
        "claimed_minutes": invoices.minutes[rows],
        "claimed_pence": pence,
        "agreed_pence": agreed,
        "parked_pence": pence - agreed,
        "verdict": Coded(verdict.astype(np.int32), VERDICTS),
    }
    return {"invoice_lines": lines, "claim_groups": _groups(invoices, parts)}


def _by_line(invoices: Invoices, rows: Ints) -> Longs:
    """Return numbers that sort rows by invoice and line number; no two rows have the same."""
    return (
        invoices.invoice[rows].astype(np.int64) << 32 | invoices.line_no[rows].astype(np.int64) + _HALF
    )


_HALF = 1 << 31


def _named_row(rows: Ints, places: Ints) -> Ints:
    """Return the places of rows, of their places among some; -1 stays."""
    return np.append(rows, np.int32(-1))[places]


@njit(cache=True, nogil=True)
def _write_ids(ids: Pair, invoice: Ints, line_no: Ints, rows: Ints) -> tuple[Longs, Bytes]:
    ends = np.zeros(len(rows) + 1, np.int64)
    for i, row in enumerate(rows):
        length = 0
        if row >= 0:
            place = invoice[row]
            length = ids[0][place + 1] - ids[0][place] + 1 + width(line_no[row])
        ends[i + 1] = ends[i] + length
    out = np.empty(ends[-1], np.uint8)
    for i, row in enumerate(rows):
        if row >= 0:
            at = ends[i] + copy_text(out, ends[i], ids, invoice[row])
            out[at] = 47
            write_number(out, at + 1, line_no[row])
    return ends, out


def _group_ids(invoices: Invoices, rows: Ints) -> Texts:
    """Return the group ids that rows name, `invoice_id/line_no`; empty where there is no row."""
    ids = invoices.ids.offsets, invoices.ids.data
    return Texts(*_write_ids(ids, invoices.invoice, invoices.line_no, rows))


def _groups(invoices: Invoices, parts: list[Reconciled]) -> Mapping[str, Any]:
    rows = np.concatenate([part.named_by for part in parts])
    if _has_odd_prefix(invoices.ids.offsets, invoices.ids.data) or (invoices.line_no < 0).any():
        order = text_order(_group_ids(invoices, rows))
    else:
        order = np.argsort(_by_group(invoices.invoice, invoices.line_no, rows))

    def column(name: str) -> Any:
        pieces = [part.groups[name] for part in parts]
        if isinstance(pieces[0], Texts):
            return gather(joined(pieces), order)
        return np.concatenate(pieces)[order]

    return {
        "group_id": _group_ids(invoices, rows[order]),
        **{name: column(name) for name in parts[0].groups},
    }


@compiled
def _has_odd_prefix(offsets: Longs, data: Bytes) -> bool:
    """Say whether of sorted texts one begins another that goes on with a sign before `/`."""
    for one in range(len(offsets) - 2):
        begin, end, after = offsets[one], offsets[one + 1], offsets[one + 2]
        size = end - begin
        is_longer = after - end > size and data[end + size] < _SLASH
        if is_longer and is_same(data, begin, end, data, end, end + size):
            return True
    return False


@compiled
def _by_group(invoice: Ints, line_no: Ints, rows: Ints) -> Longs:
    """Return numbers that sort the ids of groups as their texts, where no text is odd.

    Line numbers are compared as they are written: 1, 10, 2. No two groups have one id.
    """
    keys = np.empty(len(rows), np.int64)
    for i, row in enumerate(rows):
        number = np.int64(line_no[row])
        digits = width(number)
        key = np.int64(0)
        left = number
        scale = np.int64(11) ** (10 - digits)
        for _ in range(digits):
            key += (left % 10 + 1) * scale
            left //= 10
            scale *= 11
        keys[i] = np.int64(invoice[row]) * _ELEVENS + key
    return keys


_ELEVENS = 11**10


@compiled
def _listed(pence: Longs, offsets: Longs, data: Bytes) -> tuple[Longs, Bytes]:
    """Write what is named as `repeat:10500;rate:500`; offsets and data are of the names."""
    ends = np.zeros(len(pence) + 1, np.int64)
    for row in range(len(pence)):
        length = 0
        for one in range(pence.shape[1]):
            if pence[row, one] != 0:
                length += offsets[one + 1] - offsets[one] + 2 + width(pence[row, one])
        ends[row + 1] = ends[row] + max(length - 1, 0)
    out = np.empty(ends[-1], np.uint8)
    for row in range(len(pence)):
        at = ends[row]
        for one in range(pence.shape[1]):
            if pence[row, one] != 0:
                if at > ends[row]:
                    out[at] = _SEMICOLON
                    at += 1
                at += copy_text(out, at, (offsets, data), one)
                out[at] = _COLON
                at += 1 + write_number(out, at + 1, pence[row, one])
    return ends, out


_SLASH, _COLON, _SEMICOLON = b"/:;"
_CAUSES, _CANDIDATES = Texts.of(list(Cause)), Texts.of(list(claim_tables.LISTED))

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
from carethread.engine.columns.given import Tables
from carethread.engine.columns.publish import Chunk
from carethread.engine.columns.texts import (
    copy_text,
    gather,
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
    in_order = np.argsort(person, kind="stable")
    ids, invoice = _ranked(table["invoice_id"])
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
        return np.ascontiguousarray(column[in_order].astype(kind))

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
        begin=np.searchsorted(person[in_order], np.arange(book.persons + 1)).astype(np.int32),
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


def _recoded(column: Coded, places: Mapping[str, int]) -> Ints:
    """Return a column's codes in another vocabulary, -1 where it has not the text."""
    to = np.array([places.get(text, -1) for text in column.vocabulary.to_list()] + [-1], np.int32)
    return to[column.codes]


def _ranked(texts: Texts) -> tuple[Texts, Ints]:
    """Return the different texts in order, and each row's place among them."""
    different, codes = numbered_texts(texts)
    words = different.to_list()
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words), np.int32)
    rank[order] = np.arange(len(words), dtype=np.int32)
    return gather(different, np.array(order, np.int64)), rank[codes]


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
    """Some invoice rows reconciled: the rows' places, and what `claims` says of them."""

    rows: Ints
    claims: claim_tables.Claims


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
    return Reconciled(rows, judged)


def invoice_tables(invoices: Invoices, parts: list[Reconciled]) -> dict[str, Mapping[str, Any]]:
    """Return the columns of `invoice_lines` and `claim_groups`, in published order."""
    rows = np.concatenate([part.rows for part in parts])
    group = np.concatenate([_named_row(part, part.claims.group) for part in parts])
    agreed = np.concatenate([part.claims.agreed_pence for part in parts])
    verdict = np.concatenate([part.claims.verdict for part in parts]).astype(np.int32)
    order = np.lexsort((invoices.line_no[rows], invoices.invoice[rows]))
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
        "verdict": Coded(verdict, VERDICTS),
    }
    return {"invoice_lines": lines, "claim_groups": _groups(invoices, parts)}


def _named_row(part: Reconciled, places: Ints) -> Ints:
    """Return the places of rows, of their places within a part; -1 stays."""
    return np.where(places >= 0, part.rows[np.maximum(places, 0)] if len(part.rows) else -1, -1)


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
    rows = np.concatenate([_named_row(part, part.claims.named_by) for part in parts]).astype(np.int32)
    ids = _group_ids(invoices, rows)
    order = text_order(ids)

    def column(name: str) -> np.ndarray:
        return np.concatenate([getattr(part.claims, name) for part in parts])[order]

    return {
        "group_id": gather(ids, order),
        "claimed_minutes": column("claimed_minutes"),
        "claimed_pence": column("claimed_pence"),
        "expected_minutes": column("expected_minutes"),
        "expected_pence": column("expected_pence"),
        "due_pence": column("due_pence"),
        "causes": _listed(column("causes"), list(Cause)),
        "candidates": _listed(column("candidates"), list(claim_tables.LISTED)),
    }


def _listed(pence: np.ndarray, causes: list[Cause]) -> Texts:
    """Write what is named as `repeat:10500;rate:500`."""
    texts = [""] * len(pence)
    for row in np.flatnonzero(pence.any(axis=1)):
        said = zip(causes, pence[row].tolist(), strict=True)
        texts[row] = ";".join(f"{cause}:{amount}" for cause, amount in said if amount)
    return Texts.of(texts)

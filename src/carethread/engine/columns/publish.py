"""From tables of numbers to the published columns: ids, words, messages, in their order.

Source: settlement §6.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numba import njit

from carethread.engine import words
from carethread.engine.columns import lines, pay
from carethread.engine.columns import tariff as tables
from carethread.engine.columns.arrays import NONE, Coded, Ints, Texts
from carethread.engine.columns.book import Visits
from carethread.engine.columns.build import Book
from carethread.engine.columns.compiled import compiled
from carethread.engine.columns.desk import NO_PERCENT
from carethread.engine.columns.tariff import Tariff
from carethread.engine.columns.texts import at_places, gather, line_ids

Columns = Mapping[str, Any]


def _vocabulary(kind: Iterable[str]) -> Texts:
    return Texts.of([str(word) for word in kind])


METHODS = _vocabulary(words.Method)
OUTCOMES = _vocabulary(words.Outcome)
CANCELLED_BY = _vocabulary(words.CancelledBy)
RULES = _vocabulary(pay.RULES)
ROUNDINGS = _vocabulary(words.Rounding)
_REASONS = list(words.Reason)
_ABSENCES = list(words.Absence)


@cache
def _listed(mask: int) -> str:
    return ";".join(reason.value for place, reason in enumerate(_REASONS) if mask >> place & 1)


@cache
def _absence(mask: int) -> str:
    return ";".join(sorted(a.value for place, a in enumerate(_ABSENCES) if mask >> place & 1))


@compiled
def _told_apart(masks: Ints) -> tuple[Ints, Ints]:
    """Return the different sets of bits, and each row's place among them; -1 for the empty set."""
    different, count = np.empty(len(masks), np.int32), 0
    codes = np.empty(len(masks), np.int32)
    for row in range(len(masks)):
        code = -1
        if masks[row] != 0:
            code = 0
            while code < count and different[code] != masks[row]:
                code += 1
            if code == count:
                different[code] = masks[row]
                count += 1
        codes[row] = code
    return different[:count], codes


def _masked(masks: Ints, text: Any) -> Coded:
    """Return what sets of bits are called; an empty set is empty."""
    different, codes = _told_apart(masks)
    return Coded(codes, Texts.of([text(mask) for mask in different.tolist()]))


@dataclass(frozen=True)
class Chunk:
    """Some persons' settled lines: what `settle` gave, and the lines' ids."""

    book: Book
    table: Ints
    pence: np.ndarray
    found: Ints
    weeks: Ints
    line_id: Texts

    def __getitem__(self, column: int) -> Ints:
        return self.table[column]


def chunk_of(book: Book, settled: tuple[Ints, np.ndarray, Ints, Ints]) -> Chunk:
    """Return persons' lines with their ids."""
    table, pence, found, weeks = settled
    orders, visits = book.orders, book.visits
    version, visit = table[lines.VERSION], table[lines.VISIT]
    code = at_places(orders.code, version, -1)
    ids = line_ids(
        book.names.orders.offsets,
        book.names.orders.data,
        book.names.visits.offsets,
        book.names.visits.data,
        code,
        table[lines.AGREED],
        table[lines.SLOT],
        _text_of(visits, visit),
    )
    return Chunk(book, table, pence, found, weeks, Texts(*ids))


def _text_of(visits: Visits, visit: Ints) -> Ints:
    """Return the place of each visit's id, -1 without a visit."""
    return at_places(visits.text, visit, -1)


def line_columns(chunk: Chunk) -> Columns:
    """Return the columns of `lines`."""
    names, visits = chunk.book.names, chunk.book.visits
    visit = chunk[lines.VISIT]
    return {
        "line_id": chunk.line_id,
        "provider_id": Coded(chunk[lines.PROVIDER], names.providers),
        "person_id": Coded(chunk[lines.PERSON], names.persons),
        "order_id": Coded(chunk[lines.ORDER], names.orders),
        "contract_id": Coded(chunk[lines.CONTRACT], names.contracts),
        "service": Coded(chunk[lines.SERVICE], names.services),
        "slot": chunk[lines.SLOT],
        "agreed_start": chunk[lines.AGREED],
        "planned_start": chunk[lines.PLANNED],
        "planned_minutes": chunk[lines.PLANNED_MINUTES],
        "visit_id": gather(names.visits, _text_of(visits, visit)),
        "worker_id": Coded(at_places(visits.worker, visit, -1), names.workers),
        "check_in": chunk[lines.CHECK_IN],
        "check_out": chunk[lines.CHECK_OUT],
        "counted_minutes": chunk[lines.COUNTED],
        "start_deviation_minutes": chunk[lines.DEVIATION],
        "outcome": Coded(chunk[lines.OUTCOME], OUTCOMES),
        "payable_minutes": chunk[lines.PAYABLE],
        "amount_pence": chunk.pence[0],
        "held": chunk[lines.HELD].astype(np.int8),
        "reasons": _masked(chunk[lines.REASONS], _listed),
    }


def working_columns(chunk: Chunk) -> Columns:
    """Return the columns of `workings`."""
    book, names = chunk.book, chunk.book.names
    visits, attended, tariff = book.visits, book.attended, book.tariff
    visit, is_visit = chunk[lines.VISIT], chunk[lines.ATTENDED] == 1
    delivered = np.where(is_visit, visit, -1).astype(np.int32)
    timed = np.where(is_visit & (chunk[lines.CHECK_OUT] != NONE), visit, -1).astype(np.int32)
    status = np.where(is_visit, -1, visit).astype(np.int32)
    terms, rate = chunk[lines.TERMS], chunk[lines.RATE]
    is_rounded = chunk[lines.RULE] == pay.ROUND
    rounding = np.where(is_rounded, at_places(_column(tariff.terms, tables.ROUND), terms, -1), -1)
    percent = chunk[lines.PERCENT]
    nothing = len(names.tariff.percents)
    percents = np.where(percent == NO_PERCENT, nothing, np.where(percent == NONE, -1, percent))
    return {
        "line_id": chunk.line_id,
        "time_critical": chunk[lines.CRITICAL].astype(np.int8),
        "carers": chunk[lines.CARERS],
        "in_method": Coded(at_places(visits.in_method, delivered, -1).astype(np.int32), METHODS),
        "out_method": Coded(at_places(attended.out_method, timed, -1).astype(np.int32), METHODS),
        "reason_code": Coded(at_places(attended.reason, delivered, -1), names.reasons),
        "log_ins": chunk[lines.LOG_INS],
        "own_minutes": chunk[lines.OWN],
        "terms_from": at_places(_column(tariff.terms, tables.FROM), terms, NONE),
        "rule": Coded(chunk[lines.RULE], RULES),
        "rule_minutes": chunk[lines.RULE_MINUTES],
        "rounding": Coded(rounding.astype(np.int32), ROUNDINGS),
        "figure_minutes": chunk[lines.FIGURE],
        "ceiling_minutes": chunk[lines.CEILING],
        "pooled_minutes": chunk[lines.POOLED_MINUTES],
        "allowance_minutes": chunk[lines.ALLOWANCE],
        "used_minutes": chunk[lines.USED],
        "cancelled_by": Coded(
            at_places(visits.cancelled_by, status, -1).astype(np.int32), CANCELLED_BY
        ),
        "told_at": chunk[lines.TOLD_AT],
        "notice_minutes": chunk[lines.NOTICE],
        "absence": _masked(chunk[lines.ABSENCE], _absence),
        "stay_from": chunk[lines.STAY_FROM],
        "percent": Coded(percents.astype(np.int32), Texts.of([*names.tariff.percents, "0"])),
        "card_from": at_places(tariff.card_from, chunk[lines.CARD], NONE),
        "rate_kind": _rate_kind(rate, names.tariff),
        "hourly_pence": at_places(tariff.hourly, rate, NONE),
        "hourly_kind": _kinds(np.where(rate >= 0, rate, -1), names.tariff.hourly_kinds),
        "step_minutes": chunk[lines.STEP_MINUTES],
        "step_pence": chunk[lines.STEP_PENCE],
        "limit_pence": chunk[lines.LIMIT_PENCE],
        "pieces": _pieces(chunk),
    }


def _column(terms: Ints, place: int) -> Ints:
    return np.ascontiguousarray(terms[:, place])


def _rate_kind(rate: Ints, names: tables.TariffWords) -> Coded:
    codes = np.where(rate == pay.SPLIT_KIND, len(names.kinds), rate)
    return _kinds(codes, [*names.kinds, "split"])


def _kinds(codes: np.ndarray, kinds: Sequence[str]) -> Coded:
    """Return what rates are called; rates of one name have one code."""
    places: dict[str, int] = {}
    to = [places.setdefault(kind, len(places)) if kind else -1 for kind in kinds]
    table = np.array([*to, -1], np.int32)
    return Coded(table[codes], Texts.of(places))


@njit(cache=True, nogil=True)
def _pieces_of(tariff: Tariff, card: int, slot: int, start: int, minutes: int) -> Ints:
    """Return (minutes, pence an hour) of each run of minutes at one rate."""
    pieces = np.empty((minutes, 2), np.int32)
    count = 0
    for moment in range(start, start + minutes):
        hourly = tariff.hourly[pay.minute_rate(tariff, card, slot, moment)]
        if count > 0 and pieces[count - 1, 1] == hourly:
            pieces[count - 1, 0] += 1
        else:
            pieces[count, 0], pieces[count, 1] = 1, hourly
            count += 1
    return pieces[:count]


def _pieces(chunk: Chunk) -> Coded:
    split = np.flatnonzero(chunk[lines.RATE] == pay.SPLIT_KIND)
    codes = np.full(len(chunk[lines.RATE]), -1, np.int32)
    places: dict[str, int] = {}
    for line in split:
        slot = chunk[lines.SLOT][line]
        start = chunk[lines.CHECK_IN][line] if slot == NONE else chunk[lines.AGREED][line]
        pieces = _pieces_of(
            chunk.book.tariff,
            chunk[lines.CARD][line],
            max(int(slot), 0),
            start,
            chunk[lines.PAYABLE][line],
        )
        text = ";".join(f"{minutes}@{pence}" for minutes, pence in pieces.tolist())
        codes[line] = places.setdefault(text, len(places))
    return Coded(codes, Texts.of(places))

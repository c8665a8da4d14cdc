"""A provider's rota in columns: which planned visits it moves, and what is wrong with its rows.

Source: settlement §2, `planned.csv`.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
from numba import njit

from carethread.engine.columns.arrays import Ints, Marks
from carethread.engine.columns.book import Orders, Rota
from carethread.engine.columns.clock import local_day
from carethread.engine.columns.given import Table
from carethread.engine.columns.index import Index
from carethread.engine.columns.plan import is_commissioned
from carethread.engine.columns.tariff import EPOCH
from carethread.engine.findings import found
from carethread.engine.records import Finding
from carethread.engine.words import Kind


@njit(cache=True, nogil=True)
def _local_days(instants: Ints) -> Ints:
    days = np.empty(len(instants), np.int32)
    for i in range(len(instants)):
        days[i] = local_day(instants[i])
    return days


@njit(cache=True, nogil=True)
def _rota_problems(orders: Orders, code_begin: Ints, codes: Ints, days: Ints, count: Ints) -> Marks:
    """Return per rota row 0 if it moves a visit, or which problem it has."""
    problem = np.zeros(len(codes), np.int8)
    for row in range(len(codes)):
        code = codes[row]
        if code < 0:
            problem[row] = 1
            continue
        first = code_begin[code]
        if orders.weekly[first]:
            problem[row] = 2
        elif count[row] > 1:
            problem[row] = 3
        else:
            problem[row] = 4
            for order in range(first, code_begin[code + 1]):
                if is_commissioned(orders, order, days[row]):
                    problem[row] = 0
    return problem


def _in_order(columns: Iterable[Any], order: Ints) -> Iterator[Any]:
    return (column[order] for column in columns)


def rota_of(table: Table, orders: Orders, places: Index) -> tuple[Rota, list[Finding]]:
    """Return the moves, and a finding for each row that moves nothing.

    Source: settlement §2, `planned.csv`.
    """
    vocabulary = table["order_id"].vocabulary
    codes = np.append(places.places(vocabulary), np.int32(-1))[table["order_id"].codes]
    starts = table["planned_start"]
    days = _local_days(starts)
    keys = codes.astype(np.int64) * 2**32 + days + 2**31
    _, which, counts = np.unique(keys, return_inverse=True, return_counts=True)
    by_code = np.argsort(orders.code, kind="stable").astype(np.int32)
    code_begin = np.searchsorted(orders.code[by_code], np.arange(len(places) + 1)).astype(np.int32)
    in_code_order = Orders(*(orders[:1]), *_in_order(orders[1:], by_code))
    problem = _rota_problems(in_code_order, code_begin, codes, days, counts[which].astype(np.int32))
    kept = np.flatnonzero(problem == 0)
    kept = kept[np.lexsort((days[kept], codes[kept]))]
    begin = np.searchsorted(codes[kept], np.arange(len(places) + 1)).astype(np.int32)
    findings = []
    for row in np.flatnonzero(problem):
        day = days_to_date(int(days[row]))
        kind, say = (
            (Kind.BAD_ROW, "order_id: no order has this id"),
            (Kind.BAD_ROW, "order_id: a weekly_hours order has no planned visits to move"),
            (
                Kind.BAD_ROW,
                f"planned_start: {counts[which[row]]} rows for this order on {day}; none is used",
            ),
            (Kind.NOT_COMMISSIONED, f"no visit is commissioned on {day}"),
        )[problem[row] - 1]
        subject = vocabulary[table["order_id"].codes[row]]
        number = int(table["numbers"][row])
        findings.append(found(kind, say, subject=subject, table="planned", row=number))
    return Rota(begin, days[kept], starts[kept]), findings


def days_to_date(days: int) -> date:
    """Return the date that is so many days after 1970-01-01."""
    return EPOCH + timedelta(days=days)

"""What a settlement is given, in columns: the input tables of a folder, read so or made of records.

An input table is a mapping from its layout's column names to columns (`arrays` says how each is
held), with `numbers`, the rows' numbers in the file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from carethread.engine import records, words
from carethread.engine.columns.arrays import NONE, Coded, Ints, Texts
from carethread.engine.columns.tariff import days_since
from carethread.engine.records import Contract, Finding, RateRow, Settings, Suspension

Table = Mapping[str, Any]


@dataclass(frozen=True)
class Tables:
    """The input tables in columns, and what is small enough to stay records."""

    orders: Table
    visits: Table
    rota: Table
    suspensions: Sequence[Suspension]
    invoices: Table
    contracts: Sequence[Contract]
    rates: Sequence[RateRow]
    settings: Settings
    findings: Sequence[Finding] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def numbers_of(values: Sequence[int | None]) -> Ints:
    """Return a column of numbers."""
    return np.array([NONE if value is None else value for value in values], np.int32)


def _words(values: Sequence[StrEnum | None], kind: type[StrEnum]) -> np.ndarray:
    places = {word: place for place, word in enumerate(kind)}
    return np.array([-1 if value is None else places[value] for value in values], np.int8)


def dates_of(values: Sequence[Any]) -> Ints:
    """Return a column of dates."""
    return numbers_of([None if value is None else days_since(value) for value in values])


def tables_of(inputs: records.Inputs) -> Tables:
    """Return the tables of records."""

    def column(rows: Sequence[Any], name: str) -> list[Any]:
        return [getattr(row, name) for row in rows]

    def coded(rows: Sequence[Any], *names: str) -> dict[str, Any]:
        return {name: Coded.of([value or "" for value in column(rows, name)]) for name in names}

    def numbered(rows: Sequence[Any], *names: str) -> dict[str, Any]:
        return {name: numbers_of(column(rows, name)) for name in names}

    def dated(rows: Sequence[Any], *names: str) -> dict[str, Any]:
        return {name: dates_of(column(rows, name)) for name in names}

    def worded(rows: Sequence[Any], **kinds: type[StrEnum]) -> dict[str, Any]:
        return {name: _words(column(rows, name), kind) for name, kind in kinds.items()}

    orders, visits, invoices = inputs.orders, inputs.visits, inputs.invoices
    return Tables(
        orders={
            **coded(orders, "person_id", "provider_id", "contract_id", "service"),
            **dated(orders, "starts_on", "ends_on"),
            **numbered(orders, "minutes", "carers", "weekly_minutes"),
            **worded(orders, basis=words.Basis),
            "order_id": Texts.of(column(orders, "order_id")),
            "days": np.array([int((o.days or "0")[::-1], 2) for o in orders], np.int32),
            "start_time": numbers_of(column(orders, "start_minute")),
            "time_critical": np.array(column(orders, "time_critical"), np.int8),
            "numbers": numbers_of(column(orders, "row")),
        },
        visits={
            **coded(visits, "person_id", "provider_id", "worker_id", "service", "reason_code"),
            **numbered(visits, "sequence", "check_in", "check_out", "planned_start", "notified_at"),
            **worded(
                visits,
                status=words.Status,
                cancelled_by=words.CancelledBy,
                in_method=words.Method,
                out_method=words.Method,
            ),
            "visit_id": Texts.of(column(visits, "visit_id")),
            "numbers": numbers_of(column(visits, "row")),
        },
        rota={
            **coded(inputs.rota, "order_id"),
            **numbered(inputs.rota, "planned_start"),
            "numbers": numbers_of(column(inputs.rota, "row")),
        },
        suspensions=inputs.suspensions,
        invoices={
            **coded(invoices, "person_id", "provider_id", "service", "order_id"),
            **numbered(invoices, "line_no", "minutes", "amount_pence"),
            **dated(invoices, "from_on", "to_on"),
            "invoice_id": Texts.of(column(invoices, "invoice_id")),
            "visit_id": Texts.of(column(invoices, "visit_id")),
            "billed_at": dates_of(column(invoices, "billed_on")),
            "numbers": numbers_of(column(invoices, "row")),
        },
        contracts=inputs.contracts,
        rates=inputs.rates,
        settings=inputs.settings,
        findings=inputs.findings,
        files=inputs.files,
    )

"""Compiled code loaded while a folder is read: a tiny settlement is made, and forgotten.

The first call of each compiled function takes it from disk, which comes to a second in all, nearly all
of it outside of what reading waits for.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from carethread.batch.local import settle_tables
from carethread.engine import words
from carethread.engine.columns import claim_tables, claims
from carethread.engine.columns.given import tables_of
from carethread.engine.records import (
    Contract,
    Inputs,
    InvoiceRow,
    OrderVersion,
    Period,
    RateRow,
    Settings,
    Terms,
    VisitRow,
)
from carethread.engine.units import instant_on

_DAY = date(2026, 1, 5)
_NAMES: Any = {"person_id": "P", "provider_id": "R", "service": "S"}
_MORNING = instant_on(_DAY, 8 * 60)[0]
_TINY = Inputs(
    orders=[
        OrderVersion(
            row=2,
            order_id="O",
            contract_id="C",
            starts_on=_DAY,
            ends_on=None,
            basis=words.Basis.VISITS,
            days="1111111",
            start_minute=8 * 60,
            minutes=30,
            **_NAMES,
        )
    ],
    visits=[
        VisitRow(
            row=2,
            visit_id="V",
            sequence=1,
            worker_id="W",
            status=words.Status.DELIVERED,
            check_in=_MORNING,
            check_out=_MORNING + 30,
            **_NAMES,
        )
    ],
    rates=[
        RateRow(
            row=2,
            contract_id="C",
            service="S",
            from_on=_DAY,
            day_type=words.DayType.ANY,
            amount_pence=2_000,
        )
    ],
    contracts=[Contract("C", (Terms(_DAY),))],
    invoices=[
        InvoiceRow(
            row=2,
            invoice_id="I",
            line_no=1,
            from_on=_DAY,
            to_on=_DAY,
            minutes=30,
            amount_pence=1_000,
            order_id="",
            visit_id="",
            billed_on=_DAY,
            **_NAMES,
        )
    ],
    files={
        table: f"{table}.csv"
        for table in ("orders", "visits", "planned", "suspensions", "rates", "invoices")
    },
)


@contextmanager
def warming(form: str) -> Iterator[None]:
    """Load what settling needs while the block runs; when it ends, all is loaded."""
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(_settle_tiny, form)
        yield
        loading.result()


def _settle_tiny(form: str) -> None:
    with TemporaryDirectory() as out:
        settle_tables(tables_of(_TINY), Period(_DAY, _DAY), Path(out), form, lambda *_: None)


def reconcile_nothing() -> None:
    """Have compiled what reconciles invoices, by itself."""
    empty = np.zeros(0, np.int32)
    lines = claim_tables.Lines(*(empty for _ in claim_tables.Lines._fields))  # type: ignore[arg-type]
    rows = claim_tables.Rows(*(empty for _ in claim_tables.Rows._fields))  # type: ignore[arg-type]
    claims.reconcile(lines, rows, 0, 0, claim_tables.Allowances.of(Settings()))

"""Rows that are ready, by the hundred thousand, into the books."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import models

from carethread.interchange.imports.latest import ready_invoices, ready_rota
from carethread.interchange.imports.records import Hand
from carethread.interchange.imports.visits import ready as ready_visits
from carethread.invoices.models import InvoiceRow
from carethread.orders.models import Order
from carethread.visits.models import RotaTime, Visit
from carethread.wall import bulk

_INSTANT = pa.timestamp("us", "UTC")


def write_visits(prepared: Path, hand: Hand) -> None:
    """Add the versions of visits that are new or changed."""
    found = ready_visits(pq.read_table(prepared / "visits.parquet"))
    _write(Visit, _of_providers(found, hand), hand)


def write_rota(prepared: Path, hand: Hand) -> None:
    """Add the times of a rota that are new or changed."""
    found = ready_rota(pq.read_table(prepared / "planned.parquet"))
    refs = pc.unique(found["order_ref"]).to_pylist()
    orders = dict(Order.objects.values_list("ref", "pk"))
    keys = _looked_up(found["order_ref"], {ref: orders[ref] for ref in refs})
    found = found.drop_columns(["order_ref"]).append_column("order_id", keys)
    _write(RotaTime, _of_providers(found, hand), hand)


def write_invoices(prepared: Path, hand: Hand) -> None:
    """Add the lines of invoices that are new or changed."""
    found = ready_invoices(pq.read_table(prepared / "invoices.parquet"))
    _write(InvoiceRow, _of_providers(found, hand), hand)


def _of_providers(found: pa.Table, hand: Hand) -> pa.Table:
    """Return a table with providers' keys for their refs."""
    refs = found["provider_ref"]
    keys = hand.providers(pc.unique(refs).to_pylist())
    named = _looked_up(refs, keys)
    return found.drop_columns(["provider_ref"]).append_column("provider_id", named)


def _looked_up(refs: pa.ChunkedArray, keys: dict[str, int]) -> pa.ChunkedArray:
    places = pc.index_in(refs, pa.array(list(keys), refs.type))
    return pc.take(pa.array(list(keys.values()), pa.int64()), places)


def _write(model: type[models.Model], found: pa.Table, hand: Hand) -> None:
    count = found.num_rows
    added: dict[str, Any] = {
        "council_id": pa.array([hand.council]).take(pa.nulls(count, pa.int8()).fill_null(0)),
        "batch": pa.array([hand.batch.pk]).take(pa.nulls(count, pa.int8()).fill_null(0)),
        "received_at": pa.array([hand.at], _INSTANT).take(pa.nulls(count, pa.int8()).fill_null(0)),
    }
    for name, column in added.items():
        found = found.append_column(name, column)
    bulk.write(model, found)

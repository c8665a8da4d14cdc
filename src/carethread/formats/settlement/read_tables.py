"""A settlement folder into the tables of the compiled engine, or the faults that stop the run.

What `read.read` finds, at millions of rows.

Source: settlement §2.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from carethread.engine import faults
from carethread.engine.columns.arrays import NONE, Coded, Ints, Texts
from carethread.engine.columns.given import Table, Tables
from carethread.engine.columns.tariff import MOST
from carethread.engine.columns.texts import numbered_texts, places_of, taken
from carethread.engine.records import Fault, Finding
from carethread.formats.settlement.bulk import BulkTable, read_bulk, records
from carethread.formats.settlement.contracts import read_contracts
from carethread.formats.settlement.layouts import LAYOUTS, ORDERS, RATES, SUSPENSIONS
from carethread.formats.settlement.read import repeated_invoice_row, strangers, unread, unused_files
from carethread.formats.settlement.reading import Progress


@dataclass(frozen=True, slots=True)
class TablesReading:
    """What a folder holds, as `read.Reading`, in columns."""

    tables: Tables
    faults: Sequence[Fault]
    rows: Mapping[str, int]
    unused: Sequence[str]


def read_tables(folder: Path, progress: Progress) -> TablesReading:
    """Read every file of a folder; all faults are listed, not the first only."""
    return reading_of({one.table: read_bulk(one, folder, progress) for one in LAYOUTS}, folder)


def reading_of(bulk: Mapping[str, BulkTable], folder: Path) -> TablesReading:
    """Return what a folder holds whose tables' files have been read."""
    contracts = read_contracts(folder)
    files = {table: one.file for table, one in bulk.items()}
    orders = bulk["orders"]
    rates, suspensions = (
        list(records(RATES, bulk["rates"])),
        list(records(SUSPENSIONS, bulk["suspensions"])),
    )
    invoices, repeated = unrepeated(bulk["invoices"])
    unused = unused_files(folder, files.values())
    findings = [finding for one in bulk.values() for finding in one.findings]
    findings += [*repeated, *unread(unused)]
    if not orders.faults:
        known = set(orders.columns["person_id"].vocabulary.to_list())
        findings += strangers(suspensions, known, files["suspensions"])
    between = [*faults.length_faults(suspensions), *faults.rate_faults(rates)]
    of_orders = None
    if _may_have_faults(orders):
        of_orders = list(records(ORDERS, orders))
        between += faults.order_faults(of_orders)
    if not orders.faults:
        named = {row.order_id for row in suspensions if row.order_id is not None}
        between += faults.suspension_faults(suspensions, _persons_of(named, orders))
    every = [fault for one in bulk.values() for fault in one.faults]
    every += [*contracts.faults, *(replace(fault, file=files[fault.file]) for fault in between)]
    return TablesReading(
        tables=Tables(
            orders=_table(orders),
            visits=_table(bulk["visits"]),
            rota=_table(bulk["planned"]),
            suspensions=suspensions,
            invoices=invoices,
            contracts=contracts.contracts,
            rates=rates,
            settings=contracts.settings,
            findings=findings,
            files=files,
        ),
        faults=sorted(every, key=lambda fault: (fault.file, fault.row or 0, fault.column)),
        rows={one.file: one.rows for one in bulk.values() if one.is_there},
        unused=unused,
    )


def _table(bulk: BulkTable) -> Table:
    return {**bulk.columns, "numbers": bulk.numbers}


def _may_have_faults(orders: BulkTable) -> bool:
    """Say whether two versions of an order overlap in time or differ in what they may not."""
    columns = orders.columns
    ids, code = numbered_texts(columns["order_id"])
    if len(ids) == len(code):
        return False
    ends = columns["ends_on"]
    ends = np.where(ends == NONE, MOST, ends)
    order = np.lexsort((columns["starts_on"], code))
    same = code[order][1:] == code[order][:-1]
    overlap = columns["starts_on"][order][1:] <= ends[order][:-1]
    if (same & overlap).any():
        return True
    fixed = [columns[name].codes for name in ("person_id", "provider_id", "contract_id", "service")]
    fixed.append(columns["basis"].astype(np.int32))
    return any((same & (one[order][1:] != one[order][:-1])).any() for one in fixed)


def unrepeated(bulk: BulkTable) -> tuple[Table, list[Finding]]:
    """Keep out all rows that share an invoice id and line number.

    Source: settlement §7.
    """
    columns = bulk.columns
    _, code = numbered_texts(columns["invoice_id"])
    key = code.astype(np.int64) * 2**32 + columns["line_no"]
    _, which, counts = np.unique(key, return_inverse=True, return_counts=True)
    count = counts[which]
    findings = [
        repeated_invoice_row(
            columns["invoice_id"][row],
            int(columns["line_no"][row]),
            int(count[row]),
            int(bulk.numbers[row]),
            bulk.file,
        )
        for row in np.flatnonzero(count > 1)
    ]
    table = _table(bulk)
    if not findings:
        return table, []
    rows = np.flatnonzero(count == 1)
    return {name: taken(column, rows) for name, column in table.items()}, findings


def _persons_of(order_ids: Iterable[str], orders: BulkTable) -> dict[str, str]:
    """Return the person of each of the orders that is there."""
    persons: Coded = orders.columns["person_id"]
    wanted = list(order_ids)
    rows = rows_with(Texts.of(wanted), orders.columns["order_id"])
    return {
        order_id: persons.vocabulary[persons.codes[row]]
        for order_id, row in zip(wanted, rows.tolist(), strict=True)
        if row >= 0
    }


def rows_with(wanted: Texts, ids: Texts) -> Ints:
    """Return for each of different texts a row of a column that has it, -1 where none has."""
    every = np.arange(len(ids), dtype=np.int32)
    return places_of(wanted, ids, every, np.zeros(len(ids), np.int8))

"""A settlement folder into the engine's inputs, or the faults that stop the run.

Source: settlement §2.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from carethread.engine import faults
from carethread.engine.findings import found
from carethread.engine.records import Fault, Finding, Inputs, InvoiceRow, Suspension
from carethread.engine.words import Kind
from carethread.formats.settlement.contracts import FILE as CONTRACTS_FILE
from carethread.formats.settlement.contracts import read_contracts
from carethread.formats.settlement.headers import nearly
from carethread.formats.settlement.layouts import LAYOUTS
from carethread.formats.settlement.reading import Progress, TableRead, read_table


@dataclass(frozen=True, slots=True)
class Reading:
    """What a folder holds: inputs to settle, and the faults that forbid it.

    `inputs` holds what could be read even where there are faults; `rows` counts each file's rows;
    `unused` names the files in the folder that are no part of it.
    """

    inputs: Inputs
    faults: Sequence[Fault]
    rows: Mapping[str, int] = field(default_factory=dict)
    unused: Sequence[str] = ()


def read(folder: Path, progress: Progress) -> Reading:
    """Read every file of a folder; all faults are listed, not the first only."""
    tables = {layout.table: read_table(layout, folder, progress) for layout in LAYOUTS}
    contracts = read_contracts(folder)
    files = {table: result.file for table, result in tables.items()}
    invoices, repeated = _unrepeated(tables["invoices"])
    findings = [finding for result in tables.values() for finding in result.findings]
    inputs = Inputs(
        orders=tables["orders"].records,
        visits=tables["visits"].records,
        rates=tables["rates"].records,
        contracts=contracts.contracts,
        settings=contracts.settings,
        rota=tables["planned"].records,
        suspensions=tables["suspensions"].records,
        invoices=invoices,
        files=files,
    )
    orders_known = not tables["orders"].faults
    unused = unused_files(folder, files.values())
    found_out = [*findings, *repeated, *unread(unused)]
    if orders_known:
        known = {order.person_id for order in inputs.orders}
        found_out += strangers(inputs.suspensions, known, files["suspensions"])
    every = [fault for result in tables.values() for fault in result.faults]
    every += [*contracts.faults, *_between_rows(inputs, orders_known=orders_known)]
    return Reading(
        inputs=replace(inputs, findings=found_out),
        faults=sorted(every, key=lambda fault: (fault.file, fault.row or 0, fault.column)),
        rows={result.file: result.rows for result in tables.values() if result.is_there},
        unused=unused,
    )


def _unrepeated(invoices: TableRead) -> tuple[list[InvoiceRow], list[Finding]]:
    """Keep out all rows that share an invoice id and line number.

    Source: settlement §7.
    """
    by_number: dict[tuple[str, int], list[InvoiceRow]] = defaultdict(list)
    for row in invoices.records:
        by_number[row.invoice_id, row.line_no].append(row)
    kept = [rows[0] for rows in by_number.values() if len(rows) == 1]
    findings = [
        repeated_invoice_row(invoice_id, line_no, len(rows), row.row, invoices.file)
        for (invoice_id, line_no), rows in by_number.items()
        for row in rows
        if len(rows) > 1
    ]
    return kept, findings


def repeated_invoice_row(invoice_id: str, line_no: int, rows: int, row: int, file: str) -> Finding:
    """Find that a row shares its invoice id and line number with others."""
    say = f"line_no: {rows} rows are line {line_no} of this invoice; none is used"
    return found(Kind.BAD_ROW, say, subject=invoice_id, table=file, row=row)


def unread(unused: Iterable[str]) -> Iterator[Finding]:
    """Find files whose name is nearly that of a file of the folder."""
    names = [*(layout.table for layout in LAYOUTS), "contracts"]
    for name in unused:
        meant = nearly(name.rsplit(".", 1)[0], names)
        if meant is not None:
            ending = "toml" if meant == "contracts" else "csv"
            say = f"not read; did you mean {meant}.{ending}?"
            yield found(Kind.UNREAD_FILE, say, subject=name, table=name)


def strangers(suspensions: Iterable[Suspension], known: Collection[str], file: str) -> list[Finding]:
    """Find the suspensions of people who have no order."""
    return [
        found(
            Kind.UNKNOWN_PERSON,
            "no order is for this person",
            subject=suspension.person_id,
            table=file,
            row=suspension.row,
        )
        for suspension in suspensions
        if suspension.person_id not in known and suspension.order_id is None
    ]


def _between_rows(inputs: Inputs, *, orders_known: bool) -> list[Fault]:
    """Return the faults between rows of the council's files, with the file's name.

    Suspensions are held against orders only where all orders could be read.
    """
    between = [
        *faults.order_faults(inputs.orders),
        *faults.length_faults(inputs.suspensions),
        *faults.rate_faults(inputs.rates),
    ]
    if orders_known:
        person_of = {order.order_id: order.person_id for order in inputs.orders}
        between += faults.suspension_faults(inputs.suspensions, person_of)
    return [replace(fault, file=inputs.files[fault.file]) for fault in between]


def unused_files(folder: Path, used: Iterable[str]) -> list[str]:
    """Return the names of the files in a folder that are no part of it."""
    known = {*used, CONTRACTS_FILE}
    try:
        return sorted(p.name for p in folder.iterdir() if p.is_file() and p.name not in known)
    except OSError:
        return []

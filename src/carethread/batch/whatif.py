"""A folder under its own terms and under others, from files to figures, on this machine."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from carethread.batch.local import CannotBeTabled, NeedsReference
from carethread.engine.changes import Comparison
from carethread.engine.columns.compare import Comparing, under
from carethread.engine.columns.given import Table, Tables
from carethread.engine.columns.run import Progress, Run
from carethread.engine.columns.texts import taken
from carethread.engine.records import Fault, Finding, Period
from carethread.formats.settlement import whatif_tables
from carethread.formats.settlement.other_terms import OtherTerms, Own, other_terms
from carethread.formats.settlement.read_tables import read_tables
from carethread.formats.settlement.sink import TableSink, columns_of
from carethread.kit.threads import in_turn, threads

__all__ = ["CannotBeTabled", "NeedsReference", "WhatIf", "compare", "read", "write"]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A folder read for a what-if, with what reading found; faults forbid it."""

    tables: Tables
    other: OtherTerms
    rows: Mapping[str, int]
    faults: Sequence[Fault]
    findings: Sequence[Finding]


def read(folder: Path, terms: str, period: Period, progress: Callable[[str, float], None]) -> WhatIf:
    """Read a folder and the other terms; invoices have no part in it."""
    reading = read_tables(folder, progress)
    tables = reading.tables
    used = set(tables.orders["contract_id"].vocabulary.to_list())
    other = other_terms(terms, Own(tables.contracts, tables.settings, used), period)
    return WhatIf(
        tables=replace(tables, invoices=_nothing(tables.invoices)),
        other=other,
        rows={file: rows for file, rows in reading.rows.items() if file != tables.files["invoices"]},
        faults=[*reading.faults, *other.faults],
        findings=tables.findings,
    )


def _nothing(table: Table) -> Table:
    return {name: taken(column, np.empty(0, np.int64)) for name, column in table.items()}


def compare(asked: WhatIf, period: Period, progress: Progress) -> Comparison:
    """Settle a folder under both terms and return what differs.

    Raises:
        NeedsReference, CannotBeTabled: if the compiled engine cannot settle this folder.
    """
    at_once = threads()
    with ThreadPoolExecutor(at_once) as pool:
        each = in_turn(pool, at_once + 1)
        progress("Matching visits to plans", 0, 1)
        run = Run(asked.tables, period, each)
        other = under(run.book, asked.other.contracts, asked.tables.rates, asked.other.settings)
        comparing = Comparing(run.book, other)
        for done, part in enumerate(each(comparing.part, run.ranges)):
            progress("Settling under both terms", done, len(run.ranges))
            comparing.add(part)
    return comparing.result()


def write(comparison: Comparison, out: Path, form: str) -> None:
    """Write the tables of a comparison into an empty folder; `form` is csv or parquet."""
    for table, records in (
        (whatif_tables.TOTALS, comparison.measures),
        (whatif_tables.PROVIDERS, comparison.providers),
        (whatif_tables.BANDS, comparison.bands),
        (whatif_tables.LINES, comparison.lines),
    ):
        with TableSink(table, out, form) as sink:
            sink.write(columns_of(table, records))

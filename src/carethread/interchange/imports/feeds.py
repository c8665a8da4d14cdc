"""What providers send many of: visits, rotas, invoice lines. Bad rows are kept out, the others go on.

The rows of a file stand on a workbench as table `f`, those of the books as table `e`, in the books'
columns; what is said of rows is gathered in table `rejected` and table `verdicts`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from carethread.engine.words import Kind
from carethread.formats.settlement.layouts import Layout
from carethread.interchange.imports import sql
from carethread.interchange.imports.arrow import ArrowRead
from carethread.interchange.imports.given import Given, service_codes
from carethread.interchange.imports.told import Days, Judged, Told, of_faults, of_findings
from carethread.interchange.imports.words import VERDICTS, Code, Verdict
from carethread.people.disposed import disposed, why_refused

NEW, CHANGED, UNCHANGED, REJECTED = (VERDICTS.index(one) for one in Verdict)
_MOST_SHOWN = 30


@dataclass(slots=True)
class Feed:
    """A table on the workbench, being judged. theirs: the books' column -> the file's."""

    layout: Layout
    given: Given
    at: duckdb.DuckDBPyConnection
    theirs: Mapping[str, str]
    told: list[Told] = field(default_factory=list)

    def start(self) -> None:
        """Begin with nothing rejected."""
        self.at.execute("CREATE TABLE rejected (number BIGINT)")

    def reject(self, found: Iterable[tuple[int, str]], column: str, code: Code) -> None:
        """Reject rows by their number, each for a reason in words."""
        rows = [(int(number), say) for number, say in found]
        if rows:
            numbers = pa.table({"number": pa.array([number for number, _ in rows], pa.int64())})
            self.at.register("more", numbers)
            self.at.execute("INSERT INTO rejected SELECT number FROM more")
            self.at.unregister("more")
        table = self.layout.table
        self.told += [Told(table, number, column, code, say) for number, say in rows]

    def reject_long(self, most: Mapping[str, int]) -> None:
        """Reject texts that are longer than the books keep."""
        for ours, theirs in self.theirs.items():
            if ours in most:
                found = sql.rows(
                    self.at,
                    f"SELECT number, length({ours}), left({ours}, {_MOST_SHOWN}) FROM f"  # noqa: S608
                    f" WHERE length({ours}) > {most[ours]} ORDER BY number",
                )
                says = [
                    (number, f"has {length} signs; at most {most[ours]} are kept: {shown!r}…")
                    for number, length, shown in found
                ]
                self.reject(says, theirs, Code.TOO_LONG)

    def reject_others(self) -> None:
        """Reject rows of other providers in a provider's upload."""
        if self.given.provider:
            asked = (
                "SELECT number, left(provider_ref, 40) FROM f WHERE provider_ref <> ? ORDER BY number"
            )
            found = sql.rows(self.at, asked, [self.given.provider])
            own = self.given.provider
            says = [
                (number, f"{ref!r} is not {own!r}: a provider sends its own rows only")
                for number, ref in found
            ]
            self.reject(says, "provider_id", Code.NOT_YOURS)

    def reject_disposed(self) -> None:
        """Reject rows about people whose record was disposed of."""
        gone = disposed()
        if gone:
            self.at.register("gone", pa.table({"ref": pa.array(sorted(gone), pa.string())}))
            asked = (
                "SELECT number, person_ref FROM f WHERE person_ref IN (SELECT ref FROM gone)"
                " ORDER BY number"
            )
            found = [(number, why_refused(ref, gone[ref])) for number, ref in sql.rows(self.at, asked)]
            self.reject(found, "person_id", Code.DISPOSED)

    def good(self) -> None:
        """Let table `g` have the rows that are not rejected."""
        self.at.execute("CREATE TABLE g AS SELECT f.* FROM f ANTI JOIN rejected USING (number)")

    def finish(self, read: ArrowRead, days: Days | None) -> Judged:
        """Return every row's verdict; table `verdicts` has those of the good ones."""
        found = sql.arrow(self.at, "SELECT number, place FROM verdicts")
        rejected = sql.arrow(self.at, "SELECT DISTINCT number FROM rejected")
        table = self.layout.table
        reading = list(of_findings(self.layout, read.findings))
        bad = sorted({one.row for one in read.findings if one.kind is Kind.BAD_ROW and one.row})
        left_out = sorted(self.given.unpacked.left_out.get(table, ()))
        assert read.rows == read.table.num_rows + len(bad), "rows read are good or bad"
        out = np.array([*bad, *left_out, *rejected["number"].to_pylist()], np.int64)
        rows = np.concatenate([found["number"].to_numpy(), out])
        places = np.concatenate(
            [found["place"].to_numpy().astype(np.int8), np.full(len(out), REJECTED, np.int8)]
        )
        order = np.argsort(rows, kind="stable")
        rows, places = rows[order], places[order]
        assert len(rows) == read.rows + len(left_out), "every row has a verdict"
        assert len(np.unique(rows)) == len(rows), "no row has two"
        told = [*of_faults(table, read.faults), *reading, *self.told]
        return Judged(table, rows, places, told, days)

    def prepare(self, asked: str) -> None:
        """Keep what a query finds as the rows that are ready to be written."""
        found = sql.arrow(self.at, f"SELECT * FROM ({asked}) ORDER BY number")  # noqa: S608
        pq.write_table(found, self.given.prepared / f"{self.layout.table}.parquet")


def codes_of(given: Given) -> pa.Table:
    """Return what providers call services, for the workbench."""
    names = ("provider_ref", "their_code", "ours")
    found = list(zip(*service_codes(given), strict=True)) or [(), (), ()]
    return pa.table(
        {name: pa.array(cells, pa.string()) for name, cells in zip(names, found, strict=True)}
    )


def said_alike(one: str, other: str, columns: Iterable[str]) -> str:
    """Return the condition that two rows say the same."""
    return " AND ".join(f"{one}.{name} IS NOT DISTINCT FROM {other}.{name}" for name in columns)


def renamed(table: pa.Table, theirs: Mapping[str, str], more: Sequence[str] = ()) -> pa.Table:
    """Return a file's table with the books' names."""
    columns: dict[str, Any] = {ours: table[name] for ours, name in theirs.items()}
    return pa.table({**{name: table[name] for name in ("number", *more)}, **columns})


def as_seconds(table: pa.Table) -> pa.Table:
    """Return a table of the books with instants as seconds and days as days, as files have them."""
    columns = {}
    for one in table.schema:
        column = table[one.name]
        if pa.types.is_timestamp(one.type):
            column = column.cast(pa.timestamp("s", "UTC")).cast(pa.int64())
        elif pa.types.is_date(one.type):
            column = column.cast(pa.int32()).cast(pa.int64())
        columns[one.name] = column
    return pa.table(columns)


def span(connection: duckdb.DuckDBPyConnection, asked: str) -> Days | None:
    """Return the days from the first to the last that a query of (first, last) finds."""
    ((first, last),) = sql.rows(connection, asked)
    return None if first is None else Days(first, last)

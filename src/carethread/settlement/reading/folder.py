"""The books of the council in scope into a settlement folder, in one snapshot.

Columns go straight from the database to Arrow to Parquet: no row of a large table is ever an object.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from carethread.councils.queries import book_number
from carethread.engine.records import Period, VisitRow
from carethread.formats.settlement.inputs import cells
from carethread.formats.settlement.layouts import VISITS
from carethread.formats.settlement.write_contracts import write_contracts
from carethread.providers.queries import settlement_settings, stated_contracts
from carethread.settlement import decided
from carethread.settlement.reading import tables
from carethread.settlement.reading.edges import FIRST_MARGIN, days_read, is_enough
from carethread.settlement.reading.tables import INSTANT, Days
from carethread.wall.scope import current

_FIRST_ROW = 2
"""The number of a table's first row, as findings count them."""
_MILLISECONDS = 60_000
Places = Mapping[str, pa.Table]


@dataclass(frozen=True, slots=True)
class Slice:
    """What was read of the books.

    book_number: the last change of the books that it holds. visits: how many rows of them. places: by
    file of the folder, the import and the row of its file that each row came from (`batch`, `row`).
    providers: the key of each provider, by its id. providers_of_orders: the same, by the order's.
    moving: ids of visits that have several versions, and so may have changed their day.
    """

    book_number: int
    visits: int
    places: Places
    providers: Mapping[str, int]
    providers_of_orders: Mapping[str, int]
    moving: Sequence[str]


def write_slice(folder: Path, period: Period) -> Slice:
    """Write the books of the one council in scope that bear on a period into an empty folder.

    To be called in a scope with a snapshot.
    """
    (council,) = current().reads
    settings = settlement_settings()
    write_contracts(stated_contracts(), settings, folder)
    orders = tables.orders(council)
    _put(folder, "orders", orders, "provider_key")
    _put(folder, "rates", tables.rates(council))
    _put(folder, "suspensions", tables.suspensions(council))
    days, visits = _visits(council, period, settings.join_gap_minutes)
    rota = tables.planned(council, days)
    _put(folder, "planned", rota, "batch", "row")
    _put(folder, "visits", visits, "batch", "row")
    keys = zip(orders["order_id"].to_pylist(), orders["provider_key"].to_pylist(), strict=True)
    return Slice(
        book_number=book_number(),
        visits=visits.num_rows,
        places={
            "visits.parquet": visits.select(["batch", "row"]),
            "planned.parquet": rota.select(["batch", "row"]),
        },
        providers=tables.providers(council),
        providers_of_orders=dict(keys),
        moving=_moving(visits),
    )


def _put(folder: Path, name: str, table: pa.Table, *left_out: str) -> None:
    pq.write_table(table.drop_columns(list(left_out)), folder / f"{name}.parquet")


def _visits(council: int, period: Period, gap: int) -> tuple[Days, pa.Table]:
    """Read visits, further and further around the period until log-ins are joined as by all."""
    margin = FIRST_MARGIN
    while True:
        days = days_read(period, margin)
        visits = tables.visits(council, days)
        corrected = decided.corrected_rows(Period(days.first_on, days.last_on))
        visits = pa.concat_tables([visits, _as_table(corrected, visits.schema)])
        if is_enough(visits, period, days, gap):
            return days, visits
        margin *= 2


def _as_table(rows: Sequence[VisitRow], schema: pa.Schema) -> pa.Table:
    """Return visits that no import brought as rows of the table."""
    names = [column.name for column in VISITS.columns]
    found: list[dict[str, Any]] = [dict(zip(names, cells(VISITS, row), strict=True)) for row in rows]
    arrays = [_array([one.get(field.name) for one in found], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if kind == INSTANT:
        values = [None if value is None else value * _MILLISECONDS for value in values]
    return pa.array(values, kind)


def _moving(visits: pa.Table) -> list[str]:
    counts = visits["visit_id"].value_counts()
    several = counts.filter(pa.compute.greater(counts.field("counts"), 1))
    return [str(one) for one in several.field("values").to_pylist()]


def place_of(places: Places, file: str, row: int | None) -> tuple[int | None, int | None]:
    """Return the import and the row of its file that a row of the folder came from; None if none."""
    if file not in places or row is None:
        return None, None
    table, number = places[file], row - _FIRST_ROW
    batch, its_row = table["batch"][number].as_py(), table["row"][number].as_py()
    return (None, None) if batch is None or its_row is None or its_row < 1 else (batch, its_row)

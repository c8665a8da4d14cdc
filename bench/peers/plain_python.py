"""Loops over dicts and lists: `python -m bench.peers.plain_python FOLDER LINES`.

Only reading and writing Parquet is left to pyarrow.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.common import peer
from bench.peers.tariff import Tariff, tariff
from carethread.engine.units import local_date

_MINUTE_MS = 60_000
_BATCH = 100_000
_COLUMNS = ("visit_id", "sequence", "person_id", "provider_id", "service", "status")
Care = tuple[str, str, str]


class Planned(NamedTuple):
    """A planned visit."""

    start: int
    order_id: str
    contract_id: str
    minutes: int
    carers: int
    list: int


class Picked(NamedTuple):
    """A visit that picked a planned visit; the smaller, the better."""

    apart: int
    number: int
    visit_id: str
    counted: int | None


def settle(folder: Path, lines: Path) -> None:
    """Match and price a folder."""
    known = tariff(folder)
    plan = _plan(folder, known)
    best = _matched(folder, plan, known.window)
    schema = pa.schema(
        [
            ("order_id", pa.string()),
            ("planned_start", pa.timestamp("ms", tz="UTC")),
            ("slot", pa.int64()),
            ("visit_id", pa.string()),
            ("payable_minutes", pa.int64()),
            ("amount_pence", pa.int64()),
        ]
    )
    rows = _lines(plan, best, known)
    with pq.ParquetWriter(lines, schema) as writer:
        while batch := list(islice(rows, _BATCH)):
            columns = [list(column) for column in zip(*batch, strict=True)]
            arrays = [
                pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield rows of plain values; instants are whole minutes since 1970."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH, columns=list(columns)):
            yield from zip(*(_plain(batch.column(name)) for name in columns), strict=True)


def _plain(column: Any) -> Any:
    if pa.types.is_timestamp(column.type):
        column = pc.divide(column.cast(pa.int64()), _MINUTE_MS)
    return column.to_pylist()


def _plan(folder: Path, known: Tariff) -> dict[Care, list[Planned]]:
    """Return the planned visits of the period, where the rota has them, in order of start."""
    days = defaultdict(list)
    for row in known.calendar.to_pylist():
        key = row["contract_id"], row["service"], row["start_time"]
        days[key].append((row["day"], row["weekday"] - 1, row["start"], row["list"]))
    rota = _rows(folder / "planned.parquet", ("order_id", "planned_start"))
    moved = {(order_id, local_date(start)): start for order_id, start in rota}
    plan: dict[Care, list[Planned]] = defaultdict(list)
    for order in pq.read_table(folder / "orders.parquet").to_pylist():
        if order["basis"] != "visits":
            continue
        order_id, contract_id = order["order_id"], order["contract_id"]
        first, last = order["starts_on"], order["ends_on"] or date.max
        theirs = plan[order["person_id"], order["provider_id"], order["service"]]
        for day, weekday, start, number in days[contract_id, order["service"], order["start_time"]]:
            if first <= day <= last and order["days"][weekday] == "1":
                where = moved.get((order_id, day), start)
                theirs.append(
                    Planned(where, order_id, contract_id, order["minutes"], order["carers"], number)
                )
    for theirs in plan.values():
        theirs.sort()
    return plan


def _matched(
    folder: Path, plan: dict[Care, list[Planned]], window: int
) -> dict[Care, dict[int, list[Picked]]]:
    """Let every visit pick the nearest start, and every planned visit keep the nearest visits."""
    path = folder / "visits.parquet"
    later: dict[str, int] = {}
    for visit_id, sequence in _rows(path, _COLUMNS[:2]):
        if sequence > 1:
            later[visit_id] = max(sequence, later.get(visit_id, 0))
    starts = {care: [planned.start for planned in theirs] for care, theirs in plan.items()}
    kept: dict[Care, dict[int, list[Picked]]] = {care: {} for care in plan}
    rows = _rows(path, (*_COLUMNS, "check_in", "check_out"))
    for number, row in enumerate(rows):
        visit_id, sequence, person, provider, service, status, check_in, check_out = row
        care = person, provider, service
        if status != "delivered" or check_in is None or care not in starts:
            continue
        if later and later.get(visit_id, sequence) != sequence:
            continue
        theirs = starts[care]
        after = bisect(theirs, check_in)
        apart, place = min(
            (abs(theirs[near] - check_in), near)
            for near in (after - 1, after)
            if 0 <= near < len(theirs)
        )
        if apart <= window:
            counted = None if check_out is None else check_out - check_in
            picked = Picked(apart, number, visit_id, counted)
            _keep(kept[care].setdefault(place, []), picked, plan[care][place].carers)
    return kept


def _keep(nearest: list[Picked], picked: Picked, carers: int) -> None:
    """Keep the nearest visits, each once, as many as there are carers."""
    if not nearest:
        nearest.append(picked)
        return
    nearest[:] = sorted([*nearest, picked])
    seen = {one.visit_id: one for one in reversed(nearest)}
    nearest[:] = sorted(seen.values())[:carers]


def _lines(
    plan: dict[Care, list[Planned]], best: dict[Care, dict[int, list[Picked]]], known: Tariff
) -> Iterator[tuple[Any, ...]]:
    """Yield a line for every slot."""
    terms = {row["contract_id"]: row for row in known.terms.to_pylist()}
    prices = {
        (row["list"], row["payable_minutes"]): row["amount_pence"] for row in known.prices.to_pylist()
    }
    for care, theirs in plan.items():
        answered = best[care]
        for place, planned in enumerate(theirs):
            start = planned.start * _MINUTE_MS
            picked = answered.get(place, ())
            for slot in range(planned.carers):
                if slot >= len(picked):
                    yield planned.order_id, start, slot + 1, None, 0, 0
                    continue
                visit = picked[slot]
                payable = _payable(visit.counted, planned.minutes, terms[planned.contract_id])
                pence = None if payable is None else prices[planned.list, payable]
                yield planned.order_id, start, slot + 1, visit.visit_id, payable, pence


def _payable(counted: int | None, planned: int, terms: dict[str, Any]) -> int | None:
    if counted is None:
        return None
    if counted < terms["minimum"]:
        return 0
    if terms["basis"] == "planned":
        return planned
    if terms["basis"] == "planned_within_tolerance" and abs(counted - planned) <= terms["tolerance"]:
        return planned
    unit: int = terms["unit"]
    return min(planned, (2 * counted + unit) // (2 * unit) * unit)


if __name__ == "__main__":
    peer(settle)

"""The best Polars found: `python -m bench.peers.polars_lazy FOLDER LINES`.

The nearest start by `join_asof`. The cells and buckets of the DuckDB way were slower here, and so was
the streaming engine at 8 million visits.
"""

import os
from pathlib import Path

from bench.common import THREADS, peer

os.environ["POLARS_MAX_THREADS"] = str(THREADS)  # read when Polars is imported

import polars as pl

from bench.peers.tariff import tariff

_CARE = ["person_id", "provider_id", "service"]


def settle(folder: Path, lines: Path) -> None:
    """Match and price a folder."""
    known = tariff(folder)
    terms, calendar, prices = (
        pl.DataFrame(table).lazy() for table in (known.terms, known.calendar, known.prices)
    )
    commissioned = pl.read_parquet(folder / "orders.parquet").filter(pl.col("basis") == "visits")
    cares = commissioned.select(_CARE).unique().with_row_index("care")
    # joined here, as the optimizer would join cares with the calendar first, which is far larger
    orders = commissioned.with_row_index("place").join(cares, on=_CARE).lazy()
    care = cares.lazy()
    plan = _plan(folder, orders, calendar).collect().lazy()
    picked = _picked(_delivered(folder, care), plan, known.window).collect().lazy()
    settled = (
        _slots(plan)
        .join(orders.select("place", "order_id", "contract_id", "minutes"), on="place")
        .join(terms, on="contract_id")
        .join(_kept(picked), on=["plan", "slot"], how="left")
        .with_columns(payable_minutes=_payable())
        .join(prices, on=["list", "payable_minutes"], how="left")
    )
    start = pl.from_epoch(pl.col("start").cast(pl.Int64) * 60_000, time_unit="ms")
    settled.select(
        "order_id",
        start.dt.replace_time_zone("UTC").alias("planned_start"),
        *("slot", "visit_id", "payable_minutes", "amount_pence"),
    ).collect().write_parquet(lines)


def _minutes(name: str) -> pl.Expr:
    return (pl.col(name).dt.epoch("ms") // 60_000).cast(pl.Int32)


def _plan(folder: Path, orders: pl.LazyFrame, calendar: pl.LazyFrame) -> pl.LazyFrame:
    """Return the planned visits of the period, where the rota has them."""
    day = pl.col("planned_start").dt.date()
    planned = pl.scan_parquet(folder / "planned.parquet")
    moved = planned.select("order_id", day.alias("day"), _minutes("planned_start").alias("moved"))
    return (
        orders.join(calendar, on=["contract_id", "service", "start_time"])
        .filter(
            pl.col("day") >= pl.col("starts_on"),
            pl.col("ends_on").is_null() | (pl.col("day") <= pl.col("ends_on")),
            pl.col("days").str.slice(pl.col("weekday") - 1, 1) == "1",
        )
        .join(moved, on=["order_id", "day"], how="left")
        .select(
            *("care", "place", "list"),
            pl.coalesce("moved", "start").cast(pl.Int32).alias("start"),
            pl.col("carers").cast(pl.Int8),
        )
        .sort("care", "start")
        .with_row_index("plan")
    )


def _delivered(folder: Path, care: pl.LazyFrame) -> pl.LazyFrame:
    """Return the delivered visits in their last versions."""
    visits = pl.scan_parquet(folder / "visits.parquet").with_row_index("number")
    later = visits.filter(pl.col("sequence") > 1).group_by("visit_id")
    return (
        visits.filter(pl.col("status") == "delivered", pl.col("check_in").is_not_null())
        .join(later.agg(last=pl.col("sequence").max()), on="visit_id", how="left")
        .filter(pl.col("last").is_null() | (pl.col("last") == pl.col("sequence")))
        .join(care, on=_CARE)
        .select(
            *("care", "visit_id", "number"),
            _minutes("check_in").alias("check_in"),
            (_minutes("check_out") - _minutes("check_in")).alias("counted"),
        )
    )


def _picked(delivered: pl.LazyFrame, plan: pl.LazyFrame, window: int) -> pl.LazyFrame:
    """Let every visit pick the planned visit that begins nearest; a rank says how near, then first.

    Of two equally far away `join_asof` takes the later and the other peers the earlier; so visits are
    looked up half a minute early.
    """
    apart = (pl.col("check_in") - pl.col("start")).abs().cast(pl.Int64)
    return (
        delivered.with_columns(half=2 * pl.col("check_in") - 1)
        .sort("half")
        .join_asof(
            plan.select("care", "plan", "start", "carers", half=2 * pl.col("start")).sort("half"),
            on="half",
            by="care",
            strategy="nearest",
            tolerance=2 * window + 1,
            check_sortedness=False,
        )
        .filter(apart <= window)
        .select(
            *("plan", "carers", "visit_id", "counted"),
            (apart * (1 << 40) + pl.col("number")).alias("rank"),
        )
    )


def _kept(picked: pl.LazyFrame) -> pl.LazyFrame:
    """Let every planned visit keep the nearest, as many as it has carers."""
    single = picked.filter(pl.col("carers") == 1)
    best = single.group_by("plan").agg(pl.col("rank").min())
    first = pl.lit(1, pl.Int64).alias("slot")
    double = picked.filter(pl.col("carers") > 1).group_by("plan", "visit_id", "counted")
    place = pl.col("rank").rank("ordinal").over("plan").cast(pl.Int64).alias("slot")
    columns = ("plan", "visit_id", "counted")
    return pl.concat(
        [
            single.join(best, on=["plan", "rank"], how="semi").select(*columns, first),
            double.agg(pl.col("rank").min()).select(*columns, place),
        ]
    )


def _slots(plan: pl.LazyFrame) -> pl.LazyFrame:
    slot = pl.lit(1, pl.Int64).alias("slot")
    columns = ("plan", "place", "start", "list")
    both = plan.filter(pl.col("carers") > 1)
    return pl.concat([plan.select(*columns, slot), both.select(*columns, slot + 1)])


def _payable() -> pl.Expr:
    planned, counted, unit = pl.col("minutes"), pl.col("counted"), pl.col("unit")
    tolerant = pl.col("basis") == "planned_within_tolerance"
    as_planned = (pl.col("basis") == "planned") | (
        tolerant & ((counted - planned).abs() <= pl.col("tolerance"))
    )
    return (
        pl.when(counted.is_null() & pl.col("visit_id").is_not_null())
        .then(None)
        .when(counted.is_null() | (counted < pl.col("minimum")))
        .then(0)
        .when(as_planned)
        .then(planned)
        .otherwise(pl.min_horizontal(planned, (2 * counted + unit) // (2 * unit) * unit))
    )


if __name__ == "__main__":
    peer(settle)

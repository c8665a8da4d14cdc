"""The best DuckDB SQL found: `python -m bench.peers.duckdb_sql FOLDER LINES`.

Tried at 8 million visits, all giving the same answers: two ASOF joins (before and after), window
functions over planned visits and visits together, a join by two-hour buckets that keeps the nearest of
several, and those below. Here each planned visit has a cell, the times to which no other is nearer, so
that every visit falls into one cell at most; cells are found by hashing four-hour buckets. One ASOF
join finds them too, but sorts all visits. Of the ways to keep the nearest visit, a smallest rank per
planned visit and a join back was faster than arg_min and than a window over all.
"""

from pathlib import Path

import duckdb

from bench.common import THREADS, peer
from bench.peers.tariff import tariff

_ORDERS = """
create temp table care as
  select (row_number() over ())::int as care, person_id, provider_id, service
  from (select distinct person_id, provider_id, service from orders where basis = 'visits');
create temp table commissioned as
  select (row_number() over ())::int as place, care.care, orders.* exclude (minutes, carers),
    minutes::int as minutes, carers::tinyint as carers,
    coalesce(ends_on, date '9999-12-31') as last_on
  from orders join care using (person_id, provider_id, service)
  where basis = 'visits';
create temp table moved as
  select order_id, timezone('Europe/London', planned_start)::date as day,
    (epoch_ms(planned_start) // 60000)::int as start
  from planned;
"""
_PLAN = """
create temp table plan as
with visits_planned as (
  select place, care, coalesce(moved.start, calendar.start)::int as start, carers,
    list::smallint as list
  from commissioned join calendar using (contract_id, service, start_time)
    left join moved using (order_id, day)
  where day between starts_on and last_on and substr(days, weekday, 1) = '1'
)
select (row_number() over ())::int as plan, *,
  greatest(start - $window, coalesce((lag(start) over near + start) // 2 + 1, 0))::int as first,
  least(start + $window, coalesce((lead(start) over near + start) // 2, 2147483647))::int as last
from visits_planned window near as (partition by care order by start)
"""
_PICKED = """
create temp table picked as
with cells as (
  select plan, care, start, first, last, carers, unnest(case
    when first // (2 * $window) = last // (2 * $window) then [first // (2 * $window)]
    else [first // (2 * $window), last // (2 * $window)] end) as bucket
  from plan
), later as (
  select visit_id, max(sequence) as sequence from visits where sequence > 1 group by visit_id
), delivered as (
  select care, visit_id, file_row_number as number,
    (epoch_ms(check_in) // 60000)::int as check_in,
    (epoch_ms(check_out) // 60000)::int - (epoch_ms(check_in) // 60000)::int as counted
  from visits join care using (person_id, provider_id, service) left join later using (visit_id)
  where status = 'delivered' and check_in is not null
    and (later.sequence is null or later.sequence = visits.sequence)
)
select plan, visit_id, counted, carers, abs(check_in - start) * (1::bigint << 40) + number as rank
from delivered join cells on delivered.care = cells.care
  and check_in // (2 * $window) = bucket and check_in between first and last
"""
_KEPT = """
create temp table kept as
with best as (
  select plan, min(rank) as rank from picked where carers = 1 group by plan
), once as (
  select plan, visit_id, counted, min(rank) as rank from picked where carers = 2 group by all
)
select plan, visit_id, counted, 1 as slot
from picked semi join best on picked.plan = best.plan and picked.rank = best.rank
union all
select plan, visit_id, counted, row_number() over (partition by plan order by rank) as slot from once
"""
_LINES = """
with slots as (
  select *, unnest(case when carers = 2 then [1, 2] else [1] end) as slot from plan
), settled as (
  select order_id, start, slot, visit_id, list, case
    when counted is null and visit_id is not null then null
    when counted is null or counted < minimum then 0
    when basis = 'planned' then minutes
    when basis = 'planned_within_tolerance' and abs(counted - minutes) <= tolerance then minutes
    else least(minutes, (2 * counted + unit) // (2 * unit) * unit) end as payable_minutes
  from slots join (select * exclude (carers, care, basis) from commissioned) using (place)
    join terms using (contract_id) left join kept using (plan, slot)
)
select order_id, make_timestamptz(start::bigint * 60000000) as planned_start, slot, visit_id,
  payable_minutes, amount_pence
from settled left join prices using (list, payable_minutes)
"""


def settle(folder: Path, lines: Path) -> None:
    """Match and price a folder."""
    known = tariff(folder)
    with duckdb.connect(config={"threads": THREADS, "preserve_insertion_order": False}) as database:
        for name in ("orders", "planned", "visits"):
            file = database.read_parquet(f"{folder / name}.parquet", file_row_number=name == "visits")
            file.create_view(name)
        for name in ("terms", "calendar", "prices"):
            database.register(name, getattr(known, name))
        database.execute(_ORDERS)
        for statement in (_PLAN, _PICKED):
            database.execute(statement.replace("$window", str(known.window)))
        database.execute(_KEPT)
        database.sql(_LINES).write_parquet(f"{lines}")


if __name__ == "__main__":
    peer(settle)

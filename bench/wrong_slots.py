"""How many slots a settlement gets wrong: `python -m bench.wrong_slots FOLDER LINES...`.

A slot is wrong when another visit answers it than the one that was made for it: its own visit is not
there, or one that is not its own is, or both. A double-up's two slots may be answered either way
round. Several log-ins of one visit (`...b` in an invented council) are that visit, and only delivered
visits are looked at: who was cancelled or came to a closed door is not a question of matching.

LINES is lines.csv or lines.parquet of `carethread settle`, or the Parquet of a peer.
"""

import json
import sys
from pathlib import Path

import duckdb

from bench.common import THREADS, say
from carethread.synth.folder import TRUTH

_SQL = """
with truth as (
  select distinct split_part(line_id, '|', 1) as order_id,
    split_part(split_part(line_id, '|', 2), 'T', 1)::date as day, rtrim(visit_id, 'b') as visit
  from truth where delivered and line_id != ''
), settled as (
  select distinct order_id, day, rtrim(visit_id, 'b') as visit from settled
), visits as (
  select order_id, day,
    count(*) filter (where settled.visit is null) as without,
    count(*) filter (where truth.visit is null) as strange
  from truth full join settled using (order_id, day, visit) group by order_id, day
)
select (select count(*) from truth), coalesce(sum(greatest(without, strange)), 0)::bigint from visits
"""
_OURS = """
select order_id, split_part(split_part(line_id, '|', 2), 'T', 1)::date as day, visit_id
from lines where outcome = 'delivered' and not starts_with(line_id, 'visit|')
"""
_PEERS = """
select order_id, timezone('Europe/London', planned_start)::date as day, visit_id
from lines where visit_id is not null
"""


def wrong_slots(folder: Path, lines: Path) -> tuple[int, int]:
    """Return how many slots are wrong, and how many delivered slots there are in truth."""
    with duckdb.connect(config={"threads": THREADS}) as database:
        database.read_parquet(f"{folder / TRUTH / 'visits.parquet'}").create_view("truth")
        read = database.read_csv if lines.suffix == ".csv" else database.read_parquet
        found = read(f"{lines}")
        found.create_view("lines")
        database.sql(_OURS if "line_id" in found.columns else _PEERS).create_view("settled")
        slots, wrong = database.sql(_SQL).fetchall()[0]
        return wrong, slots


if __name__ == "__main__":
    for name in sys.argv[2:]:
        wrong, slots = wrong_slots(Path(sys.argv[1]), Path(name))
        say(json.dumps({"lines": Path(name).name, "wrong": wrong, "slots": slots}))

"""Two councils on which matching is hard, each unlike an easy one in one thing only.

Everybody has four visits a day, every day of the four weeks, and one person in twenty has two carers
for each of them. Four slots in a hundred are not visited, and to two hundred visits there is one that
nobody planned. Nobody is away, no provider sends a rota or names the visit it answers, nobody logs in
twice, and a worker sees one person only: what decides is how visits lie in time.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.common import FIRST
from carethread.engine import units
from carethread.synth.council import LOTS
from carethread.synth.folder import TRUTH

SEED = 11
DAYS, CALLS, DAY = 28, 4, units.DAY_MINUTES
NOT_VISITED, NOT_PLANNED, TWO_CARERS = 0.04, 0.005, 0.05
ROUND, PER_PROVIDER = 12, 60
GAP = 60
LATE_ROUNDS, LATE_BY = 0.2, 40
NOON = 14 * 60
"""When a round of the morning ends and one of the afternoon begins."""
_EARLIEST = (7 * 60, 11 * 60 + 45, 16 * 60, 19 * 60 + 30)
_LATEST = (9 * 60 + 30, 13 * 60, 17 * 60 + 30, 21 * 60 + 30)
Ints = Any


def write_hard(folder: Path, visits: int, *, late_rounds: bool) -> None:
    """Write orders and visits, and what the visits were made for, into a folder with all the rest.

    With `late_rounds` the day has the parts it has in synth and one round in five runs late; without,
    visits are planned sixty minutes apart.
    """
    dice = np.random.default_rng(SEED)
    people = max(1, round(visits / (DAYS * CALLS * (1 - NOT_VISITED) * (1 + TWO_CARERS))))
    starts, minutes = _commissioned(people, dice, apart=not late_rounds)
    carers = np.where(dice.random(people) < TWO_CARERS, 2, 1)
    _write_orders(folder, starts, minutes, carers)
    made = _slots(starts, minutes, carers, dice)
    check_in = made["start"] + _lateness(made, dice)
    if late_rounds:
        check_in += _late_rounds(made, people, dice)
    length = np.maximum(1, np.rint(made["minutes"] * dice.triangular(0.7, 0.97, 1.2, len(check_in))))
    made |= {"check_in": check_in, "check_out": check_in + length.astype(np.int64)}
    done = dice.random(len(check_in)) >= NOT_VISITED
    made = {name: column[done] for name, column in made.items()}
    _write_visits(folder, _with_unplanned(made, people, dice), dice)


def _commissioned(people: int, dice: np.random.Generator, *, apart: bool) -> tuple[Ints, Ints]:
    """Return when everybody's visits begin (minute of the day) and how long they are."""
    if apart:
        first = dice.integers(7 * 4, 17 * 4 + 1, people) * 15
        starts = first[:, None] + GAP * np.arange(CALLS)
        return starts, dice.choice([15, 30, 45], (people, CALLS), p=[0.1, 0.5, 0.4])
    quarters = [
        (dice.integers(a // 15, b // 15 + 1, people) * 15)
        for a, b in zip(_EARLIEST, _LATEST, strict=True)
    ]
    minutes = dice.choice([15, 30, 45, 60], (people, CALLS), p=[0.03, 0.42, 0.35, 0.2])
    return np.stack(quarters, axis=1), minutes


def _slots(starts: Ints, minutes: Ints, carers: Ints, dice: np.random.Generator) -> dict[str, Ints]:
    """Return every carer's place in every visit of the weeks."""
    shape = (len(starts), CALLS, DAYS, 2)
    person, call, day, carer = (index.ravel() for index in np.indices(shape, np.int64))
    there = carer < carers[person]
    person, call, day, carer = person[there], call[there], day[there], carer[there]
    begins = starts[person, call]
    midnight = units.instant_on(FIRST, 0)[0] + day * DAY  # no clock changes in these weeks
    number = dice.permutation(len(person))
    return {
        "person": person,
        "call": call,
        "day": day,
        "carer": carer,
        "number": number,
        "minute": begins,
        "start": midnight + begins,
        "minutes": minutes[person, call],
    }


def _lateness(made: dict[str, Ints], dice: np.random.Generator) -> Ints:
    """Return minutes late, as synth has them; two carers come at about one time."""
    count = len(made["start"])
    late = dice.normal(2, 8, count) + (dice.random(count) < 0.18) * dice.exponential(30, count)  # noqa: PLR2004
    second = np.flatnonzero(made["carer"])
    late[second] = late[second - 1] + dice.normal(0, 3, len(second))
    return np.rint(late).astype(np.int64)


def _late_rounds(made: dict[str, Ints], people: int, dice: np.random.Generator) -> Ints:
    """Return by how much the visit's round is late: a dozen people, one half of a day."""
    shape = (people // ROUND + 1, DAYS, 2)
    late = (dice.random(shape) < LATE_ROUNDS) * dice.exponential(LATE_BY, shape)
    afternoon = (made["minute"] >= NOON).astype(np.int64)
    return np.rint(late[made["person"] // ROUND, made["day"], afternoon]).astype(np.int64)


def _with_unplanned(made: dict[str, Ints], people: int, dice: np.random.Generator) -> dict[str, Ints]:
    """Add a few visits that nobody planned; they have call -1."""
    count = round(len(made["start"]) * NOT_PLANNED)
    minute = dice.integers(7 * 60, 21 * 60, count)
    day = dice.integers(0, DAYS, count)
    begins = units.instant_on(FIRST, 0)[0] + day * DAY + minute
    more = {
        "person": dice.integers(0, people, count),
        "call": np.full(count, -1),
        "day": day,
        "carer": np.zeros(count, np.int64),
        "number": made["number"].max() + 1 + np.arange(count),
        "minute": minute,
        "start": begins,
        "minutes": np.zeros(count, np.int64),
        "check_in": begins,
        "check_out": begins + dice.choice([15, 30, 45], count),
    }
    return {name: np.concatenate([column, more[name]]) for name, column in made.items()}


def _provider(person: int) -> str:
    return f"PROV{person // PER_PROVIDER:03d}"


def _write_orders(folder: Path, starts: Ints, minutes: Ints, carers: Ints) -> None:
    people = range(len(starts))
    each = [(person, call) for person in people for call in range(CALLS)]
    lots = [lot.contract_id for lot in LOTS]
    columns = {
        "order_id": [f"O{person:06d}{'MLTB'[call]}" for person, call in each],
        "person_id": [f"P{person:06d}" for person, _ in each],
        "provider_id": [_provider(person) for person, _ in each],
        "contract_id": [lots[person // PER_PROVIDER % len(lots)] for person, _ in each],
        "service": ["PC"] * len(each),
        "starts_on": [FIRST] * len(each),
        "basis": ["visits"] * len(each),
        "days": ["1111111"] * len(each),
        "start_time": [f"{m // 60:02d}:{m % 60:02d}" for m in starts.ravel().tolist()],
        "minutes": minutes.ravel(),
        "carers": np.repeat(carers, CALLS),
        "time_critical": [False] * len(each),
    }
    _replace(folder / "orders.parquet", columns)


def _write_visits(folder: Path, made: dict[str, Ints], dice: np.random.Generator) -> None:
    from bench.grow import arrival_lag  # noqa: PLC0415

    count = len(made["start"])
    order = np.argsort(made["day"] + arrival_lag(count, dice) + dice.random(count))
    made = {name: column[order] for name, column in made.items()}
    person = made["person"].tolist()
    number = made["number"].tolist()
    worker = np.where(
        made["call"] < 0, 96, made["person"] % ROUND * 8 + made["call"] * 2 + made["carer"]
    )
    rounds = zip(person, worker.tolist(), strict=True)
    ids = [
        f"{p:06d}-{p // PER_PROVIDER:03d}-{n % 1_000_000:06d}"
        for p, n in zip(person, number, strict=True)
    ]
    same = {"service": "PC", "status": "delivered", "in_method": "app", "out_method": "app"}
    columns = {
        "visit_id": ids,
        "sequence": np.ones(count, np.int64),
        "person_id": [f"P{p:06d}" for p in person],
        "provider_id": [_provider(p) for p in person],
        "worker_id": [f"W{p // ROUND:05d}-{number:02d}" for p, number in rounds],
        **{name: [word] * count for name, word in same.items()},
        "check_in": made["check_in"] * 60_000,
        "check_out": made["check_out"] * 60_000,
        "reason_code": [""] * count,
    }
    _replace(folder / "visits.parquet", columns)
    first_days = [f"{FIRST.fromordinal(FIRST.toordinal() + day)}" for day in range(DAYS)]
    facts = zip(
        *(made[name].tolist() for name in ("person", "call", "day", "minute", "carer")), strict=True
    )
    lines = [
        f"O{p:06d}{'MLTB'[call]}|{first_days[day]}T{m // 60:02d}:{m % 60:02d}|{carer + 1}"
        if call >= 0
        else ""
        for p, call, day, m, carer in facts
    ]
    truth = pa.table({"visit_id": ids, "line_id": lines, "delivered": [True] * count})
    pq.write_table(truth, folder / TRUTH / "visits.parquet")


def _replace(path: Path, columns: dict[str, Any]) -> None:
    """Write the columns as the empty file at `path` has them; those not given are empty."""
    schema = pq.read_schema(path)
    count = len(next(iter(columns.values())))
    arrays = [
        pa.array(columns[field.name]).cast(field.type)
        if field.name in columns
        else pa.nulls(count, field.type)
        for field in schema
    ]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)

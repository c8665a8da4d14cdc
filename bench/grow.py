"""Benchmark folders: an invented council tiled to any size, and two on which matching is hard.

    python -m bench.grow easy-8m [FOLDER]

*easy*: the council of `carethread synth` (`common.BASE`), many times over. Each copy has its own
people, orders, visits, workers, invoices and providers (one for sixty people); times are the same in
every copy. *tight*: four visits a day sixty minutes apart. *late*: the day's parts as in synth, but one
round in five runs late, all its visits by the same time drawn from an exponential of mean 40 minutes.
The visits of all three are as late, apart from that, as those of synth.

Visits stand as they would arrive: by day of check-in, people mixed within the day, three in a hundred
up to three days later. What each visit was made for is in truth/visits.parquet.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from bench.common import BASE, COLD, COLD_PEOPLE, DATA, EASY, LATE, SIZES, VISITS
from bench.hard import write_hard
from carethread.formats.settlement.inputs import InputFiles
from carethread.kit.whole import whole_folder
from carethread.synth.council import CONTRACTS_TOML, Council, rate_cards, rounds
from carethread.synth.folder import MARK, TRUTH, synthesise

SEED = 7
ROW_GROUP = 500_000
FEW_COPIES = 20
"""How many copies of the small tables are written at a time."""
LATE_SHARE, LATEST = 0.03, 3
"""How many visits arrive late, and by how many days at most."""
DAY_MS = 86_400_000


def grown(name: str, data: Path = DATA) -> Path:
    """Return the folder of that name (easy-8m, tight-1m); make it if it is not there."""
    folder = data / name
    if not (folder / MARK).exists():
        kind, _, size = name.partition("-")
        with whole_folder(folder, replace=True, mark=MARK) as new:
            if kind == EASY:
                size_of = SIZES[size]
                tile(base(BASE, data), new, size_of.copies, truth=size_of.truth)
            elif kind == COLD:
                _synth(replace(BASE, people=COLD_PEOPLE), new)
            else:
                _rest(new)
                write_hard(new, VISITS[size], late_rounds=kind == LATE)
            visits = pq.read_metadata(new / "visits.parquet").num_rows
            (new / MARK).write_text(json.dumps({"name": name, "visits": visits}) + "\n")
    return folder


def base(council: Council, data: Path) -> Path:
    """Return the folder of an invented council, in Parquet; make it if it is not there."""
    folder = data / f"base-{council.people}-{council.weeks}-{council.seed}"
    if not (folder / MARK).exists():
        with whole_folder(folder, replace=True, mark=MARK) as new:
            _synth(council, new)
    return folder


def _synth(council: Council, folder: Path) -> None:
    synthesise(council, folder, "parquet", lambda _doing, _done, _of: None)


def _rest(folder: Path) -> None:
    """Write what all invented councils share: contracts, rates, and the other tables empty."""
    (folder / "contracts.toml").write_text(CONTRACTS_TOML)
    (folder / TRUTH).mkdir()
    with InputFiles(folder, "parquet") as files:
        files.write("rates", rate_cards())


def tile(one: Path, folder: Path, copies: int, *, truth: bool = True) -> None:
    """Write a council many times over, as one council."""
    _rest(folder)
    council = Council(**json.loads((one / MARK).read_text()))
    shifts = Shifts(council.people, council.providers, sum(1 for _ in rounds(council)))
    for table in ("orders", "planned", "suspensions", "invoices"):
        tiles = Tiles(pq.read_table(one / f"{table}.parquet"), shifts, copies)
        _write(folder / f"{table}.parquet", _in_order(tiles, copies))
    visits = pq.read_table(one / "visits.parquet")
    _write(folder / "visits.parquet", _as_they_arrive(visits, shifts, copies))
    if not truth:
        return
    made_for = Tiles(_made_for(one, visits), shifts, copies)
    wanted = ["visit_id", "line_id", "delivered"]
    _write(
        folder / TRUTH / "visits.parquet",
        (table.select(wanted) for table in _in_order(made_for, copies)),
    )


def _made_for(one: Path, visits: pa.Table) -> pa.Table:
    """Return what each visit was made for, and whether it was delivered."""
    made_for = pa.csv.read_csv(one / TRUTH / "visits.csv")
    ids = made_for["visit_id"].to_pylist()
    status = dict(zip(visits["visit_id"].to_pylist(), visits["status"].to_pylist(), strict=True))
    columns = {
        "visit_id": ids,
        "line_id": made_for["line_id"].to_pylist(),
        "delivered": [status[name] == "delivered" for name in ids],
        "person_id": [f"P{name[:6]}" for name in ids],
        "provider_id": [f"PROV{name[7:10]}" for name in ids],
    }
    return pa.table(columns)


@dataclass(frozen=True, slots=True)
class Shifts:
    """By how much the numbers in ids differ between one copy and the next."""

    people: int
    providers: int
    rounds: int

    def renumbered(self, column: str, text: str, copy: int) -> str:
        """Return an id as a copy has it, in the form that `carethread synth` gives ids.

        >>> Shifts(1_080, 18, 90).renumbered("worker_id", "W00012-03", 2)
        'W00192-03'
        """
        match column:
            case "person_id" | "order_id" | "line_id":
                return f"{text[0]}{int(text[1:7]) + copy * self.people:06d}{text[7:]}"
            case "provider_id":
                return f"{text[:4]}{int(text[4:]) + copy * self.providers:03d}"
            case "worker_id":
                return f"{text[0]}{int(text[1:6]) + copy * self.rounds:05d}{text[6:]}"
            case _:
                word, provider, week, number = text.split("-")
                provider = f"{int(provider) + copy * self.providers:03d}"
                number = f"{int(number[:5]) + copy * self.rounds:05d}{number[5:]}"
                return f"{word}-{provider}-{week}-{number}"


_IDS = ("person_id", "order_id", "provider_id", "worker_id", "invoice_id")


class Tiles:
    """A table of the base, from which rows of any copy can be taken."""

    def __init__(self, table: pa.Table, shifts: Shifts, copies: int) -> None:
        """Give every copy its ids."""
        self.table = table.combine_chunks()
        self._ids: dict[str, tuple[Any, Any, int]] = {}
        for name in set(_IDS) & set(table.column_names):
            coded = self.table[name].combine_chunks().dictionary_encode()
            texts = coded.dictionary.to_pylist()
            every = [
                text and shifts.renumbered(name, text, copy) for copy in range(copies) for text in texts
            ]
            self._ids[name] = (coded.indices, pa.array(every, pa.string()), len(texts))

    def take(self, rows: Any, copies: Any) -> pa.Table:
        """Return the rows (their places in the base) of the copies, both arrays of one length."""
        taken: dict[str, Any] = {}
        for name in self.table.column_names:
            if name in self._ids:
                codes, texts, distinct = self._ids[name]
                places = pc.add(codes.take(rows), pa.array(copies * distinct))
                taken[name] = texts.take(places)
            else:
                taken[name] = self.table[name].combine_chunks().take(rows)
        self._renumber_visits(taken)
        return pa.table(taken, schema=self.table.schema)

    @staticmethod
    def _renumber_visits(taken: dict[str, Any]) -> None:
        """Give visits their ids: person, provider, and a number within the round (invoices may not)."""
        ids = taken.get("visit_id")
        if ids is None:
            return
        person = pc.utf8_slice_codeunits(taken["person_id"], 1)
        provider = pc.utf8_slice_codeunits(taken["provider_id"], 4)
        number = pc.utf8_slice_codeunits(ids, len("000000-000-"))
        names = pc.binary_join_element_wise(person, provider, number, "-")
        taken["visit_id"] = pc.if_else(pc.greater(pc.binary_length(ids), 0), names, ids)
        if "line_id" in taken:
            lines = taken["line_id"]
            rest = pc.utf8_slice_codeunits(lines, len("O000000"))
            names = pc.binary_join_element_wise("O", person, rest, "")
            taken["line_id"] = pc.if_else(pc.greater(pc.binary_length(lines), 0), names, lines)


def _in_order(tiles: Tiles, copies: int) -> Iterator[pa.Table]:
    """Yield the copies of a table one after the other."""
    rows = np.arange(len(tiles.table))
    for first in range(0, copies, FEW_COPIES):
        some = np.arange(first, min(first + FEW_COPIES, copies))
        yield tiles.take(pa.array(np.tile(rows, len(some))), np.repeat(some, len(rows)))


def _as_they_arrive(visits: pa.Table, shifts: Shifts, copies: int) -> Iterator[pa.Table]:
    """Yield the visits of all copies day by day."""
    tiles = Tiles(visits, shifts, copies)
    when = pc.coalesce(visits["check_in"], visits["planned_start"]).cast(pa.int64())
    days = np.asarray(when) // DAY_MS
    dice = np.random.default_rng(SEED)
    waiting: dict[int, list[tuple[Any, Any]]] = {}
    for day in range(days.min(), days.max() + 1 + LATEST):
        today = np.flatnonzero(days == day)
        rows, copy = np.tile(today, copies), np.repeat(np.arange(copies), len(today))
        lag = arrival_lag(len(rows), dice)
        for later in range(1, LATEST + 1):
            waiting.setdefault(day + later, []).append((rows[lag == later], copy[lag == later]))
        came = [(rows[lag == 0], copy[lag == 0]), *waiting.pop(day, [])]
        order = dice.permutation(sum(len(rows) for rows, _ in came))
        rows, copy = (np.concatenate(parts)[order] for parts in zip(*came, strict=True))
        yield tiles.take(pa.array(rows), copy)


def arrival_lag(count: int, dice: np.random.Generator) -> Any:
    """Return by how many days each visit arrives late: 0 for most."""
    return np.where(dice.random(count) < LATE_SHARE, dice.integers(1, LATEST + 1, count), 0)


def _write(path: Path, tables: Iterator[pa.Table]) -> None:
    """Write tables to a file, small ones gathered."""
    writer = None
    held: list[pa.Table] = []
    for table in tables:
        writer = writer or pq.ParquetWriter(path, table.schema)
        held.append(table)
        if sum(len(one) for one in held) >= ROW_GROUP // 2:
            writer.write_table(pa.concat_tables(held), row_group_size=ROW_GROUP)
            held = []
    if writer:
        if held:
            writer.write_table(pa.concat_tables(held), row_group_size=ROW_GROUP)
        writer.close()


if __name__ == "__main__":
    grown(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else DATA)  # noqa: PLR2004

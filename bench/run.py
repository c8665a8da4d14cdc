"""Measure carethread beside the limit and beside its peers: `python -m bench.run 100k 1m 8m`.

Every program is run as a user would run it, whole process, one after the other in rounds; medians
count. Before the rounds carethread runs once unmeasured: nothing is compiled on the clock, files are in
memory, and the limit has something to write. See bench/README.md.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench import chart, machine
from bench.common import COLD, DATA, EASY, LATE, PERIOD, ROOT, SIZES, THREADS, TIGHT, say
from bench.processes import Failed, Ran, run
from carethread.cli.terminal import table

THREADS_ENV = "CARETHREAD_THREADS"
"""The environment variable that says how many threads carethread may use."""
RESULTS, CHART = ROOT / "bench" / "results", ROOT / "docs" / "images" / "bench.svg"
LIMIT, OURS, OURS_1, SPARK = "limit", "ours", "ours_1_thread", "spark"
BUCKETING, BUCKETED = "bucketing", "bucketed"
_NOT_PEERS = (LIMIT, OURS, OURS_1, BUCKETING, BUCKETED)
LINES = "lines.parquet"
COLD_RUNS, COLD_SIZE = 5, "100k"
BUSY = 0.1
"""A round in which others had more than this share of the machine is not to be trusted."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A program that is measured; `{folder}` and `{out}` in its command are filled in."""

    key: str
    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_peer(self) -> bool:
        """Say whether it is neither the limit nor carethread on this machine."""
        return self.key not in _NOT_PEERS

    def run(self, folder: Path, out: Path, settled: Path) -> Ran:
        """Run it once; `out` lies beside what the others write."""
        lines = out / LINES
        places = {"{folder}": folder, "{out}": out, "{settled}": settled, "{lines}": lines}
        places["{buckets}"] = out.with_name(BUCKETING)
        shutil.rmtree(out, ignore_errors=True)
        if "{lines}" in self.command:
            out.mkdir(parents=True)
        command = [str(places.get(word, word)) for word in self.command]
        return run(command, self.environment)


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def _settle(folder: str) -> list[str]:
    to = ("--out", "{out}", "--format", "parquet", "--quiet")
    return _module("carethread.cli", "settle", folder, *PERIOD, *to)


_TWO = {THREADS_ENV: str(THREADS)}
CONTENDERS = (
    Contender(
        LIMIT, "limit: reads and writes only", _module("bench.limit", "{folder}", "{settled}", "{out}")
    ),
    Contender(OURS, f"carethread, {THREADS} threads", _settle("{folder}"), _TWO),
    Contender(OURS_1, "carethread, 1 thread", _settle("{folder}"), {THREADS_ENV: "1"}),
    Contender(
        BUCKETING,
        "carethread bucket: splitting only",
        _module("carethread.cli", "bucket", "{folder}", "--out", "{buckets}", "--quiet"),
        _TWO,
    ),
    Contender(BUCKETED, f"carethread, in buckets, {THREADS} threads", _settle("{buckets}"), _TWO),
    Contender("duckdb", "DuckDB SQL", _module("bench.peers.duckdb_sql", "{folder}", "{lines}")),
    Contender("polars", "Polars", _module("bench.peers.polars_lazy", "{folder}", "{lines}")),
    Contender("python", "plain Python", _module("bench.peers.plain_python", "{folder}", "{lines}")),
    Contender(
        SPARK,
        f"carethread on Spark local[{THREADS}]",
        (*_settle("{buckets}"), "--engine", "spark", "--master", f"local[{THREADS}]"),
    ),
)


class Bench:
    """One size: its data, its runs, its results."""

    def __init__(self, name: str, data: Path, rounds: int | None) -> None:
        """Make the data if it is not there."""
        self.name, self.size, self.data = name, SIZES[name], data
        self.rounds = rounds or self.size.rounds
        self.folder = self._grown(EASY, name)
        self.runs: dict[str, list[Ran]] = {}
        self.wrong: dict[str, dict[str, int]] = {}
        self.slots: dict[str, int] = {}
        self.cold: float | None = None
        self.warm: float | None = None

    def _grown(self, kind: str, size: str) -> Path:
        folder = self.data / f"{kind}-{size}"
        if not folder.exists():
            say(f"Making {folder.name} ...")
        run(_module("bench.grow", folder.name, str(self.data)))
        return folder

    def _out(self, key: str) -> Path:
        return self.data / "out" / key

    def measure(self) -> None:
        """Run everything, in rounds."""
        contenders = [one for one in CONTENDERS if self._takes_part(one)]
        ours = next(one for one in contenders if one.key == OURS)
        settled = self._out("settled")
        ours.run(self.folder, settled, settled)
        for number in range(1, self.rounds + 1):
            for one in contenders:
                before = self.runs.get(one.key, [])
                if number == 1 or (before and not self._is_slow(one, before[0])):
                    self._run(one, settled, f"round {number} of {self.rounds}")
        if self.size.truth:
            self._count_wrong(EASY, self.folder, [one.key for one in contenders])
            self._judge_hard(
                [one for one in contenders if one.key not in (*_NOT_PEERS, SPARK) or one.key == OURS]
            )
        if self.name == COLD_SIZE:
            folder = self._grown(COLD, "1k")
            ran = [ours.run(folder, self._out(COLD), folder) for _ in range(COLD_RUNS)]
            self.cold = median(one.seconds for one in ran)
            self.warm = float(run(_module("bench.warm", str(folder))).output)
        shutil.rmtree(self.data / "out")

    def _takes_part(self, one: Contender) -> bool:
        if one.key in self.size.without:
            say(f"{one.name}: left out at {self.name}")
            return False
        if one.key == SPARK and not self._has_spark(one):
            say(f"{one.name}: skipped, `carethread settle` does not know --engine spark")
            return False
        return True

    def _has_spark(self, spark: Contender) -> bool:
        """Say whether the command line takes the engine; there is no such folder to settle."""
        nowhere = self._out("nowhere")
        try:
            spark.run(nowhere, nowhere, nowhere)
        except Failed as failed:
            return not any(words in str(failed) for words in ("invalid choice", "unrecognized"))
        return True

    def _is_slow(self, one: Contender, ran: Ran) -> bool:
        return one.key not in (LIMIT, OURS, BUCKETED) and ran.seconds > self.size.once_above

    @staticmethod
    def _has_own_way(one: Contender) -> bool:
        """Say whether it matches in another way than carethread does."""
        return one.is_peer and one.key != SPARK

    def _run(self, one: Contender, settled: Path, when: str) -> None:
        try:
            ran = one.run(self.folder, self._out(one.key), settled)
        except Failed as failed:
            if not one.is_peer:
                raise
            say(f"{one.name}: failed, left out\n{failed}")
            return
        self.runs.setdefault(one.key, []).append(ran)
        busy = f", others had {ran.others:.0%} of the machine" if ran.others > BUSY else ""
        say(f"  {when}: {one.name} {_seconds(one, ran):.2f} s, {ran.peak_mb:,.0f} MB{busy}")

    def _count_wrong(self, kind: str, folder: Path, keys: Sequence[str]) -> None:
        """Count wrong slots in what was settled last."""
        for key in keys:
            lines = self._out(key) / LINES
            if key in (LIMIT, BUCKETING) or not lines.exists():
                continue
            ran = run(_module("bench.wrong_slots", str(folder), str(lines)))
            found = json.loads(ran.output)
            self.wrong.setdefault(key, {})[kind] = found["wrong"]
            self.slots[kind] = found["slots"]

    def _judge_hard(self, contenders: Sequence[Contender]) -> None:
        """Count wrong slots on the days on which matching is hard; nothing is measured."""
        for kind in (TIGHT, LATE):
            folder = self._grown(kind, self.size.variant)
            for one in contenders:
                if one.key in self.runs:
                    one.run(folder, self._out(one.key), folder)
                    self._count_wrong(kind, folder, [one.key])

    def results(self) -> dict[str, Any]:
        """Return what is written to bench/results."""
        figures = {one.key: self._figures(one) for one in CONTENDERS if one.key in self.runs}
        ours, limit = figures[OURS], figures[LIMIT]
        every = [ran.others for runs in self.runs.values() for ran in runs]
        return {
            "name": f"settle-{self.name}",
            "visits": self.visits,
            "ratio_to_limit": round(ours["seconds"] / limit["seconds"], 3),
            "ours_seconds": ours["seconds"],
            "limit_seconds": limit["seconds"],
            "peak_mb": ours["peak_mb"],
            **{key: figures[key] for key in _NOT_PEERS if key in figures},
            "ratio_to_limit_in_buckets": round(figures[BUCKETED]["seconds"] / limit["seconds"], 3),
            "peers": {key: value for key, value in figures.items() if key not in _NOT_PEERS},
            "delivered_slots": self.slots,
            "cold_1000_visits_seconds": self.cold and round(self.cold, 3),
            "warm_1000_visits_seconds": self.warm and round(self.warm, 4),
            "rounds": self.rounds,
            "others_share_of_machine": round(median(every), 3),
            "command": f"make bench SIZE={self.name}",
            "machine": machine.describe(),
        }

    @property
    def visits(self) -> int:
        """How many rows of visits there are."""
        made: int = json.loads((self.folder / "truth" / "council.json").read_text())["visits"]
        return made

    def _figures(self, one: Contender) -> dict[str, Any]:
        runs = self.runs[one.key]
        seconds = median(_seconds(one, ran) for ran in runs)
        found = {
            "name": one.name,
            "seconds": round(seconds, 3),
            "visits_per_second": round(self.visits / seconds),
            "peak_mb": round(max(ran.peak_mb for ran in runs)),
            "runs": len(runs),
            "wrong_slots": self.wrong.get(one.key, {}),
        }
        if one.key == LIMIT:
            found["inside_seconds"] = median(json.loads(ran.output)["inside_seconds"] for ran in runs)
        return found


def _seconds(one: Contender, ran: Ran) -> float:
    """Return whole-process seconds; of the limit without the time it spent on getting ready."""
    if one.key != LIMIT:
        return ran.seconds
    outside: float = json.loads(ran.output)["outside_seconds"]
    return ran.seconds - outside


def shown(results: Mapping[str, Any]) -> str:
    """Return results as a table for a terminal."""
    limit, slots = results["limit_seconds"], results["delivered_slots"]
    kinds = [kind for kind in (EASY, TIGHT, LATE) if kind in slots]
    head = ["", "seconds", "visits/s", "x limit", "peak MB", *(f"wrong, {kind}" for kind in kinds)]
    rows = [head]
    for one in (*(results[key] for key in _NOT_PEERS if key in results), *results["peers"].values()):
        wrong = [
            f"{one['wrong_slots'][kind]:,} ({one['wrong_slots'][kind] / slots[kind]:.2%})"
            if kind in one["wrong_slots"]
            else ""
            for kind in kinds
        ]
        rows.append(
            [
                one["name"] + (" (one run)" if one["runs"] == 1 < results["rounds"] else ""),
                f"{one['seconds']:.2f}",
                f"{one['visits_per_second']:,}",
                f"{one['seconds'] / limit:.2f}",
                f"{one['peak_mb']:,}",
                *wrong,
            ]
        )
    said = [f"{results['name']}: {results['visits']:,} visits", table(rows, right=range(1, len(head)))]
    if results["cold_1000_visits_seconds"]:
        cold, warm = results["cold_1000_visits_seconds"], results["warm_1000_visits_seconds"]
        said.append(f"1,000 visits: whole process {cold:.2f} s, in a running one {1000 * warm:.0f} ms")
    if results["others_share_of_machine"] > BUSY:
        said.append(
            f"Not to be trusted: others had {results['others_share_of_machine']:.0%} of the machine."
        )
    return "\n\n".join(said)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every size asked for, write its results, draw the chart."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="+", choices=SIZES)
    parser.add_argument("--rounds", type=int, help="how often each runs; more for a quieter median")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--chart", type=Path, default=CHART)
    options = parser.parse_args(arguments)
    options.results.mkdir(parents=True, exist_ok=True)
    for name in options.sizes:
        bench = Bench(name, options.data, options.rounds)
        bench.measure()
        results = bench.results()
        file = options.results / f"{results['name']}.json"
        file.write_text(json.dumps(results, indent=2) + "\n")
        say(f"\n{shown(results)}\n\nWritten to {file.name}.")
    chart.draw(options.results, options.chart)


if __name__ == "__main__":
    main()

"""Measure the books beside what they stand on: `python -m bench.books`, that is `make bench-books`.

A county's four weeks (7,465 people, as Essex has) are imported into PostgreSQL and settled there, each
by its command, whole process. Beside the import stands a bare COPY of the same rows into the same
table, with its indexes and constraints; beside the run, settling the same files and a bare COPY of its
lines.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
from tests import databases
from tests.databases import Books
from tests.postgresql import server

from bench import machine
from bench.common import DATA, ROOT, say
from bench.processes import Ran, run
from carethread.cli.books.start import start_django
from carethread.cli.terminal import table
from carethread.synth.council import FIRST_MONDAY, Council

NAME, COUNCIL, WEEKS = "books-county", "county", 4
VISITS = "visits.parquet"
PEOPLE = 7_465
"""Source: Essex, home care commissioning intentions, 2024/25."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round took; of the bare copies, inside the database alone."""

    council: Ran
    visits: Ran
    again: Ran
    settled_books: Ran
    settled_files: Ran
    copied_visits: float
    copied_lines: float


class Bench:
    """The data, a PostgreSQL, the rounds."""

    def __init__(self, people: int, data: Path, address: str) -> None:
        """Make the data if it is not there."""
        self.council, self.address = Council(people, WEEKS, seed=2026), address
        self.folder = data / f"county-{people}"
        self.period = ("--from", f"{FIRST_MONDAY}", "--to", f"{self.council.last}")
        if not self.folder.exists():
            say(f"Making {self.folder.name} ...")
            size = ("--people", str(people), "--weeks", str(WEEKS), "--seed", "2026")
            _carethread("synth", str(self.folder), *size, "--format", "parquet", "--quiet")

    @property
    def visits(self) -> int:
        """How many rows of visits there are."""
        made: int = pq.read_metadata(self.folder / VISITS).num_rows
        return made

    def round(self) -> Round:
        """Import into new books, import again, settle; settle the files; copy bare."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="carethread-bench-")))
            books = databases.empty_postgresql(self.address, folder)
            stack.callback(databases.drop, self.address, books)
            told = books.environment
            _carethread("council", "add", COUNCIL, "A county (invented)", environment=told)
            ours = folder / "council"
            ours.mkdir()
            for file in self.folder.iterdir():
                if file.is_file() and file.name != VISITS:
                    shutil.copy(file, ours)
            bring = ("import", COUNCIL, str(self.folder / VISITS), "--apply", "--quiet")
            out = ("--out", str(folder / "settled"), "--format", "parquet", "--quiet")
            return Round(
                council=_carethread(
                    "import", COUNCIL, str(ours), "--apply", "--quiet", environment=told
                ),
                visits=_carethread(*bring, environment=told),
                again=_carethread(*bring, environment=told),
                settled_books=_carethread("run", COUNCIL, *self.period, "--quiet", environment=told),
                settled_files=_carethread("settle", str(self.folder), *self.period, *out),
                copied_visits=_copied(books, "visits_visit"),
                copied_lines=_copied(books, "settlement_line"),
            )


def _carethread(*arguments: str, environment: Mapping[str, str] | None = None) -> Ran:
    ran = run([sys.executable, "-m", "carethread.cli", *arguments], environment)
    others = f"the database and others had {ran.others:.0%} of the machine"
    say(f"  carethread {arguments[0]}: {ran.seconds:.2f} s, {ran.peak_mb:,.0f} MB; {others}")
    return ran


def _copied(books: Books, table_name: str) -> float:
    """Copy a table's rows into another just like it, by the superuser; return the seconds."""
    seconds = json.loads(
        run([sys.executable, "-m", "bench.bare_copy", books.super_url, table_name]).output
    )["seconds"]
    say(f"  bare COPY into {table_name}: {seconds:.2f} s")
    return float(seconds)


def results(bench: Bench, rounds: Sequence[Round]) -> dict[str, Any]:
    """Return what is written to bench/results."""
    imported = median(one.visits.seconds for one in rounds)
    limit = median(one.copied_visits for one in rounds)
    settled = median(one.settled_books.seconds for one in rounds)
    files = median(one.settled_files.seconds for one in rounds)
    lines = median(one.copied_lines for one in rounds)
    every = [
        ran.others
        for one in rounds
        for ran in (one.council, one.visits, one.settled_books, one.settled_files)
    ]
    return {
        "name": NAME,
        "visits": bench.visits,
        "people": bench.council.people,
        "ratio_to_limit": round(imported / limit, 3),
        "ours_seconds": round(imported, 3),
        "limit_seconds": round(limit, 3),
        "peak_mb": round(max(one.visits.peak_mb for one in rounds)),
        "visits_per_second": round(bench.visits / imported),
        "the_councils_own_files_seconds": round(median(one.council.seconds for one in rounds), 3),
        "the_same_file_again_seconds": round(median(one.again.seconds for one in rounds), 3),
        "run": {
            "seconds": round(settled, 3),
            "peak_mb": round(max(one.settled_books.peak_mb for one in rounds)),
            "files_to_files_seconds": round(files, 3),
            "bare_copy_of_lines_seconds": round(lines, 3),
            "ratio_to_files_and_copy": round(settled / (files + lines), 3),
            "times_files_beyond_copy": round((settled - lines) / files, 3),
        },
        "peers": {
            "COPY": {"seconds": round(limit, 3), "visits_per_second": round(bench.visits / limit)}
        },
        "rounds": len(rounds),
        "database_and_others_share_of_machine": round(median(every), 3),
        "command": "make bench-books",
        "machine": machine.describe(),
    }


def shown(found: Mapping[str, Any]) -> str:
    """Return results as a table for a terminal."""
    settled = found["run"]
    rows = [
        ("", "seconds", "visits/s", "peak MB"),
        _row(
            "import of visits: read, check, apply",
            found["ours_seconds"],
            found["visits"],
            found["peak_mb"],
        ),
        _row(
            "import of orders, rates and the rest", found["the_councils_own_files_seconds"], None, None
        ),
        _row("the same visits again", found["the_same_file_again_seconds"], found["visits"], None),
        _row("bare COPY of the visits", found["limit_seconds"], found["visits"], None),
        _row("a run over the books", settled["seconds"], found["visits"], settled["peak_mb"]),
        _row("settling the files", settled["files_to_files_seconds"], found["visits"], None),
        _row("bare COPY of the lines", settled["bare_copy_of_lines_seconds"], found["visits"], None),
    ]
    said = [f"{NAME}: {found['visits']:,} visits of {found['people']:,} people"]
    said.append(table(rows, right=range(1, 4)))
    return "\n\n".join(said)


def _row(name: str, seconds: float, visits: int | None, peak: int | None) -> tuple[str, str, str, str]:
    rate = "" if visits is None else f"{visits / seconds:,.0f}"
    return name, f"{seconds:.2f}", rate, "" if peak is None else f"{peak:,}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=Path, default=ROOT / "bench" / "results")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="carethread-bench-") as home, server() as address:
        os.environ["CARETHREAD_HOME"] = home
        start_django()
        bench = Bench(options.people, DATA, address)
        rounds = [bench.round() for _ in range(options.rounds)]
    found = results(bench, rounds)
    file = options.results / f"{NAME}.json"
    file.write_text(json.dumps(found, indent=2) + "\n")
    say(f"\n{shown(found)}\n\nWritten to {file.name}.")


if __name__ == "__main__":
    main()

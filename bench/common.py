"""What the benchmark's programs share: where data is, what a size means, how programs report."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carethread.synth.council import FIRST_MONDAY, Council

ROOT = Path(__file__).parents[1]
DATA = ROOT / "bench" / "data"
THREADS = 2
"""What every program of the benchmark may use."""

BASE = Council(people=1_080, weeks=4, seed=2026)
"""The invented council that larger ones are tiles of: a hundred thousand visits."""
FIRST, LAST = FIRST_MONDAY, BASE.last
PERIOD = ("--from", f"{FIRST}", "--to", f"{LAST}")

EASY, TIGHT, LATE, COLD = "easy", "tight", "late", "cold"
COLD_PEOPLE = 11
"""How many people make a thousand visits."""


@dataclass(frozen=True, slots=True)
class Size:
    """A size: copies of the base, how often each contender runs, and the variants beside it.

    One that takes longer than `once_above` seconds runs in the first round only, but for the limit and
    carethread on two threads; those in `without` do not run. Wrong slots are counted only where there
    is `truth`.
    """

    copies: int
    rounds: int
    once_above: float
    variant: str
    without: tuple[str, ...] = ()
    truth: bool = True


_TOO_LONG = ("python", "ours_1_thread", "spark")
SIZES = {
    "100k": Size(copies=1, rounds=3, once_above=6, variant="100k"),
    "1m": Size(copies=10, rounds=5, once_above=20, variant="1m"),
    "8m": Size(copies=80, rounds=3, once_above=60, variant="1m"),
    "40m": Size(copies=400, rounds=1, once_above=60, variant="1m", without=_TOO_LONG, truth=False),
}
VISITS = {name: 100_000 * size.copies for name, size in SIZES.items()}


def say(text: str = "") -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def peer(settle: Callable[[Path, Path], Any]) -> None:
    """Run a peer from the command line: FOLDER LINES; print its seconds and memory as JSON."""
    folder, lines = Path(sys.argv[1]), Path(sys.argv[2])
    begun = time.perf_counter()
    settle(folder, lines)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(json.dumps({"seconds": round(seconds, 3), "peak_mb": round(peak)}))


def to_disk(path: Path) -> None:
    """Wait until a file is on the disk, as carethread does with all it writes."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

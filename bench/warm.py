"""How long a settlement takes in a process that runs already: `python -m bench.warm FOLDER`.

The folder's tables are in memory, as in a server that reads them from its books; every table of the
settlement is made, and nothing is written. Prints the median of the seconds.
"""

import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import carethread.batch  # noqa: F401 -- compiled code is kept where it is looked for
from bench.common import FIRST, LAST, say
from carethread.engine.columns.given import Tables
from carethread.engine.columns.run import Run
from carethread.engine.records import Period
from carethread.formats.settlement.read_tables import read_tables

_RUNS = 20


def settle(tables: Tables) -> float:
    """Settle tables; return the seconds."""
    begun = perf_counter()
    run = Run(tables, Period(FIRST, LAST))
    for _ in run.parts(lambda *_: None):
        pass
    run.tables()
    run.digest()
    return perf_counter() - begun


def main(folder: Path) -> None:
    """Settle once to load what has been compiled, then measure."""
    tables = read_tables(folder, lambda *_: None).tables
    settle(tables)
    say(f"{median(settle(tables) for _ in range(_RUNS)):.6f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

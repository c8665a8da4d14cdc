"""A folder settled on this machine's processors, from files to files."""

from collections import deque
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from carethread.engine.columns.build import NeedsReference
from carethread.engine.columns.given import Tables
from carethread.engine.columns.publish import Columns
from carethread.engine.columns.run import Progress, Run
from carethread.engine.columns.tariff import CannotBeTabled
from carethread.engine.records import Period
from carethread.engine.results import Digest
from carethread.formats.settlement.sink import TableSink
from carethread.formats.settlement.tables import LINES, TABLES, WORKINGS, Table
from carethread.kit.threads import in_turn, threads

__all__ = ["CannotBeTabled", "NeedsReference", "settle_tables"]


def settle_tables(tables: Tables, period: Period, out: Path, form: str, progress: Progress) -> Digest:
    """Settle a folder's tables and write the settlement into an empty folder.

    Raises:
        NeedsReference, CannotBeTabled: if only the reference can settle this folder.
    """
    at_once = threads()
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(at_once))
        progress("Matching visits to plans", 0, 1)
        run = Run(tables, period, in_turn(pool, at_once + 1))
        write_parts(run.parts(progress), out, form, stack)
        progress("Writing findings and totals", 0, 1)
        made = run.tables()
        for _ in pool.map(partial(_write_table, out, form, made), TABLES):
            pass
        return run.digest()


def _write_table(out: Path, form: str, made: Mapping[str, Columns], table: Table) -> None:
    if table.name in made:
        with TableSink(table, out, form) as sink:
            sink.write(made[table.name])


def write_parts(
    parts: Iterable[tuple[Columns, Columns]], out: Path, form: str, stack: ExitStack
) -> None:
    """Write lines and workings, each file from a thread of its own, while more are settled."""
    lines = stack.enter_context(TableSink(LINES, out, form))
    workings = stack.enter_context(TableSink(WORKINGS, out, form))
    one = stack.enter_context(ThreadPoolExecutor(1))
    other = stack.enter_context(ThreadPoolExecutor(1))
    waiting: deque[Future[None]] = deque()
    for line_columns, working_columns in parts:
        waiting.append(one.submit(lines.write, line_columns))
        waiting.append(other.submit(workings.write, working_columns))
        while len(waiting) > _WRITES_AHEAD:
            waiting.popleft().result()
    for future in waiting:
        future.result()


_WRITES_AHEAD = 4

"""`carethread lines COUNCIL RUN --out FOLDER`: a run's lines and differences as files."""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from carethread.cli.books.start import desk, reading
from carethread.cli.folders import written_whole
from carethread.cli.terminal import Stop, show
from carethread.engine.written import count
from carethread.formats.settlement.files import CsvRows, inert
from carethread.formats.settlement.tables import LINES
from carethread.formats.settlement.write import write_rows

_DUE = ("line_id", "due_pence", "held", "decision")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "lines",
        help="write a run's lines and differences as CSV",
        description="Write lines.csv (as `carethread settle` writes it), due.csv (what is due for each"
        " line after people's decisions) and differences.csv (what differs from what was last"
        " approved). Exit code 2 if the run is not settled.",
    )
    parser.add_argument("council", help="the council's code")
    parser.add_argument("number", type=int, metavar="RUN", help="as carethread runs lists it")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write; made whole")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the files."""
    here = desk(options.council, None)
    from carethread.settlement import queries, results  # noqa: PLC0415

    with reading(here):
        asked = queries.run_of(options.number)
        if asked.lines is None:
            message = f"run {asked.pk} is {asked.status}: it has no lines"
            raise Stop(message)
        lines = queries.stored_lines(asked.pk)
        with written_whole(options.out, options, "lines.csv") as out:
            write_rows(LINES, results.records_of(lines), out / "lines.csv")
            due = zip(*(lines[name].to_pylist() for name in _OF_DUE), strict=True)
            _write(out / "due.csv", _DUE, due)
            _write(out / "differences.csv", queries.DIFFERENCE_COLUMNS, queries.differences(asked.pk))
    show(f"{count(lines.num_rows, 'line')} of run {asked.pk} are in {options.out}")
    return 0


_OF_DUE = ("ref", "due_pence", "is_held", "decision")


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        written = CsvRows(file)
        written.write(columns)
        for row in rows:
            written.write([_cell(value) for value in row])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return inert(value) if isinstance(value, str) else str(value)

"""`carethread runs COUNCIL`: a council's runs, and what they differ in from what was approved."""

import argparse
from typing import TYPE_CHECKING

from carethread.cli.books.start import desk, reading
from carethread.cli.terminal import show, table
from carethread.engine.written import pounds

if TYPE_CHECKING:
    from carethread.settlement.models import Run

_SHOWN = 50


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("runs", help="list a council's settlement runs")
    parser.add_argument("council", help="the council's code")
    parser.add_argument("--all", action="store_true", help=f"not the latest {_SHOWN} alone")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List the runs."""
    here = desk(options.council, None)
    from carethread.settlement.queries import runs  # noqa: PLC0415

    with reading(here):
        found = list(runs() if options.all else runs()[:_SHOWN])
    if not found:
        show("No runs yet: carethread run COUNCIL --from DATE --to DATE")
        return 0
    heads = ("run", "from", "to", "version", "status", "lines", "due", "held", "differs", "by")
    show(table([heads, *(_row(one) for one in found)], right=[0, 3, 5, 6, 7, 8]))
    for one in found:
        if one.failure:
            show(f"\nRun {one.pk}: {one.failure}")
    return 0


def _row(one: "Run") -> list[str]:
    figures = [_pence(one.due_pence), _pence(one.held_pence)]
    figures.append(_pence(one.difference_pence) if one.differences else "")
    lines = "" if one.lines is None else f"{one.lines:,}"
    days = [str(one.first_on), str(one.last_on), str(one.version)]
    return [str(one.pk), *days, one.status, lines, *figures, one.approved_by or one.asked_by]


def _pence(pence: int | None) -> str:
    return "" if pence is None else pounds(pence)

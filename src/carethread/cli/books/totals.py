"""`carethread totals COUNCIL`: a day's control totals, here and in the other system."""

import argparse
from datetime import date, timedelta
from pathlib import Path

from carethread.cli.books.start import add_by, desk, writing
from carethread.cli.books.tables import write_table
from carethread.cli.terminal import show, table
from carethread.engine.units import LONDON

HEADS = ("direction", "system", "kind", "ours", "theirs", "difference", "explained")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "totals",
        help="a day's control totals with the systems on either side",
        description="Count what came in and went out on a London day, beside what the other systems"
        " say. Exit code 1 where a difference is not explained.",
    )
    parser.add_argument("council")
    parser.add_argument("--day", type=date.fromisoformat, help="2026-05-04; unless told, yesterday")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write them as CSV too")
    add_by(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Strike and show the totals."""
    here = desk(options.council, options.by)
    from carethread.interchange.actions_totals import strike  # noqa: PLC0415
    from carethread.interchange.models import ControlTotal  # noqa: PLC0415

    day = options.day or here.at.astimezone(LONDON).date() - timedelta(days=1)
    with writing(here):
        strike(day=day, at=here.at)
        found = list(ControlTotal.objects.filter(day=day).order_by("direction", "system", "pk"))
    rows = [
        (
            one.direction,
            one.system,
            one.kind,
            _said(one.ours),
            _said(one.theirs),
            _said(one.difference),
            one.explained,
        )
        for one in found
    ]
    show(table([HEADS, *rows], right=(3, 4, 5)))
    if options.out:
        write_table(options.out, HEADS, rows)
    return int(any(one.difference and not one.explained for one in found))


def _said(figure: int | None) -> str:
    return "" if figure is None else str(figure)

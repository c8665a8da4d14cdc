"""`carethread cases COUNCIL`: the cases in one system and not in the other, and why."""

import argparse
from pathlib import Path

from carethread.cli.books.start import add_by, desk, reading
from carethread.cli.books.tables import write_table
from carethread.cli.terminal import say, show, table
from carethread.engine.units import LONDON

HEADS = ("plan_ref", "person_ref", "reason", "since", "who", "package", "sentence")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "cases",
        help="the cases in one system and not in the other, and why",
        description="Hold the latest list of cases that case management sent against the orders and"
        " packages here. Exit code 1 where a case is not the same on both sides.",
    )
    parser.add_argument("council")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write them as CSV, in full")
    add_by(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show the cases that are apart."""
    here = desk(options.council, options.by)
    from carethread.interchange.cases import apart  # noqa: PLC0415
    from carethread.interchange.totals import CASE_MANAGEMENT, latest_list  # noqa: PLC0415

    with reading(here):
        listed = latest_list(CASE_MANAGEMENT)
        found = apart(CASE_MANAGEMENT, here.at.astimezone(LONDON).date())
    rows = [
        (
            one.plan_ref,
            one.person_ref,
            one.reason.value,
            str(one.since or ""),
            one.who,
            one.package,
            one.sentence,
        )
        for one in found
    ]
    if listed is None:
        say("Case management has not sent its list of cases yet: only packages that wait are shown")
    else:
        say(f"By case management's list of {listed}")
    show(table([HEADS, *rows]) if rows else "Every case is the same in both systems")
    if options.out:
        write_table(options.out, HEADS, rows)
    return int(bool(rows))

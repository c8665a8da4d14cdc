"""`carethread doctor`: whether the installation is sound, and what to do where it is not."""

import argparse
from datetime import UTC, datetime

from carethread.cli.books.start import start_django
from carethread.cli.terminal import show, table


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "doctor",
        help="check the installation; exit code 1 if something is bad",
        description="Check the database, the wall between councils, keys, settings and disk.",
    )
    parser.add_argument(
        "--deploy", action="store_true", help="as for an installation that others than you use"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check everything."""
    start_django()
    from carethread.config.doctor import Verdict, examine  # noqa: PLC0415

    found = list(examine(datetime.now(UTC), deploy=options.deploy))
    show(table([(one.verdict, one.about, one.says, one.to_do and f"-> {one.to_do}") for one in found]))
    return int(any(one.verdict is Verdict.BAD for one in found))

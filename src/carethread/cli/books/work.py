"""`carethread work`: settle what was queued, and do the other background jobs."""

import argparse
import time

from carethread.cli.books.start import open_books
from carethread.cli.terminal import say

_WAIT = 2.0
"""Seconds until a database that went away is asked again."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "work",
        help="do background jobs, such as queued runs, until stopped",
        description="Do background jobs until stopped; Ctrl-C or SIGTERM lets the job under way end"
        " first. Any number of workers may run. One that is killed loses nothing: carethread tick"
        " queues its job again.",
    )
    parser.add_argument("--once", action="store_true", help="do what is waiting, then end")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Work until stopped, also where the database is away for a while."""
    open_books()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import InterfaceError, OperationalError, connection  # noqa: PLC0415

    while True:
        try:
            call_command("db_worker", queue_name="*", batch=options.once, startup_delay=False)
        except (OperationalError, InterfaceError):
            connection.close()
            say(f"carethread: the books cannot be reached; trying again in {_WAIT:.0f} seconds")
            time.sleep(_WAIT)
        else:
            return 0

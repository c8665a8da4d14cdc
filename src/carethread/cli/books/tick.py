"""`carethread tick`: everything that is done from time to time."""

import argparse
import signal
import time
from datetime import UTC, datetime
from threading import Event

from carethread.cli.books.start import open_books
from carethread.cli.terminal import say, show

_WAIT = 2.0


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "tick",
        help="do everything that is due from time to time, until stopped",
        description="Do what is due: give up dead runs and queue them again, and whatever else is"
        " timed. Several may run; each thing is done by one of them.",
    )
    parser.add_argument("--once", action="store_true", help="do what is due now, then end")
    parser.add_argument("--every", type=float, default=1.0, metavar="SECONDS", help="how often to look")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Tick until stopped, also where the database is away for a while."""
    open_books()
    from django.db import InterfaceError, OperationalError, connection  # noqa: PLC0415

    from carethread.clockwork.ticking import a_name, tick  # noqa: PLC0415

    stopped = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    me = a_name()
    while not stopped.is_set():
        try:
            for name in tick(me, _now):
                show(f"{_now():%Y-%m-%d %H:%M:%S} {name}")
        except (OperationalError, InterfaceError):
            connection.close()
            say("carethread: the books cannot be reached; trying again")
            time.sleep(_WAIT)
            continue
        if options.once:
            break
        stopped.wait(options.every)
    return 0


def _now() -> datetime:
    return datetime.now(UTC)

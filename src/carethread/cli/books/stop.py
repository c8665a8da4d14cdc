"""`carethread stop` and `carethread again`: a run that is not wanted, and one that failed."""

import argparse

from carethread.cli.books.start import add_by, desk, writing
from carethread.cli.terminal import show


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    stop = commands.add_parser("stop", help="stop a run that is not settled yet; nothing is stored")
    _about(stop)
    stop.add_argument("--because", metavar="TEXT", required=True, help="why, for the audit")
    stop.set_defaults(run=run_stop)
    again = commands.add_parser("again", help="queue a run again that failed, its cause mended")
    _about(again)
    again.set_defaults(run=run_again)


def _about(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("council", help="the council's code")
    parser.add_argument("number", type=int, metavar="RUN", help="as carethread runs lists it")
    add_by(parser)


def run_stop(options: argparse.Namespace) -> int:
    """Stop a run."""
    here = desk(options.council, options.by)
    from carethread.settlement.actions import stop_run  # noqa: PLC0415

    with writing(here):
        stop_run(run=options.number, why=options.because, by=here.by, at=here.at)
    show(f"Run {options.number} is stopped; nothing of it was stored")
    return 0


def run_again(options: argparse.Namespace) -> int:
    """Queue a failed run again."""
    here = desk(options.council, options.by)
    from carethread.settlement.actions import ask_again  # noqa: PLC0415

    with writing(here):
        ask_again(run=options.number, by=here.by, at=here.at)
    show(f"Run {options.number} is queued again; carethread work settles it")
    return 0

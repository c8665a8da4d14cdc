"""`carethread undo COUNCIL DECISION`: the next run settles as if it had not been made."""

import argparse

from carethread.cli.books.start import add_by, desk, writing
from carethread.cli.terminal import show


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("undo", help="undo a decision about a line or a visit")
    parser.add_argument("council", help="the council's code")
    parser.add_argument("decision", type=int, help="its number; carethread decisions lists them")
    parser.add_argument("--because", required=True, metavar="TEXT", help="the reason, for the record")
    add_by(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Undo it."""
    here = desk(options.council, options.by)
    from carethread.settlement import decisions  # noqa: PLC0415

    with writing(here):
        decisions.undo(decision=options.decision, because=options.because, by=here.by, at=here.at)
    show(f"Decision {options.decision} is undone. The next run settles as if it had not been made.")
    return 0

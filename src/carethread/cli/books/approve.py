"""`carethread approve COUNCIL RUN --by EMAIL`: what a run says is due may be paid."""

import argparse

from carethread.cli.books.start import desk, writing
from carethread.cli.terminal import show
from carethread.engine.written import pounds


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "approve",
        help="approve a settled run, so that what it says is due may be paid",
        description="Approve a settled run. It takes an approver whose limit it is within, who did"
        " not ask for it, and books that have not changed since. Exit code 2 when it is refused.",
    )
    parser.add_argument("council", help="the council's code")
    parser.add_argument("number", type=int, metavar="RUN", help="as carethread runs lists it")
    parser.add_argument("--by", metavar="EMAIL", required=True, help="the approver")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Approve a run."""
    here = desk(options.council, options.by)
    from carethread.settlement.actions import approve_run  # noqa: PLC0415

    with writing(here):
        done = approve_run(run=options.number, by=here.by, at=here.at)
    due = pounds(done.due_pence or 0)
    show(f"Run {done.pk} is approved: {due} for {done.first_on} to {done.last_on}")
    return 0

"""`carethread retention` and `carethread dispose`: records kept as long as they must be."""

import argparse

from carethread.cli.books.start import add_by, desk, reading, writing
from carethread.cli.terminal import show, table
from carethread.engine.units import LONDON


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both commands."""
    listing = commands.add_parser(
        "retention", help="list the people whose records have been kept as long as they must be"
    )
    listing.add_argument("council")
    listing.set_defaults(run=run_list)
    disposing = commands.add_parser(
        "dispose",
        help="dispose of one person's record, for ever",
        description="Empty what says who a person is, and destroy the key of their audited values, for"
        " ever. It is refused while the record must be kept. What was paid stays, under the council's"
        " id of them. docs/guides/audit.md tells what remains, in backups too.",
    )
    disposing.add_argument("council")
    disposing.add_argument("person", help="the council's id of them")
    disposing.add_argument(
        "--because", metavar="WHY", required=True, help="why; readable for ever, so name nobody"
    )
    add_by(disposing)
    disposing.set_defaults(run=run_dispose)


def run_list(options: argparse.Namespace) -> int:
    """List whose time has come."""
    here = desk(options.council, None)
    from carethread.retention.queries import due  # noqa: PLC0415

    with reading(here):
        rows = [
            (one.person_ref, f"care ended {one.ended_on}", f"kept until {one.keep_until}")
            for one in due(here.at.astimezone(LONDON).date())
        ]
    show(table(rows) if rows else "Nobody's record is due for disposal.")
    return 0


def run_dispose(options: argparse.Namespace) -> int:
    """Dispose of one record."""
    here = desk(options.council, options.by)
    from carethread.retention.actions import dispose  # noqa: PLC0415

    with writing(here):
        dispose(person_ref=options.person, why=options.because, by=here.by, at=here.at)
    show(f"The record of {options.person} is disposed of. Backups hold it until they are overwritten.")
    return 0

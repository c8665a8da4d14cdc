"""`carethread council add | list`: whose books are kept here."""

import argparse
from datetime import UTC, datetime

from carethread.cli.books.start import actor, add_by, open_books
from carethread.cli.terminal import show, table


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("council", help="begin a council's books, or list the councils")
    deeds = parser.add_subparsers(metavar="WHAT", required=True)
    adding = deeds.add_parser("add", help="begin a council's books")
    adding.add_argument("code", help="short and lower case, as commands name it: north")
    adding.add_argument("name", help="as people say it: 'North Council'")
    add_by(adding)
    adding.set_defaults(run=run_add)
    deeds.add_parser("list", help="list the councils").set_defaults(run=run_list)


def run_add(options: argparse.Namespace) -> int:
    """Begin a council's books."""
    open_books()
    from carethread.accounts.actions import open_council  # noqa: PLC0415

    council = open_council(
        code=options.code, name=options.name, by=actor(options.by), at=datetime.now(UTC)
    )
    show(f"{council.name} has books here, and is called {council.code}")
    return 0


def run_list(_options: argparse.Namespace) -> int:
    """List the councils."""
    open_books()
    from carethread.councils.models import Council  # noqa: PLC0415

    rows = [(one.code, one.name) for one in Council.objects.order_by("code")]
    show(table(rows) if rows else "No council keeps books here yet: carethread council add CODE NAME")
    return 0

"""`carethread migrate`: make the books, or bring them to this version."""

import argparse

from carethread.cli.books.start import start_django
from carethread.cli.terminal import show


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "migrate",
        help="make the books, or bring them to this version",
        description="Make the database that councils' books are kept in, or bring it to this version."
        " Without further settings it is a SQLite file in the folder CARETHREAD_HOME;"
        " docs/guides/self-host.md tells of PostgreSQL.",
    )
    parser.set_defaults(run=run)


def run(_options: argparse.Namespace) -> int:
    """Migrate as the owner of the tables."""
    start_django(as_owner=True)
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    where = connection.settings_dict["NAME"]
    show(f"The books are ready: {connection.vendor}, {where}")
    return 0

"""`carethread serve`: answer the API."""

import argparse

from carethread.cli.books.start import open_books
from carethread.cli.terminal import Stop, say


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "serve",
        help="answer the API",
        description="Answer the API on this machine. Put a server that speaks HTTPS before it.",
    )
    parser.add_argument("--address", default="127.0.0.1", help="unless told, this machine alone")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Look that all is well, then serve until stopped."""
    open_books()
    _check()
    from granian import Granian  # noqa: PLC0415
    from granian.constants import Interfaces  # noqa: PLC0415

    say(f"carethread answers at http://{options.address}:{options.port}/api/v1/")
    Granian(
        "carethread.config.wsgi:application",
        address=options.address,
        port=options.port,
        workers=options.workers,
        interface=Interfaces.WSGI,
        websockets=False,
    ).serve()
    return 0


def _check() -> None:
    """Refuse to serve what the wall does not hold.

    Raises:
        Stop: if several councils share a database that cannot keep them apart, or the application owns
            its tables.
    """
    from django.conf import settings  # noqa: PLC0415
    from django.core.checks import run_checks  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from carethread.councils.models import Council  # noqa: PLC0415

    wrong = [str(one.msg) for one in run_checks() if one.is_serious()]
    if connection.vendor == "sqlite" and Council.objects.count() > 1:
        wrong.append("several councils need PostgreSQL, which keeps them apart by itself")
    if connection.vendor == "postgresql" and settings.APP_ROLE is None:
        wrong.append("the application must not own its tables: set CARETHREAD_OWNER_DATABASE_URL")
    if wrong:
        message = f"not served: {'; '.join(wrong)}"
        raise Stop(message)

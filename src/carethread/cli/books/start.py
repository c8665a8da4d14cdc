"""What every command on the books begins with: the books, the council, who asks, what time it is."""

import argparse
import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from carethread.cli.terminal import Stop

if TYPE_CHECKING:
    from carethread.councils.models import Council
    from carethread.wall.scope import Scope


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works on which council's books, and when."""

    council: "Council"
    by: str
    at: datetime


def add_by(parser: argparse.ArgumentParser) -> None:
    """Let a command be told who asks."""
    parser.add_argument(
        "--by",
        metavar="EMAIL",
        help="who asks for this; recorded beside whoever is signed in to this computer",
    )


def start_django(*, as_owner: bool = False) -> None:
    """Make the rooms ready, as the application or as the owner of the tables."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carethread.config.settings")
    if as_owner:
        os.environ["CARETHREAD_AS_OWNER"] = "1"
    import django  # noqa: PLC0415 -- a quarter of a second that settling a folder need not pay

    django.setup()


def open_books() -> None:
    """Make the rooms ready.

    Raises:
        Stop: if there are no books yet, or they are of another version.
    """
    start_django()
    from django.db import DatabaseError, connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        message = f"the books cannot be opened: {error}".strip()
        raise Stop(message) from None
    if missing:
        message = "the books are not set up for this version: run carethread migrate"
        raise Stop(message)


def desk(council: str, by: str | None) -> Desk:
    """Open the books of a council.

    Raises:
        Stop: if there is no such council, or no such user.
    """
    open_books()
    from carethread.councils.queries import NoSuchCouncil, council_called  # noqa: PLC0415

    try:
        return Desk(council_called(council), actor(by), datetime.now(UTC))
    except NoSuchCouncil as error:
        raise Stop(str(error)) from None


def actor(by: str | None) -> str:
    """Return how the audit names whoever asks: at this computer, and for whom.

    Raises:
        Stop: if the address is no user's.
    """
    here = f"console:{getpass.getuser()}"
    if by is None:
        return here
    from carethread.accounts.queries import user_with  # noqa: PLC0415

    user = user_with(by)
    if user is None:
        message = f"{by} is not a user; carethread user list shows who is"
        raise Stop(message)
    return f"{user.actor} at {here}"


@contextmanager
def writing(desk: Desk) -> Iterator["Scope"]:
    """Write to the council's books, in one transaction."""
    from carethread.wall import scope  # noqa: PLC0415

    with scope.scoped(scope.writing(desk.council.pk)) as within:
        yield within


@contextmanager
def reading(desk: Desk) -> Iterator["Scope"]:
    """Read the council's books."""
    from carethread.wall import scope  # noqa: PLC0415

    with scope.scoped(scope.reading(desk.council.pk)) as within:
        yield within

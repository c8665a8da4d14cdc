"""`carethread user add | role | list`: who may do what for which council."""

import argparse
from datetime import UTC, datetime

from carethread.cli.books.start import add_by, desk, open_books
from carethread.cli.terminal import Stop, show, table
from carethread.engine.units import LONDON


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("user", help="add users, give them roles, list them")
    deeds = parser.add_subparsers(metavar="WHAT", required=True)
    adding = deeds.add_parser("add", help="add a user, who sees nothing until given a role")
    adding.add_argument("email")
    adding.add_argument("name")
    adding.set_defaults(run=run_add)
    role = deeds.add_parser("role", help="give a user a role in a council")
    role.add_argument("email")
    role.add_argument("council")
    role.add_argument("role", help="such as payments_officer or approver; GLOSSARY.md lists all")
    role.add_argument("--provider", metavar="ID", help="for a provider's people: which provider")
    role.add_argument("--limit", type=int, metavar="POUNDS", help="the most an approver may approve")
    add_by(role)
    role.set_defaults(run=run_role)
    deeds.add_parser("list", help="list users and their roles").set_defaults(run=run_list)


def run_add(options: argparse.Namespace) -> int:
    """Add a user."""
    open_books()
    from carethread.accounts.actions import add_user  # noqa: PLC0415

    user = add_user(email=options.email, name=options.name, at=datetime.now(UTC))
    show(f"{user.name} is a user; give a role with: carethread user role {user.email} COUNCIL ROLE")
    return 0


def run_role(options: argparse.Namespace) -> int:
    """Give a user a role."""
    here = desk(options.council, options.by)
    from carethread.accounts.actions import give_role  # noqa: PLC0415
    from carethread.accounts.models import Role  # noqa: PLC0415
    from carethread.accounts.queries import user_with  # noqa: PLC0415

    user = user_with(options.email)
    if user is None:
        message = f"{options.email} is not a user yet: carethread user add {options.email} NAME"
        raise Stop(message)
    if options.role not in list(Role):
        message = f"{options.role!r} is no role; roles are {', '.join(Role)}"
        raise Stop(message)
    give_role(
        user=user,
        council=here.council,
        role=Role(options.role),
        provider=_provider(here.council.pk, options.provider),
        approval_limit_pence=None if options.limit is None else 100 * options.limit,
        since_on=here.at.astimezone(LONDON).date(),
        by=here.by,
        at=here.at,
    )
    show(f"{user.name} is {options.role} of {here.council.name}")
    return 0


def _provider(council: int, ref: str | None) -> int | None:
    if ref is None:
        return None
    from carethread.providers.models import Provider  # noqa: PLC0415
    from carethread.wall.scope import reading, scoped  # noqa: PLC0415

    with scoped(reading(council)):
        found = Provider.objects.filter(ref=ref).first()
    if found is None:
        message = f"this council has no provider {ref!r}"
        raise Stop(message)
    return int(found.pk)


def run_list(_options: argparse.Namespace) -> int:
    """List users and their roles."""
    open_books()
    from carethread.accounts.models import User  # noqa: PLC0415
    from carethread.accounts.queries import memberships  # noqa: PLC0415

    today = datetime.now(UTC).astimezone(LONDON).date()
    rows = []
    for user in User.objects.order_by("email"):
        held = memberships(user, today).select_related("council")
        roles = ", ".join(f"{one.role} of {one.council.code}" for one in held)
        rows.append((user.email, user.name, roles or "no role yet"))
    show(table(rows) if rows else "No users yet: carethread user add EMAIL NAME")
    return 0

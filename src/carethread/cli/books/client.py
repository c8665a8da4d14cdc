"""`carethread client add | list | revoke`: programs that call in."""

import argparse
from datetime import UTC, datetime

from carethread.cli.books.start import add_by, desk
from carethread.cli.terminal import Stop, show, table


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("client", help="let other systems call in by API")
    deeds = parser.add_subparsers(metavar="WHAT", required=True)
    adding = deeds.add_parser("add", help="let a program call in; its token is shown once")
    adding.add_argument("council")
    adding.add_argument("name", help="what it is called; what goes out to a system is for its name")
    adding.add_argument(
        "--may", required=True, metavar="WORDS", help="packages,cases,totals,outgoing,imports"
    )
    adding.add_argument("--provider", metavar="ID", help="a provider's program: it may only import")
    add_by(adding)
    adding.set_defaults(run=run_add)
    listing = deeds.add_parser("list", help="list a council's programs")
    listing.add_argument("council")
    add_by(listing)
    listing.set_defaults(run=run_list)
    revoking = deeds.add_parser("revoke", help="let a program call in no more")
    revoking.add_argument("council")
    revoking.add_argument("number", type=int, help="as carethread client list shows it")
    add_by(revoking)
    revoking.set_defaults(run=run_revoke)


def run_add(options: argparse.Namespace) -> int:
    """Add a program and show its token."""
    here = desk(options.council, options.by)
    from carethread.accounts.actions import add_client  # noqa: PLC0415
    from carethread.interchange.api.doors import RIGHTS  # noqa: PLC0415

    may = [word for word in options.may.split(",") if word]
    strangers = [word for word in may if word not in RIGHTS]
    if strangers or not may:
        message = f"{', '.join(strangers) or 'nothing'} is no right; rights are {', '.join(RIGHTS)}"
        raise Stop(message)
    client, token = add_client(
        council=here.council,
        name=options.name,
        may=may,
        provider=_provider(here.council.pk, options.provider),
        by=here.by,
        at=here.at,
    )
    show(f"{client.name} may call in for {here.council.name}, as number {client.pk}. Its token, once:")
    show(token)
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


def run_list(options: argparse.Namespace) -> int:
    """List a council's programs."""
    here = desk(options.council, options.by)
    from carethread.accounts.models import Client  # noqa: PLC0415

    rows = [("number", "name", "may", "last used", "")]
    for one in Client.objects.filter(council=here.council).order_by("pk"):
        used = "never" if one.last_used_at is None else f"{one.last_used_at:%Y-%m-%d %H:%M} UTC"
        gone = "" if one.revoked_at is None else f"revoked {one.revoked_at:%Y-%m-%d}"
        rows.append((str(one.pk), one.name, ",".join(one.may), used, gone))
    show(table(rows))
    return 0


def run_revoke(options: argparse.Namespace) -> int:
    """Let a program call in no more."""
    here = desk(options.council, options.by)
    from carethread.accounts.actions import revoke_client  # noqa: PLC0415
    from carethread.accounts.models import Client  # noqa: PLC0415

    client = Client.objects.filter(council=here.council, pk=options.number).first()
    if client is None:
        message = f"{here.council.code} has no program {options.number}: carethread client list"
        raise Stop(message)
    revoke_client(client=client, by=here.by, at=datetime.now(UTC))
    show(f"{client.name} may call in no more")
    return 0

"""`carethread profile add | list | show`: how other systems' files are read."""

import argparse
from pathlib import Path

from carethread.cli.books.start import add_by, desk, reading, writing
from carethread.cli.terminal import Stop, show, table


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("profile", help="how other systems' files are read: add, list, show")
    deeds = parser.add_subparsers(metavar="WHAT", required=True)
    adding = deeds.add_parser("add", help="add a profile, or a new version of one")
    adding.add_argument("council")
    adding.add_argument("file", type=Path, help="the profile, TOML; docs/guides/imports.md tells how")
    add_by(adding)
    adding.set_defaults(run=run_add)
    listing = deeds.add_parser("list", help="list profiles")
    listing.add_argument("council")
    listing.set_defaults(run=run_list)
    showing = deeds.add_parser("show", help="show a profile's text")
    showing.add_argument("council")
    showing.add_argument("name")
    showing.add_argument("--version", type=int, dest="of_version", help="an earlier version")
    showing.set_defaults(run=run_show)


def run_add(options: argparse.Namespace) -> int:
    """Add a profile."""
    here = desk(options.council, options.by)
    from carethread.interchange.imports import profiles  # noqa: PLC0415

    try:
        text = options.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{options.file} cannot be read: {error}"
        raise Stop(message) from None
    with writing(here):
        stored = profiles.add(text=text, by=here.by, at=here.at)
    show(f"{stored.name} is a profile of {here.council.name}, version {stored.version}")
    return 0


def run_list(options: argparse.Namespace) -> int:
    """List profiles."""
    here = desk(options.council, None)
    from carethread.interchange.imports import profiles  # noqa: PLC0415

    with reading(here):
        known = [profiles.named(name) for name in profiles.names()]
    whose = [f"version {one.version}" if one.version else "comes with carethread" for one in known]
    show(
        table([(one.profile.name, one.profile.table, of) for one, of in zip(known, whose, strict=True)])
    )
    return 0


def run_show(options: argparse.Namespace) -> int:
    """Show a profile."""
    here = desk(options.council, None)
    from carethread.interchange.imports import profiles  # noqa: PLC0415

    with reading(here):
        show(profiles.named(options.name, options.of_version).text.rstrip())
    return 0

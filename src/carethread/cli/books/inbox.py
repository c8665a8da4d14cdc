"""`carethread inbox read | list | check-again | withdraw | decide | folder`: packages that come in."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from carethread.cli.books.start import Desk, add_by, desk, reading, writing
from carethread.cli.terminal import Stop, show, table

if TYPE_CHECKING:
    from carethread.interchange.models import Package


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("inbox", help="packages from case management: read, list, settle")
    deeds = parser.add_subparsers(metavar="WHAT", required=True)
    read = _deed(deeds, "read", "take the files that lie in a folder's `in`", run_read)
    read.add_argument("folder", type=Path)
    _deed(deeds, "list", "list the packages that wait, why, and whose move it is", run_list)
    again = _deed(deeds, "check-again", "check a returned package again as it is", run_again)
    again.add_argument("key")
    withdrawing = _deed(deeds, "withdraw", "close a package nobody asks for any more", run_withdraw)
    withdrawing.add_argument("key")
    withdrawing.add_argument("--why", required=True)
    _deed(deeds, "decide", "decide what was received and, for a crash, not decided", run_decide)
    folder = _deed(deeds, "folder", "have a folder read by the clock, or no more", run_folder)
    folder.add_argument("folder", type=Path)
    folder.add_argument("--stop", action="store_true")


def _deed(
    deeds: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, says: str, run: object
) -> argparse.ArgumentParser:
    parser = deeds.add_parser(name, help=says)
    parser.add_argument("council")
    add_by(parser)
    parser.set_defaults(run=run)
    return parser


def run_read(options: argparse.Namespace) -> int:
    """Take the files of a folder; exit code 1 where a package was returned."""
    here = desk(options.council, options.by)
    from carethread.interchange.drop_folders import read_drop_folder  # noqa: PLC0415

    taken = read_drop_folder(council=here.council, path=options.folder, by=here.by, at=here.at)
    for one in taken:
        show(f"{one.path}: {one.accepted} of {one.packages} packages accepted")
    if not taken:
        show("No file was ready to be taken")
    return int(any(one.accepted < one.packages for one in taken))


def run_list(options: argparse.Namespace) -> int:
    """List the packages that wait."""
    here = desk(options.council, options.by)
    from carethread.interchange.queries_inbox import reasons_of, waiting_at  # noqa: PLC0415

    rows = [("package", "days", "waits on", "because")]
    with reading(here):
        for one in waiting_at(here.at):
            reasons = reasons_of(one) if one.status == "returned" else []
            who = ", ".join(dict.fromkeys(reason.who for reason in reasons)) or "carethread"
            codes = ", ".join(dict.fromkeys(reason.code for reason in reasons)) or "not decided"
            rows.append((one.address, str((here.at - one.received_at).days), who, codes))
    show(table(rows) if len(rows) > 1 else "No package waits")
    return 0


def run_again(options: argparse.Namespace) -> int:
    """Check a package again."""
    here = desk(options.council, options.by)
    from carethread.interchange.actions_inbox import check_again  # noqa: PLC0415
    from carethread.interchange.queries_inbox import reasons_of  # noqa: PLC0415

    with writing(here):
        package = check_again(package=_the(here, options.key), by=here.by, at=here.at)
        show(f"{package.address} is {package.status}")
        for one in reasons_of(package) if package.status == "returned" else []:
            show(f"  {one.code}, for {one.who}: {one.sentence}")
    return 0 if package.status == "accepted" else 1


def run_withdraw(options: argparse.Namespace) -> int:
    """Close a package."""
    here = desk(options.council, options.by)
    from carethread.interchange.actions_inbox import withdraw_package  # noqa: PLC0415

    with writing(here):
        package = _the(here, options.key)
        withdraw_package(package=package, why=options.why, by=here.by, at=here.at)
    show(f"{options.key} is withdrawn")
    return 0


def run_decide(options: argparse.Namespace) -> int:
    """Decide what was left undecided."""
    here = desk(options.council, options.by)
    from carethread.interchange.actions_inbox import decide_waiting  # noqa: PLC0415

    count = decide_waiting(council=here.council.pk, by=here.by, at=here.at)
    show(f"{count} packages were decided")
    return 0


def run_folder(options: argparse.Namespace) -> int:
    """Have a folder read by the clock."""
    here = desk(options.council, options.by)
    from carethread.interchange.actions_folders import keep_folder  # noqa: PLC0415

    with writing(here):
        keep_folder(path=options.folder, stop=options.stop, by=here.by, at=here.at)
    show(f"{options.folder.resolve()} is {'no longer ' if options.stop else ''}read by carethread tick")
    return 0


def _the(here: Desk, key: str) -> "Package":
    from carethread.interchange.queries_inbox import package_at  # noqa: PLC0415

    package = package_at(key)
    if package is None:
        message = f"{here.council.code} has no package {key!r}: carethread inbox list"
        raise Stop(message)
    return package

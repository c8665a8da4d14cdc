"""`carethread export` and `carethread restore`: all that is kept of a council, in one file."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from carethread.cli.books.start import actor, add_by, desk, open_books, start_django
from carethread.cli.terminal import Stop, say, show


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both commands."""
    export = commands.add_parser(
        "export",
        help="write all that is kept of a council to one documented file",
        description="Write all that is kept of a council, as it stands at one moment, to one zip file"
        " that docs/guides/export.md describes. It says who receives care: keep it as you keep the"
        " books.",
    )
    export.add_argument("council", nargs="?", help="which; or --all")
    export.add_argument("--all", action="store_true", help="each council to a file of its own")
    export.add_argument(
        "--out", type=Path, required=True, help="the file to write; with --all, the folder"
    )
    export.add_argument(
        "--with-audit-values",
        action="store_true",
        help="add the reasons and values of the audit in clear; else only the master key opens them",
    )
    add_by(export)
    export.set_defaults(run=run_export)
    restore = commands.add_parser(
        "restore",
        help="make a council's books from such a file",
        description="Make a council's books from a file that carethread export wrote, whole or not at"
        " all. The council must not have books here. If the file was written under another master key,"
        " give that in CARETHREAD_ARCHIVE_MASTER_KEY.",
    )
    restore.add_argument("archive", type=Path)
    restore.set_defaults(run=run_restore)


def run_export(options: argparse.Namespace) -> int:
    """Write one council, or each."""
    if options.all == (options.council is not None):
        message = "say which council, or --all"
        raise Stop(message)
    if options.all:
        return _export_all(options)
    here = desk(options.council, options.by)
    from carethread.archive.writing import write  # noqa: PLC0415

    made = write(
        here.council,
        options.out,
        by=here.by,
        at=here.at,
        with_audit_values=options.with_audit_values,
    )
    rows = sum(file.rows or 0 for file in made.files.values())
    show(f"{options.out} holds {here.council.name}: {len(made.files)} files, {rows:,} rows")
    return 0


def _export_all(options: argparse.Namespace) -> int:
    open_books()
    from carethread.councils.models import Council  # noqa: PLC0415

    options.out.mkdir(parents=True, exist_ok=True)
    folder, options.all = options.out, False
    for code in Council.objects.order_by("code").values_list("code", flat=True):
        options.council, options.out = code, folder / f"{code}.zip"
        run_export(options)
    return 0


def run_restore(options: argparse.Namespace) -> int:
    """Make books."""
    start_django(as_owner=True)
    from carethread.archive.restoring import restore  # noqa: PLC0415

    done = restore(
        options.archive,
        by=actor(None),
        at=datetime.now(UTC),
        master_key=os.environ.get("CARETHREAD_ARCHIVE_MASTER_KEY") or None,
    )
    show(f"{done.council.name} has its books here: {sum(done.rows.values()):,} rows")
    say("Users have no passwords yet, and programs need new tokens.")
    return 0

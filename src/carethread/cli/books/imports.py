"""`carethread import | imports | apply | abandon | import-problems`: files into the books."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carethread.cli.books.start import Desk, add_by, desk, reading, writing
from carethread.cli.terminal import STOPPED, Bar, Stop, say, show, table

if TYPE_CHECKING:
    from carethread.interchange.models import Batch

ROWS_REJECTED = 1
"""Exit code: some rows were rejected; the others are as the table says."""
_MOST_REASONS = 12
_Deed = Callable[[Desk, "Batch", argparse.Namespace], int]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    _add_import(commands)
    listing = commands.add_parser("imports", help="list the files that were imported, the latest first")
    listing.add_argument("council", help="the council's code")
    listing.set_defaults(run=run_list)
    applying = _of_batch(
        commands, "apply", "write a checked import into the books, whole or not at all"
    )
    add_by(applying)
    applying.set_defaults(run=lambda options: _with_batch(options, _apply))
    abandoning = _of_batch(commands, "abandon", "decide against an import; nothing is written")
    add_by(abandoning)
    abandoning.set_defaults(run=lambda options: _with_batch(options, _abandon))
    problems = _of_batch(commands, "import-problems", "the same file back, with what is wrong in it")
    problems.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file to write")
    problems.add_argument("--only-rejected", action="store_true", help="only rows that were rejected")
    problems.set_defaults(run=lambda options: _with_batch(options, _problems))


def _add_import(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "import",
        help="check a file or folder against the books, and show what it would change",
        description="Record a file (CSV, XLSX, Parquet, zip) or a folder, read it, and show of each row"
        " whether it is new, changed, unchanged or rejected and why. Nothing is written to the books"
        " before it is applied.",
    )
    parser.add_argument("council", help="the council's code")
    parser.add_argument("path", type=Path, metavar="FILE_OR_FOLDER")
    parser.add_argument("--profile", default="", metavar="NAME", help="read another system's layout")
    parser.add_argument("--table", default="", help="what the file holds, where its name does not tell")
    parser.add_argument("--provider", metavar="ID", help="whose upload it is: only its rows are taken")
    parser.add_argument("--apply", action="store_true", help="apply it at once if nothing is rejected")
    parser.add_argument("--again", action="store_true", help="check it although it was applied before")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    add_by(parser)
    parser.set_defaults(run=run_import)


def _of_batch(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text)
    parser.add_argument("council", help="the council's code")
    parser.add_argument(
        "batch", type=int, metavar="IMPORT", help="its number, as carethread imports shows"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress")
    return parser


def run_import(options: argparse.Namespace) -> int:
    """Receive and check a file; apply it if told so."""
    here = desk(options.council, options.by)
    from carethread.interchange.imports import actions  # noqa: PLC0415
    from carethread.interchange.imports.receive import Sending, receive  # noqa: PLC0415
    from carethread.interchange.imports.words import BatchStatus  # noqa: PLC0415

    if not options.path.exists():
        message = f"{options.path} is not there"
        raise Stop(message)
    with writing(here):
        sending = Sending(
            options.path,
            profile=options.profile,
            table=options.table,
            provider=_provider(options.provider),
        )
        receipt = receive(sending=sending, again=options.again, by=here.by, at=here.at)
    batch = receipt.batch
    if batch.status == BatchStatus.APPLIED:
        show(
            f"Import {batch.pk} had the same content and was applied on {_when(batch)}: nothing to do."
        )
        return 0
    with Bar(quiet=options.quiet) as bar:
        batch = actions.check(batch=batch, by=here.by, at=here.at, progress=bar.reading)
    code = _show(here, batch)
    if code == 0 and options.apply:
        return _apply(here, batch, options)
    if options.apply:
        say("carethread: not applied, because something was rejected; carethread apply does so anyway")
    return code


def _when(batch: "Batch") -> str:
    return f"{batch.applied_at:%d %B %Y} by {batch.applied_by}"


def _provider(ref: str | None) -> Any:
    if ref is None:
        return None
    from carethread.providers.models import Provider  # noqa: PLC0415

    found = Provider.objects.filter(ref=ref).first()
    if found is None:
        message = f"this council has no provider {ref!r}"
        raise Stop(message)
    return found


def _show(here: Desk, batch: "Batch") -> int:
    """Show what a check found; return the exit code that says so."""
    from carethread.interchange.imports.queries import reasons  # noqa: PLC0415
    from carethread.interchange.imports.words import BatchStatus, Verdict  # noqa: PLC0415

    show(f"Import {batch.pk}: {batch.file}")
    heads = ("", *Verdict, "rows")
    rows = [
        (name, *(f"{counts[one]:,}" for one in Verdict), f"{sum(counts.values()):,}")
        for name, counts in batch.counts.items()
    ]
    if rows:
        show(table([heads, *rows], right=range(1, len(heads))))
    with reading(here):
        found = reasons(batch)
    for one in found[:_MOST_REASONS]:
        where = " ".join(part for part in (one.table, one.column) if part)
        row = "" if one.row is None else f", first in row {one.row}"
        mark = "rejected" if one.is_rejected else "note"
        show(f"  {mark}: {where} ({one.count:,}{row}): {one.says}")
    if len(found) > _MOST_REASONS:
        show(f"  and {len(found) - _MOST_REASONS} more kinds of problem")
    if batch.status == BatchStatus.FAILED:
        say("carethread: nothing of it could be read, and nothing can be applied")
        return STOPPED
    if not any(one.is_rejected for one in found):
        return 0
    again = f"carethread import-problems {here.council.code} {batch.pk} --out FILE"
    show(f"The same file with its problems: {again}")
    return ROWS_REJECTED


def run_list(options: argparse.Namespace) -> int:
    """List imports."""
    here = desk(options.council, None)
    from carethread.interchange.imports.queries import batches  # noqa: PLC0415

    with reading(here):
        found = batches()
    rows = [
        (
            str(one.pk),
            one.status,
            f"{one.received_at:%d %B %Y %H:%M}",
            one.file,
            one.provider.ref if one.provider else "",
            ", ".join(
                f"{name} {counts['new']:,} new {counts['changed']:,} changed"
                for name, counts in one.counts.items()
            ),
        )
        for one in found
    ]
    show(table(rows, right=[0]) if rows else "Nothing was imported yet: carethread import COUNCIL FILE")
    return 0


def _with_batch(options: argparse.Namespace, deed: _Deed) -> int:
    here = desk(options.council, getattr(options, "by", None))
    from carethread.interchange.imports.queries import batch_numbered  # noqa: PLC0415

    with reading(here):
        batch = batch_numbered(options.batch)
    return deed(here, batch, options)


def _apply(here: Desk, batch: "Batch", options: argparse.Namespace) -> int:
    from carethread.interchange.imports import actions  # noqa: PLC0415

    try:
        with Bar(quiet=options.quiet) as bar:
            batch = actions.apply(batch=batch, by=here.by, at=here.at, progress=bar.reading)
    except actions.ChangedSince as changed:
        with reading(here):
            batch.refresh_from_db()
        _show(here, batch)
        raise Stop(str(changed)) from None
    added = ", ".join(
        f"{counts['new'] + counts['changed']:,} of {name}"
        for name, counts in batch.counts.items()
        if counts["new"] + counts["changed"]
    )
    show(f"Import {batch.pk} is in the books: {added or 'nothing was new or changed'}.")
    if actions.brings_people(batch):
        found = actions.compare_people(council=here.council.pk, at=here.at)
        for one in found[:_MOST_REASONS]:
            percent = one.probability_percent
            show(f"  likely one person: {one.one.ref} and {one.other.ref} ({percent} %)")
        if found:
            show(f"Nothing was merged; decide with: carethread likely-same {here.council.code}")
    return 0


def _abandon(here: Desk, batch: "Batch", _options: argparse.Namespace) -> int:
    from carethread.interchange.imports import actions  # noqa: PLC0415

    with writing(here):
        actions.abandon(batch=batch, by=here.by, at=here.at)
    show(f"Import {batch.pk} is abandoned; nothing of it is in the books.")
    return 0


def _problems(here: Desk, batch: "Batch", options: argparse.Namespace) -> int:
    from carethread.interchange.imports.queries import write_back  # noqa: PLC0415

    with reading(here):
        faults = write_back(batch, options.out, only_rejected=options.only_rejected)
    if faults:
        raise Stop("; ".join(fault.message for fault in faults))
    show(f"{options.out} has the file as it was sent, with a column carethread_problems.")
    return 0

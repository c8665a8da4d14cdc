"""`carethread audit verify | show | head`: who did what, and whether the record of it holds."""

import argparse
import json
from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from carethread.cli.books.start import Desk, add_by, desk, reading, writing
from carethread.cli.terminal import Stop, show, table
from carethread.engine.units import LONDON

if TYPE_CHECKING:
    from carethread.audit.models import Entry

BROKEN = 1
"""Exit code: the chain does not hold."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("audit", help="see who did what; check that nobody changed the record")
    deeds = parser.add_subparsers(metavar="WHAT", required=True)
    verifying = deeds.add_parser(
        "verify",
        help="check the chain of decisions and money; exit code 1 if it is broken",
        description="Check the chain of decisions and money. Give what `carethread audit head` printed"
        " before, and entries cut off the end are found too. docs/guides/audit.md tells what is.",
    )
    verifying.add_argument("council")
    verifying.add_argument("--head", metavar="DIGEST", help="a digest noted before")
    verifying.add_argument("--place", type=int, metavar="N", help="the place it was noted at")
    verifying.set_defaults(run=run_verify)
    heading = deeds.add_parser("head", help="print where the chain ends, to be kept elsewhere")
    heading.add_argument("council")
    heading.set_defaults(run=run_head)
    showing = deeds.add_parser(
        "show", help="show entries; looking at a person's is recorded", description=_SHOW
    )
    showing.add_argument("council")
    showing.add_argument("--person", metavar="ID", default="", help="of this person's record")
    showing.add_argument("--subject", default="", help="of one thing, such as order:O-12")
    showing.add_argument("--since", metavar="DAY", type=_day, help="from this day on: 2026-05-04")
    showing.add_argument("--because", metavar="WHY", default="", help="why you look; recorded")
    add_by(showing)
    showing.set_defaults(run=run_show)


_SHOW = (
    "Show who did what and when, with the reason and what was there before and after, where the key of"
    " the person's values still lives. That you looked is recorded, for each person whose values show."
)


def _day(text: str) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 -- it is given London's zone
    except ValueError:
        message = f"{text!r} is no day such as 2026-05-04"
        raise argparse.ArgumentTypeError(message) from None
    return datetime.combine(day, time(), LONDON)


def run_verify(options: argparse.Namespace) -> int:
    """Check the chain."""
    if (options.head is None) != (options.place is None):
        message = "--head and --place are given together: both are what carethread audit head printed"
        raise Stop(message)
    here = desk(options.council, None)
    from carethread.audit.queries import Anchor, verify  # noqa: PLC0415

    noted = None if options.head is None else Anchor(options.place, options.head.lower())
    with reading(here):
        walked = verify(noted)
    for one in walked.broken:
        show(f"Broken at place {one.place}: {one.why}")
    if walked.broken:
        show(f"The chain of {here.council.name} does NOT hold; docs/guides/audit.md says what to do.")
        return BROKEN
    show(f"The chain of {here.council.name} holds: {walked.end.place} entries, {walked.end.digest}")
    return 0


def run_head(options: argparse.Namespace) -> int:
    """Print where the chain ends."""
    here = desk(options.council, None)
    from carethread.audit.queries import head  # noqa: PLC0415

    with reading(here):
        end = head()
    show(f"--place {end.place} --head {end.digest}")
    return 0


def run_show(options: argparse.Namespace) -> int:
    """Show entries, and record that they were looked at."""
    here = desk(options.council, options.by)
    from carethread.audit import queries  # noqa: PLC0415

    with writing(here):
        found = queries.entries(person_ref=options.person, subject=options.subject, since=options.since)
        _record_looks(here, found, options.because)
        rows = [_row(entry, values) for entry, values in queries.opened(found)]
    show(table(rows) if rows else "No entries.")
    return 0


def _record_looks(here: Desk, found: Iterable["Entry"], why: str) -> None:
    from carethread.audit.actions import looked  # noqa: PLC0415

    for ref in sorted({entry.person_ref for entry in found} - {""}):
        looked(person_ref=ref, what=f"audit:{ref}", why=why, by=here.by, at=here.at)


def _row(entry: "Entry", values: Any) -> tuple[str, ...]:
    place = "" if entry.place is None else str(entry.place)
    at = entry.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return (place, at, entry.by, entry.action, entry.subject, _told(values))


def _told(values: Any) -> str:
    if values is None:
        return "(beyond reach: the person's key was destroyed)"
    parts = [values.why] if values.why else []
    for name, held in (("before", values.before), ("after", values.after)):
        if held is not None:
            parts.append(f"{name} {json.dumps(held, ensure_ascii=False, sort_keys=True)}")
    return "; ".join(parts)

"""`carethread run COUNCIL --from D --to D`: settle a council's books for some days."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from carethread.cli.books.start import Desk, add_by, desk, reading, writing
from carethread.cli.settle import a_day
from carethread.cli.terminal import STOPPED, Bar, say, show
from carethread.engine.written import count, pounds

if TYPE_CHECKING:
    from carethread.settlement.models import Run


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "run",
        help="settle a council's books for some days, as a run that is kept",
        description="Settle a council's books for some days. The run is kept with its lines, and what"
        " differs from what was last approved; a run of the same days is its next version."
        " Exit code 0 when settled or queued, 2 when it cannot be.",
    )
    parser.add_argument("council", help="the council's code")
    parser.add_argument("--from", dest="first", type=a_day, required=True, metavar="DATE")
    parser.add_argument("--to", dest="last", type=a_day, required=True, metavar="DATE")
    parser.add_argument("--later", action="store_true", help="leave it to carethread work")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    add_by(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ask for a run; settle it unless a worker is to."""
    here = desk(options.council, options.by)
    from carethread.settlement.actions import ask_for_run  # noqa: PLC0415

    with writing(here):
        asked = ask_for_run(
            first_on=options.first, last_on=options.last, later=options.later, by=here.by, at=here.at
        )
    if options.later:
        show(
            f"Run {asked.pk} is queued: carethread work settles it, carethread runs shows how far it is"
        )
        return 0
    try:
        _settle(here, asked.pk, quiet=options.quiet)
    except KeyboardInterrupt:
        _stop(here, asked.pk)
        raise
    return _told(here, asked.pk)


def _settle(here: Desk, key: int, *, quiet: bool) -> None:
    from carethread.settlement import beats, settling  # noqa: PLC0415

    attempt = settling.begin(council=here.council.pk, run=key, at=_now())
    if attempt is None:
        return
    with Bar(quiet=quiet) as bar:
        try:
            with beats.beating(attempt, clock=_now, shown=bar) as shown:
                settling.settle(attempt, clock=_now, shown=shown)
        except settling.Lost as lost:
            say(f"carethread: {lost}")


def _stop(here: Desk, key: int) -> None:
    from carethread.settlement.actions import stop_run  # noqa: PLC0415

    with writing(here):
        stop_run(run=key, why="stopped at the keyboard", by=here.by, at=_now())


def _told(here: Desk, key: int) -> int:
    """Say what became of a run; return the exit code."""
    from carethread.settlement.queries import run_of  # noqa: PLC0415

    with reading(here):
        done = run_of(key)
    if done.status == "settled":
        show(settled_words(done))
        return 0
    say(f"carethread: run {done.pk} is {done.status}" + (f": {done.failure}" if done.failure else ""))
    return STOPPED


def settled_words(done: "Run") -> str:
    """Say what a settled run comes to."""
    due, held = pounds(done.due_pence or 0), pounds(done.held_pence or 0)
    words = [
        f"Run {done.pk}, version {done.version} of {done.first_on} to {done.last_on}:"
        f" {count(done.lines or 0, 'line')}, {due} due, {held} held"
    ]
    if done.differences:
        difference = pounds(done.difference_pence or 0)
        words.append(f"{count(done.differences, 'line')} differ from what was approved: {difference}")
    words.append(f"Approve it: carethread approve COUNCIL {done.pk} --by EMAIL")
    return "\n".join(words)


def _now() -> datetime:
    return datetime.now(UTC)

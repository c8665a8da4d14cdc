"""`carethread held COUNCIL`: what of a run waits for a person, by cause, or line by line."""

import argparse
from typing import TYPE_CHECKING

from carethread.cli.books.start import desk, reading
from carethread.cli.terminal import Stop, show, table
from carethread.engine import written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carethread.settlement.models import Run
    from carethread.settlement.waiting import Held

_LISTED = 50


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "held",
        help="show what waits for a person, and why",
        description="Show the lines of a settlement run that wait for a person, by cause: how many,"
        " what they come to, whom they wait on. docs/guides/decisions.md tells what to do about each.",
    )
    parser.add_argument("council", help="the council's code")
    parser.add_argument(
        "--run", dest="of_run", type=int, metavar="N", help="of this run; else of the one settled last"
    )
    parser.add_argument("--list", action="store_true", help="line by line, what to look at next first")
    parser.add_argument(
        "--first",
        type=int,
        default=_LISTED,
        metavar="N",
        help=f"how many to list; {_LISTED} if not said",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show what waits."""
    here = desk(options.council, None)
    from carethread.settlement.waiting import held, settled_run  # noqa: PLC0415

    with reading(here):
        of = settled_run(options.of_run)
        if of is None:
            message = f"{options.council} has no settled run" + _numbered(options.of_run)
            raise Stop(message)
        first, last = written.short_day(of.first_on), written.short_day(of.last_on)
        show(f"Run {of.pk}, {first} to {last}: {of.status}")
        show()
        lines = list(held(of))
        _list(lines, options.first) if options.list else _by_cause(lines)
        _rest(of)
    return 0


def _numbered(number: int | None) -> str:
    return "" if number is None else f" {number}"


def _by_cause(lines: "Iterable[Held]") -> None:
    from carethread.settlement.waiting import causes  # noqa: PLC0415

    rows = [
        (
            one.cause.value,
            str(one.lines),
            written.money(one.pence),
            *(str(number or "") for number in (one.unpriced, one.waits, one.again, one.asked)),
            str(one.decided or ""),
        )
        for one in causes(lines)
    ]
    heads = ("held for", "lines", "pounds", "no price", "to decide", "again", "asked", "decided")
    show(table([heads, *rows], right=range(1, len(heads))) if rows else "Nothing waits.")


def _list(lines: "list[Held]", first: int) -> None:
    rows = [
        (
            one.line.ref,
            f"{one.line.service_on}",
            "time-critical" if one.is_time_critical else "",
            one.cause.value,
            "" if one.line.amount_pence is None else written.money(one.line.amount_pence),
            _standing(one),
        )
        for one in lines[:first]
    ]
    heads = ("line", "day", "", "held for", "pounds", "waits on")
    show(table([heads, *rows], right=(4,)) if rows else "Nothing waits.")
    if len(lines) > first:
        show(f"... and {written.count(len(lines) - first, 'more line')}; --first N lists more")


def _standing(one: "Held") -> str:
    from carethread.settlement.in_the_way import when  # noqa: PLC0415
    from carethread.settlement.states import Standing  # noqa: PLC0415

    made = one.decision
    if one.standing is Standing.WAITS or made is None:
        return "the council"
    told = f"decision {made.pk}, {when(made.made_at)}"
    if one.standing is Standing.ASKED:
        return f"provider {one.line.provider.ref} ({told})"
    if one.standing is Standing.AGAIN:
        return f"the council, to decide again ({told})"
    return f"nobody: {made.ruling} by the next run ({told})"


def _rest(of: "Run") -> None:
    """Say which visits are on no line until somebody decides, and which decisions lapsed."""
    from carethread.settlement.waiting import off_every_line, stale  # noqa: PLC0415

    off = [f"{count} with {kind}" for kind, count in off_every_line(of).items()]
    if off:
        show()
        show(f"Visits on no line: {', '.join(off)}. Correct their clocks, or ask the provider.")
    again = stale(of)
    if again:
        show()
        show("Decide again, for what was decided on has changed:")
        rows = [
            (f"  decision {one.decision.pk}", one.decision.ruling, one.decision.about, one.lapse.value)
            for one in again
        ]
        show(table(rows))

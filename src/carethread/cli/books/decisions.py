"""`carethread decisions COUNCIL`: which are in force, or everything that is known of one line."""

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from carethread.cli.books.start import desk, reading
from carethread.cli.terminal import Stop, show, table
from carethread.engine import written
from carethread.engine.units import LONDON

if TYPE_CHECKING:
    from carethread.settlement.history import History
    from carethread.settlement.models import Decision, Line
    from carethread.visits.models import Visit


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "decisions", help="list the decisions in force, or a line's history with both sides of it"
    )
    parser.add_argument("council", help="the council's code")
    parser.add_argument(
        "--of", metavar="LINE_OR_VISIT", help="what was recorded, settled, decided and undone of it"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List them."""
    here = desk(options.council, None)
    from carethread.settlement.history import decisions_in_force, history  # noqa: PLC0415

    with reading(here):
        if options.of is not None:
            _history(options.of, history(options.of))
            return 0
        rows = [_in_force(one) for one in decisions_in_force()]
    heads = ("no.", "about", "ruling", "by", "when", "because")
    show(table([heads, *rows]) if rows else "No decision is in force.")
    return 0


def _in_force(one: "Decision") -> tuple[str, ...]:
    from carethread.accounts.queries import name_of  # noqa: PLC0415

    ruling = one.ruling if one.order is None else f"{one.ruling} for {one.order.ref}"
    return str(one.pk), one.about, ruling, name_of(one.made_by), _when(one.made_at), one.reason


def _history(about: str, known: "History") -> None:
    if not (known.recorded or known.settled or known.decided):
        message = f"nothing is known of {about!r}"
        raise Stop(message)
    for title, rows in (
        ("Recorded", [_recorded(visit) for visit in known.recorded]),
        ("Settled", [_settled(line) for line in known.settled]),
        ("Decided", [row for one in known.decided for row in _decided(one)]),
    ):
        show(title)
        show(table(rows) if rows else "  nothing")


def _recorded(visit: "Visit") -> tuple[str, ...]:
    times = f"{_when(visit.check_in)} to {_when(visit.check_out)}"
    return f"  {visit.ref} version {visit.sequence}", visit.status, times, f"({visit.in_method})"


def _settled(line: "Line") -> tuple[str, ...]:
    amount = "no price" if line.amount_pence is None else f"£{written.money(line.amount_pence)}"
    automatic = f"{line.outcome}, {amount}, {'held' if line.held else 'payable'}"
    automatic += f" ({line.reasons})" if line.reasons else ""
    if line.decision is None:
        return f"  run {line.run_id}", automatic, "no decision"
    due = "held" if line.due_pence is None else f"due £{written.money(line.due_pence)}"
    return f"  run {line.run_id}", automatic, f"decision {line.decision}: {due}"


def _decided(one: "Decision") -> list[tuple[str, ...]]:
    from carethread.accounts.queries import name_of  # noqa: PLC0415

    what = one.ruling
    if one.check_in is not None:
        what += f" {_when(one.check_in)} to {_when(one.check_out)} ({one.evidence})"
    if one.order is not None:
        what += f" for order {one.order.ref}"
    rows = [(f"  {one.pk}", what, f"{name_of(one.made_by)}, {_when(one.made_at)}", one.reason)]
    if one.undone_at is not None:
        who = f"{name_of(one.undone_by)}, {_when(one.undone_at)}"
        rows.append((f"  {one.pk}", "undone", who, one.undone_why))
    return [tuple(row) for row in rows]


def _when(at: datetime | None) -> str:
    return "-" if at is None else f"{at.astimezone(LONDON):%Y-%m-%d %H:%M}"

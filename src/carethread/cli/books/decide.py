"""`carethread decide COUNCIL LINE_OR_VISIT RULING`: a person's decision, which the next run honours."""

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from carethread.cli.books.start import add_by, desk, writing
from carethread.cli.terminal import Stop, show
from carethread.engine.decide import Ruling
from carethread.formats.settlement import values

if TYPE_CHECKING:
    from carethread.settlement.decisions import Wish
    from carethread.settlement.models import Decision


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "decide",
        help="decide of a line or a visit; the next run honours it",
        description="Decide of a held line, a payable one, or a visit on no line, for a reason."
        " Nothing that was recorded changes, and carethread undo takes it back. Several lines may be"
        " named: then all are decided for the one reason, or none. docs/guides/decisions.md tells"
        " which ruling fits.",
    )
    parser.add_argument("council", help="the council's code")
    parser.add_argument("about", nargs="+", metavar="LINE_OR_VISIT", help="ids, in quotes")
    parser.add_argument("ruling", choices=[ruling.value for ruling in Ruling])
    parser.add_argument("--because", required=True, metavar="TEXT", help="the reason, for the record")
    parser.add_argument("--order", default="", metavar="ID", help="accept_unplanned: for which order")
    parser.add_argument("--check-in", metavar="TIME", help="correct_clock: such as 2026-05-11T08:00")
    parser.add_argument("--check-out", metavar="TIME", help="correct_clock: such as 2026-05-11T08:30")
    parser.add_argument("--evidence", default="", metavar="TEXT", help="what the times rest on")
    parser.add_argument(
        "--run", dest="of_run", type=int, metavar="N", help="the run that you looked at"
    )
    parser.add_argument("--instead-of", type=int, metavar="N", help="the decision to take the place of")
    add_by(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Decide."""
    here = desk(options.council, options.by)
    from carethread.settlement.decisions import decide, decide_many  # noqa: PLC0415

    wishes = [_wish(options, about) for about in options.about]
    with writing(here):
        told = {"because": options.because, "by": here.by, "at": here.at}
        if len(wishes) == 1:
            made = [decide(wish=wishes[0], **told)]
        else:
            made = decide_many(wishes=wishes, **told)
    for one in made:
        show(_said(one))
    return 0


def _wish(options: argparse.Namespace, about: str) -> "Wish":
    from carethread.settlement.decisions import Wish  # noqa: PLC0415

    return Wish(
        about=about,
        ruling=Ruling(options.ruling),
        order_ref=options.order,
        check_in=_moment("--check-in", options.check_in),
        check_out=_moment("--check-out", options.check_out),
        evidence=options.evidence,
        run=options.of_run,
        instead_of=options.instead_of,
    )


def _moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    from carethread.settlement.recorded import moment  # noqa: PLC0415

    try:
        return moment(values.moment(text.strip())[0])
    except ValueError as error:
        message = f"{option}: {error}"
        raise Stop(message) from None


def _said(made: "Decision") -> str:
    what = f"line {made.line_ref}" if made.line_ref else f"visit {made.visit_ref}"
    return f"Decision {made.pk}: {made.ruling} for {what}. The next run honours it."

"""`carethread likely-same COUNCIL`: records that are likely one person's, and what somebody decided."""

import argparse

from carethread.cli.books.start import Desk, add_by, desk, reading, writing
from carethread.cli.terminal import Stop, show, table

_DECISION = 3


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "likely-same",
        help="list records that are likely one person's, or decide of two",
        description="List the pairs of records that are likely one person's. Deciding merges nothing:"
        " it is a statement, recorded with its reason.",
    )
    parser.add_argument("council", help="the council's code")
    parser.add_argument("--look", action="store_true", help="compare everyone again first")
    parser.add_argument("--all", action="store_true", help="those decided of as well")
    parser.add_argument(
        "--decide",
        nargs=_DECISION,
        metavar=("ONE", "OTHER", "same|different"),
        help="say of two records whether they are one person's; needs --why",
    )
    parser.add_argument("--why", default="", help="the reason")
    add_by(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare, decide, list."""
    here = desk(options.council, options.by)
    from carethread.interchange.imports.actions import compare_people  # noqa: PLC0415
    from carethread.people.queries import likely_same_records  # noqa: PLC0415

    if options.look:
        compare_people(council=here.council.pk, at=here.at)
    if options.decide:
        _decide(here, options)
    with reading(here):
        found = likely_same_records(all_of_them=options.all)
    rows = [
        (one.one.ref, one.other.ref, f"{one.probability_percent} %", one.verdict, one.why)
        for one in found
    ]
    show(table(rows, right=[2]) if rows else "No two records are likely one person's.")
    return 0


def _decide(here: Desk, options: argparse.Namespace) -> None:
    from carethread.people.actions import decide_likeness  # noqa: PLC0415
    from carethread.people.models import LikelySame, Likeness  # noqa: PLC0415

    one, other, verdict = options.decide
    if verdict not in (Likeness.SAME, Likeness.DIFFERENT):
        message = f"{verdict!r} is neither; write same or different"
        raise Stop(message)
    with writing(here):
        refs = {one, other}
        pairs = LikelySame.objects.filter(one__ref__in=refs, other__ref__in=refs)
        likely = pairs.first()
        if likely is None:
            message = f"{one} and {other} were not reported as likely one person's"
            raise Stop(message)
        decide_likeness(
            likely=likely, verdict=Likeness(verdict), why=options.why, by=here.by, at=here.at
        )

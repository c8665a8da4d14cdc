"""`carethread code COUNCIL CODE`: the ledger codes that orders may be booked to."""

import argparse
from datetime import date

from carethread.cli.books.start import add_by, desk, writing
from carethread.cli.terminal import show


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("code", help="open a ledger code, or close it")
    parser.add_argument("council")
    parser.add_argument("code", help="as the ledger has it")
    parser.add_argument("--cost-centre", default="", help="the one it is open to; unless told, all")
    parser.add_argument("--name", default="", help="as finance calls it")
    parser.add_argument("--from", dest="from_on", type=date.fromisoformat, required=True)
    parser.add_argument("--until", dest="until_on", type=date.fromisoformat, help="its last day")
    add_by(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Open or close a ledger code."""
    here = desk(options.council, options.by)
    from carethread.orders.actions_codes import keep_ledger_code  # noqa: PLC0415

    with writing(here):
        keep_ledger_code(
            code=options.code,
            cost_centre=options.cost_centre,
            name=options.name,
            from_on=options.from_on,
            until_on=options.until_on,
            by=here.by,
            at=here.at,
        )
    until = f" until {options.until_on}" if options.until_on else ""
    where = options.cost_centre or "all cost centres"
    show(f"{options.code} is open to {where} from {options.from_on}{until}")
    return 0

"""`carethread prepare`: compile the engine for large folders now, rather than on its first use."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from carethread.cli.terminal import Bar, show
from carethread.engine.records import Period
from carethread.formats.settlement.write import FORMATS
from carethread.kit.compiled import make_ready
from carethread.synth.council import FIRST_MONDAY, Council
from carethread.synth.folder import synthesise

_COUNCIL = Council(people=36, weeks=1, seed=1)
"""Large enough that everything happens in it: absences, double-ups, weekly hours, invoices."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "prepare",
        help="make the first settlement of a large folder as fast as the next",
        description="Compile the engine that settles large folders, which takes two to four minutes and"
        " else happens when it is first needed. What is compiled is kept for your user account.",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress and no words at the end")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Settle an invented council in both formats and forget it."""
    from carethread.batch.local import settle_tables  # noqa: PLC0415 -- half a second to import
    from carethread.formats.settlement.read_tables import read_tables  # noqa: PLC0415

    period = Period(FIRST_MONDAY, _COUNCIL.last)
    with Bar(quiet=options.quiet) as bar, TemporaryDirectory() as name:
        for form in FORMATS:
            folder, out = Path(name, form), Path(name, f"{form}-settled")
            folder.mkdir()
            out.mkdir()
            synthesise(_COUNCIL, folder, form, bar.doing)
            settle_tables(read_tables(folder, bar.reading).tables, period, out, form, bar.doing)
    make_ready()
    if not options.quiet:
        show("Ready: large folders will be settled without delay.")
    return 0

"""`carethread prepare`: compile the engine for large folders now, rather than on its first use."""

import argparse
import sys
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory

from carethread.cli.terminal import Bar, show
from carethread.engine.records import Period
from carethread.formats.settlement.write import FORMATS
from carethread.kit.compiled import make_ready
from carethread.synth.council import FIRST_MONDAY, Council
from carethread.synth.folder import synthesise

_COUNCIL = Council(people=36, weeks=1, seed=1)
"""Large enough that everything happens in it: absences, double-ups, weekly hours, invoices."""
_PERIOD = Period(FIRST_MONDAY, _COUNCIL.last)
_BUCKETS = 3


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


_CLAIMS = "from carethread.batch.warm import reconcile_nothing; reconcile_nothing()"
"""Compiled at the same time by another processor: a quarter of the whole, needed last."""


def run(options: argparse.Namespace) -> int:
    """Settle an invented council in both formats, whole and in buckets, and forget it."""
    with (
        Popen([sys.executable, "-c", _CLAIMS]) as _other,  # noqa: S603 -- this program, once more
        Bar(quiet=options.quiet) as bar,
        TemporaryDirectory() as name,
    ):
        for form in FORMATS:
            folder = Path(name, form)
            folder.mkdir()
            synthesise(_COUNCIL, folder, form, bar.doing)
            _settle(folder, form, bar)
            _settle_in_buckets(folder, form, bar)
    make_ready()
    if not options.quiet:
        show("Ready: large folders will be settled without delay.")
    return 0


def _settle(folder: Path, form: str, bar: Bar) -> None:
    from carethread.batch.local import settle_tables  # noqa: PLC0415 -- half a second to import
    from carethread.formats.settlement.read_tables import read_tables  # noqa: PLC0415

    tables = read_tables(folder, bar.reading).tables
    settle_tables(tables, _PERIOD, _beside(folder, "settled"), form, bar.doing)


def _settle_in_buckets(folder: Path, form: str, bar: Bar) -> None:
    from carethread.batch.bucketed import opened, settle_buckets  # noqa: PLC0415
    from carethread.batch.buckets import make_buckets  # noqa: PLC0415

    buckets = _beside(folder, "buckets")
    make_buckets(folder, buckets, _BUCKETS, bar.reading, bar.doing)
    bucketed = opened(buckets, bar.reading)
    settle_buckets(bucketed, _PERIOD, _beside(folder, "settled-in-buckets"), form, bar.doing)


def _beside(folder: Path, name: str) -> Path:
    made = folder.with_name(f"{folder.name}-{name}")
    made.mkdir()
    return made

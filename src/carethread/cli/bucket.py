"""`carethread bucket FOLDER --out BUCKETED`: a folder split so that any computer can settle it."""

import argparse
from pathlib import Path

from carethread.cli.engines import BUCKETS, is_not_split
from carethread.cli.folders import is_folder, stop_for, written_whole
from carethread.cli.terminal import Bar, Stop, show
from carethread.engine.written import count


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "bucket",
        help="split a very large folder, to settle it again and again in little memory",
        description="Split a folder by persons into buckets that can be settled one by one."
        " `carethread settle` of the bucketed folder gives the same bytes as of the folder itself."
        " Rates and contracts.toml are copied as they are, and may be changed there. Exit code 2 when a"
        " file stops the run and nothing is written.",
    )
    parser.add_argument("folder", type=Path, help="the folder with orders, visits, rates, contracts")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write; made whole")
    parser.add_argument("--buckets", type=_from_one, metavar="N", help="how many; else by size")
    parser.add_argument("--force", action="store_true", help="replace BUCKETED if it is there")
    parser.add_argument("--quiet", action="store_true", help="no progress and no words at the end")
    parser.set_defaults(run=run)


def _from_one(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        message = f"{text!r} is not a whole number from 1 to {_MOST}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


_MOST = 400
"""`batch.buckets.MOST_BUCKETS`, which takes half a second to import."""


def run(options: argparse.Namespace) -> int:
    """Split the folder, write BUCKETED, say how to settle it."""
    from carethread.batch import buckets as batch  # noqa: PLC0415 -- half a second to import

    folder: Path = options.folder
    is_folder(folder)
    is_not_split(folder, "bucket")
    number = options.buckets or batch.usual_count(batch.visits_in(folder))
    try:
        with (
            Bar(quiet=options.quiet) as bar,
            written_whole(options.out, options, BUCKETS, spare=[folder]) as out,
        ):
            made = batch.make_buckets(folder, out, number, bar.reading, bar.doing)
            stop_for(made.faults)
    except batch.Entangled as entangled:
        message = f"{entangled}; buckets are of no use then. Settle {folder} as it is"
        raise Stop(message) from None
    except batch.NeedsReference:
        message = (
            f"{folder} has order ids with a | in them, or an order called visit; settle it as it is"
        )
        raise Stop(message) from None
    if made.buckets is not None and not options.quiet:
        visits = made.buckets.visits
        show(f"{count(sum(visits), 'visit')} of {folder} are in {count(len(visits), 'bucket')}.")
        show(f"Settle them: carethread settle {options.out} --from DATE --to DATE --out OUT")
    return 0

"""`carethread synth FOLDER --people N --weeks W --seed S`: an invented council to try things on."""

import argparse
from collections.abc import Callable
from pathlib import Path

from carethread.cli.folders import written_whole
from carethread.cli.terminal import Bar, show
from carethread.formats.settlement.write import FORMATS
from carethread.synth.council import FIRST_MONDAY, Council
from carethread.synth.folder import MARK, synthesise


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "synth",
        help="invent a council to try things on",
        description="Write a settlement folder of an invented council in the shape of a real one,"
        " with the truth about it in the folder truth/, which no settlement reads.",
    )
    parser.add_argument("folder", type=Path, help="the folder to write; made whole")
    parser.add_argument("--people", type=_from_one(999_999), default=100, help="how many people")
    parser.add_argument("--weeks", type=_from_one(520), default=4, help="how many weeks")
    parser.add_argument("--seed", type=int, default=1, help="another number, another council")
    parser.add_argument("--format", choices=FORMATS, default="csv")
    parser.add_argument("--force", action="store_true", help="replace FOLDER if it is there")
    parser.add_argument("--quiet", action="store_true", help="no progress and no words at the end")
    parser.set_defaults(run=run)


def _from_one(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= most:
            message = f"{text!r} is not a whole number from 1 to {most}"
            raise argparse.ArgumentTypeError(message)
        return int(text)

    return read


def run(options: argparse.Namespace) -> int:
    """Write the folder."""
    council = Council(options.people, options.weeks, options.seed)
    with (
        Bar(quiet=options.quiet) as bar,
        written_whole(options.folder, options, MARK) as folder,
    ):
        synthesise(council, folder, options.format, bar.doing)
    if not options.quiet:
        show(f"An invented council of {council.people:,} people is in {options.folder}.")
        period = f"--from {FIRST_MONDAY} --to {council.last}"
        show(f"Settle it: carethread settle {options.folder} {period} --out OUT")
    return 0

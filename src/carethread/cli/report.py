"""`carethread report OUT --to FILE`: a settlement as one page that explains itself."""

import argparse
from pathlib import Path

from carethread.cli import record
from carethread.cli.summary import doubts
from carethread.cli.terminal import Stop, show
from carethread.report.figures import collect
from carethread.report.page import render


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "report",
        help="write a page of figures and charts",
        description="Write a settlement's figures and charts, each with its table, to one HTML file"
        " that needs nothing else.",
    )
    parser.add_argument("out", type=Path, help="the folder that settle wrote")
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="the page to write")
    parser.add_argument("--title", default="Settlement of home care", help="the page's heading")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the page."""
    try:
        run = record.read(options.out)
        page = render(collect(options.out), run.period, doubts(run), title=options.title)
    except FileNotFoundError:
        message = f"{options.out} does not hold a settlement; give the folder that settle wrote"
        raise Stop(message) from None
    except ValueError as error:
        message = f"{options.out} is not a settlement that this carethread can read: {error}"
        raise Stop(message) from None
    try:
        options.to.parent.mkdir(parents=True, exist_ok=True)
        options.to.write_text(page, encoding="utf-8")
    except OSError as error:
        message = f"{options.to} could not be written: {error.strerror}"
        raise Stop(message) from None
    show(f"Written: {options.to}")
    return 0

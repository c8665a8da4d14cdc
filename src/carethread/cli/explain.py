"""`carethread explain OUT LINE_ID`: one line in plain English, every step with its numbers."""

import argparse
from itertools import islice
from pathlib import Path

from carethread.cli.terminal import Stop, show
from carethread.engine.explain import explain
from carethread.formats.settlement import published, tables
from carethread.formats.settlement.files import original

_NEAR_SHOWN = 10


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "explain",
        help="say why a line pays what it pays",
        description="Explain a settled line: what was planned, what happened, each step to its pay.",
    )
    parser.add_argument("out", type=Path, help="the folder that settle wrote")
    parser.add_argument("line_id", help="as it stands in lines, in quotes: 'O1|2026-05-11T08:00|1'")
    parser.set_defaults(run=run)


def as_given(arguments: list[str]) -> list[str]:
    """Return a command line in which a line id that begins with a hyphen is no option."""
    is_ours = arguments[:1] == ["explain"] and not {"-h", "--help", "--"} & set(arguments)
    return [arguments[0], "--", *arguments[1:]] if is_ours else arguments


def run(options: argparse.Namespace) -> int:
    """Print the explanation."""
    ids = {options.line_id, original(options.line_id)}
    try:
        lines = list(published.read(options.out, tables.LINES, ids.__contains__))
        workings = list(published.read(options.out, tables.WORKINGS, ids.__contains__))
        findings = list(published.read(options.out, tables.FINDINGS, ids.__contains__))
        near = [] if lines else _near(options.out, options.line_id)
    except FileNotFoundError:
        message = f"{options.out} does not hold a settlement; give the folder that settle wrote"
        raise Stop(message) from None
    except ValueError as error:
        message = f"{options.out} is not a settlement that this carethread can read: {error}"
        raise Stop(message) from None
    if not lines:
        message = f"no line {options.line_id!r} in {options.out}"
        message += "".join(f"\n  is it '{line_id}'?" for line_id in near)
        raise Stop(message if near else f"{message}; the ids are in the lines table")
    for line, working in zip(lines, workings, strict=True):
        explanation = explain(line, working, findings)
        show(explanation.heading)
        show()
        for sentence in explanation.sentences:
            show(sentence)
    return 0


def _near(out: Path, text: str) -> list[str]:
    """Return lines that may be meant: of that order, visit or person, or with that in their id."""
    near = (
        line.line_id
        for line in published.read(out, tables.LINES)
        if text in (line.order_id, line.visit_id, line.person_id) or text in line.line_id
    )
    return list(islice(near, _NEAR_SHOWN))

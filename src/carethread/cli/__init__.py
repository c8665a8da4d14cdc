"""The command line: commands on folders, and those on the books that councils keep (`cli.books`)."""

import argparse
import os
import sys
from collections.abc import Sequence

from carethread import __version__
from carethread.cli import bucket, check, explain, prepare, report, settle, synth, whatif
from carethread.cli.books import (
    approve,
    archive,
    audit,
    cases,
    client,
    code,
    council,
    decide,
    decisions,
    doctor,
    held,
    imports,
    inbox,
    likely_same,
    lines,
    migrate,
    profile,
    retention,
    run,
    runs,
    serve,
    stop,
    tick,
    totals,
    undo,
    user,
    work,
)
from carethread.cli.terminal import STOPPED, Stop, say
from carethread.engine.reference.tables import VisitRowsDoNotAddUp
from carethread.kit.one_job import end_soon
from carethread.kit.unable import UnableTo

DEFECT = 3
"""Exit code: carethread found itself wrong."""
ON_FOLDERS = (settle, whatif, explain, check, report, synth, bucket, prepare)
ON_BOOKS = (
    migrate,
    council,
    user,
    client,
    code,
    profile,
    imports,
    likely_same,
    run,
    runs,
    lines,
    stop,
    held,
    decide,
    undo,
    decisions,
    approve,
    inbox,
    totals,
    cases,
    audit,
    retention,
    archive,
    doctor,
    work,
    tick,
    serve,
)
COMMANDS = (*ON_FOLDERS, *ON_BOOKS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="carethread", description="Follow every hour of home care from plan to payment."
    )
    parser.add_argument("--version", action="version", version=f"carethread {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parser.parse_args(explain.as_given(given))
    try:
        code: int = options.run(options)
    except Stop as stop:
        say(f"carethread: {stop}")
        code = stop.code
    except UnableTo as refused:
        say(f"carethread: {refused}")
        code = STOPPED
    except KeyboardInterrupt:
        say("carethread: stopped; nothing was left half-written")
        code = 130
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = STOPPED
    except VisitRowsDoNotAddUp as defect:
        say(f"carethread: a defect of carethread, please report it: {defect}; nothing was written")
        code = DEFECT
    if arguments is None:
        end_soon()
    return code

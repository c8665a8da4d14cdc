"""The switches of an engine, and a folder settled for a person at a terminal."""

import argparse
from pathlib import Path

from carethread.batch.choose import (
    AUTO,
    BUCKETS,
    COLUMNS,
    REFERENCE,
    CannotSettle,
    Faulty,
    Job,
    Settled,
)
from carethread.batch.choose import settle_job as settle_folder
from carethread.cli.folders import is_folder, stop_for
from carethread.cli.terminal import Bar, Stop, say

__all__ = ["BUCKETS", "SPARK", "Job", "Settled", "add", "is_not_split", "settle_job"]

SPARK = "spark"
ENGINES = (AUTO, REFERENCE, COLUMNS, SPARK)


def add(parser: argparse.ArgumentParser) -> None:
    """Add the switches."""
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default=AUTO,
        help="auto (the default) takes the one that is soonest done: reference, the plain one, or"
        " columns, the compiled one. spark shares the work among the computers of a Spark cluster."
        " All give the same bytes",
    )
    parser.add_argument(
        "--master",
        metavar="URL",
        help="with --engine spark: the cluster, such as spark://HOST:7077; else what spark-submit"
        " says, or this computer alone",
    )


def settle_job(job: Job, engine: str, bar: Bar) -> Settled:
    """Settle a folder with the engine asked for, or the one that suits it.

    Raises:
        Stop: if files must be put right first, or the engine cannot.
    """
    is_folder(job.folder)
    try:
        return settle_folder(job, engine, bar, lambda text: say(f"carethread: {text}"))
    except Faulty as faulty:
        stop_for(faulty.faults)
        raise
    except CannotSettle as error:
        raise Stop(str(error)) from None


def is_not_split(folder: Path, command: str) -> None:
    """Stop if a folder is split into buckets, for a command that needs it as it was."""
    if (folder / BUCKETS).exists():
        message = f"{folder} is split into buckets; {command} needs the folder that they were made of"
        raise Stop(message)

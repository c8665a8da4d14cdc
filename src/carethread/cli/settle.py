"""`carethread settle FOLDER --from D --to D --out OUT`: a folder becomes explained, payable lines."""

import argparse
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from carethread.cli import engines, record
from carethread.cli.engines import SPARK, Settled, settle_job
from carethread.cli.folders import written_whole
from carethread.cli.spark import settle_on_spark
from carethread.cli.summary import summary
from carethread.cli.terminal import Bar, Stop, show
from carethread.engine.records import Period
from carethread.engine.words import Severity
from carethread.formats.settlement.values import LATEST_YEAR, day
from carethread.formats.settlement.write import FORMATS

ERRORS_FOUND = 1
"""Exit code with --strict: settled, but there are findings of severity error."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "settle",
        help="settle a folder of orders and visits",
        description="Settle a folder: every commissioned visit becomes an explained, payable line."
        " Exit code 0 when settled, 1 with --strict when there are findings of severity error,"
        " 2 when a file stops the run and nothing is written.",
    )
    parser.add_argument("folder", type=Path, help="the folder with orders, visits, rates, contracts")
    parser.add_argument("--from", dest="first", type=a_day, required=True, metavar="DATE")
    parser.add_argument("--to", dest="last", type=a_day, required=True, metavar="DATE")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write; made whole")
    parser.add_argument("--format", choices=FORMATS, default="csv", help="of the tables written")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    parser.add_argument("--strict", action="store_true", help="exit 1 on findings of severity error")
    parser.add_argument("--quiet", action="store_true", help="no progress and no summary")
    engines.add(parser)
    parser.set_defaults(run=run)


def a_day(text: str) -> date:
    """Read a date from the command line."""
    try:
        found = day(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if found.year > LATEST_YEAR:
        message = f"{text} is after the year {LATEST_YEAR}"
        raise argparse.ArgumentTypeError(message)
    return found


@dataclass
class SettleJob:
    """What the command line asks for."""

    options: argparse.Namespace
    folder: Path
    period: Period
    form: str

    def out(self) -> AbstractContextManager[Path]:
        """Give the folder to fill, which becomes OUT when it is full."""
        return written_whole(self.options.out, self.options, record.FILE, spare=[self.folder])

    def finish(self, out: Path, settled: Settled) -> None:
        """Write `run.json`."""
        record.write(out, self.folder, self.record_of(settled), settled.sha256)

    def record_of(self, settled: Settled) -> record.Run:
        """Return the run's record."""
        return record.Run(self.period, settled.rows, record.kept_out(settled.found))


def run(options: argparse.Namespace) -> int:
    """Settle the folder, write OUT, print the summary."""
    if options.last < options.first:
        message = f"--to {options.last} is before --from {options.first}"
        raise Stop(message)
    if options.master and options.engine != SPARK:
        message = "--master is for --engine spark"
        raise Stop(message)
    job = SettleJob(options, options.folder, Period(options.first, options.last), options.format)
    with Bar(quiet=options.quiet) as bar:
        if options.engine == SPARK:
            settled = settle_on_spark(job, options.master, bar)
        else:
            settled = settle_job(job, options.engine, bar)
    if not options.quiet:
        show(summary(settled.digest, job.record_of(settled)))
        show(f"\nWritten to {options.out}. Why a line pays what it pays:")
        show(f"  carethread explain {options.out} 'LINE_ID'")
    errors = any(severity is Severity.ERROR for severity, _ in settled.digest.findings)
    return ERRORS_FOUND if options.strict and errors else 0

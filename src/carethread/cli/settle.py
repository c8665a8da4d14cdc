"""`carethread settle FOLDER --from D --to D --out OUT`: a folder becomes explained, payable lines."""

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from carethread import __version__
from carethread.cli.terminal import Bar, Stop, say, show, table
from carethread.engine.records import Fault, Period
from carethread.engine.reference.pipeline import settle
from carethread.engine.results import Settlement, Summary
from carethread.engine.words import Severity
from carethread.engine.written import count, hours, pounds
from carethread.formats.settlement.read import Reading, read
from carethread.formats.settlement.values import LATEST_YEAR, day
from carethread.formats.settlement.write import FORMATS, write
from carethread.kit.whole import UnableToWrite, whole_folder

ERRORS_FOUND = 1
"""Exit code with --strict: settled, but there are findings of severity error."""
RUN_FILE = "run.json"
_LARGEST_SHOWN = 5


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


def run(options: argparse.Namespace) -> int:
    """Settle the folder, write OUT, print the summary."""
    if options.last < options.first:
        message = f"--to {options.last} is before --from {options.first}"
        raise Stop(message)
    with Bar(quiet=options.quiet) as bar:
        reading = read_folder(options.folder, bar)
        stop_for(reading.faults)
        settlement = settle(reading.inputs, Period(options.first, options.last), bar.doing)
        try:
            with whole_folder(options.out, replace=options.force) as out:
                write(settlement, out, options.format, bar.doing)
                (out / RUN_FILE).write_text(describe(options.folder, reading, settlement))
        except UnableToWrite as error:
            raise Stop(str(error)) from None
    if not options.quiet:
        show(summary(settlement))
        show(f"\nWritten to {options.out}. Why a line pays what it pays:")
        show(f"  carethread explain {options.out} LINE_ID")
    errors = any(finding.severity is Severity.ERROR for finding in settlement.findings)
    return ERRORS_FOUND if options.strict and errors else 0


def read_folder(folder: Path, bar: Bar) -> Reading:
    """Read a settlement folder."""
    if not folder.is_dir():
        message = f"{folder} is not a folder"
        raise Stop(message)
    return read(folder, bar.reading)


def stop_for(faults: Sequence[Fault]) -> None:
    """Stop if a file forbids the run, with every fault."""
    if faults:
        for fault in faults:
            say(f"{place(fault)}: {fault.message}")
        message = (
            f"{len(faults)} fault{'s' if len(faults) > 1 else ''} must be put right first;"
            " nothing was written"
        )
        raise Stop(message)


def place(fault: Fault) -> str:
    """Say where a fault is: orders.csv line 3, column starts_on."""
    where = fault.file
    if fault.row is not None:
        where += f" line {fault.row}"
    return f"{where}, {fault.column}" if fault.column else where


def describe(folder: Path, reading: Reading, settlement: Settlement) -> str:
    """Write down what was settled from what, so that it can be proved later."""
    files = sorted({*reading.inputs.files.values(), "contracts.toml"})
    period = settlement.period
    record = {
        "carethread": __version__,
        "from": period.first_on.isoformat(),
        "to": period.last_on.isoformat(),
        "inputs": {
            name: {"rows": reading.rows.get(name), "sha256": digest(folder / name)}
            for name in files
            if (folder / name).exists()
        },
    }
    return json.dumps(record, indent=2) + "\n"


def digest(path: Path) -> str:
    """Return a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def summary(settlement: Settlement) -> str:
    """Say in one screen what a settlement came to."""
    period, lines, weeks = settlement.period, settlement.lines, settlement.summary
    providers = count(len({week.provider_id for week in weeks}), "provider")
    parts = [
        f"Settled {period.first_on} to {period.last_on}: {count(len(lines), 'line')}, {providers}",
        _totals(settlement),
        _outcomes(weeks),
        _largest(weeks),
        _findings(settlement),
    ]
    if settlement.invoice_lines:
        parts.append(_invoices(settlement))
    return "\n\n".join(part for part in parts if part)


def _totals(settlement: Settlement) -> str:
    lines, weekly = settlement.lines, settlement.weekly
    held = [line for line in lines if line.held]
    unpriced = sum(line.amount_pence is None for line in held)
    planned = "hours at set times"
    if weekly:
        allowed = hours(sum(week.allowance_minutes for week in weekly))
        planned += f"; weekly-hours orders allow {allowed} more"
    waiting = f"{len(held):,} lines wait for a person"
    waiting += f", {unpriced:,} of them without a price yet" if unpriced else ""
    payable = sum(line.payable_minutes or 0 for line in lines if not line.held)
    return table(
        [
            ("Planned", hours(sum(line.planned_minutes or 0 for line in lines)), planned),
            ("Delivered", hours(sum(line.counted_minutes or 0 for line in lines)), "hours"),
            ("Payable", hours(payable), "hours, without what is held"),
            ("Pay now", pounds(sum(line.amount_pence or 0 for line in lines if not line.held)), ""),
            ("Held", pounds(sum(line.amount_pence or 0 for line in held)), waiting),
        ],
        right=[1],
    )


OUTCOMES = ("delivered", "missed", "cancelled", "frustrated", "suspended", "unplanned")


def _outcomes(weeks: Sequence[Summary]) -> str:
    counts = [(name, sum(getattr(week, name) for week in weeks)) for name in OUTCOMES]
    return "Outcomes: " + ", ".join(f"{count:,} {name}" for name, count in counts if count)


def _largest(weeks: Sequence[Summary]) -> str:
    paid: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for week in weeks:
        paid[week.provider_id] += week.amount_pence
        held[week.provider_id] += week.held_pence
    largest = sorted(paid, key=lambda provider: (-paid[provider] - held[provider], provider))
    rows = [("Largest providers", "pay now", "held")]
    rows += [(name, pounds(paid[name]), pounds(held[name])) for name in largest[:_LARGEST_SHOWN]]
    return table(rows, right=[1, 2]) if paid else ""


def _findings(settlement: Settlement) -> str:
    counts = Counter((finding.severity, finding.kind) for finding in settlement.findings)
    if not counts:
        return "No findings."
    worst = list(reversed(Severity))
    order = sorted(counts, key=lambda key: (worst.index(key[0]), key[1]))
    rows = [("Findings", "", "")]
    rows += [(f"  {kind}", f"{counts[severity, kind]:,}", severity) for severity, kind in order]
    return table(rows, right=[1])


def _invoices(settlement: Settlement) -> str:
    rows = settlement.invoice_lines
    claimed, agreed = sum(r.claimed_pence for r in rows), sum(r.agreed_pence for r in rows)
    unclaimed = sum(line.amount_pence for line in settlement.unclaimed)
    verdicts = Counter(row.verdict for row in rows)
    return table(
        [
            ("Invoices claim", pounds(claimed), f"on {len(rows):,} invoice lines"),
            ("Agreed now", pounds(agreed), _listed(verdicts.items())),
            ("Waiting", pounds(claimed - agreed), ""),
            ("Never claimed", pounds(unclaimed), f"on {len(settlement.unclaimed):,} lines"),
        ],
        right=[1],
    )


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts))

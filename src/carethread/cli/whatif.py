"""`carethread whatif FOLDER --from D --to D --terms OTHER --out OUT`: the same visits, other terms."""

import argparse
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from carethread import __version__
from carethread.cli import record
from carethread.cli.engines import is_not_split
from carethread.cli.folders import is_folder, stop_for, written_whole
from carethread.cli.settle import a_day
from carethread.cli.summary import doubts
from carethread.cli.terminal import Bar, Stop, show, table
from carethread.engine.changes import Comparison, changing_most, headline
from carethread.engine.records import Period
from carethread.engine.variants import VARIANTS
from carethread.engine.written import hours, pounds
from carethread.formats.settlement.write import FORMATS
from carethread.report.whatif import render

if TYPE_CHECKING:
    from carethread.batch.whatif import WhatIf

FILE, PAGE = "whatif.json", "whatif.html"
_MOST_SHOWN = 5


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "whatif",
        help="say what the same visits would have paid under other terms",
        description="Settle the same orders and recorded visits under the folder's own contracts.toml"
        " and under other terms, and write what differs: in all, by provider, by person's hours, and"
        " the lines that change most, as tables and as one page.",
        epilog="--terms is another file like contracts.toml, with every contract that the orders use,"
        " or one of:\n"
        + "\n".join(f"  {name:<14} {variant.says}" for name, variant in VARIANTS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="the folder with orders, visits, rates, contracts")
    parser.add_argument("--from", dest="first", type=a_day, required=True, metavar="DATE")
    parser.add_argument("--to", dest="last", type=a_day, required=True, metavar="DATE")
    parser.add_argument("--terms", required=True, metavar="OTHER", help="a file, or a name from below")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write; made whole")
    parser.add_argument("--format", choices=FORMATS, default="csv", help="of the tables written")
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    parser.add_argument("--quiet", action="store_true", help="no progress and no summary")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare, write OUT, print the summary."""
    if options.last < options.first:
        message = f"--to {options.last} is before --from {options.first}"
        raise Stop(message)
    is_folder(options.folder)
    is_not_split(options.folder, "whatif")
    if options.terms not in VARIANTS and not Path(options.terms).is_file():
        message = f"{options.terms} is neither a file nor one of {', '.join(VARIANTS)}"
        raise Stop(message)
    period = Period(options.first, options.last)
    with Bar(quiet=options.quiet) as bar:
        asked, comparison, notes = _compare(options, period, bar)
    if not options.quiet:
        show(_summary(comparison, asked.other.name, notes))
        show(f"\nWritten to {options.out}. Open {options.out / PAGE} for all of it.")
    return 0


def _compare(
    options: argparse.Namespace, period: Period, bar: Bar
) -> tuple["WhatIf", Comparison, Sequence[str]]:
    from carethread.batch import whatif  # noqa: PLC0415 -- the compiled engine is slow to start

    asked = whatif.read(options.folder, options.terms, period, bar.reading)
    stop_for(asked.faults)
    known = record.Run(period, asked.rows, record.kept_out(asked.findings))
    try:
        with _out(options) as out:
            comparison = whatif.compare(asked, period, bar.doing)
            notes = [*doubts(known), *_doubts(comparison, asked.other.name), *asked.other.notes]
            whatif.write(comparison, out, options.format)
            page = render(comparison, asked.other.name, notes)
            (out / PAGE).write_text(page, encoding="utf-8")
            said = _record(options, known, notes)
            (out / FILE).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    except whatif.NeedsReference:
        message = "an order id is `visit` or holds `|`, so that its lines could be another's: rename it"
        raise Stop(message) from None
    except whatif.CannotBeTabled:
        message = "a percent in the terms has more than four decimals, or a rate card too many times"
        raise Stop(message) from None
    return asked, comparison, notes


def _out(options: argparse.Namespace) -> AbstractContextManager[Path]:
    spare = [options.folder] if options.terms in VARIANTS else [options.folder, Path(options.terms)]
    return written_whole(options.out, options, FILE, spare=spare)


def _doubts(comparison: Comparison, terms: str) -> list[str]:
    """Say what makes the figures doubtful as a whole."""
    said = []
    for name, words, apart in (
        ("held_lines", "lines are held", "Money that moves between payable and held"),
        ("unpriced_lines", "lines have no price", "What cannot be priced on one side"),
    ):
        one = comparison.measure(name)
        if one.difference:
            say = f"{one.now:,} {words} now, {one.then:,} under {terms}."
            said.append(f"ATTENTION: {say} {apart} is part of the difference.")
    if not comparison.visits:
        said.append("ATTENTION: no visit was recorded in the period.")
    return said


def _record(options: argparse.Namespace, known: record.Run, notes: Sequence[str]) -> dict[str, object]:
    """Return what was compared, to be proved later."""
    is_file = options.terms not in VARIANTS
    return {
        "carethread": __version__,
        "from": options.first.isoformat(),
        "to": options.last.isoformat(),
        "terms": {
            "name": Path(options.terms).name,
            "sha256": record.digest(Path(options.terms)) if is_file else None,
        },
        "notes": list(notes),
        "inputs": {
            name: {
                "rows": known.rows.get(name),
                "kept_out": known.kept_out.get(name, 0),
                "sha256": record.digest(options.folder / name),
            }
            for name in [*sorted(known.rows), "contracts.toml"]
        },
    }


def _summary(comparison: Comparison, terms: str, notes: Sequence[str]) -> str:
    """Say in one screen what the other terms would have paid."""
    period = comparison.period
    rows = [("", "now", "then", "difference", "")]
    for name, words, write in (
        ("amount_pence", "Payable", pounds),
        ("payable_minutes", "Payable hours", hours),
        ("held_pence", "Held, apart", pounds),
    ):
        one = comparison.measure(name)
        sign = "-" if one.difference < 0 else ""
        difference = sign + write(abs(one.difference))
        rows.append((words, write(one.now), write(one.then), difference, one.percent))
    most = [("Providers changing most", "now", "then", "difference", "")]
    most += [
        (
            f"  {one.provider_id}",
            *(pounds(one.amount_pence_now), pounds(one.amount_pence_then)),
            *(pounds(one.amount_pence_difference), one.amount_percent),
        )
        for one in changing_most(comparison.providers)[:_MOST_SHOWN]
    ]
    parts = [
        f"What if {period.first_on} to {period.last_on} had been under {terms}",
        *notes,
        headline(comparison, terms),
        table(rows, right=[1, 2, 3]),
        table(most, right=[1, 2, 3]) if comparison.providers else "",
    ]
    return "\n\n".join(part for part in parts if part)

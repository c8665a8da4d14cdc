"""`carethread check FOLDER`: every fault and doubt in a folder, and what to do about each."""

import argparse
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from carethread.cli.engines import is_not_split
from carethread.cli.folders import read_folder
from carethread.cli.terminal import STOPPED, Bar, show
from carethread.engine.findings import CATALOGUE
from carethread.engine.records import Fault, Finding
from carethread.engine.reference.check import doubts
from carethread.engine.words import Severity
from carethread.engine.written import count
from carethread.formats.settlement.read import Reading

ROWS_KEPT_OUT = 1
"""Exit code: the folder can be settled, but there are findings of severity error."""
_EXAMPLES = 3


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "check",
        help="list what is wrong or doubtful in a folder",
        description="Read a folder, settle nothing, list every fault and doubt by file. Exit code 0"
        " when there is nothing to mend, 1 when rows would be kept out or lines could not be priced,"
        " 2 when the folder cannot be settled at all.",
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class Group:
    """Faults or findings of one file that are mended in the same way."""

    title: str
    examples: Sequence[str]
    to_do: str


def run(options: argparse.Namespace) -> int:
    """Print what is wrong, file by file."""
    is_not_split(options.folder, "check")
    with Bar(quiet=options.quiet) as bar:
        reading = read_folder(options.folder, bar)
        bar.doing("Looking for doubts", 0, 1)
        # what is missing from a faulty file would make everything else look doubtful
        findings = reading.inputs.findings if reading.faults else doubts(reading.inputs)
    show(report(reading, findings))
    if reading.faults:
        return STOPPED
    return ROWS_KEPT_OUT if any(f.severity is Severity.ERROR for f in findings) else 0


def report(reading: Reading, findings: Sequence[Finding]) -> str:
    """Say what was read, and what is wrong with it."""
    rows = [f"  {name}: {count(number, 'row')}" for name, number in reading.rows.items()]
    parts = ["Read:\n" + "\n".join(rows)]
    groups: dict[str, list[Group]] = defaultdict(list)
    for file, group in (*_faults(reading.faults), *_findings(findings)):
        groups[file].append(group)
    parts += ["\n\n".join([file, *map(_show, groups[file])]) for file in sorted(groups)]
    if reading.unused:
        names = ", ".join(reading.unused)
        parts.append(f"Not part of a settlement folder, and not read: {names}")
    parts.append(_verdict(reading.faults, findings))
    return "\n\n".join(parts)


def _faults(faults: Iterable[Fault]) -> list[tuple[str, Group]]:
    by_column: dict[tuple[str, str], list[Fault]] = defaultdict(list)
    for fault in faults:
        by_column[fault.file, fault.column].append(fault)
    return [
        (
            file,
            Group(
                f"FAULT {column or 'the file'}: {len(same):,}",
                [_example(fault.row, fault.message) for fault in same],
                "Put it right in the file: nothing can be settled before.",
            ),
        )
        for (file, column), same in by_column.items()
    ]


def _findings(findings: Iterable[Finding]) -> list[tuple[str, Group]]:
    kinds: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        kinds[finding.file, finding.kind].append(finding)
    return [
        (
            file,
            Group(
                f"{same[0].severity.upper()} {kind}: {len(same):,}",
                [_example(f.row, ": ".join(filter(None, (f.subject, f.message)))) for f in same],
                f"{CATALOGUE[same[0].kind].means} {CATALOGUE[same[0].kind].to_do}",
            ),
        )
        for (file, kind), same in kinds.items()
    ]


def _example(row: int | None, message: str) -> str:
    return message if row is None else f"line {row}: {message}"


def _show(group: Group) -> str:
    lines = [f"  {group.title}"]
    lines += [f"    {example}" for example in group.examples[:_EXAMPLES]]
    more = len(group.examples) - _EXAMPLES
    lines += [f"    and {more:,} more"] if more > 0 else []
    return "\n".join([*lines, f"    -> {group.to_do}"])


def _verdict(faults: Sequence[Fault], findings: Sequence[Finding]) -> str:
    if faults:
        them = "it is" if len(faults) == 1 else "they are"
        return f"{count(len(faults), 'fault')}: the folder cannot be settled before {them} put right."
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = sum(finding.severity is Severity.WARNING for finding in findings)
    if errors or warnings:
        both = f"{count(errors, 'error')} and {count(warnings, 'warning')}"
        return f"The folder can be settled. {both} to look at."
    return "The folder can be settled; nothing to mend."

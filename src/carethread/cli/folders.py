"""The folders that commands read and write."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from carethread.cli.terminal import Bar, Stop, say
from carethread.engine.records import Fault
from carethread.engine.written import count
from carethread.formats.settlement.read import Reading, read
from carethread.kit.whole import UnableToWrite, kept_beside, whole_folder


def is_folder(folder: Path) -> None:
    """Stop if there is no such folder."""
    if not folder.is_dir():
        message = f"{folder} is not a folder"
        raise Stop(message)


def read_folder(folder: Path, bar: Bar) -> Reading:
    """Read a settlement folder."""
    is_folder(folder)
    return read(folder, bar.reading)


def stop_for(faults: Sequence[Fault]) -> None:
    """Stop if a file forbids the run, with every fault."""
    if faults:
        for fault in faults:
            say(f"{place(fault)}: {fault.message}")
        message = f"{count(len(faults), 'fault')} must be put right first; nothing was written"
        raise Stop(message)


def place(fault: Fault) -> str:
    """Say where a fault is: orders.csv line 3, starts_on."""
    where = fault.file
    if fault.row is not None:
        where += f" line {fault.row}"
    return f"{where}, {fault.column}" if fault.column else where


@contextmanager
def written_whole(
    out: Path, options: argparse.Namespace, mark: str, spare: Iterable[Path] = ()
) -> Iterator[Path]:
    """Give a folder to fill that becomes `out`; say where one that is not ours was kept."""
    foreign = out.is_dir() and any(out.iterdir()) and not (out / mark).exists()
    kept = kept_beside(out)
    try:
        with whole_folder(out, replace=options.force, mark=mark, spare=spare) as filling:
            yield filling
    except UnableToWrite as error:
        raise Stop(str(error)) from None
    if foreign:
        say(f"carethread: what was in {out} was not made by carethread; it is now in {kept}")

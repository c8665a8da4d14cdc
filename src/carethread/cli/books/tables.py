"""A table as a CSV file that a spreadsheet shows and does not run."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from carethread.cli.terminal import Stop
from carethread.formats.settlement.files import inert


def write_table(path: Path, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table; the file appears whole.

    Raises:
        Stop: if it cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heads)
            writer.writerows([inert(cell) for cell in row] for row in rows)
        partial.rename(path)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise Stop(message) from None

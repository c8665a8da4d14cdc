"""Talking to a person at a terminal: results on standard output, everything else on the other."""

import sys
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from tqdm import tqdm

STOPPED = 2
"""Exit code: the run was stopped and nothing was written."""


class Stop(Exception):
    """A command cannot go on; the message says why and what to do."""

    def __init__(self, message: str, code: int = STOPPED) -> None:
        super().__init__(message)
        self.code = code


def say(text: str) -> None:
    """Print to standard error."""
    print(text, file=sys.stderr)  # noqa: T201 -- this is the place that prints


def show(text: str = "") -> None:
    """Print to standard output."""
    print(text)  # noqa: T201 -- this is the place that prints


class Bar:
    """A progress bar on standard error, for a person who waits: not shown in pipes or with --quiet."""

    def __init__(self, *, quiet: bool) -> None:
        self._bar = tqdm(
            total=1.0,
            disable=True if quiet else None,
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}",
            delay=0.5,
            miniters=0,
            leave=False,
        )

    def reading(self, file: str, part: float) -> None:
        """Show how much of a file has been read."""
        self._show(f"Reading {file}", part)

    def doing(self, what: str, done: int, of: int) -> None:
        """Show how far a step has come."""
        self._show(what, done / of if of else 1.0)

    def _show(self, what: str, part: float) -> None:
        self._bar.set_description_str(f"{what:28.28}", refresh=False)
        self._bar.update(part - self._bar.n)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()


def table(rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> str:
    """Set rows as columns, those numbered in `right` to the right."""
    cells = [list(row) for row in rows]
    if not cells:
        return ""
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    to_right = set(right)
    lines = [
        "  ".join(
            cell.rjust(width) if i in to_right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join(lines)

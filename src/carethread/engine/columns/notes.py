"""What is found while persons are settled, noted as `says` has it.

Source: settlement §6, `findings.csv`.
"""

from typing import NamedTuple

import numpy as np

from carethread.engine.columns import says
from carethread.engine.columns.arrays import Ints
from carethread.engine.columns.attend import note, with_room
from carethread.engine.columns.compiled import bare, compiled
from carethread.engine.columns.desk import Draft

_FIRST = 1024
_MOST = 12
"""More than can be found of one line, or of one order."""


class Notes(NamedTuple):
    """Findings, and in `total`, of one number, how many there are."""

    found: Ints
    total: Ints


@compiled
def no_notes() -> Notes:
    """Return notes of nothing."""
    return Notes(np.empty((_FIRST, says.WIDTH), np.int32), np.zeros(1, np.int32))


@compiled
def with_room_for(notes: Notes, lines: int, orders: int) -> Notes:
    """Return notes with room for all that can be found of so many lines and orders."""
    return Notes(with_room(notes.found, notes.total[0], _MOST * (lines + orders)), notes.total)


@bare
def note_row(notes: Notes, saying: int, row: int) -> None:
    """Note what is said of a visit row that is on no line."""
    notes.total[0] = note(notes.found, notes.total[0], saying, row, -1, -1, 0, -1)


@bare
def note_cut(notes: Notes, saying: int, order: int, start: int) -> None:
    """Note that the settled period cuts an order's week or month.

    Source: settlement §5.6.
    """
    notes.total[0] = note(notes.found, notes.total[0], saying, -1, order, -1, start, -1)


@bare
def note_line(notes: Notes, saying: int, draft: Draft, number: int) -> None:
    """Note what is said of a line: about the row that is on it, or else about its order."""
    row = answer_of(draft)
    order = draft.order if row < 0 else -1
    notes.total[0] = note(notes.found, notes.total[0], saying, row, order, draft.line, number, -1)


@bare
def note_overlap(notes: Notes, draft: Draft, other: int) -> None:
    """Note that a line's worker is recorded on another visit, too."""
    saying, line = says.WORKER_OVERLAP, draft.line
    notes.total[0] = note(notes.found, notes.total[0], saying, draft.visit, -1, line, 0, other)


@bare
def note_clock(notes: Notes, draft: Draft) -> None:
    """Note that a line's agreed start falls in the hour of the clock change."""
    saying, order = says.CLOCK_CHANGE, draft.order
    notes.total[0] = note(notes.found, notes.total[0], saying, -1, order, draft.line, 0, -1)


@bare
def answer_of(draft: Draft) -> int:
    """Return the visit or status row that is on a line, -1 where there is none."""
    return draft.visit if draft.visit >= 0 else draft.status

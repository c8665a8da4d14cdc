"""Sums over settled lines: each provider's weeks, and what a settlement came to.

Source: settlement §6, `summary.csv`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit

from carethread.engine.columns import drafts, lines
from carethread.engine.columns.arrays import NONE, Coded, Ints, Longs, Texts
from carethread.engine.columns.book import Frame
from carethread.engine.columns.clock import monday_of
from carethread.engine.columns.publish import Chunk
from carethread.engine.results import Totals
from carethread.engine.words import Outcome

_OUTCOMES = list(Outcome)
_FIGURES = ("planned_minutes", "counted_minutes", "payable_minutes", "amount_pence", "held_pence")
_LINES = len(_FIGURES) + len(_OUTCOMES)
_SUMS = ("lines", "planned", "called_off", "delivered", "payable_minutes", "held_lines", "unpriced")


@njit(cache=True, nogil=True)
def _add(sums: Longs, weeks: Longs, first_monday: int, table: Ints, pence: Longs) -> None:
    for line in range(table.shape[1]):
        week = (monday_of(table[lines.SERVICE_ON, line]) - first_monday) // 7
        row = weeks[table[lines.PROVIDER, line], week]
        held, amount = table[lines.HELD, line], pence[0, line]
        planned, counted = table[lines.PLANNED_MINUTES, line], table[lines.COUNTED, line]
        payable, outcome = table[lines.PAYABLE, line], table[lines.OUTCOME, line]
        sums[0] += 1
        row[_LINES] += 1
        row[len(_FIGURES) + outcome] += 1
        if planned != NONE:
            row[0] += planned
            sums[1] += planned
            if outcome == drafts.SUSPENDED or outcome == drafts.CALLED_OFF:
                sums[2] += planned
        if counted != NONE:
            row[1] += counted
            if table[lines.SLOT, line] != NONE:
                sums[3] += counted
        if payable != NONE:
            row[2] += payable
            if not held:
                sums[4] += payable
        if held:
            sums[5] += 1
            sums[6] += amount == NONE
        if amount != NONE:
            row[4 if held else 3] += amount


class Sums:
    """Adds up settled lines, chunk by chunk."""

    def __init__(self, providers: int, frame: Frame) -> None:
        """Start at nothing."""
        self._first = int(monday_of(frame.first))
        weeks = (int(monday_of(frame.last)) - self._first) // 7 + 1
        self._weeks = np.zeros((providers, weeks, _LINES + 1), np.int64)
        self._sums = np.zeros(len(_SUMS), np.int64)

    def add(self, chunk: Chunk) -> None:
        """Add a chunk's lines."""
        _add(self._sums, self._weeks, self._first, chunk.table, chunk.pence)

    def summary(self, providers: Texts) -> Mapping[str, Any]:
        """Return the columns of `summary`; providers are numbered in the order of their ids."""
        provider, week = np.nonzero(self._weeks[:, :, _LINES])
        figures = self._weeks[provider, week]
        names = (*_FIGURES, *(outcome.value for outcome in _OUTCOMES))
        return {
            "provider_id": Coded(provider.astype(np.int32), providers),
            "week_starting": (self._first + 7 * week).astype(np.int32),
            **{name: figures[:, place].copy() for place, name in enumerate(names)},
        }

    def totals(self) -> Totals:
        """Return what the lines came to."""
        return Totals(**dict(zip(_SUMS, self._sums.tolist(), strict=True)))

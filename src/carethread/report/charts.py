"""Bars as geometry: what the template draws as SVG, always beside its table.

Lengths are percents of the drawing's width and everything else is pixels, so that a drawing fits a
telephone and its words keep their size.

Source: Government Analysis Function, data visualisation: charts (zero baseline, horizontal labels,
no reliance on colour, a table for every chart).
"""

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_PERCENT = 70
"""What the longest bar takes of the width; its figure has the rest."""
BAR, GAP, LABEL, GROUP_GAP = 16, 3, 18, 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it is, how long, what is written at its end, and its series' place."""

    y: int
    percent: float
    text: str
    series: int


@dataclass(frozen=True, slots=True)
class Group:
    """A label and the bars below it."""

    label: str
    y: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Horizontal bars from zero, grouped by label; every series has its own pattern and its name."""

    key: str
    title: str
    series: tuple[str, ...]
    groups: tuple[Group, ...]
    height: int

    @property
    def bar(self) -> int:
        """How thick a bar is."""
        return BAR


Rows = Sequence[tuple[str, Sequence[tuple[float, str]]]]
"""(label, for each series its value and how it is written)."""


def bars(key: str, title: str, series: Sequence[str], rows: Rows) -> Chart:
    """Lay out a bar chart; `key` makes its ids unique on the page."""
    most = max((value for _, values in rows for value, _ in values), default=0) or 1
    groups = []
    y = 0
    for label, values in rows:
        laid = tuple(
            Bar(
                y + LABEL + place * (BAR + GAP),
                round(LONGEST_PERCENT * value / most, 2),
                text,
                place,
            )
            for place, (value, text) in enumerate(values)
        )
        groups.append(Group(label, y + LABEL // 2, laid))
        y += LABEL + len(values) * (BAR + GAP) + GROUP_GAP
    return Chart(key, title, tuple(series), tuple(groups), y)

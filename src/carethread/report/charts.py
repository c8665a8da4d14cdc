"""Bars as geometry: what the template draws as SVG, always beside its table.

Source: Government Analysis Function, data visualisation: charts (zero baseline, horizontal labels,
no reliance on colour, a table for every chart).
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 720
LABELS = 230
VALUES = 110
BAR, GAP, GROUP_GAP = 16, 2, 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it is, how long, what is written at its end, and its series' place."""

    y: int
    length: float
    text: str
    series: int


@dataclass(frozen=True, slots=True)
class Group:
    """A label and its bars."""

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
    def left(self) -> int:
        """Where the bars begin."""
        return LABELS

    @property
    def width(self) -> int:
        """How wide the drawing is."""
        return WIDTH

    @property
    def bar(self) -> int:
        """How thick a bar is."""
        return BAR


Rows = Sequence[tuple[str, Sequence[tuple[float, str]]]]
"""(label, for each series its value and how it is written)."""


def bars(key: str, title: str, series: Sequence[str], rows: Rows) -> Chart:
    """Lay out a bar chart; `key` makes its ids unique on the page."""
    most = max((value for _, values in rows for value, _ in values), default=0) or 1
    room = WIDTH - LABELS - VALUES
    groups = []
    y = GROUP_GAP
    for label, values in rows:
        laid = tuple(
            Bar(y + place * (BAR + GAP), round(room * value / most, 1), text, place)
            for place, (value, text) in enumerate(values)
        )
        height = len(values) * (BAR + GAP) - GAP
        groups.append(Group(label, y + height // 2, laid))
        y += height + GROUP_GAP
    return Chart(key, title, tuple(series), tuple(groups), y)

"""The picture in the README: visits a second, as bars from zero, each with its figure."""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

_ORDER = ("8m", "1m", "100k", "40m")
"""The first of these that has results is shown."""
_WIDTH, _LEFT, _RIGHT, _TOP, _BAR, _GAP = 760, 250, 110, 64, 22, 12
_OURS, _LIMIT, _PEER = "#1d5fa8", "#57606a", "#8c959f"
_INK, _QUIET = "#1b1f24", "#57606a"


def draw(results: Path, path: Path) -> None:
    """Write the chart of the most telling size there are results for."""
    files = [results / f"settle-{size}.json" for size in _ORDER]
    found = next((file for file in files if file.exists()), None)
    if found:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(svg(json.loads(found.read_text())))


def svg(results: dict[str, Any]) -> str:
    """Return the chart of a result."""
    bars = [
        (results["limit"], _LIMIT),
        (results["ours"], _OURS),
        *((results[key], _OURS) for key in ("ours_1_thread", "bucketed") if key in results),
        *((one, _PEER) for one in results["peers"].values()),
    ]
    bars.sort(key=lambda bar: -bar[0]["visits_per_second"])
    most = bars[0][0]["visits_per_second"]
    title = f"Visits settled a second, {results['visits']:,} visits"
    machine = results["machine"]
    below = (
        f"Whole process, Parquet to Parquet, {machine['cores']} cores. carethread does the whole",
        "contract; DuckDB, Polars and plain Python only match by nearest start and price.",
    )
    height = _TOP + len(bars) * (_BAR + _GAP) + 40
    facts = "; ".join(f"{one['name']} {one['visits_per_second']:,}" for one, _ in bars)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}"'
        f' height="{height}" role="img" aria-labelledby="title desc"'
        ' font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(facts)}. {escape(" ".join(below))}</desc>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(16, 30, title, size=18, weight=600),
        *_bars(bars, most),
        *(
            _text(16, height - 30 + 17 * row, line, size=12, ink=_QUIET)
            for row, line in enumerate(below)
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bars(bars: Sequence[tuple[dict[str, Any], str]], most: int) -> list[str]:
    parts = []
    room = _WIDTH - _LEFT - _RIGHT
    for place, (one, colour) in enumerate(bars):
        y = _TOP - 12 + place * (_BAR + _GAP)
        length = max(1.0, room * one["visits_per_second"] / most)
        middle = y + _BAR * 0.72
        weight = 600 if colour == _OURS else 400
        parts += [
            _text(_LEFT - 10, middle, one["name"], end=True, weight=weight),
            f'<rect x="{_LEFT}" y="{y}" width="{length:.1f}" height="{_BAR}" rx="2" fill="{colour}"/>',
            _text(_LEFT + length + 8, middle, f"{one['visits_per_second']:,}", weight=weight),
        ]
    return parts


def _text(  # noqa: PLR0913 -- what a piece of text in a drawing has
    x: float,
    y: float,
    words: str,
    *,
    size: int = 14,
    weight: int = 400,
    ink: str = _INK,
    end: bool = False,
) -> str:
    anchor = ' text-anchor="end"' if end else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{ink}"{anchor}>'
        f"{escape(words)}</text>"
    )

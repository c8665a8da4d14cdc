"""Rendering the report: one HTML file that needs nothing else."""

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from carethread.engine import written
from carethread.engine.explain import Explanation, explain
from carethread.engine.records import Period
from carethread.report.figures import Figures, Look
from carethread.report.sections import headline, sections


def render(figures: Figures, period: Period, doubts: Sequence[str], *, title: str) -> str:
    """Return the page; `doubts` stand before the figures."""
    environment = Environment(
        loader=PackageLoader("carethread.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        title=title,
        period=f"{written.day(period.first_on)} to {written.day(period.last_on)}",
        doubts=doubts,
        headline=headline(figures),
        sections=sections(figures),
        looks=[(look, _explained(look)) for look in figures.looks],
        missed=written.count(figures.missed_time_critical, "time-critical visit"),
        held=written.count(figures.held_lines, "line"),
    )


def _explained(look: Look) -> Explanation:
    return explain(look.line, look.working, look.findings)

"""Rendering the report: one HTML file that needs nothing else."""

from datetime import date

from jinja2 import Environment, PackageLoader, StrictUndefined

from carethread.engine import written
from carethread.engine.explain import Explanation, explain
from carethread.report.figures import Figures, Look
from carethread.report.sections import headline, sections


def render(figures: Figures, first_on: date, last_on: date, *, title: str) -> str:
    """Return the page."""
    environment = Environment(
        loader=PackageLoader("carethread.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        title=title,
        period=f"{written.day(first_on)} to {written.day(last_on)}",
        headline=headline(figures),
        sections=sections(figures),
        looks=[(look, _explained(look)) for look in figures.looks],
    )


def _explained(look: Look) -> Explanation:
    return explain(look.line, look.working, look.findings)

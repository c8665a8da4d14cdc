"""`carethread report`: one page, for everybody, that needs nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from carethread.cli import main
from tests.browser import ARGUMENTS, installed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=installed(), args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def report(settled_council: Path) -> Path:
    path = settled_council.parent / "report.html"
    assert (
        main(["report", str(settled_council), "--to", str(path), "--title", "An invented council"]) == 0
    )
    return path


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1200, "height": 900}) as context:
        page = context.new_page()
        page.goto(report.as_uri())
        yield page


@pytest.mark.parametrize("width", [1200, 360])
def test_it_is_accessible(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    results = Axe().run(page, options=rules)
    assert results.violations_count == 0, results.generate_report()


def test_a_telephone_shows_all_of_it(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for value in page.locator("svg text.value").all():
        box = value.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 360, value.text_content()


def test_it_asks_for_nothing_else(browser: Browser, report: Path) -> None:
    asked: list[str] = []
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(report.as_uri())
        assert page.title().startswith("An invented council, Monday 4 May 2026")
    assert asked == [report.as_uri()]
    assert not re.search(r"(src|href)=\"(?!#)", report.read_text())


def test_every_chart_has_its_table(page: Page) -> None:
    charts = page.locator("figure svg[role=img]")
    assert charts.count() == 8
    for chart in charts.all():
        section = chart.locator("xpath=ancestor::section")
        cells = set(section.locator("td, th").all_text_contents())
        values = section.locator("svg text.value").all_text_contents()
        assert values
        assert set(values) <= cells
        for label in section.locator("svg text.label").all_text_contents():
            assert set(label.split(", week of")) & cells, label


def test_a_line_is_explained_with_the_keyboard_alone(page: Page) -> None:
    line = page.locator("details.look").first
    line.locator("summary").focus()
    page.keyboard.press("Enter")
    assert line.locator("p").first.is_visible()
    assert line.locator("p").first.inner_text().startswith("Line ")


def test_it_is_refused_where_there_is_no_settlement(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(tmp_path), "--to", str(tmp_path / "x.html")]) == 2
    assert "does not hold a settlement" in capsys.readouterr().err

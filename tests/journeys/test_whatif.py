"""`carethread whatif`: what the same visits would have paid, and what stops it."""

import csv
import json
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from carethread.cli import main
from carethread.engine.changes import (
    HOURS_A_WEEK,
    MEASURES,
    BandChange,
    Comparison,
    LineChange,
    measure,
)
from carethread.engine.records import Period
from carethread.engine.variants import VARIANTS
from carethread.engine.words import Outcome, Reason
from carethread.formats.settlement import published, whatif_tables
from carethread.report.whatif import render, what_changed
from tests.browser import ARGUMENTS, installed
from tests.commands import PERIOD, carethread, contents
from tests.spec.drawn import Example

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "whatif.md").read_text()
WEEK = ("--from", "2026-05-11", "--to", "2026-05-17")
TABLES = ("totals", "providers", "bands", "lines")

CLAIMED = Example(
    "A saving of 8 percent is claimed, the visits support 6",
    "The contract pays the plan: four visits a week of 50 minutes. Carers stay for 46, so a paper says"
    " that paying by the minute saves 8 percent. But one visit in four is cancelled at the last moment"
    " and paid in full either way: it has no minutes to save.",
    source="Tri-borough home care e-monitoring: savings of 8% and 6% anticipated from recorded visits.",
    terms='pay_basis = "planned"',
    orders="""
        order_id | days    | minutes
        O1       | 1111000 | 50
    """,
    rates="""
        amount_pence
        2400
    """,
    visits="""
        visit_id | status    | check_in  | check_out | planned_start | cancelled_by | notified_at
        V1       | delivered | 08:00     | 08:46     |               |              |
        V2       | delivered | Tue 08:00 | Tue 08:46 |               |              |
        V3       | delivered | Wed 08:00 | Wed 08:46 |               |              |
        V4       | cancelled |           |           | Thu 08:00     | person       | Thu 07:00
    """,
)
BY_THE_MINUTE = """
[[contract]]
id = "C"

[[contract.terms]]
from = 2026-01-01
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of the drawn example, which a test may spoil."""
    return CLAIMED.write(tmp_path / "folder")


def whatif(folder: Path, out: Path, terms: str | Path, *more: str) -> int:
    return main(["whatif", str(folder), *WEEK, "--terms", str(terms), "--out", str(out), *more])


def terms_of(folder: Path, text: str) -> Path:
    path = folder.parent / "other.toml"
    path.write_text(text)
    return path


def table(out: Path, name: str) -> list[dict[str, str]]:
    with (out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_of_eight_percent_claimed_the_visits_support_six(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert whatif(folder, out, terms_of(folder, BY_THE_MINUTE)) == 0
    said = capsys.readouterr()
    assert said.err == ""
    would = "Under other.toml the same recorded visits would have paid £4.80 less (6.0%)"
    assert f"{would}.\n" in said.out
    assert re.search(r"Payable +£80\.00 +£75\.20 +-£4\.80 +6\.0% less", said.out)
    assert re.search(r"  A +£80\.00 +£75\.20 +-£4\.80 +6\.0% less", said.out)
    assert "ATTENTION" not in said.out
    assert f"<h1>{would}</h1>" in (out / "whatif.html").read_text()

    assert sorted(contents(out)) == sorted(
        [*(f"{name}.csv" for name in TABLES), "whatif.html", "whatif.json"]
    )
    totals = {row.pop("measure"): tuple(row.values()) for row in table(out, "totals")}
    assert totals == {
        "payable_minutes": ("200", "188", "-12", "6.0% less"),
        "amount_pence": ("8000", "7520", "-480", "6.0% less"),
        "held_pence": ("0", "0", "0", ""),
        "lines": ("4", "4", "0", "0.0%"),
        "held_lines": ("0", "0", "0", ""),
        "unpriced_lines": ("0", "0", "0", ""),
    }
    (provider,) = table(out, "providers")
    assert list(provider.values()) == [
        *("A", "8000", "7520", "-480", "6.0% less"),
        *("200", "188", "-12", "6.0% less", "0", "0"),
    ]
    band, *others = table(out, "bands")
    assert tuple(band.values()) == ("under 3.5", "1", "8000", "7520", "-480", "6.0% less")
    assert {row["persons"] for row in others} == {"0"}
    lines = table(out, "lines")
    assert [line["line_id"] for line in lines] == [f"O1|2026-05-{day}T08:00|1" for day in (11, 12, 13)]
    assert {line["amount_pence_difference"] for line in lines} == {"-160"}
    assert {(n["payable_minutes_now"], n["payable_minutes_then"]) for n in lines} == {("50", "46")}


@pytest.mark.parametrize("terms", VARIANTS)
def test_every_ready_made_variant_is_explained_and_works(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], terms: str
) -> None:
    paid = {"per-minute": "7520", "quarter-hours": "7400", "planned": "8000", "weekly-pool": "7520"}
    assert whatif(folder, tmp_path / "out", terms) == 0
    assert table(tmp_path / "out", "totals")[1]["then"] == paid[terms]
    said = capsys.readouterr().out
    assert f"under {terms} terms" in said
    assert f"| `{terms}` |" in GUIDE
    if terms == "per-minute":
        (shown,) = re.findall("^> (.*)$", GUIDE, flags=re.MULTILINE)
        assert shown in said
    with pytest.raises(SystemExit):
        main(["whatif", "--help"])
    assert f"  {terms:<14} {VARIANTS[terms].says}" in capsys.readouterr().out


def test_it_says_what_was_compared_with_what(folder: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "out", terms_of(folder, BY_THE_MINUTE)
    assert whatif(folder, out, other, "--quiet") == 0
    record = json.loads((out / "whatif.json").read_text())
    assert (record["from"], record["to"]) == ("2026-05-11", "2026-05-17")
    assert record["terms"]["name"] == "other.toml"
    assert record["inputs"]["visits.csv"]["rows"] == 4
    assert len({record["terms"]["sha256"], record["inputs"]["contracts.toml"]["sha256"]}) == 2
    assert "invoices.csv" not in record["inputs"]
    assert whatif(folder, out, "per-minute", "--quiet", "--force") == 0
    terms = json.loads((out / "whatif.json").read_text())["terms"]
    assert terms == {"name": "per-minute", "sha256": None}


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ('[[contract]]\nid = "D"', "other.toml, contract: C is missing, and orders use it"),
        (BY_THE_MINUTE + 'pay_basis = "hour"', "other.toml line 7, pay_basis: is 'hour', not one of"),
        (
            BY_THE_MINUTE.replace("2026-01-01", "2026-05-13"),
            "C has no terms from 2026-05-11 to 2026-05-12, where contracts.toml has them",
        ),
    ],
)
def test_other_terms_that_cannot_be_used_are_a_fault(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], terms: str, words: str
) -> None:
    assert whatif(folder, tmp_path / "out", terms_of(folder, terms)) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "nothing was written" in said
    assert not (tmp_path / "out").exists()


def test_a_name_that_is_nothing_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert whatif(folder, tmp_path / "out", "per_minute") == 2
    assert "neither a file nor one of per-minute, quarter-hours" in capsys.readouterr().err


def test_the_folders_own_faults_stop_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rates = (folder / "rates.csv").read_text()
    (folder / "rates.csv").write_text(rates.replace("2400", "24.00"))
    assert whatif(folder, tmp_path / "out", "per-minute") == 2
    assert "rates.csv line 2, amount_pence" in capsys.readouterr().err


def test_matching_stays_the_folders_and_holidays_are_the_others(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = "[match]\nwindow_minutes = 10\n[holidays]\nextra = [2026-05-11]\n"
    rates = (folder / "rates.csv").read_text()
    holiday = rates.splitlines()[1].replace("any", "bank_holiday", 1).replace("2400", "4800")
    (folder / "rates.csv").write_text(f"{rates}{holiday}\n")
    visits = (folder / "visits.csv").read_text()
    (folder / "visits.csv").write_text(visits.replace("2026-05-11T08:00", "2026-05-11T08:20"))
    other = terms_of(folder, settings + CLAIMED.contracts())
    assert whatif(folder, tmp_path / "out", other) == 0
    said = capsys.readouterr().out
    assert "other.toml has other [match] settings (window_minutes). They were not used" in said
    assert "other.toml has other bank holidays than the folder" in said
    assert "would have paid £20.00 more" in said
    assert len(json.loads((tmp_path / "out" / "whatif.json").read_text())["notes"]) == 2


def test_sections_left_out_are_the_folders_own(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (folder / "contracts.toml").read_text()
    settings = "[match]\nwindow_minutes = 10\n[holidays]\nextra = [2026-05-11]\n"
    (folder / "contracts.toml").write_text(settings + text)
    assert whatif(folder, tmp_path / "out", terms_of(folder, text)) == 0
    assert json.loads((tmp_path / "out" / "whatif.json").read_text())["notes"] == []
    assert "would have paid the same." in capsys.readouterr().out


def test_money_that_moves_to_held_is_no_silent_saving(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    visits = (folder / "visits.csv").read_text()
    (folder / "visits.csv").write_text(visits.replace(",app,app", ",manual,app", 1))
    other = terms_of(folder, CLAIMED.contracts() + 'manual = "hold"\n')
    assert whatif(folder, tmp_path / "out", other) == 0
    said = capsys.readouterr().out
    assert "ATTENTION: 0 lines are held now, 1 under other.toml." in said
    assert re.search(r"Held, apart +£0\.00 +£20\.00 +£20\.00", said)
    page = (tmp_path / "out" / "whatif.html").read_text()
    assert "Would be held (manual without reason)." in page
    assert "ATTENTION: 0 lines are held now" in page


def test_a_period_without_visits_is_pointed_out(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    later = ["--from", "2026-06-01", "--to", "2026-06-07"]
    out = str(tmp_path / "out")
    assert main(["whatif", str(folder), *later, "--terms", "per-minute", "--out", out]) == 0
    assert "ATTENTION: no visit was recorded in the period." in capsys.readouterr().out


def test_order_ids_that_make_lines_alike_are_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = (folder / "orders.csv").read_text()
    (folder / "orders.csv").write_text(orders.replace("O1,", "O|1,"))
    assert whatif(folder, tmp_path / "out", "per-minute") == 2
    assert "rename it" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_percent_too_fine_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = terms_of(folder, BY_THE_MINUTE + "missed_percent = 12.34567\n")
    assert whatif(folder, tmp_path / "out", other) == 2
    assert "more than four decimals" in capsys.readouterr().err


def test_an_existing_out_is_replaced_only_with_force(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert whatif(folder, out, "planned", "--quiet") == 0
    first = contents(out)
    assert whatif(folder, out, "per-minute", "--quiet") == 2
    assert "--force" in capsys.readouterr().err
    assert contents(out) == first
    assert whatif(folder, out, "per-minute", "--quiet", "--force") == 0
    assert contents(out) != first
    assert capsys.readouterr() == ("", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "out"]


def test_the_terms_are_not_replaced_by_what_came_of_them(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    other = Path(shutil.move(terms_of(folder, BY_THE_MINUTE), out))
    assert whatif(folder, out, other, "--force") == 2
    assert "nothing was changed" in capsys.readouterr().err
    assert other.read_text() == BY_THE_MINUTE


def test_a_period_that_makes_no_sense_is_refused(folder: Path, tmp_path: Path) -> None:
    backwards = ["--from", "2026-05-11", "--to", "2026-05-10"]
    terms = ["--terms", "planned", "--out", str(tmp_path / "out")]
    assert main(["whatif", str(folder), *backwards, *terms]) == 2


@pytest.fixture(scope="session")
def compared(council: Path) -> Path:
    """Return what the invented council would have paid by the quarter hour."""
    out = council.parent / "compared"
    terms = ("--terms", "quarter-hours", "--out", out)
    done = carethread("whatif", council, *PERIOD, *terms)
    assert (done.returncode, done.stderr) == (0, "")
    return out


def test_any_number_of_processors_gives_the_same_bytes(
    council: Path, compared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARETHREAD_THREADS", "1")
    terms = ["--terms", "quarter-hours", "--out", str(tmp_path / "again"), "--quiet"]
    assert main(["whatif", str(council), *PERIOD, *terms]) == 0
    assert contents(tmp_path / "again") == contents(compared)


def test_parquet_holds_the_same(council: Path, compared: Path, tmp_path: Path) -> None:
    out = tmp_path / "parquet"
    terms = ["--terms", "quarter-hours", "--out", str(out), "--quiet", "--format", "parquet"]
    assert main(["whatif", str(council), *PERIOD, *terms]) == 0
    for one in (
        whatif_tables.TOTALS,
        whatif_tables.PROVIDERS,
        whatif_tables.BANDS,
        whatif_tables.LINES,
    ):
        rows = list(published.read(out, one))
        assert rows
        assert rows == list(published.read(compared, one))


def test_the_parts_come_to_the_whole(compared: Path) -> None:
    total = {row["measure"]: row for row in table(compared, "totals")}["amount_pence"]
    for name in ("providers", "bands"):
        for side in ("now", "then"):
            whole = sum(int(row[f"amount_pence_{side}"]) for row in table(compared, name))
            assert whole == int(total[side])


LINE = LineChange(
    line_id="O1|2026-05-11T08:00|1",
    person_id="P1",
    provider_id="A",
    service="PC",
    order_id="O1",
    service_on=date(2026, 5, 11),
    outcome=Outcome.DELIVERED,
    amount_pence_now=2000,
    amount_pence_then=1840,
    amount_pence_difference=-160,
    held_pence_now=0,
    held_pence_then=0,
    payable_minutes_now=50,
    payable_minutes_then=46,
    reasons_now=(),
    reasons_then=(),
)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Pays 46 minutes, not 50."),
        (
            {"reasons_now": (Reason.CAPPED, Reason.POOLED), "reasons_then": (Reason.ROUNDED_DOWN,)},
            "Pays 46 minutes (rounded down), not 50 (capped and pooled).",
        ),
        (
            {"payable_minutes_then": 50, "reasons_then": (Reason.UNPLANNED,)},
            "Would be held (unplanned).",
        ),
        (
            {"payable_minutes_then": 50, "reasons_now": (Reason.SAME_WORKER,)},
            "Would not be held any more (same worker).",
        ),
        ({"payable_minutes_then": 50}, "Pays 50 minutes both times, at another price."),
        (
            {"payable_minutes_now": None, "reasons_now": (Reason.NO_CONTRACT,)},
            "Would not be held any more (no contract).",
        ),
    ],
)
def test_what_changes_is_said_in_words(changes: dict[str, object], words: str) -> None:
    line = replace(LINE, **changes)  # type: ignore[arg-type]
    assert " ".join(what_changed(line)) == words


def in_browser(page_file: Path, look: Callable[[Page], None]) -> None:
    """Look at the page, from a thread of its own: another test's browser may be open in this one."""

    def open_and_look() -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=installed(), args=list(ARGUMENTS))
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.goto(page_file.as_uri())
            look(page)
            browser.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(open_and_look).result()


@pytest.mark.slow
@pytest.mark.parametrize("width", [1200, 360])
def test_the_page_is_accessible(compared: Path, width: int) -> None:
    def look(page: Page) -> None:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        results = Axe().run(page, options={"runOnly": rules})
        assert results.violations_count == 0, results.generate_report()

    in_browser(compared / "whatif.html", look)


LARGEST = Comparison(
    period=Period(date(2026, 1, 5), date(2027, 1, 3)),
    visits=9_999_999,
    changed=9_999_999,
    measures=[measure(name, 99_999_999_999, 88_888_888_888) for name in MEASURES],
    providers=[],
    bands=[
        BandChange(name, 99_999, 99_999_999_999, 88_888_888_888, -11_111_111_111, "11.1% less")
        for name in HOURS_A_WEEK
    ],
    lines=[],
)


@pytest.mark.slow
@pytest.mark.parametrize("is_largest", [False, True])
def test_a_telephone_shows_all_of_the_page(compared: Path, tmp_path: Path, is_largest: bool) -> None:  # noqa: FBT001
    page_file = compared / "whatif.html"
    if is_largest:
        page_file = tmp_path / "page.html"
        page_file.write_text(render(LARGEST, "other.toml", []))

    def look(page: Page) -> None:
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        for text in page.locator("figure svg text").all():
            box = text.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= 360, text.text_content()

    in_browser(page_file, look)


@pytest.mark.slow
def test_the_page_needs_nothing_else_and_its_charts_have_tables(compared: Path) -> None:
    assert not re.search(r"(src|href)=\"(?!#)", (compared / "whatif.html").read_text())

    def look(page: Page) -> None:
        heading = page.locator("h1").inner_text()
        assert heading.startswith("Under quarter-hours terms the same recorded visits would have")
        charts = page.locator("figure svg[role=img]")
        assert charts.count() == 2
        for chart in charts.all():
            section = chart.locator("xpath=ancestor::section")
            cells = set(section.locator("td, th").all_text_contents())
            values = section.locator("svg text.value").all_text_contents()
            assert values
            assert set(values) <= cells
            for label in section.locator("svg text.label").all_text_contents():
                assert set(label.split(", ")) <= cells, label

    in_browser(compared / "whatif.html", look)

"""Folders in which something has no contract, no terms or no price: held, reported, never zero.

`carethread check` says the same before anything is settled.
"""

from pathlib import Path

import pytest

from carethread.cli import main
from tests.factories.folders import COLUMNS, write_rows
from tests.formats.breaking import GOOD_LINES, GOOD_ROWS, Break, add, cell, paid, run

WEEKLY = {
    "basis": "weekly_hours",
    "days": "",
    "start_time": "",
    "minutes": "",
    "weekly_minutes": "600",
    "service": "SIT",
}


def no_rate(folder: Path) -> None:
    rate = GOOD_ROWS["rates"] | {"day_type": "weekday", "band_from": "06:00", "band_to": "12:00"}
    write_rows(folder / "rates.csv", COLUMNS["rates"], [rate])


def no_steps(folder: Path) -> None:
    rate = GOOD_ROWS["rates"] | {"day_type": "any", "minutes": "15"}
    write_rows(folder / "rates.csv", COLUMNS["rates"], [rate])


def no_rates(folder: Path) -> None:
    write_rows(folder / "rates.csv", COLUMNS["rates"], [])


def ambiguous_rate(folder: Path) -> None:
    add(folder, "rates", day_type="any")


def no_terms(folder: Path) -> None:
    (folder / "contracts.toml").write_text('[[contract]]\nid = "C"\n')


def late_terms(folder: Path) -> None:
    text = '[[contract]]\nid = "C"\n[[contract.terms]]\nfrom = 2026-05-12\n'
    (folder / "contracts.toml").write_text(text)


def no_contract(folder: Path) -> None:
    (folder / "contracts.toml").write_text("")


def check(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["check", str(folder), "--quiet"])
    return code, capsys.readouterr().out


def test_a_hole_in_the_rate_card_holds_the_lines_in_it(folder: Path) -> None:
    no_rate(folder)
    settlement = run(folder)
    held = ("delivered", None, True)
    assert paid(settlement) == GOOD_LINES | {
        "O0|2026-05-11T08:00|1": ("delivered", 1200, False),
        "O1|2026-05-11T12:00|1": held,
        "O2|2026-05-11T16:00|1": held,
    }
    found = [(f.severity, f.line_id) for f in settlement.findings if f.kind == "no_rate"]
    assert found == [("error", "O1|2026-05-11T12:00|1"), ("error", "O2|2026-05-11T16:00|1")]


@pytest.mark.parametrize(
    ("spoil", "reason", "payable"),
    [
        (no_steps, "no_rate", 30),
        (no_rates, "no_rate", 30),
        (ambiguous_rate, "ambiguous_rate", 30),
        (no_terms, "no_terms", None),
        (late_terms, "no_terms", None),
        (no_contract, "no_contract", None),
    ],
)
def test_a_line_without_a_price_is_held_and_empty(
    folder: Path, spoil: Break, reason: str, payable: int | None
) -> None:
    spoil(folder)
    settlement = run(folder)
    line = settlement.lines[0]
    assert (line.held, line.amount_pence, line.payable_minutes) == (True, None, payable)
    assert line.reasons == (reason,)
    assert reason in {finding.kind for finding in settlement.findings}


@pytest.mark.parametrize("spoil", [no_terms, no_contract])
def test_without_terms_a_missed_visit_has_no_price_either(folder: Path, spoil: Break) -> None:
    spoil(folder)
    assert paid(run(folder))["O3|2026-05-11T20:00|1"] == ("missed", None, True)


@pytest.mark.parametrize("spoil", [no_steps, no_rates, ambiguous_rate])
def test_no_minutes_need_no_rate(folder: Path, spoil: Break) -> None:
    spoil(folder)
    assert paid(run(folder))["O3|2026-05-11T20:00|1"] == ("missed", 0, False)


@pytest.mark.parametrize(
    ("spoil", "kind", "says"),
    [
        (no_rate, "no_rate", "line 3: O1: C: 30 minutes of PC on Monday 2026-05-11, slot 1"),
        (no_steps, "no_rate", "line 2: O0: C: 30 minutes of PC on Monday 2026-05-11, slot 1"),
        (ambiguous_rate, "ambiguous_rate", "line 2: O0: C: 30 minutes of PC on Monday 2026-05-11"),
        (no_terms, "no_terms", "line 2: O0: contract C has no terms on Monday 2026-05-11"),
        (no_contract, "no_contract", "line 2: O0: contract C is not in contracts.toml"),
    ],
)
def test_check_says_what_has_no_price(
    folder: Path, capsys: pytest.CaptureFixture[str], spoil: Break, kind: str, says: str
) -> None:
    assert check(folder, capsys)[0] == 0
    spoil(folder)
    code, said = check(folder, capsys)
    assert code == 1
    assert f"orders.csv\n\n  ERROR {kind}:" in said
    assert says in said


@pytest.mark.parametrize(
    ("cells", "kind"),
    [({}, "no_rate"), ({"contract_id": "D"}, "no_contract")],
)
def test_check_says_what_has_no_price_of_weekly_hours_too(
    folder: Path, capsys: pytest.CaptureFixture[str], cells: dict[str, str], kind: str
) -> None:
    line = add(folder, "orders", **(WEEKLY | cells))
    add(folder, "visits", service="SIT", check_in="2026-05-12T09:00", check_out="2026-05-12T10:00")
    assert paid(run(folder))["visit|V9"] == ("delivered", None, True)
    code, said = check(folder, capsys)
    assert code == 1
    assert f"ERROR {kind}: 1\n    line {line}: O9: " in said


def test_check_says_which_visits_and_invoices_have_no_order(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cell(folder, "visits", 2, "person_id", "P99")
    invoice = add(folder, "invoices", order_id="O99")
    code, said = check(folder, capsys)
    assert code == 0
    assert "line 2: V0: no order for person P99, provider A, service PC" in said
    assert f"line {invoice}: I9: no order has the id O99" in said

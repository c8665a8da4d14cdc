"""Text that files and spreadsheets stumble over: it comes out as the text that went in.

The texts stand as ids of an order, a person, a worker, a visit and an invoice, and as a reason.
"""

import csv
from pathlib import Path

import pytest

from carethread.cli import main
from carethread.engine.results import Settlement
from carethread.formats.settlement import published, tables
from carethread.formats.settlement.write import write
from tests.engines import silent
from tests.factories.folders import COLUMNS, write_rows
from tests.formats.breaking import GOOD_LINES, cell, paid, rows_of, run

ODD = {
    "bar": "a|b",
    "bar and time": "O|2026-05-11T08:00|1",
    "comma": "a,b",
    "semicolon": "a;b:c",
    "quote": 'the "big" one',
    "only quotes": '""',
    "apostrophe": "O'Hara",
    "only an apostrophe": "'",
    "accents": "Zoë Nuñez, Łódź",
    "other scripts": "李 данные 🙂",
    "newline": "two\nlines",
    "windows newline": "two\r\nlines",
    "old newline": "two\rlines",
    "line separator": "two\u2028lines",
    "tab": "a\tb",
    "backslash": "a\\b\\",
    "number": "007",
    "word of ours": "visit",
    "looks empty": "NULL",
}
FORMULAS = {
    "equals": "=cmd()",
    "plus": "+1",
    "minus": "-1",
    "at": "@x",
    "wide equals": "＝x",  # noqa: RUF001 -- spreadsheets obey it
    "hyperlink": '=HYPERLINK("http://example.org","x")',
    "apostrophe": "'=x",
    "two apostrophes": "''=x",
}
BOTH = ODD | FORMULAS
FORMULA_STARTS = tuple("=+-@＝＋－＠")  # noqa: RUF001
NAMED = (
    *(("orders", "order_id", "O0"), ("orders", "person_id", "P1"), ("visits", "visit_id", "V0")),
    *(("visits", "person_id", "P1"), ("visits", "worker_id", "W1"), ("visits", "reason_code", "")),
    *(("invoices", "invoice_id", "I1"), ("invoices", "person_id", "P1")),
)


def as_sent(text: str) -> str:
    """Write a text as a careful sender does: an apostrophe before what looks like a formula."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def rename(folder: Path, text: str) -> None:
    """Put a text in the place of the folder's ids, every cell in quotes."""
    for table in {table for table, _, _ in NAMED}:
        rows = rows_of(folder, table)
        for row in rows:
            row |= {name: text for where, name, old in NAMED if where == table and row[name] == old}
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS[table], restval="", quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(rows)


def written(folder: Path, form: str) -> tuple[Settlement, Path]:
    """Settle a folder and write what comes out."""
    out = folder.with_name("out")
    out.mkdir()
    settlement = run(folder)
    write(settlement, out, form, silent)
    return settlement, out


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("text", BOTH.values(), ids=BOTH.keys())
def test_it_goes_through_and_is_the_same_when_read_back(folder: Path, text: str, form: str) -> None:
    rename(folder, as_sent(text))
    settlement, out = written(folder, form)
    line = settlement.lines[0]
    assert (line.order_id, line.person_id, line.visit_id, line.worker_id) == (text,) * 4
    assert line.line_id == f"{text}|2026-05-11T08:00|1"
    assert settlement.workings[0].reason_code == text
    assert settlement.claim_groups[0].group_id == f"{text}/1"
    assert list(paid(settlement).values()) == list(GOOD_LINES.values())
    for table in tables.TABLES:
        assert list(published.read(out, table)) == list(getattr(settlement, table.name))


@pytest.mark.parametrize("text", [text for text in FORMULAS.values() if not text.startswith("'")])
def test_a_formula_that_was_sent_as_it_is_reads_the_same(folder: Path, text: str) -> None:
    rename(folder, text)
    assert run(folder).lines[0].order_id == text


@pytest.mark.parametrize("text", FORMULAS.values(), ids=FORMULAS.keys())
def test_no_cell_of_text_begins_as_a_formula(folder: Path, text: str) -> None:
    rename(folder, as_sent(text))
    _, out = written(folder, "csv")
    seen = 0
    for table in tables.TABLES:
        texts = [column.name for column in table.columns if column.type is tables.Type.TEXT]
        with (out / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                cells = [row[name] for name in texts]
                assert not [cell for cell in cells if cell.startswith(FORMULA_STARTS)]
                seen += sum(cell.startswith(f"'{text}") for cell in cells)
    assert seen


def test_amounts_below_zero_stay_numbers(folder: Path) -> None:
    rows = rows_of(folder, "invoices")
    rows[3] |= {"amount_pence": "-500", "minutes": "-15"}
    write_rows(folder / "invoices.csv", COLUMNS["invoices"], rows)
    _, out = written(folder, "csv")
    last = (out / "invoice_lines.csv").read_text().splitlines()[-1]
    assert last == "I1,4,I1/1,-15,-500,-500,0,agreed"


@pytest.mark.parametrize("text", BOTH.values(), ids=BOTH.keys())
def test_explain_finds_a_line_by_its_id_as_it_stands_in_the_csv(
    folder: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rename(folder, as_sent(text))
    _, out = written(folder, "csv")
    with (out / "lines.csv").open(encoding="utf-8", newline="") as file:
        line_id = next(csv.DictReader(file))["line_id"]
    assert main(["explain", str(out), line_id]) == 0
    said = capsys.readouterr().out
    assert f"person {text}, provider A, service PC, order {text}, visit {text} by {text}\n" in said
    assert f"Reason given for the clock: {text}." in said


@pytest.mark.parametrize("text", BOTH.values(), ids=BOTH.keys())
def test_explain_finds_a_line_by_its_id_as_it_stands_in_parquet(
    folder: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rename(folder, as_sent(text))
    settlement, out = written(folder, "parquet")
    assert main(["explain", str(out), settlement.lines[0].line_id]) == 0
    assert (
        f"person {text}, provider A, service PC, order {text}, visit {text} by {text}\n"
        in capsys.readouterr().out
    )


def test_texts_that_differ_in_an_apostrophe_are_two(folder: Path) -> None:
    cell(folder, "orders", 2, "order_id", as_sent("=x"))
    cell(folder, "orders", 3, "order_id", as_sent("'=x"))
    _, out = written(folder, "csv")
    lines = (out / "lines.csv").read_text().splitlines()
    assert lines[1].startswith("'=x|2026-05-11T08:00|1,")
    assert lines[2].startswith("''=x|2026-05-11T12:00|1,")


@pytest.mark.parametrize("text", ["  O0  ", "\tO0", "O0\u00a0"])
def test_blanks_around_a_value_are_ignored(folder: Path, text: str) -> None:
    rename(folder, text)
    assert run(folder).lines[0].order_id == "O0"


def test_blanks_in_a_value_are_kept(folder: Path) -> None:
    rename(folder, "a  b")
    assert run(folder).lines[0].order_id == "a  b"


def test_text_is_sorted_by_its_bytes(folder: Path) -> None:
    names = ["a", "B", "é", "z", "🙂", "ﬁ"]
    order = rows_of(folder, "orders")[0]
    orders = [order | {"person_id": name, "order_id": name} for name in names]
    write_rows(folder / "orders.csv", COLUMNS["orders"], orders)
    write_rows(folder / "visits.csv", COLUMNS["visits"], [])
    assert [line.person_id for line in run(folder).lines] == ["B", "a", "z", "é", "ﬁ", "🙂"]


def test_odd_text_in_a_row_that_is_kept_out_spoils_no_other_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (folder / "visits.csv").read_text("utf-8").replace("V2,1,", '"V\r2",one,')
    (folder / "visits.csv").write_bytes(text.encode())
    _, out = written(folder, "csv")
    assert main(["explain", str(out), "O0|2026-05-11T08:00|1"]) == 0
    assert "Payable: £10.00." in capsys.readouterr().out

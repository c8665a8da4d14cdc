"""Writing an invented council to a settlement folder, with the truth in a folder beside."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from carethread.engine.records import Inputs, Period
from carethread.engine.reference.pipeline import settle
from carethread.engine.reference.price import Tariff
from carethread.formats.settlement.files import CsvRows
from carethread.formats.settlement.inputs import InputFiles
from carethread.synth.bills import FALSE, bills
from carethread.synth.council import (
    CONTRACTS_TOML,
    FIRST_MONDAY,
    LOTS,
    Council,
    orders,
    rate_cards,
    rounds,
)
from carethread.synth.days import happen

TRUTH = "truth"
MARK = f"{TRUTH}/council.json"
"""What tells an invented council from a folder that someone made."""
Progress = Callable[[str, int, int], None]


def synthesise(council: Council, folder: Path, form: str, progress: Progress) -> None:
    """Write a council's folder, round by round."""
    cards = rate_cards()
    (folder / "contracts.toml").write_text(CONTRACTS_TOML)
    truth = folder / TRUTH
    truth.mkdir()
    (folder / MARK).write_text(json.dumps(asdict(council)) + "\n")
    with (
        InputFiles(folder, form) as files,
        (truth / "visits.csv").open("w", newline="") as made_for,
        (truth / "invoice_lines.csv").open("w", newline="") as honesty,
    ):
        files.write("rates", cards)
        of_visits, of_bills = CsvRows(made_for), CsvRows(honesty)
        of_visits.write(["visit_id", "line_id"])
        of_bills.write(["invoice_id", "line_no", "false", "kind"])
        done = 0
        for one in rounds(council):
            progress("Inventing", done, council.people)
            done += len(one.people)
            commissioned = orders(one)
            happened = happen(one, commissioned)
            inputs = Inputs(
                orders=commissioned,
                visits=_numbered(happened.visits),
                rates=cards,
                contracts=LOTS,
                rota=happened.rota,
                suspensions=happened.suspensions,
            )
            settled = settle(inputs, Period(FIRST_MONDAY, council.last), _silent)
            billed = list(bills(one, settled.lines, Tariff(LOTS, cards, inputs.settings)))
            files.write("orders", commissioned)
            files.write("planned", happened.rota)
            files.write("suspensions", happened.suspensions)
            files.write("visits", happened.visits)
            files.write("invoices", (bill.row for bill in billed))
            for made in sorted(happened.made_for.items()):
                of_visits.write(made)
            for bill in billed:
                number, false = str(bill.row.line_no), str(bill.truth in FALSE).lower()
                of_bills.write([bill.row.invoice_id, number, false, bill.truth])


def _numbered(rows: Iterable[Any]) -> Sequence[Any]:
    return [replace(row, row=number) for number, row in enumerate(rows, 2)]


def _silent(_doing: str, _done: int, _of: int) -> None:
    """Report nothing."""

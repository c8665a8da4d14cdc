"""A good folder, and the means to break one thing in it.

The folder is the worked case of four visits planned on Monday 11 May 2026, at 08:00, 12:00, 16:00
and 20:00 (orders O0 to O3, lines 2 to 5 of orders.csv). The first three were made (V0 to V2, lines 2
to 4 of visits.csv), the fourth was missed; four invoice lines bill £10.00 each.
"""

import csv
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from carethread.engine.records import Fault, Finding
from carethread.engine.results import Settlement
from carethread.formats.settlement.read import read
from tests.engines import settled, silent
from tests.factories.folders import COLUMNS, Row, write_rows

CASES = Path(__file__).parents[1] / "data" / "cases"
CASE = CASES / "invoice-four-visits-one-day"
MONDAY, SUNDAY = date(2026, 5, 11), date(2026, 5, 17)
PERIOD = ("--from", str(MONDAY), "--to", str(SUNDAY))
GOOD_LINES = {
    "O0|2026-05-11T08:00|1": ("delivered", 1000, False),
    "O1|2026-05-11T12:00|1": ("delivered", 1000, False),
    "O2|2026-05-11T16:00|1": ("delivered", 1000, False),
    "O3|2026-05-11T20:00|1": ("missed", 0, False),
}
GOOD_ROWS: dict[str, Row] = {
    "orders": {
        "order_id": "O9",
        "person_id": "P1",
        "provider_id": "A",
        "contract_id": "C",
        "service": "PC",
        "starts_on": "2026-05-12",
        "basis": "visits",
        "days": "0100000",
        "start_time": "08:00",
        "minutes": "30",
    },
    "planned": {"order_id": "O0", "planned_start": "2026-05-11T08:10"},
    "suspensions": {"person_id": "P1", "from_on": "2026-05-16", "reason": "respite"},
    "rates": {
        "contract_id": "C",
        "service": "PC",
        "from_on": "2026-04-06",
        "day_type": "weekend",
        "amount_pence": "2400",
    },
    "visits": {
        "visit_id": "V9",
        "person_id": "P1",
        "provider_id": "A",
        "worker_id": "W1",
        "service": "PC",
        "check_in": "2026-05-11T20:00",
        "check_out": "2026-05-11T20:30",
    },
    "invoices": {
        "invoice_id": "I9",
        "line_no": "1",
        "provider_id": "A",
        "person_id": "P1",
        "service": "PC",
        "from_on": "2026-05-11",
        "to_on": "2026-05-11",
        "minutes": "30",
        "amount_pence": "1000",
        "billed_at": "2026-05-20",
    },
}
"""A good row of each table, for `add`."""
NO_PART = {
    *("bad_row", "superseded", "repeated_row", "conflicting_versions", "joined", "no_check_in"),
    *("bad_times", "too_long", "overtaken", "status_without_plan", "outside_period"),
}
"""The findings that account for a visit row: settlement §6."""
Place = tuple[str, int | None, str]
Paid = dict[str, tuple[str, int | None, bool]]
Break = Callable[[Path], object]


def good(to: Path, case: Path = CASE) -> Path:
    """Copy a case's inputs."""
    to.mkdir()
    for name in [*(f"{table}.csv" for table in COLUMNS), "contracts.toml"]:
        if (case / name).exists():
            shutil.copy(case / name, to)
    return to


def rows_of(folder: Path, table: str) -> list[Row]:
    """Return a table's rows as text; none if it is not there."""
    path = folder / f"{table}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cell(folder: Path, table: str, line: int, column: str, value: str) -> None:
    """Change one cell of the row on a line."""
    rows = rows_of(folder, table)
    rows[line - 2][column] = value
    write_rows(folder / f"{table}.csv", COLUMNS[table], rows)


def add(folder: Path, table: str, **cells: str) -> int:
    """Add a good row with some cells changed; return its line."""
    rows = [*rows_of(folder, table), GOOD_ROWS[table] | cells]
    write_rows(folder / f"{table}.csv", COLUMNS[table], rows)
    return len(rows) + 1


def swap(folder: Path, name: str, old: str, new: str) -> None:
    """Change a piece of text, once, in a file."""
    path = folder / name
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


def encode(folder: Path, name: str, encoding: str) -> None:
    """Save a file in another encoding."""
    path = folder / name
    path.write_bytes(path.read_bytes().decode().encode(encoding))


def drop_columns(folder: Path, table: str, *names: str) -> None:
    """Take columns out of a table."""
    rows = rows_of(folder, table)
    kept = tuple(name for name in rows[0] if name not in names)
    kept_rows: list[dict[str, Any]] = [{name: row[name] for name in kept} for row in rows]
    write_rows(folder / f"{table}.csv", kept, kept_rows)


def faults(folder: Path) -> list[Fault]:
    """Return what stops the run."""
    return list(read(folder, silent).faults)


def places(folder: Path) -> list[Place]:
    """Return where the faults are: file, line, column."""
    return [(fault.file, fault.row, fault.column) for fault in faults(folder)]


def run(folder: Path, first: date = MONDAY, last: date = SUNDAY) -> Settlement:
    """Settle a folder without faults; every visit row must be in one line or one finding."""
    settlement = settled(folder, first, last)
    on_lines = sum(line.visit_id != "" for line in settlement.lines)
    told = [f for f in settlement.findings if f.file.startswith("visits.") and f.kind in NO_PART]
    assert on_lines + len(told) == read(folder, silent).rows[visits_file(folder)]
    return settlement


def visits_file(folder: Path) -> str:
    """Return the name of the folder's file of visits."""
    return next(path.name for path in folder.glob("visits.*"))


def paid(settlement: Settlement) -> Paid:
    """Return what each line pays."""
    return {
        line.line_id: (line.outcome.value, line.amount_pence, line.held) for line in settlement.lines
    }


def only(settlement: Settlement, kind: str) -> Finding:
    """Return the one finding of a kind."""
    found = [finding for finding in settlement.findings if finding.kind == kind]
    assert len(found) == 1, found
    return found[0]

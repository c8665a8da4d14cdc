"""The rule book: examples drawn as tables, run as tests, printed as docs/rules.

A chapter is a step of the contract. An example draws only what matters; all else has the defaults
below. Times are of the week from Monday 11 May 2026: `08:04` is Monday's, `Tue 08:04` Tuesday's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from tests.engines import Published, published, settled
from tests.factories.folders import COLUMNS, Row, write_rows

MONDAY = date(2026, 5, 11)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BAR = re.compile(r"(?<!\\)\|")
_TIME = re.compile(r"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?(\d\d:\d\d(?::\d\d)?)")
_MOMENTS = {"planned_start", "check_in", "check_out", "notified_at", "told_at", "agreed_start"}

DEFAULTS: dict[str, Row] = {
    "orders": {
        "order_id": "O1",
        "person_id": "P1",
        "provider_id": "A",
        "contract_id": "C",
        "service": "PC",
        "starts_on": "2026-05-11",
        "basis": "visits",
        "days": "1000000",
        "start_time": "08:00",
        "minutes": "30",
    },
    "visits": {
        "person_id": "P1",
        "provider_id": "A",
        "worker_id": "W1",
        "service": "PC",
        "in_method": "app",
        "out_method": "app",
    },
    "rates": {
        "contract_id": "C",
        "service": "PC",
        "from_on": "2026-04-06",
        "day_type": "any",
        "amount_pence": "2000",
    },
    "planned": {"order_id": "O1"},
    "suspensions": {"person_id": "P1", "from_on": "2026-05-11", "reason": "hospital"},
    "invoices": {
        "invoice_id": "I1",
        "provider_id": "A",
        "person_id": "P1",
        "service": "PC",
        "from_on": "2026-05-11",
        "to_on": "2026-05-17",
        "billed_at": "2026-05-20",
    },
}
_WEEKLY_EMPTY = {"days": "", "start_time": "", "minutes": ""}


@dataclass(frozen=True)
class Drawn:
    """A table as drawn: its heads and its rows of cells."""

    heads: list[str]
    rows: list[list[str]]

    def records(self) -> list[Row]:
        """Return the rows as mappings."""
        return [dict(zip(self.heads, row, strict=True)) for row in self.rows]


def drawn(text: str) -> Drawn:
    r"""Read a table drawn with bars between its cells; a bar inside a cell is drawn `\|`."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    cells = [[_cell(cell) for cell in _BAR.split(line)] for line in lines]
    return Drawn(cells[0], cells[1:])


def _cell(text: str) -> str:
    return text.strip().replace("\\|", "|")


@dataclass(frozen=True)
class Example:
    """One worked example.

    `terms` are lines of the contract's terms, `settings` of the rest of contracts.toml. `lines`,
    `findings`, `invoice_lines`, `claim_groups`, `weekly`, `unclaimed` draw the whole of what must
    come out, by the columns they name; what is not drawn is not compared.
    """

    name: str
    says: str
    source: str = ""
    terms: str = ""
    settings: str = ""
    orders: str = "order_id\nO1"
    visits: str = "visit_id"
    rates: str = "amount_pence\n2000"
    planned: str = ""
    suspensions: str = ""
    invoices: str = ""
    first: date = MONDAY
    last: date = MONDAY + timedelta(days=6)
    lines: str = ""
    findings: str = ""
    weekly: str = ""
    invoice_lines: str = ""
    claim_groups: str = ""
    unclaimed: str = ""
    explain: tuple[str, ...] = field(default=())

    def write(self, folder: Path) -> Path:
        """Write the example as a settlement folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "contracts.toml").write_text(self.contracts())
        for table, defaults in DEFAULTS.items():
            text = getattr(self, table)
            if text:
                rows = [_row(table, defaults, row, n) for n, row in enumerate(drawn(text).records(), 1)]
                write_rows(folder / f"{table}.csv", COLUMNS[table], rows)
        return folder

    def contracts(self) -> str:
        """Return the example's contracts.toml."""
        terms = "\n".join(line.strip() for line in self.terms.strip().splitlines())
        settings = "\n".join(line.strip() for line in self.settings.strip().splitlines())
        if "[[contract]]" in settings:
            return settings + "\n"
        contract = f'[[contract]]\nid = "C"\n\n[[contract.terms]]\nfrom = 2026-01-01\n{terms}\n'
        return f"{settings}\n\n{contract}"

    def settle(self, folder: Path) -> Published:
        """Run the example."""
        return published(settled(self.write(folder), self.first, self.last))

    def expected(self) -> Iterator[tuple[str, Drawn]]:
        """Yield the tables that must come out."""
        for table in ("lines", "weekly", "findings", "invoice_lines", "claim_groups", "unclaimed"):
            text = getattr(self, table)
            if text:
                yield table, drawn(text)


def _row(table: str, defaults: Row, row: Row, number: int) -> Row:
    full = dict(defaults)
    if table == "visits":
        full["visit_id"] = f"V{number}"
    if table == "invoices":
        full["line_no"] = str(number)
    if row.get("basis") == "weekly_hours":
        full |= _WEEKLY_EMPTY
    full |= {name: cell for name, cell in row.items() if cell or name not in defaults}
    if full.get("status") in ("cancelled", "frustrated"):
        full["worker_id"] = row.get("worker_id", "")
    return {name: moment(cell) if name in _MOMENTS else cell for name, cell in full.items()}


def moment(cell: str) -> str:
    """Write out a drawn time: `Tue 08:04` -> 2026-05-12T08:04."""
    match = _TIME.fullmatch(cell)
    if not match:
        return cell
    return f"{MONDAY + timedelta(days=_DAYS.index(match[1] or 'Mon'))}T{match[2]}"


def as_drawn(head: str, cell: str) -> str:
    """Shorten a published cell to how it is drawn: a moment of the week to `Tue 08:04`."""
    match = re.fullmatch(r"(2026-05-1[1-7])T(\d\d:\d\d):00\+01:00", cell)
    if head in _MOMENTS and match:
        day = _DAYS[(date.fromisoformat(match[1]) - MONDAY).days]
        return match[2] if day == "Mon" else f"{day} {match[2]}"
    return cell


@dataclass(frozen=True)
class Chapter:
    """A step of the contract, with its examples."""

    number: str
    title: str
    text: str
    examples: tuple[Example, ...]

    @property
    def slug(self) -> str:
        """The page's name."""
        words = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")
        return f"{self.number.replace('.', '-')}-{words}"

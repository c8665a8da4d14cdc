"""Claim groups: invoice rows and the settled lines they cover, as far as they hang together.

Source: settlement §7.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from carethread.engine.records import InvoiceRow, Period
from carethread.engine.results import Line

Care = tuple[str, str, str]
Covered = Mapping[InvoiceRow, Sequence[Line]]


@dataclass(frozen=True, slots=True)
class Group:
    """A claim group: its rows in order, its lines, and which lines each row covers itself."""

    rows: Sequence[InvoiceRow]
    lines: Sequence[Line]
    covered: Covered

    @property
    def group_id(self) -> str:
        """`invoice_id/line_no` of the first row, credits included."""
        return f"{self.rows[0].invoice_id}/{self.rows[0].line_no}"

    @property
    def payable(self) -> list[Line]:
        """The settled lines that are not held."""
        return [line for line in self.lines if not line.held]

    @property
    def claimed_pence(self) -> int:
        """What the rows claim, credits included."""
        return sum(row.amount_pence for row in self.rows)

    @property
    def expected_pence(self) -> int:
        """What the lines that are not held pay."""
        return pence_due(self.lines)

    def due_on(self, row: InvoiceRow) -> int:
        """Return what the lines that the row covers itself, and that are not held, pay."""
        return pence_due(self.covered[row])


def pence_due(lines: Iterable[Line]) -> int:
    """Return what lines pay now: nothing for those that are held."""
    return sum(line.amount_pence or 0 for line in lines if not line.held)


def in_order(row: InvoiceRow) -> tuple[object, ...]:
    """Sort key of invoice rows: when billed, then invoice, then line number."""
    return row.billed_on, row.invoice_id, row.line_no


class Covers:
    """Says which settled lines an invoice row covers."""

    def __init__(self, lines: Iterable[Line], part_of: Mapping[str, str]) -> None:
        """Index the lines by care and by visit; `part_of` gives the visit of each joined log-in."""
        self._part_of = part_of
        self._by_care: dict[Care, list[Line]] = defaultdict(list)
        self._by_visit: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            self._by_care[_care(line)].append(line)
            if line.visit_id:
                self._by_visit[line.visit_id].append(line)

    def of(self, row: InvoiceRow) -> list[Line]:
        """Return the lines the row covers: by its visit if it names one, else by its dates."""
        if row.visit_id:
            lines = [line for line in self._named(row) if _care(line) == row.care]
        else:
            theirs = self._by_care.get(row.care, ())
            lines = [line for line in theirs if row.from_on <= line.service_on <= row.to_on]
        return [line for line in lines if row.order_id in ("", line.order_id)]

    def _named(self, row: InvoiceRow) -> Sequence[Line]:
        return self._by_visit.get(self._part_of.get(row.visit_id, row.visit_id), ())

    def belongs(self, row: InvoiceRow, period: Period) -> bool:
        """Say whether this settlement can judge the row: its dates or its visit are settled here."""
        inside = period.holds(row.from_on) and period.holds(row.to_on)
        return inside or (bool(row.visit_id) and bool(self._named(row)))


def _care(line: Line) -> Care:
    return line.person_id, line.provider_id, line.service


def group(rows: Iterable[InvoiceRow], covered: Covered) -> list[Group]:
    """Return the connected pieces of the rows and the lines they cover."""
    rows = sorted(rows, key=in_order)
    rows_on: dict[str, list[InvoiceRow]] = defaultdict(list)
    for row in rows:
        for line in covered[row]:
            rows_on[line.line_id].append(row)
    groups = []
    placed: set[InvoiceRow] = set()
    for row in rows:
        if row not in placed:
            groups.append(_group_of(row, covered, rows_on))
            placed.update(groups[-1].rows)
    return groups


def _group_of(first: InvoiceRow, covered: Covered, rows_on: dict[str, list[InvoiceRow]]) -> Group:
    """Follow covering from row to line to row until nothing new is reached."""
    reached = {first: None}
    lines: dict[str, Line] = {}
    to_do = [first]
    while to_do:
        for line in covered[to_do.pop()]:
            lines[line.line_id] = line
            new = [row for row in rows_on.pop(line.line_id, ()) if row not in reached]
            reached |= dict.fromkeys(new)
            to_do += new
    return Group(sorted(reached, key=in_order), list(lines.values()), covered)

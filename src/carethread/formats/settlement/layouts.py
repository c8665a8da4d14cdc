"""The columns of each input table, and how a row of cells becomes a record.

Source: settlement §2 and §7.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from carethread.engine import units, words
from carethread.engine.records import (
    InvoiceRow,
    OrderVersion,
    RateRow,
    RotaRow,
    Suspension,
    VisitRow,
)
from carethread.formats.settlement import values

WEEK_MINUTES = 7 * units.DAY_MINUTES
Cells = Mapping[str, Any]
Wrong = tuple[str, str]
"""(column, what is wrong with it)."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells are read, whether it and its cells can be left out."""

    name: str
    read: values.Reader
    column_required: bool
    cell_required: bool
    default: object = None


def _must(name: str, read: values.Reader) -> Column:
    return Column(name, read, column_required=True, cell_required=True)


def _may(name: str, read: values.Reader, default: object = None) -> Column:
    return Column(name, read, column_required=False, cell_required=False, default=default)


@dataclass(frozen=True, slots=True)
class Layout:
    """A table: its columns, its record, whose file it is.

    `council` files must be right; a provider's may have rows that are kept out. `subject` is the
    column that names what a finding is about. `misfits` says what does not fit together of the cells
    that could be read; `build` makes the record when there is nothing wrong.
    """

    table: str
    council: bool
    required: bool
    subject: str
    columns: tuple[Column, ...]
    misfits: Callable[[Cells], Iterator[Wrong]]
    build: Callable[[int, Cells], object]


_FOR_VISITS = ("days", "start_time", "minutes")
_FOR_WEEKLY_HOURS = ("weekly_minutes",)


def _order_misfits(cells: Cells) -> Iterator[Wrong]:
    basis = cells.get("basis")
    for column in (*_FOR_VISITS, *_FOR_WEEKLY_HOURS):
        if basis is None or column not in cells:
            continue
        needed = (basis is words.Basis.VISITS) == (column in _FOR_VISITS)
        if needed and cells[column] is None:
            yield column, f"is empty; an order with basis {basis} needs it"
        if not needed and cells[column] is not None:
            yield column, f"must be empty for an order with basis {basis}"
    if basis is words.Basis.WEEKLY_HOURS and cells.get("carers", 1) != 1:
        yield "carers", "must be 1 for an order with basis weekly_hours"
    yield from _backwards(cells, "starts_on", "ends_on")


def _backwards(cells: Cells, first: str, last: str) -> Iterator[Wrong]:
    if cells.get(first) and cells.get(last) and cells[last] < cells[first]:
        yield last, f"{cells[last]} is before {first} {cells[first]}"


def _order(row: int, cells: Cells) -> OrderVersion:
    cells = {**cells, "start_minute": cells["start_time"], "days": cells["days"] or ""}
    return OrderVersion(row=row, **{name: cells[name] for name in _ORDER_FIELDS})


_ORDER_FIELDS = [name for name in OrderVersion.__slots__ if name != "row"]

ORDERS = Layout(
    "orders",
    council=True,
    required=True,
    subject="order_id",
    columns=(
        _must("order_id", values.text),
        _must("person_id", values.text),
        _must("provider_id", values.text),
        _must("contract_id", values.text),
        _must("service", values.text),
        _must("starts_on", values.day),
        _may("ends_on", values.day),
        _must("basis", values.one_of(words.Basis)),
        _may("days", values.weekdays),
        _may("start_time", values.clock),
        _may("minutes", values.integer(1, units.DAY_MINUTES)),
        _may("carers", values.integer(1, 2), 1),
        _may("time_critical", values.truth, default=False),
        _may("weekly_minutes", values.integer(1, WEEK_MINUTES)),
    ),
    misfits=_order_misfits,
    build=_order,
)


def _fits(_cells: Cells) -> Iterator[Wrong]:
    """Find nothing: each cell stands for itself."""
    yield from ()


def _rota_row(row: int, cells: Cells) -> RotaRow:
    return RotaRow(row, cells["order_id"], cells["planned_start"])


PLANNED = Layout(
    "planned",
    council=False,
    required=False,
    subject="order_id",
    columns=(_must("order_id", values.text), _must("planned_start", values.moment)),
    misfits=_fits,
    build=_rota_row,
)


def _suspension_misfits(cells: Cells) -> Iterator[Wrong]:
    if cells.get("to_time") is not None and cells.get("to_on", ...) is None:
        yield "to_time", "has a time, but to_on has no date"


def _suspension(row: int, cells: Cells) -> Suspension:
    from_on, to_on, to_time = cells["from_on"], cells["to_on"], cells["to_time"]
    return Suspension(
        row=row,
        person_id=cells["person_id"],
        order_id=cells["order_id"],
        from_on=from_on,
        to_on=to_on,
        starts_at=units.instant_on(from_on, cells["from_time"] or 0)[0],
        ends_at=_suspension_end(to_on, to_time),
        reason=cells["reason"],
        told_at=cells["told_at"],
    )


def _suspension_end(to_on: date | None, to_time: int | None) -> int | None:
    """Return when a suspension ends: to the end of the day without a time, open without a date."""
    if to_on is None or (to_time is None and to_on == date.max):
        return None
    return units.instant_on(to_on, units.DAY_MINUTES if to_time is None else to_time)[0]


SUSPENSIONS = Layout(
    "suspensions",
    council=True,
    required=False,
    subject="person_id",
    columns=(
        _must("person_id", values.text),
        _may("order_id", values.text),
        _must("from_on", values.day),
        _may("from_time", values.clock),
        _may("to_on", values.day),
        _may("to_time", values.clock),
        _must("reason", values.one_of(words.Absence)),
        _may("told_at", values.moment),
    ),
    misfits=_suspension_misfits,
    build=_suspension,
)


def _rate_misfits(cells: Cells) -> Iterator[Wrong]:
    for one, other in (("band_from", "band_to"), ("band_to", "band_from")):
        if cells.get(one, ...) is None and cells.get(other) is not None:
            yield one, "is empty: a time band needs both ends, or neither"


def _rate(row: int, cells: Cells) -> RateRow:
    begin, end = cells["band_from"], cells["band_to"]
    return RateRow(
        row=row,
        contract_id=cells["contract_id"],
        service=cells["service"],
        from_on=cells["from_on"],
        day_type=cells["day_type"],
        amount_pence=cells["amount_pence"],
        band=None if begin is None else (begin, end),
        slot=cells["slot"],
        minutes=cells["minutes"],
        priority=cells["priority"],
    )


RATES = Layout(
    "rates",
    council=True,
    required=True,
    subject="contract_id",
    columns=(
        _must("contract_id", values.text),
        _must("service", values.text),
        _must("from_on", values.day),
        _must("day_type", values.one_of(words.DayType)),
        _may("band_from", values.clock),
        _may("band_to", values.clock_or_midnight),
        _may("slot", values.slot),
        _may("minutes", values.integer(1, units.DAY_MINUTES)),
        _must("amount_pence", values.pence(0)),
        _may("priority", values.integer(), 0),
    ),
    misfits=_rate_misfits,
    build=_rate,
)


def _visit_misfits(cells: Cells) -> Iterator[Wrong]:
    status = cells.get("status")
    if status is words.Status.DELIVERED and not cells.get("worker_id", ...):
        yield "worker_id", "is empty; a delivered visit needs its worker"
    if status not in (None, words.Status.DELIVERED) and cells.get("planned_start", ...) is None:
        yield "planned_start", f"is empty; a {status} row must name its planned visit"


def _visit(row: int, cells: Cells) -> VisitRow:
    return VisitRow(row=row, **cells)


VISITS = Layout(
    "visits",
    council=False,
    required=True,
    subject="visit_id",
    columns=(
        _must("visit_id", values.text),
        _may("sequence", values.integer(), 1),
        _must("person_id", values.text),
        _must("provider_id", values.text),
        _may("worker_id", values.text, ""),
        _must("service", values.text),
        _may("status", values.one_of(words.Status), words.Status.DELIVERED),
        Column("check_in", values.moment, column_required=True, cell_required=False),
        Column("check_out", values.moment, column_required=True, cell_required=False),
        _may("planned_start", values.moment),
        _may("cancelled_by", values.one_of(words.CancelledBy)),
        _may("notified_at", values.moment),
        _may("in_method", values.one_of(words.Method), words.Method.FILE),
        _may("out_method", values.one_of(words.Method), words.Method.FILE),
        _may("reason_code", values.text, ""),
    ),
    misfits=_visit_misfits,
    build=_visit,
)


def _invoice_misfits(cells: Cells) -> Iterator[Wrong]:
    yield from _backwards(cells, "from_on", "to_on")
    if cells.get("minutes", 0) < 0 <= cells.get("amount_pence", -1):
        yield "minutes", f"{cells['minutes']} is below 0, but the line is not a credit"


def _invoice_row(row: int, cells: Cells) -> InvoiceRow:
    cells = {**cells, "billed_on": cells["billed_at"]}
    return InvoiceRow(row=row, **{name: cells[name] for name in _INVOICE_FIELDS})


_INVOICE_FIELDS = [name for name in InvoiceRow.__slots__ if name != "row"]

INVOICES = Layout(
    "invoices",
    council=False,
    required=False,
    subject="invoice_id",
    columns=(
        _must("invoice_id", values.text),
        _must("line_no", values.integer()),
        _must("provider_id", values.text),
        _must("person_id", values.text),
        _must("service", values.text),
        _must("from_on", values.day),
        _must("to_on", values.day),
        _must("minutes", values.integer()),
        _must("amount_pence", values.pence()),
        _may("order_id", values.text, ""),
        _may("visit_id", values.text, ""),
        _must("billed_at", values.day),
    ),
    misfits=_invoice_misfits,
    build=_invoice_row,
)

LAYOUTS = (ORDERS, RATES, SUSPENSIONS, PLANNED, VISITS, INVOICES)

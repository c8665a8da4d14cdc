"""The columns of the books' tables: what `settlement.layouts` is for the settlement folder.

Orders and visits have the contract's names and all of its columns: a file that the contract takes
is taken here too.

Source: settlement §2; the issue "The books"; NHS claims need their funder, share, scheme, its start
and week limit, and whether an order adds to a package that was there before (hospital discharge
funding 2020 to 2022: only the increase could be claimed, for 6 and later 4 weeks).
"""

from collections.abc import Iterator
from typing import Any

from carethread.engine import units
from carethread.formats.books import records
from carethread.formats.books import values as own
from carethread.formats.books.words import FundingSource
from carethread.formats.settlement import values
from carethread.formats.settlement.layouts import ORDERS, VISITS, Cells, Column, Layout, Wrong

MOST_WEEKS = 520
_ALL = 100


def _must(name: str, read: values.Reader) -> Column:
    return Column(name, read, column_required=True, cell_required=True)


def _may(name: str, read: values.Reader, default: object = None) -> Column:
    return Column(name, read, column_required=False, cell_required=False, default=default)


def _text(name: str) -> Column:
    return _may(name, values.text, "")


def _backwards(cells: Cells, first: str, last: str) -> Iterator[Wrong]:
    if cells.get(first) and cells.get(last) and cells[last] < cells[first]:
        yield last, f"{cells[last]} is before {first} {cells[first]}"


def _fits(_cells: Cells) -> Iterator[Wrong]:
    """Find nothing: each cell stands for itself."""
    yield from ()


def _person_misfits(cells: Cells) -> Iterator[Wrong]:
    yield from _backwards(cells, "born_on", "died_on")


PEOPLE = Layout(
    "people",
    council=True,
    required=False,
    subject="person_id",
    columns=(
        _must("person_id", values.text),
        _text("given_name"),
        _text("family_name"),
        _may("born_on", values.day),
        _may("postcode", own.postcode, ""),
        _may("nhs_number", own.nhs_number, ""),
        _may("died_on", values.day),
    ),
    misfits=_person_misfits,
    build=lambda row, cells: records.PersonRow(row=row, **cells),
)

PROVIDERS = Layout(
    "providers",
    council=True,
    required=False,
    subject="provider_id",
    columns=(
        _must("provider_id", values.text),
        _must("name", values.text),
        _text("supplier_number"),
        _text("cqc_location_id"),
    ),
    misfits=_fits,
    build=lambda row, cells: records.ProviderRow(row=row, **cells),
)

WORKERS = Layout(
    "workers",
    council=False,
    required=False,
    subject="worker_id",
    columns=(_must("provider_id", values.text), _must("worker_id", values.text), _text("name")),
    misfits=_fits,
    build=lambda row, cells: records.WorkerRow(row=row, **cells),
)

SERVICE_CODES = Layout(
    "service_codes",
    council=True,
    required=False,
    subject="their_code",
    columns=(
        _must("provider_id", values.text),
        _must("their_code", values.text),
        _must("service", values.text),
    ),
    misfits=_fits,
    build=lambda row, cells: records.ServiceCodeRow(row=row, **cells),
)

CODING = (
    _text("plan_ref"),
    _may("funding_source", values.one_of(FundingSource)),
    _may("council_share_percent", own.percent),
    _text("scheme"),
    _may("scheme_starts_on", values.day),
    _may("scheme_weeks_limit", values.integer(1, MOST_WEEKS)),
    _text("increases_order_id"),
    _text("cost_centre"),
    _text("ledger_code"),
    _may("assessment_referred_on", values.day),
    _may("assessment_done_on", values.day),
)
"""What an order has beyond the contract's columns."""


def coding_misfits(cells: Cells) -> Iterator[Wrong]:
    """Yield what does not fit together of an order's coding."""
    yield from _share_misfits(cells)
    for column in ("scheme_starts_on", "scheme_weeks_limit"):
        if cells.get("scheme", ...) == "" and cells.get(column) is not None:
            yield column, "is there, but no scheme is named"
    if cells.get("increases_order_id") and cells["increases_order_id"] == cells.get("order_id"):
        yield "increases_order_id", "is the order itself; name the order that was there before"
    yield from _backwards(cells, "assessment_referred_on", "assessment_done_on")


def _share_misfits(cells: Cells) -> Iterator[Wrong]:
    """Hold the council's share against who pays: only what is joint is shared."""
    funder, share = cells.get("funding_source"), cells.get("council_share_percent", ...)
    if share is ... or "funding_source" not in cells:
        return
    if funder is None and share is not None:
        yield "council_share_percent", "is there, but no funding_source"
    elif funder is FundingSource.JOINT and (share is None or not 0 < share < _ALL):
        yield "council_share_percent", "must be above 0 and below 100 for funding_source joint"
    elif funder in (FundingSource.NHS, FundingSource.SELF) and share not in (None, 0):
        yield "council_share_percent", f"must be empty or 0 for funding_source {funder}"
    elif funder is FundingSource.COUNCIL and share not in (None, _ALL):
        yield "council_share_percent", "must be empty or 100 for funding_source council"


def _order_misfits(cells: Cells) -> Iterator[Wrong]:
    yield from ORDERS.misfits(cells)
    yield from coding_misfits(cells)


def _order(row: int, cells: Cells) -> records.OrderMore:
    placed = {**cells, "start_minute": cells["start_time"], "days": cells["days"] or ""}
    del placed["start_time"]
    return records.OrderMore(row=row, **placed)


ORDERS_MORE = Layout(
    ORDERS.table,
    council=True,
    required=False,
    subject=ORDERS.subject,
    columns=(*ORDERS.columns, *CODING),
    misfits=_order_misfits,
    build=_order,
)


def _visit_misfits(cells: Cells) -> Iterator[Wrong]:
    yield from VISITS.misfits(cells)
    for one, other in _CLAIMED:
        if cells.get(one, ...) is None and cells.get(other) is not None:
            yield one, f"is empty, but {other} is not: a claim has both"


_CLAIMED = (("claimed_start", "claimed_minutes"), ("claimed_minutes", "claimed_start"))


def _visit(row: int, cells: Any) -> records.VisitMore:
    return records.VisitMore(row=row, **cells)


VISITS_MORE = Layout(
    VISITS.table,
    council=False,
    required=False,
    subject=VISITS.subject,
    columns=(
        *VISITS.columns,
        _may("claimed_start", values.moment),
        _may("claimed_minutes", values.integer(0, units.DAY_MINUTES)),
    ),
    misfits=_visit_misfits,
    build=_visit,
)

LAYOUTS = (PEOPLE, PROVIDERS, WORKERS, SERVICE_CODES, ORDERS_MORE, VISITS_MORE)

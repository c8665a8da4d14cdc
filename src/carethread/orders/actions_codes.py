"""Writes: the ledger codes that orders may be booked to."""

from datetime import date, datetime

from carethread.audit.actions import record
from carethread.kit.unable import UnableTo
from carethread.orders.models import LedgerCode
from carethread.wall.scope import current


def keep_ledger_code(
    *,
    code: str,
    cost_centre: str,
    name: str,
    from_on: date,
    until_on: date | None,
    by: str,
    at: datetime,
) -> LedgerCode:
    """Open a ledger code to a cost centre from a day on; said again, its name and last day change.

    Raises:
        UnableTo: if it would end before it begins.
    """
    if until_on is not None and until_on < from_on:
        message = f"{code} would be open until {until_on}, before it opens on {from_on}"
        raise UnableTo(message)
    kept, _ = LedgerCode.objects.update_or_create(
        council_id=current().writes,
        code=code,
        cost_centre=cost_centre,
        from_on=from_on,
        defaults={"name": name, "until_on": until_on},
    )
    after = {"cost_centre": cost_centre, "name": name, "from_on": from_on, "until_on": until_on}
    record(by=by, at=at, action="code.kept", subject=f"code:{code}", after=after)
    found: LedgerCode = kept
    return found

"""Reads: runs and their lines, of the one council in scope."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from django.db.models import QuerySet

from carethread.kit.unable import UnableTo
from carethread.settlement.models import Difference, Run
from carethread.settlement.results import digest_of
from carethread.wall import bulk

_TEXT, _NUMBER, _INSTANT = pa.string(), pa.int64(), pa.timestamp("s", "UTC")
_LINE = pa.schema([
    *((name, _TEXT) for name in ("ref", "provider_id", "person_ref", "order_ref", "contract_ref")),
    *(("service", _TEXT), ("slot", _NUMBER), ("agreed_start", _INSTANT), ("planned_start", _INSTANT)),
    *(("planned_minutes", _NUMBER), ("visit_ref", _TEXT), ("worker_ref", _TEXT)),
    *(("check_in", _INSTANT), ("check_out", _INSTANT), ("counted_minutes", _NUMBER)),
    *(("start_deviation_minutes", _NUMBER), ("outcome", _TEXT), ("payable_minutes", _NUMBER)),
    *(("amount_pence", _NUMBER), ("held", pa.bool_()), ("reasons", _TEXT)),
    *(("service_on", pa.date32()), ("working", _TEXT), ("decision", _NUMBER)),
    *(("due_pence", _NUMBER), ("is_held", pa.bool_())),
])  # fmt: skip


def runs() -> QuerySet[Run]:
    """Return the runs of the council, the latest days and versions first."""
    found: QuerySet[Run] = Run.objects.order_by("-first_on", "-last_on", "-version")
    return found


def run_of(key: int) -> Run:
    """Return a run.

    Raises:
        UnableTo: if the council has none of that number.
    """
    found: Run | None = Run.objects.filter(pk=key).first()
    if found is None:
        message = f"there is no run {key}; carethread runs lists them"
        raise UnableTo(message)
    return found


def stored_lines(run: int) -> pa.Table:
    """Return a run's lines as they were settled, in published order; `provider_id` is the id."""
    columns = ", ".join(
        "provider.ref AS provider_id" if name == "provider_id" else f"line.{name} AS {name}"
        for name in _LINE.names
    )
    sql = f"""
        SELECT {columns} FROM settlement_line line
        JOIN providers_provider provider ON provider.id = line.provider_id
        WHERE line.run_id = %s ORDER BY line.id
        """  # noqa: S608 -- the columns are our own
    return bulk.read(sql, [run], _LINE)


def is_whole(run: Run) -> bool:
    """Say whether a settled run's lines are those that it was settled with."""
    return digest_of(stored_lines(run.pk)) == run.digest


def differences(run: int) -> Iterator[tuple[Any, ...]]:
    """Yield a run's difference lines, by line id: the columns of DIFFERENCE_COLUMNS."""
    kept = Difference.objects.filter(run=run).order_by("line_ref")
    yield from kept.values_list(
        *("line_ref", "provider__ref", "person_ref", "service_on", "before_due_pence"),
        *("before_is_held", "after_due_pence", "after_is_held", "pence", "why"),
    ).iterator(chunk_size=10_000)


DIFFERENCE_COLUMNS = (
    *("line_id", "provider_id", "person_id", "service_on", "before_due_pence", "before_held"),
    *("after_due_pence", "after_held", "pence", "why"),
)

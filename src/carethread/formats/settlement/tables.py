"""The tables that a settlement is published as: their columns, in order, and their types.

Source: settlement §6 and §7.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from typing import Any, get_type_hints

from carethread.engine import records, results, units


class Type(Enum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    DATE = "date"
    INSTANT = "instant"
    TRUTH = "truth"


@dataclass(frozen=True, slots=True)
class Column:
    """A published column; `get` takes it from the record."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Table:
    """A published table: its name, its record and its columns."""

    name: str
    record: type
    columns: tuple[Column, ...]


_INSTANTS = {"agreed_start", "planned_start", "check_in", "check_out", "told_at"}


def _table(name: str, record: type, *, leave_out: frozenset[str] = frozenset()) -> Table:
    hints = get_type_hints(record)
    columns = [
        Column(f.name, _type(f.name, hints[f.name])) for f in fields(record) if f.name not in leave_out
    ]
    return Table(name, record, tuple(columns))


def _type(name: str, hint: Any) -> Type:
    if name in _INSTANTS:
        return Type.INSTANT
    kinds = {int: Type.INTEGER, bool: Type.TRUTH, date: Type.DATE}
    for plain, kind in kinds.items():
        if hint in (plain, plain | None):
            return kind
    return Type.TEXT


LINES = _table("lines", results.Line, leave_out=frozenset({"service_on"}))
WORKINGS = _table("workings", results.Working)
FINDINGS = _table("findings", records.Finding)
SUMMARY = _table("summary", results.Summary)
WEEKLY = _table("weekly", results.WeekUse)
INVOICE_LINES = _table("invoice_lines", results.InvoiceLine)
CLAIM_GROUPS = _table("claim_groups", results.ClaimGroup)
UNCLAIMED = _table("unclaimed", results.Unclaimed)
TABLES = (
    LINES,
    WORKINGS,
    FINDINGS,
    SUMMARY,
    WEEKLY,
    INVOICE_LINES,
    CLAIM_GROUPS,
    UNCLAIMED,
)


def natural(value: Any) -> Any:
    """Return a record's value as a table of natural types holds it; None is empty."""
    if isinstance(value, tuple):
        value = _listed(value)
    if value == "":
        return None
    return value.value if isinstance(value, Enum) else value


def _listed(values: tuple[Any, ...]) -> str:
    """Write reasons as `capped;pooled`, causes as `repeat:10500;rate:500`."""
    return ";".join(
        f"{value[0].value}:{value[1]}" if isinstance(value, tuple) else value.value for value in values
    )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else _listed(value)


WRITERS: dict[Type, Callable[[Any], str]] = {
    Type.TEXT: _text,
    Type.INTEGER: lambda value: "" if value is None else str(value),
    Type.DATE: lambda value: "" if value is None else value.isoformat(),
    Type.INSTANT: lambda value: "" if value is None else units.iso(value),
    Type.TRUTH: lambda value: "" if value is None else "true" if value else "false",
}
"""How each type of value stands in a CSV cell."""


def written(column: Column, value: Any) -> str:
    """Return a record's value as a CSV cell holds it."""
    return str(WRITERS[column.type](value))

"""The JSON Schema of a package, made from the fields themselves: it cannot fall behind them.

Source: JSON Schema, draft 2020-12.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from carethread.formats.books import values as own
from carethread.formats.packages.fields import HEAD, LINE, PERSON, key, longest
from carethread.formats.settlement import values
from carethread.formats.settlement.layouts import Column

_BY_READER: Mapping[values.Reader, Mapping[str, Any]] = {
    values.text: {"type": "string"},
    key: {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:~-]*$"},
    values.day: {"type": "string", "format": "date"},
    values.moment: {"type": "string", "format": "date-time"},
    values.clock: {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
    values.weekdays: {"type": "string", "pattern": "^[01]{7}$"},
    values.truth: {"type": "boolean"},
    own.percent: {"type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.0001},
    own.postcode: {"type": "string"},
    own.nhs_number: {"type": "string", "pattern": "^[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}$"},
}


def _field(column: Column) -> dict[str, Any]:
    said: dict[str, Any]
    if isinstance(column.read, values.Whole):
        said = {"type": "integer", "minimum": column.read.least, "maximum": column.read.most}
    elif isinstance(column.read, values.OneOf):
        said = {"type": "string", "enum": list(column.read.known)}
    else:
        said = dict(_BY_READER[column.read])
    if column.read in (values.text, key):
        said["maxLength"] = longest(column.name)
    if column.cell_required:
        return {**said, "minLength": 1} if column.read is values.text else said
    if "enum" in said:
        said["enum"] = [*said["enum"], None]
    return {**said, "type": [said["type"], "null"]}


def _object(columns: Sequence[Column], more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**{column.name: _field(column) for column in columns}, **(more or {})},
        "required": [*(column.name for column in columns if column.cell_required), *(more or {})],
        "additionalProperties": False,
    }


SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A package of care",
    **_object(
        HEAD,
        {"person": _object(PERSON), "orders": {"type": "array", "minItems": 1, "items": _object(LINE)}},
    ),
}

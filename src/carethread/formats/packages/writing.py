"""A package as the message that `reading.read_package` takes: for keeping, and for reading again."""

import json
from decimal import Decimal
from enum import Enum
from typing import Any

from carethread.engine import units
from carethread.formats.packages.fields import HEAD, LINE, PERSON
from carethread.formats.packages.records import Package


def written(package: Package) -> bytes:
    """Return a package as JSON; what is read from it is the package again."""
    message = {
        **{column.name: _plain(getattr(package, column.name)) for column in HEAD},
        "sent_at": units.iso(package.sent_at),
        "person": {column.name: _plain(getattr(package.person, column.name)) for column in PERSON},
        "orders": [_line(order) for order in package.orders],
    }
    return json.dumps(message, ensure_ascii=False).encode()


def _line(order: Any) -> dict[str, Any]:
    told = {
        column.name: _plain(getattr(order, column.name))
        for column in LINE
        if column.name != "start_time"
    }
    minute = order.start_minute
    return {**told, "start_time": None if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value if value is None or isinstance(value, bool | int) else _text(value)


def _text(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)

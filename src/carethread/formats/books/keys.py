"""What tells the rows of a table apart, and which rows of a file say they are the same one.

Source: settlement §2 (a visit is one of its sequence, an order one of its start) and §7.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from carethread.engine.records import Fault

KEYS = MappingProxyType(
    {
        "people": ("person_id",),
        "providers": ("provider_id",),
        "workers": ("provider_id", "worker_id"),
        "service_codes": ("provider_id", "their_code"),
        "orders": ("order_id", "starts_on"),
        "visits": ("visit_id", "sequence"),
    }
)


def repeats(table: str, records: Iterable[Any], file: str) -> Iterator[Fault]:
    """Yield the rows that say something else about what an earlier row of the file is about.

    Rows that say the same are one row, and no fault.
    """
    key_of = attrgetter(*KEYS[table])
    firsts: dict[Any, Any] = {}
    for record in records:
        first = firsts.setdefault(key_of(record), record)
        if replace(record, row=first.row) != first:
            say = f"row {first.row} has the same {' and '.join(KEYS[table])} and says something else"
            yield Fault(file, record.row, KEYS[table][0], say)

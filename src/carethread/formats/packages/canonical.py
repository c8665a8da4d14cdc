"""One way to write a package, so that the same content always has the same sum.

Left out are when it was sent and the order of its lines: a package sent again is the same package.
"""

import hashlib
import json
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from carethread.formats.packages.fields import LINE, PERSON
from carethread.formats.packages.records import Package


def canonical_json(package: Package) -> bytes:
    """Return a package's content as JSON: names in order, no blanks, empty fields left out.

    Source: RFC 8785 (JSON Canonicalization Scheme) for the idea; numbers here are whole, and decimals
    are text.
    """
    content = {
        "key": package.key,
        "replaces": package.replaces,
        "plan_ref": package.plan_ref,
        "plan_authorised_on": _plain(package.plan_authorised_on),
        "plan_authorised_by": package.plan_authorised_by,
        "person": _fields(package.person, [column.name for column in PERSON]),
        "orders": sorted((_fields(order, _LINE_FIELDS) for order in package.orders), key=_dumped),
    }
    return _dumped({name: value for name, value in content.items() if value not in (None, "")}).encode()


def fingerprint(package: Package) -> str:
    """Return the SHA-256 of a package's content, in hexadecimal."""
    return hashlib.sha256(canonical_json(package)).hexdigest()


_LINE_FIELDS = [column.name for column in LINE if column.name != "start_time"] + ["start_minute"]


def _fields(record: Any, names: list[str]) -> dict[str, Any]:
    values = {name: _plain(getattr(record, name)) for name in names}
    return {name: value for name, value in values.items() if value not in (None, "")}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value) if isinstance(value, date) else value


def _dumped(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

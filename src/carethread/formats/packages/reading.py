"""One package as JSON.

```json
{"key": "CM-1", "sent_at": "2026-05-01T09:00:00+01:00", "plan_ref": "SP-7",
 "plan_authorised_on": "2026-04-30", "plan_authorised_by": "Team manager",
 "person": {"person_id": "P1", "born_on": "1941-02-03"},
 "orders": [{"provider_id": "A", "contract_id": "LOT-1", "service": "PC", "starts_on": "2026-05-11",
             "basis": "visits", "days": "1111100", "start_time": "08:00", "minutes": 30}]}
```

Source: RFC 8259; the fields are those of the books' people and orders. `schema.SCHEMA` has them all.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from carethread.formats.packages.fields import HEAD, LINE, PERSON, Texts, package_of, unknown
from carethread.formats.packages.records import PackageRead, Returned
from carethread.formats.packages.words import ReturnCode
from carethread.formats.settlement.layouts import Column

MOST_BYTES = 4 * 2**20
"""A package is a few hundred bytes for each order; more than this is none."""


def read_package(content: bytes) -> PackageRead:
    """Read one package; all reasons to return it are listed, not the first only."""
    sent = hashlib.sha256(content).hexdigest()
    try:
        message = _document(content)
    except (ValueError, RecursionError) as error:
        say = "the message is nested too deep" if isinstance(error, RecursionError) else str(error)
        return PackageRead("", None, [Returned(ReturnCode.UNREADABLE, say)], sha256=sent)
    returns = unknown(message, [*(column.name for column in HEAD), "person", "orders"], None)
    head = _texts({name: message[name] for name in message if name in _HEAD_NAMES}, HEAD, returns, None)
    person = _texts(_person(message, returns), PERSON, returns, None)
    lines = [
        _texts(line, LINE, returns, number) for number, line in enumerate(_orders(message, returns), 1)
    ]
    return replace(package_of(head, person, lines, returns), sha256=sent)


_HEAD_NAMES = frozenset(column.name for column in HEAD)
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""Half characters, which JSON can name and no file can hold."""


def _document(content: bytes) -> Mapping[str, Any]:
    if len(content) > MOST_BYTES:
        message = f"the message has {len(content)} bytes; at most {MOST_BYTES} are taken"
        raise ValueError(message)
    try:
        document = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_float=str,
            parse_int=str,
        )
    except UnicodeDecodeError:
        message = "the message is not UTF-8"
        raise ValueError(message) from None
    except json.JSONDecodeError as error:
        message = f"the message is not JSON: {error}"
        raise ValueError(message) from None
    if not isinstance(document, dict):
        message = "the message must be a JSON object"
        raise ValueError(message)  # noqa: TRY004 -- the message is wrong, not the program
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose names are there once: with two, nobody knows which is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"the message has {twice!r} twice in one object"
        raise ValueError(message)
    return found


def _no_number(name: str) -> NoReturn:
    message = f"the message has {name}, which is no number"
    raise ValueError(message)


def _person(message: Mapping[str, Any], returns: list[Returned]) -> Mapping[str, Any]:
    person = message.get("person", {})
    if isinstance(person, dict):
        return person
    returns.append(Returned(ReturnCode.INVALID_FIELD, "must be an object", "person"))
    return {}


def _orders(message: Mapping[str, Any], returns: list[Returned]) -> Sequence[Mapping[str, Any]]:
    orders = message.get("orders", [])
    if isinstance(orders, list) and all(isinstance(line, dict) for line in orders):
        return orders
    returns.append(Returned(ReturnCode.INVALID_FIELD, "must be a list of objects", "orders"))
    return []


def _texts(
    fields: Mapping[str, Any], columns: Sequence[Column], returns: list[Returned], line: int | None
) -> Texts:
    """Return single values as a CSV file would have them."""
    texts = {}
    known = [column.name for column in columns]
    returns += unknown(fields, known, line)
    for name, value in fields.items():
        if isinstance(value, list | dict):
            returns.append(Returned(ReturnCode.INVALID_FIELD, "must be a single value", name, line))
        elif isinstance(value, bool):
            texts[name] = "true" if value else "false"
        elif value is not None and not _NO_TEXT.search(value):
            texts[name] = value.strip()
        elif value is not None:
            returns.append(Returned(ReturnCode.INVALID_FIELD, "has signs that are no text", name, line))
    return texts

"""The fields of a package and how they are read: the same from JSON and from CSV.

The person has the fields of the books' people, an order line those of the books' orders without what
the package says once: the person and the plan.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from carethread.formats.books.layouts import ORDERS_MORE, PEOPLE
from carethread.formats.packages.records import Package, PackageRead, Returned
from carethread.formats.packages.words import ReturnCode
from carethread.formats.settlement import values
from carethread.formats.settlement.headers import nearly
from carethread.formats.settlement.layouts import Column

Texts = Mapping[str, str]
_SAID_ONCE = {"person_id", "plan_ref"}


def _optional(column: Column) -> Column:
    return replace(column, column_required=False, cell_required=False, default="")


_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]*", re.ASCII)
_LONGEST = {"scheme": 60, "cost_centre": 40, "ledger_code": 40}
_LONGEST_OTHERS = 100


def key(cell: str) -> str:
    """Return a key: fit to stand in an address."""
    if not _KEY.fullmatch(cell):
        message = f"{values.quoted(cell)} is not a key; write it in letters, digits and . _ : ~ -"
        raise ValueError(message)
    return cell


def longest(name: str) -> int:
    """Return how many characters a text may have."""
    return _LONGEST.get(name, _LONGEST_OTHERS)


HEAD = (
    Column("key", key, column_required=True, cell_required=True),
    Column("sent_at", values.moment, column_required=True, cell_required=True),
    Column("plan_ref", values.text, column_required=True, cell_required=True),
    Column("plan_authorised_on", values.day, column_required=False, cell_required=False),
    Column("plan_authorised_by", values.text, column_required=False, cell_required=False, default=""),
    Column("replaces", key, column_required=False, cell_required=False, default=""),
)
PERSON = PEOPLE.columns
LINE = tuple(
    _optional(column) if column.name == "order_id" else column
    for column in ORDERS_MORE.columns
    if column.name not in _SAID_ONCE
)


def package_of(
    head: Texts, person: Texts, lines: Sequence[Texts], also: Iterable[Returned]
) -> PackageRead:
    """Return the package that texts make, or everything that is wrong with them and `also`."""
    returns = list(also)
    read_head = _cells(HEAD, head, returns, None)
    read_person = _cells(PERSON, person, returns, None)
    returns += _misfits(PEOPLE.misfits(read_person), None)
    if not lines and not any(one.field == "orders" for one in returns):
        returns.append(Returned(ReturnCode.NO_ORDERS, "the package has no order line", "orders"))
    read_lines = []
    for number, line in enumerate(lines, 1):
        cells = _cells(LINE, line, returns, number)
        returns += _misfits(ORDERS_MORE.misfits(cells), number)
        read_lines.append(cells)
    key = str(read_head.get("key", ""))
    if returns:
        return PackageRead(key, None, returns)
    said_once = {"person_id": read_person["person_id"], "plan_ref": read_head["plan_ref"]}
    orders = [
        ORDERS_MORE.build(number, cells | said_once) for number, cells in enumerate(read_lines, 1)
    ]
    return PackageRead(key, _package(read_head, read_person, orders), ())


def _package(head: Mapping[str, Any], person: Mapping[str, Any], orders: Sequence[Any]) -> Package:
    return Package(**head, person=PEOPLE.build(0, person), orders=tuple(orders))  # type: ignore[arg-type]


def unknown(names: Iterable[str], known: Sequence[str], line: int | None) -> list[Returned]:
    """Return what is said of fields that a message must not have."""
    returns = []
    for name in sorted(set(names) - set(known)):
        meant = nearly(name, known)
        say = "is not a field of a package" + (f"; did you mean {meant}?" if meant else "")
        returns.append(Returned(ReturnCode.UNKNOWN_FIELD, say, name, line))
    return returns


def _cells(
    columns: Sequence[Column], texts: Texts, returns: list[Returned], line: int | None
) -> dict[str, Any]:
    """Read the fields; one that cannot be read is left out and noted."""
    cells: dict[str, Any] = {}
    noted = {one.field for one in returns if one.line == line}
    for column in columns:
        text = texts.get(column.name, "")
        if column.name in noted:
            continue
        if not text and column.cell_required:
            returns.append(Returned(ReturnCode.MISSING_FIELD, "is empty", column.name, line))
        elif not text:
            cells[column.name] = column.default
        else:
            _read(column, text, cells, returns, line)
    return cells


def _read(
    column: Column, text: str, cells: dict[str, Any], returns: list[Returned], line: int | None
) -> None:
    try:
        if len(text) > longest(column.name):
            _refuse_length(column.name)
        value: Any = column.read(text)
    except ValueError as error:
        returns.append(Returned(ReturnCode.INVALID_FIELD, str(error), column.name, line))
        return
    cells[column.name] = value[0] if column.read is values.moment else value


def _refuse_length(name: str) -> NoReturn:
    message = f"is longer than {longest(name)} characters"
    raise ValueError(message)


def _misfits(wrong: Iterable[tuple[str, str]], line: int | None) -> list[Returned]:
    return [
        Returned(
            ReturnCode.MISSING_FIELD if say.startswith("is empty") else ReturnCode.INVALID_FIELD,
            say,
            column,
            line,
        )
        for column, say in wrong
    ]

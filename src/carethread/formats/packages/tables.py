"""Many packages as CSV: one row for each order line, the rows of a package have its key.

The columns are the fields of the JSON message; a package's person and plan stand in each of its rows.
Rows of one package need not follow one another.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from carethread.engine.records import Fault
from carethread.formats.packages.fields import HEAD, LINE, PERSON, Texts, package_of
from carethread.formats.packages.records import PackageRead, Returned
from carethread.formats.packages.words import ReturnCode
from carethread.formats.settlement.files import CsvFile, Row, Unreadable
from carethread.formats.settlement.headers import header_faults, unknown_columns
from carethread.formats.settlement.layouts import Layout

PACKAGES = Layout(
    "packages",
    council=True,
    required=True,
    subject="key",
    columns=(*HEAD, *PERSON, *LINE),
    misfits=lambda _cells: iter(()),
    build=lambda _row, cells: cells,
)
_SAID_AGAIN = tuple(column.name for column in (*HEAD, *PERSON))


@dataclass(frozen=True, slots=True)
class PackagesRead:
    """What came out of a file: its packages, and the faults that belong to none of them.

    A fault without a row, or in row 1, is the whole file's: then there is no package.
    """

    packages: Sequence[PackageRead]
    faults: Sequence[Fault]


@dataclass(slots=True)
class _Rows:
    """The rows of one package."""

    numbers: list[int] = field(default_factory=list)
    texts: list[Texts] = field(default_factory=list)


def read_packages_csv(path: Path) -> PackagesRead:
    """Read the packages of a file, in the order of their first rows."""
    faults: list[Fault] = []
    rows: dict[str, _Rows] = {}
    try:
        with closing(CsvFile(path)) as table:
            faults += _header(table, path.name)
            for row in [] if faults else table.rows():
                _sort(row, table.columns, rows, faults, path.name)
    except Unreadable as unreadable:
        return PackagesRead([], [unreadable.fault])
    except OSError as error:
        say = f"the file cannot be opened: {error.strerror}"
        return PackagesRead([], [Fault(path.name, None, "", say)])
    return PackagesRead([_package(one) for one in rows.values()], faults)


def _header(table: CsvFile, file: str) -> Iterator[Fault]:
    yield from header_faults(PACKAGES, table, file)
    for finding in unknown_columns(PACKAGES, table, file):
        say = finding.message.replace("; it was ignored", "; take it out")
        yield Fault(file, 1, finding.subject, say)


def _sort(
    row: Row, columns: Sequence[str], rows: dict[str, _Rows], faults: list[Fault], file: str
) -> None:
    """Put a row with the others of its package, or note why it belongs to none."""
    if len(row.cells) != len(columns):
        say = f"the row has {len(row.cells)} cells, the header {len(columns)}"
        faults.append(Fault(file, row.number, "", say))
        return
    texts = dict(zip(columns, row.cells, strict=True))
    if not texts["key"]:
        faults.append(Fault(file, row.number, "key", "is empty"))
        return
    one = rows.setdefault(texts["key"], _Rows())
    one.numbers.append(row.number)
    one.texts.append(texts)


def _package(rows: _Rows) -> PackageRead:
    first, *others = rows.texts
    returns = [
        Returned(
            ReturnCode.ROWS_DISAGREE, f"row {number} says {said!r}, row {rows.numbers[0]} {was!r}", name
        )
        for name in _SAID_AGAIN
        for number, other in zip(rows.numbers[1:], others, strict=True)
        if (said := other.get(name, "")) != (was := first.get(name, ""))
    ]
    lines: list[Mapping[str, str]] = rows.texts
    sent = hashlib.sha256(json.dumps(rows.texts).encode()).hexdigest()
    return replace(package_of(first, first, lines, returns), rows=tuple(rows.numbers), sha256=sent)

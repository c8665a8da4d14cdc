"""Which column of a file is which: what is missing, twice there, unknown, or nearly right.

Source: settlement §2.
"""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from carethread.engine.findings import found
from carethread.engine.records import Fault, Finding
from carethread.engine.words import Kind
from carethread.formats.settlement import values
from carethread.formats.settlement.files import TableFile
from carethread.formats.settlement.layouts import Column, Layout

Places = Sequence[tuple[Column, int | None]]
"""Each column of the layout, and where it stands in the file."""


def nearly(name: str, names: Iterable[str]) -> str | None:
    """Return the one of the names that a person who wrote `name` may have meant.

    >>> nearly("Check In", ["check_in", "check_out"]), nearly("colour", ["check_in"])
    ('check_in', None)
    """
    written = name.strip().lower().replace(" ", "_").replace("-", "_")
    return next(iter(get_close_matches(written, list(names), 1, 0.8)), None)


def places(layout: Layout, table: TableFile) -> Places:
    """Return where each column of the layout stands."""
    at = {name: place for place, name in enumerate(table.columns)}
    return [(column, at.get(column.name)) for column in layout.columns]


def unknown_columns(layout: Layout, table: TableFile, file: str) -> Iterator[Finding]:
    """Find the columns that are not part of the layout."""
    known = [column.name for column in layout.columns]
    for name in sorted(set(table.columns) - set(known)):
        say = f"column {values.quoted(name)} is not part of {layout.table}; it was ignored"
        meant = nearly(name, known)
        if meant is not None and meant not in table.columns:
            say += f"; did you mean {meant}?"
        yield found(Kind.UNKNOWN_COLUMN, say, subject=name, table=file, row=1)


def header_faults(layout: Layout, table: TableFile, file: str) -> Iterator[Fault]:
    """Yield what makes a file unreadable: columns that are missing, twice there, or no values."""
    separator = _separator(table.columns)
    if separator is not None:
        say = f"the file is separated by {separator}; save it separated by commas"
        yield Fault(file, 1, "", say)
        return
    for column in layout.columns:
        count = table.columns.count(column.name)
        if count > 1:
            yield Fault(file, 1, column.name, f"the column is there {count} times")
        elif column.column_required and not count:
            yield Fault(file, 1, column.name, _missing(column.name, layout, table))
        elif column.name in table.unusable:
            say = f"the column holds {table.unusable[column.name]}; write it as text"
            yield Fault(file, None, column.name, say)


def _missing(name: str, layout: Layout, table: TableFile) -> str:
    known = {column.name for column in layout.columns}
    others = [other for other in table.columns if other not in known]
    meant = next((other for other in others if nearly(other, [name])), None)
    return "the column is missing" + (f"; is it {values.quoted(meant)}?" if meant else "")


def _separator(columns: Sequence[str]) -> str | None:
    """Return what a file of one long column is separated by."""
    if len(columns) == 1:
        return next(
            (name for sign, name in ((";", "semicolons"), ("\t", "tabs")) if sign in columns[0]), None
        )
    return None

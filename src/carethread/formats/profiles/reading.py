"""A profile's TOML into a profile, or every fault with its line and key.

```toml
name = "their-system"
table = "visits"            # a table of the contract, or of the books
dates = "D/M/Y"             # or "ISO", the default
[columns]                   # ours = theirs, or a rule
person_id = "ClientRef"
status = { constant = "delivered" }
check_in = { date = "VisitDate", time = "Start" }
check_out = { date = "VisitDate", time = "Start", lasting = "Duration" }
[codes.service]             # theirs = ours; a code that is not listed keeps its row out
"PC30" = "personal_care"
```
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carethread.engine.records import Fault
from carethread.formats.profiles import written
from carethread.formats.profiles.clocks import DateOrder
from carethread.formats.profiles.records import TARGETS, Profile
from carethread.formats.profiles.rules import Constant, Key, NotGiven, Rule
from carethread.formats.settlement.headers import nearly
from carethread.formats.settlement.layouts import Layout
from carethread.formats.settlement.toml_rows import TomlPath, TomlRows

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_KNOWN = ("name", "table", "dates", "columns", "codes")
_Wrong = tuple[TomlPath, str]


@dataclass(frozen=True, slots=True)
class ProfileRead:
    """A profile, or the faults that forbid it."""

    profile: Profile | None
    faults: Sequence[Fault]


def read_profile(text: str, file: str = "profile.toml") -> ProfileRead:
    """Read a profile; all faults are listed, not the first only."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        row = re.search(r"line (\d+)", str(error))
        say = f"the file is not valid TOML: {error}"
        return ProfileRead(None, [Fault(file, int(row[1]) if row else None, "", say)])
    reader = _Reader(document)
    profile = reader.profile()
    where = TomlRows(text)
    faults = [Fault(file, where.row(path), str(path[-1]), say) for path, say in reader.wrong]
    return ProfileRead(None if faults else profile, faults)


class _Reader:
    """Reads a parsed document; `wrong` has the path and the words of each fault."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.wrong: list[_Wrong] = []

    def profile(self) -> Profile | None:
        """Return the profile, as far as it can be read."""
        for key in self._document.keys() - set(_KNOWN):
            self.wrong.append(((key,), f"is not known here; known are {', '.join(_KNOWN)}"))
        name = self._document.get("name", "")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.wrong.append((("name",), "must be small letters, digits and hyphens: their-system"))
        layout = self._layout()
        dates = self._dates()
        if layout is None or dates is None:
            return None
        columns = self._columns(layout)
        return Profile(name, layout.table, dates, columns, self._codes(layout, columns))

    def _layout(self) -> Layout | None:
        table = self._document.get("table")
        if not isinstance(table, str) or table not in TARGETS:
            self.wrong.append((("table",), f"must be one of {', '.join(TARGETS)}"))
            return None
        return TARGETS[table]

    def _dates(self) -> DateOrder | None:
        try:
            return DateOrder(self._document.get("dates", "ISO"))
        except ValueError:
            known = " or ".join(order.value for order in DateOrder)
            self.wrong.append((("dates",), f"must be {known}"))
            return None

    def _columns(self, layout: Layout) -> dict[str, Rule]:
        table = self._table(self._document, "columns")
        known = {column.name: column for column in layout.columns}
        rules: dict[str, Rule] = {}
        for name, value in table.items():
            if name not in known:
                meant = nearly(name, known)
                say = f"is no column of {layout.table}" + (f"; did you mean {meant}?" if meant else "")
                self.wrong.append((("columns", name), say))
                continue
            try:
                rules[name] = written.rule(value, known[name], rules)
            except ValueError as error:
                self.wrong.append((("columns", name), str(error)))
        for column in layout.columns:
            if column.column_required and column.name not in table:
                self.wrong.append((("columns", column.name), "is missing: the table needs this column"))
        return rules

    def _codes(self, layout: Layout, columns: Mapping[str, Rule]) -> dict[str, dict[str, str]]:
        codes = {}
        for name, table in self._table(self._document, "codes").items():
            path = ("codes", name)
            if name not in columns:
                self.wrong.append((path, "has codes, but the profile has no such column"))
            elif isinstance(columns[name], Constant | Key | NotGiven):
                self.wrong.append((path, "has codes, but is not taken from a column of theirs"))
            elif isinstance(table, dict):
                codes[name] = table
                read = next(column.read for column in layout.columns if column.name == name)
                self.wrong += _unread((*path,), table, read)
            else:
                self.wrong.append((path, f"must be a table, written [codes.{name}]"))
        return codes

    def _table(self, document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        table = document.get(key, {})
        if isinstance(table, dict):
            return table
        self.wrong.append(((key,), f"must be a table, written [{key}]"))
        return {}


def _unread(path: TomlPath, codes: Mapping[str, Any], read: Any) -> Iterator[_Wrong]:
    """Yield the codes of ours that our own column does not take."""
    for theirs, ours in codes.items():
        try:
            read(written.words_in(ours))
        except ValueError as error:
            yield (*path, theirs), str(error)

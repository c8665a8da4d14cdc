"""How a rule stands in a profile: text is a column of theirs, a table one of the closed set.

```toml
constant = "delivered"
date = "VisitDate", time = "Start"                          # a date and a time of day
date = "VisitDate", time = "Start", lasting = "Duration"    # its end: the start and how long
start = "StartedAt", lasting = "Duration"                   # the same, of a date and time in one
minutes = "Duration"                                        # 00:45, 00:45:30 or 45
truth = "Second", yes = ["Y"], no = ["N"]
key = ["ClientRef", { date = "VisitDate", time = "Start" }]
not_given = "visit_id"                                      # a stand-in by the key in that column
```
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from carethread.formats.profiles import rules
from carethread.formats.settlement import values
from carethread.formats.settlement.layouts import Column

_TEXT = Column("", values.text, column_required=False, cell_required=False)
Table = Mapping[str, Any]


def words_in(value: Any) -> str:
    """Return text that is not empty.

    Raises:
        ValueError: if it is anything else.
    """
    if not isinstance(value, str) or not value.strip():
        message = "must be text in quotes, and not empty"
        raise ValueError(message)
    return value.strip()


def rule(value: Any, column: Column, before: Mapping[str, rules.Rule]) -> rules.Rule:
    """Return the rule for a column of ours; `before` has those of the columns above it.

    Raises:
        ValueError: if it is none of the closed set, with what is.
    """
    if isinstance(value, str):
        return _by_reader(column)(words_in(value))
    if isinstance(value, dict):
        if set(value) == {"not_given"}:
            return _not_given(words_in(value["not_given"]), before)
        for keys, make in _MAKERS.items():
            if set(value) == set(keys):
                return _checked(make(value), column)
    shown = "; ".join(", ".join(keys) for keys in (*_MAKERS, ("not_given",)))
    message = f"must be a column of theirs in quotes, or a table with exactly one of these: {shown}"
    raise ValueError(message)


def _by_reader(column: Column) -> Callable[[str], rules.Rule]:
    """Return how a column of theirs is read when nothing more is said: by what ours holds."""
    typed: dict[values.Reader, Callable[[str], rules.Rule]] = {
        values.day: rules.OnDay,
        values.moment: rules.Moment,
        values.clock: rules.OfDay,
    }
    return typed.get(column.read, rules.Taken)


def _checked(made: rules.Rule, column: Column) -> rules.Rule:
    """Let a constant be read as its cells will be, so that it is refused here and not in every row."""
    if isinstance(made, rules.Constant):
        column.read(made.value)
    return made


def _many(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        message = "must have lists of words for yes and no"
        raise ValueError(message)
    return tuple(words_in(one) for one in value)


def _at(table: Table) -> rules.At:
    return rules.At(words_in(table["date"]), words_in(table["time"]))


def _truth(table: Table) -> rules.Rule:
    return rules.Truth(words_in(table["truth"]), _many(table["yes"]), _many(table["no"]))


def _key(table: Table) -> rules.Rule:
    parts = table["key"]
    if not isinstance(parts, list) or not parts:
        message = "must have a list of columns for its key"
        raise ValueError(message)
    return rules.Key(tuple(_part(one) for one in parts))


def _part(value: Any) -> rules.Rule:
    part = rule(value, _TEXT, {})
    if isinstance(part, rules.Constant | rules.Key):
        message = "must have a key of their columns only"
        raise ValueError(message)  # noqa: TRY004 -- the file is wrong, not the program
    return part


def _not_given(name: str, before: Mapping[str, rules.Rule]) -> rules.Rule:
    key = before.get(name)
    if not isinstance(key, rules.Key):
        message = f"stands in by {name}, which is no column above it that has a key"
        raise ValueError(message)  # noqa: TRY004 -- the file is wrong, not the program
    return rules.NotGiven(key)


_MAKERS: Mapping[tuple[str, ...], Callable[[Table], rules.Rule]] = MappingProxyType(
    {
        ("constant",): lambda table: rules.Constant(words_in(table["constant"])),
        ("date", "time"): _at,
        ("date", "time", "lasting"): lambda table: rules.EndOf(_at(table), words_in(table["lasting"])),
        ("start", "lasting"): lambda table: rules.EndOf(
            rules.Moment(words_in(table["start"])), words_in(table["lasting"])
        ),
        ("minutes",): lambda table: rules.Minutes(words_in(table["minutes"])),
        ("truth", "yes", "no"): _truth,
        ("key",): _key,
    }
)

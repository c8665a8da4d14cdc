"""A profile: how the files of another system become the contract's."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Self

from carethread.formats.books import layouts as books
from carethread.formats.profiles.clocks import DateOrder
from carethread.formats.profiles.rules import Rule
from carethread.formats.settlement import layouts as contract
from carethread.formats.settlement.layouts import Layout

TARGETS: Mapping[str, Layout] = MappingProxyType(
    {layout.table: layout for layout in (*contract.LAYOUTS, *books.LAYOUTS)}
)
"""The tables a profile can make: the contract's, and the books' where they know more."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a council wrote about a file: the table it becomes, and how each of our columns is made.

    `columns` has our column -> its rule; `codes` our column -> their code -> ours. A column with
    codes takes no other code; one without takes what is there.
    """

    name: str
    table: str
    dates: DateOrder
    columns: Mapping[str, Rule]
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def layout(self) -> Layout:
        """The table it becomes."""
        return TARGETS[self.table]

    @property
    def needs(self) -> tuple[str, ...]:
        """Their columns, each once."""
        return tuple(dict.fromkeys(name for rule in self.columns.values() for name in rule.needs))

    def with_codes(self, column: str, codes: Mapping[str, str]) -> Self:
        """Return the profile with more codes for one of our columns: a provider's service codes."""
        known = {**self.codes.get(column, {}), **codes}
        return replace(self, codes={**self.codes, column: known})

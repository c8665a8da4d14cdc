"""A package, and what is returned of it: plain immutable records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from carethread.formats.books.records import OrderMore, PersonRow
from carethread.formats.packages.catalogue import CATALOGUE, FIELD_FIXERS
from carethread.formats.packages.words import Fixer, ReturnCode


@dataclass(frozen=True, slots=True)
class Package:
    """What case management asks the books to take: all of it or nothing.

    `key` is the sender's: the same package sent again has it again. `sent_at` is an instant. The plan
    was authorised on a London date by someone; None and "" where it was not yet. Each of `orders` has
    its number in the package, from 1, as `row`, the person's id and the plan's reference; its
    `order_id` is "" where carethread shall give one. `replaces` is the key of a package that was
    returned and that this one corrects, "" for none.
    """

    key: str
    sent_at: int
    person: PersonRow
    plan_ref: str
    plan_authorised_on: date | None
    plan_authorised_by: str
    orders: tuple[OrderMore, ...]
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """One reason why a package is returned.

    `line` is the order's number in the package, from 1, or None where it is not about an order;
    `field` is "" where it is about no single field.
    """

    code: ReturnCode
    detail: str
    field: str = ""
    line: int | None = None

    @property
    def label(self) -> str:
        """The reason in a few words, for staff."""
        return CATALOGUE[self.code].label

    @property
    def who(self) -> Fixer:
        """Who must put it right: for a field that is missing or wrong, whoever fills it in."""
        if self.code in {ReturnCode.MISSING_FIELD, ReturnCode.INVALID_FIELD}:
            return FIELD_FIXERS.get(self.field, CATALOGUE[self.code].who)
        return CATALOGUE[self.code].who

    @property
    def sentence(self) -> str:
        """What is wrong and what to do next, for the sender."""
        line = [] if self.line is None else [f"order line {self.line}"]
        where = ", ".join([*line, *([self.field] if self.field else [])])
        detail = f"{where}: {self.detail}" if where else self.detail
        return f"{detail[:1].upper()}{detail[1:]}. {CATALOGUE[self.code].to_do}"


@dataclass(frozen=True, slots=True)
class PackageRead:
    """A message that was read: a package, or why it is none.

    `key` is "" where even that could not be read. `rows` are the rows of the file, one for each order
    line, where the package came in a table. `sha256` is the sum of what was sent, as it was sent.
    """

    key: str
    package: Package | None
    returns: Sequence[Returned]
    rows: Sequence[int] = ()
    sha256: str = ""

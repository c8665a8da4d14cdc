"""What stands in requests and answers."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Path, Schema
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from carethread.interchange.states import CaseReason, CaseStatus, Direction, TotalKind

_EARLIEST, _LATEST = date(2000, 1, 1), date(2199, 12, 31)
_MOST_FIGURE = 10**15
MOST_CASES = 100_000


def _sensible(day: date) -> date:
    if not _EARLIEST <= day <= _LATEST:
        message = f"a day lies from {_EARLIEST} to {_LATEST}"
        raise ValueError(message)
    return day


Day = Annotated[date, AfterValidator(_sensible)]
_NO_NULL = r"^[^\x00]*$"
Ref = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_NO_NULL)]
Said = Annotated[str, StringConstraints(max_length=2_000, pattern=_NO_NULL)]
Code = Annotated[str, StringConstraints(max_length=80, pattern=_NO_NULL)]
Figure = Annotated[int, Field(ge=-_MOST_FIGURE, le=_MOST_FIGURE)]
Address = Annotated[str, Path(pattern=r"^(~[0-9]{1,18}|[A-Za-z0-9][A-Za-z0-9._:~-]*)$", max_length=100)]
DayAddress = Annotated[Day, Path()]


class Strict(Schema):
    """A body that has these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class Field_(Schema):  # noqa: N801 -- Field is pydantic's
    """What is wrong with one field, and who must put it right."""

    field: str
    code: str
    sentence: str
    who: str = ""
    order_line: int | None = None


class Fault(Schema):
    """Why something was not done: a code for programs, a sentence for people, the fields concerned."""

    code: str
    sentence: str
    fields: list[Field_] = Field(default_factory=list)


class OrderMade(Schema):
    """An order, and what a package did to it: place, change, end or keep."""

    order_id: str
    deed: str


class PackageAnswer(Fault):
    """What became of a package. `code` is its status; `fields` are the reasons for a return."""

    key: str
    address: str
    status: str
    sha256: str
    received_at: datetime
    decided_at: datetime | None
    waits_on: list[str]
    orders: list[OrderMade]


class Returns(Schema):
    """Packages that wait, the longest first. `next` is to be given as `after` for more."""

    packages: list[PackageAnswer]
    next: int | None


class Withdrawal(Strict):
    """Why a package is no longer asked for."""

    why: Said = ""


class CaseBody(Strict):
    """A case as the other system has it."""

    ref: Ref
    person_ref: Ref
    status: CaseStatus


class CaseList(Strict):
    """All cases that the other system has on a day; it takes the place of the list before."""

    as_of: Day
    cases: Annotated[list[CaseBody], Field(max_length=MOST_CASES)]


class ApartBody(Schema):
    """A case in one system and not in the other, why, and whose move it is."""

    plan_ref: str
    person_ref: str
    reason: CaseReason
    since: date | None
    who: str
    sentence: str
    package: str


class Cases(Schema):
    """How many cases the list has open, and those that are not the same on both sides."""

    open_cases: int
    apart: list[ApartBody]


class TheirTotals(Strict):
    """The other system's figures of a day."""

    direction: Direction = Direction.IN
    totals: dict[TotalKind, Figure]


class TotalBody(Schema):
    """A figure of a day on both sides; null where a side has not said."""

    direction: Direction
    system: str
    kind: TotalKind
    ours: int | None
    theirs: int | None
    difference: int | None
    explained: str


class Totals(Schema):
    """The control totals of a London day."""

    day: date
    totals: list[TotalBody]


class OutgoingBody(Schema):
    """Something that goes out, without its content."""

    key: str
    kind: str
    name: str
    sha256: str
    rows: int
    amount_pence: int | None
    status: str
    created_at: datetime
    handed_at: datetime | None


class OutgoingList(Schema):
    """What goes out, the oldest first. `next` is to be given as `after` for more."""

    outgoing: list[OutgoingBody]
    next: int | None


class AnswerBody(Strict):
    """What the receiver says of what it fetched. `sha256` is of what it has."""

    outcome: Literal["acknowledged", "refused"]
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-fA-F]{64}$")]
    code: Code = ""
    sentence: Said = ""

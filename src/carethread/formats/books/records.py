"""What the books' files hold: plain immutable records.

Units: every `_on` is a London date, every `_start` an instant (minutes since 1970, UTC; see
`engine.units`), every `_minutes` minutes, every `_percent` an exact decimal from 0 to 100. `row` is
where the record stands in its file. Text that is not known is "", everything else None.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from carethread.engine.records import OrderVersion, VisitRow
from carethread.formats.books.words import FundingSource


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Someone who receives care at home, as the council's case management knows them.

    `nhs_number` is ten digits that check; `postcode` has capitals and one space; `died_on` is None
    as long as nobody has said that the person died.
    """

    row: int
    person_id: str
    given_name: str = ""
    family_name: str = ""
    born_on: date | None = None
    postcode: str = ""
    nhs_number: str = ""
    died_on: date | None = None


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider: its number in the council's ledger, and its location at the regulator."""

    row: int
    provider_id: str
    name: str
    supplier_number: str = ""
    cqc_location_id: str = ""


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A care worker of a provider; `worker_id` is the provider's own and means nothing elsewhere."""

    row: int
    provider_id: str
    worker_id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ServiceCodeRow:
    """What a provider calls a service: its code, and the service the contract knows it by."""

    row: int
    provider_id: str
    their_code: str
    service: str


@dataclass(frozen=True, slots=True)
class OrderMore(OrderVersion):
    """An order as the contract has it, with who asked for it, who pays, and how it is coded.

    `plan_ref` is the support plan's reference in case management. `funding_source` is None where
    nobody has said; `council_share_percent` is there only where the NHS bears a part. `scheme` is an
    agreement under which a funder bears the cost from `scheme_starts_on` for `scheme_weeks_limit`
    weeks, None where it has no limit. `increases_order_id` is the order of the package that was there
    before and that this one adds to: only the addition is the scheme's. `cost_centre` and
    `ledger_code` are the council's coding. The financial assessment was asked for on
    `assessment_referred_on` and was done on `assessment_done_on`, each None until then.
    """

    plan_ref: str = ""
    funding_source: FundingSource | None = None
    council_share_percent: Decimal | None = None
    scheme: str = ""
    scheme_starts_on: date | None = None
    scheme_weeks_limit: int | None = None
    increases_order_id: str = ""
    cost_centre: str = ""
    ledger_code: str = ""
    assessment_referred_on: date | None = None
    assessment_done_on: date | None = None


@dataclass(frozen=True, slots=True)
class VisitMore(VisitRow):
    """A visit as the contract has it, with what the provider claims beside what was recorded.

    Both are None where the provider claims nothing of its own. What is claimed never stands for what
    was recorded or planned.
    """

    claimed_start: int | None = None
    claimed_minutes: int | None = None

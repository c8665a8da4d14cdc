"""For every return code: a short label for staff, a sentence to the sender, and who must act.

Source: Claim for Crown Court Defence, two-level reason codes: a label for staff, a sentence for the
claimant that says what to do next.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from carethread.formats.books.layouts import CODING, PEOPLE
from carethread.formats.packages.words import Fixer, ReturnCode


@dataclass(frozen=True, slots=True)
class Entry:
    """What a return code means: `who` is the fixer where the field does not say another."""

    label: str
    to_do: str
    who: Fixer


CATALOGUE: Mapping[ReturnCode, Entry] = MappingProxyType(
    {
        ReturnCode.UNREADABLE: Entry(
            "Cannot be read",
            "Nothing of the message was taken. Correct how it is written, and send it again.",
            Fixer.SYSTEM_ADMINISTRATOR,
        ),
        ReturnCode.UNKNOWN_FIELD: Entry(
            "Unknown field",
            "Leave the field out or correct its name, and send it with a new key.",
            Fixer.SYSTEM_ADMINISTRATOR,
        ),
        ReturnCode.MISSING_FIELD: Entry(
            "Field missing",
            "Fill the field in, and send it with a new key.",
            Fixer.BROKER,
        ),
        ReturnCode.INVALID_FIELD: Entry(
            "Field wrong",
            "Correct the field, and send it with a new key.",
            Fixer.BROKER,
        ),
        ReturnCode.ROWS_DISAGREE: Entry(
            "Rows disagree",
            "Write person and plan the same in every row of a package, and send it with a new key.",
            Fixer.SYSTEM_ADMINISTRATOR,
        ),
        ReturnCode.NO_ORDERS: Entry(
            "No order lines",
            "Add the order lines that the plan asks for, and send it with a new key.",
            Fixer.BROKER,
        ),
        ReturnCode.KEY_REUSED_WITH_OTHER_CONTENT: Entry(
            "Key used before",
            "The package that came first under this key stands. Send a changed package with a new key.",
            Fixer.SYSTEM_ADMINISTRATOR,
        ),
        ReturnCode.PLAN_NOT_AUTHORISED: Entry(
            "Plan not authorised",
            "Have the support plan authorised, and send it with a new key.",
            Fixer.SOCIAL_WORKER,
        ),
        ReturnCode.PERSON_DETAILS_CONFLICT: Entry(
            "Person's details conflict",
            "Find out which details are right and whether this is the same person; nobody was changed.",
            Fixer.SOCIAL_WORKER,
        ),
        ReturnCode.PERSON_HAS_DIED: Entry(
            "Person has died",
            "Withdraw the package, or correct the date of death.",
            Fixer.SOCIAL_WORKER,
        ),
        ReturnCode.RECORD_DISPOSED: Entry(
            "Record disposed of",
            "The record is past its retention. Send the person with a new id if care begins anew.",
            Fixer.SOCIAL_WORKER,
        ),
        ReturnCode.CANNOT_REPLACE: Entry(
            "Cannot be replaced",
            "Name a package that was returned, or leave the field empty.",
            Fixer.SYSTEM_ADMINISTRATOR,
        ),
        ReturnCode.UNKNOWN_PROVIDER: Entry(
            "Unknown provider",
            "Send the right provider with a new key,"
            " or have this one added and the package checked again.",
            Fixer.CONTRACT_MANAGER,
        ),
        ReturnCode.PROVIDER_CLOSED: Entry(
            "Provider closed",
            "Choose a provider that still takes orders on that day.",
            Fixer.BROKER,
        ),
        ReturnCode.UNKNOWN_CONTRACT: Entry(
            "Unknown contract",
            "Send the right contract with a new key,"
            " or have this one added and the package checked again.",
            Fixer.CONTRACT_MANAGER,
        ),
        ReturnCode.CONTRACT_OF_OTHER_PROVIDER: Entry(
            "Contract of another provider",
            "Choose a contract that this provider has, and send it with a new key.",
            Fixer.BROKER,
        ),
        ReturnCode.STARTS_BEFORE_CONTRACT: Entry(
            "Starts before the contract",
            "Start the order when the contract has begun, or choose another contract.",
            Fixer.BROKER,
        ),
        ReturnCode.STARTS_AFTER_CONTRACT: Entry(
            "Starts after the contract's end",
            "Have the contract extended, or choose another contract.",
            Fixer.CONTRACT_MANAGER,
        ),
        ReturnCode.NO_TERMS: Entry(
            "No terms",
            "Have the contract's terms entered; then have this package checked again.",
            Fixer.CONTRACT_MANAGER,
        ),
        ReturnCode.NO_RATE: Entry(
            "No rate",
            "Have a rate entered for this contract and service; then have this package checked again.",
            Fixer.CONTRACT_MANAGER,
        ),
        ReturnCode.UNKNOWN_COST_CENTRE: Entry(
            "Unknown cost centre",
            "Send the right cost centre with a new key,"
            " or have it opened and the package checked again.",
            Fixer.FINANCE,
        ),
        ReturnCode.UNKNOWN_LEDGER_CODE: Entry(
            "Unknown ledger code",
            "Send the right ledger code with a new key,"
            " or have it opened and the package checked again.",
            Fixer.FINANCE,
        ),
        ReturnCode.CODING_DOES_NOT_FIT: Entry(
            "Codes do not fit",
            "Choose a ledger code that is open to this cost centre when the order starts.",
            Fixer.FINANCE,
        ),
        ReturnCode.ORDER_OF_OTHER_PERSON: Entry(
            "Another person's order",
            "Leave order_id empty for a new order, or name one of this person's.",
            Fixer.BROKER,
        ),
        ReturnCode.ORDER_OF_OTHER_CARE: Entry(
            "Other care than ordered",
            "End that order, and order the other care as a new one.",
            Fixer.BROKER,
        ),
        ReturnCode.UNKNOWN_INCREASED_ORDER: Entry(
            "Unknown order to increase",
            "Name an order of this person that was there before, or leave increases_order_id empty.",
            Fixer.BROKER,
        ),
        ReturnCode.OVERLAPS_EXISTING_ORDER: Entry(
            "Overlaps the order as it is",
            "Start the change after the order's last version began, or keep its start and its pattern.",
            Fixer.BROKER,
        ),
        ReturnCode.DUPLICATE_CARE: Entry(
            "Care ordered already",
            "End the other order first, or take this line out of the package.",
            Fixer.BROKER,
        ),
    }
)

_OF_THE_PLAN = ("plan_ref", "plan_authorised_on", "plan_authorised_by")
FIELD_FIXERS: Mapping[str, Fixer] = MappingProxyType(
    {
        **{column.name: Fixer.FINANCE for column in CODING},
        **{column.name: Fixer.SOCIAL_WORKER for column in PEOPLE.columns},
        **dict.fromkeys(_OF_THE_PLAN, Fixer.SOCIAL_WORKER),
        **dict.fromkeys(("key", "sent_at"), Fixer.SYSTEM_ADMINISTRATOR),
    }
)
"""Who fills a field in: the broker where it is not named here."""

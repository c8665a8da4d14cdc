"""One valid row of every model behind the wall, and a row for every constraint that it must refuse.

Whoever adds a model adds a row to MAKES, in an order in which each finds those it points at; whoever
adds a constraint adds a probe. `test_every_model.py` fails until both are there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.apps import apps
from django.db import models

from carethread.accounts.actions import open_council
from carethread.formats.packages.words import Fixer, ReturnCode
from carethread.interchange.imports.words import Code
from carethread.interchange.states import CaseStatus, Direction, Told, TotalKind
from carethread.wall.scope import scoped, writing

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
DAY, NEXT, LATER = date(2026, 5, 4), date(2026, 5, 5), date(2026, 6, 1)
DIGEST = "a" * 64
Made = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Probe:
    """A row that a constraint refuses: a valid one with some columns changed.

    With `besides`, those columns are changed in another row first, which is there and valid.
    """

    of: str
    change: Mapping[str, Any]
    besides: Mapping[str, Any] | None = None


MAKES: dict[str, Callable[[Made], dict[str, Any]]] = {
    "councils.BookClock": lambda _: {"number": 1},
    "councils.BookChange": lambda _: {
        "number": 1,
        "first_on": DAY,
        "last_on": NEXT,
        "what": "visits imported",
        "by": "console:test",
        "at": NOW,
    },
    "audit.PersonKey": lambda _: {"person_ref": "P9", "wrapped": b"key", "created_at": NOW},
    "people.Person": lambda _: {"ref": "P1", "given_name": "Ada"},
    "people.LikelySame": lambda made: {
        "one": made["people.Person"],
        "other": _another("people.Person", made, ref="P2"),
        "probability_percent": 90,
        "found_at": NOW,
    },
    "providers.Provider": lambda _: {"ref": "A"},
    "providers.Worker": lambda made: {"provider": made["providers.Provider"], "ref": "W1"},
    "providers.ServiceCode": lambda made: {
        "provider": made["providers.Provider"],
        "their_code": "HC",
        "service": "PC",
    },
    "providers.Contract": lambda _: {"ref": "C", "is_stated": True},
    "providers.ContractTerms": lambda made: {"contract": made["providers.Contract"], "from_on": DAY},
    "providers.RateCard": lambda made: {
        "contract": made["providers.Contract"],
        "service": "PC",
        "from_on": DAY,
    },
    "providers.Rate": lambda made: {
        "card": made["providers.RateCard"],
        "row": 1,
        "day_type": "any",
        "amount_pence": 2_000,
    },
    "providers.SettlementRules": lambda _: {},
    "orders.Order": lambda made: {
        "ref": "O1",
        "person": made["people.Person"],
        "provider": made["providers.Provider"],
        "contract": made["providers.Contract"],
        "service": "PC",
        "basis": "visits",
    },
    "orders.OrderVersion": lambda made: {
        "order": made["orders.Order"],
        "provider": made["providers.Provider"],
        "starts_on": DAY,
        "ends_on": NEXT,
        "days": "1000000",
        "start_minute": 480,
        "minutes": 30,
    },
    "orders.Suspension": lambda made: {
        "person": made["people.Person"],
        "order": made["orders.Order"],
        "from_on": DAY,
        "to_on": NEXT,
        "reason": "hospital",
    },
    "visits.Visit": lambda made: {
        "provider": made["providers.Provider"],
        "ref": "V1",
        "person_ref": "P1",
        "worker_ref": "W1",
        "service": "PC",
        "row": 2,
        "received_at": NOW,
    },
    "visits.RotaTime": lambda made: {
        "provider": made["providers.Provider"],
        "order": made["orders.Order"],
        "on": DAY,
        "planned_start": NOW,
        "row": 2,
        "received_at": NOW,
    },
    "invoices.InvoiceRow": lambda made: {
        "provider": made["providers.Provider"],
        "invoice_ref": "I1",
        "line_no": 1,
        "person_ref": "P1",
        "service": "PC",
        "from_on": DAY,
        "to_on": NEXT,
        "minutes": 30,
        "amount_pence": 1_000,
        "billed_on": LATER,
        "row": 2,
        "received_at": NOW,
    },
    "settlement.Run": lambda _: {
        "first_on": DAY,
        "last_on": NEXT,
        "version": 1,
        "asked_by": "console:test",
        "asked_at": NOW,
    },
    "settlement.Line": lambda made: {
        "run": made["settlement.Run"],
        "provider": made["providers.Provider"],
        "ref": "O1|2026-05-04T08:00|1",
        "person_ref": "P1",
        "service": "PC",
        "service_on": DAY,
        "outcome": "delivered",
        "held": False,
        "is_held": False,
        "due_pence": 1_000,
    },
    "settlement.RunFinding": lambda made: {
        "run": made["settlement.Run"],
        "severity": "warning",
        "kind": "no_check_out",
        "message": "an invented finding",
    },
    "settlement.WeekUse": lambda made: {
        "run": made["settlement.Run"],
        "provider": made["providers.Provider"],
        "order_ref": "O1",
        "week_starting": DAY,
        "allowance_minutes": 600,
        "payable_minutes": 60,
        "unused_minutes": 540,
    },
    "settlement.Difference": lambda made: {
        "run": made["settlement.Run"],
        "provider": made["providers.Provider"],
        "line_ref": "O1|2026-05-04T08:00|1",
        "person_ref": "P1",
        "service_on": DAY,
        "after": made["settlement.Line"],
        "after_due_pence": 1_000,
        "after_is_held": False,
        "pence": 1_000,
        "why": "payable_minutes",
    },
    "settlement.Decision": lambda made: {
        "provider": made["providers.Provider"],
        "person_ref": "P1",
        "line_ref": "O1|2026-05-04T08:00|1",
        "first_on": DAY,
        "last_on": NEXT,
        "number": 1,
        "ruling": "accept_recorded",
        "basis": DIGEST,
        "reason": "the diary agrees",
        "made_by": "console:test",
        "made_at": NOW,
    },
    "interchange.Profile": lambda _: {
        "name": "theirs",
        "version": 1,
        "table": "visits",
        "text": "[map]",
        "added_by": "console:test",
        "added_at": NOW,
    },
    "interchange.Batch": lambda made: {
        "provider": made["providers.Provider"],
        "file": "visits.csv",
        "sha256": DIGEST,
        "size": 9,
        "received_by": "console:test",
        "received_at": NOW,
    },
    "interchange.Problem": lambda made: {
        "provider": made["providers.Provider"],
        "batch": made["interchange.Batch"],
        "row": 2,
        "code": next(iter(Code)).value,
        "says": "an invented problem",
        "is_rejected": True,
    },
    "interchange.Package": lambda _: {
        "key": "K1",
        "sha256": DIGEST,
        "has_key": True,
        "sender": "client:1",
        "received_at": NOW,
    },
    "interchange.Return": lambda made: {
        "package": made["interchange.Package"],
        "decision": 1,
        "place": 1,
        "code": next(iter(ReturnCode)).value,
        "who": next(iter(Fixer)).value,
        "sentence": "an invented sentence",
    },
    "interchange.Acknowledgement": lambda made: {
        "package": made["interchange.Package"],
        "how": next(iter(Told)).value,
        "to": "client:1",
        "status": "received",
        "at": NOW,
    },
    "interchange.DropFolder": lambda _: {
        "path": "/srv/drop",
        "added_at": NOW,
        "added_by": "console:test",
    },
    "interchange.DropFile": lambda made: {
        "folder": made["interchange.DropFolder"],
        "name": "packages.csv",
        "sha256": DIGEST,
        "taken_at": NOW,
    },
    "interchange.Outgoing": lambda _: {
        "kind": "payments",
        "key": "M1",
        "name": "payments.csv",
        "content": b"x",
        "sha256": DIGEST,
        "system": "ledger",
        "row_count": 1,
        "created_at": NOW,
        "created_by": "console:test",
    },
    "interchange.ControlTotal": lambda _: {
        "day": DAY,
        "direction": next(iter(Direction)).value,
        "system": "ledger",
        "kind": next(iter(TotalKind)).value,
        "struck_at": NOW,
    },
    "interchange.SystemCase": lambda _: {
        "system": "cases",
        "ref": "PLAN1",
        "person_ref": "P1",
        "status": next(iter(CaseStatus)).value,
        "as_of": DAY,
    },
    "orders.LedgerCode": lambda _: {"code": "4010", "from_on": DAY},
}
"""How to make a row, given those made before it. `Entry` and `ChainHead` come with the council."""

_APPROVED = {
    "status": "approved",
    "book_number": 1,
    "settled_at": NOW,
    "visits": 1,
    "lines": 1,
    "findings": 0,
    "differences": 0,
    "difference_pence": 0,
    "due_pence": 1,
    "held_pence": 0,
    "digest": DIGEST,
    "approved_by": "user:1",
    "approved_at": NOW,
}
_OTHER_DAYS = {"starts_on": date(2027, 1, 1), "ends_on": date(2027, 1, 2)}

PROBES: dict[str, Probe] = {
    # clockwork
    "lease_whole_or_none": Probe("clockwork.Turn", {"deed": "other", "holder": "one"}),
    "turn_has_deed": Probe("clockwork.Turn", {"deed": ""}),
    # councils, audit
    "one_clock": Probe("councils.BookClock", {}),
    "one_change_a_number": Probe("councils.BookChange", {}),
    "change_ends_after": Probe("councils.BookChange", {"last_on": date(2026, 5, 3)}),
    "one_entry_a_place": Probe("audit.Entry", {}),
    "chained_or_not": Probe("audit.Entry", {"place": None}),
    "one_chain": Probe("audit.ChainHead", {}),
    "one_key_a_person": Probe("audit.PersonKey", {}),
    "key_lives_or_is_destroyed": Probe("audit.PersonKey", {"wrapped": None}),
    # accounts
    "known_role": Probe("accounts.Membership", {"role": "king"}),
    "provider_for_its_people": Probe("accounts.Membership", {"role": "provider_office"}),
    "limit_for_approvers": Probe("accounts.Membership", {"approval_limit_pence": 1}),
    "role_ends_after": Probe("accounts.Membership", {"until_on": date(2026, 5, 3)}),
    "one_lasting_role": Probe("accounts.Membership", {}),
    "one_lasting_role_at_provider": Probe(
        "accounts.Membership",
        {"role": "care_worker", "provider": 1},
        besides={"role": "care_worker", "provider": 1},
    ),
    # people
    "one_person_a_ref": Probe("people.Person", {}),
    "person_has_ref": Probe("people.Person", {"ref": ""}),
    "restricted_has_guardian": Probe("people.Person", {"is_restricted": True}),
    "born_before_died": Probe("people.Person", {"born_on": NEXT, "died_on": DAY}),
    "disposed_says_nothing": Probe("people.Person", {"disposed_on": LATER}),
    "one_likeness_a_pair": Probe("people.LikelySame", {}),
    "smaller_key_first": Probe("people.LikelySame", {"other": "people.Person"}),
    "known_likeness": Probe(
        "people.LikelySame", {"verdict": "perhaps", "decided_by": "user:1", "decided_at": NOW}
    ),
    "likeness_decided_by_somebody": Probe("people.LikelySame", {"verdict": "same"}),
    "likeness_is_a_percent": Probe("people.LikelySame", {"probability_percent": 101}),
    # providers
    "one_provider_a_ref": Probe("providers.Provider", {}),
    "provider_has_ref": Probe("providers.Provider", {"ref": ""}),
    "one_worker_a_ref": Probe("providers.Worker", {}),
    "worker_has_ref": Probe("providers.Worker", {"ref": ""}),
    "one_service_a_code": Probe("providers.ServiceCode", {}),
    "service_code_is_whole": Probe("providers.ServiceCode", {"their_code": ""}),
    "one_contract_a_ref": Probe("providers.Contract", {}),
    "contract_has_ref": Probe("providers.Contract", {"ref": ""}),
    "one_terms_a_day": Probe("providers.ContractTerms", {}),
    "rounding_in_a_day": Probe("providers.ContractTerms", {"round_to_minutes": 0}),
    "terms_in_known_words": Probe("providers.ContractTerms", {"cap": "some"}),
    "one_card_a_day": Probe("providers.RateCard", {}),
    "card_has_service": Probe("providers.RateCard", {"service": ""}),
    "known_day_type": Probe("providers.Rate", {"day_type": "feast"}),
    "rate_is_not_negative": Probe("providers.Rate", {"amount_pence": -1}),
    "rate_slot_1_or_2": Probe("providers.Rate", {"slot": 3}),
    "rate_minutes_in_a_day": Probe("providers.Rate", {"minutes": 0}),
    "band_whole_or_none": Probe("providers.Rate", {"band_from_minute": 60}),
    "one_set_of_rules": Probe("providers.SettlementRules", {}),
    "rules_in_range": Probe("providers.SettlementRules", {"window_minutes": 0}),
    # orders
    "one_order_a_ref": Probe("orders.Order", {}),
    "order_is_named": Probe("orders.Order", {"service": ""}),
    "order_in_known_words": Probe("orders.Order", {"funding_source": "charity"}),
    "share_of_joint_orders": Probe("orders.Order", {"funding_source": "joint"}),
    "scheme_limits_a_scheme": Probe("orders.Order", {"scheme_weeks_limit": 6}),
    "assessed_after_referral": Probe(
        "orders.Order", {"assessment_referred_on": NEXT, "assessment_done_on": DAY}
    ),
    "increases_another": Probe("orders.Order", {"id": 900_000, "increases_id": 900_000}),
    "orders_orderversion_no_overlap": Probe(
        "orders.OrderVersion", {"starts_on": NEXT, "ends_on": LATER}
    ),
    "version_ends_after": Probe("orders.OrderVersion", {"starts_on": LATER, "ends_on": NEXT}),
    "version_of_one_basis": Probe("orders.OrderVersion", {**_OTHER_DAYS, "weekly_minutes": 60}),
    "one_or_two_carers": Probe("orders.OrderVersion", {**_OTHER_DAYS, "carers": 3}),
    "known_absence": Probe("orders.Suspension", {"reason": "bored"}),
    "suspension_ends_after": Probe("orders.Suspension", {"to_on": date(2026, 5, 3)}),
    "suspended_from_a_time": Probe("orders.Suspension", {"from_minute": 1440}),
    "suspended_to_a_time": Probe("orders.Suspension", {"to_minute": 1441}),
    # visits, invoices
    "visit_in_known_words": Probe("visits.Visit", {"in_method": "post"}),
    "visit_is_named": Probe("visits.Visit", {"ref": ""}),
    "visit_names_worker_or_plan": Probe("visits.Visit", {"worker_ref": ""}),
    "claim_whole_or_none": Probe("visits.Visit", {"claimed_minutes": 30}),
    "invoice_row_ends_after": Probe("invoices.InvoiceRow", {"to_on": date(2026, 5, 3)}),
    "only_credits_take_minutes": Probe("invoices.InvoiceRow", {"minutes": -1}),
    # settlement
    "one_run_a_version": Probe("settlement.Run", {"status": "stopped"}),
    "one_active_run_a_period": Probe("settlement.Run", {"version": 2}),
    "one_approved_run_a_period": Probe(
        "settlement.Run", {**_APPROVED, "version": 3}, besides={**_APPROVED, "version": 2}
    ),
    "known_run_status": Probe("settlement.Run", {"status": "lost"}),
    "run_ends_after": Probe("settlement.Run", {"last_on": date(2026, 5, 3)}),
    "versions_count_from_1": Probe("settlement.Run", {"version": 0}),
    "approved_by_somebody": Probe("settlement.Run", {"approved_by": "user:1"}),
    "settled_run_is_whole": Probe("settlement.Run", {"status": "settled", "version": 2}),
    "one_line_a_ref": Probe("settlement.Line", {}),
    "known_outcome": Probe("settlement.Line", {"outcome": "lost"}),
    "held_or_due": Probe("settlement.Line", {"due_pence": None}),
    "decided_or_as_settled": Probe("settlement.Line", {"held": True}),
    "finding_in_known_words": Probe("settlement.RunFinding", {"kind": "odd"}),
    "finding_row_whole_or_none": Probe("settlement.RunFinding", {"batch": 1}),
    "one_use_a_week": Probe("settlement.WeekUse", {}),
    "allowance_is_positive": Probe("settlement.WeekUse", {"allowance_minutes": -1}),
    "one_difference_a_line": Probe("settlement.Difference", {}),
    "something_differs": Probe("settlement.Difference", {"after": None}),
    "one_decision_a_line": Probe("settlement.Decision", {}),
    "one_decision_a_visit": Probe(
        "settlement.Decision",
        {"line_ref": "", "visit_ref": "V1", "ruling": "ask_provider"},
        besides={"line_ref": "", "visit_ref": "V1", "ruling": "ask_provider"},
    ),
    "decision_of_line_or_visit": Probe(
        "settlement.Decision", {"visit_ref": "V1", "ruling": "ask_provider"}
    ),
    "known_ruling": Probe("settlement.Decision", {"ruling": "shrug"}),
    "decision_has_reason": Probe("settlement.Decision", {"reason": ""}),
    "corrected_clock_has_evidence": Probe(
        "settlement.Decision",
        {
            "line_ref": "",
            "visit_ref": "V1",
            "ruling": "correct_clock",
            "check_in": NOW,
            "check_out": NOW,
        },
    ),
    "unplanned_against_an_order": Probe("settlement.Decision", {"ruling": "accept_unplanned"}),
    "undone_whole_or_not": Probe("settlement.Decision", {"undone_by": "user:1"}),
    "ruling_fits_line_or_visit": Probe(
        "settlement.Decision", {"line_ref": "", "visit_ref": "V1", "ruling": "reject"}
    ),
    "decision_rests_on_facts": Probe("settlement.Decision", {"basis": "facts"}),
    "decision_ends_after": Probe("settlement.Decision", {"last_on": date(2026, 5, 3)}),
    # interchange
    "one_profile_a_version": Probe("interchange.Profile", {}),
    "profile_is_named_and_counted": Probe("interchange.Profile", {"version": 0}),
    "known_batch_status": Probe("interchange.Batch", {"status": "lost"}),
    "batch_checked_by_somebody": Probe("interchange.Batch", {"status": "checked"}),
    "batch_applied_by_somebody": Probe("interchange.Batch", {"applied_by": "user:1"}),
    "batch_abandoned_by_somebody": Probe("interchange.Batch", {"abandoned_by": "user:1"}),
    "batch_ends_after": Probe("interchange.Batch", {"last_on": DAY}),
    "known_problem_code": Probe("interchange.Problem", {"code": "odd"}),
    "one_package_a_key": Probe("interchange.Package", {"sha256": "b" * 64}),
    "one_package_a_content": Probe("interchange.Package", {"has_key": False}),
    "known_package_status": Probe("interchange.Package", {"status": "lost"}),
    "key_is_something": Probe("interchange.Package", {"key": ""}),
    "decided_at_a_time": Probe("interchange.Package", {"decisions": 1}),
    "accepted_has_key": Probe("interchange.Package", {"status": "accepted"}),
    "one_return_a_place": Probe("interchange.Return", {}),
    "return_in_known_words": Probe("interchange.Return", {"code": "odd"}),
    "told_in_known_words": Probe("interchange.Acknowledgement", {"how": "smoke"}),
    "one_folder_a_path": Probe("interchange.DropFolder", {}),
    "one_file_a_content": Probe("interchange.DropFile", {}),
    "one_message_a_key": Probe("interchange.Outgoing", {"name": "other.csv"}),
    "one_message_a_name": Probe("interchange.Outgoing", {"key": "M2"}),
    "known_outgoing_status": Probe("interchange.Outgoing", {"status": "lost"}),
    "refused_says_why": Probe(
        "interchange.Outgoing", {"status": "refused", "handed_at": NOW, "attempts": 1}
    ),
    "handed_over_at_a_time": Probe("interchange.Outgoing", {"status": "handed_over"}),
    "message_is_named": Probe("interchange.Outgoing", {"kind": "Pay ments"}),
    "one_total_a_day": Probe("interchange.ControlTotal", {}),
    "total_in_known_words": Probe("interchange.ControlTotal", {"direction": "up"}),
    "one_case_a_ref": Probe("interchange.SystemCase", {}),
    "known_case_status": Probe("interchange.SystemCase", {"status": "lost"}),
    "one_code_a_day": Probe("orders.LedgerCode", {}),
    "ledger_code_is_named": Probe("orders.LedgerCode", {"code": ""}),
    "code_ends_after": Probe("orders.LedgerCode", {"until_on": date(2026, 5, 3)}),
}
"""For each constraint a row that it alone refuses. Text that names a model stands for the row made."""


def model_called(label: str) -> Any:
    """Return a model by its label."""
    return apps.get_model(label)


def one_of_each(code: str) -> Made:
    """Begin a council and make one row of every model behind the wall, by label; also a user's role."""
    council = open_council(code=code, name=f"{code} (invented)", by="console:test", at=NOW)
    made: Made = {"councils.Council": council}
    made["accounts.User"] = model_called("accounts.User").objects.create(
        email=f"ada@{code}.example", name="Ada", created_at=NOW
    )
    made["clockwork.Turn"] = model_called("clockwork.Turn").objects.create(
        deed=f"probe {code}", next_at=NOW
    )
    made["accounts.Membership"] = model_called("accounts.Membership").objects.create(
        user=made["accounts.User"],
        council=council,
        role="broker",
        since_on=DAY,
        given_by="console:test",
    )
    with scoped(writing(council.pk)):
        for label in ("audit.Entry", "audit.ChainHead"):
            made[label] = model_called(label).objects.get()
        for label, values in MAKES.items():
            made[label] = model_called(label).objects.create(council=council, **values(made))
    return made


def _another(label: str, made: Made, **changes: Any) -> models.Model:
    """Make a second row of a model, like the one made but for some columns."""
    row: models.Model = model_called(label).objects.create(**{**values_of(made[label]), **changes})
    return row


def values_of(row: models.Model) -> dict[str, Any]:
    """Return a row's columns, but its key."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }


def changed(made: Made, label: str, changes: Mapping[str, Any]) -> models.Model:
    """Return a row like the one made but for some columns, not yet written."""
    values = values_of(made[label])
    for name, value in changes.items():
        if isinstance(value, str) and value in made:
            values[f"{name}_id"] = made[value].pk
        else:
            field = model_called(label)._meta.get_field(name.removesuffix("_id"))
            values[field.attname if name != "id" else "id"] = value
    row: models.Model = model_called(label)(**values)
    return row

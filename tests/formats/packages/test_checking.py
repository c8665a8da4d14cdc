"""A package against the books: every return code, who must act, and what is no reason."""

from datetime import date
from typing import Any

import pytest

from carethread.engine.words import Basis
from carethread.formats.books.records import PersonRow
from carethread.formats.packages.acknowledging import acknowledgement
from carethread.formats.packages.canonical import fingerprint
from carethread.formats.packages.catalogue import CATALOGUE, FIELD_FIXERS
from carethread.formats.packages.changing import Move, after, move_of
from carethread.formats.packages.checking import check, is_repeat
from carethread.formats.packages.known import ContractKnown, ProviderKnown
from carethread.formats.packages.records import PackageRead, Returned
from carethread.formats.packages.tables import PACKAGES
from carethread.formats.packages.words import Fixer, ReturnCode
from tests.formats.packages.messages import HOURS, Books, order, package

A_CONTRACT = ContractKnown(frozenset({"A"}))


def reasons(books: Books, *orders: dict[str, Any], **head: Any) -> list[tuple[str, str, int | None]]:
    returns = check(package(*orders, **head), books)
    return [(one.code.value, one.field, one.line) for one in returns]


def test_a_good_package_has_no_reason_to_be_returned() -> None:
    evening = {"start_time": "18:00", "cost_centre": "C100", "ledger_code": "L200"}
    assert reasons(Books(), {}, evening) == []


@pytest.mark.parametrize(
    ("books", "line", "reason"),
    [
        (Books(), {"provider_id": "B"}, ("unknown_provider", "provider_id", 1)),
        (Books(contracts={}), {}, ("unknown_contract", "contract_id", 1)),
        (
            Books(contracts={"LOT-1": ContractKnown(frozenset())}),
            {},
            ("contract_of_other_provider", "contract_id", 1),
        ),
        (Books(), {"starts_on": "2026-04-05"}, ("starts_before_contract", "starts_on", 1)),
        (Books(), {"starts_on": "2027-04-06"}, ("starts_after_contract", "starts_on", 1)),
        (Books(), {"service": "SITTING"}, ("no_rate", "service", 1)),
        (
            Books(contracts={"LOT-1": A_CONTRACT}),
            {"starts_on": "2026-04-05"},
            ("no_rate", "service", 1),
        ),
        (Books(), {"cost_centre": "C9"}, ("unknown_cost_centre", "cost_centre", 1)),
        (Books(), {"ledger_code": "L9"}, ("unknown_ledger_code", "ledger_code", 1)),
        (Books(), {"increases_order_id": "O1"}, ("unknown_increased_order", "increases_order_id", 1)),
        (
            Books(orders=[order(person_id="P2")]),
            {"order_id": "O1"},
            ("order_of_other_person", "order_id", 1),
        ),
        (
            Books(orders=[order()]),
            {"order_id": "O1", "minutes": 45},
            ("overlaps_existing_order", "starts_on", 1),
        ),
        (
            Books(orders=[order()]),
            {"order_id": "O1", "starts_on": "2026-05-10"},
            ("overlaps_existing_order", "starts_on", 1),
        ),
        (
            Books(orders=[order(service="SIT")]),
            {"order_id": "O1", "starts_on": "2026-06-01"},
            ("order_of_other_care", "service", 1),
        ),
        (
            Books(providers={"A": ProviderKnown(date(2026, 12, 31))}),
            {},
            ("provider_closed", "provider_id", 1),
        ),
        (
            Books(contracts={"LOT-1": ContractKnown(has_terms=False)}),
            {},
            ("no_terms", "contract_id", 1),
        ),
        (
            Books(),
            {"cost_centre": "C100", "ledger_code": "L300"},
            ("coding_does_not_fit", "ledger_code", 1),
        ),
        (Books(orders=[order()]), {}, ("duplicate_care", "service", 1)),
    ],
)
def test_an_order_line_is_returned(
    books: Books, line: dict[str, Any], reason: tuple[str, str, int | None]
) -> None:
    found = reasons(books, line)
    if reason[0] == "unknown_provider":
        assert found.pop() == ("contract_of_other_provider", "contract_id", 1)
    assert found == [reason]


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ({"plan_authorised_on": None}, "plan_authorised_on"),
        ({"plan_authorised_by": ""}, "plan_authorised_by"),
        ({"plan_authorised_on": "2026-05-02"}, "plan_authorised_on"),
    ],
)
def test_a_plan_must_have_been_authorised_when_the_package_was_sent(
    head: dict[str, Any], field: str
) -> None:
    assert reasons(Books(), **head) == [("plan_not_authorised", field, None)]
    assert reasons(Books(), plan_authorised_on="2026-05-01") == []


def test_details_that_tell_people_apart_must_agree_and_are_not_given_away() -> None:
    there = PersonRow(0, "P1", "Ada", "Other", date(1950, 1, 1), "M1 1AE", "4010232137")
    returns = check(package(), Books(people={"P1": there}))
    assert [(one.code.value, one.field) for one in returns] == [
        ("person_details_conflict", "born_on"),
        ("person_details_conflict", "nhs_number"),
    ]
    assert "1950" not in returns[0].sentence
    assert reasons(Books(people={"P1": PersonRow(0, "P1", "Adah", postcode="M1 1AE")})) == []


def test_nobody_is_cared_for_after_death() -> None:
    died = {"died_on": "2026-05-10"}
    assert reasons(Books(), person=died) == [("person_has_died", "starts_on", 1)]
    there = PersonRow(0, "P1", died_on=date(2026, 5, 10))
    assert reasons(Books(people={"P1": there})) == [("person_has_died", "starts_on", 1)]
    assert reasons(Books(), person={"died_on": "2026-05-11"}) == []


def test_a_key_stands_for_one_content() -> None:
    books = Books(taken={"CM-1": fingerprint(package())}, orders=[order()])
    assert is_repeat(package(sent_at="2026-05-03T09:00Z"), books)
    assert reasons(books, sent_at="2026-05-03T09:00Z") == []
    assert reasons(books, {"minutes": 45}) == [("key_reused_with_other_content", "key", None)]
    assert not is_repeat(package(key="CM-2"), books)


@pytest.mark.parametrize(
    ("there", "line", "duplicate"),
    [
        ({}, {"start_time": "08:29"}, True),
        ({}, {"start_time": "08:30"}, False),
        ({}, {"start_time": "07:30", "minutes": 31}, True),
        ({}, {"start_time": "07:30"}, False),
        ({"days": "1000000"}, {"days": "0111111"}, False),
        ({"service": "SIT"}, {}, False),
        ({"person_id": "P2"}, {}, False),
        ({"ends_on": date(2026, 5, 10)}, {}, False),
        ({"ends_on": date(2026, 5, 11)}, {}, True),
        ({"starts_on": date(2026, 6, 1)}, {"ends_on": "2026-05-31"}, False),
        ({"provider_id": "B"}, {}, True),
        ({"start_minute": 1430}, {"start_time": "00:10"}, True),
        ({"start_minute": 1430, "days": "0000001"}, {"start_time": "00:10", "days": "1000000"}, True),
        ({"start_minute": 10, "days": "1000000"}, {"start_time": "23:50", "days": "0000001"}, True),
        ({"basis": Basis.WEEKLY_HOURS, "weekly_minutes": 60}, {}, False),
        ({"basis": Basis.WEEKLY_HOURS, "weekly_minutes": 60}, HOURS, True),
        (
            {"basis": Basis.WEEKLY_HOURS, "weekly_minutes": 60},
            HOURS | {"increases_order_id": "O1"},
            False,
        ),
        ({}, {"increases_order_id": "O1"}, True),
    ],
)
def test_care_is_ordered_once(there: dict[str, Any], line: dict[str, Any], *, duplicate: bool) -> None:
    books = Books(orders=[order(**there)])
    assert reasons(books, line) == ([("duplicate_care", "service", 1)] if duplicate else [])


def test_lines_of_one_package_are_held_against_each_other() -> None:
    assert reasons(Books(), {}, {"start_time": "08:15"}) == [("duplicate_care", "service", 2)]
    (one,) = check(package({}, {}), Books())
    assert "order line 1 has 'PC' at the same time, from 2026-05-11 without an end" in one.detail
    assert reasons(Books(), {"order_id": "O1"}, {"order_id": "O1", "start_time": "18:00"}) == [
        ("overlaps_existing_order", "starts_on", 2)
    ]


def test_a_new_version_after_the_old_one_is_taken() -> None:
    books = Books(orders=[order(ends_on=date(2026, 5, 10), starts_on=date(2026, 4, 6))])
    assert reasons(books, {"order_id": "O1"}) == []


def test_a_line_changes_an_order_or_ends_it() -> None:
    books = Books(orders=[order(starts_on=date(2026, 4, 6))])
    assert reasons(books, {"order_id": "O1"}) == []
    ends = {"order_id": "O1", "starts_on": "2026-04-06", "ends_on": "2026-05-10"}
    assert reasons(books, ends) == []
    assert reasons(books, {}, ends) == []
    assert reasons(books, {}) == [("duplicate_care", "service", 1)]


def test_ending_needs_neither_rate_nor_open_provider() -> None:
    books = Books(orders=[order()], providers={}, rates=frozenset(), contracts={})
    ends = {"order_id": "O1", "ends_on": "2026-06-10"}
    assert reasons(books, ends) == []
    assert len(reasons(books, ends | {"starts_on": "2026-06-01"})) == 2


def test_what_is_said_of_an_order_again_changes_nothing() -> None:
    there = order()
    line = package({"order_id": "O1"}).orders[0]
    assert move_of(line, [there]) is Move.KEEP
    assert after(line, [there]) == [there]


def test_a_change_ends_what_was_in_force_the_day_before() -> None:
    line = package({"order_id": "O1", "starts_on": "2026-06-01", "minutes": 45}).orders[0]
    assert move_of(line, [order()]) is Move.CHANGE
    assert [one.ends_on for one in after(line, [order()])] == [date(2026, 5, 31), None]
    ended = order(ends_on=date(2026, 5, 20))
    assert [one.ends_on for one in after(line, [ended])] == [date(2026, 5, 20), None]


def test_only_what_was_returned_can_be_replaced_and_nobody_disposed_of_comes_back() -> None:
    assert reasons(Books(returned=frozenset({"CM-0"})), replaces="CM-0") == []
    assert reasons(Books(), replaces="CM-0") == [("cannot_replace", "replaces", None)]
    gone = Books(disposed=frozenset({"P1"}))
    assert reasons(gone) == [("record_disposed", "person_id", None)]


def test_every_code_says_what_to_do_and_who() -> None:
    assert set(CATALOGUE) == set(ReturnCode)
    for code, entry in CATALOGUE.items():
        assert entry.to_do.endswith("."), code
        assert entry.label[0].isupper(), code
    assert {entry.who for entry in CATALOGUE.values()} == set(Fixer)


def test_who_fills_a_field_in_must_put_it_right() -> None:
    assert set(FIELD_FIXERS) - {column.name for column in PACKAGES.columns} == set()
    expected = {
        "born_on": Fixer.SOCIAL_WORKER,
        "plan_ref": Fixer.SOCIAL_WORKER,
        "ledger_code": Fixer.FINANCE,
        "minutes": Fixer.BROKER,
        "sent_at": Fixer.SYSTEM_ADMINISTRATOR,
    }
    for name, who in expected.items():
        assert Returned(ReturnCode.MISSING_FIELD, "is empty", name).who is who
    assert Returned(ReturnCode.UNKNOWN_LEDGER_CODE, "x", "minutes").who is Fixer.FINANCE


def test_the_answer_says_everything() -> None:
    one = package()
    read = PackageRead(one.key, one, ())
    assert acknowledgement(read, []) == {
        "key": "CM-1",
        "sha256": fingerprint(one),
        "outcome": "accepted",
        "returns": [],
    }
    answer = acknowledgement(read, check(one, Books(contracts={})))
    assert answer["outcome"] == "returned"
    (said,) = answer["returns"]
    assert said["sentence"] == (
        "Order line 1, contract_id: contract 'LOT-1' is not known. "
        "Send the right contract with a new key, or have this one added and the package checked again."
    )
    assert (said["code"], said["who"], said["order_line"]) == (
        "unknown_contract",
        "contract_manager",
        1,
    )
    unread = PackageRead("", None, [Returned(ReturnCode.UNREADABLE, "the message is not JSON")])
    answer = acknowledgement(unread, [])
    assert (answer["sha256"], answer["outcome"]) == (None, "returned")
    assert answer["returns"][0]["sentence"].startswith("The message is not JSON. Nothing of")

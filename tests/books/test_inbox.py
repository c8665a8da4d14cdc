"""Packages that come in: accepted whole or returned with reasons, the same again the same answer."""

from datetime import date
from typing import Any

import pytest

from carethread.audit.actions import destroy_key
from carethread.audit.models import Entry
from carethread.audit.queries import opened_for, values_of, verify
from carethread.councils.models import BookChange
from carethread.interchange.actions_inbox import check_again, decide_waiting, withdraw_package
from carethread.interchange.models import Acknowledgement, Package
from carethread.interchange.queries_inbox import package_at
from carethread.interchange.states import OUTGOING, PACKAGE, OutgoingStatus, PackageStatus
from carethread.kit.unable import UnableTo
from carethread.orders.models import LedgerCode, Order
from carethread.people.models import Person
from carethread.providers.models import Provider, Rate, RateCard
from carethread.wall.scope import reading, scoped, writing
from tests.books.boundary import NOW, codes, content, furnished, later, orders_in, take
from tests.databases import Books
from tests.formats.packages.messages import HOURS


def test_every_status_can_be_reached_or_is_final() -> None:
    assert PACKAGE.reachable() == set(PackageStatus)
    assert PACKAGE.final() == {
        PackageStatus.ACCEPTED,
        PackageStatus.REPLACED,
        PackageStatus.WITHDRAWN,
    }
    assert OUTGOING.reachable() == set(OutgoingStatus)
    assert OUTGOING.final() == {OutgoingStatus.ACKNOWLEDGED, OutgoingStatus.CANCELLED}


def test_a_good_package_makes_person_and_orders(books: Books) -> None:
    council = furnished()
    coded = {"cost_centre": "C100", "ledger_code": "L200", "start_time": "18:00"}
    receipt = take(council, {"order_id": "O-9"}, coded)
    assert (receipt.is_new, receipt.package.status) == (True, "accepted")
    assert receipt.package.made == [["O-9", "place"], ["CT2", "place"]]
    assert receipt.package.weekly_minutes == 2 * 7 * 30
    assert receipt.package.weekly_pence == 2 * 7 * 1000
    assert orders_in(council) == [
        ("CT2", [("2026-05-11", "None")]),
        ("O-9", [("2026-05-11", "None")]),
    ]
    with scoped(reading(council.pk)):
        person = Person.objects.get()
        assert (person.ref, person.given_name, person.born_on) == ("P1", "Ada", date(1941, 2, 3))
        order = Order.objects.get(ref="CT2")
        assert (order.plan_ref, order.cost_centre, order.ledger_code) == ("SP-7", "C100", "L200")
        assert [one.what for one in BookChange.objects.order_by("number")] == ["order placed"] * 2
        actions = list(Entry.objects.order_by("pk").values_list("action", flat=True))
        assert actions[-5:] == [
            "package.received",
            "person.added",
            "order.placed",
            "order.placed",
            "package.accepted",
        ]
        assert verify().broken == ()


def test_the_same_again_is_the_same_answer_and_changes_nothing(books: Books) -> None:
    council = furnished()
    first = take(council)
    again = take(council, at=later(days=1), sent_at="2026-05-03T09:00Z")
    assert (again.is_new, again.package.pk) == (False, first.package.pk)
    assert again.package.decided_at == NOW
    assert len(orders_in(council)) == 1


def test_a_key_is_not_for_other_content(books: Books) -> None:
    council = furnished()
    first = take(council)
    other = take(council, {"minutes": 45}, at=later(hours=1))
    assert (other.package.status, codes(other)) == ("returned", ["key_reused_with_other_content"])
    assert other.package.address == f"~{other.package.pk}"
    assert take(council, {"minutes": 45}).package.pk == other.package.pk
    broken = take(council, raw=b'{"key": "CM-1", "orders": []}')
    assert codes(broken)[0] == "key_reused_with_other_content"
    assert "missing_field" in codes(broken)
    with scoped(reading(council.pk)):
        found = package_at("CM-1")
        assert found is not None
        assert found.pk == first.package.pk
        found = package_at(other.package.address)
        assert found is not None
        assert found.pk == other.package.pk
        assert package_at("~") is package_at("~9x") is package_at("~" + "9" * 30) is None


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"provider_id": "B"}, "unknown_provider"),
        ({"contract_id": "LOT-2"}, "unknown_contract"),
        ({"contract_id": "LOT-3"}, "no_terms"),
        ({"starts_on": "2026-04-05"}, "starts_before_contract"),
        ({"service": "SIT"}, "no_rate"),
        ({"service": "WEEKDAYS"}, "no_rate"),
        (HOURS | {"service": "WEEKDAYS"}, "no_rate"),
        ({"provider_id": "SHUT"}, "provider_closed"),
        ({"ledger_code": "L9"}, "unknown_ledger_code"),
        ({"cost_centre": "C9"}, "unknown_cost_centre"),
        ({"cost_centre": "C100", "ledger_code": "L300"}, "coding_does_not_fit"),
        ({"increases_order_id": "O1"}, "unknown_increased_order"),
    ],
)
def test_what_the_books_do_not_bear_is_returned(books: Books, line: dict[str, Any], code: str) -> None:
    council = furnished()
    with scoped(writing(council.pk)):
        card = RateCard.objects.get()
        others = {"council": council, "contract": card.contract}
        weekdays = RateCard.objects.create(**others, service="WEEKDAYS", from_on=card.from_on)
        Rate.objects.create(
            council=council, card=weekdays, row=3, day_type="weekday", amount_pence=2000
        )
        type(card.contract).objects.create(council=council, ref="LOT-3")
        closed = {"ref": "SHUT", "closed_on": date(2026, 5, 1)}
        Provider.objects.create(council=council, **closed)
        LedgerCode.objects.create(
            council=council, code="L300", cost_centre="C200", from_on=card.from_on
        )
    receipt = take(council, line)
    assert (receipt.package.status, codes(receipt)) == ("returned", [code])
    assert orders_in(council) == []
    with scoped(reading(council.pk)):
        assert Person.objects.count() == 0
        said = receipt.package.returns.get()
        assert said.sentence.endswith(".")
        assert said.who
        if code == "no_rate" and line["service"] == "WEEKDAYS":
            assert "on a Saturday" in said.sentence


def test_nothing_is_half_accepted(books: Books) -> None:
    council = furnished()
    receipt = take(council, {}, {"start_time": "18:00", "service": "SIT"})
    assert receipt.package.status == "returned"
    assert orders_in(council) == []


def test_a_change_ends_what_was_in_force_and_an_end_ends(books: Books) -> None:
    council = furnished()
    take(council, {"order_id": "O1"})
    change = {"order_id": "O1", "starts_on": "2026-06-01", "minutes": 45}
    changed = take(council, change, key="CM-2", at=later(days=1))
    assert changed.package.made == [["O1", "change"]]
    assert orders_in(council) == [("O1", [("2026-05-11", "2026-05-31"), ("2026-06-01", "None")])]
    ended = take(council, change | {"ends_on": "2026-06-30"}, key="CM-3", at=later(days=2))
    assert ended.package.made == [["O1", "end"]]
    assert orders_in(council)[0][1][1] == ("2026-06-01", "2026-06-30")
    same = take(council, change | {"ends_on": "2026-06-30"}, key="CM-4", at=later(days=3))
    assert same.package.made == [["O1", "keep"]]
    with scoped(reading(council.pk)):
        bears_on = [(str(one.first_on), str(one.last_on)) for one in BookChange.objects.all()]
        assert bears_on == [
            ("2026-05-11", "None"),
            ("2026-06-01", "None"),
            ("2026-07-01", "None"),
        ]
        entry = Entry.objects.get(action="order.changed")
        values = values_of(entry)
        assert values is not None
        assert values.why == "package CM-2"
        assert values.before is not None
        assert values.after is not None
        assert (values.before["minutes"], values.after["minutes"]) == (30, 45)


def test_one_line_ends_and_another_begins(books: Books) -> None:
    council = furnished()
    take(council, {"order_id": "O1"})
    ends = {"order_id": "O1", "ends_on": "2026-05-31"}
    moved = take(council, {"starts_on": "2026-06-01"}, ends, key="CM-2")
    assert moved.package.made == [["O1", "end"], ["CT2", "place"]]


def test_what_is_empty_in_a_package_does_not_empty_the_books(books: Books) -> None:
    council = furnished()
    take(council, {"order_id": "O1", "ledger_code": "L200"}, person={"postcode": "M1 1AE"})
    less = {"given_name": None, "born_on": None, "nhs_number": None, "family_name": "Byron"}
    take(council, {"order_id": "O1"}, person=less, key="CM-2", at=later(days=1))
    with scoped(reading(council.pk)):
        person = Person.objects.get()
        assert (person.given_name, person.family_name) == ("Ada", "Byron")
        assert (person.postcode, person.born_on) == ("M1 1AE", date(1941, 2, 3))
        assert Order.objects.get().ledger_code == "L200"
        values = values_of(Entry.objects.get(action="person.changed"))
        assert values is not None
        assert (values.before, values.after) == ({"family_name": ""}, {"family_name": "Byron"})


def test_a_correction_closes_what_it_replaces(books: Books) -> None:
    council = furnished()
    take(council, {"service": "SIT"})
    other = take(council, {"provider_id": "B"}, key="CM-2", replaces="CM-1", at=later(hours=1))
    assert codes(other) == ["unknown_provider"]
    good = take(council, key="CM-3", replaces="CM-2", at=later(hours=2))
    assert good.package.status == "accepted"
    with scoped(reading(council.pk)):
        statuses = dict(Package.objects.values_list("key", "status"))
    assert statuses == {"CM-1": "replaced", "CM-2": "replaced", "CM-3": "accepted"}
    late = take(council, {"start_time": "18:00"}, key="CM-4", replaces="CM-3")
    assert codes(late) == ["cannot_replace"]


def test_what_was_returned_is_accepted_once_the_books_are_mended(books: Books) -> None:
    council = furnished()
    take(council, {"provider_id": "B"}, key="CM-0")
    returned = take(council, {"service": "SIT"}, replaces="CM-0")
    with scoped(writing(council.pk)):
        again = check_again(package=returned.package, by="user:1", at=later(days=1))
        assert (again.status, again.decisions) == ("returned", 2)
        card = RateCard.objects.get()
        sit = RateCard.objects.create(
            council=council, contract=card.contract, service="SIT", from_on=card.from_on
        )
        Rate.objects.create(council=council, card=sit, row=9, day_type="any", amount_pence=1)
        again = check_again(package=returned.package, by="user:1", at=later(days=2))
        assert (again.status, again.made) == ("accepted", [["CT1", "place"]])
        with pytest.raises(UnableTo, match="is accepted"):
            check_again(package=returned.package, by="user:1", at=later(days=2))
        with pytest.raises(UnableTo, match="end its orders by another package"):
            withdraw_package(package=again, why="", by="client:1", at=later(days=2))


def test_a_package_is_withdrawn_once(books: Books) -> None:
    council = furnished()
    returned = take(council, {"service": "SIT"})
    with scoped(writing(council.pk)):
        for _ in range(2):
            gone = withdraw_package(
                package=returned.package, why="sent twice", by="client:1", at=later(hours=1)
            )
            assert gone.status == "withdrawn"
        assert Entry.objects.filter(action="package.withdrawn").count() == 1
    take(council, {"service": "SIT"}, key="CM-2")
    take(council, {"service": "SIT"}, key="CM-3", replaces="CM-2")
    with scoped(writing(council.pk)):
        replaced = Package.objects.get(key="CM-2")
        with pytest.raises(UnableTo, match="withdraw the one in its place"):
            withdraw_package(package=replaced, why="", by="client:1", at=later(hours=1))


def test_what_cannot_be_read_is_kept_without_its_content(books: Books) -> None:
    council = furnished()
    receipt = take(council, raw=b'{"person": {"given_name": "Ada"}')
    assert codes(receipt) == ["unreadable"]
    assert (receipt.package.key, receipt.package.content) == ("", None)
    assert take(council, raw=b'{"person": {"given_name": "Ada"}').package.pk == receipt.package.pk
    with scoped(writing(council.pk)), pytest.raises(UnableTo, match="could not be read"):
        check_again(package=receipt.package, by="user:1", at=NOW)


def test_content_is_sealed_for_the_person_and_dies_with_their_key(books: Books) -> None:
    council = furnished()
    receipt = take(council, {"service": "SIT"})
    with scoped(writing(council.pk)):
        package = Package.objects.get()
        assert b"Ada" not in bytes(package.content)
        assert b"Ada" in (opened_for("P1", package.content) or b"")
        destroy_key(person_ref="P1", by="user:1", at=later(days=1))
        assert opened_for("P1", package.content) is None
        with pytest.raises(UnableTo, match="have it sent"):
            check_again(package=receipt.package, by="user:1", at=later(days=2))
    back = take(council, key="CM-2", at=later(days=3))
    assert codes(back) == ["record_disposed"]
    assert back.package.content is None


def test_the_sender_is_told_once_for_each_outcome(books: Books) -> None:
    council = furnished()
    for day in range(3):
        take(council, at=later(days=day))
    with scoped(reading(council.pk)):
        told = Acknowledgement.objects.values_list("how", "to", "status")
        assert list(told) == [("answer", "client:1", "accepted")]


def test_a_package_whose_deciding_failed_waits_and_is_decided_later(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    council = furnished()

    def fail(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("carethread.interchange.actions_inbox.applied", fail)
        with pytest.raises(RuntimeError):
            take(council)
    with scoped(reading(council.pk)):
        assert Package.objects.get().status == "received"
        assert Person.objects.count() == 0
    assert decide_waiting(council=council.pk, by="system:tick", at=later(hours=1)) == 1
    assert take(council).package.status == "accepted"
    assert len(orders_in(council)) == 1


def test_weekly_hours_are_counted_and_priced(books: Books) -> None:
    council = furnished()
    receipt = take(council, HOURS)
    assert (receipt.package.weekly_minutes, receipt.package.weekly_pence) == (420, 14_000)
    assert take(council, {"service": "X"}, key="K2").package.weekly_pence is None


def test_content_of_one_council_is_not_another_s(books: Books) -> None:
    north, south = furnished(), furnished("south")
    take(north)
    with scoped(reading(south.pk)):
        assert package_at("CM-1") is None
        assert Package.objects.count() == 0
    assert take(south, {"minutes": 45}).package.status == "accepted"
    assert content() != content({"minutes": 45})

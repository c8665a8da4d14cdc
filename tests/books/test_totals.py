"""Control totals both ways, and the cases in one system and not in the other."""

from datetime import date

import pytest

from carethread.councils.models import Council
from carethread.interchange.actions_inbox import withdraw_package
from carethread.interchange.actions_outbox import Message, cancel_outgoing, send
from carethread.interchange.actions_totals import (
    CaseThere,
    explain_total,
    strike,
    take_cases,
    take_totals,
)
from carethread.interchange.cases import apart
from carethread.interchange.models import ControlTotal, SystemCase
from carethread.interchange.states import CaseReason, CaseStatus, Direction, TotalKind
from carethread.interchange.totals import CASE_MANAGEMENT, latest_list
from carethread.kit.unable import UnableTo
from carethread.orders.models import Order
from carethread.wall.scope import reading, scoped, writing
from tests.books.boundary import NOW, furnished, later, take
from tests.databases import Books
from tests.formats.packages.messages import HOURS

DAY = date(2026, 5, 4)
BY = "client:1"


def someone(number: int) -> dict[str, str | None]:
    return {"person_id": f"P{number}", "nhs_number": None, "born_on": None}


def figures(
    council: Council, direction: Direction = Direction.IN, day: date = DAY
) -> dict[str, int | None]:
    with scoped(writing(council.pk)):
        struck = strike(day=day, at=NOW)
        return {one.kind: one.ours for one in struck if one.direction == direction}


def test_what_came_in_on_a_day_is_counted(books: Books) -> None:
    council = furnished()
    take(council, {}, {"start_time": "18:00"})
    take(council, HOURS, key="CM-2", person=someone(2), plan_ref="SP-8")
    take(council, {"service": "SIT"}, key="CM-3", person=someone(3), plan_ref="SP-9")
    take(council, key="CM-4", person=someone(4), at=later(days=1))
    assert figures(council) == {
        "packages_received": 3,
        "packages_accepted": 2,
        "packages_returned": 1,
        "packages_waiting": 1,
        "order_lines": 4,
        "weekly_minutes": 420 + 420 + 210,
        "weekly_pence": None,
        "open_cases": 3,
    }
    assert figures(council, day=date(2026, 5, 5))["weekly_pence"] == 7_000
    assert figures(council, day=date(2026, 5, 3))["packages_received"] == 0


def test_a_day_is_a_london_day(books: Books) -> None:
    council = furnished()
    take(council, at=later(hours=13, minutes=59))  # 23:59 in London
    take(council, key="CM-2", person=someone(2), at=later(hours=14))
    assert figures(council)["packages_received"] == 1
    assert figures(council, day=date(2026, 5, 5))["packages_received"] == 1


def test_what_goes_out_is_counted_for_each_system(books: Books) -> None:
    council = furnished()
    with scoped(writing(council.pk)):
        for number, pence in enumerate((100, 250, 400)):
            one = Message("payments", f"K{number}", f"k{number}.csv", b"x", "ledger", 2, pence)
            send(message=one, by=BY, at=NOW)
        cancel_outgoing(key="K2", why="twice", by=BY, at=NOW)
    assert figures(council, Direction.OUT) == {
        "messages_sent": 2,
        "messages_acknowledged": 0,
        "messages_refused": 0,
        "messages_waiting": 2,
        "rows_sent": 4,
        "pence_sent": 350,
    }


def totals_there(theirs: dict[TotalKind, int]) -> None:
    take_totals(day=DAY, direction=Direction.IN, system=CASE_MANAGEMENT, theirs=theirs, by=BY, at=NOW)


def test_both_sides_of_a_figure_and_why_they_differ(books: Books) -> None:
    council = furnished()
    take(council)
    with scoped(writing(council.pk)):
        theirs = {TotalKind.PACKAGES_RECEIVED: 2, TotalKind.ORDER_LINES: 1}
        totals_there(theirs)
        strike(day=DAY, at=NOW)
        total = ControlTotal.objects.get(kind="packages_received")
        assert (total.ours, total.theirs, total.difference) == (1, 2, -1)
        same = ControlTotal.objects.get(kind="order_lines")
        with pytest.raises(UnableTo, match="no difference"):
            explain_total(total=same, why="?", by=BY, at=NOW)
        explain_total(total=total, why="one was sent at midnight", by=BY, at=NOW)
        totals_there(theirs)
        total.refresh_from_db()
        assert total.explained == "one was sent at midnight"
        totals_there({TotalKind.PACKAGES_RECEIVED: 3})
        total.refresh_from_db()
        assert (total.theirs, total.explained) == (3, "")
        with pytest.raises(UnableTo, match="rows_sent is not counted of what goes in"):
            totals_there({TotalKind.ROWS_SENT: 3})


def lists(council: Council, *cases: tuple[str, str, str], day: date = DAY) -> None:
    with scoped(writing(council.pk)):
        there = [CaseThere(ref, person, CaseStatus(status)) for ref, person, status in cases]
        take_cases(day=day, system=CASE_MANAGEMENT, cases=there, by=BY, at=NOW)


def reasons(council: Council, day: date = DAY) -> list[tuple[str, str, CaseReason, str]]:
    with scoped(reading(council.pk)):
        found = apart(CASE_MANAGEMENT, day)
        return [(one.plan_ref, one.person_ref, one.reason, one.who) for one in found]


def test_every_reason_why_a_case_is_in_one_system_alone(books: Books) -> None:
    council = furnished()
    take(council)
    take(council, {"ends_on": "2026-05-31"}, key="K2", plan_ref="ENDED", person=someone(2))
    take(council, {"service": "SIT"}, key="K3", plan_ref="RETURNED", person=someone(3))
    gone = take(council, {"service": "SIT"}, key="K4", plan_ref="WITHDRAWN", person=someone(4))
    take(council, key="K5", plan_ref="CLOSED", person=someone(5))
    take(council, key="K6", plan_ref="OURS", person=someone(6))
    take(council, key="K7", plan_ref="SWAPPED", person=someone(7))
    take(council, key="K8", plan_ref="BY-HAND", person=someone(8))
    with scoped(writing(council.pk)):
        withdraw_package(package=gone.package, why="", by=BY, at=NOW)
        Order.objects.filter(plan_ref="BY-HAND").update(plan_ref="")
    lists(
        council,
        ("SP-7", "P1", "open"),
        ("ENDED", "P2", "open"),
        ("RETURNED", "P3", "open"),
        ("WITHDRAWN", "P4", "open"),
        ("CLOSED", "P5", "closed"),
        ("SWAPPED", "P70", "open"),
        ("NEVER", "P9", "open"),
        ("LONG-GONE", "P9", "closed"),
    )
    assert reasons(council, date(2026, 6, 1)) == [
        ("", "P8", CaseReason.NO_PLAN_REFERENCE, "broker"),
        ("CLOSED", "P5", CaseReason.CLOSED_THERE, "broker"),
        ("ENDED", "P2", CaseReason.ENDED_HERE, "social_worker"),
        ("NEVER", "P9", CaseReason.NEVER_RECEIVED, "system_administrator"),
        ("OURS", "P6", CaseReason.NOT_KNOWN_THERE, "social_worker"),
        ("RETURNED", "P3", CaseReason.RETURNED, "contract_manager"),
        ("SWAPPED", "P7", CaseReason.NOT_KNOWN_THERE, "social_worker"),
        ("SWAPPED", "P70", CaseReason.OTHER_PERSON, "social_worker"),
        ("WITHDRAWN", "P4", CaseReason.WITHDRAWN, "social_worker"),
    ]
    with scoped(reading(council.pk)):
        (returned,) = [one for one in apart(CASE_MANAGEMENT, DAY) if one.reason == "returned"]
    assert returned.sentence == (
        "The package was returned and waits on contract manager since 2026-05-04: no_rate (service)."
    )
    assert (returned.package, returned.since) == ("K3", DAY)


def test_without_a_list_only_packages_that_wait_are_told_of(books: Books) -> None:
    council = furnished()
    take(council)
    take(council, {"service": "SIT"}, key="K2", plan_ref="X", person=someone(2))
    take(council, raw=b"{")
    assert [one[:3] for one in reasons(council)] == [
        ("", "", CaseReason.RETURNED),
        ("X", "P2", CaseReason.RETURNED),
    ]
    lists(council)
    assert ("SP-7", "P1", CaseReason.NOT_KNOWN_THERE, "social_worker") in reasons(council)


def test_a_change_that_waits_for_a_case_that_is_open_is_told_too(books: Books) -> None:
    council = furnished()
    take(council, {"order_id": "O1"})
    take(council, {"order_id": "O1", "minutes": 45}, key="K2")
    lists(council, ("SP-7", "P1", "open"))
    assert reasons(council) == [("SP-7", "P1", CaseReason.RETURNED, "broker")]


def test_the_latest_list_takes_the_place_of_the_one_before(books: Books) -> None:
    council = furnished()
    lists(council, ("A", "P1", "open"), ("B", "P1", "closed"))
    lists(council, ("C", "P1", "open"), day=date(2026, 5, 5))
    with scoped(reading(council.pk)):
        assert list(SystemCase.objects.values_list("ref", flat=True)) == ["C"]
        assert latest_list(CASE_MANAGEMENT) == date(2026, 5, 5)
        counted = ControlTotal.objects.filter(kind="open_cases").order_by("day")
        assert list(counted.values_list("theirs", flat=True)) == [1, 1]
    with pytest.raises(UnableTo, match="a list of 2026-05-05 already"):
        lists(council, ("A", "P1", "open"))
    with pytest.raises(UnableTo, match="twice"):
        lists(council, ("A", "P1", "open"), ("A", "P1", "closed"), day=date(2026, 5, 6))


def test_lists_of_one_council_say_nothing_of_another(books: Books) -> None:
    north, south = furnished(), furnished("south")
    lists(north, ("NEVER", "P9", "open"))
    take(south)
    assert reasons(south) == []
    assert [one[0] for one in reasons(north)] == ["NEVER"]
    assert figures(north)["packages_received"] == 0

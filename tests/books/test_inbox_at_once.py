"""The same package, or two under one key, arriving at the same moment."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

from django.db import connections

from carethread.interchange.actions_inbox import Receipt
from carethread.interchange.models import Package
from carethread.wall.scope import reading, scoped
from tests.books.boundary import codes, furnished, orders_in, take
from tests.databases import Books


def at_once(*deeds: Callable[[], Receipt]) -> list[Receipt]:
    """Do things in threads that start together; each has a connection of its own."""
    barrier = Barrier(len(deeds))
    results: dict[int, Any] = {}

    def run(number: int, deed: Callable[[], Receipt]) -> None:
        barrier.wait()
        try:
            results[number] = deed()
        except Exception as error:  # noqa: BLE001 -- told below, in the test's own thread
            results[number] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    errors = [one for one in results.values() if isinstance(one, Exception)]
    assert not errors, errors
    return [results[number] for number in range(len(deeds))]


def test_the_same_package_at_once_is_taken_once(own_books: Books) -> None:
    council = furnished()
    receipts = at_once(*[lambda: take(council)] * 4)
    assert {one.package.status for one in receipts} == {"accepted"}
    assert len({one.package.pk for one in receipts}) == 1
    assert sum(one.is_new for one in receipts) == 1
    assert len(orders_in(council)) == 1


def test_two_contents_under_one_key_at_once(own_books: Books) -> None:
    council = furnished()
    receipts = at_once(
        lambda: take(council), lambda: take(council, {"minutes": 45}), lambda: take(council)
    )
    assert sorted({one.package.status for one in receipts}) == ["accepted", "returned"]
    returned = [one for one in receipts if one.package.status == "returned"]
    assert {code for one in returned for code in codes(one)} == {"key_reused_with_other_content"}
    with scoped(reading(council.pk)):
        assert Package.objects.filter(has_key=True).count() == 1
    assert len(orders_in(council)) == 1


def test_many_packages_at_once_give_each_order_an_id_of_its_own(own_books: Books) -> None:
    council = furnished()
    at_once(
        *[
            lambda n=n: take(council, key=f"K{n}", person={"person_id": f"P{n}", "nhs_number": None})
            for n in range(5)
        ]
    )
    assert [ref for ref, _ in orders_in(council)] == [f"CT{n}" for n in range(1, 6)]

"""What an accepted package makes: a person, orders, versions. All of it in the caller's transaction."""

from datetime import datetime

from carethread.formats.books.records import OrderMore
from carethread.formats.packages.changing import Move, move_of
from carethread.formats.packages.records import Package
from carethread.interchange.known import record_of, with_names
from carethread.orders.actions import change_order, code_order, end_order, place_order
from carethread.orders.models import Order, OrderVersion
from carethread.people.actions import keep_person
from carethread.people.models import Person


def applied(package: Package, key: str, by: str, at: datetime) -> list[list[str]]:
    """Write what a package asks for; return each order's id with what was done to it.

    Lines that name orders come first, in their order, so that one may end what another begins.
    """
    why = f"package {key}"
    person = keep_person(row=package.person, by=by, at=at, why=why)
    lines = sorted(package.orders, key=lambda line: line.order_id == "")
    return [[ref, move.value] for ref, move in (_line(one, person, by, at, why) for one in lines)]


def _line(line: OrderMore, person: Person, by: str, at: datetime, why: str) -> tuple[str, Move]:
    order = Order.objects.filter(ref=line.order_id).first() if line.order_id else None
    if order is None:
        ref = line.order_id or _new_ref()
        place_order(line=line, ref=ref, person=person, by=by, at=at, why=why)
        return ref, Move.PLACE
    versions = with_names(OrderVersion.objects.filter(order=order))
    move = move_of(line, [record_of(one) for one in versions])
    assert move is not None, "a package that was checked asks for nothing that cannot be done"
    if move is Move.CHANGE:
        change_order(order=order, line=line, by=by, at=at, why=why)
        return order.ref, move
    if move is Move.END:
        end_order(order=order, ends_on=line.ends_on, by=by, at=at, why=why)
    code_order(order=order, line=line, by=by, at=at, why=why)
    return order.ref, move


def _new_ref() -> str:
    """Return an id for an order that came without: CT and the next number that is free.

    Whoever places orders has waited for its turn, so nobody else takes the same.
    """
    number = Order.objects.count() + 1
    while Order.objects.filter(ref=f"CT{number}").exists():
        number += 1
    return f"CT{number}"

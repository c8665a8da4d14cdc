"""A package held against itself and against what the books know: every reason to return it.

Each check is a short function: a package or one of its order lines in, reasons out.
"""

from collections.abc import Iterable, Iterator, Sequence

from carethread.engine import units
from carethread.engine.records import OrderVersion
from carethread.formats.books.records import OrderMore, PersonRow
from carethread.formats.packages.canonical import fingerprint
from carethread.formats.packages.changing import Move, after, move_of, versions_of
from carethread.formats.packages.known import Known
from carethread.formats.packages.overlaps import same_care
from carethread.formats.packages.records import Package, Returned
from carethread.formats.packages.words import ReturnCode


def is_repeat(package: Package, known: Known) -> bool:
    """Say whether the same package was taken before: it is accepted again, and changes nothing."""
    return known.fingerprint_of(package.key) == fingerprint(package)


def check(package: Package, known: Known) -> list[Returned]:
    """Return every reason to return a package; none accepts it. A repeat has none."""
    if is_repeat(package, known):
        return []
    if known.fingerprint_of(package.key) is not None:
        say = f"key {package.key!r} was used for another package"
        return [Returned(ReturnCode.KEY_REUSED_WITH_OTHER_CONTENT, say, "key")]
    returns = [*_plan(package), *_replaced(package, known), *_person(package, known)]
    existing = known.orders_of(package.person.person_id)
    for order in package.orders:
        returns += _identity(order, known)
        if move_of(order, existing) in (Move.PLACE, Move.CHANGE):
            returns += [*_contract(order, known), *_coding(order, known)]
    return [*returns, *_overlaps(package, existing)]


def _replaced(package: Package, known: Known) -> Iterator[Returned]:
    if package.replaces and not known.can_replace(package.replaces):
        say = f"no package {package.replaces!r} waits to be corrected"
        yield Returned(ReturnCode.CANNOT_REPLACE, say, "replaces")


def _plan(package: Package) -> Iterator[Returned]:
    if package.plan_authorised_on is None or not package.plan_authorised_by:
        field = "plan_authorised_by" if package.plan_authorised_on else "plan_authorised_on"
        say = f"plan {package.plan_ref!r} does not say that it was authorised, by whom and when"
        yield Returned(ReturnCode.PLAN_NOT_AUTHORISED, say, field)
    elif package.plan_authorised_on > units.local_date(package.sent_at):
        say = f"plan {package.plan_ref!r} was to be authorised on {package.plan_authorised_on}, "
        say += "after the package was sent"
        yield Returned(ReturnCode.PLAN_NOT_AUTHORISED, say, "plan_authorised_on")


def _person(package: Package, known: Known) -> Iterator[Returned]:
    sent, there = package.person, known.person(package.person.person_id)
    if known.is_disposed(sent.person_id):
        say = f"the record of person {sent.person_id!r} was disposed of"
        yield Returned(ReturnCode.RECORD_DISPOSED, say, "person_id")
    if there is not None:
        yield from _conflicts(sent, there)
    died_on = sent.died_on or (there and there.died_on)
    for order in package.orders:
        if died_on and order.starts_on > died_on:
            say = f"the order starts on {order.starts_on}, but the person died on {died_on}"
            yield Returned(ReturnCode.PERSON_HAS_DIED, say, "starts_on", order.row)


def _conflicts(sent: PersonRow, there: PersonRow) -> Iterator[Returned]:
    """Yield what tells two people apart: names and addresses change, these do not.

    What the books have is not repeated: the sender may not be allowed to see it.
    """
    for field in ("born_on", "nhs_number"):
        here, known = getattr(sent, field), getattr(there, field)
        if here and known and here != known:
            say = f"differs from what is known of person {sent.person_id!r}"
            yield Returned(ReturnCode.PERSON_DETAILS_CONFLICT, say, field)


def _contract(order: OrderMore, known: Known) -> Iterator[Returned]:
    provider = known.provider(order.provider_id)
    if provider is None:
        say = f"provider {order.provider_id!r} is not known"
        yield Returned(ReturnCode.UNKNOWN_PROVIDER, say, "provider_id", order.row)
    elif provider.closed_on and (order.ends_on is None or order.ends_on > provider.closed_on):
        say = f"provider {order.provider_id!r} takes no orders after {provider.closed_on}"
        yield Returned(ReturnCode.PROVIDER_CLOSED, say, "provider_id", order.row)
    contract = known.contract(order.contract_id)
    if contract is None:
        say = f"contract {order.contract_id!r} is not known"
        yield Returned(ReturnCode.UNKNOWN_CONTRACT, say, "contract_id", order.row)
        return
    if contract.provider_ids is not None and order.provider_id not in contract.provider_ids:
        say = f"contract {order.contract_id!r} is not one of provider {order.provider_id!r}"
        yield Returned(ReturnCode.CONTRACT_OF_OTHER_PROVIDER, say, "contract_id", order.row)
    if contract.starts_on and order.starts_on < contract.starts_on:
        say = f"{order.starts_on} is before the contract begins on {contract.starts_on}"
        yield Returned(ReturnCode.STARTS_BEFORE_CONTRACT, say, "starts_on", order.row)
    elif contract.ends_on and order.starts_on > contract.ends_on:
        say = f"{order.starts_on} is after the contract ends on {contract.ends_on}"
        yield Returned(ReturnCode.STARTS_AFTER_CONTRACT, say, "starts_on", order.row)
    elif not contract.has_terms:
        say = f"contract {order.contract_id!r} does not say by which rules it pays"
        yield Returned(ReturnCode.NO_TERMS, say, "contract_id", order.row)
    elif unpriced := known.unpriced(order):
        say = f"contract {order.contract_id!r} has no rate for {order.service!r} {unpriced}"
        yield Returned(ReturnCode.NO_RATE, say, "service", order.row)


def _coding(order: OrderMore, known: Known) -> Iterator[Returned]:
    is_known = True
    if order.cost_centre and not known.has_cost_centre(order.cost_centre):
        is_known = False
        say = f"cost centre {order.cost_centre!r} is not known"
        yield Returned(ReturnCode.UNKNOWN_COST_CENTRE, say, "cost_centre", order.row)
    if order.ledger_code and not known.has_ledger_code(order.ledger_code):
        is_known = False
        say = f"ledger code {order.ledger_code!r} is not known"
        yield Returned(ReturnCode.UNKNOWN_LEDGER_CODE, say, "ledger_code", order.row)
    if is_known and not known.coding_fits(order.cost_centre, order.ledger_code, order.starts_on):
        say = f"is not open on {order.starts_on} for {order.cost_centre!r} and {order.ledger_code!r}"
        yield Returned(ReturnCode.CODING_DOES_NOT_FIT, say, "ledger_code", order.row)


def _identity(order: OrderMore, known: Known) -> Iterator[Returned]:
    """Hold the orders a line names against whose they are."""
    owner = known.person_of_order(order.order_id) if order.order_id else None
    if owner not in (None, order.person_id):
        say = f"order {order.order_id!r} is another person's"
        yield Returned(ReturnCode.ORDER_OF_OTHER_PERSON, say, "order_id", order.row)
    elif owner is not None and (wrong := _other_care(order, known)):
        say = f"order {order.order_id!r} has another {wrong}"
        yield Returned(ReturnCode.ORDER_OF_OTHER_CARE, say, wrong, order.row)
    increased = order.increases_order_id
    if increased and known.person_of_order(increased) != order.person_id:
        say = f"order {increased!r} is not one of this person"
        yield Returned(ReturnCode.UNKNOWN_INCREASED_ORDER, say, "increases_order_id", order.row)


def _other_care(order: OrderMore, known: Known) -> str:
    """Return the field that must not differ between versions of an order, and does; or ""."""
    versions = versions_of(order.order_id, known.orders_of(order.person_id))
    fields = ("provider_id", "contract_id", "service", "basis")
    return next(
        (one for one in fields if any(getattr(order, one) != getattr(v, one) for v in versions)), ""
    )


def _overlaps(package: Package, existing: Sequence[OrderVersion]) -> Iterator[Returned]:
    """Hold the lines against the person's orders as the package leaves them, and each other."""
    state = list(existing)
    for order in package.orders:
        if not order.order_id:
            continue
        if move_of(order, state) is None:
            (*_, last) = versions_of(order.order_id, state)
            say = f"{order.starts_on} lies in the order as it is, {_dates(last)}"
            yield Returned(ReturnCode.OVERLAPS_EXISTING_ORDER, say, "starts_on", order.row)
        else:
            state = after(order, state)
    for order in package.orders:
        yield from _repeated(order, _not_later(state, package, order))
        if not order.order_id:
            state.append(order)


def _not_later(
    state: Sequence[OrderVersion], package: Package, order: OrderMore
) -> Iterator[OrderVersion]:
    """Yield what is there beside an order line: not itself, nor a later line of its package."""
    later = {id(one) for one in package.orders if one.row >= order.row}
    yield from (one for one in state if id(one) not in later)


def _repeated(order: OrderMore, others: Iterable[OrderVersion]) -> Iterator[Returned]:
    """Say which other order has the same care."""
    for other in others:
        is_version = bool(order.order_id) and order.order_id == other.order_id
        if not is_version and same_care(order, other) and not _adds_hours(order, other):
            say = f"{_named(other)} has {other.service!r} at the same time, {_dates(other)}"
            yield Returned(ReturnCode.DUPLICATE_CARE, say, "service", order.row)


def _adds_hours(order: OrderMore, other: OrderVersion) -> bool:
    """Say whether weekly hours are meant to come on top of those of the other order."""
    return order.weekly_minutes is not None and order.increases_order_id == other.order_id != ""


def _named(order: OrderVersion) -> str:
    return f"order {order.order_id!r}" if order.order_id else f"order line {order.row}"


def _dates(order: OrderVersion) -> str:
    return f"from {order.starts_on}" + (f" to {order.ends_on}" if order.ends_on else " without an end")

"""Writes: deciding of lines and visits, and undoing it. Nothing that was recorded is touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from django.db import transaction

from carethread.accounts.queries import name_of
from carethread.audit.actions import RecordDisposed, record
from carethread.councils.actions import changed, hold_books
from carethread.engine.decide import Ruling, facts, visit_facts
from carethread.engine.units import local_date
from carethread.kit.unable import UnableTo
from carethread.orders.models import Order
from carethread.orders.ruling import is_in_force, order_called, ruling_order
from carethread.settlement.decided import ruled_by
from carethread.settlement.in_the_way import in_the_way, when
from carethread.settlement.models import Decision
from carethread.settlement.rules_decisions import Against, Case, Clock, check_can_decide, is_of_visit
from carethread.settlement.subjects import Subject, day_of, subject
from carethread.visits.versions import instant
from carethread.wall.scope import current


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants decided.

    about: a line's id, or a visit's. order_ref: the order an unplanned visit is accepted against.
    check_in, check_out, evidence: of a corrected clock. run: the key of the run whose line was looked
    at; None for the newest. instead_of: the decision (its key) that this one is to take the place of.
    """

    about: str
    ruling: Ruling
    order_ref: str = ""
    check_in: datetime | None = None
    check_out: datetime | None = None
    evidence: str = ""
    run: int | None = None
    instead_of: int | None = None


class UnableToDecide(UnableTo):
    """Some of many cannot be decided so, and none was. refused: each with why."""

    def __init__(self, refused: Sequence[tuple[str, str]], of: int) -> None:
        self.refused = tuple(refused)
        told = "".join(f"\n  {about}: {why}" for about, why in refused)
        super().__init__(f"nothing was decided: {len(refused)} of {of} cannot be{told}")


def decide(*, wish: Wish, because: str, by: str, at: datetime) -> Decision:
    """Decide of one line or visit, for a reason; the next run honours it.

    Raises:
        UnableTo: if it cannot be decided so, or somebody else was first; with what to do.
    """
    with transaction.atomic():
        _begin(because)
        return _write(_prepared(wish, at), because, by, at)


def decide_many(*, wishes: Sequence[Wish], because: str, by: str, at: datetime) -> list[Decision]:
    """Decide of many for one reason: all of them, or none.

    Raises:
        UnableToDecide: naming each that cannot be decided so.
    """
    with transaction.atomic():
        _begin(because)
        prepared: list[_Prepared] = []
        refused: list[tuple[str, str]] = []
        for wish in wishes:
            try:
                ready = _prepared(wish, at)
                _check_once(ready, prepared)
                prepared.append(ready)
            except UnableTo as unable:
                refused.append((wish.about, str(unable)))
        if refused:
            raise UnableToDecide(refused, len(wishes))
        return [_write(one, because, by, at) for one in prepared]


def undo(*, decision: int, because: str, by: str, at: datetime) -> Decision:
    """Undo a decision, for a reason: the next run settles as if it had not been made.

    Raises:
        UnableTo: if there is none, or it is undone already.
    """
    with transaction.atomic():
        _begin(because)
        found: Decision | None = Decision.objects.filter(pk=decision).first()
        if found is None:
            message = f"there is no decision {decision}; carethread decisions lists those in force"
            raise UnableTo(message)
        if found.undone_at is not None:
            who = f"{name_of(found.undone_by)} on {when(found.undone_at)}"
            message = f"decision {decision} was undone by {who}: {found.undone_why}"
            raise UnableTo(message)
        number = changed(
            first_on=found.first_on, last_on=found.last_on, what="decision undone", by=by, at=at
        )
        return _end(found, because, number, by=by, at=at)


def _begin(because: str) -> None:
    if not because.strip():
        message = "say why: whoever reads the line later wants to know"
        raise UnableTo(message)
    hold_books()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A decision that may be made. ends: those in force whose place it takes."""

    wish: Wish
    subject: Subject
    of_visit: bool
    basis: str
    order: Order | None
    ends: tuple[Decision, ...]

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day of care that it bears on."""
        days = [self.subject.service_on]
        if self.of_visit:
            days += [day_of(visit) for visit in self.subject.visits]
        check_in = instant(self.wish.check_in)
        if check_in is not None:
            days.append(local_date(check_in))
        days += chain.from_iterable((one.first_on, one.last_on) for one in self.ends)
        return min(days), max(days)


def _prepared(wish: Wish, at: datetime) -> _Prepared:
    """Return the decision that is wished for.

    Raises:
        UnableTo: if it may not be made.
    """
    about = subject(wish.about, wish.run)
    order = _order(wish.order_ref)
    case = Case(
        wish.ruling,
        about.line,
        versions=about.versions,
        takes_no_part=about.takes_no_part,
        clock=_clock(wish, at),
        against=None if order is None else _against(order, about.service_on),
    )
    of_visit = is_of_visit(case)
    ends = in_the_way(about, wish.ruling, of_visit=of_visit, instead_of=wish.instead_of)
    check_can_decide(case)
    return _Prepared(wish, about, of_visit, _basis(about, wish.ruling, of_visit=of_visit), order, ends)


def _basis(about: Subject, ruling: Ruling, *, of_visit: bool) -> str:
    if not of_visit:
        assert about.line is not None
        return facts(about.line)
    is_accepted = ruling is Ruling.ACCEPT_UNPLANNED
    return visit_facts(about.versions, ruled_by(about.versions) if is_accepted else "")


def _clock(wish: Wish, at: datetime) -> Clock | None:
    if wish.check_in is None and wish.check_out is None and wish.ruling is not Ruling.CORRECT_CLOCK:
        return None
    now = instant(at)
    assert now is not None
    return Clock(instant(wish.check_in), instant(wish.check_out), wish.evidence, now)


def _order(ref: str) -> Order | None:
    order = order_called(ref) if ref else None
    if ref and order is None:
        message = f"no order is called {ref!r}"
        raise UnableTo(message)
    return order


def _against(order: Order, day: date) -> Against:
    care = order.person.ref, order.provider.ref, order.service
    return Against(
        order.ref, *care, order.contract.ref, is_in_force(order, day), *ruling_order(care, day)
    )


def _check_once(ready: _Prepared, before: Sequence[_Prepared]) -> None:
    """Refuse to decide twice of one line, or of a line and its visit."""
    for other in before:
        one, two = ready.subject, other.subject
        is_line = one.row is not None and two.row is not None and one.row.pk == two.row.pk
        if is_line or (one.visit_ref and one.visit_ref == two.visit_ref):
            message = f"it is named twice, also as {other.wish.about}"
            raise UnableTo(message)


def _write(ready: _Prepared, because: str, by: str, at: datetime) -> Decision:
    wish, about = ready.wish, ready.subject
    first_on, last_on = ready.days
    number = changed(first_on=first_on, last_on=last_on, what="decided", by=by, at=at)
    for one in ready.ends:
        _end(one, f"decided anew: {wish.ruling}", number, by=by, at=at)
    subject_of = about.visits[-1] if ready.of_visit else about.row
    assert subject_of is not None
    made: Decision = Decision.objects.create(
        council_id=current().writes,
        provider_id=subject_of.provider_id,
        person_ref=subject_of.person_ref,
        line_ref="" if ready.of_visit else subject_of.ref,
        visit_ref=subject_of.ref if ready.of_visit else "",
        first_on=first_on,
        last_on=last_on,
        number=number,
        ruling=wish.ruling.value,
        basis=ready.basis,
        reason=because.strip(),
        evidence=wish.evidence.strip(),
        order=ready.order,
        check_in=wish.check_in,
        check_out=wish.check_out,
        made_by=by,
        made_at=at,
    )
    _record(made, "line.decided", because, before=_before(about), after=_told(made), by=by, at=at)
    return made


def _end(found: Decision, because: str, number: int, *, by: str, at: datetime) -> Decision:
    found.undone_by, found.undone_at = by, at
    found.undone_why, found.undone_number = because.strip(), number
    found.save(update_fields=["undone_by", "undone_at", "undone_why", "undone_number"])
    _record(found, "decision.undone", because, before=_told(found), after=None, by=by, at=at)
    return found


Told = dict[str, object]


def _before(about: Subject) -> Told:
    """Return what stood before: what was settled automatically, or that the visit was on no line."""
    row = about.row
    if row is None:
        return {"run": about.run.pk, "visit": about.visit_ref, "finding": about.takes_no_part}
    columns = ("ref", "outcome", "check_in", "check_out", "payable_minutes", "amount_pence", "held")
    told: Told = {
        column: getattr(row, column) for column in (*columns, "reasons", "due_pence", "is_held")
    }
    return {"run": about.run.pk, **told}


def _told(decision: Decision) -> Told:
    return {
        "decision": decision.pk,
        "line": decision.line_ref,
        "visit": decision.visit_ref,
        "ruling": decision.ruling,
        "order": None if decision.order is None else decision.order.ref,
        "check_in": decision.check_in,
        "check_out": decision.check_out,
        "evidence": decision.evidence,
    }


def _record(  # noqa: PLR0913 -- an action's own
    decision: Decision,
    action: str,
    why: str,
    *,
    before: Told,
    after: Told | None,
    by: str,
    at: datetime,
) -> None:
    try:
        record(
            by=by,
            at=at,
            action=action,
            subject=f"decision:{decision.pk}",
            person_ref=decision.person_ref,
            why=why.strip(),
            before=before,
            after=after,
            chained=True,
        )
    except RecordDisposed as disposed:
        message = f"nothing can be decided any more: {disposed}"
        raise UnableTo(message) from None

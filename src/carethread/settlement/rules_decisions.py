"""What may be decided of a line or a visit, and what to do instead where it may not. Pure.

Source: domain ("Every automatic decision can be overruled by a person with a reason"; "A visit nobody
commissioned is ... neither dropped nor paid silently"); settlement §2, §5.8, §5.9.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from carethread.engine.decide import Ruling, counting
from carethread.engine.records import VisitRow
from carethread.engine.results import Line
from carethread.engine.units import DAY_MINUTES
from carethread.engine.words import HOLDING, Kind, Outcome, Reason, Status
from carethread.kit.unable import UnableTo

TAKES_NO_PART = (Kind.NO_CHECK_IN, Kind.BAD_TIMES, Kind.TOO_LONG, Kind.CONFLICTING_VERSIONS)
"""The findings that keep a visit off every line until its clock is right."""
INSTEAD: Mapping[Reason, str] = {
    Reason.NO_ORDER: "accept it against an order of the person (accept_unplanned), or reject it",
    Reason.UNPLANNED: "accept it against an order of the person (accept_unplanned), or reject it",
    Reason.NO_CONTRACT: "state the contract, then settle again",
    Reason.NO_TERMS: "give the contract terms for that day, then settle again",
    Reason.NO_CHECK_OUT: "correct the clock with evidence (correct_clock), or ask the provider",
    Reason.NO_RATE: "add the rate to the contract's card, then settle again",
    Reason.AMBIGUOUS_RATE: "leave one of the two rates on the card, then settle again",
}
"""What to do where accepting as recorded is no answer."""
THE_COUNCILS_OWN = frozenset(
    {Reason.NO_CONTRACT, Reason.NO_TERMS, Reason.NO_RATE, Reason.AMBIGUOUS_RATE}
)
"""What no provider can put right."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Corrected times: instants. evidence: what they rest on. now: when it is decided."""

    check_in: int | None
    check_out: int | None
    evidence: str
    now: int


@dataclass(frozen=True, slots=True)
class Against:
    """The order that an unplanned visit is to be accepted against, on the visit's day.

    contract_id: its own; ruling_order, ruling_contract: those that settle a visit of its care that day,
    empty if none does.
    """

    order_id: str
    person_id: str
    provider_id: str
    service: str
    contract_id: str
    is_in_force: bool
    ruling_order: str
    ruling_contract: str

    @property
    def care(self) -> tuple[str, str, str]:
        """Whose care of what kind."""
        return self.person_id, self.provider_id, self.service


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be decided: a ruling, about a line or (line is None) a visit that is on none.

    versions: of the visit, as recorded. takes_no_part: the finding that keeps it off every line.
    """

    ruling: Ruling
    line: Line | None
    versions: Sequence[VisitRow] = ()
    takes_no_part: Kind | None = None
    clock: Clock | None = None
    against: Against | None = None


def can_decide(case: Case) -> bool:
    """Say whether it may be decided so."""
    return _wrong(case) is None


def check_can_decide(case: Case) -> None:
    """Refuse what may not be decided so.

    Raises:
        UnableTo: with what to do instead.
    """
    wrong = _wrong(case)
    if wrong is not None:
        raise UnableTo(wrong)


def is_of_visit(case: Case) -> bool:
    """Say whether the decision is about the visit, which is then settled otherwise."""
    if case.line is None or case.ruling is Ruling.CORRECT_CLOCK:
        return True
    return case.against is not None and case.against.care != _care(case.line)


def _wrong(case: Case) -> str | None:
    needless = _needless(case)
    if needless is not None:
        return needless
    if case.ruling is Ruling.CORRECT_CLOCK:
        return _wrong_clock(case)
    if case.line is None:
        return _wrong_of_visit(case)
    return _OF_LINE[case.ruling](case, case.line)


def _needless(case: Case) -> str | None:
    if (case.clock is not None) != (case.ruling is Ruling.CORRECT_CLOCK):
        return "a check-in, a check-out and evidence belong to correct_clock, and to it alone"
    if (case.against is not None) != (case.ruling is Ruling.ACCEPT_UNPLANNED):
        return (
            "an order belongs to accept_unplanned, and to it alone: name the order it is accepted for"
        )
    return None


def _wrong_of_visit(case: Case) -> str | None:
    if case.ruling is not Ruling.ASK_PROVIDER:
        why = "it is on no line, so nothing is priced or paid for it"
        return f"{why}: correct its clock (correct_clock) or ask the provider (ask_provider)"
    if case.takes_no_part is None:
        return "nothing keeps it off a line that a provider could put right"
    return None


def _wrong_to_accept(_case: Case, line: Line) -> str | None:
    if not line.held:
        return "it is payable already: nothing waits"
    for reason in line.reasons:
        if reason in INSTEAD:
            return f"it waits for {reason}: {INSTEAD[reason]}"
    return None


def _wrong_to_reject(_case: Case, line: Line) -> str | None:
    if not line.held and line.amount_pence == 0:
        return "it pays nothing as it is"
    return None


def _wrong_to_ask(_case: Case, line: Line) -> str | None:
    if not line.held:
        return "it is payable: what is not disputed is paid, so there is nothing to wait for"
    waits = [reason for reason in line.reasons if reason in HOLDING]
    if THE_COUNCILS_OWN.issuperset(waits):
        return f"it waits for {waits[0]}, which is the council's to put right: {INSTEAD[waits[0]]}"
    return None


def _wrong_unplanned(case: Case, line: Line) -> str | None:
    order = case.against
    assert order is not None
    if line.outcome is not Outcome.UNPLANNED:
        return f"it is {line.outcome}, not unplanned: an order asked for it"
    if not line.held:
        paid = "pays nothing for" if Reason.UNPLANNED_ZERO in line.reasons else "pays"
        return f"the contract {paid} visits nobody planned, so nothing waits"
    wrong = _wrong_order(order, line)
    if wrong is not None or order.care != _care(line):
        return wrong
    return _wrong_price(line, order)


def _wrong_order(order: Against, line: Line) -> str | None:
    """Keep to §5.8: an order of the visit's care, in force that day, prices an unplanned visit."""
    if order.person_id != line.person_id:
        return f"order {order.order_id} is another person's: name an order of {line.person_id}"
    if not order.is_in_force:
        return f"order {order.order_id} is not in force on {line.service_on:%d %B %Y}"
    if order.contract_id != order.ruling_contract:
        return (
            f"that day a visit of this care is priced under order {order.ruling_order}, contract"
            f" {order.ruling_contract}: accept it against that order, or end one of the two"
        )
    return None


def _wrong_price(line: Line, order: Against) -> str | None:
    """Of an order of the same care, which is to price the line as it stands."""
    if line.contract_id != order.contract_id:
        return f"this run did not know order {order.order_id} as it is now: settle again first"
    stuck = next((r for r in line.reasons if r in INSTEAD and r is not Reason.UNPLANNED), None)
    return None if stuck is None else f"it waits for {stuck}: {INSTEAD[stuck]}"


_OF_LINE: Mapping[Ruling, Callable[[Case, Line], str | None]] = {
    Ruling.ACCEPT_RECORDED: _wrong_to_accept,
    Ruling.ACCEPT_UNPLANNED: _wrong_unplanned,
    Ruling.REJECT: _wrong_to_reject,
    Ruling.ASK_PROVIDER: _wrong_to_ask,
}


def _care(line: Line) -> tuple[str, str, str]:
    return line.person_id, line.provider_id, line.service


def _wrong_clock(case: Case) -> str | None:
    if not case.versions:
        return "no visit is on this line, so there is no clock to correct"
    base = counting(case.versions)
    if base is None:
        return (
            "its newest versions name different workers, people, services or plans, so nobody can say"
            " which visit it is: ask the provider to send it again with a higher sequence"
        )
    if base.status is Status.CANCELLED:
        return "a cancelled visit has no clock: ask the provider to send it again as delivered"
    clock = case.clock
    assert clock is not None
    if clock.check_in is None or clock.check_out is None:
        return "give both times, the check-in and the check-out, also where one of them stays"
    if not clock.evidence.strip():
        return "say what the times rest on: a call log, the care notes, the person's own word"
    return _wrong_times(clock.check_in, clock.check_out, clock.now, base)


def _wrong_times(check_in: int, check_out: int, now: int, base: VisitRow) -> str | None:
    if check_out < check_in:
        return "the check-out is before the check-in"
    if check_out - check_in > DAY_MINUTES:
        return "a visit of more than 24 hours cannot be"
    if check_out > now:
        return "the check-out has not come yet"
    known = [at for at in (base.check_in, base.check_out, base.planned_start) if at is not None]
    if known and all(abs(check_in - at) > DAY_MINUTES for at in known):
        return "the check-in is more than 24 hours from every time recorded of this visit"
    return None

"""What a person's decision does to a settled line, or to the visit that is settled. Pure.

A decision never edits what was recorded, and it never prices anything itself. Some rule a *line* as the
pipeline settled it; some give the *visit* a further version, which the pipeline settles like any other:

| ruling | about | what it does while the facts are those it was decided on |
| --- | --- | --- |
| accept_recorded | line | a held line is due at the amount it was priced at |
| accept_unplanned | line | so too, where it is priced under the contract of the order named |
| accept_unplanned | visit | else the visit is settled as the care of that order; see `effect` |
| correct_clock | visit | the visit is settled with both times given, entered by hand for a reason |
| reject | line | nothing is due, and it is not held |
| ask_provider | line or visit | it is held, and waits on the provider |

A decision rests on facts. Where they have changed since (late data, a new version, another price), it
is not applied, and the line or visit is to be decided again: nothing is paid that nobody looked at.

Source: domain, "Every automatic decision can be overruled by a person with a reason, and the record
shows both"; settlement §2 (versions), §4, §5.8, §5.9.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from enum import StrEnum
from hashlib import sha256

from carethread.engine.records import VisitRow
from carethread.engine.results import Line
from carethread.engine.words import HOLDING, Method, Outcome, Reason


class Ruling(StrEnum):
    """What a person decides of a held line, a payable one or a visit."""

    ACCEPT_RECORDED = "accept_recorded"
    """Pay it as priced, on the recorded times, although it was held."""
    ACCEPT_UNPLANNED = "accept_unplanned"
    """Pay a visit nobody planned, as care given under the order named."""
    CORRECT_CLOCK = "correct_clock"
    """Settle the visit with these times, on the evidence named; what was recorded stays."""
    REJECT = "reject"
    """Pay nothing for it."""
    ASK_PROVIDER = "ask_provider"
    """Wait: the provider has been asked."""


class Lapse(StrEnum):
    """Why a decision in force is not applied, so that the matter is to be decided again."""

    FACTS_CHANGED = "facts_changed"
    """The line is not what was decided on."""
    LINE_GONE = "line_gone"
    """The settlement has no such line any more."""
    VISIT_CHANGED = "visit_changed"
    """A version of the visit came, or an order for its care, that was not known when it was decided."""
    ORDER_CHANGED = "order_changed"
    """It is not settled under the contract that it was accepted against."""
    NOT_SETTLED_SO = "not_settled_so"
    """The visit has not been settled as decided: settle again."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision makes of a line: due_pence is what is to be paid, None while it is held."""

    decision: int
    due_pence: int | None
    is_held: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision in force, as far as a line is concerned.

    decision: its key. basis: the facts it rests on. of_visit: it is about the line's visit. check_in:
    the corrected one. provider_id, service, contract_id: of the order accepted against.
    """

    decision: int
    ruling: Ruling
    basis: str
    of_visit: bool = False
    check_in: int | None = None
    provider_id: str = ""
    service: str = ""
    contract_id: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """What decisions change about a visit before it is settled.

    clock: the decision that corrects it (its key), check-in and check-out. care: the person, provider
    and service of the order it is accepted against. Either may be None.
    """

    clock: tuple[int, int, int] | None = None
    care: tuple[str, str, str] | None = None


def facts(line: Line) -> str:
    """Return SHA-256 over what somebody deciding a line looks at.

    Not the planned start: a rota may move it, and neither pay nor doubt would change without another
    fact changing with it.
    """
    return _digest(
        [
            "line",
            line.line_id,
            line.person_id,
            line.provider_id,
            line.service,
            line.order_id,
            line.contract_id,
            line.visit_id,
            line.worker_id,
            line.check_in,
            line.check_out,
            line.counted_minutes,
            line.outcome.value,
            line.payable_minutes,
            line.amount_pence,
            line.held,
            *(reason.value for reason in line.reasons),
        ]
    )


def visit_facts(versions: Iterable[VisitRow], ruled_by: str = "") -> str:
    """Return SHA-256 over every version of a visit; the same row sent again changes nothing.

    Args:
        versions: As recorded, in any order.
        ruled_by: For a visit accepted against an order of other care: the contract that rules visits of
            its own care that day, empty if none does.
    """
    rows = {repr(astuple(replace(version, row=0))) for version in versions}
    return _digest(["visit", ruled_by, *sorted(rows)])


def _digest(parts: Sequence[object]) -> str:
    return sha256("\x1f".join(map(repr, parts)).encode()).hexdigest()


def counting(versions: Iterable[VisitRow]) -> VisitRow | None:
    """Return the version that a correction of the visit starts from: that of the highest sequence.

    Where several rows carry it, they must agree in everything that a corrected clock replaces; else
    nobody can say which visit it is, and there is none.

    Source: settlement §2, "Two rows with one visit_id and one sequence".
    """
    rows = list(versions)
    if not rows:
        return None
    highest = max(row.sequence for row in rows)
    first, *others = [_without_clock(row) for row in rows if row.sequence == highest]
    if any(other != first for other in others):
        return None
    return min((row for row in rows if row.sequence == highest), key=_by_content)


def _without_clock(row: VisitRow) -> VisitRow:
    return replace(
        row,
        row=0,
        check_in=None,
        check_out=None,
        in_method=Method.FILE,
        out_method=Method.FILE,
        reason_code="",
    )


def _by_content(row: VisitRow) -> str:
    return repr(astuple(replace(row, row=0)))


def correct(versions: Iterable[VisitRow], correction: Correction) -> VisitRow | None:
    """Return a further version of a visit, which counts before all that were recorded.

    A corrected clock is `manual` and has the decision for its reason code. Where the care is another
    provider's, the worker is named together with the provider who sent the visit: ids of workers are
    each provider's own, and one provider's `W1` must neither be joined with another's nor accused of
    being in two places. None where `counting` has none.
    """
    base = counting(versions)
    if base is None:
        return None
    made = replace(base, row=0, sequence=base.sequence + 1)
    if correction.clock is not None:
        decision, check_in, check_out = correction.clock
        made = replace(
            made,
            check_in=check_in,
            check_out=check_out,
            in_method=Method.MANUAL,
            out_method=Method.MANUAL,
            reason_code=f"decision {decision}",
        )
    if correction.care is not None:
        person, provider, service = correction.care
        is_anothers = provider != base.provider_id and made.worker_id
        worker = f"{base.provider_id}/{made.worker_id}" if is_anothers else made.worker_id
        made = replace(made, person_id=person, provider_id=provider, service=service, worker_id=worker)
    return made


def effect(line: Line, decided: Decided) -> Effect | Lapse:
    """Return what a decision makes of a settled line, or why it is not applied.

    A decision about the line applies while `facts` are its basis. One about the visit (whose basis is
    looked at before the visit is given its further version) shows on the visit's line as settled: held
    lines stay held for whatever else is doubtful, except that a visit which still answers no slot under
    the contract it was accepted against is no longer held for being unplanned.
    """
    if decided.of_visit:
        return _effect_of_visit(line, decided)
    if facts(line) != decided.basis:
        return Lapse.FACTS_CHANGED
    match decided.ruling:
        case Ruling.REJECT:
            return Effect(decided.decision, 0, is_held=False)
        case Ruling.ASK_PROVIDER:
            return Effect(decided.decision, None, is_held=True)
        case _:
            return _as_priced(line, decided.decision, is_held=False)


def _effect_of_visit(line: Line, decided: Decided) -> Effect | Lapse:
    match decided.ruling:
        case Ruling.CORRECT_CLOCK:
            if line.check_in != decided.check_in:
                return Lapse.NOT_SETTLED_SO
            return _as_priced(line, decided.decision, is_held=line.held)
        case Ruling.ACCEPT_UNPLANNED:
            if (line.provider_id, line.service) != (decided.provider_id, decided.service):
                return Lapse.NOT_SETTLED_SO
            return _accepted(line, decided)
        case _:
            return Effect(decided.decision, None, is_held=True)


def _accepted(line: Line, decided: Decided) -> Effect | Lapse:
    """Release what waits for nothing but having had no plan, under the contract it was accepted for."""
    waits = set(line.reasons) & HOLDING
    if line.outcome is Outcome.UNPLANNED and waits == {Reason.UNPLANNED}:
        if line.contract_id != decided.contract_id:
            return Lapse.ORDER_CHANGED
        return _as_priced(line, decided.decision, is_held=False)
    return _as_priced(line, decided.decision, is_held=line.held)


def _as_priced(line: Line, decision: int, *, is_held: bool) -> Effect:
    """Keep the pipeline's own figure. What has none waits, whatever was decided."""
    if is_held or line.amount_pence is None:
        return Effect(decision, None, is_held=True)
    return Effect(decision, line.amount_pence, is_held=False)

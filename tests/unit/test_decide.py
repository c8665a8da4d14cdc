"""What a decision rests on and does: the pure part, without any books."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from carethread.engine.decide import (
    Correction,
    Decided,
    Effect,
    Lapse,
    Ruling,
    correct,
    counting,
    effect,
    facts,
    visit_facts,
)
from carethread.engine.records import VisitRow
from carethread.engine.results import Line
from carethread.engine.words import HOLDING, CancelledBy, Method, Outcome, Reason, Status
from carethread.settlement.rules_decisions import (
    INSTEAD,
    THE_COUNCILS_OWN,
    Against,
    Case,
    Clock,
    can_decide,
)

LINE = Line(
    line_id="visit|V1",
    provider_id="A",
    person_id="P1",
    order_id="",
    contract_id="C",
    service="PC",
    slot=None,
    agreed_start=None,
    planned_start=None,
    planned_minutes=None,
    visit_id="V1",
    worker_id="W1",
    check_in=1_000,
    check_out=1_030,
    counted_minutes=30,
    start_deviation_minutes=None,
    outcome=Outcome.UNPLANNED,
    payable_minutes=30,
    amount_pence=1_000,
    held=True,
    reasons=(Reason.UNPLANNED,),
    service_on=date(2026, 5, 11),
)
VISIT = VisitRow(
    row=7,
    visit_id="V1",
    sequence=3,
    person_id="P1",
    provider_id="A",
    worker_id="W1",
    service="PC",
    status=Status.DELIVERED,
    check_in=1_000,
    check_out=1_030,
    in_method=Method.APP,
    out_method=Method.APP,
)
OTHERWISE: dict[str, Any] = {
    "line_id": "visit|V2",
    "provider_id": "B",
    "person_id": "P2",
    "order_id": "O1",
    "contract_id": "D",
    "service": "SIT",
    "visit_id": "V2",
    "worker_id": "W2",
    "check_in": 1_001,
    "check_out": None,
    "counted_minutes": 29,
    "outcome": Outcome.DELIVERED,
    "payable_minutes": 29,
    "amount_pence": None,
    "held": False,
    "reasons": (Reason.UNPLANNED, Reason.SAME_WORKER),
}
NOT_FACTS = {
    "slot",
    "agreed_start",
    "planned_start",
    "planned_minutes",
    "start_deviation_minutes",
    "service_on",
}
"""What follows from the line's id, or what a rota moves without touching pay or doubt."""


def test_every_column_of_a_line_is_a_fact_or_follows_from_one() -> None:
    assert {field.name for field in fields(Line)} == set(OTHERWISE) | NOT_FACTS


@pytest.mark.parametrize("column", OTHERWISE)
def test_a_changed_fact_changes_the_facts(column: str) -> None:
    assert facts(replace(LINE, **{column: OTHERWISE[column]})) != facts(LINE)
    assert facts(replace(LINE, planned_start=999, start_deviation_minutes=1)) == facts(LINE)


def test_facts_of_a_visit_are_those_of_all_its_versions_in_any_order() -> None:
    older = replace(VISIT, row=2, sequence=1, check_out=None)
    known = visit_facts([VISIT, older])
    assert known == visit_facts([older, VISIT, replace(VISIT, row=99)])
    assert known != visit_facts([VISIT])
    assert known != visit_facts([VISIT, older], "C")
    changes: list[dict[str, Any]] = [{"worker_id": "W2"}, {"reason_code": "x"}, {"notified_at": 3}]
    for change in changes:
        assert known != visit_facts([replace(VISIT, **change), older])


def test_a_correction_counts_before_all_that_was_recorded() -> None:
    made = correct([VISIT, replace(VISIT, sequence=1)], Correction(clock=(12, 1_005, 1_025)))
    assert made == replace(
        VISIT,
        row=0,
        sequence=4,
        check_in=1_005,
        check_out=1_025,
        in_method=Method.MANUAL,
        out_method=Method.MANUAL,
        reason_code="decision 12",
    )


def test_a_visit_accepted_for_another_care_keeps_its_clock() -> None:
    made = correct([VISIT], Correction(care=("P1", "A", "SIT")))
    assert made == replace(VISIT, row=0, sequence=4, service="SIT")
    apart = correct([VISIT], Correction(care=("P1", "B", "SIT")))
    assert apart == replace(VISIT, row=0, sequence=4, provider_id="B", service="SIT", worker_id="A/W1")


def test_versions_that_contradict_each_other_are_corrected_only_in_their_clock() -> None:
    other = replace(VISIT, row=8, check_in=990, in_method=Method.PHONE, reason_code="lost phone")
    assert counting([VISIT, other]) == counting([other, VISIT])
    assert correct([VISIT, other], Correction(clock=(1, 990, 1_020))) is not None
    stranger = replace(VISIT, row=8, worker_id="W2")
    assert counting([VISIT, stranger]) is None
    assert correct([VISIT, stranger], Correction(clock=(1, 990, 1_020))) is None
    assert counting([VISIT, replace(stranger, sequence=2)]) == VISIT
    assert counting([]) is None


def ruled(ruling: Ruling, **more: Any) -> Decided:
    return replace(Decided(decision=5, ruling=ruling, basis=facts(LINE)), **more)


@pytest.mark.parametrize(
    ("ruling", "then"),
    [
        (Ruling.ACCEPT_RECORDED, Effect(5, 1_000, is_held=False)),
        (Ruling.ACCEPT_UNPLANNED, Effect(5, 1_000, is_held=False)),
        (Ruling.REJECT, Effect(5, 0, is_held=False)),
        (Ruling.ASK_PROVIDER, Effect(5, None, is_held=True)),
    ],
)
def test_a_ruling_about_a_line(ruling: Ruling, then: Effect) -> None:
    assert effect(LINE, ruled(ruling)) == then
    assert effect(replace(LINE, amount_pence=999), ruled(ruling)) is Lapse.FACTS_CHANGED


def test_what_has_no_price_waits_whatever_was_decided() -> None:
    line = replace(LINE, amount_pence=None)
    decided = ruled(Ruling.ACCEPT_RECORDED, basis=facts(line))
    assert effect(line, decided) == Effect(5, None, is_held=True)


def test_a_corrected_clock_shows_on_the_line_that_was_settled_by_it() -> None:
    decided = ruled(Ruling.CORRECT_CLOCK, of_visit=True, check_in=1_000)
    assert effect(LINE, decided) == Effect(5, None, is_held=True)
    assert effect(replace(LINE, held=False), decided) == Effect(5, 1_000, is_held=False)
    assert effect(replace(LINE, check_in=999), decided) is Lapse.NOT_SETTLED_SO


@pytest.mark.parametrize(
    ("changes", "then"),
    [
        ({}, Effect(5, 1_000, is_held=False)),
        ({"outcome": Outcome.DELIVERED, "held": False, "reasons": ()}, Effect(5, 1_000, is_held=False)),
        ({"reasons": (Reason.CAPPED, Reason.UNPLANNED)}, Effect(5, 1_000, is_held=False)),
        ({"reasons": (Reason.UNPLANNED, Reason.WORKER_OVERLAP)}, Effect(5, None, is_held=True)),
        ({"reasons": (Reason.NO_ORDER,), "amount_pence": None}, Effect(5, None, is_held=True)),
        ({"contract_id": "D"}, Lapse.ORDER_CHANGED),
        ({"service": "SIT"}, Lapse.NOT_SETTLED_SO),
        ({"provider_id": "B"}, Lapse.NOT_SETTLED_SO),
    ],
)
def test_a_visit_accepted_against_an_order(changes: Any, then: object) -> None:
    accepted: dict[str, Any] = {
        "of_visit": True,
        "provider_id": "A",
        "service": "PC",
        "contract_id": "C",
    }
    assert effect(replace(LINE, **changes), ruled(Ruling.ACCEPT_UNPLANNED, **accepted)) == then


AGAINST = Against("O1", "P1", "A", "PC", "C", is_in_force=True, ruling_order="O1", ruling_contract="C")
CLOCK = Clock(1_000, 1_020, "the notes", 9_000)


@pytest.mark.parametrize("reason", sorted(HOLDING))
def test_every_reason_to_wait_can_be_decided_somehow(reason: Reason) -> None:
    """Nothing waits for ever: a ruling ends it, or the council puts its own files right."""
    line = replace(LINE, outcome=Outcome.DELIVERED, reasons=(reason,))
    if reason in (Reason.NO_ORDER, Reason.UNPLANNED):
        line = replace(line, outcome=Outcome.UNPLANNED)
    offered = {
        ruling
        for ruling in Ruling
        if can_decide(
            Case(
                ruling,
                line,
                versions=(VISIT,),
                clock=CLOCK if ruling is Ruling.CORRECT_CLOCK else None,
                against=AGAINST if ruling is Ruling.ACCEPT_UNPLANNED else None,
            )
        )
    }
    assert Ruling.REJECT in offered
    assert (Ruling.ASK_PROVIDER in offered) == (reason not in THE_COUNCILS_OWN)
    assert (Ruling.ACCEPT_RECORDED in offered) == (reason not in INSTEAD)


def test_a_cancelled_visit_has_no_clock() -> None:
    cancelled = replace(VISIT, status=Status.CANCELLED, cancelled_by=CancelledBy.PERSON)
    case = Case(Ruling.CORRECT_CLOCK, LINE, versions=(cancelled,), clock=CLOCK)
    assert not can_decide(case)
    frustrated = replace(VISIT, status=Status.FRUSTRATED, check_in=None, check_out=None)
    assert can_decide(replace(case, versions=(frustrated,)))

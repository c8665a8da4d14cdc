"""Control totals and the other system's list of cases, by API."""

from datetime import UTC, date, datetime, timedelta

from django.http import HttpRequest
from ninja import Router

from carethread.engine.units import LONDON
from carethread.interchange.actions_totals import CaseThere, strike, take_cases, take_totals
from carethread.interchange.api.bodies import (
    ApartBody,
    CaseList,
    Cases,
    DayAddress,
    Fault,
    TheirTotals,
    TotalBody,
    Totals,
)
from carethread.interchange.api.doors import Door, caller
from carethread.interchange.api.errors import Refused
from carethread.interchange.api.packages import REFUSALS
from carethread.interchange.cases import Apart, apart
from carethread.interchange.models import ControlTotal
from carethread.interchange.states import Direction, TotalKind
from carethread.interchange.totals import CASE_MANAGEMENT
from carethread.wall.scope import reading, scoped, writing

router = Router(tags=["totals"])
_TOMORROW = timedelta(days=1)


@router.post("/cases", auth=Door("cases"), response={**REFUSALS, 200: Cases, 400: Fault, 409: Fault})
def send_cases(request: HttpRequest, sent: CaseList) -> Cases:
    """Send the list of all cases of a day; the answer says which are not the same here, and why."""
    client, at = caller(request), datetime.now(UTC)
    if sent.as_of > _today(at) + _TOMORROW:
        raise Refused(409, "The list is of a day that is to come.")
    there = [CaseThere(one.ref, one.person_ref, one.status) for one in sent.cases]
    with scoped(writing(client.council_id)):
        count = take_cases(day=sent.as_of, system=CASE_MANAGEMENT, cases=there, by=client.actor, at=at)
        return Cases(open_cases=count, apart=_apart(_today(at)))


@router.get("/cases", auth=Door("cases"), response={**REFUSALS, 200: list[ApartBody]})
def cases_apart(request: HttpRequest) -> list[ApartBody]:
    """List the cases in one system and not in the other, by the latest list."""
    with scoped(reading(caller(request).council_id)):
        return _apart(_today(datetime.now(UTC)))


@router.get("/control-totals/{day}", auth=Door("totals"), response={**REFUSALS, 200: Totals})
def totals_of(request: HttpRequest, day: DayAddress) -> Totals:
    """Ask for the control totals of a day, counted now."""
    with scoped(writing(caller(request).council_id)):
        return _totals(day)


@router.post(
    "/control-totals/{day}",
    auth=Door("totals"),
    response={**REFUSALS, 200: Totals, 400: Fault, 409: Fault},
)
def send_totals(request: HttpRequest, day: DayAddress, sent: TheirTotals) -> Totals:
    """Send your side of a day's control totals: of what you sent, or of what you took as `client`."""
    client = caller(request)
    system = CASE_MANAGEMENT if sent.direction is Direction.IN else client.name
    with scoped(writing(client.council_id)):
        take_totals(
            day=day,
            direction=sent.direction,
            system=system,
            theirs=sent.totals,
            by=client.actor,
            at=datetime.now(UTC),
        )
        return _totals(day)


def _totals(day: date) -> Totals:
    strike(day=day, at=datetime.now(UTC))
    rows = ControlTotal.objects.filter(day=day).order_by("direction", "system", "pk")
    return Totals(day=day, totals=[_total(one) for one in rows])


def _total(one: ControlTotal) -> TotalBody:
    return TotalBody(
        direction=Direction(one.direction),
        system=one.system,
        kind=TotalKind(one.kind),
        ours=one.ours,
        theirs=one.theirs,
        difference=one.difference,
        explained=one.explained,
    )


def _today(at: datetime) -> date:
    return at.astimezone(LONDON).date()


def _apart(day: date) -> list[ApartBody]:
    return [_body(one) for one in apart(CASE_MANAGEMENT, day)]


def _body(one: Apart) -> ApartBody:
    return ApartBody(
        plan_ref=one.plan_ref,
        person_ref=one.person_ref,
        reason=one.reason,
        since=one.since,
        who=one.who,
        sentence=one.sentence,
        package=one.package,
    )

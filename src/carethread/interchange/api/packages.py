"""Packages by API: send one, ask what became of it, withdraw it, have it checked again; what waits."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from carethread.accounts.models import Client
from carethread.formats.packages.catalogue import CATALOGUE
from carethread.formats.packages.reading import read_package
from carethread.formats.packages.schema import SCHEMA
from carethread.formats.packages.words import ReturnCode
from carethread.interchange.actions_inbox import (
    acknowledge,
    check_again,
    take_package,
    withdraw_package,
)
from carethread.interchange.api.bodies import (
    Address,
    Fault,
    Field_,
    OrderMade,
    PackageAnswer,
    Returns,
    Withdrawal,
)
from carethread.interchange.api.doors import Door, caller
from carethread.interchange.api.errors import not_found
from carethread.interchange.models import Package
from carethread.interchange.queries_inbox import package_at, reasons_of, waiting_at
from carethread.interchange.states import PackageStatus, Told
from carethread.wall.scope import reading, scoped, writing

router = Router(auth=Door("packages"), tags=["packages"])
REFUSALS: Any = {401: Fault, 403: Fault, 413: Fault, 422: Fault, 500: Fault}
"""What every route may answer with."""
_PAGE = 200
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {k: v for k, v in SCHEMA.items() if k[0] != "$"}}},
    }
}


@router.post(
    "/packages",
    response={
        **REFUSALS,
        200: PackageAnswer,
        201: PackageAnswer,
        400: PackageAnswer,
        409: PackageAnswer,
        422: PackageAnswer,
    },
    openapi_extra=_BODY,
)
def send(request: HttpRequest) -> Status[PackageAnswer]:
    """Send a package.

    201: accepted. 200: accepted before, and nothing changed. 422: returned, with every reason. 409:
    returned, since its key stands for other content. 400: returned, since it cannot be read.
    """
    client = caller(request)
    receipt = take_package(
        council=client.council_id,
        read=read_package(request.body),
        sender=client.actor,
        how=Told.ANSWER,
        by=client.actor,
        at=datetime.now(UTC),
    )
    with scoped(reading(client.council_id)):
        said = told(receipt.package)
    return Status(_status(said, is_new=receipt.is_new), said)


def _status(said: PackageAnswer, *, is_new: bool) -> int:
    if said.status == PackageStatus.ACCEPTED:
        return HTTPStatus.CREATED if is_new else HTTPStatus.OK
    codes = {one.code for one in said.fields}
    if ReturnCode.UNREADABLE in codes:
        return HTTPStatus.BAD_REQUEST
    if ReturnCode.KEY_REUSED_WITH_OTHER_CONTENT in codes:
        return HTTPStatus.CONFLICT
    return HTTPStatus.UNPROCESSABLE_ENTITY if codes else HTTPStatus.OK


def told(package: Package) -> PackageAnswer:
    """Return what is said of a package."""
    reasons = reasons_of(package) if package.status == PackageStatus.RETURNED else []
    fields = [
        Field_(
            field=one.field,
            code=one.code,
            sentence=one.sentence,
            who=one.who,
            order_line=one.order_line,
        )
        for one in reasons
    ]
    return PackageAnswer(
        code=package.status,
        sentence=_sentence(package, fields),
        fields=fields,
        key=package.key,
        address=package.address,
        status=package.status,
        sha256=package.sha256,
        received_at=package.received_at,
        decided_at=package.decided_at,
        waits_on=list(dict.fromkeys(one.who for one in fields)),
        orders=[OrderMade(order_id=ref, deed=deed) for ref, deed in package.made],
    )


def _sentence(package: Package, fields: list[Field_]) -> str:
    if fields:
        labels = dict.fromkeys(CATALOGUE[ReturnCode(one.code)].label.lower() for one in fields)
        return f"Nothing of the package was taken: {', '.join(labels)}."
    return {
        PackageStatus.ACCEPTED: "All of the package was taken.",
        PackageStatus.REPLACED: "A corrected package came in its place.",
        PackageStatus.WITHDRAWN: "The package was withdrawn.",
    }.get(PackageStatus(package.status), "The package was received and is not decided yet.")


@router.get("/packages/{key}", response={**REFUSALS, 200: PackageAnswer, 404: Fault})
def look(request: HttpRequest, key: Address) -> PackageAnswer:
    """Ask what became of a package."""
    client = caller(request)
    with scoped(writing(client.council_id)):
        package = _the(key)
        acknowledge(package=package, how=Told.FETCHED, to=client.actor, at=datetime.now(UTC))
        return told(package)


@router.post(
    "/packages/{key}/withdraw",
    response={**REFUSALS, 200: PackageAnswer, 400: Fault, 404: Fault, 409: Fault},
)
def withdraw(request: HttpRequest, key: Address, sent: Withdrawal) -> PackageAnswer:
    """Say that a package that was returned is no longer asked for."""
    client = caller(request)
    with scoped(writing(client.council_id)):
        package = withdraw_package(
            package=_the(key), why=sent.why, by=client.actor, at=datetime.now(UTC)
        )
        return told(package)


@router.post(
    "/packages/{key}/check-again",
    response={**REFUSALS, 200: PackageAnswer, 404: Fault, 409: Fault},
)
def check_once_more(request: HttpRequest, key: Address) -> PackageAnswer:
    """Have a returned package checked again as it is, once the council's books were put right."""
    client: Client = caller(request)
    at = datetime.now(UTC)
    with scoped(writing(client.council_id)):
        package = check_again(package=_the(key), by=client.actor, at=at)
        acknowledge(package=package, how=Told.ANSWER, to=client.actor, at=at)
        return told(package)


@router.get("/returns", response={**REFUSALS, 200: Returns})
def returns(request: HttpRequest, after: int = 0) -> Returns:
    """List the packages that wait, as they came; ask again with `after` while there is `next`."""
    with scoped(reading(caller(request).council_id)):
        waiting = waiting_at(datetime.now(UTC)).order_by("pk")
        page = list(waiting.filter(pk__gt=min(max(after, 0), _MOST))[: _PAGE + 1])
        following = page[_PAGE - 1].pk if len(page) > _PAGE else None
        return Returns(packages=[told(one) for one in page[:_PAGE]], next=following)


_MOST = 2**63 - 1


def _the(key: str) -> Package:
    package = package_at(key)
    if package is None:
        raise not_found()
    return package

"""What goes out, by API: each client is shown what is for the system of its name."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from ninja import Router

from carethread.accounts.models import Client
from carethread.interchange.actions_outbox import Answer, answer_outgoing, handed_over
from carethread.interchange.api.bodies import Address, AnswerBody, Fault, OutgoingBody, OutgoingList
from carethread.interchange.api.doors import Door, caller
from carethread.interchange.api.errors import not_found
from carethread.interchange.api.packages import REFUSALS
from carethread.interchange.models import Outgoing
from carethread.interchange.states import OutgoingStatus
from carethread.wall.scope import reading, scoped, writing

router = Router(auth=Door("outgoing"), tags=["outgoing"])
_PAGE, _MOST = 200, 2**63 - 1


@router.get("/outgoing", response={**REFUSALS, 200: OutgoingList})
def list_outgoing(
    request: HttpRequest, status: OutgoingStatus = OutgoingStatus.WAITING, after: int = 0
) -> OutgoingList:
    """List what goes out to you and is so now: waiting, unless you ask for another status."""
    client = caller(request)
    with scoped(reading(client.council_id)):
        rows = Outgoing.objects.filter(system=client.name, status=status.value)
        rows = rows.filter(pk__gt=min(max(after, 0), _MOST)).defer("content").order_by("pk")
        page = list(rows[: _PAGE + 1])
        following = page[_PAGE - 1].pk if len(page) > _PAGE else None
        return OutgoingList(outgoing=[_body(one) for one in page[:_PAGE]], next=following)


@router.get(
    "/outgoing/{key}/content",
    response={**REFUSALS, 404: Fault, 409: Fault},
    openapi_extra={
        "responses": {
            200: {
                "description": "The bytes, as they were made",
                "content": {"application/octet-stream": {"schema": {"type": "string"}}},
            }
        }
    },
)
def content(request: HttpRequest, key: Address) -> HttpResponse:
    """Fetch the content of something; from then on you have it, and answer for it."""
    client = caller(request)
    with scoped(writing(client.council_id)):
        _the(client, key)
        outgoing = handed_over(key=key, to=client.actor, by=client.actor, at=datetime.now(UTC))
        response = HttpResponse(bytes(outgoing.content), content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="{_plain(outgoing.file_name)}"'
        response["X-Content-SHA256"] = outgoing.sha256
        return response


def _plain(name: str) -> str:
    return "".join(
        sign if sign.isascii() and sign.isprintable() and sign not in '"\\' else "_" for sign in name
    )


@router.post(
    "/outgoing/{key}/acknowledge",
    response={**REFUSALS, 200: OutgoingBody, 400: Fault, 404: Fault, 409: Fault},
)
def acknowledge(request: HttpRequest, key: Address, sent: AnswerBody) -> OutgoingBody:
    """Say that you took what you fetched, or refuse it with a sentence that says why."""
    client = caller(request)
    told = Answer(sent.outcome == "acknowledged", sent.code, sent.sentence, sent.sha256)
    with scoped(writing(client.council_id)):
        _the(client, key)
        outgoing = answer_outgoing(key=key, answer=told, by=client.actor, at=datetime.now(UTC))
        return _body(outgoing)


def _the(client: Client, key: str) -> None:
    if not Outgoing.objects.filter(key=key, system=client.name).exists():
        raise not_found()


def _body(one: Outgoing) -> OutgoingBody:
    return OutgoingBody(
        key=one.key,
        kind=one.kind,
        name=one.file_name,
        sha256=one.sha256,
        rows=one.row_count,
        amount_pence=one.amount_pence,
        status=one.status,
        created_at=one.created_at,
        handed_at=one.handed_at,
    )

"""Imports by API: send a file, see what it would change, apply it, get it back with its problems.

The body of a request is the file itself. A provider's program sends its own rows, and sees its own
imports alone; the council's sees all.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Header, Router, Schema, Status
from pydantic import StringConstraints

from carethread.accounts.models import Client
from carethread.interchange.api.bodies import Fault
from carethread.interchange.api.doors import Door, caller
from carethread.interchange.api.errors import Refused, not_found
from carethread.interchange.imports import actions, queries
from carethread.interchange.imports.receive import Sending, receive
from carethread.interchange.imports.words import BatchStatus
from carethread.interchange.models import Batch, Problem
from carethread.kit.unable import UnableTo
from carethread.providers.models import Provider
from carethread.wall.scope import reading, scoped, writing

MOST_BYTES = 1 << 30
router = Router(auth=Door("imports", providers=True, most_bytes=MOST_BYTES), tags=["imports"])
REFUSALS: Any = {401: Fault, 403: Fault, 409: Fault, 413: Fault, 422: Fault, 500: Fault}
_CHUNK = 1 << 20
_PAGE = 1_000
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_FILE: Any = {"responses": {200: {"content": {"application/octet-stream": {}}}}}
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^/\\\x00]+$")]
Word = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z0-9_-]*$")]


class ReasonBody(Schema):
    """Why some rows were rejected, or what to know of them; `row` is the first of them."""

    table: str
    column: str
    code: str
    is_rejected: bool
    count: int
    row: int | None
    sentence: str


class ImportBody(Schema):
    """An import: how far it has come, how many rows of each table have each verdict, and why."""

    number: int
    file: str
    sha256: str
    status: str
    is_again: bool
    counts: dict[str, dict[str, int]]
    first_on: date | None
    last_on: date | None
    reasons: list[ReasonBody]


class ProblemBody(Schema):
    """What is wrong with one row, or to be known of it."""

    table: str
    row: int | None
    column: str
    code: str
    is_rejected: bool
    sentence: str


class Problems(Schema):
    """Problems in the order of their number. `next` is to be given as `after` for more."""

    problems: list[ProblemBody]
    next: int | None


@router.post("/imports", response={**REFUSALS, 200: ImportBody, 201: ImportBody}, openapi_extra=_BODY)
def send(
    request: HttpRequest,
    file_name: Annotated[Name, Header(alias="Carethread-File")],
    profile: Word = "",
    table: Word = "",
) -> Status[ImportBody]:
    """Send a file and have it checked; nothing is written to the books yet.

    201: checked. 200: the same content was applied before, and there is nothing to do.
    """
    client, at = caller(request), datetime.now(UTC)
    with _arrived(request) as path:
        with scoped(writing(client.council_id)):
            provider = None if client.provider is None else Provider.objects.get(pk=client.provider)
            sending = Sending(path, file_name, profile, table, provider)
            receipt = receive(sending=sending, by=client.actor, at=at)
        batch = receipt.batch
        if batch.status == BatchStatus.APPLIED:
            return Status(HTTPStatus.OK, _told(batch, is_again=True))
        batch = actions.check(batch=batch, by=client.actor, at=at)
    return Status(HTTPStatus.CREATED, _told(batch, is_again=receipt.is_again))


@contextmanager
def _arrived(request: HttpRequest) -> Iterator[Path]:
    """Give what was sent as a file of our own."""
    with tempfile.TemporaryDirectory(prefix="arriving-", dir=settings.FILES) as name:
        path = Path(name) / "sent"
        size = 0
        with path.open("wb") as file:
            while chunk := request.read(_CHUNK):
                size += len(chunk)
                if size > MOST_BYTES:
                    message = f"At most {MOST_BYTES} bytes are taken at once."
                    raise Refused(413, message)
                file.write(chunk)
        yield path


@router.get("/imports/{int:number}", response={**REFUSALS, 200: ImportBody, 404: Fault})
def look(request: HttpRequest, number: int) -> ImportBody:
    """Ask how far an import has come."""
    return _told(_the(caller(request), number), is_again=False)


@router.get("/imports/{int:number}/problems", response={**REFUSALS, 200: Problems, 404: Fault})
def problems(request: HttpRequest, number: int, after: int = 0) -> Problems:
    """List what is wrong with an import's rows; ask again with `after` while there is `next`."""
    client = caller(request)
    batch = _the(client, number)
    with scoped(reading(client.council_id)):
        rows = Problem.objects.filter(batch=batch, pk__gt=min(max(after, 0), 2**63 - 1)).order_by("pk")
        page = list(rows[: _PAGE + 1])
    bodies = [
        ProblemBody(
            table=one.table,
            row=one.row,
            column=one.column,
            code=one.code,
            is_rejected=one.is_rejected,
            sentence=one.says,
        )
        for one in page[:_PAGE]
    ]
    return Problems(problems=bodies, next=page[_PAGE - 1].pk if len(page) > _PAGE else None)


@router.get("/imports/{int:number}/file", response={**REFUSALS, 404: Fault}, openapi_extra=_FILE)
def file_back(request: HttpRequest, number: int) -> HttpResponse:
    """Get the same file back, with a column that says what is wrong with each row."""
    client = caller(request)
    batch = _the(client, number)
    with tempfile.TemporaryDirectory(prefix="back-", dir=settings.FILES) as name:
        out = Path(name) / "back"
        with scoped(reading(client.council_id)):
            faults = queries.write_back(batch, out)
        if faults:
            raise UnableTo("; ".join(fault.message for fault in faults))
        return HttpResponse(out.read_bytes(), content_type="application/octet-stream")


@router.post("/imports/{int:number}/apply", response={**REFUSALS, 200: ImportBody, 404: Fault})
def apply(request: HttpRequest, number: int) -> ImportBody:
    """Write what is new or changed into the books: all of it, or nothing.

    409: it cannot be applied; where the books changed since, it was checked again.
    """
    client, at = caller(request), datetime.now(UTC)
    batch = actions.apply(batch=_the(client, number), by=client.actor, at=at)
    if actions.brings_people(batch):
        actions.compare_people(council=client.council_id, at=at)
    return _told(batch, is_again=False)


@router.post("/imports/{int:number}/abandon", response={**REFUSALS, 200: ImportBody, 404: Fault})
def abandon(request: HttpRequest, number: int) -> ImportBody:
    """Decide against an import; nothing is written."""
    client = caller(request)
    batch = _the(client, number)
    with scoped(writing(client.council_id)):
        batch = actions.abandon(batch=batch, by=client.actor, at=datetime.now(UTC))
    return _told(batch, is_again=False)


def _the(client: Client, number: int) -> Batch:
    """Return an import that a client may see: for a provider's, of its own alone."""
    with scoped(reading(client.council_id)):
        rows = Batch.objects.select_related("provider").filter(pk=min(number, 2**63 - 1))
        if client.provider is not None:
            rows = rows.filter(provider=client.provider)
        found: Batch | None = rows.first()
    if found is None:
        raise not_found()
    return found


def _told(batch: Batch, *, is_again: bool) -> ImportBody:
    with scoped(reading(batch.council_id)):
        reasons = queries.reasons(batch)
    return ImportBody(
        number=batch.pk,
        file=batch.file,
        sha256=batch.sha256,
        status=batch.status,
        is_again=is_again,
        counts=batch.counts,
        first_on=batch.first_on,
        last_on=batch.last_on,
        reasons=[
            ReasonBody(
                table=one.table,
                column=one.column,
                code=one.code,
                is_rejected=one.is_rejected,
                count=one.count,
                row=one.row,
                sentence=one.says,
            )
            for one in reasons
        ],
    )

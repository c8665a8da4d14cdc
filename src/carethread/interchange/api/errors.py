"""Every refusal has the same body, and repeats nothing of what was sent."""

import logging
import traceback
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from carethread.interchange.api.bodies import Fault, Field_
from carethread.kit.unable import UnableTo

_log = logging.getLogger(__name__)
_CODES = {400: "unreadable", 403: "forbidden", 404: "not_found", 409: "conflict", 413: "too_large"}


class Refused(Exception):
    """A request that is refused with a status and a body."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def not_found() -> Refused:
    """Return the refusal of what is not there, for this caller."""
    return Refused(404, "There is nothing of this key.")


def answer(status: int, sentence: str, *, fields: list[Field_] | None = None, code: str = "") -> Any:
    """Return a refusal."""
    body = Fault(code=code or _CODES.get(status, "refused"), sentence=sentence, fields=fields or [])
    return JsonResponse(body.model_dump(), status=status)


def not_there(_request: HttpRequest) -> HttpResponse:
    """Answer an address that there is none of."""
    response: HttpResponse = answer(404, "There is no such address; see /api/v1/openapi.json.")
    return response


def add_handlers(api: NinjaAPI) -> None:
    """Let an API answer with these."""
    api.add_exception_handler(AuthenticationError, _unknown)
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(UnableTo, _unable)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(Exception, _defect)


def _unknown(_request: HttpRequest, _error: Any) -> HttpResponse:
    response: HttpResponse = answer(
        401, "Send a valid token: Authorization: Bearer ...", code="no_token"
    )
    response["WWW-Authenticate"] = "Bearer"
    return response


def _refused(_request: HttpRequest, error: Any) -> HttpResponse:
    response: HttpResponse = answer(error.status, error.sentence)
    return response


def _unable(_request: HttpRequest, error: Any) -> HttpResponse:
    text = str(error)
    response: HttpResponse = answer(409, f"{text[:1].upper()}{text[1:]}.")
    return response


def _invalid(_request: HttpRequest, error: Any) -> HttpResponse:
    fields = [
        Field_(field=_where(one["loc"]), code="invalid_field", sentence=_plain(one["msg"]))
        for one in error.errors
    ]
    said = "Some fields are missing or wrong; nothing was taken."
    response: HttpResponse = answer(422, said, fields=fields, code="invalid")
    return response


def _where(place: Any) -> str:
    """Return where a field is, without the kind of parameter and its name in the code."""
    known = [str(part) for part in place if part not in ("body", "path", "query", "sent")]
    return ".".join(known)


def _plain(message: str) -> str:
    said = message.removeprefix("Value error, ")
    return f"{said[:1].upper()}{said[1:]}."


def _http(_request: HttpRequest, error: Any) -> HttpResponse:
    said = "The request cannot be read; send JSON as the description says."
    response: HttpResponse = answer(error.status_code, said)
    return response


def _defect(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer a defect; what is logged says where, never what: the text may hold a person's details."""
    *_, last = traceback.extract_tb(error.__traceback__)
    _log.error(
        "defect: %s at %s:%s, in %s", type(error).__name__, last.filename, last.lineno, request.method
    )
    said = (
        "A defect of carethread; nothing was done half. Send it again later, and tell whoever runs it."
    )
    response: HttpResponse = answer(500, said, code="defect")
    return response

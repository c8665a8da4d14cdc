"""Who may come in: a program with a token of one council, that may do the deed. All else is refused."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from carethread.accounts.actions import note_use
from carethread.accounts.models import Client
from carethread.accounts.queries import client_with
from carethread.formats.packages.reading import MOST_BYTES
from carethread.interchange.api.errors import Refused

RIGHTS = ("packages", "cases", "totals", "outgoing", "imports")
"""What a client may be let do here."""


class Door(HttpBearer):
    """Lets in the clients that may do one deed; a provider's only where providers may."""

    def __init__(self, deed: str, *, providers: bool = False, most_bytes: int = MOST_BYTES) -> None:
        """Guard a deed."""
        super().__init__()
        self._deed, self._providers, self._most_bytes = deed, providers, most_bytes

    def authenticate(self, request: HttpRequest, token: str) -> Client | None:
        """Return the client of a token, None where it is nobody's.

        Raises:
            Refused: if it may not do this.
        """
        client = client_with(token)
        if client is None:
            return None
        is_stranger = client.provider is not None and not self._providers
        if is_stranger or self._deed not in client.may:
            message = f"This token may not do this; it needs the right {self._deed}."
            raise Refused(403, message)
        note_use(client=client, at=datetime.now(UTC))
        _check_size(request, self._most_bytes)
        return client


def _check_size(request: HttpRequest, most: int) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > most:
        message = f"At most {most} bytes are taken at once."
        raise Refused(413, message)


def caller(request: HttpRequest) -> Client:
    """Return who calls."""
    found: Any = request
    client: Client = found.auth
    return client

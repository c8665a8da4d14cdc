"""Imports by API: a provider's program sends its own rows and sees its own imports alone."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser

from carethread.accounts.actions import add_client
from carethread.councils.models import Council
from carethread.interchange.api.site import api
from carethread.providers.models import Provider
from carethread.visits.models import Visit
from carethread.wall.scope import reading, scoped
from tests.books.imports import BY, NOW, checked, council, provider, written
from tests.databases import Books

HEAD = "visit_id,person_id,provider_id,worker_id,service,check_in,check_out\n"
OURS = "V1,P1,A,W1,PC,2026-05-04T08:00,2026-05-04T08:30\n"
THEIRS = "V2,P1,B,W1,PC,2026-05-04T08:00,2026-05-04T08:30\n"


class Program:
    """Calls with the token of a client that may import."""

    def __init__(self, council: Council, provider: Provider | None = None) -> None:
        _, token = add_client(
            council=council,
            name="rota system",
            may=["imports"],
            provider=None if provider is None else provider.pk,
            by=BY,
            at=NOW,
        )
        self._browser = Browser(raise_request_exception=False, SERVER_NAME="localhost")
        self.headers = {"Authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, body: str = "", name: str = "visits.csv") -> Any:
        return self._browser.generic(
            method,
            f"/api/v1/imports{path}",
            body.encode(),
            "application/octet-stream",
            headers={**self.headers, "Carethread-File": name},
        )


def test_a_provider_sends_sees_and_applies_its_own(books: Books, tmp_path: Path) -> None:
    north = council()
    program = Program(north, provider(north, "A"))
    sent = program("POST", "", HEAD + OURS + THEIRS)
    assert sent.status_code == 201, sent.content
    told = sent.json()
    assert told["counts"] == {"visits": {"new": 1, "changed": 0, "unchanged": 0, "rejected": 1}}
    assert told["reasons"][0]["code"] == "not_yours"
    number = told["number"]
    assert program("GET", f"/{number}/problems").json()["problems"][0]["row"] == 3
    assert program("GET", f"/{number}/file").content.startswith(b"carethread_problems,")
    assert program("POST", f"/{number}/apply").json()["status"] == "applied"
    assert program("POST", f"/{number}/apply").status_code == 409
    again = program("POST", "", HEAD + OURS + THEIRS)
    assert (again.status_code, again.json()["is_again"]) == (200, True)
    with scoped(reading(north.pk)):
        assert [one.ref for one in Visit.objects.all()] == ["V1"]
    councils_own = checked(north, written(tmp_path / "a", visits=HEAD + THEIRS))
    for path in ("", "/problems", "/file"):
        assert program("GET", f"/{councils_own.pk}{path}").status_code == 404
    assert program("POST", f"/{councils_own.pk}/apply").status_code == 404
    other = Program(north, provider(north, "B"))
    assert other("GET", f"/{number}").status_code == 404
    assert Program(north)("GET", f"/{number}").status_code == 200


def test_what_cannot_be_sent_is_refused(books: Books) -> None:
    north = council()
    program = Program(north)
    assert program("POST", "", HEAD, name="../visits.csv").status_code == 422
    assert program("POST", "?table=horses", HEAD).status_code == 409
    assert program("POST", "?profile=theirs", HEAD).status_code == 409
    failed = program("POST", "", "")
    assert failed.json()["status"] == "failed"
    assert program("POST", f"/{failed.json()['number']}/apply").status_code == 409
    assert program("POST", f"/{failed.json()['number']}/abandon").json()["status"] == "abandoned"


ROUTES = [
    ("POST", ""),
    *(("GET", path) for path in ("/{number}", "/{number}/problems", "/{number}/file")),
    *(("POST", path) for path in ("/{number}/apply", "/{number}/abandon")),
]


def test_every_route_is_tried_below() -> None:
    paths = api.get_openapi_schema()["paths"].items()
    there = {(way.upper(), path) for path, ways in paths for way in ways if "/imports" in path}
    assert there == {(method, f"/api/v1/imports{path}") for method, path in ROUTES}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_comes_in_who_may_not(books: Books, tmp_path: Path, method: str, path: str) -> None:
    north, south = council("north"), council("south")
    batch = checked(north, written(tmp_path / "a", visits=HEAD + THEIRS))
    at = path.format(number=batch.pk)
    stranger = Program(north)
    stranger.headers = {}
    assert stranger(method, at, HEAD).status_code == 401
    stranger.headers = {"Authorization": "Bearer wrong"}
    assert stranger(method, at, HEAD).status_code == 401
    _, token = add_client(council=north, name="ledger", may=["outgoing"], by=BY, at=NOW)
    stranger.headers = {"Authorization": f"Bearer {token}"}
    assert stranger(method, at, HEAD).status_code == 403
    if path:
        assert Program(south)(method, at).status_code == 404
    with scoped(reading(north.pk)):
        batch.refresh_from_db()
    assert batch.status == "checked"

"""The API: what it takes, what it answers, and whom it refuses."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser

from carethread.accounts.actions import add_client, revoke_client
from carethread.accounts.models import Client
from carethread.audit.models import Entry
from carethread.councils.models import Council
from carethread.formats.packages.reading import MOST_BYTES
from carethread.interchange.actions_outbox import Message, send
from carethread.interchange.api.doors import RIGHTS
from carethread.interchange.api.site import api
from carethread.interchange.models import Acknowledgement, Package
from carethread.providers.models import Provider
from carethread.wall.scope import reading, scoped, writing
from tests.books.boundary import NOW, furnished, take
from tests.databases import Books
from tests.formats.packages.messages import message

BASE = "/api/v1"
DAY = "2026-05-04"
ROUTES = [
    ("POST", "/packages", message()),
    ("GET", "/packages/CM-1", None),
    ("POST", "/packages/CM-1/withdraw", {}),
    ("POST", "/packages/CM-1/check-again", None),
    ("GET", "/returns", None),
    ("POST", "/cases", {"as_of": DAY, "cases": []}),
    ("GET", "/cases", None),
    ("GET", f"/control-totals/{DAY}", None),
    ("POST", f"/control-totals/{DAY}", {"totals": {"packages_received": 1}}),
    ("GET", "/outgoing", None),
    ("GET", "/outgoing/PAY-1/content", None),
    ("POST", "/outgoing/PAY-1/acknowledge", {"outcome": "acknowledged", "sha256": "0" * 64}),
]


class Caller:
    """Calls with a token."""

    def __init__(self, token: str = "") -> None:
        self._browser = Browser(raise_request_exception=False, SERVER_NAME="localhost")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        response = self._browser.generic(
            method, BASE + path, sent, "application/json", headers=self._headers
        )
        is_json = response["Content-Type"].startswith("application/json")
        return response.status_code, json.loads(response.content) if is_json else response.content


def client(council: Council, *may: str, name: str = "ledger", provider: int | None = None) -> Client:
    return add_client(
        council=council, name=name, may=may, provider=provider, by="console:test", at=NOW
    )[0]


def caller(council: Council, *may: str, provider: int | None = None) -> Caller:
    _, token = add_client(
        council=council,
        name="ledger",
        may=may or RIGHTS,
        provider=provider,
        by="console:test",
        at=NOW,
    )
    return Caller(token)


def outgoing(council: Council, key: str = "PAY-1", system: str = "ledger") -> str:
    with scoped(writing(council.pk)):
        one = Message("payments", key, f"{key}.csv", b"S1,1250\n", system, 1, 1250)
        return send(message=one, by="user:1", at=NOW).sha256


def refused(answer: tuple[int, Any], status: int) -> None:
    assert answer[0] == status, answer
    assert set(answer[1]) == {"code", "sentence", "fields"}
    assert answer[1]["sentence"].endswith((".", "..."))


def test_every_route_is_tried_below() -> None:
    schema = api.get_openapi_schema()
    there = {(method.upper(), path) for path, ways in schema["paths"].items() for method in ways}
    known = {("CM-1", "{key}"), ("PAY-1", "{key}"), (DAY, "{day}")}
    tried = set()
    for method, path, _ in ROUTES:
        for one, other in known:
            path = path.replace(one, other)  # noqa: PLW2901
        tried.add((method, BASE + path))
    assert {one for one in there if "/imports" not in one[1]} == tried, "imports: test_imports_api.py"


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_nobody_comes_in_who_may_not(books: Books, method: str, path: str, body: Any) -> None:
    north, south = furnished(), furnished("south")
    take(north, {"service": "SIT"})
    outgoing(north)
    refused(Caller()(method, path, body), 401)
    refused(Caller("wrong")(method, path, body), 401)
    refused(Caller("wröng")(method, path, body), 401)
    revoked, token = add_client(council=north, name="x", may=RIGHTS, by="console:test", at=NOW)
    revoke_client(client=revoked, by="console:test", at=NOW)
    refused(Caller(token)(method, path, body), 401)
    refused(caller(north, "nothing")(method, path, body), 403)
    with scoped(reading(north.pk)):
        provider = Provider.objects.get().pk
    refused(caller(north, *RIGHTS, provider=provider)(method, path, body), 403)
    status, answer = caller(south)(method, path, body)
    if "CM-1" in path or "PAY-1" in path:
        assert status == 404
    else:
        assert "CM-1" not in json.dumps(answer) or method == "POST"
    with scoped(reading(north.pk)):
        assert not Acknowledgement.objects.filter(how="fetched").exists()
        assert Package.objects.get().status == "returned"
    with scoped(reading(south.pk)):
        assert Package.objects.count() == (1 if path == "/packages" else 0)


def test_use_is_noted(books: Books) -> None:
    council = furnished()
    caller(council)("GET", "/returns")
    assert Client.objects.get().last_used_at is not None


def test_a_package_is_accepted_and_again_the_same(books: Books) -> None:
    call = caller(furnished())
    status, said = call("POST", "/packages", message())
    assert (status, said["status"], said["code"]) == (201, "accepted", "accepted")
    assert said["orders"] == [{"order_id": "CT1", "deed": "place"}]
    status, again = call("POST", "/packages", message())
    assert (status, again) == (200, said)
    assert call("GET", "/packages/CM-1") == (200, said)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (message({"service": "SIT"}), 422, "no_rate"),
        (message({"minutes": 0}), 422, "invalid_field"),
        (b"{", 400, "unreadable"),
        (b"", 400, "unreadable"),
        (b"\xff\x00", 400, "unreadable"),
        (b"[" * 200_000, 400, "unreadable"),
        (message(person={"given_name": "A\0b"}), 422, "invalid_field"),
        (message(person={"given_name": "\ud800"}), 422, "invalid_field"),
        (message(person={"given_name": "x" * 101}), 422, "invalid_field"),
    ],
)
def test_a_package_is_returned_with_reasons(books: Books, body: Any, status: int, code: str) -> None:
    call = caller(furnished())
    answered, said = call("POST", "/packages", body)
    assert (answered, said["status"], said["fields"][0]["code"]) == (status, "returned", code)
    assert said["waits_on"]
    assert said["fields"][0]["sentence"].endswith(".")
    assert call("GET", f"/packages/{said['address']}") == (200, said)
    (listed,) = call("GET", "/returns")[1]["packages"]
    assert listed == said


def test_a_key_for_other_content_is_a_conflict(books: Books) -> None:
    call = caller(furnished())
    call("POST", "/packages", message())
    status, said = call("POST", "/packages", message({"minutes": 45}))
    assert (status, said["fields"][0]["code"]) == (409, "key_reused_with_other_content")
    assert call("GET", "/packages/CM-1")[1]["status"] == "accepted"
    assert call("GET", f"/packages/{said['address']}")[1]["status"] == "returned"


def test_a_package_is_withdrawn_and_an_accepted_one_is_not(books: Books) -> None:
    council = furnished()
    call = caller(council)
    call("POST", "/packages", message({"service": "SIT"}))
    status, said = call("POST", "/packages/CM-1/withdraw", {"why": "sent twice"})
    assert (status, said["status"]) == (200, "withdrawn")
    assert call("POST", "/packages/CM-1/withdraw", {})[0] == 200
    refused(call("POST", "/packages/CM-1/check-again"), 409)
    call("POST", "/packages", message(key="CM-2"))
    refused(call("POST", "/packages/CM-2/withdraw", {}), 409)
    refused(call("POST", "/packages/CM-2/withdraw", {"whi": 1}), 422)
    refused(call("POST", "/packages/CM-2/withdraw", b"{"), 400)


def test_a_long_list_comes_in_pages(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carethread.interchange.api.packages._PAGE", 2)
    call = caller(furnished())
    for number in range(5):
        call("POST", "/packages", message({"service": "SIT"}, key=f"K{number}"))

    def keys() -> Iterator[str]:
        after = 0
        while after is not None:
            page = call("GET", f"/returns?after={after}")[1]
            yield from (one["key"] for one in page["packages"])
            after = page["next"]

    assert list(keys()) == ["K0", "K1", "K2", "K3", "K4"]
    assert call("GET", "/returns?after=99999999999999999999999")[1]["packages"] == []
    refused(call("GET", "/returns?after=x"), 422)


def test_the_list_of_cases_is_answered_with_what_is_apart(books: Books) -> None:
    call = caller(furnished())
    call("POST", "/packages", message({"service": "SIT"}))
    cases = [{"ref": "SP-7", "person_ref": "P1", "status": "open"}]
    status, said = call("POST", "/cases", {"as_of": DAY, "cases": cases})
    assert (status, said["open_cases"]) == (200, 1)
    (one,) = said["apart"]
    assert (one["reason"], one["who"], one["package"]) == ("returned", "contract_manager", "CM-1")
    assert call("GET", "/cases") == (200, [one])
    refused(call("POST", "/cases", {"as_of": "2199-01-01", "cases": []}), 409)
    refused(call("POST", "/cases", {"as_of": "2020-01-01", "cases": cases}), 409)
    refused(call("POST", "/cases", {"as_of": DAY, "cases": cases * 2}), 409)
    for wrong in ({"as_of": "never", "cases": []}, {"as_of": DAY}, {"as_of": DAY, "cases": [{}]}):
        refused(call("POST", "/cases", wrong), 422)
    nul = [{"ref": "a\0", "person_ref": "Smith\0", "status": "open"}]
    answer = call("POST", "/cases", {"as_of": DAY, "cases": nul})
    refused(answer, 422)
    assert "Smith" not in json.dumps(answer[1])


def test_totals_are_told_and_taken(books: Books) -> None:
    council = furnished()
    call = caller(council)
    take(council)
    theirs = {"packages_received": 2, "weekly_pence": 7000}
    status, said = call("POST", f"/control-totals/{DAY}", {"totals": theirs})
    assert status == 200
    figures = {one["kind"]: (one["ours"], one["theirs"], one["difference"]) for one in said["totals"]}
    assert figures["packages_received"] == (1, 2, -1)
    assert figures["weekly_pence"] == (7000, 7000, 0)
    assert figures["order_lines"] == (1, None, None)
    assert call("GET", f"/control-totals/{DAY}") == (200, said)
    refused(call("POST", f"/control-totals/{DAY}", {"totals": {"rows_sent": 1}}), 409)
    refused(call("POST", f"/control-totals/{DAY}", {"totals": {"hours": 1}}), 422)
    refused(call("POST", f"/control-totals/{DAY}", {"totals": {"order_lines": 10**30}}), 422)
    for day in ("9999-12-31", "0001-01-01", "today"):
        refused(call("GET", f"/control-totals/{day}"), 422)


def test_what_goes_out_is_fetched_and_acknowledged(books: Books) -> None:
    council = furnished()
    call = caller(council)
    digest = outgoing(council)
    outgoing(council, "ELSE", system="another")
    (one,) = call("GET", "/outgoing")[1]["outgoing"]
    assert (one["key"], one["sha256"], one["status"]) == ("PAY-1", digest, "waiting")
    said = {"outcome": "acknowledged", "sha256": digest}
    refused(call("POST", "/outgoing/PAY-1/acknowledge", said), 409)
    for _ in range(2):
        assert call("GET", "/outgoing/PAY-1/content") == (200, b"S1,1250\n")
    assert call("GET", "/outgoing")[1]["outgoing"] == []
    refused(call("POST", "/outgoing/PAY-1/acknowledge", said | {"sha256": "0" * 64}), 409)
    for _ in range(2):
        assert call("POST", "/outgoing/PAY-1/acknowledge", said)[1]["status"] == "acknowledged"
    (one,) = call("GET", "/outgoing?status=acknowledged")[1]["outgoing"]
    refused(call("GET", "/outgoing/ELSE/content"), 404)
    refused(call("GET", "/outgoing?status=lost"), 422)
    with scoped(reading(council.pk)):
        deeds = Entry.objects.filter(subject="outgoing:PAY-1").values_list("action", flat=True)
        assert list(deeds) == ["outgoing.sent", "outgoing.handed_over", "outgoing.acknowledged"]


def test_too_much_at_once_is_refused(books: Books) -> None:
    call = caller(furnished())
    refused(call("POST", "/packages", b" " * (MOST_BYTES + 1)), 413)


@pytest.mark.parametrize("key", ["a%00b", "%7E", "x" * 101, "%F0%9F%98%80", "~9999999999999999999"])
def test_odd_addresses_are_refused(books: Books, key: str) -> None:
    refused(caller(furnished())("GET", f"/packages/{key}"), 422)


def test_what_is_not_there_is_not_there(books: Books) -> None:
    call = caller(furnished())
    refused(call("GET", "/packages/NO"), 404)
    refused(call("GET", "/packages/~12"), 404)
    refused(call("GET", "/nowhere"), 404)
    refused(call("GET", "/outgoing/NO/content"), 404)


def test_a_defect_is_told_without_what_it_was_about(
    books: Books, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        text = "Failing row contains (Ada, 1941-02-03)"
        raise RuntimeError(text)

    monkeypatch.setattr("carethread.interchange.api.packages.take_package", fail)
    answer = caller(furnished())("POST", "/packages", message())
    refused(answer, 500)
    assert "Ada" not in json.dumps(answer[1]) + caplog.text
    assert "RuntimeError" in caplog.text


def test_the_description_declares_what_is_answered() -> None:
    schema = api.get_openapi_schema()
    for path, ways in schema["paths"].items():
        for method, route in ways.items():
            declared = {int(status) for status in route["responses"]}
            assert {200, 401, 403, 413, 422} <= declared, (method, path)
            if "{key}" in path:
                assert 404 in declared, (method, path)
    json.dumps(schema, default=str)
    assert Browser(SERVER_NAME="localhost").get(f"{BASE}/openapi.json").status_code == 200

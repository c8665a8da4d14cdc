"""Packages as JSON and as CSV: read the same, and returned with every reason."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carethread.engine import units
from carethread.formats.books.words import FundingSource
from carethread.formats.packages import reading
from carethread.formats.packages.canonical import canonical_json, fingerprint
from carethread.formats.packages.reading import read_package
from carethread.formats.packages.schema import SCHEMA
from carethread.formats.packages.tables import PACKAGES, read_packages_csv
from carethread.formats.packages.writing import written
from tests.formats.packages.messages import HEAD, HOURS, ORDER, PERSON, message, package


def returned(content: Any) -> list[tuple[str, str, int | None]]:
    """Return code, field and line of every reason."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    read = read_package(text)
    assert read.package is None
    return [(one.code.value, one.field, one.line) for one in read.returns]


def test_a_package_is_read() -> None:
    coded = {"funding_source": "joint", "council_share_percent": 33.33, "scheme_weeks_limit": "6"}
    one = package({"order_id": "O7"} | coded | {"scheme": "D2A"}, HOURS)
    assert units.iso(one.sent_at) == HEAD["sent_at"]
    assert one.plan_authorised_on == date(2026, 4, 30)
    assert one.person.born_on == date(1941, 2, 3)
    first, second = one.orders
    assert (first.row, first.order_id, first.person_id, first.plan_ref) == (1, "O7", "P1", "SP-7")
    assert first.funding_source is FundingSource.JOINT
    assert str(first.council_share_percent) == "33.33"
    assert (second.row, second.order_id, second.weekly_minutes) == (2, "", 420)
    assert second.start_minute is None


@pytest.mark.parametrize(
    ("content", "say"),
    [
        (b"\xff", "the message is not UTF-8"),
        (b"{", "the message is not JSON"),
        (b"[]", "the message must be a JSON object"),
        (b'{"key": NaN}', "the message has NaN, which is no number"),
        (b'{"key": "a", "key": "b"}', "the message has 'key' twice in one object"),
        (b"[" * 100_000, "the message is nested too deep"),
        (b" " * (reading.MOST_BYTES + 1), "the message has 4194305 bytes; at most 4194304 are taken"),
    ],
)
def test_what_cannot_be_read_is_returned(content: bytes, say: str) -> None:
    read = read_package(content)
    assert (read.key, read.package) == ("", None)
    (one,) = read.returns
    assert one.code.value == "unreadable"
    assert say in one.detail
    assert one.who.value == "system_administrator"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"key": " "}, ("missing_field", "key", None)),
        ({"sent_at": "yesterday"}, ("invalid_field", "sent_at", None)),
        ({"plan_ref": None}, ("missing_field", "plan_ref", None)),
        ({"plan_authorised_on": "30/04/2026"}, ("invalid_field", "plan_authorised_on", None)),
        ({"plan": "SP"}, ("unknown_field", "plan", None)),
        ({"person": {"person_id": ""}}, ("missing_field", "person_id", None)),
        ({"person": PERSON | {"nhs_number": 9434765918}}, ("invalid_field", "nhs_number", None)),
        ({"person": PERSON | {"died_on": "1940-01-01"}}, ("invalid_field", "died_on", None)),
        ({"person": PERSON | {"given_name": ["Ada"]}}, ("invalid_field", "given_name", None)),
        ({"person": PERSON | {"given_name": "\ud800"}}, ("invalid_field", "given_name", None)),
        ({"person": PERSON | {"family_name": "a\0"}}, ("invalid_field", "family_name", None)),
        ({"person": PERSON | {"shoe": 7}}, ("unknown_field", "shoe", None)),
        ({"orders": []}, ("no_orders", "orders", None)),
        ({"orders": {}}, ("invalid_field", "orders", None)),
        ({"orders": [ORDER, 7]}, ("invalid_field", "orders", None)),
        ({"orders": [ORDER | {"basis": "hourly"}]}, ("invalid_field", "basis", 1)),
        ({"orders": [ORDER, ORDER | {"minutes": None}]}, ("missing_field", "minutes", 2)),
        ({"orders": [ORDER | {"service": ""}]}, ("missing_field", "service", 1)),
        ({"orders": [ORDER | {"ends_on": "2026-05-01"}]}, ("invalid_field", "ends_on", 1)),
        ({"orders": [ORDER | {"person_id": "P2"}]}, ("unknown_field", "person_id", 1)),
        ({"orders": [ORDER | {"minutes": 30.5}]}, ("invalid_field", "minutes", 1)),
        ({"orders": [ORDER | {"minutes": True}]}, ("invalid_field", "minutes", 1)),
        (
            {"orders": [ORDER | {"funding_source": "joint"}]},
            ("invalid_field", "council_share_percent", 1),
        ),
    ],
)
def test_what_is_wrong_is_returned_by_field(
    changed: dict[str, Any], reason: tuple[str, str, int | None]
) -> None:
    assert returned(message() | changed) == [reason]


def test_all_reasons_are_returned_and_the_key_is_kept() -> None:
    read = read_package(json.dumps({"key": "CM-9", "orders": [{}]}).encode())
    assert read.key == "CM-9"
    fields = [one.field for one in read.returns]
    assert fields == [
        *("sent_at", "plan_ref", "person_id", "provider_id", "contract_id", "service", "starts_on"),
        "basis",
    ]


def test_a_person_that_is_no_object_is_returned() -> None:
    assert ("invalid_field", "person", None) in returned(message() | {"person": "P1"})


def test_a_name_nearly_right_is_named() -> None:
    read = read_package(json.dumps(message({"fundng_source": "nhs"})).encode())
    assert read.returns[0].detail == "is not a field of a package; did you mean funding_source?"


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_bytes_raise(content: bytes) -> None:
    assert read_package(content).package is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([*HEAD, "person", "orders"]), st.sampled_from([*PERSON]), JSON)
def test_no_value_raises(name: str, detail: str, value: Any) -> None:
    for content in (
        message() | {name: value},
        message(person={detail: value}),
        message({detail: value}),
    ):
        read = read_package(json.dumps(content).encode())
        assert (read.package is None) == bool(read.returns)
        if read.package is not None:
            assert len(fingerprint(read.package)) == 64


def write(path: Path, *rows: dict[str, Any]) -> Path:
    names = list(dict.fromkeys(["key", *(name for row in rows for name in row)]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


ROW = HEAD | PERSON | ORDER


def test_packages_in_a_table_are_those_of_json(tmp_path: Path) -> None:
    evening = {"start_time": "18:00", "funding_source": "nhs"}
    other = {"key": "CM-2", "person_id": "P2", "nhs_number": ""}
    path = write(tmp_path / "packages.csv", ROW, ROW | other, ROW | evening)
    read = read_packages_csv(path)
    assert read.faults == []
    first, second = read.packages
    assert (first.key, first.rows, second.key, second.rows) == ("CM-1", (2, 4), "CM-2", (3,))
    assert first.package == package({}, evening)
    assert second.package == package(key="CM-2", person={"person_id": "P2", "nhs_number": ""})


def test_rows_of_a_package_that_disagree_return_it_alone(tmp_path: Path) -> None:
    rows = [ROW, ROW | {"born_on": "1942-02-03", "start_time": "18:00"}, ROW | {"key": "CM-2"}]
    first, second = read_packages_csv(write(tmp_path / "p.csv", *rows)).packages
    (one,) = first.returns
    assert (one.code.value, one.field, one.line) == ("rows_disagree", "born_on", None)
    assert one.detail == "row 3 says '1942-02-03', row 2 '1941-02-03'"
    assert second.package is not None


def test_rows_that_belong_to_no_package_are_faults(tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", ROW, ROW | {"key": ""})
    with path.open("a") as file:
        file.write("CM-3,short\n")
    read = read_packages_csv(path)
    assert [(fault.row, fault.column, fault.message) for fault in read.faults] == [
        (3, "key", "is empty"),
        (4, "", "the row has 2 cells, the header 17"),
    ]
    assert len(read.packages) == 1


def test_a_table_that_cannot_be_read_has_no_packages(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(b"key\nCM-1\n")
    for path, say in (
        (tmp_path / "none.csv", "the file cannot be opened"),
        (tmp_path / "p.csv", "the column is missing"),
        (
            write(tmp_path / "q.csv", ROW | {"colour": "red"}),
            "'colour' is not part of packages; take it",
        ),
    ):
        read = read_packages_csv(path)
        assert read.packages == []
        assert any(say in fault.message for fault in read.faults)


def test_a_table_that_breaks_off_has_no_packages(tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", ROW)
    with path.open("ab") as file:
        file.write(b"\xff\n")
    read = read_packages_csv(path)
    assert read.packages == []
    assert "is not UTF-8" in read.faults[0].message


def test_the_same_content_has_the_same_sum() -> None:
    evening = {"start_time": "18:00", "council_share_percent": "50.00", "funding_source": "joint"}
    one = package({}, evening)
    other = package(
        evening | {"council_share_percent": 50}, {"minutes": "30"}, sent_at="2026-05-02T00:00Z"
    )
    assert canonical_json(one) == canonical_json(other)
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(package({}, evening | {"minutes": 31})) != fingerprint(one)
    assert fingerprint(package({}, evening, person={"postcode": "M1 1AE"})) != fingerprint(one)


def test_what_is_written_is_read_again() -> None:
    coded = {"funding_source": "joint", "council_share_percent": "33.33", "order_id": "O7"}
    one = package(coded | {"scheme": "D2A", "scheme_weeks_limit": 6}, HOURS, replaces="CM-0")
    assert read_package(written(one)).package == one


@pytest.mark.parametrize("key", ["a/b", "~1", "two words", "x" * 101, "Zoë"])
def test_a_key_can_stand_in_an_address(key: str) -> None:
    assert returned(message(key=key)) == [("invalid_field", "key", None)]


def test_texts_have_a_length_that_the_books_hold() -> None:
    assert returned(message({"ledger_code": "9" * 41})) == [("invalid_field", "ledger_code", 1)]
    assert returned(message(plan_ref="9" * 101)) == [("invalid_field", "plan_ref", None)]


def test_the_schema_has_every_field() -> None:
    person, orders = SCHEMA["properties"]["person"], SCHEMA["properties"]["orders"]["items"]
    fields = [*SCHEMA["properties"], *person["properties"], *orders["properties"]]
    assert sorted(fields) == sorted([*(column.name for column in PACKAGES.columns), "person", "orders"])
    assert SCHEMA["required"] == ["key", "sent_at", "plan_ref", "person", "orders"]
    assert set(orders["required"]) <= set(ORDER)
    assert orders["properties"]["basis"]["enum"] == ["visits", "weekly_hours"]
    assert orders["properties"]["minutes"] == {
        "type": ["integer", "null"],
        "minimum": 1,
        "maximum": 1440,
    }
    assert orders["properties"]["funding_source"]["enum"][-1] is None
    json.dumps(SCHEMA)

"""A service delivery file settles: stand-ins for care workers accuse nobody."""

from pathlib import Path

from carethread.formats.profiles import ready
from carethread.formats.profiles.convert import convert
from tests.factories.folders import Row, write_rows
from tests.formats.breaking import Paid, add, cell, paid, rows_of, run
from tests.formats.profiles.test_convert import NAMES, ROW


def delivery(folder: Path) -> list[Row]:
    """Return the folder's visits as service delivery rows."""
    return [
        ROW
        | {
            "ServiceUserRef": visit["person_id"],
            "ProviderRef": visit["provider_id"],
            "ServiceType": visit["service"],
            "StartTimeClaimed": visit["check_in"][11:],
            "ActualStartTime": visit["check_in"][11:] + ":20",
            "ActualDuration": "00:30:10",
        }
        for visit in rows_of(folder, "visits")
    ]


def settle(folder: Path, rows: list[Row]) -> tuple[Paid, set[str]]:
    """Convert and settle; return the lines, and the kinds of findings."""
    write_rows(folder.parent / "theirs.csv", NAMES, rows)
    profile = ready.profile("service-delivery")
    assert list(convert(profile, folder.parent / "theirs.csv", folder / "visits.csv")) == []
    settlement = run(folder)
    return paid(settlement), {finding.kind.value for finding in settlement.findings}


def test_it_settles_as_the_visits_it_was_made_of(folder: Path) -> None:
    before = paid(run(folder))
    lines, kinds = settle(folder, delivery(folder))
    assert lines == before
    assert kinds == {"unknown_column"}


def test_a_double_up_and_two_people_at_one_time_are_not_held(folder: Path) -> None:
    cell(folder, "orders", 2, "carers", "2")
    add(folder, "orders", order_id="O8", person_id="P2", starts_on="2026-05-11", days="1000000")
    rows = delivery(folder)
    second = rows[0] | {"SecondaryVisit": "True"}
    lines, kinds = settle(folder, [*rows, second, rows[0] | {"ServiceUserRef": "P2"}])
    for line_id in ("O0|2026-05-11T08:00|1", "O0|2026-05-11T08:00|2", "O8|2026-05-11T08:00|1"):
        assert lines[line_id] == ("delivered", 1000, False)
    assert kinds == {"unknown_column"}


def test_a_row_sent_twice_is_paid_once(folder: Path) -> None:
    rows = delivery(folder)
    once, _ = settle(folder, rows)
    twice, kinds = settle(folder, [*rows, rows[1]])
    assert twice == once
    assert kinds == {"unknown_column", "repeated_row"}

"""Another system's file becomes the contract's, row for row; what cannot be converted is said."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from carethread.engine import units
from carethread.engine.records import Fault
from carethread.formats.books.layouts import VISITS_MORE
from carethread.formats.profiles import ready
from carethread.formats.profiles.convert import convert
from carethread.formats.profiles.reading import read_profile
from carethread.formats.profiles.records import Profile
from carethread.formats.settlement.reading import TableRead, read_table
from tests.engines import silent
from tests.factories.folders import write_rows

NAMES = (
    *("FileReference", "Description", "Created", "ProviderRef", "ContractNumber", "ServiceUserRef"),
    *("ServiceUserDetails", "WeekEnding", "OurRef", "ServiceUserContribution", "PaymentClaimed"),
    *("ServiceType", "VisitDate", "StartTimeClaimed", "DurationClaimed", "ActualStartTime"),
    *("ActualDuration", "SecondaryVisit", "NumberOfCarers"),
)
ROW = {
    "FileReference": "F7",
    "Created": "2026-05-18T15:02:13",
    "ProviderRef": "A",
    "ServiceUserRef": "P1",
    "WeekEnding": "17/05/2026",
    "OurRef": "INV-1",
    "ServiceType": "HOME CARE",
    "VisitDate": "11/05/2026",
    "StartTimeClaimed": "08:00:00",
    "DurationClaimed": "00:30:00",
    "ActualStartTime": "08:07:45",
    "ActualDuration": "00:21:30",
    "SecondaryVisit": "False",
    "NumberOfCarers": "1",
}
DELIVERY = ready.profile("service-delivery")


def converted(
    folder: Path, *rows: dict[str, str], profile: Profile = DELIVERY
) -> tuple[list[Fault], TableRead]:
    """Convert rows, and read what came out as the books read it."""
    write_rows(folder / "theirs.csv", NAMES, [ROW | row for row in rows])
    faults = list(convert(profile, folder / "theirs.csv", folder / "visits.csv"))
    return faults, read_table(VISITS_MORE, folder, silent)


def test_a_service_delivery_row_is_a_visit_with_its_claim(tmp_path: Path) -> None:
    faults, read = converted(tmp_path, {})
    assert (faults, read.faults, read.findings) == ([], [], [])
    (visit,) = read.records
    assert visit.visit_id == "A|P1|HOME CARE|2026-05-11T08:00|false|1"
    assert visit.worker_id == f"not-given|{visit.visit_id}"
    assert (visit.person_id, visit.provider_id, visit.service) == ("P1", "A", "HOME CARE")
    assert units.iso_local(visit.check_in) == "2026-05-11T08:07"
    assert units.iso_local(visit.check_out) == "2026-05-11T08:29"
    assert units.iso_local(visit.claimed_start) == "2026-05-11T08:00"
    assert visit.claimed_minutes == 30
    assert visit.planned_start is None


def test_a_second_carer_is_another_visit_by_another_worker(tmp_path: Path) -> None:
    _, read = converted(tmp_path, {}, {"SecondaryVisit": "TRUE"}, {"ServiceUserRef": "P2"})
    assert len({visit.visit_id for visit in read.records}) == 3
    assert len({visit.worker_id for visit in read.records}) == 3


def test_the_same_row_twice_is_the_same_visit_twice(tmp_path: Path) -> None:
    other = {"ActualStartTime": "08:10:00"}
    _, read = converted(tmp_path, {}, other, {"OurRef": "INV-2", "FileReference": "F8"}, other)
    assert [visit.visit_id[-2:] for visit in read.records] == ["|1", "|2", "|1", "|2"]


def test_keys_do_not_depend_on_how_dates_are_written_or_what_else_is_in_the_file(
    tmp_path: Path,
) -> None:
    _, one = converted(tmp_path, {"VisitDate": "1/5/2026", "StartTimeClaimed": "8:00"})
    _, other = converted(tmp_path, {"ServiceUserRef": "P9"}, {"VisitDate": "01/05/2026"})
    assert one.records[0].visit_id == other.records[1].visit_id


def test_a_key_cannot_be_made_to_look_like_another(tmp_path: Path) -> None:
    _, read = converted(
        tmp_path,
        {"ServiceUserRef": "P|1", "ServiceType": "PC"},
        {"ServiceUserRef": "P", "ServiceType": "1|PC"},
        {"ServiceUserRef": "P%7C1", "ServiceType": "PC"},
    )
    assert len({visit.visit_id for visit in read.records}) == 3


def test_rows_that_cannot_be_converted_are_left_out_and_the_others_keep_their_numbers(
    tmp_path: Path,
) -> None:
    faults, read = converted(
        tmp_path,
        {"VisitDate": "05/31/2026"},
        {},
        {"ServiceUserDetails": "two\nlines", "DurationClaimed": "half an hour"},
        {"SecondaryVisit": "maybe", "ActualDuration": "-5"},
        {"ServiceUserRef": "P2"},
    )
    assert [(fault.row, fault.column) for fault in faults] == [
        (2, "VisitDate"),
        (4, "DurationClaimed"),
        (6, "SecondaryVisit"),
        (6, "ActualDuration"),
    ]
    assert {fault.file for fault in faults} == {"theirs.csv"}
    assert [visit.row for visit in read.records] == [3, 7]


@pytest.mark.parametrize(
    ("row", "column", "say"),
    [
        ({"VisitDate": "31/02/2026"}, "VisitDate", "'2026-02-31' is not a day of the calendar"),
        ({"VisitDate": "May"}, "VisitDate", "'May' is not a date; write it like 06/04/2026"),
        ({"VisitDate": "11/05/26"}, "VisitDate", "the day first"),
        ({"ActualStartTime": "24:10"}, "ActualStartTime", "is not a time of day"),
        ({"ActualStartTime": "8.30"}, "ActualStartTime", "write it like 08:30"),
        ({"ActualDuration": "00:75"}, "ActualDuration", "is not a length of time"),
        ({"StartTimeClaimed": ""}, "StartTimeClaimed", "the row's key is made of it"),
        ({"ServiceUserRef": ""}, "ServiceUserRef", "the row's key is made of it"),
        ({"SecondaryVisit": ""}, "SecondaryVisit", "the row's key is made of it"),
        ({"SecondaryVisit": "2"}, "SecondaryVisit", "'2' is not one of True, False"),
    ],
)
def test_what_is_wrong_with_a_cell_is_said_in_their_column(
    tmp_path: Path, row: dict[str, str], column: str, say: str
) -> None:
    faults, read = converted(tmp_path, row)
    assert {fault.column for fault in faults} == {column}
    assert say in faults[0].message
    assert read.records == []


def test_a_date_is_needed_where_there_is_a_time(tmp_path: Path) -> None:
    faults, _ = converted(tmp_path, {"VisitDate": ""})
    assert [(fault.column, fault.message) for fault in faults] == [
        ("VisitDate", "is empty, but StartTimeClaimed is not"),
        ("VisitDate", "is empty, but ActualStartTime is not"),
    ]


def test_a_visit_nobody_recorded_has_no_clocks(tmp_path: Path) -> None:
    _, read = converted(tmp_path, {"ActualStartTime": "", "ActualDuration": ""})
    (visit,) = read.records
    assert (visit.check_in, visit.check_out, visit.claimed_minutes) == (None, None, 30)


def test_a_visit_across_a_clock_change_has_its_true_length(tmp_path: Path) -> None:
    for day, clock_out in (("29/03/2026", "2026-03-29T08:00"), ("25/10/2026", "2026-10-25T06:00")):
        row = {"VisitDate": day, "ActualStartTime": "00:00:00", "ActualDuration": "07:00:00"}
        _, read = converted(tmp_path, row)
        assert units.iso_local(read.records[0].check_out) == clock_out


def test_codes_are_mapped_and_an_unknown_one_keeps_its_row_out(tmp_path: Path) -> None:
    profile = DELIVERY.with_codes("service", {"HOME CARE": "PC"}).with_codes("service", {"SIT": "S"})
    faults, read = converted(tmp_path, {}, {"ServiceType": "Home care"}, profile=profile)
    assert [visit.service for visit in read.records] == ["PC"]
    (fault,) = faults
    assert (fault.row, fault.column) == (3, "ServiceType")
    assert fault.message == "code 'Home care' is not known; known are 'HOME CARE', 'SIT'"


def test_of_many_known_codes_some_are_named(tmp_path: Path) -> None:
    profile = DELIVERY.with_codes("service", {f"C{n:02d}": "PC" for n in range(23)})
    ((fault,), _) = converted(tmp_path, {}, profile=profile)
    assert fault.message.endswith("'C19' and 3 more")


def test_a_missing_column_stops_the_file(tmp_path: Path) -> None:
    header = ",".join(name for name in NAMES if name != "VisitDate")
    (tmp_path / "theirs.csv").write_text(f"{header}\n")
    faults = list(convert(DELIVERY, tmp_path / "theirs.csv", tmp_path / "visits.csv"))
    assert [(fault.row, fault.column, fault.message) for fault in faults] == [
        (1, "VisitDate", "the column is missing")
    ]
    assert not (tmp_path / "visits.csv").exists()


@pytest.mark.parametrize(
    ("content", "say"),
    [
        (b"", "the file is empty"),
        (f"{','.join(NAMES)}\né".encode("latin-1"), "byte 0xe9 is not UTF-8"),
        (b"ProviderRef;ServiceUserRef\n", "separated by semicolons"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_none(tmp_path: Path, content: bytes, say: str) -> None:
    (tmp_path / "theirs.csv").write_bytes(content)
    faults = list(convert(DELIVERY, tmp_path / "theirs.csv", tmp_path / "visits.csv"))
    assert say in faults[0].message
    assert not (tmp_path / "visits.csv").exists()


def test_a_file_that_breaks_off_leaves_none(tmp_path: Path) -> None:
    write_rows(tmp_path / "theirs.csv", NAMES, [ROW])
    with (tmp_path / "theirs.csv").open("a") as file:
        file.write('"never closed\n')
    faults = list(convert(DELIVERY, tmp_path / "theirs.csv", tmp_path / "visits.csv"))
    assert "look for a quote that is not closed" in faults[-1].message
    assert not (tmp_path / "visits.csv").exists()


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    (fault,) = convert(DELIVERY, tmp_path / "none.csv", tmp_path / "visits.csv")
    assert (fault.file, fault.row) == ("none.csv", None)
    assert fault.message == "the file cannot be opened: No such file or directory"


def test_a_row_of_another_width_is_left_out(tmp_path: Path) -> None:
    write_rows(tmp_path / "theirs.csv", NAMES, [ROW])
    with (tmp_path / "theirs.csv").open("a") as file:
        file.write("F7,one\n")
    (fault,) = convert(DELIVERY, tmp_path / "theirs.csv", tmp_path / "visits.csv")
    assert (fault.row, fault.message) == (3, "the row has 2 cells, the header 19")


def test_a_formula_comes_out_inert_and_is_read_as_it_was(tmp_path: Path) -> None:
    _, read = converted(tmp_path, {"ServiceUserRef": "=cmd()"})
    assert ",'=cmd()," in (tmp_path / "visits.csv").read_text()
    assert read.records[0].person_id == "=cmd()"


SMALL = """
name = "their-own"
table = "visits"
dates = "D/M/Y"
[columns]
visit_id = "Ref"
person_id = "Client"
provider_id = { constant = "A" }
worker_id = "Carer"
service = "Service"
check_in = "In"
check_out = { start = "In", lasting = "Mins" }
planned_start = "Planned"
"""


def small(folder: Path, cells: str) -> TableRead:
    profile = read_profile(SMALL).profile
    assert profile is not None
    (folder / "t.csv").write_text(f"Ref,Client,Carer,Service,In,Mins,Planned\n{cells}\n")
    assert list(convert(profile, folder / "t.csv", folder / "visits.csv")) == []
    return read_table(VISITS_MORE, folder, silent)


@pytest.mark.parametrize(
    "moment", ["11/05/2026 08:00", "2026-05-11T08:00", "2026-05-11 08:00:59", "2026-05-11T07:00Z"]
)
def test_a_moment_in_one_column_and_minutes_make_an_end(tmp_path: Path, moment: str) -> None:
    (visit,) = small(tmp_path, f"V1,P1,W1,PC,{moment},45,").records
    assert units.iso_local(visit.check_in) == "2026-05-11T08:00"
    assert units.iso_local(visit.check_out) == "2026-05-11T08:45"
    assert visit.worker_id == "W1"


def test_a_moment_that_is_none_is_unfit(tmp_path: Path) -> None:
    profile = read_profile(SMALL).profile
    assert profile is not None
    text = "Ref,Client,Carer,Service,In,Mins,Planned\nV,P,W,PC,11/05/2026,45,tomorrow\n"
    (tmp_path / "t.csv").write_text(text)
    faults = list(convert(profile, tmp_path / "t.csv", tmp_path / "visits.csv"))
    say = "{!r} is not a date and time; write it like 2026-04-06T08:00"
    assert [(fault.column, fault.message) for fault in faults] == [
        ("In", say.format("11/05/2026")),
        ("Planned", say.format("tomorrow")),
    ]


def test_dates_and_times_of_day_are_read_by_what_our_column_holds(tmp_path: Path) -> None:
    text = """
name = "absences"
table = "suspensions"
dates = "D/M/Y"
[columns]
person_id = "Client"
from_on = "From"
from_time = "At"
reason = "Why"
[codes.reason]
HOSP = "hospital"
"""
    profile = read_profile(text).profile
    assert profile is not None
    (tmp_path / "t.csv").write_text("Client,From,At,Why\nP1,11.5.2026,8:05,HOSP\nP1,,,\n")
    assert list(convert(profile, tmp_path / "t.csv", tmp_path / "suspensions.csv")) == []
    assert (tmp_path / "suspensions.csv").read_text().splitlines() == [
        "person_id,from_on,from_time,reason",
        "P1,2026-05-11,08:05,hospital",
        "P1,,,",
    ]


def test_parquet_is_taken_too(tmp_path: Path) -> None:
    columns = {name: [ROW.get(name, "")] for name in NAMES}
    pq.write_table(pa.table(columns), tmp_path / "theirs.parquet")
    assert list(convert(DELIVERY, tmp_path / "theirs.parquet", tmp_path / "visits.csv")) == []
    assert len(read_table(VISITS_MORE, tmp_path, silent).records) == 1

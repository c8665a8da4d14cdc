"""A profile's TOML: read, or refused with every fault and its line."""

import pytest

from carethread.formats.profiles import ready
from carethread.formats.profiles.reading import read_profile

GOOD = """\
name = "their-own"
table = "visits"
dates = "D/M/Y"

[columns]
visit_id = "Ref"
person_id = "Client"
provider_id = { constant = "A" }
service = "Service"
check_in = { date = "Day", time = "In" }
check_out = { date = "Day", time = "In", lasting = "Long" }

[codes.service]
"PC30" = "personal_care"
"""


def test_a_good_profile_is_read() -> None:
    read = read_profile(GOOD)
    assert read.faults == []
    assert read.profile is not None
    assert read.profile.needs == ("Ref", "Client", "Service", "Day", "In", "Long")
    assert read.profile.codes == {"service": {"PC30": "personal_care"}}


def test_every_profile_that_comes_with_carethread_is_read_and_has_its_name() -> None:
    assert ready.names() == ["service-delivery"]
    for name in ready.names():
        assert ready.profile(name).name == name
        assert read_profile(ready.text(name)).faults == []
    with pytest.raises(KeyError):
        ready.text("../secrets")


RULES = "must be a column of theirs in quotes, or a table with exactly one of these: constant; "


@pytest.mark.parametrize(
    ("old", "new", "row", "key", "say"),
    [
        ("[columns]", "[columns", 5, "", "the file is not valid TOML"),
        ('"their-own"', '"Their Own"', 1, "name", "must be small letters, digits and hyphens"),
        ('name = "their-own"\n', "", None, "name", "must be small letters"),
        ('"visits"', '"people_and_things"', 2, "table", "must be one of orders, rates"),
        ('table = "visits"\n', "", None, "table", "must be one of orders, rates"),
        ('"D/M/Y"', '"M/D/Y"', 3, "dates", "must be ISO or D/M/Y"),
        ('dates = "D', 'colour = 1\ndates = "D', 3, "colour", "is not known here; known are name"),
        ('person_id = "Client"\n', "", 5, "person_id", "is missing: the table needs this column"),
        ("person_id =", "persn_id =", 7, "persn_id", "is no column of visits; did you mean person_id?"),
        ('"Client"', '" "', 7, "person_id", "must be text in quotes, and not empty"),
        ('"Client"', "7", 7, "person_id", RULES),
        ('"Client"', '{ python = "1" }', 7, "person_id", RULES),
        ('"Client"', '{ constant = "A", date = "D" }', 7, "person_id", RULES),
        ('"Client"', "{ constant = 7 }", 7, "person_id", "must be text in quotes, and not empty"),
        ('"Client"', "{ key = [] }", 7, "person_id", "must have a list of columns for its key"),
        ('"Client"', '{ key = [{ constant = "A" }] }', 7, "person_id", "a key of their columns only"),
        ('"Client"', '{ truth = "C", yes = [], no = ["N"] }', 7, "person_id", "words for yes and no"),
        ('"Client"', '{ not_given = "visit_id" }', 7, "person_id", "which is no column above it"),
        (
            '"Service"',
            '"Service"\nstatus = { constant = "done" }',
            10,
            "status",
            "'done' is not one of",
        ),
        ("codes.service]", "codes.worker_id]", 13, "worker_id", "the profile has no such column"),
        (
            "codes.service]",
            "codes.provider_id]",
            13,
            "provider_id",
            "not taken from a column of theirs",
        ),
        (
            '[codes.service]\n"PC30"',
            "[codes]\nservice",
            14,
            "service",
            "must be a table, written [codes",
        ),
        ('"personal_care"', "30", 14, "PC30", "must be text in quotes, and not empty"),
        (
            "[codes.service]\n",
            "[codes]\ncheck_in.X = 'soon'\n[codes.service]\n",
            14,
            "X",
            "'soon' is not a",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    old: str, new: str, row: int | None, key: str, say: str
) -> None:
    read = read_profile(GOOD.replace(old, new), "own.toml")
    assert read.profile is None
    told = [(fault.row, fault.column) for fault in read.faults if say in fault.message]
    assert told == [(row, key)], read.faults
    assert {fault.file for fault in read.faults} == {"own.toml"}


def test_all_faults_are_listed() -> None:
    broken = GOOD.replace("D/M/Y", "?").replace("their-own", "!").replace("visits", "??")
    assert [fault.column for fault in read_profile(broken).faults] == ["name", "table", "dates"]


@pytest.mark.parametrize("key", ["columns", "codes"])
def test_a_table_must_be_one(key: str) -> None:
    lines = ['name = "x"', 'table = "visits"', f"{key} = 1"]
    read = read_profile("\n".join(lines))
    assert (3, key) in [(fault.row, fault.column) for fault in read.faults]


def test_any_mark_and_line_end_is_read() -> None:
    assert read_profile("\ufeff" + GOOD.replace("\n", "\r\n")).faults == []

"""Rows of a council's own files that are wrong: every one is a fault, and nothing is settled."""

from pathlib import Path

import pytest

from tests.formats.breaking import GOOD_LINES, GOOD_ROWS, add, cell, faults, paid, places, run

WHOLE, MOMENT, DAY = "is not a whole number", "like 2026-04-06T08:00", "like 2026-04-06"
COUNCIL = [
    ("orders", "order_id", "", "is empty"),
    ("orders", "starts_on", "", "is empty"),
    ("orders", "starts_on", "2026-02-31", "'2026-02-31' is not a day of the calendar"),
    ("orders", "starts_on", "31/03/2026", DAY),
    ("orders", "starts_on", "2026-05-12T08:00", DAY),
    ("orders", "starts_on", "0026-05-12", "before the year 1900"),
    ("orders", "ends_on", "2026-05-11", "2026-05-11 is before starts_on 2026-05-12"),
    ("orders", "basis", "visit", "'visit' is not one of visits, weekly_hours"),
    ("orders", "days", "111110", "seven of 1 and 0, Monday first; write it like 1111100"),
    ("orders", "days", "Mon-Fri", "write it like 1111100"),
    ("orders", "days", "", "is empty; an order with basis visits needs it"),
    ("orders", "start_time", "8:00", "'8:00' is not a time of day; write it like 08:00"),
    ("orders", "start_time", "24:00", "write it like 08:00"),
    ("orders", "start_time", "2026-05-12T08:00", "write it like 08:00"),
    ("orders", "minutes", "0", "0 is not between 1 and 1440"),
    ("orders", "minutes", "-30", "-30 is not between 1 and 1440"),
    ("orders", "minutes", "1441", "1441 is not between 1 and 1440"),
    ("orders", "minutes", "30.5", WHOLE),
    ("orders", "minutes", "1,5", WHOLE),
    ("orders", "minutes", "9" * 30, "is not between 1 and 1440"),
    ("orders", "carers", "3", "3 is not between 1 and 2"),
    ("orders", "time_critical", "yes", "'yes' is neither; write true or false"),
    ("orders", "weekly_minutes", "60", "must be empty for an order with basis visits"),
    ("rates", "day_type", "wekday", "any, weekday, weekend, saturday, sunday, bank_holiday"),
    ("rates", "day_type", "Weekend", "any, weekday, weekend, saturday, sunday, bank_holiday"),
    ("rates", "slot", "3", "'3' is not one of any, 1, 2"),
    ("rates", "minutes", "-30", "-30 is not between 1"),
    ("rates", "amount_pence", "-1", "-1 is not between 0"),
    ("rates", "amount_pence", "24.00", WHOLE),
    ("rates", "amount_pence", "£24", WHOLE),
    ("rates", "priority", "high", WHOLE),
    ("rates", "band_from", "07:00", "is empty: a time band needs both ends, or neither"),
    ("rates", "band_to", "07:00", "is empty: a time band needs both ends, or neither"),
    ("suspensions", "reason", "holiday", "hospital, respite, away, deceased, other"),
    ("suspensions", "from_on", "2026-06-31", "'2026-06-31' is not a day of the calendar"),
    ("suspensions", "to_on", "2026-05-15", "the suspension ends at or before its start"),
    ("suspensions", "to_time", "10:00", "has a time, but to_on has no date"),
    ("suspensions", "told_at", "2026-05-16", MOMENT),
    ("suspensions", "order_id", "O99", "no order has the id O99"),
]
OTHER_END = {"band_from": "band_to", "band_to": "band_from"}


@pytest.mark.parametrize(("table", "column", "value", "says"), COUNCIL)
def test_a_councils_bad_cell_is_a_fault(
    folder: Path, table: str, column: str, value: str, says: str
) -> None:
    line = add(folder, table, **{column: value})
    column = OTHER_END.get(column, column)
    assert places(folder) == [(f"{table}.csv", line, column)]
    assert says in faults(folder)[0].message


MISFITS: list[tuple[dict[str, str], list[str]]] = [
    ({"basis": "weekly_hours"}, ["days", "minutes", "start_time", "weekly_minutes"]),
    (
        {"basis": "weekly_hours", "days": "", "start_time": "", "minutes": "", "weekly_minutes": "0"},
        ["weekly_minutes"],
    ),
    (
        {
            "basis": "weekly_hours",
            "days": "",
            "start_time": "",
            "minutes": "",
            "weekly_minutes": "60",
            "carers": "2",
        },
        ["carers"],
    ),
    ({"days": "x", "start_time": "x", "carers": "x"}, ["carers", "days", "start_time"]),
    ({"minutes": "x", "ends_on": "2026-05-01"}, ["ends_on", "minutes"]),
    ({"carers": "x", "start_time": ""}, ["carers", "start_time"]),
]


@pytest.mark.parametrize(("cells", "columns"), MISFITS)
def test_every_fault_of_a_row_is_listed(
    folder: Path, cells: dict[str, str], columns: list[str]
) -> None:
    line = add(folder, "orders", **cells)
    assert places(folder) == [("orders.csv", line, column) for column in columns]


def test_versions_of_an_order_that_overlap_are_all_named(folder: Path) -> None:
    first = add(folder, "orders", ends_on="2026-12-31")
    second = add(folder, "orders", starts_on="2026-06-01", ends_on="2026-06-30")
    third = add(folder, "orders", starts_on="2026-08-01", ends_on="2026-08-31")
    add(folder, "orders", starts_on="2027-01-01")
    assert places(folder) == [("orders.csv", line, "starts_on") for line in (second, third)]
    for fault, day in zip(faults(folder), ("2026-06-01", "2026-08-01"), strict=True):
        assert fault.message == (
            f"order O9 starts a version on {day}, while the one in row {first} runs until 2026-12-31"
        )


def test_a_version_after_one_without_an_end_overlaps_it(folder: Path) -> None:
    first = add(folder, "orders")
    second = add(folder, "orders", starts_on="2026-07-01")
    assert places(folder) == [("orders.csv", second, "starts_on")]
    assert f"row {first} runs on without an end" in faults(folder)[0].message


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("person_id", "P2"),
        ("provider_id", "B"),
        ("contract_id", "D"),
        ("service", "SIT"),
    ],
)
def test_versions_of_an_order_must_be_of_one_person_and_contract(
    folder: Path, column: str, other: str
) -> None:
    first = add(folder, "orders", ends_on="2026-06-30")
    second = add(folder, "orders", starts_on="2026-07-01", **{column: other})
    assert places(folder) == [("orders.csv", second, column)]
    says = f"order O9 has {other} here and {GOOD_ROWS['orders'][column]} in row {first}"
    assert faults(folder)[0].message == says


def test_the_same_row_of_an_order_twice_is_an_overlap(folder: Path) -> None:
    add(folder, "orders")
    again = add(folder, "orders")
    assert places(folder) == [("orders.csv", again, "starts_on")]


def test_a_price_ladder_that_falls_is_named_at_each_step_that_falls(folder: Path) -> None:
    add(folder, "rates", minutes="15", amount_pence="900")
    cheap = add(folder, "rates", minutes="45", amount_pence="1500")
    dear = add(folder, "rates", minutes="30", amount_pence="1600")
    also = add(folder, "rates", minutes="60", amount_pence="1599")
    assert places(folder) == [("rates.csv", line, "amount_pence") for line in (cheap, also)]
    assert [fault.message for fault in faults(folder)] == [
        f"45 minutes cost 1500, less than the 1600 of 30 minutes in row {dear}",
        f"60 minutes cost 1599, less than the 1600 of 30 minutes in row {dear}",
    ]


def test_ladders_of_different_cards_do_not_meet(folder: Path) -> None:
    add(folder, "rates", minutes="30", amount_pence="1600")
    add(folder, "rates", minutes="45", amount_pence="1500", from_on="2026-04-07")
    add(folder, "rates", minutes="45", amount_pence="1500", day_type="sunday")
    add(folder, "rates", minutes="45", amount_pence="1500", slot="2")
    add(folder, "rates", minutes="45", amount_pence="1500", band_from="06:00", band_to="07:00")
    add(folder, "rates", minutes="45", amount_pence="1600")
    assert faults(folder) == []


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"to_on": "2026-05-15"}, "to_on"),
        ({"to_on": "2026-05-15", "to_time": "23:00"}, "to_on"),
        ({"from_time": "10:00", "to_on": "2026-05-16", "to_time": "09:59"}, "to_time"),
        ({"from_time": "10:00", "to_on": "2026-05-16", "to_time": "10:00"}, "to_time"),
        ({"to_on": "2026-05-16", "to_time": "00:00"}, "to_time"),
        ({"person_id": "P2", "order_id": "O0"}, "order_id"),
        ({"person_id": "P2", "order_id": "O99"}, "order_id"),
    ],
)
def test_a_suspension_that_cannot_be_is_a_fault(
    folder: Path, cells: dict[str, str], column: str
) -> None:
    line = add(folder, "suspensions", **cells)
    assert places(folder) == [("suspensions.csv", line, column)]


def test_the_last_day_of_the_calendar_means_without_an_end(folder: Path) -> None:
    for line in (2, 3, 4, 5):
        cell(folder, "orders", line, "ends_on", "9999-12-31")
    add(folder, "suspensions", to_on="9999-12-31")
    add(folder, "suspensions", to_on="9999-12-31", to_time="23:59", reason="hospital")
    assert paid(run(folder)) == GOOD_LINES

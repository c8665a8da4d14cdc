"""Three days of home care that nobody here wrote: every visit finds its own order.

Source: tests/data/hhcrsp/SOURCE.md.
"""

import csv
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from carethread.engine.results import Line, Settlement
from carethread.engine.words import Kind, Outcome
from tests.engines import settled
from tests.factories.folders import COLUMNS, Row, write_rows

DAY = date(2026, 5, 11)
DAYS = Path(__file__).parents[1] / "data" / "hhcrsp"
EXPECTED = {
    # orders, minutes, pence: 23.84 an hour, each line rounded half up
    "cosenza-299": (319, 10_035, 398_724),
    "mankowska-300-1": (400, 5_600, 222_400),
    "venice-378": (450, 13_725, 545_340),
}
Change = Callable[[list[Row]], list[Row]]


@pytest.fixture(params=sorted(EXPECTED))
def care_day(request: pytest.FixtureRequest) -> Path:
    return DAYS / str(request.param)


def settle(care_day: Path, tmp_path: Path, change: Change = list) -> Settlement:
    """Settle a care day with its visits changed."""
    for file in care_day.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    write_rows(tmp_path / "visits.csv", COLUMNS["visits"], change(visits_of(care_day)))
    return settled(tmp_path, DAY, DAY)


def visits_of(care_day: Path) -> list[Row]:
    """Return the rows of visits.csv."""
    with (care_day / "visits.csv").open() as file:
        return list(csv.DictReader(file))


def own_orders(care_day: Path, settlement: Settlement) -> bool:
    """Say whether each delivered line has a visit of its own person and service, and each visit one."""
    care = {row["visit_id"]: (row["person_id"], row["service"]) for row in visits_of(care_day)}
    lines = delivered(settlement)
    right = all(care[line.visit_id] == (line.person_id, line.service) for line in lines)
    return right and len({line.visit_id for line in lines}) == len(lines)


def delivered(settlement: Settlement) -> list[Line]:
    return [line for line in settlement.lines if line.outcome is Outcome.DELIVERED]


def totals(settlement: Settlement) -> tuple[int, int, int]:
    """Return delivered lines, payable minutes, pence that are not held."""
    minutes = sum(line.payable_minutes or 0 for line in settlement.lines)
    pence = sum(line.amount_pence or 0 for line in settlement.lines if not line.held)
    return len(delivered(settlement)), minutes, pence


def later(row: Row, minutes: int) -> Row:
    """Return a visit row with both clocks moved."""
    move = timedelta(minutes=minutes)
    clocks = {
        name: (datetime.fromisoformat(row[name]) + move).isoformat()
        for name in ("check_in", "check_out")
    }
    return row | clocks


def test_every_order_is_delivered_by_its_own_visit(care_day: Path, tmp_path: Path) -> None:
    settlement = settle(care_day, tmp_path)
    assert len(settlement.lines) == len(delivered(settlement))
    assert totals(settlement) == EXPECTED[care_day.name]
    assert own_orders(care_day, settlement)


def test_the_order_of_rows_does_not_matter(care_day: Path, tmp_path: Path) -> None:
    def shuffled(rows: list[Row]) -> list[Row]:
        return Random(7).sample(rows, len(rows))

    (tmp_path / "as_sent").mkdir()
    one, other = settle(care_day, tmp_path / "as_sent"), settle(care_day, tmp_path, shuffled)
    assert one.lines == other.lines
    assert one.summary == other.summary


def test_a_day_that_runs_late_is_still_delivered(care_day: Path, tmp_path: Path) -> None:
    settlement = settle(care_day, tmp_path, lambda rows: [later(row, 45) for row in rows])
    assert totals(settlement) == EXPECTED[care_day.name]
    assert own_orders(care_day, settlement)


def test_visits_that_were_dropped_are_missed_and_nothing_else(care_day: Path, tmp_path: Path) -> None:
    dropped = {row["visit_id"] for row in visits_of(care_day)[::7]}
    whole = {line.line_id: line for line in settled(care_day, DAY, DAY).lines}
    settlement = settle(
        care_day, tmp_path, lambda rows: [row for row in rows if row["visit_id"] not in dropped]
    )
    for line in settlement.lines:
        before = whole[line.line_id]
        if before.visit_id in dropped:
            assert (line.outcome, line.amount_pence) == (Outcome.MISSED, 0)
        else:
            assert line == before


def test_visits_sent_twice_are_paid_once(care_day: Path, tmp_path: Path) -> None:
    """By another worker an hour later, so that nothing joins them."""

    def doubled(rows: list[Row]) -> list[Row]:
        again = [
            later(row, 60) | {"visit_id": f"{row['visit_id']}-2", "worker_id": f"{row['worker_id']}-2"}
            for row in rows
        ]
        return rows + again

    settlement = settle(care_day, tmp_path, doubled)
    orders, _, pence = EXPECTED[care_day.name]
    extra = [line for line in settlement.lines if line.outcome is Outcome.UNPLANNED]
    assert len(extra) == len(delivered(settlement)) == orders
    assert all(line.held for line in extra)
    assert totals(settlement)[2] == pence


def test_visits_in_two_log_ins_are_one_visit(care_day: Path, tmp_path: Path) -> None:
    def split(rows: list[Row]) -> list[Row]:
        halves = []
        for row in rows:
            begin = datetime.fromisoformat(row["check_in"])
            end = datetime.fromisoformat(row["check_out"])
            middle = (begin + (end - begin) / 2).replace(second=0, microsecond=0).isoformat()
            second = {"visit_id": f"{row['visit_id']}-2", "check_in": middle}
            halves += [row | {"check_out": middle}, row | second]
        return halves

    settlement = settle(care_day, tmp_path, split)
    assert totals(settlement) == EXPECTED[care_day.name]
    joined = [finding for finding in settlement.findings if finding.kind is Kind.JOINED]
    assert len(joined) == EXPECTED[care_day.name][0]

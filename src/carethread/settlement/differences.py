"""What a run settles otherwise than was last approved, found by the database in one go.

A day's line was approved last by whichever run of that day was approved last; a line that has since
moved to another day (only lines without a slot can) by whichever of both was. Days that no run was
approved for have no differences: they are settled for the first time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db import connection

from carethread.engine.records import Period
from carethread.settlement.models import Run
from carethread.wall.scope import current

COMPARED = (
    *(
        "service_on",
        "provider_id",
        "order_ref",
        "contract_ref",
        "service",
        "planned_minutes",
        "outcome",
    ),
    *("counted_minutes", "payable_minutes", "amount_pence", "reasons", "due_pence", "is_held"),
)
"""Columns in which a line can differ. A moved clock that changes no figure is no difference."""


@dataclass(frozen=True, slots=True)
class Owned:
    """Days whose care was approved last by a run. place: of the approval, among all."""

    run: int
    first_on: date
    last_on: date
    place: int


def owned(runs: Iterable[tuple[int, date, date]]) -> list[Owned]:
    """Return which days each run was the last to have approved.

    Args:
        runs: Key, first and last day of each run that was ever approved, in the order of approval.
    """
    owner: dict[date, tuple[int, int]] = {}
    for place, (run, first_on, last_on) in enumerate(runs):
        days = range((last_on - first_on).days + 1)
        owner.update((first_on + timedelta(days=day), (place, run)) for day in days)

    def stretch(day: date) -> tuple[int, int, int]:
        return (*owner[day], day.toordinal() - places[day])

    ordered = sorted(owner, key=lambda day: (owner[day], day))
    places = {day: place for place, day in enumerate(ordered)}
    found = []
    for (place, run, _), days_of in groupby(ordered, key=stretch):
        stretch_days = list(days_of)
        found.append(Owned(run, stretch_days[0], stretch_days[-1], place))
    return found


def approvals() -> list[Owned]:
    """Return which days of the council in scope each run was the last to have approved."""
    runs = Run.objects.filter(approved_at__isnull=False).order_by("approved_at", "pk")
    return owned(runs.values_list("pk", "first_on", "last_on"))


def store_differences(run: int, period: Period) -> tuple[int, int]:
    """Store a run's difference lines; return how many, and what is due more."""
    approved = approvals()
    if not approved:
        return 0, 0
    sql, params = _differing(run, period, approved)
    columns = ", ".join(_STORED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO settlement_difference (council_id, run_id, {columns})"  # noqa: S608
            f" SELECT council_id, %s, {columns} FROM ({sql}) AS found ORDER BY line_ref",
            [run, *params],
        )
        cursor.execute(
            "SELECT count(*), coalesce(sum(pence), 0) FROM settlement_difference WHERE run_id = %s",
            [run],
        )
        count, pence = cursor.fetchone()
    return int(count), int(pence)


def are_as_stored(run: int, period: Period) -> bool:
    """Say whether a run's difference lines are still what it differs in."""
    stored = "SELECT line_ref, before_id, after_id, pence FROM settlement_difference WHERE run_id = %s"
    approved = approvals()
    if not approved:
        return not _rows(stored, [run])
    sql, params = _differing(run, period, approved)
    now = f"SELECT line_ref, before_id, after_id, pence FROM ({sql}) AS found"  # noqa: S608
    return not _rows(f"{now} EXCEPT {stored}", [*params, run]) and not _rows(
        f"{stored} EXCEPT {now}", [run, *params]
    )


def _rows(sql: str, params: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM ({sql}) AS found LIMIT 1", params)  # noqa: S608
        return list(cursor.fetchall())


_OF_LINES = ("id", "council_id", "ref", "person_ref", "slot")
_STORED = (
    *("provider_id", "line_ref", "person_ref", "service_on", "before_id", "before_due_pence"),
    *("before_is_held", "after_id", "after_due_pence", "after_is_held", "pence", "why"),
)


def _differing(run: int, period: Period, approved: Sequence[Owned]) -> tuple[str, list[Any]]:
    """Return the query of a run's difference lines, and its parameters."""
    (council,) = current().reads
    days = [period.first_on, period.last_on]
    owners = ", ".join(["(%s, %s, %s, %s)"] * len(approved))
    sql = _DIFFERING.format(
        owners=owners,
        columns=", ".join(f"line.{name}" for name in (*_OF_LINES, *COMPARED)),
        differs=" OR ".join(_differs(name) for name in COMPARED),
        why=f"substr({' || '.join(_named(name) for name in COMPARED)}, 2)",
    )
    told: list[Any] = [value for one in approved for value in _values(one)]
    return sql, [*told, council, *days, council, *days, run, council, run, council, *days, run]


def _values(one: Owned) -> Iterator[Any]:
    yield from (one.run, one.first_on, one.last_on, one.place)


def _differs(name: str) -> str:
    other = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    return f"after_line.{name} {other} before_line.{name}"


def _named(name: str) -> str:
    return f"CASE WHEN {_differs(name)} THEN ';{name.removesuffix('_id')}' ELSE '' END"


_DIFFERING = """
    WITH owner (run_id, first_on, last_on, place) AS (VALUES {owners}),
    within AS (
        SELECT {columns}, owner.place FROM owner JOIN settlement_line line
        ON line.run_id = owner.run_id AND line.service_on BETWEEN owner.first_on AND owner.last_on
        WHERE line.council_id = %s AND line.service_on BETWEEN %s AND %s
    ), approved AS (
        SELECT * FROM within
        UNION ALL
        SELECT {columns}, owner.place FROM owner JOIN settlement_line line
        ON line.run_id = owner.run_id AND line.service_on BETWEEN owner.first_on AND owner.last_on
        WHERE line.council_id = %s AND line.service_on NOT BETWEEN %s AND %s
        AND line.slot IS NULL AND line.ref IN (
            SELECT ref FROM settlement_line WHERE run_id = %s AND council_id = %s AND slot IS NULL
            UNION SELECT ref FROM within WHERE slot IS NULL)
    ), ranked AS (
        SELECT approved.*, row_number() OVER (PARTITION BY ref ORDER BY place DESC, id DESC) AS nth
        FROM approved
    ), before_line AS (
        SELECT * FROM ranked WHERE nth = 1
    )
    SELECT after_line.council_id AS council_id, after_line.provider_id AS provider_id,
        after_line.ref AS line_ref, after_line.person_ref AS person_ref,
        after_line.service_on AS service_on, before_line.id AS before_id,
        before_line.due_pence AS before_due_pence, before_line.is_held AS before_is_held,
        after_line.id AS after_id, after_line.due_pence AS after_due_pence,
        after_line.is_held AS after_is_held,
        coalesce(after_line.due_pence, 0) - coalesce(before_line.due_pence, 0) AS pence,
        CASE WHEN before_line.id IS NULL THEN 'new' ELSE {why} END AS why
    FROM settlement_line after_line LEFT JOIN before_line ON before_line.ref = after_line.ref
    WHERE after_line.run_id = %s AND after_line.council_id = %s AND (
        before_line.id IS NOT NULL AND ({differs})
        OR before_line.id IS NULL AND EXISTS (
            SELECT 1 FROM owner
            WHERE after_line.service_on BETWEEN owner.first_on AND owner.last_on))
    UNION ALL
    SELECT before_line.council_id, before_line.provider_id, before_line.ref, before_line.person_ref,
        before_line.service_on, before_line.id, before_line.due_pence, before_line.is_held,
        NULL, NULL, NULL, -coalesce(before_line.due_pence, 0), 'gone'
    FROM before_line
    WHERE before_line.service_on BETWEEN %s AND %s AND NOT EXISTS (
        SELECT 1 FROM settlement_line after_line
        WHERE after_line.run_id = %s AND after_line.ref = before_line.ref)
    """

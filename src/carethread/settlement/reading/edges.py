"""How far beyond the days that take part visits must be read, so that log-ins are joined as by all.

A log-in is joined to earlier ones of the same worker and care where it starts no more than a gap after
the latest check-out of these. So what was not read can bear on what takes part only along a chain of
log-ins without such a gap. Almost always two days hold one; where care is round the clock, none may.

Source: settlement §2 (Joining), §3 (seven days take part on either side).
"""

from datetime import date, datetime, time, timedelta

import pyarrow as pa

from carethread.engine.records import Period
from carethread.engine.units import LONDON
from carethread.settlement.reading.tables import Days

TAKE_PART = 7
"""Days on either side of the period whose slots and visits take part in matching."""
FIRST_MARGIN = 9
"""Days on either side that are read at first."""


def days_read(period: Period, margin: int) -> Days:
    """Return the days within a margin of a period; the calendar ends somewhere."""
    first, last = period.first_on.toordinal() - margin, period.last_on.toordinal() + margin
    return Days(
        date.fromordinal(max(first, _FIRST.toordinal())), date.fromordinal(min(last, _LAST.toordinal()))
    )


_FIRST, _LAST = date(1900, 1, 1), date(2200, 12, 31)


def is_enough(visits: pa.Table, period: Period, read: Days, gap: int) -> bool:
    """Say whether no chain of log-ins leads from the days that take part to days that were not read."""
    part = days_read(period, TAKE_PART)
    if (part.first_on, part.last_on) == (read.first_on, read.last_on):
        return True
    (unbroken,) = _asked(_BEFORE, visits, [*_span(read.first_on, part.first_on), gap])
    (hanging,) = _asked(_AFTER, visits, [*_span(part.last_on, read.last_on, ended=True), gap])
    return unbroken == 0 and hanging == 0


def _span(edge: date, inner: date, *, ended: bool = False) -> tuple[datetime, datetime]:
    """Return when both days begin, or end."""
    one = timedelta(days=1 if ended else 0)
    begins, ends = (datetime.combine(day + one, time(), LONDON) for day in (edge, inner))
    return begins, ends


def _asked(sql: str, visits: pa.Table, params: list[object]) -> tuple[int, ...]:
    import duckdb  # noqa: PLC0415 -- Django's start would pay for it in every command

    with duckdb.connect() as books:
        books.execute("SET TimeZone = 'UTC'")
        books.register("visits", visits)
        found = books.execute(sql, params).fetchone()
    assert found is not None
    return tuple(found)


_CHAINS = """
    WITH log_ins AS (
        SELECT person_id, provider_id, service, worker_id, check_in, check_out
        FROM visits
        WHERE status = 'delivered' AND check_out >= check_in
            AND check_out <= check_in + INTERVAL 1 DAY
            AND check_in >= $1::TIMESTAMPTZ AND check_in < {until}
    ), chained AS (
        SELECT *, max(check_out) OVER before AS latest_out
        FROM log_ins
        WINDOW before AS (
            PARTITION BY person_id, provider_id, service, worker_id ORDER BY check_in
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), care AS (
        SELECT person_id, provider_id, service, worker_id, max(check_out) AS last_out,
            max(check_in) AS last_in,
            min(CASE WHEN check_in >= $2::TIMESTAMPTZ THEN check_in END) AS first_inside,
            min(CASE WHEN check_in > {breaks_from}
                AND (latest_out IS NULL OR check_in > latest_out + to_minutes($3::BIGINT))
                THEN check_in END) AS begins_anew
        FROM chained GROUP BY ALL
    )
    """
_BEFORE = (
    _CHAINS.format(  # noqa: S608
        until="$2::TIMESTAMPTZ + INTERVAL 3 DAY",
        breaks_from="$1::TIMESTAMPTZ + INTERVAL 1 DAY + to_minutes($3::BIGINT)",
    )
    + """
    SELECT count(*) FROM care
    WHERE first_inside IS NOT NULL AND (begins_anew IS NULL OR begins_anew > first_inside)
    """
)
"""Care with log-ins among the days that take part that may hang on log-ins before what was read.

$1: the begin of what was read; log-ins before it end within a day. $2: the begin of what takes part.
"""
_AFTER = (
    _CHAINS.format(until="$2::TIMESTAMPTZ", breaks_from="$1::TIMESTAMPTZ").replace(  # noqa: S608
        "check_in >= $1::TIMESTAMPTZ AND", "check_in >= $1::TIMESTAMPTZ - INTERVAL 2 DAY AND"
    )
    + """
    SELECT count(*) FROM care
    WHERE begins_anew IS NULL AND last_out + to_minutes($3::BIGINT) >= $2::TIMESTAMPTZ
    """
)
"""Care of the days that take part that may go on in log-ins after what was read.

$1: the end of what takes part. $2: the end of what was read.
"""

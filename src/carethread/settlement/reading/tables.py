"""What is read of the books, table by table: the query, and the columns that come of it.

Source: settlement §2; docs/decisions/0009.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from carethread.engine.units import DAY_MINUTES, LONDON
from carethread.wall import bulk

_TEXT, _NUMBER, _DAY = pa.string(), pa.int64(), pa.date32()
_READ = pa.timestamp("s", "UTC")
INSTANT = pa.timestamp("ms", LONDON.key)
_CLOCKS = pa.array([f"{n // 60:02d}:{n % 60:02d}" for n in range(DAY_MINUTES + 1)])
_CLOCK_COLUMNS = ("start_time", "from_time", "to_time", "band_from", "band_to")


@dataclass(frozen=True, slots=True)
class Days:
    """The days of visits that are read, both inclusive."""

    first_on: date
    last_on: date

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """When they begin, and when the last ends."""
        after = self.last_on + timedelta(days=1)
        begins, ends = (datetime.combine(day, time(), LONDON) for day in (self.first_on, after))
        return begins, ends


def orders(council: int) -> pa.Table:
    """Read every version of every order."""
    sql = """
        SELECT o.ref AS order_id, person.ref AS person_id, provider.ref AS provider_id,
            contract.ref AS contract_id, o.service AS service, v.starts_on AS starts_on,
            v.ends_on AS ends_on, o.basis AS basis, nullif(v.days, '') AS days,
            v.start_minute AS start_time, v.minutes AS minutes, v.carers AS carers,
            v.time_critical AS time_critical, v.weekly_minutes AS weekly_minutes,
            o.provider_id AS provider_key
        FROM orders_orderversion v
        JOIN orders_order o ON o.id = v.order_id
        JOIN people_person person ON person.id = o.person_id
        JOIN providers_provider provider ON provider.id = o.provider_id
        JOIN providers_contract contract ON contract.id = o.contract_id
        WHERE v.council_id = %s ORDER BY v.id
        """
    texts = ("order_id", "person_id", "provider_id", "contract_id", "service")
    schema = [(name, _TEXT) for name in texts] + [("starts_on", _DAY), ("ends_on", _DAY)]
    schema += [("basis", _TEXT), ("days", _TEXT), ("start_time", _NUMBER), ("minutes", _NUMBER)]
    schema += [("carers", _NUMBER), ("time_critical", pa.bool_()), ("weekly_minutes", _NUMBER)]
    return _read(sql, [council], [*schema, ("provider_key", _NUMBER)])


def rates(council: int) -> pa.Table:
    """Read every rate of every card, in the order in which the council wrote them."""
    sql = """
        SELECT contract.ref AS contract_id, card.service AS service, card.from_on AS from_on,
            r.day_type AS day_type, r.band_from_minute AS band_from, r.band_to_minute AS band_to,
            CASE r.slot WHEN 1 THEN '1' WHEN 2 THEN '2' ELSE 'any' END AS slot,
            r.minutes AS minutes, r.amount_pence AS amount_pence, r.priority AS priority
        FROM providers_rate r
        JOIN providers_ratecard card ON card.id = r.card_id
        JOIN providers_contract contract ON contract.id = card.contract_id
        WHERE r.council_id = %s ORDER BY r."row", r.id
        """
    schema = [("contract_id", _TEXT), ("service", _TEXT), ("from_on", _DAY), ("day_type", _TEXT)]
    schema += [("band_from", _NUMBER), ("band_to", _NUMBER), ("slot", _TEXT)]
    return _read(sql, [council], [*schema, *((name, _NUMBER) for name in _OF_RATES)])


_OF_RATES = ("minutes", "amount_pence", "priority")


def suspensions(council: int) -> pa.Table:
    """Read every suspension. The end of the day is no time of the clock: it is left out."""
    sql = """
        SELECT person.ref AS person_id, o.ref AS order_id, s.from_on AS from_on,
            s.from_minute AS from_time, s.to_on AS to_on, nullif(s.to_minute, 1440) AS to_time,
            s.reason AS reason, s.told_at AS told_at
        FROM orders_suspension s
        JOIN people_person person ON person.id = s.person_id
        LEFT JOIN orders_order o ON o.id = s.order_id
        WHERE s.council_id = %s ORDER BY s.id
        """
    schema = [("person_id", _TEXT), ("order_id", _TEXT), ("from_on", _DAY), ("from_time", _NUMBER)]
    schema += [("to_on", _DAY), ("to_time", _NUMBER), ("reason", _TEXT), ("told_at", _READ)]
    return _read(sql, [council], schema)


def planned(council: int, days: Days) -> pa.Table:
    """Read the rota of some days, of each order and day what came last."""
    sql = """
        SELECT o.ref AS order_id, r.planned_start AS planned_start, r.batch AS batch, r."row" AS "row"
        FROM visits_rotatime r JOIN orders_order o ON o.id = r.order_id
        WHERE r.council_id = %s AND r."on" BETWEEN %s AND %s AND NOT EXISTS (
            SELECT 1 FROM visits_rotatime later
            WHERE later.order_id = r.order_id AND later."on" = r."on" AND later.id > r.id)
        ORDER BY r.id
        """
    schema = [("order_id", _TEXT), ("planned_start", _READ), *_PLACE]
    return _read(sql, [council, days.first_on, days.last_on], schema)


_PLACE = (("batch", _NUMBER), ("row", _NUMBER))


def visits(council: int, days: Days) -> pa.Table:
    """Read every version of every visit that has a version on some days, or one that names no day."""
    sql = """
        SELECT v.ref AS visit_id, v.sequence AS sequence, v.person_ref AS person_id,
            provider.ref AS provider_id, nullif(v.worker_ref, '') AS worker_id, v.service AS service,
            v.status AS status, v.check_in AS check_in, v.check_out AS check_out,
            v.planned_start AS planned_start, nullif(v.cancelled_by, '') AS cancelled_by,
            v.notified_at AS notified_at, v.in_method AS in_method, v.out_method AS out_method,
            nullif(v.reason_code, '') AS reason_code, v.batch AS batch, v."row" AS "row"
        FROM visits_visit v JOIN providers_provider provider ON provider.id = v.provider_id
        WHERE v.council_id = %s AND v.ref IN (
            SELECT near.ref FROM visits_visit near WHERE near.council_id = %s AND (
                near.service_on BETWEEN %s AND %s OR near.service_on IS NULL
                OR near.status <> 'delivered' AND near.planned_start >= %s AND near.planned_start < %s))
        ORDER BY v.id
        """
    texts = ("person_id", "provider_id", "worker_id", "service", "status")
    schema = [("visit_id", _TEXT), ("sequence", _NUMBER), *((name, _TEXT) for name in texts)]
    schema += [("check_in", _READ), ("check_out", _READ), ("planned_start", _READ)]
    schema += [("cancelled_by", _TEXT), ("notified_at", _READ), ("in_method", _TEXT)]
    schema += [("out_method", _TEXT), ("reason_code", _TEXT), *_PLACE]
    return _read(sql, [council, council, days.first_on, days.last_on, *days.instants], schema)


def providers(council: int) -> dict[str, int]:
    """Return the key of each provider, by its id."""
    sql = "SELECT ref AS ref, id AS id FROM providers_provider WHERE council_id = %s"
    found = bulk.read(sql, [council], pa.schema([("ref", _TEXT), ("id", _NUMBER)]))
    return dict(zip(found["ref"].to_pylist(), found["id"].to_pylist(), strict=True))


def _read(sql: str, params: Sequence[Any], schema: Sequence[tuple[str, pa.DataType]]) -> pa.Table:
    table = bulk.read(sql, params, pa.schema(schema))
    for place, field in enumerate(table.schema):
        if field.name in _CLOCK_COLUMNS:
            clocks = pa.chunked_array([_CLOCKS]).take(table[field.name])
            table = table.set_column(place, field.name, clocks)
        elif field.type == _READ:
            table = table.set_column(place, field.name, pc.cast(table[field.name], INSTANT))
    return table

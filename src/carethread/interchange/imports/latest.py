"""Rotas and invoice lines of a file against those in the books, where the latest of one key counts.

Rows of a file with one key reject each other: nobody can say which is meant.

Source: settlement §2, `planned.csv`, and §7.
"""

from collections.abc import Mapping

import pyarrow as pa

from carethread.engine.words import Basis
from carethread.formats.settlement.layouts import INVOICES, PLANNED
from carethread.interchange.imports import arrow, sql
from carethread.interchange.imports.feeds import (
    CHANGED,
    NEW,
    UNCHANGED,
    Feed,
    as_seconds,
    codes_of,
    renamed,
    said_alike,
    span,
)
from carethread.interchange.imports.given import Given, created_providers
from carethread.interchange.imports.told import Judged, lengths
from carethread.interchange.imports.words import Code
from carethread.invoices.models import InvoiceRow
from carethread.orders.models import Order
from carethread.visits.models import RotaTime
from carethread.wall import bulk
from carethread.wall.wanted import wanted

_INSTANT = pa.timestamp("s", "UTC")
_ROTA = {"order_ref": "order_id", "planned_start": "planned_start"}


def judge_rota(given: Given) -> Judged:
    """Judge a rota: it is by order and London day."""
    read = arrow.read(PLANNED, given.folder, given.progress)
    file = renamed(read.table, _ROTA)
    file = file.append_column("on", sql.london_days(file["planned_start"]))
    with sql.bench(file=file, orders=_orders(given), e=_rota_in_books(given, file)) as at:
        feed = Feed(PLANNED, given, at, _ROTA)
        feed.start()
        at.execute(
            "CREATE TABLE f AS SELECT file.*, orders.provider_ref, orders.basis"
            " FROM file LEFT JOIN orders USING (order_ref)"
        )
        _reject_orders(feed)
        _reject_twice(
            feed, ('"on"', "order_ref"), "planned_start", "plan this order's visit of one day"
        )
        feed.good()
        at.execute(_verdicts(("order_ref", '"on"'), ("planned_start",)))
        feed.prepare(_PREPARED)
        spans = 'SELECT min("on"), max("on") FROM g JOIN verdicts USING (number)'
        return feed.finish(read, span(at, f"{spans} WHERE place <= {CHANGED}"))


def _orders(given: Given) -> pa.Table:
    """Return every order: those of the books, and those that the batch brings before."""
    stored = Order.objects.values_list("ref", "provider__ref", "basis")
    every = {ref: (provider, basis) for ref, provider, basis in stored}
    every |= {ref: (provider, basis) for ref, (_, provider, basis) in given.coming.orders.items()}
    columns = {
        "order_ref": list(every),
        "provider_ref": [provider for provider, _ in every.values()],
        "basis": [basis for _, basis in every.values()],
    }
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})


def _reject_orders(feed: Feed) -> None:
    own = feed.given.provider
    theirs = "provider_ref IS NULL" + (" OR provider_ref <> ?" if own else "")
    found = sql.rows(
        feed.at,
        f"SELECT number, left(order_ref, 40) FROM f WHERE {theirs} ORDER BY number",  # noqa: S608
        [own] if own else [],
    )
    whose = "of yours has" if own else "has"
    says = [(number, f"no order {whose} the id {ref}; import the order first") for number, ref in found]
    feed.reject(says, "order_id", Code.UNKNOWN_ORDER)
    asked = "SELECT number FROM f ANTI JOIN rejected USING (number) WHERE basis = ? ORDER BY number"
    weekly = sql.rows(feed.at, asked, [Basis.WEEKLY_HOURS.value])
    say = "is an order of weekly hours: it has no planned visits that could be moved"
    feed.reject(((number, say) for (number,) in weekly), "order_id", Code.DOES_NOT_FIT)


def _reject_twice(feed: Feed, key: tuple[str, ...], column: str, what: str) -> None:
    names = ", ".join(key)
    found = sql.rows(
        feed.at,
        f"""SELECT number, count FROM f JOIN (
              SELECT {names}, count(*) AS count FROM f ANTI JOIN rejected USING (number)
              GROUP BY ALL HAVING count(*) > 1) USING ({names})
            ANTI JOIN rejected USING (number) ORDER BY number""",  # noqa: S608
    )
    says = [(number, f"{count} rows {what}; none is used") for number, count in found]
    feed.reject(says, column, Code.SAID_TWICE)


def _verdicts(key: tuple[str, ...], said: tuple[str, ...]) -> str:
    """Return how verdicts come about: against the latest of the key in the books."""
    names = ", ".join(key)
    on = " AND ".join(f"latest.{name} = g.{name}" for name in key)
    return f"""
    CREATE TABLE verdicts AS
    SELECT g.number, CASE WHEN latest.id IS NULL THEN {NEW}
      WHEN {said_alike("latest", "g", said)} THEN {UNCHANGED} ELSE {CHANGED} END AS place
    FROM g LEFT JOIN (
      SELECT * FROM e QUALIFY row_number() OVER (PARTITION BY {names} ORDER BY id DESC) = 1
    ) AS latest ON {on}
    """  # noqa: S608


_PREPARED = f"SELECT g.* FROM g JOIN verdicts USING (number) WHERE place <= {CHANGED}"  # noqa: S608


def _rota_in_books(given: Given, file: pa.Table) -> pa.Table:
    kinds = {"id": pa.int64(), "order_ref": pa.string(), "on": pa.date32(), "planned_start": _INSTANT}
    schema = pa.schema(list(kinds.items()))
    if not file.num_rows or not RotaTime.objects.filter(council_id=given.council).exists():
        found = schema.empty_table()
    else:
        with wanted(_texts(file["order_ref"])) as keys:
            found = bulk.read(
                'SELECT r.id, o.ref AS order_ref, r."on", r.planned_start FROM visits_rotatime r'  # noqa: S608
                f" JOIN orders_order o ON o.id = r.order_id JOIN {keys} w ON w.key = o.ref"
                " WHERE r.council_id = %s",
                [given.council],
                schema,
            )
    return as_seconds(found).set_column(2, "on", found["on"])


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([column.unique().cast(pa.string())])


def ready_rota(found: pa.Table) -> pa.Table:
    """Return prepared rows as the books' columns, but those that a batch's apply adds."""
    return pa.table(
        {
            "order_ref": found["order_ref"],
            "provider_ref": found["provider_ref"],
            "on": found["on"],
            "planned_start": found["planned_start"].cast(_INSTANT),
            "row": found["number"],
        }
    )


_BILLED: Mapping[str, str] = {
    "provider_ref": "provider_id",
    "person_ref": "person_id",
    "service": "service",
    "from_on": "from_on",
    "to_on": "to_on",
    "minutes": "minutes",
    "amount_pence": "amount_pence",
    "order_ref": "order_id",
    "visit_ref": "visit_id",
    "billed_on": "billed_at",
}
_INVOICE = {"invoice_ref": "invoice_id", "line_no": "line_no", **_BILLED}
_DAYS = ("from_on", "to_on", "billed_on")
_NUMBERS = ("line_no", "minutes", "amount_pence")


def judge_invoices(given: Given) -> Judged:
    """Judge the lines of invoices: they are by invoice id and line number."""
    read = arrow.read(INVOICES, given.folder, given.progress)
    file = renamed(read.table, _INVOICE)
    codes = codes_of(given)
    with sql.bench(file=file, codes=codes, e=_lines_in_books(given, file)) as at:
        feed = Feed(INVOICES, given, at, _INVOICE)
        feed.start()
        at.execute(
            "CREATE TABLE f AS SELECT file.* REPLACE (coalesce(codes.ours, file.service) AS service)"
            " FROM file LEFT JOIN codes ON codes.provider_ref = file.provider_ref"
            " AND codes.their_code = file.service"
        )
        feed.reject_long({**lengths(InvoiceRow), "provider_ref": 100})
        feed.reject_others()
        feed.reject_disposed()
        _reject_taken(feed)
        _reject_twice(feed, ("invoice_ref", "line_no"), "line_no", "are this line of this invoice")
        feed.good()
        at.execute(_verdicts(("invoice_ref", "line_no"), tuple(_BILLED)))
        providers = [ref for (ref,) in sql.rows(at, "SELECT DISTINCT provider_ref FROM g")]
        feed.told += created_providers(given, "invoices", providers)
        feed.prepare(_PREPARED)
        return feed.finish(read, span(at, _BILLED_DAYS))


_BILLED_DAYS = f"""
SELECT DATE '1970-01-01' + min(first)::INTEGER, DATE '1970-01-01' + max(last)::INTEGER FROM (
  SELECT from_on AS first, to_on AS last FROM g JOIN verdicts USING (number) WHERE place <= {CHANGED}
  UNION ALL
  SELECT e.from_on, e.to_on FROM e SEMI JOIN (
    SELECT g.* FROM g JOIN verdicts USING (number) WHERE place = {CHANGED})
  USING (invoice_ref, line_no))
"""  # noqa: S608


def _reject_taken(feed: Feed) -> None:
    found = sql.rows(
        feed.at,
        "SELECT DISTINCT number FROM f JOIN e USING (invoice_ref, line_no)"
        " WHERE e.provider_ref <> f.provider_ref ORDER BY number",
    )
    say = "is the number of another provider's invoice; put something of your own before your numbers"
    feed.reject(((number, say) for (number,) in found), "invoice_id", Code.ID_TAKEN)


def _lines_in_books(given: Given, file: pa.Table) -> pa.Table:
    kinds = {
        "id": pa.int64(),
        **dict.fromkeys(_INVOICE, pa.string()),
        **dict.fromkeys(_DAYS, pa.date32()),
        **dict.fromkeys(_NUMBERS, pa.int64()),
    }
    schema = pa.schema(list(kinds.items()))
    if not file.num_rows or not InvoiceRow.objects.filter(council_id=given.council).exists():
        return as_seconds(schema.empty_table())
    columns = ", ".join(
        "p.ref AS provider_ref" if one == "provider_ref" else f"i.{one}" for one in kinds
    )
    with wanted(_texts(file["invoice_ref"])) as keys:
        found = bulk.read(
            f"SELECT {columns} FROM invoices_invoicerow i JOIN {keys} w ON w.key = i.invoice_ref"  # noqa: S608
            " JOIN providers_provider p ON p.id = i.provider_id WHERE i.council_id = %s",
            [given.council],
            schema,
        )
    return as_seconds(found)


def ready_invoices(found: pa.Table) -> pa.Table:
    """Return prepared rows as the books' columns, but those that a batch's apply adds."""
    columns = {name: found[name] for name in _INVOICE}
    for name in _DAYS:
        columns[name] = found[name].cast(pa.int32()).cast(pa.date32())
    return pa.table({**columns, "row": found["number"]})

"""The tables that a what-if is published as."""

from carethread.engine.changes import BandChange, LineChange, Measure, ProviderChange
from carethread.formats.settlement.tables import Column, Table, Type

_TEXTS = {
    *("measure", "percent", "provider_id", "amount_percent", "payable_minutes_percent"),
    *("hours_a_week", "line_id", "person_id", "service", "order_id", "outcome"),
    *("reasons_now", "reasons_then"),
}


def _table(name: str, record: type) -> Table:
    kinds = {**dict.fromkeys(_TEXTS, Type.TEXT), "service_on": Type.DATE}
    return Table(
        name,
        record,
        tuple(Column(field, kinds.get(field, Type.INTEGER)) for field in record.__annotations__),
    )


TOTALS = _table("totals", Measure)
PROVIDERS = _table("providers", ProviderChange)
BANDS = _table("bands", BandChange)
LINES = _table("lines", LineChange)

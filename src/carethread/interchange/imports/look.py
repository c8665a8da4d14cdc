"""Every table of a batch judged against the books; nothing is written."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from carethread.formats.settlement.reading import Progress
from carethread.interchange.imports import latest, profiles, store, visits
from carethread.interchange.imports.given import Given
from carethread.interchange.imports.orders import judge_orders
from carethread.interchange.imports.rates import judge_rates
from carethread.interchange.imports.records import Checked, opened
from carethread.interchange.imports.registers import (
    judge_people,
    judge_providers,
    judge_service_codes,
    judge_workers,
)
from carethread.interchange.imports.suspensions import judge_suspensions
from carethread.interchange.imports.terms import judge_contracts
from carethread.interchange.imports.told import Days, Judged, Told, refused
from carethread.interchange.imports.unpacking import CONTRACTS, TABLES, unpack
from carethread.interchange.imports.words import BatchStatus, Code
from carethread.interchange.imports.writing import write_invoices, write_rota, write_visits
from carethread.interchange.models import Batch

RECORDS: Mapping[str, Callable[[Given], Checked]] = {
    "providers": judge_providers,
    "people": judge_people,
    "service_codes": judge_service_codes,
    "workers": judge_workers,
    "orders": judge_orders,
    "rates": judge_rates,
    "suspensions": judge_suspensions,
}
FEEDS: Mapping[str, tuple[Callable[[Given], Judged], Callable[..., None]]] = {
    "planned": (latest.judge_rota, write_rota),
    "visits": (visits.judge, write_visits),
    "invoices": (latest.judge_invoices, write_invoices),
}
ORDER = ("providers", "people", CONTRACTS, *list(RECORDS)[2:], *FEEDS)
"""The order in which tables are judged and written: what is named comes before what names it."""
OF_PROVIDERS = ("workers", "planned", "visits", "invoices")
"""The tables that a provider may send."""
_TABLES = "tables.json"


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in a batch: its tables as judged, and what is to be said of no table.

    digest: of every verdict and every row that is ready to be written.
    """

    tables: Mapping[str, Checked]
    told: list[Told]
    digest: str

    @property
    def is_empty(self) -> bool:
        """Say whether nothing could be read."""
        return not any(len(one.judged.rows) for one in self.tables.values()) and any(
            one.is_rejected for one in self.every_told()
        )

    def every_told(self) -> list[Told]:
        """Return all that is said."""
        return [*self.told, *(said for one in self.tables.values() for said in one.judged.told)]

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many rows of each table have each verdict."""
        return {table: one.judged.counts for table, one in self.tables.items()}

    @property
    def days(self) -> Days | None:
        """The days of care that all of it bears on."""
        found: Days | None = None
        for one in self.tables.values():
            if one.judged.days is not None:
                found = one.judged.days.joined(found)
        return found


def look(batch: Batch, prepared: Path, progress: Progress, only: Collection[str] | None = None) -> Look:
    """Judge a batch, or some of its tables, in the scope of its council.

    Args:
        batch: The batch.
        prepared: A folder for the rows that are ready to be written, and the verdicts.
        progress: Told what is being read.
        only: The tables, where not all.
    """
    profile = profiles.named(batch.profile, batch.profile_version).profile if batch.profile else None
    with store.sent(batch) as sent:
        unpacked = unpack(sent, batch.table, profile)
        given = Given(
            batch=batch,
            unpacked=unpacked,
            prepared=prepared,
            progress=progress,
            provider="" if batch.provider is None else batch.provider.ref,
            is_again=_is_again(batch),
        )
        there = [
            table for table in ORDER if _is_there(given, table) and (only is None or table in only)
        ]
        tables = {table: _judge(given, table) for table in there}
    told = [one for one in unpacked.told if one.table not in tables]
    for one in unpacked.told:
        if one.table in tables:
            tables[one.table].judged.told.append(one)
    for table, checked in tables.items():
        _keep(prepared, table, checked.judged)
    digest = _digest(prepared, tables)
    return Look(tables, told, digest)


def _is_there(given: Given, table: str) -> bool:
    if table == CONTRACTS:
        return given.unpacked.has_contracts
    return table in given.unpacked.columns


def _is_again(batch: Batch) -> bool:
    """Say whether the same content, read the same way, was applied before."""
    same = Batch.objects.filter(sha256=batch.sha256, status=BatchStatus.APPLIED.value)
    return bool(same.filter(provider=batch.provider, profile=batch.profile).exists())


def _judge(given: Given, table: str) -> Checked:
    if given.provider and table not in OF_PROVIDERS:
        return _not_theirs(given, table)
    if table == CONTRACTS:
        return judge_contracts(given)
    if table in RECORDS:
        return RECORDS[table](given)
    judge, write = FEEDS[table]
    return Checked(judge(given), partial(write, given.prepared))


def _not_theirs(given: Given, table: str) -> Checked:
    rows = opened(given, TABLES[table]).rows if table in TABLES else ()
    say = f"{table} is the council's own; a provider may send {', '.join(OF_PROVIDERS)}"
    whole = Told(table, None, "", Code.NOT_YOURS, say)
    return Checked(refused(table, rows, [whole]), lambda _hand: None)


def _keep(prepared: Path, table: str, one: Judged) -> None:
    verdicts = pa.table({"row": pa.array(one.rows), "verdict": pa.array(one.places)})
    pq.write_table(verdicts, prepared / f"{table}.verdicts.parquet")


def _digest(prepared: Path, tables: Mapping[str, Checked]) -> str:
    """Note what each table is to do, beside its rows; return a digest of all of it."""
    noted: dict[str, Any] = {}
    for table, one in tables.items():
        days = one.judged.days
        noted[table] = {
            "digest": digest_of(prepared, table),
            "first_on": None if days is None else days.first_on.isoformat(),
            "last_on": None if days is None or days.last_on is None else days.last_on.isoformat(),
        }
    text = json.dumps(noted, sort_keys=True)
    (prepared / _TABLES).write_text(text)
    return sha256(text.encode()).hexdigest()


def digest_of(prepared: Path, table: str) -> str:
    """Return a digest of a table's verdicts and rows."""
    found = sha256()
    for path in sorted(prepared.glob(f"{table}.*")):
        found.update(path.name.encode())
        found.update(path.read_bytes())
    return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Noted:
    """What a look noted of a table."""

    digest: str
    days: Days | None


def noted(prepared: Path) -> dict[str, Noted]:
    """Return what a look noted of each table."""
    found = {}
    for table, one in json.loads((prepared / _TABLES).read_text()).items():
        first, last = one["first_on"], one["last_on"]
        days = (
            None
            if first is None
            else Days(date.fromisoformat(first), None if last is None else date.fromisoformat(last))
        )
        found[table] = Noted(one["digest"], days)
    return found

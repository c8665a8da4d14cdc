"""A file is recorded by its name and digest before anything in it is read.

Source: killbill, sbc-pay: whole file recorded and checked before any balance moves (design/house.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from carethread.audit.actions import record
from carethread.formats.sheets.receive import TABLES
from carethread.interchange.imports import profiles, store
from carethread.interchange.imports.words import BatchStatus
from carethread.interchange.models import Batch
from carethread.kit.unable import UnableTo
from carethread.providers.models import Provider
from carethread.wall.scope import current

CONTRACTS = "contracts"
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Sending:
    """What is said of a file when it is sent.

    name: what it is called, where that is not the path's name. profile: how it is read, empty for the
    contract's own layout. table: what it holds, empty where its name tells. provider: whose upload.
    """

    path: Path
    name: str = ""
    profile: str = ""
    table: str = ""
    provider: Provider | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A recorded batch; `is_again` where the same content was sent before and stands or waits."""

    batch: Batch
    is_again: bool


def receive(*, sending: Sending, again: bool = False, by: str, at: datetime) -> Receipt:
    """Record a file for the council being written; the same content again is recognised.

    Content that was applied, or waits to be, is not recorded a second time unless `again` is set.

    Raises:
        UnableTo: if the file cannot be kept, or the table or profile is not known.
    """
    council = current().writes
    assert council is not None, "only a scope that writes can receive a file"
    _check(sending)
    arrived = store.keep(sending.path, council)
    version = profiles.named(sending.profile).version if sending.profile else 0
    name = (sending.name or arrived.name)[-_LONGEST_NAME:]
    told = {
        "provider": sending.provider,
        "profile": sending.profile,
        "table": sending.table,
        "sha256": arrived.sha256,
        "profile_version": version,
    }
    if not again:
        earlier = _earlier(told)
        if earlier is not None:
            return Receipt(earlier, is_again=True)
    batch = Batch.objects.create(
        council_id=council,
        file=Path(name).name,
        size=arrived.size,
        received_by=by,
        received_at=at,
        **told,
    )
    after = {"file": batch.file, "sha256": batch.sha256, "size": batch.size, "profile": batch.profile}
    record(by=by, at=at, action="import.received", subject=f"import:{batch.pk}", after=after)
    return Receipt(batch, is_again=False)


def _check(sending: Sending) -> None:
    if sending.table and sending.table not in (*TABLES, CONTRACTS):
        message = f"{sending.table!r} is no table; tables are {', '.join(sorted(TABLES))}"
        raise UnableTo(message)
    if sending.profile:
        profiles.named(sending.profile)


def _earlier(told: Mapping[str, object]) -> Batch | None:
    """Return the batch that brought the same content, said to be the same: applied, or waiting."""
    stands = (BatchStatus.APPLIED.value, BatchStatus.CHECKED.value, BatchStatus.RECEIVED.value)
    same = Batch.objects.filter(status__in=stands, **told).order_by("pk")
    found: Batch | None = same.filter(status=BatchStatus.APPLIED.value).last() or same.last()
    return found

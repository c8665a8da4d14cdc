"""What a check is given: the batch, what it unpacked to, and what the books hold already."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from carethread.formats.books.records import ServiceCodeRow
from carethread.formats.settlement.reading import Progress
from carethread.interchange.imports.told import Told
from carethread.interchange.imports.unpacking import Unpacked
from carethread.interchange.imports.words import Code
from carethread.interchange.models import Batch
from carethread.people.disposed import disposed, why_refused
from carethread.providers.models import Provider, ServiceCode

_FEW = 2_000
"""So many keys are asked for by name; with more, all rows are."""


@dataclass(slots=True)
class Coming:
    """What earlier tables of a batch will have put into the books before a later one is written.

    orders: ref -> person's ref, provider's ref, basis.
    """

    orders: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    codes: list[ServiceCodeRow] = field(default_factory=list)
    providers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Given:
    """A check's surroundings.

    provider: the ref of the provider whose upload it is; empty for the council's own. is_again: the
    same content was applied before. prepared: the folder for rows that are ready to be written.
    coming: what the batch itself brings and later tables of it may name.
    """

    batch: Batch
    unpacked: Unpacked
    prepared: Path
    progress: Progress
    provider: str = ""
    is_again: bool = False
    coming: Coming = field(default_factory=Coming)

    @property
    def council(self) -> int:
        """The council's key."""
        return self.batch.council_id

    @property
    def folder(self) -> Path:
        """The folder with the contract's files."""
        return self.unpacked.folder


def with_refs(rows: QuerySet[Any], column: str, refs: Iterable[str]) -> QuerySet[Any]:
    """Return the rows with some refs, or all rows where the refs are many."""
    wanted = set(refs)
    return rows.filter(**{f"{column}__in": wanted}) if len(wanted) <= _FEW else rows.all()


def of_disposed(table: str, records: Iterable[Any]) -> Iterator[Told]:
    """Reject rows about people whose record was disposed of."""
    gone = disposed()
    for one in records:
        if one.person_id in gone:
            say = why_refused(one.person_id, gone[one.person_id])
            yield Told(table, one.row, "person_id", Code.DISPOSED, say)


def service_codes(given: Given) -> list[tuple[str, str, str]]:
    """Return what providers call services: provider's ref, their code, the service here."""
    stored = ServiceCode.objects.values_list("provider__ref", "their_code", "service")
    every = {(provider, code): service for provider, code, service in stored}
    every |= {(one.provider_id, one.their_code): one.service for one in given.coming.codes}
    return [(*key, service) for key, service in sorted(every.items())]


def created_providers(given: Given, table: str, refs: Sequence[str]) -> list[Told]:
    """Return a note for each provider that the books do not know yet, and is added by its ref."""
    known = {*Provider.objects.values_list("ref", flat=True), *given.coming.providers}
    new = sorted(set(refs) - known)
    given.coming.providers |= set(new)
    say = "is not in the books yet: it is added, without a name"
    return [Told(table, None, "provider_id", Code.CREATED, f"provider {ref} {say}") for ref in new]

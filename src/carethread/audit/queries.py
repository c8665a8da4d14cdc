"""Reads: entries with their values, and whether the chain holds."""

from collections.abc import Iterator
from dataclasses import dataclass

from carethread.audit import chain
from carethread.audit.models import ChainHead, Entry, PersonKey
from carethread.audit.values import Values, opened, unpacked, unwrapped
from carethread.wall.scope import current


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain does not hold, and why."""

    place: int
    why: str


def values_of(entry: Entry) -> Values | None:
    """Return an entry's reason and values; None where the person's key has been destroyed."""
    key = _key_of(entry.council_id, entry.person_ref) if entry.person_ref else None
    return unpacked(entry.values, key)


def opened_for(person_ref: str, data: bytes | memoryview) -> bytes | None:
    """Return what was sealed for a person of the one council in scope; None where the key is gone."""
    (council,) = current().reads
    key = _key_of(council, person_ref)
    return None if key is None else opened(data, key)


def is_disposed(person_ref: str) -> bool:
    """Say whether the key of a person of the one council in scope has been destroyed."""
    (council,) = current().reads
    gone = PersonKey.objects.filter(council_id=council, person_ref=person_ref, wrapped=None)
    return bool(gone.exists())


def _key_of(council: int, person_ref: str) -> bytes | None:
    held = PersonKey.objects.filter(council_id=council, person_ref=person_ref).first()
    if held is None or held.wrapped is None:
        return None
    return unwrapped(held.wrapped, f"{council}:{person_ref}")


def verify() -> tuple[int, list[Broken]]:
    """Walk the chain of the one council in scope; return its length and every break."""
    (council,) = current().reads
    head = ChainHead.objects.filter(council_id=council).first()
    place, previous = 0, chain.BEGINNING
    broken: list[Broken] = []
    for entry in _chained(council):
        broken += _breaks(entry, place + 1, previous)
        place, previous = entry.place or 0, entry.digest
    ends = (0, chain.BEGINNING) if head is None else (head.place, head.digest or chain.BEGINNING)
    if ends != (place, previous):
        broken.append(Broken(place + 1, f"the chain ends at {place}, but its head says {ends[0]}"))
    return place, broken


def _chained(council: int) -> Iterator[Entry]:
    entries = Entry.objects.filter(council_id=council, place__isnull=False)
    yield from entries.order_by("place").iterator(chunk_size=2_000)


def _breaks(entry: Entry, place: int, previous: str) -> Iterator[Broken]:
    here = entry.place or 0
    if here != place:
        yield Broken(place, f"entries {place} to {here - 1} are missing")
    elif entry.previous != previous:
        yield Broken(here, "it does not follow from the entry before")
    told = (entry.by, entry.action, entry.subject, entry.person_ref)
    if chain.digest(entry.previous, here, entry.at, told, entry.values) != entry.digest:
        yield Broken(here, "it is not what was written")

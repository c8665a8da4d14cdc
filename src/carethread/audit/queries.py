"""Reads: entries with their values, and whether the chain holds."""

from collections.abc import Iterator
from dataclasses import dataclass

from carethread.audit import chain
from carethread.audit.models import ChainHead, Entry, PersonKey
from carethread.audit.values import Values, unpacked, unwrapped
from carethread.wall.scope import current


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain does not hold, and why."""

    place: int
    why: str


def values_of(entry: Entry) -> Values | None:
    """Return an entry's reason and values; None where the person's key has been destroyed."""
    key = None
    if entry.person_ref:
        held = PersonKey.objects.filter(
            council_id=entry.council_id, person_ref=entry.person_ref
        ).first()
        if held is not None and held.wrapped is not None:
            key = unwrapped(held.wrapped, f"{entry.council_id}:{entry.person_ref}")
    return unpacked(entry.values, key)


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

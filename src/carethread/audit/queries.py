"""Reads: entries with their values, and whether the chain holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from carethread.audit import chain, values
from carethread.audit.actions import owner_of
from carethread.audit.models import ChainHead, Entry, PersonKey
from carethread.audit.values import Values, unpacked, unwrapped
from carethread.wall.scope import current


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain does not hold, and why."""

    place: int
    why: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """What was noted of a chain and kept elsewhere: the digest at a place."""

    place: int
    digest: str


@dataclass(frozen=True, slots=True)
class Walked:
    """A chain walked from its beginning: where it ends, and every break."""

    end: Anchor
    broken: tuple[Broken, ...]


def entries(*, person_ref: str = "", subject: str = "", since: datetime | None = None) -> list[Entry]:
    """Return the entries of the councils in scope, oldest first: all, or of a person or subject."""
    found = Entry.objects.order_by("at", "pk")
    if person_ref:
        found = found.filter(person_ref=person_ref)
    if subject:
        found = found.filter(subject=subject)
    if since is not None:
        found = found.filter(at__gte=since)
    return list(found)


def values_of(entry: Entry) -> Values | None:
    """Return an entry's reason and values; None where the person's key has been destroyed."""
    ((_, found),) = opened([entry])
    return found


def opened(some: Iterable[Entry]) -> Iterator[tuple[Entry, Values | None]]:
    """Yield entries with their reason and values; None where the person's key has been destroyed.

    Raises:
        MasterKeyIsWrong: if the keys were wrapped with another.
        ValuesWereChanged: if an entry's values are not what was sealed.
    """
    keys: dict[tuple[int, str], bytes | None] = {}
    for entry in some:
        whose = (entry.council_id, entry.person_ref)
        if whose not in keys:
            keys[whose] = _key(*whose) if entry.person_ref else None
        yield entry, unpacked(entry.values, keys[whose])


def _key(council: int, person_ref: str) -> bytes | None:
    held = PersonKey.objects.filter(council_id=council, person_ref=person_ref).first()
    if held is None or held.wrapped is None:
        return None
    return unwrapped(held.wrapped, owner_of(council, person_ref))


def opened_for(person_ref: str, data: bytes | memoryview) -> bytes | None:
    """Return what was sealed for a person of the one council in scope; None where the key is gone."""
    (council,) = current().reads
    key = _key(council, person_ref)
    return None if key is None else values.opened(data, key)


def is_disposed(person_ref: str) -> bool:
    """Say whether the key of a person of the one council in scope has been destroyed."""
    (council,) = current().reads
    gone = PersonKey.objects.filter(council_id=council, person_ref=person_ref, wrapped=None)
    return bool(gone.exists())


def head() -> Anchor:
    """Return where the chain of the one council in scope ends, as its head says."""
    (council,) = current().reads
    found = ChainHead.objects.filter(council_id=council).first()
    return Anchor(found.place, found.digest) if found and found.place else Anchor(0, chain.BEGINNING)


def verify(anchor: Anchor | None = None, *, last: int | None = None) -> Walked:
    """Walk the chain of the one council in scope.

    Args:
        anchor: What was noted of it before: entries cut off its end, or a chain written anew, show
            by this alone, since whoever can do that can write the head as well.
        last: Only so many of its last entries; all unless told.
    """
    (council,) = current().reads
    place, previous = 0, chain.BEGINNING
    broken: list[Broken] = []
    if last is not None and (first := head().place - last) > 0:
        before = Entry.objects.filter(council_id=council, place=first).first()
        place, previous = first, "" if before is None else before.digest
    for entry in _chained(council, place):
        broken += _breaks(entry, place + 1, previous)
        place, previous = entry.place or 0, entry.digest
        if anchor is not None and place == anchor.place and previous != anchor.digest:
            broken.append(Broken(place, "it is not the entry whose digest was noted"))
    end = head()
    if end != Anchor(place, previous):
        broken.append(Broken(place, f"the chain ends here, but its head is at place {end.place}"))
    if anchor is not None and anchor.place > place:
        broken.append(Broken(place, f"the chain ends here, but was noted at place {anchor.place}"))
    return Walked(Anchor(place, previous), tuple(broken))


def _chained(council: int, after: int) -> Iterator[Entry]:
    found = Entry.objects.filter(council_id=council, place__isnull=False)
    if after:
        found = found.filter(place__gt=after)
    yield from found.order_by("place").iterator(chunk_size=2_000)


def _breaks(entry: Entry, place: int, previous: str) -> Iterator[Broken]:
    here = entry.place or 0
    if here > place:
        yield Broken(place, f"entries {place} to {here - 1} are missing")
    elif here < place:
        yield Broken(here, "two entries have this place")
    elif entry.previous != previous:
        yield Broken(here, "it does not follow from the entry before")
    told = (entry.by, entry.action, entry.subject, entry.person_ref)
    if chain.digest(entry.previous, here, entry.at, told, entry.values) != entry.digest:
        yield Broken(here, "it is not what was written")

"""Writes: one entry for one thing that somebody did, in the same transaction as the thing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from carethread.audit import chain
from carethread.audit.models import ChainHead, Entry, PersonKey
from carethread.audit.values import Values, new_key, packed, sealed, unwrapped, wrapped
from carethread.wall.scope import current


class RecordDisposed(Exception):
    """Nothing can be recorded of a person whose record was disposed of."""


def record(
    *,
    by: str,
    at: datetime,
    action: str,
    subject: str,
    person_ref: str = "",
    why: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    chained: bool = False,
) -> Entry:
    """Record what somebody did, in the council being written; `Entry` tells what each is.

    With `chained`, for decisions and money, the entry becomes the next of the council's chain.

    Raises:
        RecordDisposed: if the person's key has been destroyed.
    """
    key = _key_of(person_ref, at) if person_ref else None
    values = packed(Values(why, before, after), key)
    entry = Entry(
        council_id=_council(),
        at=at,
        by=by,
        action=action,
        subject=subject,
        person_ref=person_ref,
        values=values,
    )
    if chained:
        _chain(entry)
    entry.save()
    return entry


def _council() -> int:
    council = current().writes
    assert council is not None, "only a scope that writes can record what was done"
    return council


def _chain(entry: Entry) -> None:
    """Make the entry the chain's next; whoever else adds to this council's chain waits."""
    ChainHead.objects.get_or_create(council_id=entry.council_id)
    head = ChainHead.objects.select_for_update().get(council_id=entry.council_id)
    entry.place, entry.previous = head.place + 1, head.digest or chain.BEGINNING
    told = (entry.by, entry.action, entry.subject, entry.person_ref)
    entry.digest = chain.digest(entry.previous, entry.place, entry.at, told, entry.values)
    head.place, head.digest = entry.place, entry.digest
    head.save()


def _key_of(person_ref: str, at: datetime) -> bytes:
    """Return the key of a person's values, made on first use."""
    owner = f"{_council()}:{person_ref}"
    held = PersonKey.objects.filter(council_id=_council(), person_ref=person_ref).first()
    if held is None:
        held, _ = PersonKey.objects.get_or_create(
            council_id=_council(),
            person_ref=person_ref,
            defaults={"wrapped": wrapped(new_key(), owner), "created_at": at},
        )
    if held.wrapped is None:
        message = f"the record of {person_ref} was disposed of on {held.destroyed_at:%d %B %Y}"
        raise RecordDisposed(message)
    return unwrapped(held.wrapped, owner)


def destroy_key(*, person_ref: str, by: str, at: datetime) -> None:
    """Put a person's audited values beyond reach for ever: retention is over."""
    _key_of(person_ref, at)
    PersonKey.objects.filter(person_ref=person_ref).update(
        wrapped=None, destroyed_at=at, destroyed_by=by
    )
    record(by=by, at=at, action="person.disposed", subject=f"person:{person_ref}", chained=True)


def sealed_for(*, person_ref: str, content: bytes, at: datetime) -> bytes:
    """Return content sealed with a person's key; `audit.queries.opened_for` opens it while that lives.

    Raises:
        RecordDisposed: if the person's key has been destroyed.
    """
    return sealed(content, _key_of(person_ref, at))

"""Writes: one entry for one thing that somebody did, in the same transaction as the thing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from carethread.audit import chain
from carethread.audit.models import ChainHead, Entry, PersonKey
from carethread.audit.values import Values, new_key, packed, sealed, unwrapped, wrapped
from carethread.wall.scope import for_the_council

LOOKED = "person.looked"


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

    With `chained`, for decisions and money, the entry becomes the next of the council's chain. An
    action that also calls `councils.actions.changed` does that first.

    Raises:
        RecordDisposed: if the person's key has been destroyed.
    """
    with for_the_council() as scope:
        assert scope.writes is not None
        key = _key_of(scope.writes, person_ref, at) if person_ref else None
        values = packed(Values(why, before, after), key)
        entry = Entry(
            council_id=scope.writes,
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


def looked(*, person_ref: str, what: str, why: str = "", by: str, at: datetime) -> Entry:
    """Record that somebody looked at a person's record, in the council being written.

    Whoever shows a record calls this before showing it. Of a record that was disposed of the look is
    recorded too, without its reason, since nothing more can be sealed.

    Args:
        person_ref: Whose record.
        what: Which part, as `subject` names things: `person:P7`, `order:O-12`, `audit:P7`.
        why: The reason given, where one is asked for.
        by: Who looked.
        at: When.
    """
    try:
        return record(by=by, at=at, action=LOOKED, subject=what, person_ref=person_ref, why=why)
    except RecordDisposed:
        return record(by=by, at=at, action=LOOKED, subject=what)


def _chain(entry: Entry) -> None:
    """Make the entry the chain's next; whoever else adds to this council's chain waits."""
    ChainHead.objects.get_or_create(council_id=entry.council_id)
    head = ChainHead.objects.select_for_update().get(council_id=entry.council_id)
    entry.place, entry.previous = head.place + 1, head.digest or chain.BEGINNING
    told = (entry.by, entry.action, entry.subject, entry.person_ref)
    entry.digest = chain.digest(entry.previous, entry.place, entry.at, told, entry.values)
    head.place, head.digest = entry.place, entry.digest
    head.save()


def _key_of(council: int, person_ref: str, at: datetime) -> bytes:
    """Return the key of a person's values, made on first use."""
    owner = owner_of(council, person_ref)
    held = PersonKey.objects.filter(council_id=council, person_ref=person_ref).first()
    if held is None:
        held, _ = PersonKey.objects.get_or_create(
            council_id=council,
            person_ref=person_ref,
            defaults={"wrapped": wrapped(new_key(), owner), "created_at": at},
        )
    if held.wrapped is None:
        message = f"the record of {person_ref} was disposed of on {held.destroyed_at:%d %B %Y}"
        raise RecordDisposed(message)
    return unwrapped(held.wrapped, owner)


def owner_of(council: int, person_ref: str) -> str:
    """Return whose a wrapped key is: it opens for nobody else."""
    return f"{council}:{person_ref}"


def destroy_key(*, person_ref: str, by: str, at: datetime) -> None:
    """Put a person's audited values beyond reach for ever: retention is over.

    Raises:
        RecordDisposed: if that was done before.
    """
    with for_the_council() as scope:
        assert scope.writes is not None
        _key_of(scope.writes, person_ref, at)
        PersonKey.objects.filter(council_id=scope.writes, person_ref=person_ref).update(
            wrapped=None, destroyed_at=at, destroyed_by=by
        )


def sealed_for(*, person_ref: str, content: bytes, at: datetime) -> bytes:
    """Return content sealed with a person's key; `audit.queries.opened_for` opens it while that lives.

    Raises:
        RecordDisposed: if the person's key has been destroyed.
    """
    with for_the_council() as scope:
        assert scope.writes is not None
        return sealed(content, _key_of(scope.writes, person_ref, at))

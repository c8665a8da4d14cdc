"""Writes: who somebody is."""

from datetime import datetime
from typing import Any

from carethread.audit.actions import record
from carethread.formats.books.records import PersonRow
from carethread.kit.unable import UnableTo
from carethread.people.models import Person
from carethread.wall.scope import current

TOLD = ("given_name", "family_name", "born_on", "postcode", "nhs_number", "died_on")
"""What a row may tell of a person."""


def keep_person(*, row: PersonRow, by: str, at: datetime, why: str = "") -> Person:
    """Add a person, or bring what is known of them up to date; what the row leaves empty stays.

    Raises:
        UnableTo: if their record was disposed of.
    """
    council = current().writes
    person: Person | None = Person.objects.filter(council_id=council, ref=row.person_id).first()
    if person is None:
        return _add(row, by, at, why)
    if person.disposed_on is not None:
        message = f"the record of {row.person_id} was disposed of on {person.disposed_on:%d %B %Y}"
        raise UnableTo(message)
    after = {name: told for name, told in _told(row).items() if told != getattr(person, name)}
    if not after:
        return person
    before = {name: getattr(person, name) for name in after}
    for name, told in after.items():
        setattr(person, name, told)
    person.save(update_fields=list(after))
    _record("person.changed", person, by=by, at=at, why=why, before=before, after=after)
    return person


def _add(row: PersonRow, by: str, at: datetime, why: str) -> Person:
    told = _told(row)
    person: Person = Person.objects.create(council_id=current().writes, ref=row.person_id, **told)
    _record("person.added", person, by=by, at=at, why=why, before=None, after=told)
    return person


def _told(row: PersonRow) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in TOLD}
    return {name: value for name, value in told.items() if value not in (None, "")}


def _record(action: str, person: Person, **said: Any) -> None:
    record(action=action, subject=f"person:{person.ref}", person_ref=person.ref, **said)

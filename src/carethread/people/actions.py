"""Writes: who somebody is, and whether two records are one person's."""

from datetime import datetime
from typing import Any

from carethread.audit.actions import record
from carethread.formats.books.records import PersonRow
from carethread.kit.unable import UnableTo
from carethread.people.likeness import Likely
from carethread.people.models import LikelySame, Likeness, Person
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


def report_likely_same(*, found: Likely, at: datetime) -> list[LikelySame]:
    """Report records that are likely one person's, of the council being written; return the new ones.

    What was reported before stays as it is, decided or not. Nothing is merged.
    """
    council = current().writes
    assert council is not None, "only a scope that writes can report"
    there = set(LikelySame.objects.values_list("one_id", "other_id"))
    new = [
        LikelySame(
            council_id=council,
            one_id=pair.one,
            other_id=pair.other,
            probability_percent=pair.percent,
            found_at=at,
        )
        for pair in found.pairs
        if (pair.one, pair.other) not in there
    ]
    made: list[LikelySame] = LikelySame.objects.bulk_create(new, batch_size=1_000)
    return made


def decide_likeness(
    *, likely: LikelySame, verdict: Likeness, why: str, by: str, at: datetime
) -> LikelySame:
    """Say of two records whether they are one person's. It merges nothing: later work goes by it.

    A decision can be taken again; the audit has both.

    Raises:
        UnableTo: without a verdict or a reason.
    """
    if verdict is Likeness.OPEN or not why.strip():
        message = "say whether they are the same or different, and why"
        raise UnableTo(message)
    likely = LikelySame.objects.select_for_update().select_related("one", "other").get(pk=likely.pk)
    before = {"verdict": likely.verdict, "why": likely.why}
    likely.verdict, likely.why = verdict.value, why
    likely.decided_by, likely.decided_at = by, at
    likely.save()
    after = {"verdict": likely.verdict, "one": likely.one.ref, "other": likely.other.ref}
    for person in (likely.one, likely.other):
        record(
            by=by,
            at=at,
            action="person.likeness_decided",
            subject=f"person:{person.ref}",
            person_ref=person.ref,
            why=why,
            before=before,
            after=after,
            chained=True,
        )
    return likely

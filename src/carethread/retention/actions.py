"""Writes: disposing of a person's record, for ever."""

from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from carethread.audit.actions import destroy_key, record
from carethread.engine.units import LONDON
from carethread.kit.unable import UnableTo
from carethread.people.models import Person
from carethread.retention.queries import Standing, standing
from carethread.wall.kept import every_model, kept_of


@transaction.atomic
def dispose(*, person_ref: str, why: str, by: str, at: datetime) -> None:
    """Empty what says who a person is, and put their audited values beyond reach, for ever.

    What was paid stays, under the council's id of them, which by itself says nothing of who they were.
    That it was done is chained; its reason is readable for ever, so it names nobody.

    Raises:
        UnableTo: if the record must still be kept; the text says why, and until when.
    """
    person = Person.objects.select_for_update().filter(ref=person_ref).first()
    if person is None:
        message = f"nobody has the id {person_ref}"
        raise UnableTo(message)
    today = at.astimezone(LONDON).date()
    _refuse(person, standing(person_ref, today), today)
    destroy_key(person_ref=person_ref, by=by, at=at)
    for model in every_model():
        _scrub(model, person)
    Person.objects.filter(pk=person.pk).update(disposed_on=today)
    record(
        by=by, at=at, action="person.disposed", subject=f"person:{person_ref}", why=why, chained=True
    )


def _refuse(person: Person, stands: Standing, today: date) -> None:
    reasons = list(stands.reasons)
    if person.disposed_on is not None:
        reasons = [f"that was done on {person.disposed_on:%d %B %Y}"]
    elif stands.keep_until is None:
        reasons.append("nothing tells when their care ended: enter a day of death, or end an order")
    elif stands.keep_until >= today:
        ended = f"their care ended on {stands.ended_on:%d %B %Y}"
        reasons.append(f"{ended}, so it is kept until {stands.keep_until:%d %B %Y}")
    if reasons:
        message = f"the record of {person.ref} cannot be disposed of: {'; '.join(reasons)}"
        raise UnableTo(message)


def _scrub(model: type[models.Model], person: Person) -> None:
    """Empty what a model's rows of the person say of who they are."""
    kept = kept_of(model)
    theirs = rows_of(model, person)
    if kept is None or not kept.scrub or theirs is None:
        return
    emptied = {name: _empty(model._meta.get_field(name)) for name in kept.scrub}  # noqa: SLF001
    model._default_manager.filter(theirs).update(**emptied)  # noqa: SLF001


def rows_of(model: type[models.Model], person: Person) -> Q | None:
    """Return the condition for a model's rows to be of a person; None where none are."""
    if model is Person:
        return Q(pk=person.pk)
    theirs = Q(pk__in=[])
    for field in model._meta.concrete_fields:  # noqa: SLF001
        if field.related_model is Person:
            theirs |= Q(**{field.name: person})
        elif field.name == "person_ref":
            theirs |= Q(person_ref=person.ref)
    return theirs if theirs != Q(pk__in=[]) else None


def _empty(field: Any) -> Any:
    return None if field.null else field.get_default() if field.has_default() else ""

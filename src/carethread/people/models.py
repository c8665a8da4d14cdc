"""The person who receives care, and likely second records of the same person."""

from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from carethread.wall.kept import Belongs, Changes, Kept, Retention
from carethread.wall.models import CouncilRecord, known, words


class Person(CouncilRecord):
    """Somebody who receives care.

    ref: the council's id of them, as its case-management system and all files write it. The other
    columns say who they are and may all be empty: the money needs none of them. born_on: null where
    not known. nhs_number: ten digits, checked. died_on: null while they live. is_restricted: only those
    whom the guardian knows of may look. guardian: who guards a restricted record, as the audit writes
    them; empty otherwise. disposed_on: when what says who they are was removed after retention; null
    until then.
    """

    kept: ClassVar[Kept] = Kept(
        Belongs.COUNCIL,
        Changes.MUTABLE,
        Retention.CARE,
        scrub=("given_name", "family_name", "born_on", "postcode", "nhs_number"),
    )
    ref = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    born_on = models.DateField(null=True)
    died_on = models.DateField(null=True)
    postcode = models.CharField(max_length=10, blank=True)
    nhs_number = models.CharField(max_length=10, blank=True)
    is_restricted = models.BooleanField(default=False)
    guardian = models.CharField(max_length=80, blank=True)
    disposed_on = models.DateField(null=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["council", "ref"], name="one_person_a_ref"),
            models.CheckConstraint(condition=~Q(ref=""), name="person_has_ref"),
            models.CheckConstraint(
                condition=Q(is_restricted=False, guardian="") | Q(is_restricted=True) & ~Q(guardian=""),
                name="restricted_has_guardian",
            ),
            models.CheckConstraint(
                condition=Q(born_on=None) | Q(died_on=None) | Q(died_on__gte=F("born_on")),
                name="born_before_died",
            ),
            models.CheckConstraint(
                condition=Q(disposed_on=None)
                | Q(given_name="", family_name="", born_on=None, postcode="", nhs_number=""),
                name="disposed_says_nothing",
            ),
        ]


class Likeness(StrEnum):
    """What a person has decided of two records that look like one person's."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"


class LikelySame(CouncilRecord):
    """Two records that are likely one person's: reported, decided by a person, never merged silently.

    one, other: the records, the smaller key first. probability_percent: how likely, 0 to 100.
    verdict: `open` until somebody decided; then decided_by, decided_at and why are there.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.CARE, scrub=("why",))
    one = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    probability_percent = models.PositiveSmallIntegerField()
    found_at = models.DateTimeField()
    verdict = models.CharField(max_length=10, choices=words(Likeness), default=Likeness.OPEN.value)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    why = models.TextField(blank=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["one", "other"], name="one_likeness_a_pair"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="smaller_key_first"),
            models.CheckConstraint(condition=known("verdict", Likeness), name="known_likeness"),
            models.CheckConstraint(
                condition=Q(verdict="open", decided_by="", decided_at=None)
                | ~Q(verdict="open") & ~Q(decided_by="") & Q(decided_at__isnull=False),
                name="likeness_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(probability_percent__lte=100), name="likeness_is_a_percent"
            ),
        ]

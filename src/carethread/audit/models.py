"""The record of who did what: append-only, in part chained by hash, values readable while a key lives.

An entry names people and things by text and points at nothing, so that it outlives them.
"""

from typing import ClassVar

from django.db import models

from carethread.wall.kept import Belongs, Changes, Kept, Retention
from carethread.wall.models import CouncilRecord


class Entry(CouncilRecord):
    """One thing that somebody did, or looked at.

    at, by: when and who: `user:7`, `client:3` (a program), `console:root` (at the machine itself),
    `system:tick`. action: `order.changed`. subject: what of: `order:O-12`. person_ref: whose record it
    is part of; empty where nobody's. values: the reason given and what was there before and after, as
    `audit.values` packs them: encrypted with the person's key where there is a person. place, previous,
    digest: in the council's chain, for decisions and money; null and empty for what is not chained.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.APPEND_ONLY, Retention.TRAIL)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    person_ref = models.CharField(max_length=100, blank=True)
    values = models.BinaryField()
    place = models.BigIntegerField(null=True)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["council", "place"], name="one_entry_a_place"),
            models.CheckConstraint(
                condition=models.Q(place=None, digest="", previous="")
                | models.Q(place__isnull=False, place__gt=0) & ~models.Q(digest=""),
                name="chained_or_not",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["council", "person_ref", "at"], name="audit_person"),
            models.Index(fields=["council", "subject", "at"], name="audit_subject"),
        ]


class ChainHead(CouncilRecord):
    """Where a council's chain ends: the place and digest of its last entry."""

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.LASTING, Retention.TRAIL)
    place = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["council"], name="one_chain")]


class PersonKey(CouncilRecord):
    """The key that a person's audited values are encrypted with, itself wrapped by the master key.

    wrapped: null once destroyed, and then so are the values for ever. destroyed_at, destroyed_by: both
    or neither. Never deleted: a key made anew would not open what the first one sealed.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.LASTING, Retention.TRAIL)
    person_ref = models.CharField(max_length=100)
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)
    destroyed_by = models.CharField(max_length=80, blank=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["council", "person_ref"], name="one_key_a_person"),
            models.CheckConstraint(
                condition=models.Q(wrapped=None, destroyed_at__isnull=False)
                | models.Q(wrapped__isnull=False, destroyed_at=None, destroyed_by=""),
                name="key_lives_or_is_destroyed",
            ),
        ]

"""A council, and what changed in its books, by day of care."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from carethread.wall.kept import Belongs, Changes, Kept, Retention
from carethread.wall.models import CouncilRecord, SharedRecord


class Council(SharedRecord):
    """A council that keeps its books here.

    code: short and lower case, in addresses and commands. name: as people say it.
    """

    kept: ClassVar[Kept] = Kept(Belongs.ALL, Changes.MUTABLE, Retention.SETTING)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class BookClock(CouncilRecord):
    """How many changes a council's books have seen.

    Whoever changes the books moves it, and so waits for whoever is changing them: changes of one
    council come one after another, and a later number is never visible before an earlier one.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.SETTING)
    number = models.BigIntegerField(default=0)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["council"], name="one_clock")]


class BookChange(CouncilRecord):
    """A change of the books that can change what is settled.

    first_on, last_on: the days of care it bears on, both inclusive; last_on is null where it has no
    end. what: in a few words, such as `visits imported`. by: who, as the audit writes it.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.APPEND_ONLY, Retention.MONEY)
    number = models.BigIntegerField()
    first_on = models.DateField()
    last_on = models.DateField(null=True)
    what = models.CharField(max_length=80)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["council", "number"], name="one_change_a_number"),
            models.CheckConstraint(
                condition=Q(last_on=None) | Q(last_on__gte=F("first_on")), name="change_ends_after"
            ),
        ]

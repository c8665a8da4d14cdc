"""Whose turn it is to do a timed deed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from carethread.wall.kept import Belongs, Changes, Kept, Retention
from carethread.wall.models import SharedRecord


class Turn(SharedRecord):
    """A timed deed and its lease: one process does it, others leave it alone until the lease ends.

    deed: its name. next_at: when it is due. holder: who does it now; empty if nobody. until_at: when
    the holder's lease ends unless renewed; null if nobody's. done_at: when it was last done well; null
    if never. failures: how often it has failed since. failure: the kind of the last failure; empty if
    none.
    """

    kept: ClassVar[Kept] = Kept(Belongs.ALL, Changes.MUTABLE, Retention.PASSING)
    deed = models.CharField(max_length=60, unique=True)
    next_at = models.DateTimeField()
    holder = models.CharField(max_length=120, blank=True)
    until_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(holder="", until_at=None) | ~Q(holder="") & Q(until_at__isnull=False),
                name="lease_whole_or_none",
            ),
            models.CheckConstraint(condition=~Q(deed=""), name="turn_has_deed"),
        ]

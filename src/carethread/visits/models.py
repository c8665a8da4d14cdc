"""Visits as they were recorded and claimed, and rotas: every version as it came, none ever changed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from carethread.engine import words as trade
from carethread.wall.kept import Belongs, Changes, Kept, Retention
from carethread.wall.models import CouncilRecord, known, words


class Visit(CouncilRecord):
    """One version of one visit as a provider sent it. The highest sequence is the current one.

    ref: the sender's id of the visit. sequence: of the version. person_ref, worker_ref: as sent, so
    that a visit to somebody unknown is kept too. service_on: the London day of check_in, else of
    planned_start, else null. check_in, check_out, planned_start, notified_at: instants, to the minute;
    null where not sent. claimed_start, claimed_minutes: what the provider asks to be paid for, apart
    from what was recorded; null where no claim was sent. The rest as settlement §2 has them. batch,
    row: the import that brought it and the row of its file; batch 0 is none. received_at: when it came.

    Source: settlement §2, `visits.csv`.
    """

    kept: ClassVar[Kept] = Kept(Belongs.PROVIDER, Changes.APPEND_ONLY, Retention.CARE)
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="+")
    ref = models.CharField(max_length=200)
    sequence = models.BigIntegerField(default=1)
    person_ref = models.CharField(max_length=100)
    worker_ref = models.CharField(max_length=100, blank=True)
    service = models.CharField(max_length=100)
    status = models.CharField(max_length=12, choices=words(trade.Status), default="delivered")
    service_on = models.DateField(null=True)
    check_in = models.DateTimeField(null=True)
    check_out = models.DateTimeField(null=True)
    planned_start = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=12, choices=words(trade.CancelledBy), blank=True)
    notified_at = models.DateTimeField(null=True)
    in_method = models.CharField(max_length=10, choices=words(trade.Method), default="file")
    out_method = models.CharField(max_length=10, choices=words(trade.Method), default="file")
    reason_code = models.CharField(max_length=200, blank=True)
    claimed_start = models.DateTimeField(null=True)
    claimed_minutes = models.IntegerField(null=True)
    batch = models.BigIntegerField(default=0)
    row = models.BigIntegerField()
    received_at = models.DateTimeField()

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=known("status", trade.Status)
                & known("cancelled_by", trade.CancelledBy, may_be_empty=True)
                & known("in_method", trade.Method)
                & known("out_method", trade.Method),
                name="visit_in_known_words",
            ),
            models.CheckConstraint(
                condition=~Q(ref="") & ~Q(person_ref="") & ~Q(service=""), name="visit_is_named"
            ),
            models.CheckConstraint(
                condition=Q(status="delivered") & ~Q(worker_ref="")
                | ~Q(status="delivered") & Q(planned_start__isnull=False),
                name="visit_names_worker_or_plan",
            ),
            models.CheckConstraint(
                condition=Q(claimed_start=None, claimed_minutes=None)
                | Q(claimed_start__isnull=False)
                & Q(claimed_minutes__isnull=False, claimed_minutes__gte=0),
                name="claim_whole_or_none",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["council", "service_on"], name="visit_day"),
            models.Index(fields=["council", "ref"], name="visit_ref"),
            models.Index(fields=["council", "person_ref", "service_on"], name="visit_person"),
        ]


class RotaTime(CouncilRecord):
    """When a provider's rota has a planned visit: it moves the order's visit of that day. Latest wins.

    on: the local day. planned_start: the instant, to the minute. batch, row, received_at: as for a
    visit.

    Source: settlement §2, `planned.csv`.
    """

    kept: ClassVar[Kept] = Kept(Belongs.PROVIDER, Changes.APPEND_ONLY, Retention.CARE)
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="rota")
    on = models.DateField()
    planned_start = models.DateTimeField()
    batch = models.BigIntegerField(default=0)
    row = models.BigIntegerField()
    received_at = models.DateTimeField()

    class Meta(CouncilRecord.Meta):
        indexes: ClassVar = [models.Index(fields=["council", "on"], name="rota_day")]

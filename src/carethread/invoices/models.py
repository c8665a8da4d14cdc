"""What providers bill, as it came."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from carethread.wall.kept import Belongs, Changes, Kept, Retention
from carethread.wall.models import CouncilRecord


class InvoiceRow(CouncilRecord):
    """A line of a provider's invoice as it was sent; never changed.

    invoice_ref, line_no: which. amount_pence: below 0 for a credit, whose minutes may be too.
    order_ref, visit_ref: empty where the line names none. The rest as settlement §7 has them. batch,
    row, received_at: as for a visit.

    Source: settlement §7.
    """

    kept: ClassVar[Kept] = Kept(Belongs.PROVIDER, Changes.APPEND_ONLY, Retention.MONEY)
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="+")
    invoice_ref = models.CharField(max_length=100)
    line_no = models.BigIntegerField()
    person_ref = models.CharField(max_length=100)
    service = models.CharField(max_length=100)
    from_on = models.DateField()
    to_on = models.DateField()
    minutes = models.BigIntegerField()
    amount_pence = models.BigIntegerField()
    order_ref = models.CharField(max_length=100, blank=True)
    visit_ref = models.CharField(max_length=200, blank=True)
    billed_on = models.DateField()
    batch = models.BigIntegerField(default=0)
    row = models.BigIntegerField()
    received_at = models.DateTimeField()

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="invoice_row_ends_after"),
            models.CheckConstraint(
                condition=Q(minutes__gte=0) | Q(amount_pence__lt=0), name="only_credits_take_minutes"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["council", "invoice_ref", "line_no"], name="invoice_line"),
            models.Index(fields=["council", "from_on", "to_on"], name="invoice_days"),
        ]

"""Order lines, their versions in time, and suspensions."""

from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from carethread.engine import words as trade
from carethread.wall.kept import Belongs, Changes, Kept, NoOverlap, Retention
from carethread.wall.models import CouncilRecord, known, words


class Funding(StrEnum):
    """Who is to bear the cost of an order."""

    COUNCIL = "council"
    NHS = "nhs"
    JOINT = "joint"
    SELF = "self"


class Order(CouncilRecord):
    """An order line: what is bought of one provider for one person. The unit everything hangs on.

    ref: its id on every file. basis: by visits, or by weekly hours. plan_ref: the support plan's id in
    the case-management system. funding_source: who bears the cost; empty until known.
    council_share_percent: the council's part of a joint order, 0 to 100; null otherwise. scheme: a
    scheme that pays, such as discharge to assess; empty if none; then scheme_starts_on and
    scheme_weeks_limit (whole weeks) say for how long, null where it has no limit. increases: the order
    of an existing package that this one adds to; null if none. cost_centre, ledger_code: what finance
    books it to; empty until coded.
    assessment_referred_on, assessment_done_on: the person's financial assessment; null until
    then. A referral comes before the assessment.
    """

    kept: ClassVar[Kept] = Kept(Belongs.PROVIDER, Changes.MUTABLE, Retention.CARE)
    ref = models.CharField(max_length=100)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="orders")
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="orders")
    contract = models.ForeignKey("providers.Contract", on_delete=models.PROTECT, related_name="orders")
    service = models.CharField(max_length=100)
    basis = models.CharField(max_length=20, choices=words(trade.Basis))
    plan_ref = models.CharField(max_length=100, blank=True)
    funding_source = models.CharField(max_length=10, choices=words(Funding), blank=True)
    council_share_percent = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    scheme = models.CharField(max_length=60, blank=True)
    scheme_starts_on = models.DateField(null=True)
    scheme_weeks_limit = models.PositiveSmallIntegerField(null=True)
    increases = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="increased_by"
    )
    cost_centre = models.CharField(max_length=40, blank=True)
    ledger_code = models.CharField(max_length=40, blank=True)
    assessment_referred_on = models.DateField(null=True)
    assessment_done_on = models.DateField(null=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["council", "ref"], name="one_order_a_ref"),
            models.CheckConstraint(condition=~Q(ref="") & ~Q(service=""), name="order_is_named"),
            models.CheckConstraint(
                condition=known("basis", trade.Basis)
                & known("funding_source", Funding, may_be_empty=True),
                name="order_in_known_words",
            ),
            models.CheckConstraint(
                condition=Q(funding_source="joint", council_share_percent__isnull=False)
                & Q(council_share_percent__gte=0, council_share_percent__lte=100)
                | ~Q(funding_source="joint") & Q(council_share_percent=None),
                name="share_of_joint_orders",
            ),
            models.CheckConstraint(
                condition=Q(scheme="", scheme_starts_on=None, scheme_weeks_limit=None)
                | ~Q(scheme="")
                & (
                    Q(scheme_weeks_limit=None)
                    | Q(scheme_weeks_limit__isnull=False, scheme_weeks_limit__gte=1)
                ),
                name="scheme_limits_a_scheme",
            ),
            models.CheckConstraint(
                condition=Q(assessment_done_on=None)
                | Q(
                    assessment_done_on__isnull=False,
                    assessment_referred_on__isnull=False,
                    assessment_done_on__gte=F("assessment_referred_on"),
                ),
                name="assessed_after_referral",
            ),
            models.CheckConstraint(
                condition=Q(increases=None) | ~Q(increases=F("id")), name="increases_another"
            ),
        ]


class OrderVersion(CouncilRecord):
    """What an order was from one day to another: versions follow each other and never overlap.

    starts_on, ends_on: both inclusive; ends_on is null while open. By visits: days (seven characters,
    Monday first, 1 or 0), start_minute (of the day), minutes, carers (1 or 2), time_critical. By weekly
    hours: weekly_minutes (carer-minutes a Monday-to-Sunday week), and of the others none. provider: the
    order's, so that the wall holds here too.
    """

    kept: ClassVar[Kept] = Kept(
        Belongs.PROVIDER,
        Changes.MUTABLE,
        Retention.CARE,
        no_overlap=NoOverlap(("order_id",), "starts_on", "ends_on"),
    )
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="versions")
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    days = models.CharField(max_length=7, blank=True)
    start_minute = models.PositiveSmallIntegerField(null=True)
    minutes = models.PositiveSmallIntegerField(null=True)
    carers = models.PositiveSmallIntegerField(default=1)
    time_critical = models.BooleanField(default=False)
    weekly_minutes = models.PositiveIntegerField(null=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="version_ends_after"
            ),
            models.CheckConstraint(
                condition=Q(
                    weekly_minutes=None,
                    days__regex="^[01]{7}$",
                    start_minute__isnull=False,
                    start_minute__lt=1440,
                    minutes__isnull=False,
                    minutes__gte=1,
                    minutes__lte=1440,
                )
                | Q(days="", start_minute=None, minutes=None, carers=1)
                & Q(weekly_minutes__isnull=False, weekly_minutes__gte=1, weekly_minutes__lte=7 * 1440),
                name="version_of_one_basis",
            ),
            models.CheckConstraint(condition=Q(carers__in=[1, 2]), name="one_or_two_carers"),
        ]


class Suspension(CouncilRecord):
    """A stretch of time in which an order, or all of a person's orders, is suspended.

    order: null for all the person's orders. from_minute, to_minute: of the day; from_minute is null
    from its start, to_minute null to the end of to_on. to_on: null while open. told_at: when the
    provider was told; null if not known.

    Source: settlement §2, `suspensions.csv`.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.CARE)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="suspensions")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="suspensions")
    from_on = models.DateField()
    from_minute = models.PositiveSmallIntegerField(null=True)
    to_on = models.DateField(null=True)
    to_minute = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(max_length=20, choices=words(trade.Absence))
    told_at = models.DateTimeField(null=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=known("reason", trade.Absence), name="known_absence"),
            models.CheckConstraint(
                condition=Q(to_on=None, to_minute=None)
                | Q(to_on__isnull=False, to_on__gte=F("from_on")),
                name="suspension_ends_after",
            ),
            models.CheckConstraint(
                condition=Q(from_minute=None) | Q(from_minute__lt=1440), name="suspended_from_a_time"
            ),
            models.CheckConstraint(
                condition=Q(to_minute=None) | Q(to_minute__lte=1440), name="suspended_to_a_time"
            ),
        ]


class LedgerCode(CouncilRecord):
    """A code of the council's ledger that orders may be booked to.

    cost_centre: the one it is open to; empty for all that are known. name: as finance calls it.
    from_on, until_on: the days it is open, both inclusive; until_on is null while it lasts.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.SETTING)
    code = models.CharField(max_length=40)
    cost_centre = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=200, blank=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["council", "code", "cost_centre", "from_on"], name="one_code_a_day"
            ),
            models.CheckConstraint(condition=~Q(code=""), name="ledger_code_is_named"),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")), name="code_ends_after"
            ),
        ]

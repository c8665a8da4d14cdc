"""Providers, their workers and codes; contracts with dated terms and rates; a council's rules."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from carethread.engine import words as trade
from carethread.wall.kept import Belongs, Changes, Kept, Retention
from carethread.wall.models import CouncilRecord, known, words


class Provider(CouncilRecord):
    """A provider, as one council deals with it.

    ref: the council's id of it, as files write it. name: empty while only files have named it.
    supplier_number, supplier_site: what the council's ledger calls it. cqc_location: the Care Quality
    Commission's location id. closed_on: the last day it may be given an order; null while it trades.
    """

    kept: ClassVar[Kept] = Kept(Belongs.PROVIDER, Changes.MUTABLE, Retention.SETTING)
    ref = models.CharField(max_length=100)
    name = models.CharField(max_length=200, blank=True)
    supplier_number = models.CharField(max_length=40, blank=True)
    supplier_site = models.CharField(max_length=40, blank=True)
    cqc_location = models.CharField(max_length=40, blank=True)
    closed_on = models.DateField(null=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["council", "ref"], name="one_provider_a_ref"),
            models.CheckConstraint(condition=~Q(ref=""), name="provider_has_ref"),
        ]


class Worker(CouncilRecord):
    """A care worker, as a provider names them. name: empty where the provider does not tell."""

    kept: ClassVar[Kept] = Kept(Belongs.PROVIDER, Changes.MUTABLE, Retention.CARE, scrub=("name",))
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="workers")
    ref = models.CharField(max_length=100)
    name = models.CharField(max_length=200, blank=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "ref"], name="one_worker_a_ref"),
            models.CheckConstraint(condition=~Q(ref=""), name="worker_has_ref"),
        ]


class ServiceCode(CouncilRecord):
    """What a provider calls a service: their_code in its files means `service` here."""

    kept: ClassVar[Kept] = Kept(Belongs.PROVIDER, Changes.MUTABLE, Retention.SETTING)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="service_codes")
    their_code = models.CharField(max_length=100)
    service = models.CharField(max_length=100)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "their_code"], name="one_service_a_code"),
            models.CheckConstraint(
                condition=~Q(their_code="") & ~Q(service=""), name="service_code_is_whole"
            ),
        ]


class Contract(CouncilRecord):
    """A contract: an id on orders, terms and rates.

    is_stated: the council has stated it, terms or none. False while only orders or rates name it: then
    their lines are held with `no_contract`.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.SETTING)
    ref = models.CharField(max_length=100)
    name = models.CharField(max_length=200, blank=True)
    is_stated = models.BooleanField(default=False)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["council", "ref"], name="one_contract_a_ref"),
            models.CheckConstraint(condition=~Q(ref=""), name="contract_has_ref"),
        ]


_DAY = [MinValueValidator(1), MaxValueValidator(24 * 60)]


class ContractTerms(CouncilRecord):
    """A contract's rules from a day on, as settlement §2 has them: each column is the key of that name.

    Percents are decimals of a hundred; bands is a list of [up to minutes, pays minutes], cancelled of
    [below hours of notice, percent as text], hold_on of kinds of finding.

    Source: settlement §2, `contracts.toml`.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.SETTING)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="terms")
    from_on = models.DateField()
    pay_basis = models.CharField(max_length=30, choices=words(trade.PayBasis), default="actual")
    tolerance_minutes = models.PositiveIntegerField(default=0)
    minimum_minutes = models.PositiveIntegerField(default=0)
    round_to_minutes = models.PositiveIntegerField(default=1, validators=_DAY)
    round = models.CharField(max_length=10, choices=words(trade.Rounding), default="nearest")
    bands = models.JSONField(default=list)
    cap = models.CharField(max_length=10, choices=words(trade.Cap), default="planned")
    cap_over_minutes = models.PositiveIntegerField(default=0)
    pool = models.CharField(max_length=10, choices=words(trade.Pool), default="none")
    double_up = models.CharField(max_length=10, choices=words(trade.DoubleUp), default="each")
    missed_percent = models.CharField(max_length=40, default="0")
    frustrated_percent = models.CharField(max_length=40, default="100")
    cancelled = models.JSONField(default=list)
    suspended_percent = models.CharField(max_length=40, default="0")
    retainer_days = models.PositiveIntegerField(default=0)
    unplanned = models.CharField(max_length=10, choices=words(trade.Unplanned), default="hold")
    manual = models.CharField(max_length=10, choices=words(trade.Manual), default="pay")
    hold_on = models.JSONField(default=list)
    band_rule = models.CharField(max_length=10, choices=words(trade.BandRule), default="start")

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contract", "from_on"], name="one_terms_a_day"),
            models.CheckConstraint(
                condition=Q(round_to_minutes__gte=1, round_to_minutes__lte=1440),
                name="rounding_in_a_day",
            ),
            models.CheckConstraint(
                condition=known("pay_basis", trade.PayBasis)
                & known("round", trade.Rounding)
                & known("cap", trade.Cap)
                & known("pool", trade.Pool)
                & known("double_up", trade.DoubleUp)
                & known("unplanned", trade.Unplanned)
                & known("manual", trade.Manual)
                & known("band_rule", trade.BandRule),
                name="terms_in_known_words",
            ),
        ]


class RateCard(CouncilRecord):
    """All rates of a contract and service from a day on, until the next card's day.

    Source: settlement §5: a new from_on replaces the whole card.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.SETTING)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="rate_cards")
    service = models.CharField(max_length=100)
    from_on = models.DateField()

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contract", "service", "from_on"], name="one_card_a_day"),
            models.CheckConstraint(condition=~Q(service=""), name="card_has_service"),
        ]


class Rate(CouncilRecord):
    """A row of a rate card.

    amount_pence: per hour, or where minutes is there, for a visit of exactly so many minutes.
    band_from_minute, band_to_minute: of the day, both or neither; to may be 1440. slot: 1 or 2, null
    for any. row: the order in which the council wrote them, which messages follow.

    Source: settlement §2, `rates.csv`.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.SETTING)
    card = models.ForeignKey(RateCard, on_delete=models.CASCADE, related_name="rates")
    row = models.PositiveIntegerField()
    day_type = models.CharField(max_length=20, choices=words(trade.DayType))
    band_from_minute = models.PositiveSmallIntegerField(null=True)
    band_to_minute = models.PositiveSmallIntegerField(null=True)
    slot = models.PositiveSmallIntegerField(null=True)
    minutes = models.PositiveSmallIntegerField(null=True)
    amount_pence = models.BigIntegerField()
    priority = models.IntegerField(default=0)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=known("day_type", trade.DayType), name="known_day_type"),
            models.CheckConstraint(condition=Q(amount_pence__gte=0), name="rate_is_not_negative"),
            models.CheckConstraint(
                condition=Q(slot=None) | Q(slot__in=[1, 2]), name="rate_slot_1_or_2"
            ),
            models.CheckConstraint(
                condition=Q(minutes=None) | Q(minutes__gte=1, minutes__lte=1440),
                name="rate_minutes_in_a_day",
            ),
            models.CheckConstraint(
                condition=Q(band_from_minute=None, band_to_minute=None)
                | Q(band_from_minute__isnull=False, band_from_minute__lt=1440)
                & Q(band_to_minute__isnull=False, band_to_minute__lte=1440),
                name="band_whole_or_none",
            ),
        ]


class SettlementRules(CouncilRecord):
    """What a council settles by beside its contracts: each column is a key of `contracts.toml`.

    extra_holidays: further days, as ISO dates.

    Source: settlement §2.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.SETTING)
    window_minutes = models.PositiveSmallIntegerField(default=120)
    join_gap_minutes = models.PositiveSmallIntegerField(default=10)
    time_critical_minutes = models.PositiveSmallIntegerField(default=30)
    region_holidays = models.BooleanField(default=True)
    extra_holidays = models.JSONField(default=list)
    over_pence_per_line = models.PositiveIntegerField(default=1)
    over_percent = models.CharField(max_length=40, default="0")
    under_pence_per_line = models.PositiveIntegerField(default=1)
    under_percent = models.CharField(max_length=40, default="0")

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["council"], name="one_set_of_rules"),
            models.CheckConstraint(
                condition=Q(window_minutes__gte=1, window_minutes__lte=720)
                & Q(join_gap_minutes__lte=1440)
                & Q(time_critical_minutes__lte=1440),
                name="rules_in_range",
            ),
        ]

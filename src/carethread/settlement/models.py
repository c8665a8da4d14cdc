"""Settlement runs, what they found, what people decided, and what differs from what was approved."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from carethread.engine import words as trade
from carethread.engine.decide import Ruling
from carethread.settlement.states import ACTIVE, RunStatus
from carethread.wall.kept import Belongs, Changes, Kept, Retention
from carethread.wall.models import CouncilRecord, known, words


class Run(CouncilRecord):
    """A settlement of one council's care over some days, from its books as they stood.

    first_on, last_on: both inclusive. version: 1 for the first run of these days, then counting up.
    book_number: the last change of the books that it read; null until it has read them. asked_by,
    asked_at: who wanted it. started_at, beat_at: of the attempt under way, and its last sign of life;
    null before the first. settled_at: when its lines were stored; null until then. attempts: how often
    it was started; the attempt under way is known by it. job: the background job that is to settle it;
    null where whoever asked settles it at once. failure: why the last attempt ended, in words for
    staff. visits: visit rows read. lines, due_pence, held_pence: of its lines, after decisions.
    findings: how many are kept. differences, difference_pence: of its difference lines. digest: SHA-256
    of its lines. approved_by, approved_at: both or neither; an approved run is never edited.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.MONEY)
    first_on = models.DateField()
    last_on = models.DateField()
    version = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=words(RunStatus), default=RunStatus.QUEUED.value)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    book_number = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    job = models.UUIDField(null=True)
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)
    visits = models.BigIntegerField(null=True)
    lines = models.BigIntegerField(null=True)
    due_pence = models.BigIntegerField(null=True)
    held_pence = models.BigIntegerField(null=True)
    findings = models.BigIntegerField(null=True)
    differences = models.BigIntegerField(null=True)
    difference_pence = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    approved_by = models.CharField(max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["council", "first_on", "last_on", "version"], name="one_run_a_version"
            ),
            models.UniqueConstraint(
                fields=["council", "first_on", "last_on"],
                condition=Q(status__in=[one.value for one in ACTIVE]),
                name="one_active_run_a_period",
            ),
            models.UniqueConstraint(
                fields=["council", "first_on", "last_on"],
                condition=Q(status="approved"),
                name="one_approved_run_a_period",
            ),
            models.CheckConstraint(condition=known("status", RunStatus), name="known_run_status"),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="run_ends_after"),
            models.CheckConstraint(condition=Q(version__gte=1), name="versions_count_from_1"),
            models.CheckConstraint(
                condition=Q(approved_by="", approved_at=None)
                | ~Q(approved_by="")
                & Q(approved_at__isnull=False, status__in=["approved", "overtaken"]),
                name="approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["settled", "approved", "overtaken"])
                | Q(
                    book_number__isnull=False,
                    settled_at__isnull=False,
                    lines__isnull=False,
                    due_pence__isnull=False,
                    held_pence__isnull=False,
                    findings__isnull=False,
                    differences__isnull=False,
                    difference_pence__isnull=False,
                )
                & ~Q(digest=""),
                name="settled_run_is_whole",
            ),
        ]


def _run() -> "models.ForeignKey[Run, Run]":
    """Return the column that says which run; every table has an index that begins with it."""
    return models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_index=False)


class Line(CouncilRecord):
    """A settled line of a run: the pipeline's own columns, and what came of a person's decision.

    Columns up to `working` are those of settlement §6, `*_ref` being ids as text. working: how the
    figure came about (`engine.results.Working`, what is empty left out), for explaining it.
    decision: the key of the decision that was applied; null if none. due_pence: what is to be paid for
    the line after decisions; null while it is held or cannot be worked out. is_held: waits for a
    person, after decisions.
    """

    kept: ClassVar[Kept] = Kept(Belongs.PROVIDER, Changes.APPEND_ONLY, Retention.MONEY)
    run = _run()
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    ref = models.CharField(max_length=300)
    person_ref = models.CharField(max_length=100)
    order_ref = models.CharField(max_length=100, blank=True)
    contract_ref = models.CharField(max_length=100, blank=True)
    service = models.CharField(max_length=100)
    service_on = models.DateField()
    slot = models.PositiveSmallIntegerField(null=True)
    agreed_start = models.DateTimeField(null=True)
    planned_start = models.DateTimeField(null=True)
    planned_minutes = models.IntegerField(null=True)
    visit_ref = models.CharField(max_length=200, blank=True)
    worker_ref = models.CharField(max_length=100, blank=True)
    check_in = models.DateTimeField(null=True)
    check_out = models.DateTimeField(null=True)
    counted_minutes = models.IntegerField(null=True)
    start_deviation_minutes = models.IntegerField(null=True)
    outcome = models.CharField(max_length=12, choices=words(trade.Outcome))
    payable_minutes = models.IntegerField(null=True)
    amount_pence = models.BigIntegerField(null=True)
    held = models.BooleanField()
    reasons = models.CharField(max_length=300, blank=True)
    working = models.TextField(blank=True)
    decision = models.BigIntegerField(null=True)
    due_pence = models.BigIntegerField(null=True)
    is_held = models.BooleanField()

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "ref"], name="one_line_a_ref"),
            models.CheckConstraint(condition=known("outcome", trade.Outcome), name="known_outcome"),
            models.CheckConstraint(
                condition=Q(is_held=True, due_pence=None)
                | Q(is_held=False, due_pence__isnull=False, due_pence__gte=0),
                name="held_or_due",
            ),
            models.CheckConstraint(
                condition=Q(decision__isnull=False) | Q(is_held=F("held")), name="decided_or_as_settled"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["council", "person_ref", "service_on"], name="line_person"),
            models.Index(fields=["run"], condition=Q(is_held=True), name="line_waits"),
            models.Index(fields=["council", "ref"], condition=Q(slot=None), name="line_may_move"),
        ]


class RunFinding(CouncilRecord):
    """A finding of a run, as settlement §6 has it.

    batch, row: the import and the row of its file that brought the visit it is about; null where it is
    about none. line_ref, subject: empty where it has none.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.APPEND_ONLY, Retention.MONEY)
    run = _run()
    severity = models.CharField(max_length=10, choices=words(trade.Severity))
    kind = models.CharField(max_length=40, choices=words(trade.Kind))
    line_ref = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    message = models.TextField()
    batch = models.BigIntegerField(null=True)
    row = models.BigIntegerField(null=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=known("severity", trade.Severity) & known("kind", trade.Kind),
                name="finding_in_known_words",
            ),
            models.CheckConstraint(
                condition=Q(batch=None, row=None)
                | Q(batch__isnull=False, row__isnull=False, row__gte=1),
                name="finding_row_whole_or_none",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["run", "kind"], name="finding_kind")]


class WeekUse(CouncilRecord):
    """What a weekly-hours order's week allowed and what was used of it, as settlement §6 has it."""

    kept: ClassVar[Kept] = Kept(Belongs.PROVIDER, Changes.APPEND_ONLY, Retention.MONEY)
    run = _run()
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="+")
    order_ref = models.CharField(max_length=100)
    week_starting = models.DateField()
    allowance_minutes = models.IntegerField()
    payable_minutes = models.IntegerField()
    unused_minutes = models.IntegerField()

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "order_ref", "week_starting"], name="one_use_a_week"
            ),
            models.CheckConstraint(condition=Q(allowance_minutes__gte=0), name="allowance_is_positive"),
        ]


class Difference(CouncilRecord):
    """A line that a run settles otherwise than was last approved.

    Only days that were approved before have differences: those of other days are settled for the first
    time. before, before_due_pence, before_is_held: the line that was approved last; null where there
    was none. after, after_due_pence, after_is_held: this run's; null where the line is gone. pence:
    what is due more (below 0: less). why: which columns differ, with `;`; or `new`, or `gone`.
    """

    kept: ClassVar[Kept] = Kept(Belongs.PROVIDER, Changes.APPEND_ONLY, Retention.MONEY)
    run = _run()
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="+")
    line_ref = models.CharField(max_length=300)
    person_ref = models.CharField(max_length=100)
    service_on = models.DateField()
    before = models.ForeignKey(Line, on_delete=models.PROTECT, null=True, related_name="+")
    before_due_pence = models.BigIntegerField(null=True)
    before_is_held = models.BooleanField(null=True)
    after = models.ForeignKey(Line, on_delete=models.PROTECT, null=True, related_name="+")
    after_due_pence = models.BigIntegerField(null=True)
    after_is_held = models.BooleanField(null=True)
    pence = models.BigIntegerField()
    why = models.CharField(max_length=300)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "line_ref"], name="one_difference_a_line"),
            models.CheckConstraint(
                condition=Q(before__isnull=False) | Q(after__isnull=False), name="something_differs"
            ),
        ]


class Decision(CouncilRecord):
    """What a person decided of a line, or of a visit; honoured by every run until undone.

    line_ref, visit_ref: what it is about: exactly one. provider, person_ref: of the line, or of the
    visit as sent. first_on, last_on: the days of care it bears on, both inclusive. number: of the
    change of the books that it was: runs that read the books from there on know it. ruling: see
    `engine.decide`. basis: SHA-256 of the facts decided on: where they have changed the decision is
    not applied, and is asked for anew. order: that an unplanned visit is accepted against; null
    otherwise. check_in, check_out: the corrected times; null otherwise. evidence: what it rests on;
    only corrected times must have some. undone_*: all or none; undone_number as number.
    """

    kept: ClassVar[Kept] = Kept(Belongs.PROVIDER, Changes.MUTABLE, Retention.MONEY)
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="+")
    person_ref = models.CharField(max_length=100)
    line_ref = models.CharField(max_length=300, blank=True)
    visit_ref = models.CharField(max_length=200, blank=True)
    first_on = models.DateField()
    last_on = models.DateField()
    number = models.BigIntegerField()
    ruling = models.CharField(max_length=20, choices=words(Ruling))
    basis = models.CharField(max_length=64)
    reason = models.TextField()
    evidence = models.TextField(blank=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, related_name="+")
    check_in = models.DateTimeField(null=True)
    check_out = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    undone_by = models.CharField(max_length=80, blank=True)
    undone_at = models.DateTimeField(null=True)
    undone_why = models.TextField(blank=True)
    undone_number = models.BigIntegerField(null=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["council", "line_ref"],
                condition=Q(undone_at=None) & ~Q(line_ref=""),
                name="one_decision_a_line",
            ),
            models.UniqueConstraint(
                fields=["council", "visit_ref", "ruling"],
                condition=Q(undone_at=None) & ~Q(visit_ref=""),
                name="one_decision_a_visit",
            ),
            models.CheckConstraint(
                condition=Q(line_ref="") & ~Q(visit_ref="") | ~Q(line_ref="") & Q(visit_ref=""),
                name="decision_of_line_or_visit",
            ),
            models.CheckConstraint(condition=known("ruling", Ruling), name="known_ruling"),
            models.CheckConstraint(
                condition=(~Q(ruling__in=["accept_recorded", "reject"]) | Q(visit_ref=""))
                & (~Q(ruling="correct_clock") | Q(line_ref="")),
                name="ruling_fits_line_or_visit",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="decision_has_reason"),
            models.CheckConstraint(
                condition=Q(basis__regex="^[0-9a-f]{64}$"), name="decision_rests_on_facts"
            ),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="decision_ends_after"),
            models.CheckConstraint(
                condition=Q(
                    ruling="correct_clock",
                    check_in__isnull=False,
                    check_out__isnull=False,
                    check_out__gte=F("check_in"),
                )
                & ~Q(evidence="")
                | ~Q(ruling="correct_clock") & Q(check_in=None, check_out=None),
                name="corrected_clock_has_evidence",
            ),
            models.CheckConstraint(
                condition=Q(ruling="accept_unplanned", order__isnull=False)
                | ~Q(ruling="accept_unplanned") & Q(order=None),
                name="unplanned_against_an_order",
            ),
            models.CheckConstraint(
                condition=Q(undone_by="", undone_at=None, undone_why="", undone_number=None)
                | ~Q(undone_by="")
                & ~Q(undone_why="")
                & Q(
                    undone_at__isnull=False,
                    undone_number__isnull=False,
                    undone_number__gt=F("number"),
                ),
                name="undone_whole_or_not",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["council", "first_on"], condition=Q(undone_at=None), name="decision_in_force"
            ),
            models.Index(fields=["council", "visit_ref"], name="decision_visit"),
            models.Index(fields=["council", "line_ref"], name="decision_line"),
        ]

    @property
    def about(self) -> str:
        """The id of the line or visit that it is about."""
        return self.line_ref or self.visit_ref

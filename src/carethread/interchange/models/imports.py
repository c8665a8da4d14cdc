"""Files that councils and providers sent, what was found in them, and how other layouts are read."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from carethread.interchange.imports.words import BatchStatus, Code
from carethread.wall.kept import Belongs, Changes, Kept, Retention
from carethread.wall.models import CouncilRecord, known, words


class Profile(CouncilRecord):
    """How another system's files become the contract's, as a council wrote it. Never changed.

    name: as commands and files name it. version: from 1; a changed profile is a new version, and the
    highest is in force. table: what its files become. text: the TOML as it was given.

    Source: `formats.profiles`.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.APPEND_ONLY, Retention.SETTING)
    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    table = models.CharField(max_length=20)
    text = models.TextField()
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["council", "name", "version"], name="one_profile_a_version"
            ),
            models.CheckConstraint(
                condition=~Q(name="") & Q(version__gte=1), name="profile_is_named_and_counted"
            ),
        ]


class Batch(CouncilRecord):
    """One file, or folder as a zip, that was sent to be imported.

    provider: whose upload it is; null for the council's own, and then no provider sees it. file: the
    name it was sent under. sha256, size: of its bytes, which are kept under the digest; size in bytes.
    profile, profile_version: what it was read by; empty for the contract's own layout, version 0 for a
    profile that comes with carethread. table: which table the file was said to be; empty where its name
    tells. counts: by table, how many rows are new, changed, unchanged and rejected, from the last
    check. verdicts: a digest of the last check's verdicts; empty before. book_number, after_batch: the
    state of the books that the last check was made against, null before. first_on, last_on: the days of
    care it bears on, both inclusive; first_on is null where it bears on none, last_on where it has no
    end. received_by, received_at: who sent it. checked_*, applied_*, abandoned_*: by whom and when;
    empty and null until then. A check at which nothing could be read is a check.
    """

    kept: ClassVar[Kept] = Kept(Belongs.PROVIDER, Changes.MUTABLE, Retention.MONEY)
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.PROTECT, null=True, related_name="+"
    )
    file = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    profile = models.CharField(max_length=60, blank=True)
    profile_version = models.PositiveIntegerField(default=0)
    table = models.CharField(max_length=20, blank=True)
    status = models.CharField(
        max_length=12, choices=words(BatchStatus), default=BatchStatus.RECEIVED.value
    )
    counts = models.JSONField(default=dict)
    verdicts = models.CharField(max_length=64, blank=True)
    book_number = models.BigIntegerField(null=True)
    after_batch = models.BigIntegerField(null=True)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    received_by = models.CharField(max_length=80)
    received_at = models.DateTimeField()
    checked_by = models.CharField(max_length=80, blank=True)
    checked_at = models.DateTimeField(null=True)
    applied_by = models.CharField(max_length=80, blank=True)
    applied_at = models.DateTimeField(null=True)
    abandoned_by = models.CharField(max_length=80, blank=True)
    abandoned_at = models.DateTimeField(null=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=known("status", BatchStatus), name="known_batch_status"),
            models.CheckConstraint(
                condition=Q(status="received", checked_at=None)
                | Q(status__in=["checked", "failed", "applied"], checked_at__isnull=False)
                | ~Q(status__in=["received", "checked", "failed", "applied"]),
                name="batch_checked_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status="applied", applied_at__isnull=False)
                & ~Q(applied_by="")
                & ~Q(verdicts="")
                | ~Q(status="applied") & Q(applied_at=None, applied_by=""),
                name="batch_applied_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status="abandoned", abandoned_at__isnull=False) & ~Q(abandoned_by="")
                | ~Q(status="abandoned") & Q(abandoned_at=None, abandoned_by=""),
                name="batch_abandoned_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(last_on=None)
                | Q(first_on__isnull=False, last_on__isnull=False, last_on__gte=F("first_on")),
                name="batch_ends_after",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["council", "sha256"], name="batch_digest")]


class Problem(CouncilRecord):
    """Why a row of a batch was rejected, or what to know of it, from the batch's last check.

    provider: the batch's. table: empty for the whole file. row: its number in the file as it was sent,
    the header 1; null for a whole table or file. column: empty where none is meant. code: a word of
    `Code`. says: the sentence for whoever has to mend it. is_rejected: false where it is only told.
    """

    kept: ClassVar[Kept] = Kept(Belongs.PROVIDER, Changes.MUTABLE, Retention.PASSING)
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.PROTECT, null=True, related_name="+"
    )
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="problems")
    table = models.CharField(max_length=20, blank=True)
    row = models.BigIntegerField(null=True)
    column = models.CharField(max_length=100, blank=True)
    code = models.CharField(max_length=20, choices=words(Code))
    says = models.TextField()
    is_rejected = models.BooleanField()

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=known("code", Code), name="known_problem_code"),
        ]

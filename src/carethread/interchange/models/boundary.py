"""The boundary with other systems: packages in, messages out, control totals, the cases they have."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from carethread.formats.packages.words import Fixer, ReturnCode
from carethread.interchange.states import (
    CaseStatus,
    Direction,
    OutgoingStatus,
    PackageStatus,
    Told,
    TotalKind,
)
from carethread.wall.kept import Belongs, Changes, Kept, Retention
from carethread.wall.models import CouncilRecord, known, words

_CARE = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.CARE)


class Package(CouncilRecord):
    """A package that came in, whatever became of it.

    key: the sender's; empty where it could not be read. sha256: of the canonical content; of the bytes
    where it could not be read. has_key: it is the one that the key stands for; false for other content
    sent under a key that was taken, and where there is no key. content: the canonical content, sealed
    with the person's key (`audit.actions.sealed`), so that disposal of the person's record puts it
    beyond reach too; null where nothing could be read, and then nothing is kept. sender: `client:3` or
    `folder:7`. sent_at: as the sender says; null where unreadable. received_at: when it first came.
    decisions: how often it was decided; decided_at: when last, null before. plan_ref, person_ref: empty
    where unreadable. replaces: the key of the returned package that this one corrects, empty for none.
    order_lines, weekly_minutes, weekly_pence: what it asks for; pence null where not known. made: the
    orders it placed, changed or ended once accepted, as [order ref, deed].
    """

    kept: ClassVar[Kept] = _CARE
    key = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    has_key = models.BooleanField()
    content = models.BinaryField(null=True)
    sender = models.CharField(max_length=80)
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    status = models.CharField(
        max_length=10, choices=words(PackageStatus), default=PackageStatus.RECEIVED.value
    )
    decisions = models.PositiveIntegerField(default=0)
    decided_at = models.DateTimeField(null=True)
    plan_ref = models.CharField(max_length=200, blank=True)
    person_ref = models.CharField(max_length=200, blank=True)
    replaces = models.CharField(max_length=200, blank=True)
    order_lines = models.PositiveIntegerField(default=0)
    weekly_minutes = models.BigIntegerField(default=0)
    weekly_pence = models.BigIntegerField(null=True)
    made = models.JSONField(default=list)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["council", "key"], condition=Q(has_key=True), name="one_package_a_key"
            ),
            models.UniqueConstraint(fields=["council", "key", "sha256"], name="one_package_a_content"),
            models.CheckConstraint(
                condition=known("status", PackageStatus), name="known_package_status"
            ),
            models.CheckConstraint(condition=Q(has_key=False) | ~Q(key=""), name="key_is_something"),
            models.CheckConstraint(
                condition=Q(decisions=0, decided_at=None)
                | Q(decisions__gt=0, decided_at__isnull=False),
                name="decided_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="accepted") | Q(has_key=True, decisions__gt=0),
                name="accepted_has_key",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["council", "received_at"], name="package_day"),
            models.Index(fields=["council", "plan_ref"], name="package_plan"),
            models.Index(fields=["council", "status"], name="package_status"),
        ]

    @property
    def address(self) -> str:
        """What it is asked for by: its key, or where another has that or it has none, its number."""
        return self.key if self.has_key else f"~{self.pk}"

    @property
    def subject(self) -> str:
        """How the audit names it."""
        return f"package:{self.address}"


class Return(CouncilRecord):
    """A reason why a package was returned.

    person_ref: the package's, so that disposal finds it. decision: of which decision, from 1; the
    package's last holds. code, field, order_line, who: as `formats.packages` has them; order_line is
    null where the reason is not about one. sentence: what is wrong and what to do, as the sender was
    told; it may quote what was sent.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.CARE, scrub=("sentence",))
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="returns")
    person_ref = models.CharField(max_length=200, blank=True)
    decision = models.PositiveIntegerField()
    place = models.PositiveIntegerField()
    code = models.CharField(max_length=40, choices=words(ReturnCode))
    field = models.CharField(max_length=200, blank=True)
    order_line = models.PositiveIntegerField(null=True)
    who = models.CharField(max_length=30, choices=words(Fixer))
    sentence = models.TextField()

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["package", "decision", "place"], name="one_return_a_place"),
            models.CheckConstraint(
                condition=known("code", ReturnCode) & known("who", Fixer), name="return_in_known_words"
            ),
        ]


class Acknowledgement(CouncilRecord):
    """That a sender was told what became of a package.

    to: the client or folder. status: what was told.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.APPEND_ONLY, Retention.CARE)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="acknowledgements")
    how = models.CharField(max_length=10, choices=words(Told))
    to = models.CharField(max_length=80)
    status = models.CharField(max_length=10, choices=words(PackageStatus))
    at = models.DateTimeField()

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=known("how", Told) & known("status", PackageStatus),
                name="told_in_known_words",
            ),
        ]


class DropFolder(CouncilRecord):
    """A folder on this machine through which a council exchanges files.

    path: absolute; with `in`, `done` and `returned` for packages, `out` for what goes out. stopped_at:
    null while it is read.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.SETTING)
    path = models.CharField(max_length=1000)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=80)
    stopped_at = models.DateTimeField(null=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["council", "path"], name="one_folder_a_path"),
        ]


class DropFile(CouncilRecord):
    """A file that was taken from a folder, once by its content.

    sha256: of its bytes. packages, accepted: how many, once finished_at is there.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.CARE)
    folder = models.ForeignKey(DropFolder, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    packages = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["council", "sha256"], name="one_file_a_content"),
        ]


class Outgoing(CouncilRecord):
    """Something that goes out to another system, once.

    kind: what it is, such as `payments`. key: it never goes out twice under one key. name: of its file.
    content, sha256: its bytes, and their sum. system: who is to have it. row_count, amount_pence: the
    control totals that travel with it; pence null where it holds no money. sendings: how often it was
    sent, again after a refusal.
    attempts: how often it was tried to hand it over. handed_to: the folder or client;
    handed_at null before.
    answered_at: when the
    receiver answered; code and sentence say why it was refused.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.MONEY)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    system = models.CharField(max_length=80)
    row_count = models.PositiveIntegerField()
    amount_pence = models.BigIntegerField(null=True)
    status = models.CharField(
        max_length=12, choices=words(OutgoingStatus), default=OutgoingStatus.WAITING.value
    )
    sendings = models.PositiveIntegerField(default=1)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    handed_at = models.DateTimeField(null=True)
    handed_to = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=80, blank=True)
    sentence = models.TextField(blank=True)

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["council", "key"], name="one_message_a_key"),
            models.UniqueConstraint(fields=["council", "name"], name="one_message_a_name"),
            models.CheckConstraint(
                condition=known("status", OutgoingStatus), name="known_outgoing_status"
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(sentence=""), name="refused_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["handed_over", "acknowledged", "refused"])
                | Q(handed_at__isnull=False, attempts__gt=0),
                name="handed_over_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(kind__regex="^[a-z0-9_]+$") & ~Q(key="") & ~Q(name=""),
                name="message_is_named",
            ),
        ]

    @property
    def file_name(self) -> str:
        """The name of its file: a number before the ending where it was sent again."""
        stem, dot, ending = self.name.partition(".")
        return self.name if self.sendings == 1 else f"{stem}.{self.sendings}{dot}{ending}"


class ControlTotal(CouncilRecord):
    """One figure of one day, as it is here and as the other system has it.

    day: a London day. system: the other system. ours, theirs: null where that side has not said.
    explained: why they differ, in words of whoever looked; empty until then. struck_at: when ours was
    last counted.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.MONEY)
    day = models.DateField()
    direction = models.CharField(max_length=3, choices=words(Direction))
    system = models.CharField(max_length=80)
    kind = models.CharField(max_length=30, choices=words(TotalKind))
    ours = models.BigIntegerField(null=True)
    theirs = models.BigIntegerField(null=True)
    explained = models.TextField(blank=True)
    struck_at = models.DateTimeField()

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["council", "day", "direction", "system", "kind"], name="one_total_a_day"
            ),
            models.CheckConstraint(
                condition=known("direction", Direction) & known("kind", TotalKind),
                name="total_in_known_words",
            ),
        ]

    @property
    def difference(self) -> int | None:
        """Ours less theirs; None where one side has not said."""
        return None if self.ours is None or self.theirs is None else self.ours - self.theirs


class SystemCase(CouncilRecord):
    """A case that another system says it has, from its latest list: the next list takes its place.

    ref: the plan's reference there. as_of: the London day that the list is of.
    """

    kept: ClassVar[Kept] = Kept(Belongs.COUNCIL, Changes.MUTABLE, Retention.PASSING)
    system = models.CharField(max_length=80)
    ref = models.CharField(max_length=200)
    person_ref = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=words(CaseStatus))
    as_of = models.DateField()

    class Meta(CouncilRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["council", "system", "ref", "person_ref"], name="one_case_a_ref"
            ),
            models.CheckConstraint(condition=known("status", CaseStatus), name="known_case_status"),
        ]

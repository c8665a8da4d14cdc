"""Who may: users, their roles in councils, programs that call in."""

from enum import StrEnum
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from carethread.wall.kept import Belongs, Changes, Kept, Retention
from carethread.wall.models import SharedRecord, known, words


class Role(StrEnum):
    """What a member of staff, or of a provider's, does in a council.

    Source: the founding papers, as `docs/guides` tells each.
    """

    SOCIAL_WORKER = "social_worker"
    BROKER = "broker"
    MONITORING_OFFICER = "monitoring_officer"
    PAYMENTS_OFFICER = "payments_officer"
    APPROVER = "approver"
    CONTRACT_MANAGER = "contract_manager"
    FINANCE = "finance"
    PROVIDER_OFFICE = "provider_office"
    CARE_WORKER = "care_worker"
    FAMILY = "family"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


OF_PROVIDERS = (Role.PROVIDER_OFFICE, Role.CARE_WORKER)
"""Roles that are held for one provider, and see its rows alone."""
WITHOUT_SCOPE = (Role.ADMINISTRATOR, Role.FAMILY)
"""Roles that open no council's records: an administrator needs none, and family sees one person."""


class UserManager(BaseUserManager["User"]):
    """Finds users by e-mail address, whatever its capitals."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user who signs in with an address."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody who signs in.

    email: what they sign in with, lower case. name: as colleagues call them. is_active: may sign in.
    password: its hash; one that nothing matches until set. last_login: when they last signed in; null
    until they have.
    """

    kept: ClassVar[Kept] = Kept(
        Belongs.ALL, Changes.MUTABLE, Retention.SETTING, scrub=("email", "name")
    )
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    objects: ClassVar[UserManager] = UserManager()

    @property
    def actor(self) -> str:
        """How the audit names them."""
        return f"user:{self.pk}"


class Membership(SharedRecord):
    """A role that a user holds in a council, from a day, until a day.

    provider: the key of the provider there, for a provider's people; null for others. (It is no
    reference: roles are read before it is known which councils may be.)
    approval_limit_pence: the most an approver may approve; null means nothing at all, and for others.
    since_on, until_on: both inclusive; until_on is null while it lasts. given_by: who gave it.
    """

    kept: ClassVar[Kept] = Kept(Belongs.ALL, Changes.MUTABLE, Retention.SETTING)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    council = models.ForeignKey("councils.Council", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=30, choices=words(Role))
    provider = models.BigIntegerField(null=True)
    approval_limit_pence = models.BigIntegerField(null=True)
    since_on = models.DateField()
    until_on = models.DateField(null=True)
    given_by = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=known("role", Role), name="known_role"),
            models.CheckConstraint(
                condition=Q(role__in=[one.value for one in OF_PROVIDERS], provider__isnull=False)
                | Q(provider=None) & ~Q(role__in=[one.value for one in OF_PROVIDERS]),
                name="provider_for_its_people",
            ),
            models.CheckConstraint(
                condition=Q(approval_limit_pence=None)
                | Q(role=Role.APPROVER.value, approval_limit_pence__gt=0),
                name="limit_for_approvers",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("since_on")), name="role_ends_after"
            ),
            models.UniqueConstraint(
                fields=["user", "council", "role"],
                condition=Q(until_on=None, provider=None),
                name="one_lasting_role",
            ),
            models.UniqueConstraint(
                fields=["user", "council", "role", "provider"],
                condition=Q(until_on=None, provider__isnull=False),
                name="one_lasting_role_at_provider",
            ),
        ]


class Client(SharedRecord):
    """A program that calls in: a council's case-management system, its ledger, a provider's system.

    token_digest: SHA-256 of its token, which is shown once and not kept. may: the words of what it may
    do, such as `packages`, `imports`. provider: as for a membership. revoked_at: null while it is good.
    last_used_at: when it last called in, to the minute; null before.
    """

    kept: ClassVar[Kept] = Kept(Belongs.ALL, Changes.MUTABLE, Retention.SETTING)
    council = models.ForeignKey("councils.Council", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    token_digest = models.CharField(max_length=64, unique=True)
    may = models.JSONField(default=list)
    provider = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    @property
    def actor(self) -> str:
        """How the audit names it."""
        return f"client:{self.pk}"

"""Writes: councils, users, their roles, programs that call in."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256

from django.db import IntegrityError, transaction

from carethread.accounts.models import OF_PROVIDERS, Client, Membership, Role, User
from carethread.audit.actions import record
from carethread.councils.models import Council
from carethread.kit.unable import UnableTo
from carethread.wall.scope import scoped, writing


def open_council(*, code: str, name: str, by: str, at: datetime) -> Council:
    """Begin a council's books.

    Raises:
        UnableTo: if the code is taken.
    """
    try:
        with transaction.atomic():
            council = Council.objects.create(code=code, name=name, created_at=at)
            with scoped(writing(council.pk)):
                record(by=by, at=at, action="council.opened", subject=f"council:{code}", chained=True)
    except IntegrityError:
        message = f"a council is called {code!r} already; take another code"
        raise UnableTo(message) from None
    return council


def add_user(*, email: str, name: str, at: datetime) -> User:
    """Add somebody who can sign in once they have a password, and sees nothing until given a role.

    Raises:
        UnableTo: if the address is taken.
    """
    if User.objects.filter(email__iexact=email).exists():
        message = f"{email} is a user already"
        raise UnableTo(message)
    user = User(email=email.lower(), name=name, created_at=at)
    user.set_unusable_password()
    user.save()
    return user


def give_role(
    *,
    user: User,
    council: Council,
    role: Role,
    provider: int | None = None,
    approval_limit_pence: int | None = None,
    since_on: date,
    by: str,
    at: datetime,
) -> Membership:
    """Give a user a role in a council.

    Raises:
        UnableTo: if they have it, or it needs a provider or may have no limit.
    """
    if (role in OF_PROVIDERS) != (provider is not None):
        needs = "needs the provider" if role in OF_PROVIDERS else "is not held for a provider"
        message = f"the role {role} {needs}"
        raise UnableTo(message)
    if approval_limit_pence is not None and (role is not Role.APPROVER or approval_limit_pence <= 0):
        message = "only an approver has a limit, and it is above 0"
        raise UnableTo(message)
    try:
        with scoped(writing(council.pk)):
            membership = Membership.objects.create(
                user=user,
                council=council,
                role=role.value,
                provider=provider,
                approval_limit_pence=approval_limit_pence,
                since_on=since_on,
                given_by=by,
            )
            after = {"role": role.value, "provider": provider, "limit_pence": approval_limit_pence}
            record(by=by, at=at, action="role.given", subject=user.actor, after=after, chained=True)
    except IntegrityError:
        message = f"{user.email} is {role} of {council.code} already"
        raise UnableTo(message) from None
    return membership


def end_role(*, membership: Membership, until_on: date, by: str, at: datetime) -> None:
    """End a role with a day, which is its last."""
    with scoped(writing(membership.council_id)):
        before = {"role": membership.role, "until_on": membership.until_on}
        membership.until_on = until_on
        membership.save(update_fields=["until_on"])
        record(
            by=by,
            at=at,
            action="role.ended",
            subject=membership.user.actor,
            before=before,
            after={"role": membership.role, "until_on": until_on},
            chained=True,
        )


def add_client(
    *,
    council: Council,
    name: str,
    may: Sequence[str],
    provider: int | None = None,
    by: str,
    at: datetime,
) -> tuple[Client, str]:
    """Let a program call in; return it with its token, which cannot be shown again."""
    token = secrets.token_urlsafe(32)
    with scoped(writing(council.pk)):
        client = Client.objects.create(
            council=council,
            name=name,
            token_digest=sha256(token.encode()).hexdigest(),
            may=sorted(may),
            provider=provider,
            created_at=at,
            created_by=by,
        )
        after = {"name": name, "may": sorted(may), "provider": provider}
        record(by=by, at=at, action="client.added", subject=client.actor, after=after, chained=True)
    return client, token


def revoke_client(*, client: Client, by: str, at: datetime) -> None:
    """Let a program call in no more.

    Raises:
        UnableTo: if it may not already.
    """
    if client.revoked_at is not None:
        message = f"{client.name} was revoked on {client.revoked_at:%d %B %Y}"
        raise UnableTo(message)
    with scoped(writing(client.council_id)):
        client.revoked_at = at
        client.save(update_fields=["revoked_at"])
        before = {"name": client.name, "may": client.may}
        record(by=by, at=at, action="client.revoked", subject=client.actor, before=before, chained=True)


def note_use(*, client: Client, at: datetime) -> None:
    """Note when a program last called in, to the minute: that writes no more than once a minute."""
    minute = at.replace(second=0, microsecond=0)
    if client.last_used_at != minute:
        Client.objects.filter(pk=client.pk).update(last_used_at=minute)

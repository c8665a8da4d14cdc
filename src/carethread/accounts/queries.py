"""Reads: who somebody is, and for which councils they may see and write."""

from datetime import date
from hashlib import sha256

from django.db.models import Q, QuerySet

from carethread.accounts.models import WITHOUT_SCOPE, Client, Membership, Role, User
from carethread.wall.scope import Scope


def memberships(user: User, on: date) -> QuerySet[Membership]:
    """Return the roles that a user holds on a day; none if they may not sign in."""
    if not user.is_active:
        return Membership.objects.none()
    lasting = Q(until_on=None) | Q(until_on__gte=on)
    return Membership.objects.filter(lasting, user=user, since_on__lte=on).order_by("pk")


def roles(user: User, council_id: int, on: date) -> frozenset[Role]:
    """Return what a user is in a council on a day."""
    held = memberships(user, on).filter(council_id=council_id)
    return frozenset(Role(role) for role in held.values_list("role", flat=True))


def scope_of(user: User, on: date, council_id: int | None = None) -> Scope:
    """Return what a user may see on a day, and write of the council they are working in.

    An administrator sees no care records; family sees one person only, which is no scope. Somebody who
    is both a council's and a provider's sees what the provider sees: the narrower.
    """
    held = [one for one in memberships(user, on) if one.role not in WITHOUT_SCOPE]
    providers = {one.provider for one in held if one.provider is not None}
    if providers:
        held = [one for one in held if one.provider is not None]
    reads = frozenset(one.council_id for one in held)
    writes = council_id if council_id in reads else None
    return Scope(reads, writes, frozenset(providers) if providers else None)


def client_with(token: str) -> Client | None:
    """Return the program that a token is of, if it may still call in."""
    digest = sha256(token.encode()).hexdigest()
    return Client.objects.filter(token_digest=digest, revoked_at=None).first()


def user_with(email: str) -> User | None:
    """Return the user with an address."""
    return User.objects.filter(email__iexact=email).first()


def user_of(actor: str) -> User | None:
    """Return the user that the audit names, be it at a console: `user:7`, `user:7 at console:root`."""
    found = _USER.match(actor)
    return User.objects.filter(pk=int(found[1])).first() if found else None


def approval_limit(user: User, council_id: int, on: date) -> int | None:
    """Return the most that a user may approve in a council on a day, in pence; None if nothing."""
    held = memberships(user, on).filter(council_id=council_id, role=Role.APPROVER.value)
    limits = held.exclude(approval_limit_pence=None).values_list("approval_limit_pence", flat=True)
    return max((limit for limit in limits if limit is not None), default=None)


def name_of(by: str) -> str:
    """Return what colleagues call whom the audit names: `Ann Clark (user:7)`; others stay as named."""
    user = user_of(by)
    return by if user is None else f"{user.name} ({by})"


_USER = re.compile(r"user:(\d+)\b")

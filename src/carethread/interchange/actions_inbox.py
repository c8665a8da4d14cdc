"""Writes: packages that come in. Each is recorded, then decided; all of it is taken or nothing.

Recording and deciding are two transactions, so that a package whose deciding fails is on the list of
what waits, as carethread's move, and not lost. Sent again, it is decided then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from carethread.audit.actions import RecordDisposed, record, sealed_for
from carethread.audit.queries import opened_for
from carethread.councils.actions import hold_books
from carethread.formats.packages import records
from carethread.formats.packages.canonical import fingerprint
from carethread.formats.packages.checking import check
from carethread.formats.packages.reading import read_package
from carethread.formats.packages.words import ReturnCode
from carethread.formats.packages.writing import written
from carethread.interchange.applying import applied
from carethread.interchange.known import Books
from carethread.interchange.models import Acknowledgement, Package, Return
from carethread.interchange.pricing import Prices, weekly_minutes
from carethread.interchange.queries_inbox import waiting_at
from carethread.interchange.states import PACKAGE, WAITING, PackageStatus, Told
from carethread.kit.states import CannotBecome
from carethread.kit.unable import UnableTo
from carethread.wall.scope import current, scoped, writing


@dataclass(frozen=True, slots=True)
class Receipt:
    """A package as it is now. is_new: it had not come before."""

    package: Package
    is_new: bool


def take_package(
    *, council: int, read: records.PackageRead, sender: str, how: Told, by: str, at: datetime
) -> Receipt:
    """Record a package, decide it, and note that its sender is told. The same again: the same answer.

    Two at once come one after the other.
    """
    with scoped(writing(council)):
        package, is_new = _recorded(read, sender, by, at)
    with scoped(writing(council)):
        hold_books()
        package = Package.objects.get(pk=package.pk)
        if package.status == PackageStatus.RECEIVED:
            _decide(package, read, by, at)
        acknowledge(package=package, how=how, to=sender, at=at)
    return Receipt(package, is_new)


def acknowledge(*, package: Package, how: Told, to: str, at: datetime) -> None:
    """Note that somebody was told what became of a package; once for each status and way."""
    told = Acknowledgement.objects.filter(package=package, how=how, to=to, status=package.status)
    if not told.exists():
        Acknowledgement.objects.create(
            council_id=package.council_id,
            package=package,
            how=how.value,
            to=to,
            status=package.status,
            at=at,
        )


def _recorded(read: records.PackageRead, sender: str, by: str, at: datetime) -> tuple[Package, bool]:
    hold_books()
    council = current().writes
    assert council is not None, "holding the books needs a council"
    sha256 = read.sha256 if read.package is None else fingerprint(read.package)
    found = Package.objects.filter(key=read.key, sha256=sha256).first()
    if found is not None:
        return found, False
    package = Package(
        council_id=council,
        key=read.key,
        sha256=sha256,
        has_key=bool(read.key) and not Package.objects.filter(key=read.key, has_key=True).exists(),
        sender=sender,
        received_at=at,
        status=PACKAGE.first,
    )
    if read.package is not None:
        _describe(package, read.package, at)
    package.save()
    record(
        by=by,
        at=at,
        action="package.received",
        subject=package.subject,
        after={"sha256": sha256, "plan_ref": package.plan_ref},
    )
    return package, True


def _describe(package: Package, message: records.Package, at: datetime) -> None:
    """Write down what a package asks for, its content sealed for the person it is about."""
    person = message.person.person_id
    package.sent_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=message.sent_at)
    package.plan_ref, package.person_ref = message.plan_ref, person
    package.replaces = message.replaces
    package.order_lines = len(message.orders)
    package.weekly_minutes = sum(map(weekly_minutes, message.orders))
    package.weekly_pence = _weekly_pence(message)
    try:
        package.content = sealed_for(person_ref=person, content=written(message), at=at)
    except RecordDisposed:
        package.content = None


def _weekly_pence(message: records.Package) -> int | None:
    priced = [Prices(order.contract_id, order.service).weekly_pence(order) for order in message.orders]
    known = [one for one in priced if one is not None]
    return sum(known) if len(known) == len(priced) else None


def _decide(package: Package, read: records.PackageRead, by: str, at: datetime) -> None:
    """Accept a package or return it, whatever it was before."""
    reasons = _reasons(package, read)
    status = PACKAGE.after(PackageStatus(package.status), "returned" if reasons else "accepted")
    if package.replaces and not _cannot_replace(reasons):
        _close_replaced(package, by, at)
    package.decisions += 1
    package.decided_at, package.status = at, status.value
    if read.package is not None and not reasons:
        package.made = applied(read.package, package.key, by, at)
    package.save()
    _keep_reasons(package, reasons)
    record(
        by=by,
        at=at,
        action=f"package.{status}",
        subject=package.subject,
        after={"orders": package.made, "codes": [one.code.value for one in reasons]},
        chained=True,
    )


def _reasons(package: Package, read: records.PackageRead) -> Sequence[records.Returned]:
    if read.package is not None:
        return check(read.package, Books(package))
    if not package.key or package.has_key:
        return read.returns
    say = f"key {package.key!r} was used for another package"
    reused = records.Returned(ReturnCode.KEY_REUSED_WITH_OTHER_CONTENT, say, "key")
    return [reused, *read.returns]


def _cannot_replace(reasons: Sequence[records.Returned]) -> bool:
    return any(one.code is ReturnCode.CANNOT_REPLACE for one in reasons)


def _close_replaced(package: Package, by: str, at: datetime) -> None:
    """Close what the package corrects: from now on only the correction waits."""
    old = Package.objects.filter(key=package.replaces, status=PackageStatus.RETURNED)
    for one in old.exclude(pk=package.pk):
        one.status = PACKAGE.after(PackageStatus.RETURNED, "replaced").value
        one.save(update_fields=["status"])
        after = {"replaced_by": package.key}
        record(by=by, at=at, action="package.replaced", subject=one.subject, after=after)


def _keep_reasons(package: Package, reasons: Sequence[records.Returned]) -> None:
    Return.objects.bulk_create(
        Return(
            council_id=package.council_id,
            package=package,
            person_ref=package.person_ref,
            decision=package.decisions,
            place=place,
            code=one.code.value,
            field=one.field,
            order_line=one.line,
            who=one.who.value,
            sentence=one.sentence,
        )
        for place, one in enumerate(reasons, 1)
    )


def check_again(*, package: Package, by: str, at: datetime) -> Package:
    """Decide a waiting package once more, as it was sent: the books may have been mended.

    Raises:
        UnableTo: if it does not wait, or its content could not be read or is disposed of.
    """
    hold_books()
    package = Package.objects.get(pk=package.pk)
    if package.status not in WAITING:
        message = f"package {package.address} is {package.status}; only one that waits is checked again"
        raise UnableTo(message)
    content = package.content and opened_for(package.person_ref, package.content)
    if not content:
        message = f"package {package.address} could not be read; have it sent with a new key"
        raise UnableTo(message)
    _decide(package, read_package(content), by, at)
    return package


def withdraw_package(*, package: Package, why: str, by: str, at: datetime) -> Package:
    """Close a package that its sender no longer asks for. Withdrawn twice is withdrawn once.

    Raises:
        UnableTo: if it was accepted or replaced.
    """
    hold_books()
    package = Package.objects.get(pk=package.pk)
    if package.status == PackageStatus.WITHDRAWN:
        return package
    try:
        package.status = PACKAGE.after(PackageStatus(package.status), "withdrawn").value
    except CannotBecome:
        message = f"package {package.address} is {package.status} and cannot be withdrawn; " + (
            "end its orders by another package"
            if package.status == PackageStatus.ACCEPTED
            else "withdraw the one in its place"
        )
        raise UnableTo(message) from None
    package.save(update_fields=["status"])
    record(by=by, at=at, action="package.withdrawn", subject=package.subject, why=why, chained=True)
    return package


def decide_waiting(*, council: int, by: str, at: datetime) -> int:
    """Decide the packages that were recorded and, for a crash, not decided; return how many."""
    with scoped(writing(council)):
        left = list(waiting_at(at).filter(status=PackageStatus.RECEIVED))
    count = 0
    for package in left:
        with scoped(writing(council)):
            try:
                check_again(package=package, by=by, at=at)
            except UnableTo:
                continue
            count += 1
    return count

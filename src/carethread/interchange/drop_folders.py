"""Packages by files: what lies in a folder's `in` is taken, moved, and answered by a file beside it.

A folder holds `in`, `done`, `returned`, `out` and `answers`. A file is moved last of all, when every
package of it is decided and its answer is written; a reader that is killed leaves the file where it
was, and the next one finds the same packages and gives the same answers.
"""

import csv
import fcntl
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from carethread.councils.models import Council
from carethread.engine.records import Fault
from carethread.formats.packages.records import PackageRead, Returned
from carethread.formats.packages.tables import read_packages_csv
from carethread.formats.packages.words import ReturnCode
from carethread.formats.settlement.files import inert
from carethread.interchange.actions_inbox import Receipt, take_package
from carethread.interchange.models import DropFile, DropFolder
from carethread.interchange.queries_inbox import reasons_of
from carethread.interchange.states import PackageStatus, Told
from carethread.kit.unable import UnableTo
from carethread.wall.scope import reading, scoped, writing

QUIET = timedelta(seconds=10)
"""A file that changed less long ago is still being written."""
_UNFINISHED = (".partial", ".part", ".tmp", ".filepart", ".crdownload")
ANSWER = ("key", "rows", "status", "code", "field", "who", "sentence", "orders")
"""The columns of an answer: one row for each package of the file."""


@dataclass(frozen=True, slots=True)
class FileTaken:
    """A file that was taken: where it is now, and how many of its packages were accepted."""

    path: Path
    packages: int
    accepted: int


def read_drop_folders(*, at: datetime, by: str = "system:tick") -> list[FileTaken]:
    """Take what lies in every council's folders that are to be read by the clock."""
    taken = []
    for council in Council.objects.order_by("pk"):
        with scoped(reading(council.pk)):
            folders = DropFolder.objects.filter(stopped_at=None).order_by("pk")
            paths = [Path(path) for path in folders.values_list("path", flat=True)]
        for path in paths:
            with suppress(UnableTo):  # it is another's turn, or the folder is away: the next tick
                taken += read_drop_folder(council=council, path=path, by=by, at=at)
    return taken


def read_drop_folder(*, council: Council, path: Path, by: str, at: datetime) -> list[FileTaken]:
    """Take what lies in a folder, the oldest file first.

    Raises:
        UnableTo: if there is no such folder, it cannot be written, or somebody is reading it.
    """
    path = path.resolve()
    try:
        with _alone(path):
            folder = _folder(council, path, by, at)
            ready = [one for one in _oldest_first(path / "in") if _is_still(one, at)]
            taken = [_take(folder, one, by, at) for one in ready]
            return [one for one in taken if one is not None]
    except OSError as error:
        message = f"{path} cannot be read and written: {error.strerror}"
        raise UnableTo(message) from None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    if not (path / "in").is_dir():
        message = f"{path} has no folder `in`; make it, and put files there"
        raise UnableTo(message)
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        message = f"{path} is being read by another carethread"
        raise UnableTo(message) from None
    finally:
        os.close(handle)


def _folder(council: Council, path: Path, by: str, at: datetime) -> DropFolder:
    with scoped(writing(council.pk)):
        found, _ = DropFolder.objects.get_or_create(
            council=council,
            path=str(path),
            defaults={"added_at": at, "added_by": by, "stopped_at": at},
        )
    folder: DropFolder = found
    return folder


def _oldest_first(folder: Path) -> list[Path]:
    files = [one for one in folder.iterdir() if one.is_file() and not one.is_symlink()]
    finished = [one for one in files if not one.name.startswith(".") and one.suffix not in _UNFINISHED]
    return sorted(finished, key=lambda one: (one.stat().st_mtime_ns, one.name))


def _is_still(path: Path, at: datetime) -> bool:
    return path.stat().st_mtime <= (at - QUIET).timestamp()


def _take(folder: DropFolder, path: Path, by: str, at: datetime) -> FileTaken | None:
    """Take a file; None where it changed meanwhile, and is left for the next time."""
    before = sha256(path.read_bytes()).hexdigest()
    packages = list(_packages(path, before))
    if sha256(path.read_bytes()).hexdigest() != before:
        return None
    _begin(folder, path.name, before, at)
    sender = f"folder:{folder.pk}"
    told = [(read, _taken(folder.council_id, read, sender, by, at)) for read in packages]
    accepted = sum(one.package.status == PackageStatus.ACCEPTED for _, one in told)
    with scoped(reading(folder.council_id)):
        answer = _answer(told)
    place = "done" if accepted == len(told) else "returned"
    to = _free(path.parents[1] / place, path, before)
    _write(to.with_name(f"{to.name}.answer.csv"), answer)
    path.rename(to)
    _end(folder, before, len(told), accepted, at)
    return FileTaken(to, len(told), accepted)


def _packages(path: Path, digest: str) -> Iterator[PackageRead]:
    """Yield the packages of a file, and one without a key for the rows that belong to none."""
    read = read_packages_csv(path)
    yield from read.packages
    if read.faults or not read.packages:
        faults = read.faults or [Fault(path.name, None, "", "the file has no package")]
        returns = [Returned(ReturnCode.UNREADABLE, _words(one), one.column) for one in faults]
        rows = tuple(one.row for one in faults if one.row is not None)
        yield PackageRead("", None, returns, rows, sha256=digest)


def _words(fault: Fault) -> str:
    return fault.message if fault.row is None else f"row {fault.row}: {fault.message}"


def _taken(council: int, read: PackageRead, sender: str, by: str, at: datetime) -> Receipt:
    return take_package(council=council, read=read, sender=sender, how=Told.FILE, by=by, at=at)


def _begin(folder: DropFolder, name: str, digest: str, at: datetime) -> None:
    with scoped(writing(folder.council_id)):
        DropFile.objects.get_or_create(
            council_id=folder.council_id,
            sha256=digest,
            defaults={"folder": folder, "name": name[:255], "taken_at": at},
        )


def _end(folder: DropFolder, digest: str, packages: int, accepted: int, at: datetime) -> None:
    with scoped(writing(folder.council_id)):
        unfinished = DropFile.objects.filter(sha256=digest, finished_at=None)
        unfinished.update(finished_at=at, packages=packages, accepted=accepted)


def _free(folder: Path, path: Path, digest: str) -> Path:
    """Return where a file goes: under its name, or one with its sum where another file has that."""
    folder.mkdir(exist_ok=True)
    to = folder / path.name
    if not to.exists() or sha256(to.read_bytes()).hexdigest() == digest:
        return to
    return folder / f"{path.stem}.{digest[:12]}{path.suffix}"


def _answer(told: Iterable[tuple[PackageRead, Receipt]]) -> bytes:
    """Return a file's answer, a row for each package: several reasons stand in one cell each."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(ANSWER)
    for read, receipt in told:
        reasons = reasons_of(receipt.package)
        row = (
            receipt.package.key,
            " ".join(map(str, read.rows)),
            receipt.package.status,
            "; ".join(one.code for one in reasons),
            "; ".join(one.field for one in reasons),
            "; ".join(dict.fromkeys(one.who for one in reasons)),
            " ".join(one.sentence for one in reasons),
            " ".join(ref for ref, _ in receipt.package.made),
        )
        writer.writerow([inert(cell) for cell in row])
    return out.getvalue().encode()


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)

"""Books made from an archive: whole or not at all, beside other councils where there are any."""

import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from carethread.accounts.models import User
from carethread.archive import keys, manifest
from carethread.archive.keys import Keys
from carethread.archive.manifest import Manifest
from carethread.archive.tables import Table, tables, to_books
from carethread.audit import queries as audit
from carethread.audit.actions import owner_of, record
from carethread.audit.models import PersonKey
from carethread.audit.values import MasterKeyIsWrong, rewrapped
from carethread.councils.models import Council
from carethread.kit.unable import UnableTo
from carethread.wall.scope import scoped, writing

_ROWS = 5_000


class ArchiveIsBroken(UnableTo):
    """The archive is none, or not whole, or not what it says."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of an archive: the council, and how many rows of each table."""

    council: Council
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Given:
    """An archive opened: what it says of itself, its content, and room to unpack a table in."""

    told: Manifest
    zip: zipfile.ZipFile
    folder: Path
    at: datetime

    @contextmanager
    def parquet(self, table: Table) -> Iterator[pq.ParquetFile]:
        """Give a table's file, which is what the table looks like here.

        Raises:
            UnableTo: if it does not.
        """
        path = Path(self.zip.extract(f"tables/{table.name}.parquet", self.folder))
        try:
            with pq.ParquetFile(path) as file:
                if not file.schema_arrow.equals(table.schema):
                    message = (
                        f"its {table.name} has other columns than carethread keeps now: restore it with"
                        f" version {self.told.version}, migrate, and export again"
                    )
                    raise UnableTo(message)
                yield file
        finally:
            path.unlink()

    def rows(self, table: Table) -> Iterator[list[dict[str, Any]]]:
        """Yield a table's rows, some thousands at a time."""
        with self.parquet(table) as file:
            for piece in file.iter_batches(_ROWS):
                yield piece.to_pylist()


def restore(path: Path, *, by: str, at: datetime, master_key: str | None = None) -> Restored:
    """Make a council's books from an archive, as the owner of the tables.

    Nobody can sign in and no program call in through it: passwords and tokens are given anew.

    Args:
        path: The archive.
        by: Who restores.
        at: When.
        master_key: Of the installation that wrote it, where that had another than this one.

    Raises:
        UnableTo: if the council has books here, the archive is broken or of another version, or the
            master key does not open its keys. Then nothing is changed.
    """
    with _opened(path, at) as given, transaction.atomic():
        council = _council(given)
        with scoped(writing(council.pk)):
            here = _keys(given, council)
            rows = {
                table.name: _restore(given, table, here)
                for table in tables()
                if table.label not in here.listed
            }
            _rewrap(given.told, council, master_key)
            _check(given.told, rows)
            record(
                by=by,
                at=at,
                action="council.restored",
                subject=f"council:{council.code}",
                after=_noted(given.told, here),
                chained=True,
            )
        _restore_files(given.zip, council)
    return Restored(council, rows)


@contextmanager
def _opened(path: Path, at: datetime) -> Iterator[_Given]:
    try:
        with zipfile.ZipFile(path) as file, TemporaryDirectory(prefix="carethread-") as folder:
            yield _Given(_told(file), file, Path(folder), at)
    except FileNotFoundError:
        message = f"there is no file {path}"
        raise UnableTo(message) from None
    except (zipfile.BadZipFile, pa.ArrowInvalid, KeyError, EOFError) as error:
        message = f"{path} is no archive of carethread, or it is damaged ({error})"
        raise ArchiveIsBroken(message) from error
    except IntegrityError as error:
        message = f"the books refuse what {path} holds, so it is not what was exported"
        raise ArchiveIsBroken(message) from error


def _told(file: zipfile.ZipFile) -> Manifest:
    """Read the manifest, and hold every file against it."""
    try:
        told = manifest.read(file.read(manifest.NAME))
    except (ValueError, TypeError) as error:
        message = f"its {manifest.NAME} cannot be read: {error}"
        raise ArchiveIsBroken(message) from error
    if told.format != manifest.FORMAT:
        message = f"it was written by carethread {told.version}, which writes archives otherwise"
        raise UnableTo(message)
    if sorted(file.namelist()) != sorted([manifest.NAME, *told.files]):
        message = "it does not hold the files that its manifest lists"
        raise ArchiveIsBroken(message)
    for name, one in told.files.items():
        with file.open(name) as content:
            if manifest.digest(content) != one.sha256:
                message = f"{name} in it is not what was written"
                raise ArchiveIsBroken(message)
    return told


def _council(given: _Given) -> Council:
    code = given.told.council
    if Council.objects.filter(code=code).exists():
        message = f"{code} has books here already; an archive makes books, it does not mend them"
        raise UnableTo(message)
    ((values,),) = given.rows(_called("councils.Council"))
    if Council.objects.filter(pk=values["id"]).exists():
        del values["id"]
    council = Council.objects.create(**values)
    keys.counted_past(Council)
    return council


def _called(label: str) -> Table:
    return next(table for table in tables() if table.label == label)


def _keys(given: _Given, council: Council) -> Keys:
    """Say what every key becomes, and keep those free that rows will have."""
    listed = {
        "councils.Council": {given.told.key: int(council.pk)},
        "accounts.User": _users(given),
    }
    moved = {}
    for table in tables():
        if table.label not in listed:
            with given.parquet(table) as file:
                moved[table.label] = keys.move(table, *_ends(file))
    return Keys(listed, moved)


def _users(given: _Given) -> dict[int, int]:
    """Find each user by their address, or make them, without a password."""
    found: dict[int, int] = {}
    for piece in given.rows(_called("accounts.User")):
        for values in piece:
            key = values["id"]
            user = User.objects.filter(email__iexact=values["email"]).first()
            if user is None:
                if User.objects.filter(pk=key).exists():
                    del values["id"]
                user = User(**values)
                user.set_unusable_password()
                user.save(force_insert=True)
            found[key] = user.pk
    keys.counted_past(User)
    return found


def _ends(file: pq.ParquetFile) -> tuple[int | None, int | None]:
    """Return the first and last key of a table, whose rows are in their order."""
    groups = [file.metadata.row_group(i).column(0) for i in range(file.metadata.num_row_groups)]
    told = [group.statistics for group in groups if group.num_values]
    return (told[0].min, told[-1].max) if told else (None, None)


def _restore(given: _Given, table: Table, here: Keys) -> int:
    fields = [(field, table.refers(field)) for field in table.fields]
    count = 0
    for piece in given.rows(table):
        made = [table.model(**_values(fields, values, here)) for values in piece]
        if table.label == "accounts.Client":
            for client in made:
                _shut_out(client, given.at)
        table.model._default_manager.bulk_create(made)  # noqa: SLF001
        count += len(made)
    return count


def _values(
    fields: list[tuple[Any, str | None]], values: Mapping[str, Any], here: Keys
) -> dict[str, Any]:
    return {
        field.attname: to_books(field, values[field.attname])
        if label is None
        else here.here(label, values[field.attname])
        for field, label in fields
    }


def _shut_out(client: Any, at: datetime) -> None:
    """A program's token is not in the archive: it calls in with a new one, as a new client."""
    client.token_digest = token_hex(32)
    client.revoked_at = client.revoked_at or at


def _rewrap(told: Manifest, council: Council, master_key: str | None) -> None:
    """Wrap every person's key for this council and this installation's master key."""
    for held in PersonKey.objects.filter(wrapped__isnull=False).iterator(chunk_size=_ROWS):
        before, after = owner_of(told.key, held.person_ref), owner_of(council.pk, held.person_ref)
        try:
            held.wrapped = rewrapped(held.wrapped, before, after, master_key)
        except MasterKeyIsWrong:
            message = (
                "the audited values in it were sealed under another master key than this one's: give"
                " that of the installation that wrote it in CARETHREAD_ARCHIVE_MASTER_KEY"
            )
            raise UnableTo(message) from None
        held.save(update_fields=["wrapped"])


def _check(told: Manifest, rows: Mapping[str, int]) -> None:
    """Hold what was written against what the archive says, before it is committed."""
    connection.check_constraints()
    for table in tables():
        said = told.files[f"tables/{table.name}.parquet"].rows
        if table.name in rows and rows[table.name] != said:
            message = f"{table.name} has {rows[table.name]} rows, not {said}"
            raise ArchiveIsBroken(message)
    walked = audit.verify()
    if walked.broken or walked.end != audit.Anchor(told.chain_place, told.chain_digest):
        message = "the chain of its audit does not hold; docs/guides/audit.md says what to do"
        raise ArchiveIsBroken(message)


def _noted(told: Manifest, here: Keys) -> dict[str, Any]:
    """Return what the trail has to know: who is called otherwise than in the entries before."""
    users = {f"user:{old}": f"user:{new}" for old, new in here.listed["accounts.User"].items()}
    return {
        "written_at": told.at,
        "users_now": {old: new for old, new in users.items() if old != new},
        "clients_moved_by": here.moved["accounts.Client"],
    }


def _restore_files(file: zipfile.ZipFile, council: Council) -> None:
    """Put files/KIND/... back as FILES/KIND/KEY OF THE COUNCIL/..., before the books are committed."""
    names = [PurePosixPath(name) for name in file.namelist() if name.startswith("files/")]
    if any(".." in name.parts for name in names):
        message = "it holds a file that would be written elsewhere"
        raise ArchiveIsBroken(message)
    theirs = {name.parts[1]: Path(settings.FILES) / name.parts[1] / str(council.pk) for name in names}
    try:
        for name in names:
            path = theirs[name.parts[1]].joinpath(*name.parts[2:])
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with file.open(str(name)) as content, path.open("xb") as out:
                shutil.copyfileobj(content, out)
    except BaseException:
        for folder in theirs.values():
            shutil.rmtree(folder, ignore_errors=True)
        raise

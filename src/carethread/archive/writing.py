"""Writing an archive: one council as it stood at one moment, some thousand rows at a time."""

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import models

from carethread import __version__
from carethread.archive import manifest, readme
from carethread.archive.tables import Table, tables, to_archive
from carethread.audit import queries as audit
from carethread.audit.actions import record
from carethread.audit.models import Entry
from carethread.councils.models import Council
from carethread.kit.unable import UnableTo
from carethread.wall.kept import Belongs, kept_of
from carethread.wall.scope import reading, scoped, writing

_ROWS = 10_000


@dataclass(slots=True)
class _Archive:
    """An archive being written: what was put in so far."""

    zip: zipfile.ZipFile
    folder: Path
    files: dict[str, manifest.File] = field(default_factory=dict)

    def put(self, path: Path, name: str, rows: int | None = None) -> None:
        stored = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
        self.files[name] = manifest.of_file(path, rows)
        self.zip.write(path, name, stored)

    def text(self, name: str, text: str) -> None:
        path = self.folder / "text"
        path.write_text(text, encoding="utf-8")
        self.put(path, name)


def write(
    council: Council, out: Path, *, by: str, at: datetime, with_audit_values: bool = False
) -> manifest.Manifest:
    """Write all that is kept of a council to a file, which only whoever writes it may read.

    That it was written is recorded first, so the archive knows of itself.

    Raises:
        UnableTo: if there is such a file, or it cannot be written.
    """
    if out.exists() or not out.parent.is_dir():
        why = (
            "is already there; choose another name"
            if out.exists()
            else "would be in no folder there is"
        )
        message = f"{out} {why}"
        raise UnableTo(message)
    with scoped(writing(council.pk)):
        after = {"with_audit_values": with_audit_values}
        subject = f"council:{council.code}"
        record(by=by, at=at, action="council.exported", subject=subject, after=after, chained=True)
    partial = out.with_name(f".{out.name}.partial")
    try:
        made = _write_to(partial, council, at, with_audit_values=with_audit_values)
        partial.replace(out)
    except OSError as error:
        message = f"{out} could not be written: {error.strerror or error}; nothing was left behind"
        raise UnableTo(message) from error
    finally:
        partial.unlink(missing_ok=True)
    return made


def _write_to(
    partial: Path, council: Council, at: datetime, *, with_audit_values: bool
) -> manifest.Manifest:
    with (
        _private(partial) as file,
        TemporaryDirectory(dir=partial.parent, prefix=".archive-") as name,
        zipfile.ZipFile(file, "w") as archive,
        scoped(reading(council.pk), snapshot=True),
    ):
        return _write(_Archive(archive, Path(name)), council, at, with_audit_values=with_audit_values)


@contextmanager
def _private(path: Path) -> Iterator[Any]:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w+b") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _write(
    archive: _Archive, council: Council, at: datetime, *, with_audit_values: bool
) -> manifest.Manifest:
    end = audit.head()
    for table in tables():
        write_table(archive, table, council)
    if with_audit_values:
        _write_values(archive, council)
    _write_files(archive, council)
    counts = {Path(name).stem: file.rows or 0 for name, file in archive.files.items()}
    archive.text("README.md", f"# {council.name}\n\n{readme.page(counts=counts)}")
    made = manifest.Manifest(
        manifest.FORMAT,
        __version__,
        council.code,
        council.pk,
        at,
        end.place,
        end.digest,
        dict(archive.files),
    )
    archive.zip.writestr(manifest.NAME, made.text(), zipfile.ZIP_DEFLATED)
    return made


def rows_of(table: Table, council: Council) -> models.QuerySet[Any]:
    """Return a table's rows of a council, by key."""
    rows = table.model._default_manager.order_by("pk")  # noqa: SLF001
    kept = kept_of(table.model)
    if kept is not None and kept.belongs is not Belongs.ALL:
        return rows.filter(council_id=council.pk)
    if table.label == "councils.Council":
        return rows.filter(pk=council.pk)
    if table.label == "accounts.User":
        return rows.filter(memberships__council=council).distinct()
    return rows.filter(council=council)


def write_table(archive: _Archive, table: Table, council: Council) -> None:
    """Put in a table."""
    path, fields = archive.folder / "table.parquet", table.fields
    rows = rows_of(table, council).values_list(*(one.attname for one in fields))
    count = 0
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        for piece in _pieces(rows.iterator(chunk_size=_ROWS)):
            columns = zip(*piece, strict=True)
            arrays = [
                pa.array([to_archive(one, value) for value in column], kind.type)
                for one, column, kind in zip(fields, columns, table.schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=table.schema))
            count += len(piece)
    archive.put(path, f"tables/{table.name}.parquet", count)
    path.unlink()


def _pieces(rows: Iterator[Any]) -> Iterator[list[Any]]:
    piece: list[Any] = []
    for row in rows:
        piece.append(row)
        if len(piece) == _ROWS:
            yield piece
            piece = []
    if piece:
        yield piece


_VALUES = pa.schema(
    [("entry_id", pa.int64()), *((name, pa.string()) for name in ("why", "before", "after"))]
)


def _write_values(archive: _Archive, council: Council) -> None:
    """Write the audit's values in clear; those of destroyed keys are gone."""
    path, count = archive.folder / "values.parquet", 0
    entries = Entry.objects.filter(council_id=council.pk).order_by("pk")
    with pq.ParquetWriter(path, _VALUES, compression="zstd") as writer:
        for piece in _pieces(audit.opened(entries.iterator(chunk_size=_ROWS))):
            rows = [
                {
                    "entry_id": entry.pk,
                    "why": values.why,
                    "before": to_archive(models.JSONField(), values.before),
                    "after": to_archive(models.JSONField(), values.after),
                }
                for entry, values in piece
                if values is not None
            ]
            writer.write_table(pa.Table.from_pylist(rows, schema=_VALUES))
            count += len(rows)
    archive.put(path, "audit_values.parquet", count)


def _write_files(archive: _Archive, council: Council) -> None:
    """Put in the files that came in: FILES/KIND/KEY OF THE COUNCIL/... becomes files/KIND/..."""
    for kind in sorted(Path(settings.FILES).glob("*")):
        theirs = kind / str(council.pk)
        for path in sorted(theirs.rglob("*")):
            if path.is_file():
                archive.put(path, f"files/{kind.name}/{path.relative_to(theirs).as_posix()}")

"""Where received files and what was found in them are kept: private, by council and digest."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings

from carethread.interchange.models import Batch
from carethread.kit.unable import UnableTo

_CHUNK = 1 << 20
_ALWAYS = (1980, 1, 1, 0, 0, 0)
"""Every member of a folder's zip has this time: the same files have the same digest on any day."""
_LONG_AGO = 24 * 3600
_ENDINGS = (".csv", ".parquet", ".toml", ".xlsx")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that was put in the store."""

    name: str
    sha256: str
    size: int


def keep(source: Path, council: int) -> Arrived:
    """Keep a file, or a folder as a zip, under its digest.

    Raises:
        UnableTo: if it cannot be read, or is a folder with nothing to import.
    """
    folder = _private(_place(council) / "received")
    handle, name = tempfile.mkstemp(prefix="arriving-", dir=folder)
    partial = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            size, digest = _fill(source, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / digest)
        _sync(folder)
    except OSError as error:
        message = f"{source.name} cannot be kept: {error.strerror}; nothing was imported"
        raise UnableTo(message) from None
    finally:
        partial.unlink(missing_ok=True)
    return Arrived(_named(source), digest, size)


def _named(source: Path) -> str:
    return f"{source.resolve().name}.zip" if source.is_dir() else source.name


def _fill(source: Path, file: IO[bytes]) -> tuple[int, str]:
    """Copy what was sent; return its size and digest."""
    if source.is_dir():
        _zip(source, file)
        file.seek(0)
        return _copy(file, None)
    with source.open("rb") as opened:
        return _copy(opened, file)


def _copy(source: IO[bytes], to: IO[bytes] | None) -> tuple[int, str]:
    size, digest = 0, sha256()
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        digest.update(chunk)
        if to is not None:
            to.write(chunk)
    return size, digest.hexdigest()


def _zip(folder: Path, file: IO[bytes]) -> None:
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS)
    if not paths:
        message = f"{folder} holds no file to import: no {', '.join(_ENDINGS)}"
        raise UnableTo(message)
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for path in paths:
            info = ZipInfo(path.name, _ALWAYS)
            info.file_size = path.stat().st_size
            with path.open("rb") as opened, archive.open(info, "w") as member:
                shutil.copyfileobj(opened, member, _CHUNK)


def received(batch: Batch) -> Path:
    """Return where a batch's file is."""
    return _place(batch.council_id) / "received" / batch.sha256


@contextmanager
def sent(batch: Batch) -> Iterator[Path]:
    """Give a batch's file under the name it was sent by; what the block leaves beside it goes."""
    with tempfile.TemporaryDirectory(prefix="sent-", dir=working(batch)) as name:
        path = Path(name) / "sent" / Path(batch.file).name
        _private(path.parent)
        path.symlink_to(received(batch))
        yield path


def working(batch: Batch) -> Path:
    """Return a private folder to make others in; what was forgotten there is swept."""
    work = _private(_place(batch.council_id) / "work")
    _sweep(work)
    return work


def _sweep(work: Path) -> None:
    """Remove what processes that were killed left here long ago."""
    for folder in work.iterdir():
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _LONG_AGO:
                shutil.rmtree(folder)


def found(batch: Batch) -> Path:
    """Return the folder with what the last check found in a batch, named by its digest."""
    return _place(batch.council_id) / "found" / str(batch.pk) / batch.verdicts


def keep_found(batch: Batch, folder: Path, digest: str) -> None:
    """Keep what a check found; the same is found by the same digest."""
    place = _private(_place(batch.council_id) / "found" / str(batch.pk))
    if not (place / digest).exists():
        folder.rename(place / digest)


def drop_found(batch: Batch, keeping: str = "") -> None:
    """Remove what checks found, but one."""
    place = _place(batch.council_id) / "found" / str(batch.pk)
    for folder in place.iterdir() if place.exists() else ():
        if folder.name != keeping:
            shutil.rmtree(folder, ignore_errors=True)


def _place(council: int) -> Path:
    return Path(settings.FILES) / "imports" / str(council)


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

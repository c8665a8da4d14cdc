"""The private folder that a run is settled in. It holds care records, and never outlives its process.

A killed process cannot remove its own: the next run does, and `carethread tick`.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from django.conf import settings

_LOCK = "held"


@contextmanager
def spare_folder() -> Iterator[Path]:
    """Give an empty folder, readable by its owner alone, that is gone afterwards."""
    sweep()
    folder, handle = _made()
    inside = folder / "books"
    try:
        inside.mkdir()
        yield inside
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _made() -> tuple[Path, int]:
    """Make a folder and hold its lock; one that was swept before it was held is made again."""
    while True:
        folder = Path(mkdtemp(dir=_place()))
        handle = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if (folder / _LOCK).exists():
            return folder, handle
        os.close(handle)


def sweep() -> int:
    """Remove the folders of processes that are no more; return how many."""
    return sum(_is_swept(folder) for folder in sorted(_place().iterdir()))


def _is_swept(folder: Path) -> bool:
    try:
        handle = os.open(folder / _LOCK, os.O_RDWR)
    except OSError:  # it is being made: empty still, and nothing to hide
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        shutil.rmtree(folder, ignore_errors=True)
        return True
    finally:
        os.close(handle)


def _place() -> Path:
    place = Path(settings.FILES) / "settling"
    with suppress(FileExistsError):
        place.mkdir(mode=0o700, parents=True)
    return place

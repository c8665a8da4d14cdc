"""A folder that appears whole or not at all, and never at the cost of what a person put there."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread


class UnableToWrite(Exception):
    """The folder cannot be written; the message says why and what to do."""


@contextmanager
def whole_folder(out: Path, *, replace: bool, mark: str, spare: Iterable[Path] = ()) -> Iterator[Path]:
    """Give a folder to fill beside `out`, and move it into place when the block ends well.

    Whatever happens, a kill included, `out` is either what it was or complete. Only in the instant
    between two renames can an old `out` be missing; it then stands beside as `.NAME.old`. An old
    `out` without the file `mark` was not made by this program: it is kept as `NAME.before`. `out`
    may not be, or hold, the folders to `spare` or the one we are in.

    Raises:
        UnableToWrite: if `out` exists and `replace` is not set, if it may not be written, if another
            run is writing it, or if the disk refuses.
    """
    out = _absolute(out)
    _refuse(out, replace=replace, spare=spare)
    partial = out.with_name(f".{out.name}.partial")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with _locked(partial):
            with _flushed(partial):
                yield partial
            for path in partial.rglob("*"):
                _sync(path)
            _sync(partial)
            _move(partial, out, mark)
    except OSError as error:
        raise UnableToWrite(_words(error, out)) from error


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 -- a link at the path itself is not followed


def _refuse(out: Path, *, replace: bool, spare: Iterable[Path]) -> None:
    """Refuse an `out` that must not be written."""
    for folder in (*spare, Path.cwd()):
        if folder.resolve().is_relative_to(out.resolve()):
            message = (
                f"{out} is, or holds, {folder.resolve()}; nothing was changed, choose another folder"
            )
            raise UnableToWrite(message)
    if out.exists() and not replace:
        message = f"{out} is already there; choose another folder, or replace it with --force"
        raise UnableToWrite(message)
    if out.exists() and not out.is_dir():
        message = f"{out} is a file, not a folder; remove it or choose another name"
        raise UnableToWrite(message)


def kept_beside(out: Path) -> Path:
    """Return where a folder that this program did not make is kept when `out` replaces it."""
    out = _absolute(out)
    number = 1
    while (kept := out.with_name(f"{out.name}.before{number if number > 1 else ''}")).exists():
        number += 1
    return kept


@contextmanager
def _locked(partial: Path) -> Iterator[None]:
    """Hold an empty folder that no other run fills; what a killed run left there is removed."""
    partial.mkdir(exist_ok=True)
    handle = os.open(partial, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"another run is writing the same folder (it holds {partial}); wait for it"
            raise UnableToWrite(message) from None
        _empty(partial)
        try:
            yield
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    finally:
        os.close(handle)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _move(partial: Path, out: Path, mark: str) -> None:
    """Move the full folder into place, the old one aside first; one that we made goes afterwards."""
    old = out.with_name(f".{out.name}.old")
    if out.exists():
        shutil.rmtree(old, ignore_errors=True)
        is_ours = (out / mark).exists() or not any(out.iterdir())
        out.rename(old if is_ours else kept_beside(out))
    partial.rename(out)
    _sync(out.parent)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _flushed(folder: Path) -> Iterator[None]:
    """Have a folder's files written to the disk while they grow: little is left for the end."""
    ended = Event()

    def flush() -> None:
        while not ended.wait(_SECONDS):
            with suppress(OSError):  # what cannot be written now is told at the end
                for path in folder.iterdir():
                    if path.is_file():
                        _sync(path)

    thread = Thread(target=flush, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


_SECONDS = 0.5
"""How long files grow before they are written to the disk again."""


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_CAUSES = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "your disk quota is used up; free some space",
    errno.EACCES: "you may not write there; choose a folder of your own",
    errno.EPERM: "you may not write there; choose a folder of your own",
    errno.EROFS: "that disk can only be read; choose another",
}


def _words(error: OSError, out: Path) -> str:
    why = _CAUSES.get(error.errno or 0, error.strerror or str(error))
    return f"{out} could not be written: {why}. Nothing was left behind."

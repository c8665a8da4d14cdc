"""Where compiled code is kept: in a folder named for everything it was compiled from.

numba notices that a function's own file has changed, but not the functions and tables it was compiled
with. So code compiled from other sources, or for other time zone rules, is never used: it lies in
another folder.
"""

import hashlib
import os
import sys
import tempfile
import zoneinfo
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from carethread.engine import units

HERE = Path(__file__).parents[1]
SOURCES = ("engine/words.py", "engine/columns/*.py", "formats/settlement/*_kernels.py")


def keep_compiled() -> None:
    """Keep what is compiled from here on in this version's folder; NUMBA_CACHE_DIR goes before it.

    numba itself is not imported for it: a quarter of a second that small folders need not pay. It is
    told by the environment; what a process of another version was told there is not for this one.
    """
    told = os.environ.get("NUMBA_CACHE_DIR")
    if told and Path(told).parent.name != _NAME:
        return
    folder = os.environ["NUMBA_CACHE_DIR"] = str(_folder())
    if "numba" in sys.modules:
        setattr(sys.modules["numba"].config, "CACHE_DIR", folder)  # noqa: B010 -- made at run time


_NAME = "carethread"


def is_ready() -> bool:
    """Say whether this version has been compiled whole."""
    return (_folder() / _READY).exists()


def make_ready() -> None:
    """Remember that this version has been compiled whole."""
    (_folder() / _READY).touch()


_READY = "ready"


def _folder() -> Path:
    name = f"{_NAME}/{digest()}"
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for place in (home, Path(tempfile.gettempdir())):
        try:
            (place / name).mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(place / name, os.W_OK):
            return place / name
    return Path(tempfile.mkdtemp(prefix="carethread-"))


def digest() -> str:
    """Return a name for the sources and the time zone rules that compiled code comes from."""
    found = hashlib.sha256()
    for part in _parts():
        found.update(part)
    return found.hexdigest()[:20]


def _parts() -> Iterator[bytes]:
    for pattern in SOURCES:
        for path in sorted(HERE.glob(pattern)):
            yield path.name.encode()
            yield path.read_bytes()
    yield _rules(units.LONDON.key)


def _rules(key: str) -> bytes:
    """Return the rules of a time zone, from where Python takes them."""
    for folder in zoneinfo.TZPATH:
        path = Path(folder, key)
        if path.is_file():
            return path.read_bytes()
    return resources.files("tzdata.zoneinfo").joinpath(key).read_bytes()

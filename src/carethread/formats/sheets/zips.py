"""A zip of a folder into a folder, or why it is not unpacked.

Refused are names that lead anywhere else, members with a password, links, zips inside zips, and what
would grow beyond the limits.

Source: PKWARE APPNOTE 6.3 for the format; OWASP, "Zip Slip" and decompression bombs for what to refuse.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from carethread.engine.records import Fault
from carethread.formats.settlement.values import quoted

_MIB = 2**20
_CHUNK = 2**20
_ENCRYPTED = 1
_KIND, _LINK = 0o170000, 0o120000
_OF_THE_SYSTEM = {".ds_store", "thumbs.db", "desktop.ini"}
_BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a zip may become: in all, against its own size, and in number of members.

    The ratio is looked at above 50 MiB only: small files of repeated rows shrink a lot.
    """

    unpacked_mib: int = 4096
    ratio: int = 200
    members: int = 1000


LIMITS = Limits()
_RATIO_ABOVE = 50 * _MIB


def unpack(source: Path, folder: Path, limits: Limits = LIMITS) -> list[Fault]:
    """Unpack a zip into a folder that is there; with a fault, nothing is left of it.

    The members may lie in one folder of the zip. What operating systems add of their own is left out.
    """
    written: list[Path] = []
    try:
        with ZipFile(source) as archive:
            members = [info for info in archive.infolist() if _is_wanted(info)]
            faults = [Fault(source.name, None, "", say) for say in _refused(source, members, limits)]
            for info in [] if faults else members:
                written.append(folder / PurePosixPath(info.filename).name)
                with archive.open(info) as member, written[-1].open("xb") as file:
                    _copy(member, file.write)
    except _BROKEN as error:
        faults = [_unreadable(source, error)]
    except FileExistsError:
        faults = [Fault(source.name, None, "", f"{written.pop().name} is there already")]
    if faults:
        for path in written:
            path.unlink(missing_ok=True)
    return faults


def check(source: Path, limits: Limits, look: Callable[[bytes], None] | None = None) -> list[Fault]:
    """Return why a zip that another reader will open must not be opened.

    It is read to its end here, which finds out sizes that lie; `look` is shown every piece of it.
    """
    try:
        with ZipFile(source) as archive:
            members = archive.infolist()
            says = [*_too_large(source, members, limits), *_locked(members)]
            for info in [] if says else members:
                with archive.open(info) as member:
                    _copy(member, look)
    except _BROKEN as error:
        return [_unreadable(source, error)]
    return [Fault(source.name, None, "", say) for say in says]


def names(source: Path) -> Sequence[str]:
    """Return the names of a zip's members; none where it cannot be read."""
    try:
        with ZipFile(source) as archive:
            return archive.namelist()
    except _BROKEN:
        return []


def _is_wanted(info: ZipInfo) -> bool:
    path = PurePosixPath(info.filename)
    added = path.name.lower() in _OF_THE_SYSTEM or path.name.startswith("._")
    return not (info.is_dir() or added or path.parts[:1] == ("__MACOSX",))


def _refused(source: Path, members: Sequence[ZipInfo], limits: Limits) -> Iterator[str]:
    if not members:
        yield "the zip is empty"
    yield from _too_large(source, members, limits)
    yield from _locked(members)
    for info in members:
        yield from (f"{quoted(info.filename)} {say}" for say in _astray(info))
    yield from _together([PurePosixPath(info.filename) for info in members])


def _too_large(source: Path, members: Sequence[ZipInfo], limits: Limits) -> Iterator[str]:
    unpacked = sum(info.file_size for info in members)
    if len(members) > limits.members:
        yield f"the zip has {len(members)} members; at most {limits.members} are taken"
    if unpacked > limits.unpacked_mib * _MIB:
        yield f"the zip unpacks to {unpacked // _MIB} MiB; at most {limits.unpacked_mib} MiB are taken"
    if unpacked > max(_RATIO_ABOVE, limits.ratio * source.stat().st_size):
        yield f"the zip unpacks to over {limits.ratio} times its size; send its files by themselves"


def _locked(members: Sequence[ZipInfo]) -> Iterator[str]:
    if any(info.flag_bits & _ENCRYPTED for info in members):
        yield "the zip has a password; send it without one, over a safe channel"


def _astray(info: ZipInfo) -> Iterator[str]:
    """Say what is wrong with one member's name or kind."""
    name = info.filename
    path = PurePosixPath(name)
    if "\0" in info.orig_filename or "\\" in name or ":" in name or not name.isprintable():
        yield "has a name with signs that no file name needs"
    elif path.is_absolute() or ".." in path.parts:
        yield "would be written outside the folder"
    elif len(path.parts) > len(("folder", "file")):
        yield "lies deeper than one folder"
    if (info.external_attr >> 16) & _KIND == _LINK:
        yield "is a link, not a file"
    if path.suffix.lower() == ".zip":
        yield "is a zip inside the zip; send its files by themselves"


def _together(paths: Sequence[PurePosixPath]) -> Iterator[str]:
    """Say whether the members are those of one folder."""
    if len({path.parent for path in paths}) > 1:
        yield "the zip has files in more than one folder; send one folder's"
    folded = [path.name.casefold() for path in paths]
    yield from (
        f"{quoted(name)} is in the zip twice" for name in sorted({*folded}) if folded.count(name) > 1
    )


def _copy(member: IO[bytes], take: Callable[[bytes], object] | None) -> None:
    """Read a member to its end, which checks its size and sum."""
    while chunk := member.read(_CHUNK):
        if take is not None:
            take(chunk)


def _unreadable(source: Path, error: Exception) -> Fault:
    return Fault(source.name, None, "", f"the file cannot be read as a zip: {error}")

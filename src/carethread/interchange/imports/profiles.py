"""Profiles that councils wrote, and those that come with carethread."""

from dataclasses import dataclass
from datetime import datetime
from importlib import resources

from carethread.audit.actions import record
from carethread.engine.records import Fault
from carethread.formats.profiles import ready
from carethread.formats.profiles.reading import read_profile
from carethread.formats.profiles.records import Profile
from carethread.interchange.models import Profile as StoredProfile
from carethread.kit.unable import UnableTo
from carethread.wall.scope import current


@dataclass(frozen=True, slots=True)
class Known:
    """A profile that can be used; version 0 comes with carethread."""

    profile: Profile
    version: int
    text: str


class ProfileIsWrong(UnableTo):
    """A profile cannot be read; `faults` has every reason."""

    def __init__(self, faults: list[Fault]) -> None:
        said = "; ".join(
            f"{'' if one.row is None else f'line {one.row}, '}{one.column}: {one.message}"
            for one in faults
        )
        super().__init__(f"the profile was not added: {said}")
        self.faults = faults


def named(name: str, version: int | None = None) -> Known:
    """Return the profile of a name in the council in scope: its own before carethread's.

    Raises:
        UnableTo: if there is none.
    """
    own = StoredProfile.objects.filter(name=name)
    if version is not None:
        own = own.filter(version=version)
    stored = own.order_by("version").last()
    if stored is not None:
        return _known(stored.text, stored.version)
    text = _ready().get(name)
    if text is None or version:
        message = f"no profile is called {name!r}; there are: {', '.join(sorted(names()))}"
        raise UnableTo(message)
    return _known(text, 0)


def _known(text: str, version: int) -> Known:
    read = read_profile(text)
    if read.profile is None:
        raise ProfileIsWrong(list(read.faults))
    return Known(read.profile, version, text)


def names() -> list[str]:
    """Return the names of all profiles that the council in scope can use, in order."""
    own = StoredProfile.objects.values_list("name", flat=True).distinct()
    return sorted({*own, *_ready()})


def _ready() -> dict[str, str]:
    files = resources.files(ready).iterdir()
    return {
        file.name.removesuffix(".toml"): file.read_text(encoding="utf-8")
        for file in files
        if file.name.endswith(".toml")
    }


def add(*, text: str, by: str, at: datetime) -> StoredProfile:
    """Add a profile to the council being written, or a new version of one.

    The same text again adds nothing.

    Raises:
        ProfileIsWrong: if it cannot be read; with every fault.
    """
    council = current().writes
    assert council is not None, "only a scope that writes can add a profile"
    read = read_profile(text)
    if read.profile is None:
        raise ProfileIsWrong(list(read.faults))
    before = StoredProfile.objects.filter(name=read.profile.name).order_by("version").last()
    if before is not None and before.text == text:
        return before  # type: ignore[no-any-return]
    stored: StoredProfile = StoredProfile.objects.create(
        council_id=council,
        name=read.profile.name,
        version=1 if before is None else before.version + 1,
        table=read.profile.table,
        text=text,
        added_by=by,
        added_at=at,
    )
    record(
        by=by,
        at=at,
        action="profile.added",
        subject=f"profile:{stored.name}",
        before=None if before is None else {"version": before.version, "text": before.text},
        after={"version": stored.version, "text": text},
        chained=True,
    )
    return stored

"""The profiles that come with carethread: `service-delivery`.

Their reasons and sources stand in the files themselves.
"""

from importlib import resources

from carethread.formats.profiles.reading import read_profile
from carethread.formats.profiles.records import Profile

_ENDING = ".toml"


def names() -> list[str]:
    """Return the names of the profiles that come with carethread."""
    there = [file.name for file in resources.files(__name__).iterdir()]
    return sorted(name.removesuffix(_ENDING) for name in there if name.endswith(_ENDING))


def text(name: str) -> str:
    """Return a profile as its file has it: for a council to begin its own with.

    Raises:
        KeyError: if there is none of this name.
    """
    if name not in names():
        raise KeyError(name)
    return resources.files(__name__).joinpath(name + _ENDING).read_text("utf-8")


def profile(name: str) -> Profile:
    """Return a profile that comes with carethread.

    Raises:
        KeyError: if there is none of this name.
    """
    read = read_profile(text(name), name + _ENDING)
    assert read.profile is not None, read.faults
    return read.profile

"""The list of timed deeds. A room adds its own in `AppConfig.ready`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that is done from time to time.

    name: short, as `carethread tick` shows it. every: how long after it was done it is due again. do:
    does it, told what time it is. It is safe to do twice, and at two places at once.
    """

    name: str
    every: timedelta
    do: Callable[[datetime], object]


_deeds: dict[str, Deed] = {}


def register(name: str, every: timedelta, do: Callable[[datetime], object]) -> None:
    """Add a timed deed; again under the same name, it takes the other's place."""
    _deeds[name] = Deed(name, every, do)


def deeds() -> Sequence[Deed]:
    """Return the timed deeds, by name."""
    return [_deeds[name] for name in sorted(_deeds)]

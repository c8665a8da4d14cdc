"""What every model says of itself: whose its rows are, whether they change, how long they are kept."""

from dataclasses import dataclass
from enum import StrEnum

from django.apps import apps
from django.db import models


class Belongs(StrEnum):
    """Whose a model's rows are."""

    COUNCIL = "council"
    """One council's. Seen by its own people and by shared teams with a role in it."""
    PROVIDER = "provider"
    """One council's and one provider's: each council's dealings with a provider stand apart."""
    ALL = "all"
    """Nobody's in particular: needed before anyone's scope is known, or the same for everyone."""


class Changes(StrEnum):
    """What may become of a row once written."""

    MUTABLE = "mutable"
    APPEND_ONLY = "append_only"
    """The database refuses to update, delete or truncate."""
    LASTING = "lasting"
    """Updated, but never deleted: the database refuses that, and to truncate."""


class Retention(StrEnum):
    """How long rows are kept, counted from the event named.

    Source: NHSX Records Management Code of Practice 2021 (adult social care records: 8 years from the
    end of care) and Limitation Act 1980 s.5 with the usual council schedule of money: 6 years and the
    current one.
    """

    CARE = "care"
    """8 years after the person's care ended."""
    MONEY = "money"
    """6 years after the end of the financial year."""
    TRAIL = "trail"
    """As long as what it is about; values are readable until the person's key is destroyed."""
    SETTING = "setting"
    """While in use, and as long as money that was settled by it."""
    PASSING = "passing"
    """Working state, cleared when done with."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a model says of itself.

    scrub: the columns that say who somebody is, emptied when the person's record is disposed of.
    no_overlap: a rule that the database holds: rows alike in `by` never share a day.
    """

    belongs: Belongs
    changes: Changes
    retention: Retention
    scrub: tuple[str, ...] = ()
    no_overlap: "NoOverlap | None" = None


@dataclass(frozen=True, slots=True)
class NoOverlap:
    """Rows alike in `by` (columns of the table) never share a day; an empty last day is for ever."""

    by: tuple[str, ...]
    first: str
    last: str


def kept_of(model: type[models.Model]) -> Kept | None:
    """Return what a model says of itself, or what is said here of a library's model."""
    own = model.__dict__.get("kept")
    return own if isinstance(own, Kept) else OTHERS.get(model._meta.label)  # noqa: SLF001


_WORKING = Kept(Belongs.ALL, Changes.MUTABLE, Retention.PASSING)
_FRAMEWORK = Kept(Belongs.ALL, Changes.MUTABLE, Retention.SETTING)
OTHERS = {
    "auth.Permission": _FRAMEWORK,
    "auth.Group": _FRAMEWORK,
    "auth.Group_permissions": _FRAMEWORK,
    "contenttypes.ContentType": _FRAMEWORK,
    "sessions.Session": _WORKING,
    "django_tasks_database.DBTaskResult": _WORKING,
}
"""The models of libraries. None may hold what is known of a person: jobs are given keys alone."""


def every_model() -> list[type[models.Model]]:
    """Return all models that have a table."""
    return [
        one
        for one in apps.get_models(include_auto_created=True)
        if one._meta.managed and not one._meta.proxy  # noqa: SLF001
    ]

"""A check of Django's: no model without a word on whose its rows are."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import models

from carethread.wall.kept import Belongs, Changes, Kept, every_model, kept_of
from carethread.wall.models import WalledManager


def every_model_says_whose(**_: Any) -> list[CheckMessage]:
    """Return an error for each model that is not classified, or not made as it says."""
    return [Error(say, obj=model, id="wall.E001") for model in every_model() for say in _wrong(model)]


def _wrong(model: type[models.Model]) -> Iterator[str]:
    kept = kept_of(model)
    if kept is None:
        yield "does not say whose its rows are: give it `kept = Kept(...)`"
        return
    columns = {field.name for field in model._meta.concrete_fields}  # noqa: SLF001
    if (kept.belongs is Belongs.ALL) == hasattr(model, "check_wall"):
        yield f"belongs to {kept.belongs}, but is made otherwise"
    if kept.belongs is not Belongs.ALL:
        ways = [model._base_manager, *model._meta.managers]  # noqa: SLF001
        yield from (f"{way}: passes the wall" for way in ways if not isinstance(way, WalledManager))
    if kept.scrub and kept.changes is Changes.APPEND_ONLY:
        yield "is append-only, so nothing can be scrubbed: leave out who somebody is, or seal it"
    is_provider = model._meta.label == "providers.Provider"  # noqa: SLF001
    if kept.belongs is Belongs.PROVIDER and "provider" not in columns and not is_provider:
        yield "belongs to a provider, but has no column `provider`"
    yield from _unknown(kept, columns, model)


def _unknown(kept: Kept, columns: Iterable[str], model: type[models.Model]) -> Iterator[str]:
    attnames = {field.column for field in model._meta.concrete_fields}  # noqa: SLF001
    rule = kept.no_overlap
    named = [] if rule is None else [*rule.by, rule.first, rule.last]
    yield from (f"scrub: no column {one}" for one in kept.scrub if one not in columns)
    yield from (f"no_overlap: no column {one}" for one in named if one not in attnames)

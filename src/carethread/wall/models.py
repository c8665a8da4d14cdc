"""The abstract models that a room's models are made from, and the manager that holds the wall."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from carethread.wall.kept import Belongs, Kept, kept_of
from carethread.wall.scope import OutsideTheWall, current


class WalledQuerySet(models.QuerySet[Any]):
    """Rows inside a scope. Reads are filtered; writes are refused outside the council being written."""

    def update(self, **values: Any) -> int:
        """Update rows of the council being written."""
        return super(WalledQuerySet, self._writable()).update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete rows of the council being written."""
        return super(WalledQuerySet, self._writable()).delete()

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """Add rows, all of the council being written."""
        rows = list(objs)
        for row in rows:
            row.check_wall()
        return super().bulk_create(rows, *args, **options)

    def select_for_update(self, *args: Any, **options: Any) -> Self:
        """Lock rows; SQLite, whose writers wait for each other anyway, ignores this."""
        return super().select_for_update(*args, **options)

    def _writable(self) -> Self:
        writes = current().writes
        if writes is None:
            message = f"{self.model.__name__}: this scope writes to no council"
            raise OutsideTheWall(message)
        return self if self.query.is_sliced else self.filter(council_id=writes)


class WalledManager(models.Manager.from_queryset(WalledQuerySet)):  # type: ignore[misc]
    """Gives only rows inside the scope in force.

    Raises:
        NoScope: where no scope is in force.
    """

    def get_queryset(self) -> WalledQuerySet:
        """Return the rows that the scope holds."""
        rows: WalledQuerySet = super().get_queryset()
        return rows.filter(inside(self.model))


def inside(model: type[models.Model]) -> Q:
    """Return the condition for a model's rows to be inside the scope in force."""
    scope = current()
    condition = Q(council_id__in=scope.reads)
    if scope.providers is None:
        return condition
    kept = kept_of(model)
    if kept is None or kept.belongs is not Belongs.PROVIDER:
        return Q(pk__in=[])
    column = "pk" if model._meta.label == "providers.Provider" else "provider_id"  # noqa: SLF001
    return condition & Q(**{f"{column}__in": scope.providers})


class CouncilRecord(models.Model):
    """A row of one council. Rows it points at must be of the same council: the database sees to it."""

    kept: ClassVar[Kept]
    id = models.BigAutoField(primary_key=True)
    council = models.ForeignKey("councils.Council", on_delete=models.PROTECT, related_name="+")

    objects = WalledManager()

    class Meta:
        """Every way to the rows leads through the manager that holds the wall."""

        abstract = True
        base_manager_name = "objects"

    def check_wall(self) -> None:
        """Refuse to be written outside the council being written.

        Raises:
            OutsideTheWall: if that is not this row's.
        """
        writes = current().writes
        if writes is None or self.council_id != writes:
            message = f"{type(self).__name__}: a row of council {self.council_id} in scope of {writes}"
            raise OutsideTheWall(message)

    def save(self, *args: Any, **options: Any) -> None:
        """Write the row."""
        self.check_wall()
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Delete the row."""
        self.check_wall()
        return super().delete(*args, **options)


class SharedRecord(models.Model):
    """A row that is nobody's in particular."""

    kept: ClassVar[Kept]
    id = models.BigAutoField(primary_key=True)

    class Meta:
        abstract = True


def words(choices: Any) -> list[tuple[str, str]]:
    """Return a vocabulary as choices of a field: the word as files and screens spell it."""
    return [(one.value, one.value) for one in choices]


def known(column: str, choices: Any, *, may_be_empty: bool = False) -> Q:
    """Return the condition that a column holds a word of a vocabulary."""
    values = [one.value for one in choices] + ([""] if may_be_empty else [])
    return Q(**{f"{column}__in": values})

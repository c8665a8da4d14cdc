"""The abstract models that a room's models are made from, and the manager that holds the wall."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q, sql

from carethread.wall.kept import Belongs, Kept, kept_of
from carethread.wall.scope import OutsideTheWall, Scope, current


class WalledQuery(sql.Query):
    """A query that runs in the scope it was made in, or a wider one: elsewhere it is refused.

    So rows that are fetched late, as by a template or a streamed answer, cannot slip past the wall on a
    database that does not hold it itself.
    """

    made_in: Scope | None = None

    def get_compiler(self, *args: Any, **options: Any) -> Any:
        """Return what runs the query.

        Raises:
            NoScope: where no scope is in force.
            OutsideTheWall: where the one in force shows less than the one that the query was made in.
        """
        scope = current()
        if self.made_in is not None and not scope.shows(self.made_in):
            message = f"{self.model}: a query was made in one scope and run in another"
            raise OutsideTheWall(message)
        return super().get_compiler(*args, **options)


class WalledQuerySet(models.QuerySet[Any]):
    """Rows inside a scope. Reads are filtered; writes are refused outside the council being written."""

    def update(self, **values: Any) -> int:
        """Update rows of the council being written, which stay its rows."""
        if {"council", "council_id"} & values.keys():
            message = f"{self.model.__name__}: a row stays its council's"
            raise OutsideTheWall(message)
        return super(WalledQuerySet, self._writable()).update(**values)

    def _update(self, values: Any) -> int:
        """What saving a row comes to: only one of the council being written is found."""
        saved: int = super(WalledQuerySet, self._writable())._update(values)  # type: ignore[misc]
        return saved

    def _raw_delete(self, using: str | None) -> int:
        return super(WalledQuerySet, self._writable())._raw_delete(using)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete rows of the council being written."""
        return super(WalledQuerySet, self._writable()).delete()

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """Add rows, all of the council being written."""
        if {"pk", "id"} & set(options.get("unique_fields") or ()):
            message = f"{self.model.__name__}: a row is not taken over by its key"
            raise OutsideTheWall(message)
        rows = list(objs)
        for row in rows:
            row.check_wall()
        return super().bulk_create(rows, *args, **options)

    def raw(self, *_: Any, **__: Any) -> Any:
        """Refuse: SQL of one's own passes the managers by."""
        message = f"{self.model.__name__}: raw SQL is not held by the managers"
        raise OutsideTheWall(message)

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
        query = WalledQuery(self.model)
        query.made_in = current()
        rows = WalledQuerySet(self.model, query=query, using=self._db, hints=self._hints)
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
    council = models.ForeignKey(
        "councils.Council",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # the database's own unique (council, id) finds them
    )

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

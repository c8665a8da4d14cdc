"""Which tables an archive has, their columns as Arrow, and which numbers in them are keys of others."""

import json
import re
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

import pyarrow as pa
from django.apps import apps
from django.db import models

from carethread.wall.kept import Belongs, Retention, every_model, kept_of

REFERENCES = {
    "accounts.Client.provider": "providers.Provider",
    "accounts.Membership.provider": "providers.Provider",
    "interchange.Batch.after_batch": "interchange.Batch",
    "invoices.InvoiceRow.batch": "interchange.Batch",
    "settlement.Line.decision": "settlement.Decision",
    "settlement.RunFinding.batch": "interchange.Batch",
    "visits.RotaTime.batch": "interchange.Batch",
    "visits.Visit.batch": "interchange.Batch",
}
"""Numbers that are keys of another table without being references in the database; 0 is none."""
WITHHELD = {
    "accounts.User": ("password", "last_login"),
    "accounts.Client": ("token_digest",),
    "settlement.Run": ("job",),
}
"""Columns that no archive has: what would let somebody in, and jobs, which are only passing."""
FIRST = ("councils.Council", "accounts.User", "accounts.Membership", "accounts.Client")
"""Tables behind no wall of which a council's part is taken along; a user's, if they ever had a role."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an archive."""

    model: type[models.Model]

    @property
    def label(self) -> str:
        """What the model is called in code: `orders.Order`."""
        return str(self.model._meta.label)  # noqa: SLF001

    @property
    def name(self) -> str:
        """What the table is called in the database, and its file in the archive."""
        return str(self.model._meta.db_table)  # noqa: SLF001

    @property
    def fields(self) -> list[Any]:
        """Its columns, as Django has them."""
        every = self.model._meta.concrete_fields  # noqa: SLF001
        return [field for field in every if field.name not in WITHHELD.get(self.label, ())]

    @property
    def schema(self) -> pa.Schema:
        """Its columns, as Arrow has them."""
        return pa.schema(
            pa.field(field.attname, _type(field), nullable=field.null) for field in self.fields
        )

    @property
    def says(self) -> str:
        """What the model's docstring says of it."""
        return re.sub(r"\n{3,}", "\n\n", cleandoc(self.model.__doc__ or ""))

    def refers(self, field: Any) -> str | None:
        """Return the label of the model that a column's numbers are keys of, if they are any's."""
        if field.primary_key:
            return self.label
        other = field.related_model
        if isinstance(other, type) and issubclass(other, models.Model):
            return str(other._meta.label)  # noqa: SLF001
        return REFERENCES.get(f"{self.label}.{field.name}")


def tables() -> list[Table]:
    """Return the tables of an archive: those of `FIRST`, then all behind the wall.

    What is only passing is left out.
    """
    walled = [model for model in every_model() if _is_archived(model)]
    walled.sort(key=lambda model: str(model._meta.db_table))  # noqa: SLF001
    return [Table(apps.get_model(label)) for label in FIRST] + [Table(model) for model in walled]


def _is_archived(model: type[models.Model]) -> bool:
    kept = kept_of(model)
    return (
        kept is not None and kept.belongs is not Belongs.ALL and kept.retention is not Retention.PASSING
    )


_TYPES: tuple[tuple[type[Any], pa.DataType], ...] = (
    (models.BooleanField, pa.bool_()),
    (models.IntegerField, pa.int64()),
    (models.ForeignKey, pa.int64()),
    (models.DateTimeField, pa.timestamp("us", "UTC")),
    (models.DateField, pa.date32()),
    (models.BinaryField, pa.binary()),
    (models.JSONField, pa.string()),
    (models.CharField, pa.string()),
    (models.TextField, pa.string()),
)


def _type(field: Any) -> pa.DataType:
    if isinstance(field, models.DecimalField):
        return pa.decimal128(field.max_digits, field.decimal_places)
    for kind, arrow in _TYPES:
        if isinstance(field, kind):
            return arrow
    message = f"{field}: an archive cannot hold a {type(field).__name__} yet"
    raise TypeError(message)


def to_archive(field: Any, value: Any) -> Any:
    """Return a value as the archive holds it."""
    if value is None:
        return None
    if isinstance(field, models.JSONField):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return bytes(value) if isinstance(field, models.BinaryField) else value


def to_books(field: Any, value: Any) -> Any:
    """Return an archive's value as the books hold it."""
    return json.loads(value) if value is not None and isinstance(field, models.JSONField) else value

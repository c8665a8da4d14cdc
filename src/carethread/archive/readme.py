"""What an archive says of itself: the same page stands in it and in docs/guides/export.md."""

from typing import Any

from carethread.archive.tables import Table, tables

ABOUT = """\
An archive is a zip file with all that carethread keeps of one council, as it stood at one moment:

- `manifest.json`: which council and version, when, and for every other file its size, SHA-256 and,
  of a table, the number of rows; the place and digest at which the council's audit chain ended.
- `tables/NAME.parquet`: a table of the database each, described below. Parquet is read by DuckDB,
  pandas, Polars, R, Power BI and Excel's Power Query, among others.
- `files/`: the files that were sent to the council, as they came.
- `audit_values.parquet`: only if asked for: the reasons and values of the audit in clear.

Text is UTF-8. Days are dates, instants are in UTC, money is whole pence, minutes are whole minutes.
Empty text is empty, and null where the table says so. A column `id` is a row's key; a column that ends
in `_id`, or is said to, holds a key of the table named. Keys are counted anew when an archive is
restored; what people and files call things (`ref`) stays.

What is not there: passwords, the digests of programs' tokens, and what is only passing, such as
sessions and jobs. The values of the audit are encrypted (AES-256-GCM) with a key for each person, and
those keys with the master key of the installation that wrote the archive: without it (or
`audit_values.parquet`) they cannot be read. The archive itself is not encrypted, and says who receives
care: keep it as you keep the books.
"""


def page(*, counts: dict[str, int] | None = None) -> str:
    """Return the description of an archive's tables, with their numbers of rows where given."""
    return "\n".join([ABOUT, *(_table(table, counts) for table in tables())])


def _table(table: Table, counts: dict[str, int] | None) -> str:
    rows = "" if counts is None else f"\n{counts.get(table.name, 0)} rows.\n"
    lines = [_column(table, field) for field in table.fields]
    heads = "| column | type | null | |\n| --- | --- | --- | --- |"
    return f"## {table.name}\n\n{table.says}\n{rows}\n{heads}\n" + "\n".join(lines) + "\n"


def _column(table: Table, field: Any) -> str:
    other = table.refers(field)
    told = ""
    if other is not None and not field.primary_key:
        told = f"a key of {other.lower().replace('.', '_')}"
    elif field.choices:
        told = ", ".join(f"`{value}`" for value, _ in field.choices)
    kind = table.schema.field(field.attname).type
    return f"| `{field.attname}` | {kind} | {'yes' if field.null else ''} | {told} |"

"""Reads: batches, what was found in them, the same file back with its problems."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import Count, Min

from carethread.engine.records import Fault
from carethread.formats.marked.marking import mark
from carethread.formats.sheets import zips
from carethread.interchange.imports import store
from carethread.interchange.imports.unpacking import table_named_by
from carethread.interchange.models import Batch, Problem
from carethread.kit.unable import UnableTo

_SHEETS = (".csv", ".parquet", ".xlsx")
_ZIP = b"PK\x03\x04"
_WORKBOOK = "xl/workbook.xml"


def batch_numbered(number: int) -> Batch:
    """Return a batch of the council in scope.

    Raises:
        UnableTo: if there is none of this number.
    """
    found: Batch | None = Batch.objects.select_related("provider").filter(pk=number).first()
    if found is None:
        message = f"this council has no import {number}; carethread imports COUNCIL lists them"
        raise UnableTo(message)
    return found


def batches(most: int = 50) -> Sequence[Batch]:
    """Return the last batches in scope, the latest first."""
    return list(Batch.objects.select_related("provider").order_by("-pk")[:most])


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some rows of a table were rejected, or what to know of them, with an example."""

    table: str
    code: str
    column: str
    is_rejected: bool
    count: int
    row: int | None
    says: str


def reasons(batch: Batch) -> list[Reason]:
    """Return the problems of a batch, those alike taken together, what rejects first."""
    alike = ("table", "code", "column", "is_rejected")
    rows = (
        Problem.objects.filter(batch=batch).values(*alike).annotate(many=Count("pk"), first=Min("pk"))
    )
    groups = list(rows.order_by("-is_rejected", "table", "-many", "code", "column"))
    firsts = Problem.objects.in_bulk([one["first"] for one in groups])
    return [
        Reason(
            **{name: one[name] for name in alike},
            count=one["many"],
            row=firsts[one["first"]].row,
            says=firsts[one["first"]].says,
        )
        for one in groups
    ]


def problems_by_row(batch: Batch) -> dict[str, dict[int, list[str]]]:
    """Return what keeps rows out, by table and row, in words."""
    found: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = Problem.objects.filter(batch=batch, is_rejected=True).exclude(row=None).order_by("pk")
    for one in rows.iterator():
        says = f"{one.column}: {one.says}" if one.column else one.says
        found[one.table][one.row].append(says)
    return found


def write_back(batch: Batch, out: Path, *, only_rejected: bool = False) -> list[Fault]:
    """Write what was sent again, with the problems of each row; a folder or zip as a zip.

    Raises:
        UnableTo: if nothing of it is a table whose rows could be marked.
    """
    found = problems_by_row(batch)
    with store.sent(batch) as sent:
        if _is_folder(sent):
            return _zip_back(batch, sent, out, found, only_rejected=only_rejected)
        table = batch.table or next(iter(found), "") or next(iter(batch.counts), "")
        if sent.suffix == ".toml":
            message = "contracts.toml cannot be marked: its faults name their lines; see the problems"
            raise UnableTo(message)
        return mark(sent, out, found.get(table, {}), table=table, only_rejected=only_rejected)


def _is_folder(sent: Path) -> bool:
    with sent.open("rb") as file:
        is_zip = file.read(len(_ZIP)) == _ZIP
    return is_zip and _WORKBOOK not in zips.names(sent)


def _zip_back(
    batch: Batch,
    sent: Path,
    out: Path,
    found: dict[str, dict[int, list[str]]],
    *,
    only_rejected: bool,
) -> list[Fault]:
    """Write each file of a zip that has rows with problems, marked, into a zip."""
    with TemporaryDirectory(dir=sent.parent) as name:
        raw = Path(name)
        faults = zips.unpack(sent, raw)
        with ZipFile(out, "w", ZIP_DEFLATED) as archive:
            for path in sorted(raw.iterdir()) if not faults else ():
                table = batch.table or table_named_by(path) or ""
                if path.suffix.lower() in _SHEETS and found.get(table):
                    marked = raw / f"marked-{path.name}"
                    told = found[table]
                    faults += mark(path, marked, told, table=table, only_rejected=only_rejected)
                    archive.write(marked, _back_as(path))
    return faults


def _back_as(path: Path) -> str:
    return f"{path.stem}.csv" if path.suffix == ".parquet" else path.name

"""From a file's rows to records, faults and findings.

A council's own file must be right: what is wrong is a fault, and nothing is settled. A provider's
row that cannot be read is kept out, becomes a finding, and the run goes on.

Source: settlement §2.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from carethread.engine import units
from carethread.engine.findings import found
from carethread.engine.records import Fault, Finding
from carethread.engine.words import Kind, Status
from carethread.formats.settlement import values
from carethread.formats.settlement.files import CsvFile, Row, TableFile, Unreadable
from carethread.formats.settlement.headers import Places, header_faults, nearly, places, unknown_columns
from carethread.formats.settlement.layouts import Layout, Wrong
from carethread.formats.settlement.parquet import ParquetFile

Progress = Callable[[str, float], None]
"""(file, how much of it has been read, from 0 to 1) -> None."""
_REPORT_EVERY = 5_000


@dataclass(slots=True)
class TableRead:
    """What came out of one file: its records, what is wrong with it, how many rows it had."""

    file: str = ""
    is_there: bool = False
    records: list[Any] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rows: int = 0


def read_table(layout: Layout, folder: Path, progress: Progress) -> TableRead:
    """Read a table's file, in whatever format it is there."""
    result = TableRead()

    def take(path: Path, table: TableFile) -> None:
        columns = places(layout, table)
        for row in table.rows():
            cells = read_row(layout, columns, row, len(table.columns), result)
            if cells is not None:
                result.records.append(layout.build(row.number, cells))
            if result.rows % _REPORT_EVERY == 0:
                progress(path.name, table.part_read())

    read_file(layout, folder, progress, result, take)
    return result


def read_file(
    layout: Layout,
    folder: Path,
    progress: Progress,
    result: TableRead,
    take: Callable[[Path, TableFile], None],
) -> None:
    """Find and open a table's file; let `take` have its rows if its header is right.

    What is wrong with the file, but not with one of its rows, goes to `result`.
    """
    path = _find(layout, folder, result)
    if path is None:
        return
    try:
        with closing(_open(path)) as table:
            result.findings += unknown_columns(layout, table, result.file)
            result.faults += header_faults(layout, table, result.file)
            if not result.faults:
                take(path, table)
    except Unreadable as unreadable:
        result.faults.append(unreadable.fault)
    except OSError as error:
        say = f"the file cannot be opened: {error.strerror}"
        result.faults.append(Fault(path.name, None, "", say))
    progress(path.name, 1.0)


def _open(path: Path) -> TableFile:
    return ParquetFile(path) if path.suffix == ".parquet" else CsvFile(path)


def _find(layout: Layout, folder: Path, result: TableRead) -> Path | None:
    """Find the table's file; there must be one where it is required, and never two."""
    result.file = f"{layout.table}.csv"
    there = [folder / f"{layout.table}.{ending}" for ending in ("csv", "parquet")]
    there = [path for path in there if path.exists()]
    if len(there) > 1:
        say = f"{layout.table}.csv and {layout.table}.parquet are both there; remove one"
        result.faults.append(Fault(result.file, None, "", say))
    elif not there and layout.required:
        result.faults.append(
            Fault(result.file, None, "", f"the file is missing{_instead(layout, folder)}")
        )
    if len(there) != 1:
        return None
    result.file = there[0].name
    result.is_there = True
    return there[0]


def _instead(layout: Layout, folder: Path) -> str:
    """Say which file of the folder may be meant."""
    if (folder / "run.json").exists():
        return "; the folder holds a settlement that carethread wrote, not what goes into one"
    if (folder / "buckets.json").exists():
        return "; the folder is split into buckets, which only carethread settle reads"
    near = [path.name for path in sorted(folder.iterdir()) if nearly(path.stem, [layout.table])]
    return f"; is it {near[0]}? Save it as {layout.table}.csv" if near else ""


def read_row(
    layout: Layout, columns: Places, row: Row, width: int, result: TableRead
) -> dict[str, Any] | None:
    """Read the cells of one row that is not blank, or note why it cannot be read."""
    result.rows += 1
    cells: dict[str, Any] = {}
    changed: list[str] = []
    wrong: list[Wrong] = []
    if len(row.cells) != width:
        wrong.append(("", f"the row has {len(row.cells)} cells, the header {width}"))
    else:
        wrong += _read_cells(columns, row.cells, cells, changed)
        wrong += layout.misfits(cells)
    if wrong:
        _note_bad_row(layout, row, wrong, cells, result)
        return None
    for name in changed:
        result.findings.append(_clock_change(layout, row, name, cells, result.file))
    return cells


def _read_cells(
    columns: Places, texts: Sequence[str], cells: dict[str, Any], changed: list[str]
) -> Iterator[Wrong]:
    """Read the cells of a row; yield what is wrong, note what the clock change decided.

    A cell that cannot be read is left out of `cells`.
    """
    for column, place in columns:
        name, text = column.name, texts[place] if place is not None else ""
        if name in IGNORED_WHEN_CANCELLED and cells.get("status") is Status.CANCELLED:
            text = ""
        if not text:
            if column.cell_required:
                yield name, "is empty"
            else:
                cells[name] = column.default
            continue
        try:
            value: Any = column.read(text)
        except ValueError as error:
            yield name, str(error)
            continue
        if column.read is values.moment:
            value, is_changed = value
            changed += [name] if is_changed else []
        cells[name] = value


IGNORED_WHEN_CANCELLED = frozenset({"check_in", "check_out"})
"""Source: settlement §2, `visits.csv`: a cancelled row's clocks are ignored."""


def _note_bad_row(
    layout: Layout, row: Row, wrong: Sequence[Wrong], cells: dict[str, Any], result: TableRead
) -> None:
    if layout.council:
        result.faults += [Fault(result.file, row.number, column, say) for column, say in wrong]
        return
    say = "; ".join(f"{column}: {what}" if column else what for column, what in wrong)
    subject = cells.get(layout.subject) or ""
    finding = found(Kind.BAD_ROW, say, subject=subject, table=result.file, row=row.number)
    result.findings.append(finding)


def _clock_change(layout: Layout, row: Row, name: str, cells: dict[str, Any], file: str) -> Finding:
    say = f"{name} was read as {units.iso(cells[name])}"
    return found(Kind.CLOCK_CHANGE, say, subject=cells[layout.subject], table=file, row=row.number)

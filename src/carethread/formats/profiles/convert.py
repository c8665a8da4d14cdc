"""A file of another system, by its profile, into the file of the contract that it stands for.

Row by row: size costs no memory, but where a profile makes keys it remembers a digest of each row.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from carethread.engine.records import Fault
from carethread.formats.profiles.records import Profile
from carethread.formats.profiles.rules import Context, Unfit
from carethread.formats.settlement import values
from carethread.formats.settlement.files import CsvFile, CsvRows, TableFile, Unreadable, inert
from carethread.formats.settlement.headers import header_faults
from carethread.formats.settlement.layouts import Column, Layout
from carethread.formats.settlement.parquet import ParquetFile

_NAMED = 20
"""So many known codes are listed for an unknown one."""


def convert(profile: Profile, source: Path, out: Path) -> Iterator[Fault]:
    """Write the contract's file and yield what is wrong with theirs, in their words and columns.

    A row that cannot be converted is left out; the others keep their row numbers: a line stays empty
    for each that was left out. A file that cannot be read to its end has its fault and leaves no file
    `out`. Otherwise the file is complete when the last fault has been yielded.
    """
    try:
        table = _open(source)
    except Unreadable as unreadable:
        yield unreadable.fault
        return
    except OSError as error:
        yield Fault(source.name, None, "", f"the file cannot be opened: {error.strerror}")
        return
    with closing(table):
        faults = list(header_faults(_theirs(profile), table, source.name))
        yield from faults
        if not faults:
            yield from _written(profile, table, source.name, out)


def _written(profile: Profile, table: TableFile, file: str, out: Path) -> Iterator[Fault]:
    try:
        with out.open("w", encoding="utf-8", newline="") as opened:
            yield from _rows(profile, table, file, _Lines(CsvRows(opened)))
    except Unreadable as unreadable:
        out.unlink()
        yield unreadable.fault


def _open(source: Path) -> TableFile:
    return ParquetFile(source) if source.suffix == ".parquet" else CsvFile(source)


def _theirs(profile: Profile) -> Layout:
    """Return their table as a layout, for what can be wrong with a header."""
    columns = [
        Column(name, values.text, column_required=True, cell_required=False) for name in profile.needs
    ]
    return Layout(
        table=profile.name,
        council=profile.layout.council,
        required=True,
        subject="",
        columns=tuple(columns),
        misfits=lambda _cells: iter(()),
        build=lambda _row, cells: cells,
    )


class _Lines:
    """Writes rows each on its own line of a CSV file."""

    def __init__(self, rows: CsvRows) -> None:
        self._rows = rows
        self._line = 0

    def write(self, number: int, cells: list[str]) -> None:
        """Write a row on the line of this number; the lines before it stay empty."""
        while self._line < number - 1:
            self._rows.write([])
            self._line += 1
        self._rows.write([inert(" ".join(cell.splitlines())) for cell in cells])
        self._line += 1


def _rows(profile: Profile, table: TableFile, file: str, lines: _Lines) -> Iterator[Fault]:
    context = Context(profile.dates, profile.needs)
    lines.write(1, list(profile.columns))
    for row in table.rows():
        if len(row.cells) != len(table.columns):
            say = f"the row has {len(row.cells)} cells, the header {len(table.columns)}"
            yield Fault(file, row.number, "", say)
            continue
        faults: list[Fault] = []
        cells = _converted(profile, dict(zip(table.columns, row.cells, strict=True)), context, faults)
        yield from (Fault(file, row.number, fault.column, fault.message) for fault in faults)
        if not faults:
            lines.write(row.number, cells)


def _converted(
    profile: Profile, row: Mapping[str, str], context: Context, faults: list[Fault]
) -> list[str]:
    """Return our cells of a row of theirs; note each cell that cannot be converted, once."""
    cells = []
    for name, rule in profile.columns.items():
        try:
            value = rule.of(row, context)
            if name in profile.codes:
                value = _ours(value, profile.codes[name], rule.needs)
            cells.append(value)
        except Unfit as unfit:
            fault = Fault("", None, unfit.column, unfit.say)
            faults += [fault] if fault not in faults else []
    return cells


def _ours(code: str, codes: Mapping[str, str], needs: tuple[str, ...]) -> str:
    """Return what their code means."""
    if code in codes or not code:
        return codes.get(code, "")
    known = [values.quoted(one) for one in sorted(codes)]
    shown = ", ".join(known[:_NAMED]) or "none"
    more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
    say = f"code {values.quoted(code)} is not known; known are {shown}{more}"
    raise Unfit(needs[0] if needs else "", say)

"""What was sent, as the contract's files in a folder: workbooks, zips, other systems' layouts."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from carethread.engine.records import Fault
from carethread.formats.books.layouts import LAYOUTS as OF_BOOKS
from carethread.formats.profiles.convert import convert
from carethread.formats.profiles.records import Profile
from carethread.formats.settlement.contracts import FILE as CONTRACTS_FILE
from carethread.formats.settlement.files import CsvFile, TableFile, Unreadable
from carethread.formats.settlement.headers import nearly
from carethread.formats.settlement.layouts import INVOICES, PLANNED, RATES, SUSPENSIONS, Layout
from carethread.formats.settlement.parquet import ParquetFile
from carethread.formats.sheets.receive import receive
from carethread.interchange.imports.told import Told, of_faults
from carethread.interchange.imports.words import Code

TABLES: Mapping[str, Layout] = {
    layout.table: layout for layout in (*OF_BOOKS, RATES, SUSPENSIONS, PLANNED, INVOICES)
}
"""Every table that can be imported, beside `contracts.toml`."""
CONTRACTS = CONTRACTS_FILE.removesuffix(".toml")
_ENDINGS = (".csv", ".parquet")


@dataclass(slots=True)
class Unpacked:
    """The files of a batch as the contract has them.

    columns: by table, the columns that its file has. left_out: by table, the rows that could not even
    be put into the contract's layout. has_contracts: `contracts.toml` is there.
    """

    folder: Path
    columns: dict[str, frozenset[str]] = field(default_factory=dict)
    left_out: dict[str, set[int]] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    has_contracts: bool = False

    def tell(self, table: str, faults: list[Fault]) -> None:
        """Note what is wrong with a table's rows that were left out, or with its whole file."""
        found = of_faults(table, faults)
        self.told += found
        rows = {one.row for one in found if one.code is Code.UNREADABLE_ROW and one.row is not None}
        self.left_out.setdefault(table, set()).update(rows)


def unpack(sent: Path, table: str, profile: Profile | None) -> Unpacked:
    """Put a batch's file into a folder beside it, in the contract's layout."""
    raw, folder = sent.parent.with_name("raw"), sent.parent.with_name("tables")
    raw.mkdir()
    folder.mkdir()
    found = Unpacked(folder)
    faults = receive(sent, raw, CONTRACTS if table == CONTRACTS else table)
    _name(raw, table)
    if profile is None:
        for path in sorted(raw.iterdir()):
            path.rename(folder / path.name)
    else:
        _convert(raw, profile, found)
    _tell_of_receiving(found, faults, sent.name)
    for path in sorted(folder.iterdir()):
        _open(path, found)
    return found


def _tell_of_receiving(found: Unpacked, faults: list[Fault], name: str) -> None:
    """Note the faults of taking the file apart, each with the table whose file it names."""
    tables = {path.stem for path in found.folder.iterdir()}
    only = next(iter(tables)) if len(tables) == 1 else ""
    for fault in faults:
        stem = fault.file.rsplit(".", 1)[0]
        found.tell(stem if stem in tables and fault.file != name else only, [fault])


def _name(raw: Path, table: str) -> None:
    """Give files whose name is no table's the name of the table that their columns are of."""
    for path in sorted(raw.iterdir()):
        if table and path.suffix in (*_ENDINGS, ".toml"):
            meant: str | None = table
        elif path.suffix == ".toml":
            meant = CONTRACTS if len(list(raw.iterdir())) == 1 else path.stem
        elif path.stem in TABLES or path.suffix not in _ENDINGS:
            continue
        else:
            meant = _by_columns(path)
        if meant and meant != path.stem and not (raw / f"{meant}{path.suffix}").exists():
            path.rename(raw / f"{meant}{path.suffix}")


def table_named_by(path: Path) -> str | None:
    """Return the table that a file is of: by its name, or else by its columns."""
    if path.stem in TABLES:
        return path.stem
    return _by_columns(path) if path.suffix in _ENDINGS else None


def _by_columns(path: Path) -> str | None:
    """Return the one table that a file has all the columns of."""
    try:
        with closing(_table(path)) as table:
            columns = set(table.columns)
    except (Unreadable, OSError):
        return None
    fitting = {
        layout.table: len(columns & {column.name for column in layout.columns})
        for layout in TABLES.values()
        if {column.name for column in layout.columns if column.column_required} <= columns
    }
    most = max(fitting.values(), default=0)
    best = [table for table, count in fitting.items() if count == most]
    return best[0] if len(best) == 1 else None


def _table(path: Path) -> TableFile:
    return ParquetFile(path) if path.suffix == ".parquet" else CsvFile(path)


def _convert(raw: Path, profile: Profile, found: Unpacked) -> None:
    """Turn the one file of another system into the contract's."""
    paths = [path for path in sorted(raw.iterdir()) if path.suffix in _ENDINGS]
    if len(paths) != 1:
        say = f"profile {profile.name} reads one file; {len(paths)} were sent"
        found.told.append(Told("", None, "", Code.UNREADABLE_FILE, say))
        return
    found.tell(profile.table, list(convert(profile, paths[0], found.folder / f"{profile.table}.csv")))


def _open(path: Path, found: Unpacked) -> None:
    """Take note of a file of the folder, or that it is none of ours."""
    if path.name == CONTRACTS_FILE:
        found.has_contracts = True
    elif path.stem in TABLES and path.suffix in _ENDINGS:
        try:
            with closing(_table(path)) as table:
                found.columns[path.stem] = frozenset(table.columns)
        except Unreadable as unreadable:
            found.tell(path.stem, [unreadable.fault])
    else:
        found.told.append(_not_read(path.name))


def _not_read(name: str) -> Told:
    meant = nearly(name.rsplit(".", 1)[0], [*TABLES, CONTRACTS])
    say = f"{name} was not read: its name is no table's, and its columns are no one table's"
    if meant is not None:
        say += f"; did you mean {meant}?"
    return Told("", None, "", Code.NOT_READ, say)

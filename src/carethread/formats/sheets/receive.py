"""A file that was sent, by what is in it and not by its name, into the files of a folder."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from carethread.engine.records import Fault
from carethread.formats.books import layouts as books
from carethread.formats.settlement import layouts as contract
from carethread.formats.sheets import workbooks, zips

TABLES = frozenset(layout.table for layout in (*contract.LAYOUTS, *books.LAYOUTS))
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PARQUET = b"PAR1"
_OLD = b"\xd0\xcf\x11\xe0"
_WORKBOOK = "xl/workbook.xml"
_OTHER_SHEETS = {"xl/workbook.bin": "an .xlsb workbook", "content.xml": "an OpenDocument sheet"}


def receive(source: Path, folder: Path, table: str = "") -> list[Fault]:
    """Put what was sent into a folder as CSV, Parquet and TOML; return what is wrong with it.

    A file that is one table becomes `table`, or is named as it was sent. A workbook with sheets named
    as tables, sent without a `table`, becomes all of them. A fault with a row is that row's, which is
    left out of the file; one without a row keeps the file out. Of a workbook with several tables, a
    fault names the table's file.
    """
    try:
        with source.open("rb") as file:
            begins = file.read(len(_OLD))
    except OSError as error:
        return [Fault(source.name, None, "", f"the file cannot be opened: {error.strerror}")]
    if begins.startswith(_OLD):
        say = "is an old .xls workbook, or has a password; save it as .xlsx without one"
        return [Fault(source.name, None, "", f"the file {say}")]
    if begins.startswith(_ZIP):
        return _zipped(source, folder, table)
    ending = ".parquet" if begins == _PARQUET else ".toml" if source.suffix == ".toml" else ".csv"
    shutil.copyfile(source, folder / f"{table or source.stem}{ending}")
    return []


def _zipped(source: Path, folder: Path, table: str) -> list[Fault]:
    members = zips.names(source)
    if _WORKBOOK in members:
        return _workbook(source, folder, table)
    for name, what in _OTHER_SHEETS.items():
        if name in members:
            return [Fault(source.name, None, "", f"the file is {what}; save it as .xlsx or CSV")]
    faults = zips.unpack(source, folder)
    if not faults:
        for path in sorted(folder.iterdir()):
            faults += _unpacked(path, folder) if path.suffix.lower() == ".xlsx" else []
    return faults


def _unpacked(path: Path, folder: Path) -> list[Fault]:
    """Put a workbook that came in a zip in its place."""
    if (folder / f"{path.stem}.csv").exists():
        say = f"{path.name} and {path.stem}.csv are both there; send one"
        return [Fault(path.name, None, "", say)]
    faults = _workbook(path, folder, path.stem)
    path.unlink()
    return faults


def _workbook(source: Path, folder: Path, table: str) -> list[Fault]:
    names, faults = workbooks.sheet_names(source)
    if faults:
        return faults
    tables = [table] if table else _tables(names) or [source.stem]
    for one in tables:
        found = workbooks.to_csv(source, one, folder / f"{one}.csv")
        faults += found if len(tables) == 1 else [replace(fault, file=f"{one}.csv") for fault in found]
    return faults


def _tables(names: Sequence[str]) -> list[str]:
    """Return the tables that a workbook has a sheet for."""
    return sorted({name.strip().casefold() for name in names} & TABLES)

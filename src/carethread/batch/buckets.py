"""A settlement folder split by ranges of persons into buckets, each of which can be settled alone.

A bucket holds its persons' rows as they were read, with the numbers they have in their files. All that
concerns the whole folder is settled here: faults, rows that cannot be read, versions of a visit id that
several buckets have, invoice lines that are there twice. What a bucket has to know of another's visits
is copied to it (`witnesses`).

Source: settlement §2, §4.5, §7; issue 3, item 3.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from carethread.batch.crossing import Each, Entangled, InvoicesSeen, Places, VisitsSeen
from carethread.batch.dealing import (
    Dealer,
    UnableToDeal,
    buckets_of,
    cuts,
    deal_out,
    visits_of_persons,
)
from carethread.batch.stored import ENDING, arrow, columns_of, read, write
from carethread.batch.witnesses import copy_witnesses
from carethread.engine.columns.arrays import Ints, Texts
from carethread.engine.columns.build import Book, NeedsReference, build
from carethread.engine.columns.found import finding_columns, noted, recorded
from carethread.engine.columns.given import Tables, tables_of
from carethread.engine.columns.merge import rows
from carethread.engine.records import Fault, Finding, Inputs, Period
from carethread.formats.settlement.bulk import BulkTable, read_bulk
from carethread.formats.settlement.contracts import FILE as CONTRACTS
from carethread.formats.settlement.layouts import LAYOUTS
from carethread.formats.settlement.read_tables import (
    TablesReading,
    reading_of,
    rows_with,
    unrepeated,
)
from carethread.formats.settlement.reading import Progress
from carethread.kit.threads import in_turn, threads

__all__ = ["Buckets", "Entangled", "Made", "NeedsReference", "make_buckets", "usual_count", "visits_in"]
FILE = "buckets.json"
FINDINGS = f"findings{ENDING}"
FORMAT = 2
"""Another number for another layout of the buckets' files."""
USUAL = 300_000
"""About how many visits a bucket has: settling one takes about two hundred megabytes."""
MOST_BUCKETS = 400
"""More would be small, and each costs some time whatever its size."""
_BYTES_A_VISIT = 150
"""Of CSV."""
Doing = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Buckets:
    """What `buckets.json` says: into how many buckets a folder is split, and what it was.

    join_gap_minutes: the largest for which the buckets hold what they need. files: the file name of
    each table. rows, sha256: of each file. visits: how many rows each bucket has. sizes: the bytes
    of each file of the buckets. came: the first and last check-in, minutes since 1970.
    """

    join_gap_minutes: int
    files: Mapping[str, str]
    rows: Mapping[str, int]
    sha256: Mapping[str, str]
    visits: Sequence[int]
    sizes: Mapping[str, int]
    came: tuple[int, int] | None
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Made:
    """What came of splitting a folder: buckets, or the faults that forbid it."""

    faults: Sequence[Fault] = ()
    buckets: Buckets | None = None


def visits_in(folder: Path) -> int:
    """Return about how many visits a folder has, without reading them."""
    from pyarrow import parquet  # noqa: PLC0415

    path = folder / "visits.parquet"
    if path.exists():
        try:
            return int(parquet.read_metadata(path).num_rows)
        except (pa.ArrowException, OSError):
            return 0
    path = folder / "visits.csv"
    return path.stat().st_size // _BYTES_A_VISIT if path.exists() else 0


def usual_count(visits: int) -> int:
    """Return into how many buckets so many visits are best split."""
    return max(1, min(MOST_BUCKETS, round(visits / USUAL)))


def make_buckets(folder: Path, out: Path, count: int, reading: Progress, doing: Doing) -> Made:
    """Split a folder into at most so many buckets, in a folder that is empty or not there.

    Raises:
        Entangled: if too much crosses from person to person.
        NeedsReference: if the compiled engine cannot settle the folder.
        OSError: if the disk refuses.
    """
    visits = visits_of_persons(folder, _as_doing(doing, "Counting"))
    making = _Making(folder, out, cuts(visits, count))
    try:
        return making.make(reading, doing)
    except UnableToDeal as error:
        raise error.__cause__ or error from None
    finally:
        shutil.rmtree(making.sorting, ignore_errors=True)


class _Making:
    """The buckets of a folder, being made."""

    def __init__(self, folder: Path, out: Path, firsts: Sequence[str]) -> None:
        self._folder, self._out = folder, out
        self._of_persons = partial(buckets_of, firsts)
        self._buckets = [out / f"{place:04d}" for place in range(len(firsts) + 1)]
        self.sorting = out / "sorting"
        for path in (*self._buckets, self.sorting):
            path.mkdir(parents=True)
        self._visits, self._invoices = VisitsSeen(self.sorting), InvoicesSeen(self.sorting)

    def make(self, progress: Progress, doing: Doing) -> Made:
        with ExitStack() as stack:
            each = in_turn(stack.enter_context(ThreadPoolExecutor(threads())), threads())
            other = ThreadPoolExecutor(1)
            stack.callback(other.shutdown, cancel_futures=True)
            files = _files(self._folder)
            digests = other.map(_sha256, files)
            bulk, dealers = self._read(progress, _as_doing(doing, "Dealing out"))
            reading = reading_of(bulk, self._folder)
            if reading.faults:
                return Made(reading.faults)
            doing(_LOOKING, 0, 4)
            own = self._settle_between(reading, bulk, dealers["visits"].shelf.rows, each)
            gap = reading.tables.settings.join_gap_minutes
            doing(_LOOKING, 1, 4)
            log_ins = self._visits.overlapping(gap, dealers["visits"].bucket_of_code, each)
            doing(_LOOKING, 2, 4)
            named = self._visits.named(self._invoices, each)
            doing(_LOOKING, 3, 4)
            copy_witnesses(self._buckets, log_ins, named, own, each)
            made = Buckets(
                join_gap_minutes=gap,
                files=reading.tables.files,
                rows=reading.rows,
                sha256={path.name: one for path, one in zip(files, digests, strict=True)},
                visits=own.tolist(),
                sizes=sizes(self._out),
                came=self._visits.came,
            )
        for name in (CONTRACTS, bulk["rates"].file):
            shutil.copyfile(self._folder / name, self._out / name)
        (self._out / FILE).write_text(json.dumps(asdict(made), indent=1) + "\n", encoding="utf-8")
        return Made(buckets=made)

    def _read(
        self, reading: Progress, dealing: Progress
    ) -> tuple[dict[str, BulkTable], dict[str, Dealer]]:
        """Read all files; deal out their rows, but for the rates."""
        bulk: dict[str, BulkTable] = {}
        dealers: dict[str, Dealer] = {}
        with ExitStack() as stack:
            for layout in LAYOUTS:
                dealer = self._dealer(layout.table, bulk)
                if dealer is not None:
                    stack.callback(dealer.close)
                    dealers[layout.table] = dealer
                progress = reading if dealer is None else dealing
                one = bulk[layout.table] = read_bulk(layout, self._folder, progress, dealer)
                columns = {**one.columns, "numbers": one.numbers}
                if dealer is not None:
                    dealer.finish(columns)
                elif layout.table != "rates":
                    deal_out(self._buckets, layout.table, columns, _PERSON, self._of_persons)
        return bulk, dealers

    def _dealer(self, table: str, bulk: Mapping[str, BulkTable]) -> Dealer | None:
        """Return who deals out the rows of a table that may be larger than memory."""
        match table:
            case "visits":
                return Dealer(self._buckets, table, _PERSON, self._of_persons, self._visits)
            case "invoices":
                return Dealer(self._buckets, table, _PERSON, self._of_persons, self._invoices)
            case "planned":
                of_orders = partial(self._of_orders, bulk["orders"].columns)
                return Dealer(self._buckets, table, "order_id", of_orders)
        return None

    def _of_orders(self, orders: Mapping[str, Any], ids: Iterable[str]) -> Ints:
        """Return the bucket of each order's person; the first one's where there is no such order."""
        rows = rows_with(Texts.of(ids), orders["order_id"])
        persons = orders[_PERSON]
        of_rows = self._of_persons(persons.vocabulary.to_list())[persons.codes]
        return np.append(of_rows, np.int32(0))[rows]

    def _settle_between(
        self,
        reading: TablesReading,
        bulk: Mapping[str, BulkTable],
        dealt: NDArray[np.int64],
        each: Each,
    ) -> NDArray[np.int64]:
        """Settle what buckets cannot; return how many visits each one is left with."""
        tables = reading.tables
        _refuse_odd_orders(tables.orders["order_id"])
        sharing = self._visits.sharing(each)
        book = _versions(self._rows("visits", sharing), tables)
        superseded = _with_numbers(sharing, book.visit_row[book.visits.state != 0])
        self._leave_out("visits", superseded)

        repeated = self._invoices.repeated(each)
        columns = self._rows("invoices", repeated)
        lines = replace(bulk["invoices"], numbers=columns.pop("numbers"), columns=columns)
        said = unrepeated(lines)[1]
        same = np.array([one.row for one in said], np.int32)
        self._leave_out("invoices", _with_numbers(repeated, same))
        self._write_findings(tables, book, said)
        return dealt - np.bincount(superseded.bucket, minlength=len(self._buckets))

    def _write_findings(self, tables: Tables, book: Book, more: Sequence[Finding]) -> None:
        """Write what was found, but for the rates, which are read again when buckets are settled."""
        files = tables.files
        findings = [one for one in tables.findings if one.file != files["rates"]]
        findings += [*book.findings, *more]
        names = sorted({*files.values(), *(one.file for one in findings)} - {*files})
        places = {name: place for place, name in enumerate(names)}
        places |= {table: places[name] for table, name in files.items()}
        parts = [noted(book, book.found, None, places), recorded(findings, places)]
        write(self._out / FINDINGS, arrow(finding_columns(parts, names)))

    def _rows(self, table: str, places: Places) -> dict[str, Any]:
        """Return some rows of a table, in the order of the file."""
        found = []
        for bucket in np.unique(places.bucket).tolist() or [0]:
            whole = read(self._buckets[bucket] / f"{table}{ENDING}")
            found.append(whole.filter(np.isin(whole["numbers"].to_numpy(), places.number)))
        columns = columns_of(pa.concat_tables(found))
        return rows(columns, np.argsort(columns["numbers"]))

    def _leave_out(self, table: str, places: Places) -> None:
        """Take rows out of the buckets."""
        for bucket in np.unique(places.bucket).tolist():
            path = self._buckets[bucket] / f"{table}{ENDING}"
            whole = read(path)
            write(path, whole.filter(~np.isin(whole["numbers"].to_numpy(), places.number)))


_PERSON = "person_id"
_LOOKING = "Looking across buckets"


def _as_doing(doing: Doing, word: str) -> Progress:
    """Return progress of reading as a step of another name."""
    return lambda file, part: doing(f"{word} {file}", round(1000 * part), 1000)


def sizes(folder: Path) -> dict[str, int]:
    """Return the bytes of each file of the buckets in a folder."""
    paths = [*folder.glob(f"*{ENDING}"), *folder.glob(f"[0-9]*/*{ENDING}")]
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in sorted(paths)}


def _versions(visits: Mapping[str, Any], tables: Tables) -> Book:
    """Settle the versions of visits, as for a folder that holds nothing else."""
    nothing = tables_of(Inputs(orders=(), visits=(), rates=(), contracts=(), settings=tables.settings))
    return build(replace(nothing, visits=visits), Period(_ANY_DAY, _ANY_DAY))


_ANY_DAY = date(2000, 1, 1)


def _with_numbers(places: Places, numbers: Ints) -> Places:
    is_one = np.isin(places.number, numbers)
    return Places(places.bucket[is_one], places.number[is_one])


def _refuse_odd_orders(ids: Texts) -> None:
    """Refuse orders whose line ids the compiled engine cannot tell from others."""
    if (ids.data == ord("|")).any() or rows_with(Texts.of(["visit"]), ids)[0] >= 0:
        raise NeedsReference


def _files(folder: Path) -> list[Path]:
    """Return the files that a settlement folder is made of."""
    names = [CONTRACTS, *(f"{one.table}.{ending}" for one in LAYOUTS for ending in ("csv", "parquet"))]
    return [path for path in (folder / name for name in names) if path.is_file()]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

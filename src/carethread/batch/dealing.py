"""Rows of a table dealt out to the files of its buckets, while the table is read."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from carethread.batch.stored import ENDING, Columns, append, arrow
from carethread.engine.columns.arrays import Coded, Ints, Longs, Texts, fixed
from carethread.engine.columns.crossing import renumbered
from carethread.engine.columns.dealt import moved, ways
from carethread.engine.columns.texts import gather, joined
from carethread.formats.settlement.bulk import Taker
from carethread.formats.settlement.bulk_batches import UNSURE, Cut, clean, csv_batches
from carethread.formats.settlement.bulk_columns import Growing, Piece
from carethread.formats.settlement.files import TableFile
from carethread.formats.settlement.headers import places
from carethread.formats.settlement.layouts import VISITS
from carethread.formats.settlement.parquet import ParquetFile, as_text
from carethread.formats.settlement.reading import Progress, TableRead, read_file


class Notice(Protocol):
    """Sees all rows while they are dealt out."""

    def forget(self) -> None:
        """Forget the rows seen: they come again."""

    def see(self, numbers: Ints, columns: Columns, buckets: Ints) -> None:
        """See some rows: their numbers, their columns, and to which bucket each goes."""


_KEY = "person_id"


class UnableToDeal(Exception):
    """A bucket's file could not be written; the cause says why."""


def visits_of_persons(folder: Path, progress: Progress) -> Counter[str]:
    """Count some of the rows of visits by person: what can be read at sight, to see where to cut."""
    visits: Counter[str] = Counter()

    def take(path: Path, table: TableFile) -> None:
        place = next(place for column, place in places(VISITS, table) if column.name == _KEY)
        assert place is not None
        look = _some_of_parquet if isinstance(table, ParquetFile) else _some_of_csv
        try:
            for texts, part_read in look(path, len(table.columns), place):
                visits.update(texts)
                progress(path.name, part_read)
        except UNSURE:
            pass  # some are counted, and those that are not fall in somewhere

    read_file(VISITS, folder, progress, TableRead(), take)
    return Counter({text: count for cell, count in visits.items() if (text := clean(cell or ""))})


_COUNTED = 500_000
"""About how many rows are counted, spread over the file."""
_BYTES_A_ROW = 150
_Some = Iterator[tuple[Iterable[Any], float]]
"""Cells, and how much of the file has been read."""


def _some_of_csv(path: Path, width: int, place: int) -> _Some:
    step = 1 + path.stat().st_size // _BYTES_A_ROW // _COUNTED
    for batch in csv_batches(path, width, [place]):
        cut = batch.columns[place]
        some = Cut(cut.data, cut.begins[::step], cut.ends[::step])
        yield some.arrow().to_pylist(), batch.part_read


def _some_of_parquet(path: Path, _width: int, place: int) -> _Some:
    name = pq.read_schema(path).names[place]
    with pq.ParquetFile(path, read_dictionary=[name]) as file:
        rows, done = file.metadata.num_rows, 0
        step = 1 + rows // _COUNTED
        for batch in file.iter_batches(1 << 17, columns=[name], use_threads=False):
            done += batch.num_rows
            yield as_text(batch.column(0).take(pa.array(range(0, batch.num_rows, step)))), done / rows


def cuts(visits: Mapping[str, int], count: int) -> list[str]:
    """Return the first person of each bucket but the first, so that all have about as many visits.

    >>> cuts({"a": 5, "b": 1, "c": 3, "d": 3}, 3)
    ['b', 'd']
    """
    firsts, done, bucket = [], 0, 1
    total = sum(visits.values())
    for person in sorted(visits):
        if done * count >= total * bucket:
            firsts.append(person)
            bucket = done * count // total + 1
        done += visits[person]
    return firsts


def buckets_of(firsts: Sequence[str], persons: Iterable[str]) -> Ints:
    """Return the bucket of each person."""
    return np.array([bisect_right(firsts, person) for person in persons], np.int32)


class Shelf:
    """The files of one table, one in each bucket."""

    def __init__(self, buckets: Sequence[Path], name: str) -> None:
        """Have no rows yet, and no files."""
        self._paths = [bucket / f"{name}{ENDING}" for bucket in buckets]
        self.rows = np.zeros(len(buckets), np.int64)
        for path in self._paths:
            path.unlink(missing_ok=True)

    def deal(self, columns: Columns, buckets: Ints) -> None:
        """Write each row into the file of its bucket."""
        begin, to = ways(fixed(buckets, np.int32), len(self._paths))
        cut = {name: _ready(cells, begin) for name, cells in moved(columns, to).items()}
        for bucket in np.flatnonzero(np.diff(begin)).tolist():
            append(self._paths[bucket], arrow({name: cells(bucket) for name, cells in cut.items()}))
        self.rows += np.diff(begin)

    def finish(self, columns: Columns) -> None:
        """Give every bucket a file, if only of the table's columns without rows."""
        nothing = arrow({name: _emptied(cells) for name, cells in columns.items()})
        for path in self._paths:
            if not path.exists():
                append(path, nothing)


def _emptied(cells: Any) -> Any:
    return type(cells).of([]) if isinstance(cells, Texts | Coded) else cells[:0]


def _ready(cells: Any, begin: Longs) -> Callable[[int], Any]:
    """Return what gives the cells from one place in `begin` to the next."""
    if isinstance(cells, Texts):
        return lambda at: Texts(cells.offsets[begin[at] : begin[at + 1] + 1], cells.data)
    if not isinstance(cells, Coded):
        return lambda at: cells[begin[at] : begin[at + 1]]
    codes, old, begins = renumbered(cells.codes, begin, len(cells.vocabulary))
    used = gather(cells.vocabulary, old)
    return lambda at: Coded(
        codes[begin[at] : begin[at + 1]],
        Texts(used.offsets[begins[at] : begins[at + 1] + 1], used.data),
    )


class Dealer(Taker):
    """Deals a table's rows out by what one of their cells says, some while more are read."""

    def __init__(
        self,
        buckets: Sequence[Path],
        table: str,
        key: str,
        buckets_of_texts: Callable[[Sequence[str]], Ints],
        notice: Notice | None = None,
    ) -> None:
        """Deal by the texts of the column `key`; `notice` is shown all rows too."""
        self._buckets, self._table, self._key = buckets, table, key
        self._buckets_of_texts = buckets_of_texts
        self._notice = notice
        self._pool = ThreadPoolExecutor(1)
        self._pending: Future[None] | None = None
        self.shelf = Shelf(buckets, table)
        self.start()

    def start(self) -> None:
        """Begin anew."""
        self._wait()
        self._pending = None
        if self._notice is not None:
            self._notice.forget()
        self.shelf = Shelf(self._buckets, self._table)
        self._vocabularies: dict[str, Texts] = {}
        self.bucket_of_code = np.zeros(0, np.int32)

    def take(self, numbers: Ints, columns: Mapping[str, Piece]) -> None:
        """Deal some rows out, when those before them have been."""
        held = {name: self._held(name, piece) for name, piece in columns.items()}
        self._wait()
        self._pending = self._pool.submit(self._deal, numbers, held, self.bucket_of_code)

    def finish(self, columns: Columns) -> None:
        """Deal out what is left; `columns` are the table's, with rows or without."""
        self._wait()
        self.shelf.finish(columns)

    def close(self) -> None:
        """Stop dealing, whatever is left."""
        self._pool.shutdown()

    def _wait(self) -> None:
        try:
            if self._pending is not None:
                self._pending.result()
        except OSError as error:
            raise UnableToDeal from error

    def _held(self, name: str, piece: Piece) -> Any:
        """Return a column with a vocabulary of its own that nobody adds to."""
        if not isinstance(piece, Growing):
            return piece
        known = self._vocabularies.get(name, Texts.of([]))
        new = list(islice(piece.vocabulary, len(known), None))
        if new:
            known = joined([known, Texts.of(new)])
        self._vocabularies[name] = known
        if new and name == self._key:
            self.bucket_of_code = np.concatenate([self.bucket_of_code, self._buckets_of_texts(new)])
        return Coded(piece.codes, known)

    def _deal(self, numbers: Ints, columns: Columns, bucket_of_code: Ints) -> None:
        buckets = bucket_of_code[columns[self._key].codes]
        if self._notice is not None:
            self._notice.see(numbers, columns, buckets)
        self.shelf.deal({**columns, "numbers": numbers}, buckets)


def deal_out(
    buckets: Sequence[Path],
    table: str,
    columns: Columns,
    key: str,
    buckets_of_texts: Callable[[Sequence[str]], Ints],
) -> None:
    """Deal out a table that has been read."""
    of_code = buckets_of_texts(columns[key].vocabulary.to_list())
    shelf = Shelf(buckets, table)
    shelf.deal(columns, of_code[columns[key].codes])
    shelf.finish(columns)

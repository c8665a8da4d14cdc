"""A folder that has been split into buckets, settled bucket by bucket into the settlement of the whole.

`settle_bucket` is the unit of work: from a bucket's tables to columns. `Gathering` puts what comes of
all buckets, in their order, into the files that the whole folder settled at once would have.

Source: settlement §6 and §7; issue 3, item 3.
"""

import json
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import astuple, dataclass, fields, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import pyarrow as pa

from carethread.batch.buckets import FILE, FINDINGS, FORMAT, Buckets, sizes
from carethread.batch.local import write_parts
from carethread.batch.stored import ENDING, Columns, Shelved, columns_of, read
from carethread.batch.witnesses import SUFFIX
from carethread.engine.columns.arrays import Coded
from carethread.engine.columns.clock import local_day
from carethread.engine.columns.found import finding_columns, recorded
from carethread.engine.columns.given import Tables
from carethread.engine.columns.merge import BLOCK, ORDERED_BY, merged, plain, size
from carethread.engine.columns.rota import days_to_date
from carethread.engine.columns.run import Progress, Run
from carethread.engine.faults import rate_faults
from carethread.engine.findings import found
from carethread.engine.records import Fault, Finding, Period
from carethread.engine.results import Digest, Summary, Totals
from carethread.engine.words import Kind
from carethread.formats.settlement.bulk import BulkTable, records
from carethread.formats.settlement.contracts import read_contracts
from carethread.formats.settlement.layouts import RATES, SUSPENSIONS
from carethread.formats.settlement.reading import Progress as Reading
from carethread.formats.settlement.reading import read_table
from carethread.formats.settlement.sink import TableSink
from carethread.formats.settlement.sink import columns_of as columns_of_records
from carethread.formats.settlement.tables import SUMMARY, TABLES, Table
from carethread.kit.threads import in_turn, threads

HELD = 200_000_000
"""About how many bytes of what has to be merged are held in memory."""


class NotBuckets(ValueError):
    """The folder cannot be settled bucket by bucket; the message says what to do."""


@dataclass(frozen=True)
class Bucketed:
    """A bucketed folder, opened: what its buckets share, and the faults that forbid settling it.

    shared: tables without rows. rows, sha256: of each file of the folder that was split, those that
    stand in the bucketed folder as they are now. findings: of reading.
    """

    folder: Path
    buckets: Buckets
    shared: Tables
    faults: Sequence[Fault]
    rows: Mapping[str, int]
    findings: Sequence[Finding]

    @property
    def sha256(self) -> Mapping[str, str]:
        """Return the digests of the files that are no longer here."""
        here = {"contracts.toml", self.shared.files["rates"]}
        return {name: one for name, one in self.buckets.sha256.items() if name not in here}

    def tables(self, place: int) -> tuple[Tables, Collection[str]]:
        """Return a bucket's tables, and which of its persons are witnesses.

        Raises:
            NotBuckets: if the bucket's files are not as they were made.
        """
        folder = self.folder / f"{place:04d}"
        try:
            return self._tables(folder)
        except (OSError, KeyError, pa.ArrowException) as error:
            message = f"bucket {folder} cannot be read ({error}); bucket the folder anew"
            raise NotBuckets(message) from None

    def _tables(self, folder: Path) -> tuple[Tables, Collection[str]]:
        witnesses = _witnesses(folder)
        of = {table: _whole(folder, table) for table in ("orders", "visits", "planned", "suspensions")}
        numbers = of["suspensions"].pop("numbers")
        rest = BulkTable(
            "",
            is_there=True,
            faults=[],
            findings=[],
            rows=len(numbers),
            numbers=numbers,
            columns=of["suspensions"],
        )
        tables = replace(
            self.shared,
            orders=of["orders"],
            visits=of["visits"],
            rota=of["planned"],
            suspensions=list(records(SUSPENSIONS, rest)),
            invoices=columns_of(read(folder / f"invoices{ENDING}")),
        )
        return tables, witnesses


def opened(folder: Path, progress: Reading) -> Bucketed:
    """Open a bucketed folder.

    Raises:
        NotBuckets: if it was made by another version, or for other contracts.
    """
    buckets = _said(folder)
    _refuse_changed(folder, buckets)
    contracts = read_contracts(folder)
    rates = read_table(RATES, folder, progress)
    gap = contracts.settings.join_gap_minutes
    if gap > buckets.join_gap_minutes:
        message = (
            f"the buckets of {folder} were made for log-ins joined over {buckets.join_gap_minutes}"
        )
        message += f" minutes, contracts.toml now says {gap}: bucket the folder anew"
        raise NotBuckets(message)
    between = [replace(fault, file=rates.file) for fault in rate_faults(rates.records)]
    every = [*rates.faults, *contracts.faults, *between]
    nothing: Any = {}
    return Bucketed(
        folder=folder,
        buckets=buckets,
        shared=Tables(
            *(nothing, nothing, nothing, (), nothing),
            contracts=contracts.contracts,
            rates=rates.records,
            settings=contracts.settings,
            files={**buckets.files, "rates": rates.file},
        ),
        faults=sorted(every, key=lambda fault: (fault.file, fault.row or 0, fault.column)),
        rows=_without(buckets.rows, buckets.files["rates"]) | {rates.file: rates.rows},
        findings=[*_findings(folder), *rates.findings],
    )


def _said(folder: Path) -> Buckets:
    try:
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
        is_ours = said.get("format") == FORMAT
        buckets = Buckets(**said) if is_ours else None
    except (OSError, ValueError, TypeError, AttributeError):
        buckets = None
    if buckets is None:
        message = f"{FILE} of {folder} is not of this version; bucket the folder anew"
        raise NotBuckets(message)
    return buckets


def _refuse_changed(folder: Path, buckets: Buckets) -> None:
    """Refuse buckets of which something is missing, or that are not as they were made."""
    here = sizes(folder)
    changed = sorted(
        name for name in {*here, *buckets.sizes} if here.get(name) != buckets.sizes.get(name)
    )
    if changed:
        message = f"{folder / changed[0]} is not as it was made; bucket the folder anew"
        raise NotBuckets(message)


def _without(rows: Mapping[str, int], file: str) -> dict[str, int]:
    return {name: count for name, count in rows.items() if name != file}


def _findings(folder: Path) -> Iterator[Finding]:
    """Yield what was found when the folder was split."""
    columns = columns_of(read(folder / FINDINGS))
    kinds, files = (
        [columns[name].vocabulary[code] for code in columns[name].codes] for name in ("kind", "file")
    )
    texts = (columns[name].to_list() for name in ("line_id", "subject", "message"))
    for kind, file, row, line_id, subject, message in zip(
        kinds, files, columns["row"].tolist(), *texts, strict=True
    ):
        known = row if row >= 0 else None
        yield found(Kind(kind), message, subject=subject, line_id=line_id, table=file, row=known)


def _whole(folder: Path, table: str) -> dict[str, Any]:
    """Return a bucket's rows of a table, those of witnesses last."""
    parts = [folder / f"{table}{ending}" for ending in (ENDING, f"{SUFFIX}{ENDING}")]
    return columns_of(pa.concat_tables(read(path) for path in parts if path.exists()))


def _witnesses(folder: Path) -> Sequence[str]:
    path = folder / f"visits{SUFFIX}{ENDING}"
    if not path.exists():
        return ()
    persons: Coded = columns_of(read(path))["person_id"]
    return persons.vocabulary.to_list()


@dataclass(frozen=True)
class SettledBucket:
    """What came of a bucket: lines and workings in parts, the other tables, a few figures."""

    parts: list[tuple[Columns, Columns]]
    tables: Mapping[str, Columns]
    digest: Digest


def settle_bucket(tables: Tables, witnesses: Collection[str], period: Period) -> SettledBucket:
    """Settle a bucket.

    Raises:
        NeedsReference, CannotBeTabled: if only the reference can settle this folder.
    """
    run = Run(tables, period, witnesses=witnesses)
    parts = list(run.parts(lambda _doing, _done, _of: None))
    return SettledBucket(parts, run.tables(), run.digest())


class Gathering:
    """Puts together what comes of buckets, which it is given in order: all but lines and workings."""

    def __init__(self, spare: Path, bucketed: Bucketed, period: Period) -> None:
        """Keep what has to be merged: what is more than memory should hold in an empty folder."""
        self._bucketed, self._period = bucketed, period
        self._digests: list[Digest] = []
        self._held: dict[str, list[Columns]] = {name: [] for name in ORDERED_BY}
        self._shelved = {name: Shelved(spare / f"{name}{ENDING}") for name in ORDERED_BY}
        self._tables: dict[str, list[Iterable[Columns]]] = {name: [] for name in ORDERED_BY}

    def add(self, settled: SettledBucket) -> None:
        """Take what came of the next bucket."""
        self._digests.append(settled.digest)
        for name, held in self._held.items():
            held.append(plain(settled.tables[name]))
        if sum(size(one) for held in self._held.values() for one in held) > HELD:
            self._put_aside()

    def _put_aside(self) -> None:
        for name, held in self._held.items():
            self._tables[name] += [self._shelved[name].add(one, BLOCK) for one in held]
            held.clear()

    def write(self, out: Path, form: str, progress: Progress) -> Digest:
        """Write the tables, several at once, and return the whole settlement in a few figures."""

        def write(table: Table) -> None:
            with TableSink(table, out, form) as sink:
                for some in merged(self._streams(table.name), ORDERED_BY[table.name]):
                    sink.write(some)

        tables = [table for table in TABLES if table.name in ORDERED_BY]
        with ThreadPoolExecutor(threads()) as pool:
            progress("Merging what buckets gave", 0, len(tables))
            for done, _ in enumerate(pool.map(write, tables), 1):
                progress("Merging what buckets gave", done, len(tables))
        digest = self._digest()
        with TableSink(SUMMARY, out, form) as sink:
            sink.write(columns_of_records(SUMMARY, digest.weeks))
        return digest

    def _streams(self, name: str) -> Iterator[Iterable[Columns]]:
        yield from self._tables[name]
        yield from ([one] for one in self._held[name])
        if name == "findings":
            findings = self._bucketed.findings
            names = sorted({one.file for one in findings})
            of_reading = recorded(findings, {file: place for place, file in enumerate(names)})
            yield [finding_columns([of_reading], names)]

    def _digest(self) -> Digest:
        digests, came = self._digests, self._bucketed.buckets.came
        every = [one.weekly for one in digests if one.weekly]
        days = [days_to_date(int(local_day(instant))) for instant in came or ()]
        of_reading = Counter((one.severity, one.kind) for one in self._bucketed.findings)
        return Digest(
            period=self._period,
            totals=Totals(*map(sum, zip(*(astuple(one.totals) for one in digests), strict=True))),
            weeks=_weeks(week for one in digests for week in one.weeks),
            weekly=(sum(one for one, _ in every), sum(one for _, one in every)) if every else None,
            findings=sum((Counter(one.findings) for one in digests), of_reading),
            verdicts=sum((Counter(one.verdicts) for one in digests), Counter()),
            claimed_pence=sum(one.claimed_pence for one in digests),
            agreed_pence=sum(one.agreed_pence for one in digests),
            unclaimed_lines=sum(one.unclaimed_lines for one in digests),
            unclaimed_pence=sum(one.unclaimed_pence for one in digests),
            has_visit=any(one.has_visit for one in digests),
            visits_from=days[0] if days else None,
            visits_to=days[1] if days else None,
        )


def _weeks(weeks: Iterable[Summary]) -> list[Summary]:
    """Add up what buckets have of one provider and week; return all by provider and week."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for week in weeks:
        provider_id, starting, *figures = _CELLS(week)
        before = sums.get((provider_id, starting), [0] * len(figures))
        sums[provider_id, starting] = [a + b for a, b in zip(before, figures, strict=True)]
    return [Summary(*key, *sums[key]) for key in sorted(sums)]


_CELLS = attrgetter(*(field.name for field in fields(Summary)))


def settle_buckets(
    bucketed: Bucketed, period: Period, out: Path, form: str, progress: Progress
) -> Digest:
    """Settle all buckets, several at once, and write the settlement into an empty folder.

    Raises:
        NeedsReference, CannotBeTabled: if only the reference can settle this folder.
    """
    count, at_once = len(bucketed.buckets.visits), threads()

    def settle(place: int) -> SettledBucket:
        return settle_bucket(*bucketed.tables(place), period)

    def settled() -> Iterator[SettledBucket]:
        progress("Settling buckets", 0, count)
        for done, one in enumerate(in_turn(pool, at_once - 1)(settle, range(count)), 1):
            progress("Settling buckets", done, count)
            yield one

    spare = out / "merging"
    spare.mkdir()
    with ThreadPoolExecutor(at_once) as pool:
        digest = gather(settled(), Gathering(spare, bucketed, period), out, form, progress)
    shutil.rmtree(spare)
    return digest


def gather(
    each: Iterable[SettledBucket], gathering: Gathering, out: Path, form: str, progress: Progress
) -> Digest:
    """Write the settlement of the whole from what comes of its buckets, in their order."""

    def parts() -> Iterator[tuple[Columns, Columns]]:
        for settled in each:
            gathering.add(settled)
            settled.parts.reverse()
            while settled.parts:
                yield settled.parts.pop()

    with ExitStack() as stack:
        write_parts(parts(), out, form, stack)
    return gathering.write(out, form, progress)

"""Visits of a file against those in the books: which are new, changed, unchanged or rejected.

A visit is its id; a version of it is its id and sequence. Where the file has no column `sequence`, a
visit that says something else than its current version is its next version: it supersedes, and never
adds. Where it has, its versions are as the sender numbers them.

Source: settlement §2, `visits.csv`; docs/decisions/0010.
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from carethread.formats.books.layouts import VISITS_MORE
from carethread.interchange.imports import arrow, sql
from carethread.interchange.imports.feeds import (
    CHANGED,
    NEW,
    UNCHANGED,
    Feed,
    as_seconds,
    codes_of,
    renamed,
    said_alike,
    span,
)
from carethread.interchange.imports.given import Given, created_providers
from carethread.interchange.imports.told import Judged, Told, lengths
from carethread.interchange.imports.words import Code
from carethread.visits.models import Visit
from carethread.wall import bulk
from carethread.wall.wanted import wanted

_INSTANTS = ("check_in", "check_out", "planned_start", "notified_at", "claimed_start")
_SAID: Mapping[str, str] = {
    "provider_ref": "provider_id",
    "person_ref": "person_id",
    "worker_ref": "worker_id",
    "service": "service",
    "status": "status",
    **{name: name for name in _INSTANTS},
    "cancelled_by": "cancelled_by",
    "in_method": "in_method",
    "out_method": "out_method",
    "reason_code": "reason_code",
    "claimed_minutes": "claimed_minutes",
}
"""What a version says: the books' column -> the file's."""
_THEIRS = {"ref": "visit_id", "sequence": "sequence", **_SAID}
_KINDS = {
    **dict.fromkeys(_THEIRS, pa.string()),
    **dict.fromkeys(_INSTANTS, pa.timestamp("s", "UTC")),
    **dict.fromkeys(("sequence", "claimed_minutes"), pa.int64()),
    "service_on": pa.date32(),
}
_INSTANT = pa.timestamp("s", "UTC")


def judge(given: Given) -> Judged:
    """Judge the visits of a batch."""
    read = arrow.read(VISITS_MORE, given.folder, given.progress)
    file = renamed(read.table, _THEIRS)
    with sql.bench(file=file, days=_days(file), codes=codes_of(given), e=_existing(given, file)) as at:
        feed = Feed(VISITS_MORE, given, at, _THEIRS)
        feed.start()
        at.execute(_ON_THE_BENCH)
        is_numbered = "sequence" in given.unpacked.columns["visits"]
        _reject(feed, is_numbered=is_numbered)
        feed.good()
        at.execute(_versions(("ref", "sequence") if is_numbered else ("ref",)))
        at.execute(_NUMBERED if is_numbered else _unnumbered(is_again=given.is_again))
        feed.told += _two_versions(feed)
        providers = [ref for (ref,) in sql.rows(at, "SELECT DISTINCT provider_ref FROM g")]
        feed.told += created_providers(given, "visits", providers)
        feed.prepare(_PREPARED)
        return feed.finish(read, span(at, _SPAN))


def _days(file: pa.Table) -> pa.Table:
    """Return each row's London day: of its check-in, else of its planned start."""
    instants = pa.chunked_array([pc.coalesce(file["check_in"], file["planned_start"]).combine_chunks()])
    return pa.table({"number": file["number"], "service_on": sql.london_days(instants)})


_ON_THE_BENCH = """
CREATE TABLE f AS
SELECT file.* REPLACE (coalesce(codes.ours, file.service) AS service), days.service_on
FROM file JOIN days USING (number)
LEFT JOIN codes ON codes.provider_ref = file.provider_ref AND codes.their_code = file.service
"""


def _existing(given: Given, file: pa.Table) -> pa.Table:
    """Return every version in the books of the visits that the file names."""
    schema = pa.schema(list(_KINDS.items()))
    if not file.num_rows or not Visit.objects.filter(council_id=given.council).exists():
        return as_seconds(schema.empty_table()).append_column("is_on", pa.nulls(0, pa.date32()))
    columns = ", ".join(
        "p.ref AS provider_ref" if one == "provider_ref" else f"v.{one}" for one in _KINDS
    )
    with wanted(pa.chunked_array([file["ref"].unique().cast(pa.string())])) as keys:
        found = bulk.read(
            f"SELECT {columns} FROM visits_visit v JOIN {keys} w ON w.key = v.ref"  # noqa: S608
            " JOIN providers_provider p ON p.id = v.provider_id WHERE v.council_id = %s",
            [given.council],
            schema,
        )
    return as_seconds(found).append_column("is_on", found["service_on"])


def _reject(feed: Feed, *, is_numbered: bool) -> None:
    most = lengths(Visit)
    feed.reject_long({**most, "provider_ref": 100})
    feed.reject_others()
    feed.reject_disposed()
    if is_numbered and not feed.given.provider:
        return
    found = sql.rows(
        feed.at,
        "SELECT DISTINCT number FROM f JOIN e ON e.ref = f.ref AND e.provider_ref <> f.provider_ref"
        " ORDER BY number",
    )
    say = "is the id of another provider's visit; put something of your own before your ids"
    feed.reject(((number, say) for (number,) in found), "visit_id", Code.ID_TAKEN)


def _versions(key: tuple[str, ...]) -> str:
    """Return how table `n` comes about: each row, which of its likes it is, what the books have.

    nth: of the rows of the file that say the same of one key. top: the highest sequence in the books.
    is_known: the books have just this, in that sequence. was_known: they have it in some version.
    """
    alike = ", ".join((*key, *_SAID))
    same_version = "e.sequence = g.sequence" if "sequence" in key else "e.sequence = held.top"
    return f"""
    CREATE TABLE held AS SELECT ref, max(sequence) AS top FROM e GROUP BY ref;
    CREATE TABLE known AS
    SELECT g.number, bool_or({same_version}) AS is_known
    FROM g JOIN held USING (ref) JOIN e ON e.ref = g.ref AND {said_alike("e", "g", _SAID)}
    GROUP BY g.number;
    CREATE TABLE often AS SELECT {", ".join(key)} FROM g GROUP BY ALL HAVING count(*) > 1;
    CREATE TABLE nths AS
    SELECT number, row_number() OVER (PARTITION BY {alike} ORDER BY number) AS nth
    FROM g SEMI JOIN often USING ({", ".join(key)});
    CREATE TABLE n AS
    SELECT g.number, g.ref, g.sequence, coalesce(nths.nth, 1) AS nth, held.top,
      coalesce(known.is_known, false) AS is_known, known.number IS NOT NULL AS was_known
    FROM g LEFT JOIN nths USING (number) LEFT JOIN held USING (ref) LEFT JOIN known USING (number)
    """  # noqa: S608


_NUMBERED = f"""
CREATE TABLE verdicts AS
SELECT number, sequence, nth,
  CASE WHEN nth > 1 OR is_known THEN {UNCHANGED} WHEN top IS NULL THEN {NEW}
    ELSE {CHANGED} END AS place,
  (count(*) FILTER (nth = 1) OVER (PARTITION BY ref, sequence) > 1
   OR EXISTS (SELECT 1 FROM e WHERE e.ref = n.ref AND e.sequence = n.sequence))
   AND nth = 1 AND NOT is_known AS is_doubtful
FROM n
"""  # noqa: S608


def _unnumbered(*, is_again: bool) -> str:
    """Return how verdicts come about where the file does not number its versions.

    What the same file said before, in whichever version, is no news.
    """
    known = "was_known" if is_again else "is_known"
    return f"""
    CREATE TABLE verdicts AS
    SELECT number, nth,
      CASE WHEN top IS NULL THEN 1 ELSE top + 1 END AS sequence,
      CASE WHEN nth > 1 OR known = firsts OR {is_again} AND {known} THEN {UNCHANGED}
        WHEN top IS NULL THEN {NEW} ELSE {CHANGED} END AS place,
      firsts > 1 AND known < firsts AND nth = 1 AND NOT ({is_again} AND {known}) AS is_doubtful
    FROM (
      SELECT *, count(*) FILTER (nth = 1) OVER (PARTITION BY ref) AS firsts,
        count(*) FILTER (nth = 1 AND {known}) OVER (PARTITION BY ref) AS known
      FROM n)
    """  # noqa: S608


def _two_versions(feed: Feed) -> list[Told]:
    found = sql.rows(feed.at, "SELECT number FROM verdicts WHERE is_doubtful ORDER BY number")
    say = (
        "rows with this visit_id, and the same sequence, say different things: all are kept, and none"
        " is believed before a higher sequence tells which is right"
    )
    return [Told("visits", number, "visit_id", Code.TWO_VERSIONS, say) for (number,) in found]


_PREPARED = f"""
SELECT g.* EXCLUDE (sequence), verdicts.sequence FROM g JOIN verdicts USING (number)
WHERE place <= {CHANGED}
"""  # noqa: S608
_SPAN = f"""
SELECT min(day), max(day) FROM (
  SELECT g.service_on AS day FROM g JOIN verdicts USING (number) WHERE place <= {CHANGED}
  UNION ALL
  SELECT e.is_on FROM e WHERE e.ref IN (
    SELECT g.ref FROM g JOIN verdicts USING (number) WHERE place = {CHANGED}))
"""  # noqa: S608


def ready(found: pa.Table) -> pa.Table:
    """Return prepared rows as the books' columns, but those that a batch's apply adds."""
    columns = {name: found[name] for name in (*_THEIRS, "service_on")}
    for name in _INSTANTS:
        columns[name] = found[name].cast(pa.int64()).cast(_INSTANT)
    for name in ("cancelled_by", "reason_code", "worker_ref"):
        columns[name] = found[name].cast(pa.string()).fill_null("")
    return pa.table({**columns, "row": found["number"]})

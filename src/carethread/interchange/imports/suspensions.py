"""Suspensions of a file against the books.

A suspension is its person, order, first day and reason. Where that names one row on either side, a row
that says something else corrects it; where it names several, as when somebody goes to hospital twice
in a day, the time of day tells them apart.

Source: settlement §2, `suspensions.csv`; docs/decisions/0010.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from carethread.engine import units
from carethread.engine.faults import length_faults, suspension_faults
from carethread.engine.records import Suspension as Record
from carethread.formats.settlement.layouts import SUSPENSIONS
from carethread.interchange.imports.given import Given, of_disposed, with_refs
from carethread.interchange.imports.records import Change, Checked, Hand, Values, opened, settled
from carethread.interchange.imports.told import Told, days_of, of_faults, too_long
from carethread.interchange.imports.words import Code, Verdict
from carethread.orders.models import Order, Suspension

_TABLE = SUSPENSIONS.table
_LONGEST = 100
_Key = tuple[str, str, date, str]
_SAID = ("from_minute", "to_on", "to_minute", "told_at")


def judge_suspensions(given: Given) -> Checked:
    """Judge the suspensions of a batch."""
    table = opened(given, SUSPENSIONS)
    records: Sequence[Record] = table.read.records
    changes = list(_changes(records))
    told = [
        *of_faults(_TABLE, length_faults(records), Code.DOES_NOT_FIT),
        *of_faults(_TABLE, suspension_faults(records, _persons(given, records)), Code.UNKNOWN_ORDER),
        *_named(records),
    ]
    found, writes = settled(given, SUSPENSIONS, table, changes, told)
    found.days = days_of(span for one in writes for span in _spans(one))
    return Checked(found, partial(_write, writes))


def _persons(given: Given, records: Iterable[Record]) -> dict[str, str]:
    """Return whose each of the named orders is, of the books and of the batch."""
    refs = {one.order_id for one in records if one.order_id}
    rows = with_refs(Order.objects, "ref", refs).values_list("ref", "person__ref")
    return {**dict(rows), **{ref: person for ref, (person, *_) in given.coming.orders.items()}}


def _named(records: Iterable[Record]) -> Iterator[Told]:
    yield from of_disposed(_TABLE, records)
    for one in records:
        for name in ("person_id", "order_id"):
            text = getattr(one, name) or ""
            if len(text) > _LONGEST:
                yield too_long(_TABLE, one.row, name, text, _LONGEST)


def _key(one: Record) -> _Key:
    return one.person_id, one.order_id or "", one.from_on, one.reason.value


def _values(one: Record) -> Values:
    """Return what a record says, in the books' columns."""
    is_inside = one.ends_at is not None and units.local_date(one.ends_at) == one.to_on
    return {
        "from_minute": units.minute_of_day(one.starts_at) or None,
        "to_on": one.to_on,
        "to_minute": units.minute_of_day(one.ends_at)
        if is_inside and one.ends_at is not None
        else None,
        "told_at": None if one.told_at is None else datetime.fromtimestamp(60 * one.told_at, UTC),
    }


def _changes(records: Sequence[Record]) -> Iterator[Change]:
    """Yield what each row would do."""
    groups: dict[_Key, list[Record]] = defaultdict(list)
    for one in records:
        groups[_key(one)].append(one)
    stored = _stored({one.person_id for one in records})
    for key, rows in groups.items():
        yield from _group(rows, list(stored.get(key, ())))


_Stored = Mapping[str, Any]


def _stored(refs: set[str]) -> dict[_Key, list[_Stored]]:
    """Return the suspensions in the books of some people."""
    names = ("person__ref", "order__ref", "from_on", "reason", *_SAID, "pk")
    found: dict[_Key, list[_Stored]] = defaultdict(list)
    for row in with_refs(Suspension.objects, "person__ref", refs).order_by("pk").values(*names):
        key = row["person__ref"], row["order__ref"] or "", row["from_on"], row["reason"]
        said = {name: row[name] for name in _SAID}
        found[key].append({**said, "from_minute": row["from_minute"] or None, "pk": row["pk"]})
    return found


def _group(rows: Sequence[Record], there: list[_Stored]) -> Iterator[Change]:
    """Yield the changes of rows with one key: equal ones, then same times, then what is left."""
    left: list[tuple[Record, Values]] = []
    seen: list[Values] = []
    for one in rows:
        values = _values(one)
        same = next((old for old in there if _said(old) == values), None)
        if same is not None or values in seen:
            if same is not None:
                there.remove(same)
            yield Change(one.row, _key(one), Verdict.UNCHANGED, values, values, one)
        else:
            left.append((one, values))
        seen.append(values)
    later: list[tuple[Record, Values]] = []
    for one, values in left:
        same = next((old for old in there if old["from_minute"] == values["from_minute"]), None)
        if same is None:
            later.append((one, values))
        else:
            there.remove(same)
            yield _changed(one, same, values)
    is_clear = len(later) == 1 and len(there) == 1
    for one, values in later:
        if is_clear:
            yield _changed(one, there[0], values)
        else:
            yield Change(one.row, (None, _key(one)), Verdict.NEW, None, values, one)


def _changed(one: Record, old: _Stored, values: Values) -> Change:
    return Change(one.row, (old["pk"], _key(one)), Verdict.CHANGED, _said(old), values, one)


def _said(old: _Stored) -> Values:
    return {name: old[name] for name in _SAID}


def _spans(change: Change) -> Iterator[tuple[date, date | None]]:
    yield change.record.from_on, change.after["to_on"]
    if change.before is not None:
        yield change.record.from_on, change.before["to_on"]


def _write(changes: Sequence[Change], hand: Hand) -> None:
    if not changes:
        return
    people = hand.people(one.record.person_id for one in changes)
    refs = {one.record.order_id for one in changes if one.record.order_id}
    orders = dict(with_refs(Order.objects, "ref", refs).values_list("ref", "pk"))
    new = []
    for one in changes:
        if one.verdict is Verdict.NEW:
            record = one.record
            made = Suspension(
                council_id=hand.council,
                person_id=people[record.person_id],
                order_id=orders[record.order_id] if record.order_id else None,
                from_on=record.from_on,
                reason=record.reason.value,
                **one.after,
            )
            new.append(made)
        else:
            key = one.key[0]  # type: ignore[index]
            Suspension.objects.filter(pk=key).update(**one.after)
            person = one.record.person_id
            hand.tell("suspension.changed", f"suspension:{key}", one, person_ref=person)
    Suspension.objects.bulk_create(new, batch_size=1_000)

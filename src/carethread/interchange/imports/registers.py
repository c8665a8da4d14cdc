"""People, providers, workers and service codes of a file against the books."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from carethread.formats.books import layouts
from carethread.formats.books.keys import repeats
from carethread.formats.settlement.layouts import Layout
from carethread.interchange.imports.given import Given, created_providers, of_disposed, with_refs
from carethread.interchange.imports.records import (
    Change,
    Checked,
    Hand,
    Values,
    long_texts,
    merged,
    opened,
    settled,
)
from carethread.interchange.imports.told import Told, lengths, of_faults
from carethread.interchange.imports.words import Code, Verdict
from carethread.people.models import Person
from carethread.providers.models import Provider, ServiceCode, Worker


@dataclass(frozen=True, slots=True)
class Register:
    """A table whose rows are a model's, one for one.

    key: the columns of the file that are its key; ours: the books' columns that are. columns: the
    books' column -> the file's, beside the key.
    """

    layout: Layout
    model: Any
    key: tuple[str, ...]
    ours: tuple[str, ...]
    columns: Mapping[str, str]

    def key_of(self, record: Any) -> tuple[str, ...]:
        """Return a record's key."""
        return tuple(getattr(record, name) for name in self.key)

    def values_of(self, said: Mapping[str, str], record: Any) -> Values:
        """Return what a record says, of the columns that its file has; an empty cell says nothing."""
        values = {ours: getattr(record, theirs) for ours, theirs in said.items()}
        return {name: told for name, told in values.items() if told not in (None, "")}

    def existing(self, records: Sequence[Any]) -> dict[tuple[str, ...], Values]:
        """Return what the books say of the keys."""
        first = [getattr(one, self.key[0]) for one in records]
        rows = with_refs(self.model.objects, self.ours[0], first).values_list(*self.ours, *self.columns)
        count = len(self.ours)
        return {row[:count]: dict(zip(self.columns, row[count:], strict=True)) for row in rows}


PEOPLE = Register(
    layouts.PEOPLE,
    Person,
    ("person_id",),
    ("ref",),
    {one: one for one in ("given_name", "family_name", "born_on", "postcode", "nhs_number", "died_on")},
)
PROVIDERS = Register(
    layouts.PROVIDERS,
    Provider,
    ("provider_id",),
    ("ref",),
    {"name": "name", "supplier_number": "supplier_number", "cqc_location": "cqc_location_id"},
)
WORKERS = Register(
    layouts.WORKERS, Worker, ("provider_id", "worker_id"), ("provider__ref", "ref"), {"name": "name"}
)
SERVICE_CODES = Register(
    layouts.SERVICE_CODES,
    ServiceCode,
    ("provider_id", "their_code"),
    ("provider__ref", "their_code"),
    {"service": "service"},
)


def judge_people(given: Given) -> Checked:
    """Judge people: what their file says of them, and nothing else."""
    return _judge(given, PEOPLE, _of_people, partial(_write, PEOPLE, "person"))


def judge_providers(given: Given) -> Checked:
    """Judge providers."""
    found = _judge(given, PROVIDERS, _nothing, partial(_write, PROVIDERS, "provider"))
    given.coming.providers |= set() if given.provider else _coming(given, PROVIDERS, found)
    return found


def judge_workers(given: Given) -> Checked:
    """Judge workers; a provider's rows that are bad are kept out, the others go on."""
    found = _judge(given, WORKERS, _of_provider, partial(_write, WORKERS, "worker"))
    refs = [one[0] for one in _kept(given, WORKERS)]
    found.judged.told += created_providers(given, "workers", refs)
    return found


def judge_service_codes(given: Given) -> Checked:
    """Judge what providers call services; visits of the same batch are read by it."""
    found = _judge(given, SERVICE_CODES, _nothing, partial(_write, SERVICE_CODES, "service_code"))
    if found.judged.brings:
        given.coming.codes += opened(given, SERVICE_CODES.layout).read.records
    return found


def _coming(given: Given, register: Register, found: Checked) -> set[str]:
    return {key[0] for key in _kept(given, register)} if found.judged.brings else set()


def _kept(given: Given, register: Register) -> list[tuple[str, ...]]:
    records = opened(given, register.layout).read.records
    own = given.provider
    return [register.key_of(one) for one in records if not own or one.provider_id == own]


_More = Callable[[Given, Register, Sequence[Any]], Iterator[Told]]


def _judge(
    given: Given, register: Register, more: _More, write: Callable[[list[Change], Hand], None]
) -> Checked:
    layout = register.layout
    table = opened(given, layout)
    records = table.read.records
    has = given.unpacked.columns.get(layout.table, frozenset())
    said = {ours: theirs for ours, theirs in register.columns.items() if theirs in has}
    changes = list(
        merged(
            records,
            register.key_of,
            partial(register.values_of, said),
            register.existing(records) if records else {},
        )
    )
    told = [
        *of_faults(layout.table, repeats(layout.table, records, table.read.file), Code.SAID_TWICE),
        *_long(register, changes),
        *more(given, register, records),
    ]
    found, writes = settled(given, layout, table, changes, told)
    return Checked(found, partial(write, writes))


def _long(register: Register, changes: Iterable[Change]) -> Iterator[Told]:
    most = lengths(register.model)
    table = register.layout.table
    yield from long_texts(table, changes, most, register.columns)
    for change in changes:
        keys = zip(register.ours, register.key, register.key_of(change.record), strict=True)
        for ours, theirs, text in keys:
            longest = 100 if "__" in ours else most[ours]
            if len(text) > longest:
                say = f"has {len(text)} signs; at most {longest} are kept: {text[:30]!r}…"
                yield Told(table, change.row, theirs, Code.TOO_LONG, say)


def _nothing(_given: Given, _register: Register, _records: Sequence[Any]) -> Iterator[Told]:
    yield from ()


def _of_people(_given: Given, register: Register, records: Sequence[Any]) -> Iterator[Told]:
    yield from of_disposed(register.layout.table, records)


def _of_provider(given: Given, register: Register, records: Sequence[Any]) -> Iterator[Told]:
    own = given.provider
    for one in records:
        if own and one.provider_id != own:
            say = f"{one.provider_id!r} is not {own!r}: a provider sends its own rows only"
            yield Told(register.layout.table, one.row, "provider_id", Code.NOT_YOURS, say)


def _write(register: Register, noun: str, changes: list[Change], hand: Hand) -> None:
    """Write a register's changes, each change of what was there with its entry in the audit."""
    providers: dict[str, int] = {}
    if register.ours[0] == "provider__ref":
        providers = hand.providers(one.record.provider_id for one in changes)
    new = [
        register.model(council_id=hand.council, **_keyed(register, one, providers), **one.after)
        for one in changes
        if one.verdict is Verdict.NEW
    ]
    register.model.objects.bulk_create(new, batch_size=1_000)
    for one in changes:
        if one.verdict is Verdict.CHANGED:
            rows = register.model.objects.filter(**dict(zip(register.ours, one.key, strict=True)))  # type: ignore[call-overload]
            rows.update(**one.after)
            person = str(one.key[0]) if noun == "person" else ""  # type: ignore[index]
            named = "/".join(one.key)  # type: ignore[arg-type]
            hand.tell(f"{noun}.changed", f"{noun}:{named}"[:200], one, person_ref=person)


def _keyed(register: Register, change: Change, providers: Mapping[str, int]) -> dict[str, Any]:
    keys = dict(zip(register.ours, register.key_of(change.record), strict=True))
    if "provider__ref" in keys:
        return {"provider_id": providers[keys.pop("provider__ref")], **keys}
    return keys

"""The record of who did what: what was changed, removed or put in is found."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.db import connection

from carethread.accounts.actions import open_council
from carethread.audit import queries
from carethread.audit.actions import LOOKED, RecordDisposed, destroy_key, looked, record
from carethread.audit.models import Entry, PersonKey
from carethread.audit.queries import Anchor
from carethread.audit.values import MasterKeyIsWrong, Values, ValuesWereChanged
from carethread.wall.scope import reading, scoped, writing
from tests.books.one_of_each import NOW
from tests.books.tampering import tamper
from tests.commands import COMMAND
from tests.databases import Books


def a_council(code: str = "north") -> int:
    return int(open_council(code=code, name=code, by="console:test", at=NOW).pk)


def decided(number: int, person_ref: str = "P1", *, chained: bool = True) -> Entry:
    return record(
        by="user:1",
        at=NOW,
        action="line.decided",
        subject=f"line:{number}",
        person_ref=person_ref,
        why=f"because of {number}",
        before={"pence": number},
        after={"pence": number + 1},
        chained=chained,
    )


def a_chain(length: int = 6) -> int:
    """Begin a council whose chain has so many entries."""
    council = a_council()
    with scoped(writing(council)):
        for number in range(length - 1):
            decided(number)
    return council


def walked(council: int, anchor: Anchor | None = None) -> queries.Walked:
    with scoped(reading(council)):
        return queries.verify(anchor)


def test_an_entry_says_who_when_what_why_before_and_after(books: Books) -> None:
    council = a_council()
    with scoped(writing(council)):
        decided(7)
        entry = queries.entries(subject="line:7")[0]
        assert (entry.by, entry.at, entry.action, entry.place) == ("user:1", NOW, "line.decided", 2)
        assert queries.values_of(entry) == Values("because of 7", {"pence": 7}, {"pence": 8})
        assert b"because" not in bytes(entry.values)


def test_a_chain_holds_and_is_of_one_council(books: Books) -> None:
    north = a_chain()
    south = a_council("south")
    assert walked(north).broken == ()
    assert walked(north).end.place == 6
    assert walked(south).end.place == 1


TAMPERING: dict[str, tuple[str, int]] = {
    "changed": ("UPDATE audit_entry SET \"by\" = 'user:2' WHERE place = 3", 3),
    "changed what": ("UPDATE audit_entry SET subject = 'line:9' WHERE place = 6", 6),
    "changed whose": ("UPDATE audit_entry SET person_ref = 'P2' WHERE place = 4", 4),
    "changed when": ("UPDATE audit_entry SET at = '2026-05-04 09:00:01+00' WHERE place = 2", 2),
    "changed values": (
        'UPDATE audit_entry SET "values" = (SELECT "values" FROM audit_entry WHERE place = 3)'
        " WHERE place = 5",
        5,
    ),
    "deleted": ("DELETE FROM audit_entry WHERE place = 4", 4),
    "deleted first": ("DELETE FROM audit_entry WHERE place = 1", 1),
    "cut off": ("DELETE FROM audit_entry WHERE place > 4", 4),
    "put in": (
        'INSERT INTO audit_entry (council_id, at, "by", action, subject, person_ref, "values", place,'
        " previous, digest) SELECT council_id, at, 'user:3', action, subject, person_ref, \"values\","
        " 7, digest, digest FROM audit_entry WHERE place = 6",
        7,
    ),
    "taken out of the chain": (
        "UPDATE audit_entry SET place = NULL, previous = '', digest = '' WHERE place = 5",
        5,
    ),
}
REORDERED = tuple(
    f"UPDATE audit_entry SET place = {new} WHERE place = {old}"
    for old, new in ((3, 99), (4, 3), (99, 4))
)


@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_is_found_where_it_was_done(own_books: Books, how: str) -> None:
    council = a_chain()
    statement, place = TAMPERING[how]
    tamper(own_books, statement)
    found = walked(council).broken
    assert found
    assert found[0].place == place


def test_entries_put_in_another_order_are_found(own_books: Books) -> None:
    council = a_chain()
    tamper(own_books, *REORDERED)
    assert {one.place for one in walked(council).broken} >= {3, 4}


def test_a_tail_cut_off_with_its_head_shows_by_what_was_noted(own_books: Books) -> None:
    council = a_chain()
    with scoped(reading(council)):
        noted = queries.head()
    tamper(
        own_books,
        "DELETE FROM audit_entry WHERE place > 4",
        "UPDATE audit_chainhead SET place = 4, digest = (SELECT digest FROM audit_entry"
        " WHERE place = 4)",
    )
    assert walked(council).broken == ()  # nothing inside tells
    assert walked(council, noted).broken[0].place == 4
    with scoped(writing(council)):
        for number in (90, 91, 92):
            decided(number)
    found = walked(council, noted).broken
    assert [one.place for one in found] == [6]
    assert walked(council, replace(noted, digest=walked(council).end.digest, place=7)).broken == ()


def test_the_commands_say_whether_it_holds(own_books: Books) -> None:
    a_chain()
    connection.close()
    kept = carethread(own_books, "audit", "head", "north").stdout.split()
    good = carethread(own_books, "audit", "verify", "north", *kept)
    assert (good.returncode, good.stdout[:42]) == (
        0,
        "The chain of north holds: 6 entries, " + kept[3][:5],
    )
    tamper(own_books, TAMPERING["deleted"][0])
    bad = carethread(own_books, "audit", "verify", "north")
    assert bad.returncode == 1
    assert "Broken at place 4: entries 4 to 4 are missing" in bad.stdout
    assert carethread(own_books, "audit", "verify", "north", "--place", "3").returncode == 2


def carethread(books: Books, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, env=dict(books.environment)
    )


def test_showing_a_persons_entries_is_a_look_and_recorded(own_books: Books) -> None:
    council = a_chain(3)
    connection.close()
    told = ("audit", "show", "north", "--person", "P1", "--because", "subject access")
    shown = carethread(own_books, *told)
    assert "because of 1" in shown.stdout, shown.stderr
    assert '{"pence": 2}' in shown.stdout
    with scoped(writing(council)):
        (look,) = queries.entries(subject="audit:P1")
        assert (look.action, look.place, look.person_ref) == (LOOKED, None, "P1")
        assert queries.values_of(look) == Values("subject access")
    assert LOOKED in carethread(own_books, *told).stdout
    assert (
        carethread(own_books, "audit", "show", "north", "--since", "2027-01-01").stdout
        == "No entries.\n"
    )


def test_a_destroyed_key_takes_the_values_along_and_leaves_the_chain(books: Books) -> None:
    council = a_chain()
    with scoped(writing(council)):
        decided(50, "P2")
        destroy_key(person_ref="P1", by="user:1", at=NOW)
        by_person = dict.fromkeys(("P1", "P2"))
        for entry, values in queries.opened(queries.entries(person_ref="P2")):
            by_person[entry.person_ref] = values
        assert by_person["P2"] == Values("because of 50", {"pence": 50}, {"pence": 51})
        assert {values for _, values in queries.opened(queries.entries(person_ref="P1"))} == {None}
        with pytest.raises(RecordDisposed):
            decided(51)
        with pytest.raises(RecordDisposed):
            destroy_key(person_ref="P1", by="user:1", at=NOW)
        look = looked(person_ref="P1", what="person:P1", why="curious", by="user:1", at=NOW)
        assert queries.values_of(look) == Values()
    assert walked(council).broken == ()


def test_keys_and_values_open_for_nobody_else(
    books: Books, settings_of_django: Callable[..., None]
) -> None:
    council = a_council()
    with scoped(writing(council)):
        one, other = decided(1, "P1"), decided(2, "P2")
        one.values = other.values
        with pytest.raises(ValuesWereChanged):
            queries.values_of(one)
        keys = {key.person_ref: key.wrapped for key in PersonKey.objects.all()}
        PersonKey.objects.filter(person_ref="P1").update(wrapped=keys["P2"])
        with pytest.raises(MasterKeyIsWrong):
            queries.values_of(one)
        settings_of_django(MASTER_KEY="another")
        with pytest.raises(MasterKeyIsWrong):
            queries.values_of(other)


@pytest.fixture
def settings_of_django(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def change(**told: object) -> None:
        for name, value in told.items():
            monkeypatch.setattr(settings, name, value)

    return change


def test_those_who_write_at_once_keep_one_chain(own_books: Books) -> None:
    council, writers, each = a_council(), 4, 15
    together, failed = Barrier(writers), list[BaseException]()

    def write(writer: int) -> None:
        try:
            together.wait()
            for number in range(each):
                with scoped(writing(council)):
                    decided(number, f"P{writer % 2}")
        except BaseException as error:  # noqa: BLE001 -- shown by the test
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    found = walked(council)
    assert found.broken == ()
    assert found.end.place == 1 + writers * each

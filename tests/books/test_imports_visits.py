"""Visits: what is corrected supersedes and never adds; what is rejected says why."""

from pathlib import Path

import pytest

from carethread.interchange.imports.words import Code
from carethread.kit.unable import UnableTo
from carethread.people.models import Person
from carethread.providers.models import Provider, ServiceCode
from carethread.visits.models import Visit
from carethread.wall.scope import reading, scoped, writing
from tests.books.imports import NOW, applied, checked, council, problems, provider, received, written
from tests.databases import Books

HEAD = "visit_id,person_id,provider_id,worker_id,service,check_in,check_out\n"
ONE = "V1,P1,A,W1,PC,2026-05-04T08:00,2026-05-04T08:30\n"
TWO = "V2,P1,A,W1,PC,2026-05-05T08:00,2026-05-05T08:30\n"
CORRECTED = ONE.replace("08:30", "08:45")


def versions(number: int) -> list[tuple[str, int, str]]:
    with scoped(reading(number)):
        rows = Visit.objects.order_by("ref", "sequence", "row")
        return [(one.ref, one.sequence, f"{one.check_out:%H:%M}") for one in rows]


def test_a_corrected_row_is_the_next_version(books: Books, tmp_path: Path) -> None:
    north = council()
    first = applied(north, written(tmp_path / "a", visits=HEAD + ONE + TWO))
    assert first.counts["visits"] == {"new": 2, "changed": 0, "unchanged": 0, "rejected": 0}
    assert (str(first.first_on), str(first.last_on)) == ("2026-05-04", "2026-05-05")
    second = applied(north, written(tmp_path / "b", visits=HEAD + CORRECTED + TWO))
    assert second.counts["visits"] == {"new": 0, "changed": 1, "unchanged": 1, "rejected": 0}
    assert (str(second.first_on), str(second.last_on)) == ("2026-05-04", "2026-05-04")
    assert versions(north.pk) == [("V1", 1, "07:30"), ("V1", 2, "07:45"), ("V2", 1, "07:30")]


def test_the_same_file_again_reverts_nothing_but_another_that_says_so_does(
    books: Books, tmp_path: Path
) -> None:
    north = council()
    old = written(tmp_path / "a", visits=HEAD + ONE)
    applied(north, old)
    applied(north, written(tmp_path / "b", visits=HEAD + CORRECTED))
    assert checked(north, old).counts["visits"]["unchanged"] == 1
    back = applied(north, written(tmp_path / "c", visits=HEAD + ONE + TWO))
    assert back.counts["visits"] == {"new": 1, "changed": 1, "unchanged": 0, "rejected": 0}
    assert versions(north.pk)[:3] == [("V1", 1, "07:30"), ("V1", 2, "07:45"), ("V1", 3, "07:30")]


def test_the_days_of_a_moved_visit_are_both_marked(books: Books, tmp_path: Path) -> None:
    north = council()
    applied(north, written(tmp_path / "a", visits=HEAD + ONE))
    moved = checked(north, written(tmp_path / "b", visits=HEAD + ONE.replace("05-04", "05-09")))
    assert (str(moved.first_on), str(moved.last_on)) == ("2026-05-04", "2026-05-09")


def test_rows_of_one_id_that_differ_are_both_kept_and_told(books: Books, tmp_path: Path) -> None:
    north = council()
    folder = written(tmp_path / "a", visits=HEAD + ONE + CORRECTED + ONE)
    first = applied(north, folder)
    assert first.counts["visits"] == {"new": 2, "changed": 0, "unchanged": 1, "rejected": 0}
    assert [code for *_, code in problems(first)].count(Code.TWO_VERSIONS) == 2
    assert versions(north.pk) == [("V1", 1, "07:30"), ("V1", 1, "07:45")]
    assert checked(north, folder).counts["visits"]["unchanged"] == 3
    cleared = applied(north, written(tmp_path / "b", visits=HEAD + CORRECTED))
    assert cleared.counts["visits"]["unchanged"] == 1, "it is among what is believed of V1 already"


def test_numbered_versions_are_the_senders(books: Books, tmp_path: Path) -> None:
    north = council()
    head = HEAD.replace("visit_id", "visit_id,sequence")

    def file(name: str, *rows: tuple[int, str]) -> Path:
        text = "".join(one.replace("V1", f"V1,{sequence}") for sequence, one in rows)
        return written(tmp_path / name, visits=head + text)

    applied(north, file("a", (1, ONE)))
    later = applied(north, file("b", (3, CORRECTED), (1, ONE)))
    assert later.counts["visits"] == {"new": 0, "changed": 1, "unchanged": 1, "rejected": 0}
    other = applied(north, file("c", (3, ONE)))
    assert other.counts["visits"]["changed"] == 1
    assert Code.TWO_VERSIONS in [code for *_, code in problems(other)]
    assert versions(north.pk) == [("V1", 1, "07:30"), ("V1", 3, "07:45"), ("V1", 3, "07:30")]
    assert checked(north, file("c2", (3, ONE), (3, CORRECTED))).counts["visits"]["unchanged"] == 2


def test_each_bad_row_is_rejected_for_its_reason(books: Books, tmp_path: Path) -> None:
    north = council()
    with scoped(writing(north.pk)):
        Person.objects.create(council=north, ref="GONE", disposed_on=NOW.date())
    rows = [
        ONE,
        TWO.replace("2026-05-05T08:00", "yesterday"),
        TWO.replace("V2", "V" * 201),
        TWO.replace("P1", "GONE").replace("V2", "V3"),
        TWO.replace(",W1,", ",,"),
        TWO.replace("V2", "V4").replace("2026-05-05T08:30", "2026-05-05T08:30,more"),
    ]
    batch = applied(north, written(tmp_path / "a", visits=HEAD + "".join(rows)))
    assert batch.counts["visits"] == {"new": 1, "changed": 0, "unchanged": 0, "rejected": 5}
    assert set(problems(batch)) == {
        ("visits", 3, "check_in", Code.UNREADABLE_ROW),
        ("visits", 4, "visit_id", Code.TOO_LONG),
        ("visits", 5, "person_id", Code.DISPOSED),
        ("visits", 6, "worker_id", Code.UNREADABLE_ROW),
        ("visits", 7, "", Code.UNREADABLE_ROW),
        ("visits", None, "provider_id", Code.CREATED),
    }
    assert [ref for ref, *_ in versions(north.pk)] == ["V1"]


def test_a_provider_brings_its_own_rows_alone(books: Books, tmp_path: Path) -> None:
    north = council()
    ours, theirs = provider(north, "A"), provider(north, "B")
    applied(north, written(tmp_path / "b", visits=HEAD + ONE.replace(",A,", ",B,")), provider=theirs)
    rows = [TWO, TWO.replace("V2", "V3").replace(",A,", ",B,"), ONE]
    folder = written(
        tmp_path / "a",
        visits=HEAD + "".join(rows),
        people="person_id,given_name\nP1,Ada\n",
        contracts='[[contract]]\nid = "LOT"\n',
    )
    batch = applied(north, folder, provider=ours)
    assert batch.counts["visits"] == {"new": 1, "changed": 0, "unchanged": 0, "rejected": 2}
    assert batch.counts["people"]["rejected"] == 1
    assert ("visits", 3, "provider_id", Code.NOT_YOURS) in problems(batch)
    assert ("visits", 4, "visit_id", Code.ID_TAKEN) in problems(batch)
    assert ("contracts", None, "", Code.NOT_YOURS) in problems(batch)
    with scoped(reading(north.pk)):
        assert Person.objects.count() == 0
        assert {(one.ref, one.provider.ref) for one in Visit.objects.all()} == {
            ("V1", "B"),
            ("V2", "A"),
        }


def test_one_providers_ids_never_overwrite_anothers(books: Books, tmp_path: Path) -> None:
    north = council()
    applied(north, written(tmp_path / "a", visits=HEAD + ONE))
    batch = checked(north, written(tmp_path / "b", visits=HEAD + ONE.replace(",A,", ",B,")))
    assert batch.counts["visits"]["rejected"] == 1
    assert ("visits", 2, "visit_id", Code.ID_TAKEN) in problems(batch)


def test_providers_codes_mean_the_councils_services(books: Books, tmp_path: Path) -> None:
    north = council()
    ours = provider(north, "A")
    with scoped(writing(north.pk)):
        ServiceCode.objects.create(council=north, provider=ours, their_code="X7", service="PC")
    applied(north, written(tmp_path / "a", visits=HEAD + ONE.replace(",PC,", ",X7,")))
    codes = "provider_id,their_code,service\nA,X8,NIGHT\n"
    folder = written(tmp_path / "b", visits=HEAD + TWO.replace(",PC,", ",X8,"), service_codes=codes)
    applied(north, folder)
    with scoped(reading(north.pk)):
        assert dict(Visit.objects.values_list("ref", "service")) == {"V1": "PC", "V2": "NIGHT"}


def test_unknown_people_and_providers_are_kept(books: Books, tmp_path: Path) -> None:
    north = council()
    applied(north, written(tmp_path / "a", visits=HEAD + ONE))
    with scoped(reading(north.pk)):
        assert Provider.objects.get().ref == "A"
        assert Person.objects.count() == 0


def test_a_file_is_known_again(books: Books, tmp_path: Path) -> None:
    north = council()
    path = written(tmp_path / "a", visits=HEAD + ONE) / "visits.csv"
    first = applied(north, path)
    assert received(north, path, again=False).pk == first.pk
    assert received(north, path, again=True).pk != first.pk
    with pytest.raises(UnableTo, match="is no table"):
        received(north, path, table="horses")

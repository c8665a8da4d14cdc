"""Late data, approval, and what a run settles otherwise than was last approved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from carethread.accounts.actions import add_user, end_role, give_role
from carethread.accounts.models import Membership, Role, User
from carethread.audit.models import Entry
from carethread.audit.queries import verify
from carethread.councils.actions import changed
from carethread.councils.models import Council
from carethread.engine.records import VisitRow
from carethread.kit.unable import UnableTo
from carethread.providers.models import ContractTerms
from carethread.settlement.actions import approve_run
from carethread.settlement.differences import Owned, owned
from carethread.settlement.models import Difference, Line, Run
from carethread.settlement.queries import is_whole
from carethread.settlement.states import RunStatus
from carethread.wall.scope import reading, scoped, writing
from tests.books.running import WEEK, again, ask, clock, daily, lines_of, run_of
from tests.databases import Books
from tests.factories import books as factory

MUCH = 10_000_000


@pytest.fixture
def north(books: Books) -> Council:
    """A council that has three visits a day, from WEEK on."""
    council = factory.council()
    with scoped(writing(council.pk)):
        factory.keep_records(daily(), council)
    return council


def approver(council: Council, limit_pence: int | None = MUCH, email: str = "bob@example.org") -> User:
    user = add_user(email=email, name="Bob (invented)", at=clock())
    give_role(
        user=user,
        council=council,
        role=Role.APPROVER,
        approval_limit_pence=limit_pence,
        since_on=date(2026, 1, 1),
        by="console:test",
        at=clock(),
    )
    return user


def approve(run: Run, user: User) -> Run:
    with scoped(writing(run.council_id)):
        return approve_run(run=run.pk, by=user.actor, at=clock())


def visits() -> Sequence[VisitRow]:
    return daily().visits


def stray(visit_id: str, hour: int = 12) -> VisitRow:
    """Return a visit that nobody planned."""
    one = visits()[0]
    assert one.check_in is not None
    begin = one.check_in + hour * 60
    return replace(one, row=60, visit_id=visit_id, worker_id="W8", check_in=begin, check_out=begin + 30)


def arrive(council: Council, *rows: VisitRow, days: tuple[date, date] = WEEK) -> None:
    """Let visits come late."""
    with scoped(writing(council.pk)):
        factory.keep_visits(rows, council, batch=2, at=clock())
        changed(first_on=days[0], last_on=days[1], what="visits imported", by="client:1", at=clock())


def longer(visit: VisitRow, minutes: int, **other: Any) -> VisitRow:
    """Return a later version of a visit, that much longer."""
    assert visit.check_out is not None
    return replace(
        visit, row=50, sequence=visit.sequence + 1, check_out=visit.check_out + minutes, **other
    )


def pay_unplanned() -> None:
    (council,) = Council.objects.all()
    with scoped(writing(council.pk)):
        ContractTerms.objects.update(unplanned="pay")


def differences(run: Run) -> list[Difference]:
    with scoped(reading(run.council_id)):
        return list(Difference.objects.filter(run=run).order_by("line_ref"))


def due(run: Run) -> dict[str, int]:
    with scoped(reading(run.council_id)):
        pairs = Line.objects.filter(run=run).values_list("ref", "due_pence")
        return {ref: pence or 0 for ref, pence in pairs}


def test_nothing_approved_nothing_differs(north: Council) -> None:
    run = run_of(north, *WEEK)
    assert (run.differences, run.difference_pence) == (0, 0)
    assert differences(run) == []


def test_late_data_makes_a_new_version_and_difference_lines(north: Council) -> None:
    first = run_of(north, *WEEK)
    bob = approver(north)
    approve(first, bob)
    kept, told = lines_of(first), again(first).digest
    gone, more = visits()[0], visits()[1]
    arrive(north, longer(more, 25), longer(gone, 0, person_id="P7"), stray("NEW"))
    second = run_of(north, *WEEK)
    assert (second.version, again(first).status) == (2, RunStatus.APPROVED)
    found = differences(second)
    before, after = due(first), due(second)
    expected = {
        ref: after.get(ref, 0) - before.get(ref, 0)
        for ref in before.keys() | after.keys()
        if before.get(ref) != after.get(ref)
    }
    assert {one.line_ref: one.pence for one in found if one.pence} == {
        ref: pence for ref, pence in expected.items() if pence
    }
    assert second.difference_pence == sum(after.values()) - sum(before.values())
    assert second.differences == len(found)
    assert {one.why for one in found} >= {"new"}
    assert lines_of(first) == kept
    assert again(first).digest == told
    with scoped(reading(north.pk)):
        assert is_whole(again(first))
        assert is_whole(second)
    approve(second, bob)
    assert again(first).status == RunStatus.OVERTAKEN
    third = run_of(north, *WEEK)
    assert differences(third) == []


def test_a_line_that_is_gone_takes_back_what_was_due(north: Council) -> None:
    pay_unplanned()
    lone = stray("LONE")
    with scoped(writing(north.pk)):
        factory.keep_visits([lone], north)
    first = run_of(north, *WEEK)
    paid = due(first)["visit|LONE"]
    approve(first, approver(north))
    arrive(north, replace(lone, sequence=2, row=80, check_in=None))
    (found,) = differences(run_of(north, *WEEK))
    assert (found.line_ref, found.why, found.after) == ("visit|LONE", "gone", None)
    assert found.pence == -paid < 0


def test_a_held_line_that_is_freed_and_a_line_that_is_new(north: Council) -> None:
    open_visit = replace(visits()[0], row=81, sequence=2, check_out=None)
    arrive(north, open_visit)
    first = run_of(north, *WEEK)
    approve(first, approver(north))
    arrive(north, replace(visits()[0], row=82, sequence=3), stray("LONE"))
    held, new = differences(run_of(north, *WEEK))
    assert (held.before_is_held, held.before_due_pence, held.after_is_held) == (True, None, False)
    assert held.pence == held.after_due_pence
    assert "is_held" in held.why.split(";")
    assert (new.before, new.after_is_held, new.pence, new.why) == (None, True, 0, "new")


def test_an_approved_run_cannot_be_edited(north: Council) -> None:
    run = run_of(north, *WEEK)
    approve(run, approver(north))
    with scoped(writing(north.pk)):
        refused = pytest.raises(DatabaseError, match=r"is kept|permission denied")
        with refused, transaction.atomic():
            Line.objects.filter(run=run).update(due_pence=0)
        with refused, transaction.atomic():
            Line.objects.filter(run=run).delete()


def test_overlapping_days_differ_from_what_was_approved_last_line_by_line(north: Council) -> None:
    bob = approver(north)
    first = run_of(north, *WEEK)
    approve(first, bob)
    days = WEEK[0] + timedelta(days=1), WEEK[1] + timedelta(days=3)
    arrive(north, *(longer(one, 20) for one in visits()))
    over = run_of(north, *days)
    before, after = due(first), due(over)
    shared = {ref for ref in before if ref.split("|")[1][:10] >= str(days[0])}
    assert shared
    assert {one.line_ref for one in differences(over)} <= shared
    assert over.difference_pence == sum(after[ref] - before[ref] for ref in shared)
    assert len(after) > len(shared), "days nobody had approved have lines, and no differences"
    approve(over, bob)
    assert again(first).status == RunStatus.APPROVED
    second = run_of(north, *WEEK)
    firsts = {ref for ref in before if ref not in shared}
    assert {one.line_ref for one in differences(second)} <= firsts
    assert second.difference_pence == sum(due(second)[ref] - before[ref] for ref in firsts)


def test_a_line_that_moves_to_another_day_is_not_paid_twice(north: Council) -> None:
    """A visit nobody planned was approved on one day; corrected, it is another week's."""
    bob = approver(north)
    pay_unplanned()
    lone = stray("LONE")
    arrive(north, lone)
    first = run_of(north, *WEEK)
    paid = due(first)["visit|LONE"]
    assert paid > 0
    approve(first, bob)
    assert lone.check_in is not None
    later = longer(lone, 7 * 1440, check_in=lone.check_in + 7 * 1440)
    next_week = WEEK[0] + timedelta(days=7), WEEK[1] + timedelta(days=7)
    arrive(north, later, days=(WEEK[0], next_week[1]))
    moved = run_of(north, *next_week)
    found = [one for one in differences(moved) if one.line_ref == "visit|LONE"]
    assert [(one.before_due_pence, one.after_due_pence, one.pence) for one in found] == [
        (paid, paid, 0)
    ]
    approve(moved, bob)
    again_first = run_of(north, *WEEK)
    assert "visit|LONE" not in due(again_first)
    assert "visit|LONE" not in {one.line_ref for one in differences(again_first)}


def test_who_approved_last_owns_a_day() -> None:
    day = date(2026, 5, 1)

    def to(number: int) -> date:
        return day + timedelta(days=number)

    assert owned([]) == []
    assert owned([(1, to(0), to(9)), (2, to(3), to(5)), (3, to(9), to(12))]) == [
        Owned(1, to(0), to(2), 0),
        Owned(1, to(6), to(8), 0),
        Owned(2, to(3), to(5), 1),
        Owned(3, to(9), to(12), 2),
    ]
    assert owned([(2, to(3), to(5)), (1, to(0), to(9))]) == [Owned(1, to(0), to(9), 1)]


def test_approval_is_told_to_the_chain(north: Council) -> None:
    run = run_of(north, *WEEK)
    bob = approver(north)
    done = approve(run, bob)
    assert (done.status, done.approved_by) == (RunStatus.APPROVED, bob.actor)
    with scoped(reading(north.pk)):
        entry = Entry.objects.get(action="run.approved")
        assert (entry.subject, entry.by) == (f"run:{run.pk}", bob.actor)
        assert entry.place
        assert not verify().broken


def refused(run: Run, by: str, match: str) -> None:
    before = again(run).status
    with scoped(writing(run.council_id)), pytest.raises(UnableTo, match=match):
        approve_run(run=run.pk, by=by, at=clock())
    assert again(run).status == before


@pytest.mark.parametrize(
    ("limit", "match"), [(None, "you may approve nothing here"), (100, "your limit is £1.00")]
)
def test_nobody_approves_above_their_limit(north: Council, limit: int | None, match: str) -> None:
    refused(run_of(north, *WEEK), approver(north, limit).actor, match)


def test_the_limit_itself_is_enough(north: Council) -> None:
    run = run_of(north, *WEEK)
    assert run.due_pence
    refused(run, approver(north, run.due_pence - 1).actor, "your limit is")
    approve(run, approver(north, run.due_pence, "cat@example.org"))


def test_without_the_role_nobody_approves(north: Council) -> None:
    run = run_of(north, *WEEK)
    dan = add_user(email="dan@example.org", name="Dan (invented)", at=clock())
    refused(run, dan.actor, "you may approve nothing here")
    refused(run, "client:1", "only a user can approve")
    refused(run, "user:999999", "only a user can approve")
    elsewhere = factory.council("south")
    refused(run, approver(elsewhere, email="eve@example.org").actor, "you may approve nothing here")


def test_a_role_that_has_ended_approves_nothing(north: Council) -> None:
    run = run_of(north, *WEEK)
    bob = approver(north)
    (held,) = Membership.objects.filter(user=bob)
    end_role(membership=held, until_on=date(2026, 5, 31), by="console:test", at=clock())
    refused(run, bob.actor, "you may approve nothing here")


def test_who_asked_does_not_approve(north: Council) -> None:
    run = run_of(north, *WEEK)
    bob = approver(north)
    refused(run, f"{bob.actor} at console:test", "who asked for a run cannot approve it")
    with scoped(writing(north.pk)):
        Run.objects.filter(pk=run.pk).update(asked_by=f"{bob.actor} at console:one")
    refused(run, f"{bob.actor} at console:two", "who asked for a run cannot approve it")


def test_what_changed_since_is_not_approved(north: Council) -> None:
    run = run_of(north, *WEEK)
    bob = approver(north)
    far = date(2026, 8, 1), date(2026, 8, 2)
    arrive(north, replace(visits()[0], row=70, visit_id="FAR", check_in=None), days=far)
    arrive(north, replace(visits()[0], row=71, visit_id="LATE"), days=(WEEK[1], WEEK[1]))
    refused(run, bob.actor, r"changed since it was settled \(1 change: visits imported\)")
    approve(run_of(north, *WEEK), bob)


def test_a_change_of_days_far_away_hinders_nothing(north: Council) -> None:
    run = run_of(north, *WEEK)
    with scoped(writing(north.pk)):
        far = date(2026, 8, 1)
        changed(first_on=far, last_on=None, what="order changed", by="user:1", at=clock())
    approve(run, approver(north))


def test_the_newest_version_is_the_one_to_approve(north: Council) -> None:
    first = run_of(north, *WEEK)
    bob = approver(north)
    ask(north, *WEEK, later=True)
    refused(first, bob.actor, "version 2 of .* is queued: that is the one to approve")


def test_a_settled_version_overtakes_the_last(north: Council) -> None:
    first, second = run_of(north, *WEEK), run_of(north, *WEEK)
    assert again(first).status == RunStatus.OVERTAKEN
    refused(first, approver(north).actor, "the run is overtaken; only a settled run can be approved")
    approve(second, approver(north, email="cat@example.org"))
    refused(second, approver(north, email="dan@example.org").actor, "the run is approved")


def test_differences_from_what_is_no_longer_last_are_not_approved(north: Council) -> None:
    bob = approver(north)
    approve(run_of(north, *WEEK), bob)
    arrive(north, *(longer(one, 20) for one in visits()))
    over = run_of(north, WEEK[0], WEEK[1] + timedelta(days=1))
    assert over.differences
    approve(run_of(north, *WEEK), bob)
    refused(over, bob.actor, "a run of some of its days was approved since")
    approve(run_of(north, WEEK[0], WEEK[1] + timedelta(days=1)), bob)


def test_nobody_approves_another_councils_run(north: Council) -> None:
    run = run_of(north, *WEEK)
    south = factory.council("south")
    bob = approver(south)
    with scoped(writing(south.pk)), pytest.raises(UnableTo, match="there is no run"):
        approve_run(run=run.pk, by=bob.actor, at=clock())

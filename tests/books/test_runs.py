"""Runs: what the books settle to is what the folder does, and what becomes of a run."""

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from carethread.audit.queries import verify
from carethread.councils.models import Council
from carethread.engine.records import Inputs, OrderVersion, Period, VisitRow
from carethread.engine.reference.pipeline import settle
from carethread.engine.units import instant_on
from carethread.engine.words import Basis, Kind, Outcome, Status
from carethread.formats.settlement.tables import WORKINGS, written
from carethread.kit.unable import UnableTo
from carethread.providers.models import Contract, Rate
from carethread.settlement import settling
from carethread.settlement.actions import ask_again, settle_run, stop_run
from carethread.settlement.models import Line, Run, RunFinding, WeekUse
from carethread.settlement.queries import is_whole
from carethread.settlement.reading.edges import days_read, is_enough
from carethread.settlement.states import RUN, RunStatus
from carethread.settlement.workings import working_of
from carethread.synth.council import Council as Invented
from carethread.synth.folder import synthesise
from carethread.wall.scope import reading, scoped, writing
from tests.books.running import ASKER, CASES, WEEK, again, ask, clock, lines_of, run_of
from tests.databases import Books
from tests.engines import inputs_of, published, settled, silent
from tests.factories import books as factory
from tests.factories import folders
from tests.factories.books import BY, NOW


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_settles_alike_in_books_and_files(books: Books, case: Path) -> None:
    told = tomllib.loads((case / "case.toml").read_text())
    council = factory.council()
    factory.keep(case, council)
    run = run_of(council, told["from"], told["to"])
    expected = published(settled(case, told["from"], told["to"]))
    assert lines_of(run) == expected["lines"]
    assert weeks_of(run) == expected["weekly"]


def weeks_of(run: Run) -> list[dict[str, str]]:
    with scoped(reading(run.council_id)):
        kept = list(WeekUse.objects.filter(run=run).order_by("pk"))
    figures = ("allowance_minutes", "payable_minutes", "unused_minutes")
    return [
        {"order_id": one.order_ref, "week_starting": str(one.week_starting)}
        | {name: str(getattr(one, name)) for name in figures}
        for one in kept
    ]


@pytest.mark.parametrize("seed", range(12))
def test_folders_drawn_by_chance_settle_alike_in_books_and_files(
    books: Books, seed: int, tmp_path: Path
) -> None:
    folder = folders.draw(Random(1000 + seed))
    path = folder.write(tmp_path / "folder")
    council = factory.council()
    factory.keep(path, council)
    run = run_of(council, folder.first, folder.last)
    settlement = settled(path, folder.first, folder.last)
    expected = published(settlement)
    assert lines_of(run) == expected["lines"]
    assert weeks_of(run) == expected["weekly"]
    with scoped(reading(council.pk)):
        kept = [working_of(one.ref, one.working) for one in Line.objects.filter(run=run).order_by("pk")]
        assert is_whole(run)
    assert [told(one) for one in kept] == [told(one) for one in settlement.workings]
    assert run.due_pence == sum(one.amount_pence or 0 for one in settlement.lines if not one.held)
    assert run.held_pence == sum(one.amount_pence or 0 for one in settlement.lines if one.held)


def told(working: Any) -> dict[str, str]:
    return {column.name: written(column, getattr(working, column.name)) for column in WORKINGS.columns}


def test_findings_name_the_import_that_brought_the_row(books: Books, tmp_path: Path) -> None:
    folder = folders.draw(Random(5))
    path = folder.write(tmp_path / "folder")
    council = factory.council()
    inputs = factory.keep(path, council)
    run = run_of(council, folder.first, folder.last)
    settlement = settled(path, folder.first, folder.last)
    left_out = {Kind.OUTSIDE_PERIOD, Kind.BAD_ROW, Kind.CLOCK_CHANGE, Kind.NOT_COMMISSIONED}
    expected = {
        (one.kind.value, one.subject, one.row if one.file == "visits.csv" else None, one.message)
        for one in settlement.findings
        if one.kind not in left_out
    }
    with scoped(reading(council.pk)):
        kept = list(RunFinding.objects.filter(run=run))
    assert run.findings == len(kept)
    assert {
        (one.kind, one.subject, one.row, one.message) for one in kept if one.kind not in left_out
    } == expected
    assert any(one.row for one in kept)
    brought = [*(one.row for one in inputs.visits), *(one.row for one in inputs.rota)]
    assert {one.row for one in kept} <= {None, *brought}
    assert not any(one.kind == Kind.OUTSIDE_PERIOD for one in kept)


@pytest.fixture(scope="session")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A council of 60 people and two weeks."""
    folder = tmp_path_factory.mktemp("invented")
    synthesise(Invented(people=60, weeks=2, seed=3), folder, "csv", silent)
    return folder


def test_an_invented_council_settles_alike_in_books_and_files(books: Books, invented: Path) -> None:
    council = factory.council()
    factory.keep(invented, council)
    days = date(2026, 5, 6), date(2026, 5, 14)
    run = run_of(council, *days)
    assert lines_of(run) == published(settled(invented, *days))["lines"]
    assert run.visits is not None
    assert run.status == RunStatus.SETTLED


def live_in(days: int, first: date) -> Inputs:
    """Return care round the clock: log-ins of twelve hours, each a few minutes after the last."""
    case = next(case for case in CASES if case.name == "phone-died")
    inputs = inputs_of(case)
    order, visit = inputs.orders[0], inputs.visits[0]
    weekly = OrderVersion(
        row=2,
        order_id="LIVE",
        person_id="P9",
        provider_id=order.provider_id,
        contract_id=order.contract_id,
        service=order.service,
        starts_on=first,
        ends_on=None,
        basis=Basis.WEEKLY_HOURS,
        weekly_minutes=7 * 1440,
    )
    start, _ = instant_on(first, 0)
    visits = [
        VisitRow(
            row=row,
            visit_id=f"L{row:04d}",
            sequence=1,
            person_id="P9",
            provider_id=order.provider_id,
            worker_id="W9",
            service=order.service,
            status=Status.DELIVERED,
            check_in=start + 725 * (row - 2),
            check_out=start + 725 * (row - 2) + 720,
        )
        for row in range(2, 2 * days)
    ]
    assert visit.provider_id == order.provider_id
    return replace(inputs, orders=[weekly], visits=visits, rota=(), suspensions=(), invoices=())


@pytest.mark.parametrize("gap", [0, 10, 1440])
def test_log_ins_that_hang_together_for_weeks_are_joined_as_by_all(books: Books, gap: int) -> None:
    inputs = live_in(60, date(2026, 4, 1))
    inputs = replace(inputs, settings=replace(inputs.settings, join_gap_minutes=gap))
    council = factory.council()
    with scoped(writing(council.pk)):
        factory.keep_records(inputs, council)
    days = date(2026, 4, 28), date(2026, 5, 4)
    run = run_of(council, *days)
    expected = published(settle(inputs, Period(*days), silent))
    assert lines_of(run) == expected["lines"]
    if gap == 0:
        assert run.lines is not None
        assert run.visits is not None
        assert run.lines >= 13
        assert run.visits < len(inputs.visits), "no more is read than bears on the days"


def test_reading_stops_where_a_gap_is() -> None:
    """A day of log-ins before what takes part can be left unread only behind a gap."""
    period = Period(date(2026, 5, 11), date(2026, 5, 17))
    read = days_read(period, 9)
    for begins, enough in (((date(2026, 5, 2), 0), False), ((date(2026, 5, 3), 60), True)):
        first, _ = instant_on(*begins)
        starts = range(first, instant_on(date(2026, 5, 6), 0)[0], 300)
        assert is_enough(log_ins(starts, 295), period, read, 10) is enough
    for ends, enough in ((date(2026, 5, 26), False), (date(2026, 5, 27), False)):
        last, _ = instant_on(ends, 1440)
        starts = range(instant_on(date(2026, 5, 24), 600)[0], last, 300)
        assert is_enough(log_ins(starts, 295), period, read, 10) is enough
    lonely = log_ins(
        range(instant_on(date(2026, 5, 24), 600)[0], instant_on(date(2026, 5, 25), 0)[0], 300), 295
    )
    assert is_enough(lonely, period, read, 10)


def log_ins(starts: range, length: int) -> pa.Table:
    instants = pa.array([start * 60_000 for start in starts]).cast(pa.timestamp("ms", "UTC"))
    ends = pc.add(instants, pa.scalar(length * 60_000, pa.duration("ms")))
    words = {
        "status": "delivered",
        "person_id": "P",
        "provider_id": "A",
        "service": "S",
        "worker_id": "W",
    }
    return pa.table(
        {name: pa.array([word] * len(starts)) for name, word in words.items()}
        | {"check_in": instants, "check_out": ends}
    )


def test_a_version_from_another_month_counts(books: Books, tmp_path: Path) -> None:
    """A visit that was moved far away by a later version is no visit of these days."""
    case = next(case for case in CASES if case.name == "bands")
    inputs = inputs_of(case)
    first = inputs.visits[0]
    assert first.check_in is not None
    assert first.check_out is not None
    shift = 60 * 1440
    moved = replace(
        first, row=99, sequence=9, check_in=first.check_in + shift, check_out=first.check_out + shift
    )
    inputs = replace(inputs, visits=[*inputs.visits, moved])
    council = factory.council()
    with scoped(writing(council.pk)):
        factory.keep_records(inputs, council)
    run = run_of(council, *WEEK)
    expected = published(settle(inputs, Period(*WEEK), silent))
    assert lines_of(run) == expected["lines"]
    assert Outcome.MISSED in {row["outcome"] for row in expected["lines"]}


@pytest.fixture
def north(books: Books) -> Council:
    """A council with the books of the case of bands."""
    council = factory.council()
    factory.keep(next(case for case in CASES if case.name == "bands"), council)
    return council


def test_one_of_two_takes_a_run(north: Council) -> None:
    asked = ask(north, *WEEK)
    assert settling.begin(council=north.pk, run=asked.pk, at=clock()) is not None
    assert settling.begin(council=north.pk, run=asked.pk, at=clock()) is None
    settle_run(council=north.pk, run=asked.pk, clock=clock)
    assert again(asked).status == RunStatus.RUNNING
    with pytest.raises(UnableTo, match="are being settled already"):
        ask(north, *WEEK)
    ask(north, WEEK[0], WEEK[1] - timedelta(days=1))


def test_settling_a_settled_run_again_changes_nothing(north: Council) -> None:
    run = run_of(north, *WEEK)
    settle_run(council=north.pk, run=run.pk, clock=clock)
    assert again(run).settled_at == run.settled_at
    with scoped(reading(north.pk)):
        assert Line.objects.filter(run=run).count() == run.lines


def test_an_attempt_that_was_given_up_stores_nothing(north: Council) -> None:
    asked = ask(north, *WEEK)
    attempt = settling.begin(council=north.pk, run=asked.pk, at=clock())
    assert attempt is not None
    settling.put_back(attempt, at=clock())
    assert again(asked).status == RunStatus.QUEUED
    other = settling.begin(council=north.pk, run=asked.pk, at=clock())
    assert other is not None
    with pytest.raises(settling.Lost):
        settling.settle(attempt, clock=clock, shown=settling.Silent())
    with scoped(reading(north.pk)):
        assert not Line.objects.filter(run=asked).exists()
    settling.settle(other, clock=clock, shown=settling.Silent())
    assert again(asked).status == RunStatus.SETTLED
    assert again(asked).attempts == 2


def test_a_run_that_is_stopped_stores_nothing(north: Council) -> None:
    asked = ask(north, *WEEK)
    attempt = settling.begin(council=north.pk, run=asked.pk, at=clock())
    assert attempt is not None
    with scoped(writing(north.pk)):
        stop_run(run=asked.pk, why="the wrong days", by=ASKER, at=clock())
    with pytest.raises(settling.Lost):
        settling.settle(attempt, clock=clock, shown=settling.Silent())
    assert again(asked).status == RunStatus.STOPPED
    with scoped(reading(north.pk)):
        assert not Line.objects.filter(run=asked).exists()
    with scoped(writing(north.pk)), pytest.raises(UnableTo, match="it is stopped"):
        stop_run(run=asked.pk, why="again", by=ASKER, at=clock())
    assert run_of(north, *WEEK).version == 2


def test_what_the_council_has_wrong_ends_a_run_in_words(north: Council) -> None:
    with scoped(writing(north.pk)):
        rate = Rate.objects.get()
        for minutes, pence in ((30, 2000), (60, 100)):
            Rate.objects.create(
                council=north,
                card=rate.card,
                row=9,
                day_type="any",
                minutes=minutes,
                amount_pence=pence,
            )
    run = run_of(north, *WEEK)
    assert run.status == RunStatus.FAILED
    assert run.failure.startswith("must be put right first: rates")
    with scoped(writing(north.pk)):
        Rate.objects.filter(minutes=60).delete()
        ask_again(run=run.pk, by=ASKER, at=clock())
    settle_run(council=north.pk, run=run.pk, clock=clock)
    assert again(run).status == RunStatus.SETTLED
    assert again(run).failure == ""


def test_a_contract_that_is_not_stated_holds_its_lines(north: Council) -> None:
    with scoped(writing(north.pk)):
        Contract.objects.update(is_stated=False)
    run = run_of(north, *WEEK)
    with scoped(reading(north.pk)):
        assert set(Line.objects.filter(run=run).values_list("reasons", "is_held")) == {
            ("no_contract", True)
        }
    assert run.due_pence == 0


def test_a_defect_is_told_without_what_the_data_says(
    north: Council, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        message = "Mrs Invented of Somewhere"
        raise ValueError(message)

    monkeypatch.setattr(settling, "write_slice", broken)
    run = run_of(north, *WEEK)
    assert run.status == RunStatus.FAILED
    assert run.failure == "a defect of carethread, please report it; the log says where (ValueError)"
    assert "Mrs" not in caplog.text
    assert "write_slice" in caplog.text


def test_no_more_memory_ends_a_run_in_words(north: Council, monkeypatch: pytest.MonkeyPatch) -> None:
    def starved(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(settling, "settle_job", starved)
    assert "not enough memory" in run_of(north, *WEEK).failure


def test_runs_are_in_the_audit(north: Council) -> None:
    run_of(north, *WEEK)
    with scoped(reading(north.pk)):
        assert not verify().broken


def test_every_status_is_reached_and_the_last_ones_are_final() -> None:
    assert RUN.reachable() == set(RunStatus)
    assert RUN.final() == {RunStatus.OVERTAKEN, RunStatus.STOPPED}


def test_visits_of_no_day_are_told(north: Council) -> None:
    lost = VisitRow(
        row=7,
        visit_id="NODAY",
        sequence=1,
        person_id="P1",
        provider_id="A",
        worker_id="W",
        service="PC",
        status=Status.DELIVERED,
    )
    with scoped(writing(north.pk)):
        factory.keep_visits([lost], north, batch=3)
    run = run_of(north, *WEEK)
    with scoped(reading(north.pk)):
        finding = RunFinding.objects.get(run=run, subject="NODAY")
    assert (finding.kind, finding.batch, finding.row) == ("no_check_in", 3, 7)
    assert BY != NOW

"""What must hold for every folder there is."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from carethread.engine.records import Inputs, Period
from carethread.engine.reference.pipeline import settle
from carethread.engine.reference.price import Tariff
from carethread.engine.reference.tables import TAKES_NO_PART
from carethread.engine.results import Settlement
from carethread.engine.units import half_up, monday_of
from carethread.engine.words import Kind, Outcome, Pool, Reason
from carethread.formats.settlement import published as files
from carethread.formats.settlement import tables
from carethread.formats.settlement.write import write
from tests.engines import inputs_of, published, silent
from tests.factories import folders

SEEDS = st.integers(0, 2**32)


@contextmanager
def drawn(seed: int) -> Iterator[tuple[folders.Folder, Path, Inputs]]:
    """Draw a folder, write it, read it."""
    folder = folders.draw(Random(seed))
    with folders.written(folder) as path:
        yield folder, path, inputs_of(path)


def settlement_of(seed: int) -> tuple[Inputs, Settlement]:
    """Draw a folder and settle it."""
    with drawn(seed) as (folder, _, inputs):
        return inputs, settle(inputs, Period(folder.first, folder.last), silent)


@given(SEEDS)
def test_row_order_changes_nothing_but_the_row_column(seed: int) -> None:
    with drawn(seed) as (folder, _, inputs):
        period = Period(folder.first, folder.last)
        one = published(settle(inputs, period, silent))
        for rows in folder.tables.values():
            Random(seed + 1).shuffle(rows)
        with folders.written(folder) as path:
            other = published(settle(inputs_of(path), period, silent))
    for table in (one, other):
        for finding in table["findings"]:
            del finding["row"]
    assert one == other


@given(SEEDS)
def test_every_visit_row_is_on_one_line_or_in_one_finding(seed: int) -> None:
    with drawn(seed) as (folder, _, inputs):
        rows = len(folder.tables["visits"])
        settlement = settle(inputs, Period(folder.first, folder.last), silent)
    on_lines = sum(bool(line.visit_id) for line in settlement.lines)
    kept_out = sum(
        finding.kind in TAKES_NO_PART and finding.file == "visits.csv"
        for finding in settlement.findings
    )
    assert on_lines + kept_out == rows


@given(SEEDS)
def test_a_line_never_pays_more_minutes_than_before_the_cap(seed: int) -> None:
    _, settlement = settlement_of(seed)
    for line, working in zip(settlement.lines, settlement.workings, strict=True):
        if working.figure_minutes is not None and line.payable_minutes is not None:
            assert line.payable_minutes <= working.figure_minutes


@given(SEEDS)
def test_a_pool_gives_back_no_more_than_its_lines_left(seed: int) -> None:
    inputs, settlement = settlement_of(seed)
    pool_of = _pools(inputs)
    planned: dict[object, int] = defaultdict(int)
    payable: dict[object, int] = defaultdict(int)
    given_back: dict[object, int] = defaultdict(int)
    for line, working in zip(settlement.lines, settlement.workings, strict=True):
        key = pool_of(line.contract_id, line.order_id, line.service_on)
        if line.slot is None or line.outcome is not Outcome.DELIVERED or not line.payable_minutes:
            continue
        planned[key] += line.planned_minutes or 0
        payable[key] += line.payable_minutes
        given_back[key] += working.pooled_minutes or 0
    for key, minutes in given_back.items():
        assert minutes == 0 or payable[key] <= planned[key]


def _pools(inputs: Inputs) -> Callable[[str, str, date], object]:
    tariff = Tariff(inputs.contracts, inputs.rates, inputs.settings)

    def pool_of(contract_id: str, order_id: str, day: date) -> object:
        terms = tariff.terms(contract_id, day)
        pool = terms.pool if terms else Pool.NONE
        start = {Pool.WEEK: monday_of(day), Pool.MONTH: day.replace(day=1)}.get(pool, day)
        return order_id, pool, start

    return pool_of


@given(SEEDS)
def test_a_weeks_hours_never_pass_its_allowance(seed: int) -> None:
    _, settlement = settlement_of(seed)
    used: dict[object, int] = defaultdict(int)
    for line in settlement.lines:
        if line.slot is None and line.order_id:
            used[line.order_id, monday_of(line.service_on)] += line.payable_minutes or 0
    for week in settlement.weekly:
        assert week.payable_minutes == used.pop((week.order_id, week.week_starting), 0)
        assert 0 <= week.payable_minutes <= week.allowance_minutes
        assert week.unused_minutes == week.allowance_minutes - week.payable_minutes
    assert not used


@given(SEEDS)
def test_claims_add_up(seed: int) -> None:
    inputs, settlement = settlement_of(seed)
    assert len(settlement.invoice_lines) == len(inputs.invoices)
    agreed: dict[str, int] = defaultdict(int)
    for row in settlement.invoice_lines:
        assert row.agreed_pence + row.parked_pence == row.claimed_pence
        assert row.claimed_pence < 0 or 0 <= row.agreed_pence <= row.claimed_pence
        agreed[row.group_id] += row.agreed_pence
    over = inputs.settings
    for group in settlement.claim_groups:
        difference = group.claimed_pence - group.expected_pence
        assert sum(pence for _, pence in group.causes) == difference
        assert group.due_pence == agreed.pop(group.group_id)
        most = half_up(over.over_percent * group.expected_pence / 100)
        most = max(most, over.over_pence_per_line * len(settlement.lines))
        assert group.due_pence <= group.expected_pence + (most if group.expected_pence else 0)
    assert all(pence == 0 for pence in agreed.values())


@given(SEEDS)
def test_nobody_is_agreed_more_than_is_due_where_nothing_is_let_pass(seed: int) -> None:
    with drawn(seed) as (folder, _, inputs):
        strict = replace(inputs.settings, over_pence_per_line=0, over_percent=Fraction(0))
        period = Period(folder.first, folder.last)
        settlement = settle(replace(inputs, settings=strict), period, silent)
    for group in settlement.claim_groups:
        assert group.due_pence <= group.expected_pence


@given(SEEDS)
def test_held_lines_say_why_and_payable_lines_wait_for_nothing(seed: int) -> None:
    _, settlement = settlement_of(seed)
    waits = list(Reason)[list(Reason).index(Reason.NO_ORDER) :]
    for line in settlement.lines:
        assert line.held == any(reason in waits for reason in line.reasons)
        assert line.held or line.amount_pence is not None
        assert list(line.reasons) == sorted(line.reasons, key=list(Reason).index)


@given(SEEDS)
@settings(max_examples=25)
def test_what_is_written_reads_back_the_same_from_csv_and_parquet(seed: int) -> None:
    _, settlement = settlement_of(seed)
    with TemporaryDirectory() as name:
        for form in ("csv", "parquet"):
            folder = Path(name) / form
            folder.mkdir()
            write(settlement, folder, form, silent)
            for table in tables.TABLES:
                assert list(files.read(folder, table)) == list(getattr(settlement, table.name))


@given(SEEDS)
@settings(max_examples=25)
def test_the_same_folder_gives_the_same_bytes(seed: int) -> None:
    with drawn(seed) as (folder, path, _), TemporaryDirectory() as name:
        written = []
        for run in ("first", "again"):
            out = Path(name) / run
            out.mkdir()
            write(
                settle(inputs_of(path), Period(folder.first, folder.last), silent), out, "csv", silent
            )
            written.append({file.name: file.read_bytes() for file in out.iterdir()})
        assert written[0] == written[1]


def test_every_kind_of_finding_is_reached(tmp_path: Path) -> None:
    reached: set[Kind] = set()
    for seed in range(150):
        _, settlement = settlement_of(seed)
        reached |= {finding.kind for finding in settlement.findings}
    folder = folders.draw(Random(0))
    stranger = {"person_id": "NOBODY", "from_on": folder.first, "reason": "away"}
    folder.tables["suspensions"].append(stranger)
    path = folder.write(tmp_path)
    (path / "Visit.csv").write_text("visit_id\n")
    planned = (path / "planned.csv").read_text().splitlines()
    (path / "planned.csv").write_text(
        "\n".join([planned[0] + ",colour", *(f"{r}," for r in planned[1:])])
    )
    settlement = settle(inputs_of(path), Period(folder.first, folder.last), silent)
    reached |= {finding.kind for finding in settlement.findings}
    assert reached == set(Kind)

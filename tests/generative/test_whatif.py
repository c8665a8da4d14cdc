"""A what-if says what two settlements by the plain engine say, whatever the folder and the terms."""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from carethread.batch import whatif
from carethread.engine.changes import BandChange, Comparison, LineChange, Measure, ProviderChange
from carethread.engine.columns import compare, run
from carethread.engine.records import Inputs, Period, Settings
from carethread.engine.reference.pipeline import settle
from carethread.engine.results import Line, Settlement
from carethread.engine.units import monday_of
from carethread.engine.variants import VARIANTS, varied
from carethread.formats.settlement.contracts import read_contracts
from tests.engines import inputs_of, silent
from tests.factories import folders

SEEDS = st.integers(0, 2**32)
BANDS = (
    ("under 3.5", 3.5),
    ("3.5 to under 7", 7),
    ("7 to under 14", 14),
    ("14 to under 21", 21),
    ("21 to under 35", 35),
    ("35 or more", float("inf")),
)


def other_file(rng: Random, first: date) -> str:
    """Draw other terms for both contracts, from the start; sometimes with sections of their own."""
    lines = rng.choice([[], ["[match]", "window_minutes = 30"]])
    lines += rng.choice(
        [[], ["[holidays]", f"extra = [{first + timedelta(days=1)}]"], ["[holidays]", "none = true"]]
    )
    for contract in ("C1", "C2"):
        lines += ["[[contract]]", f'id = "{contract}"', *folders.terms(rng, date(2025, 1, 1))]
        if rng.random() < 0.4:
            lines += folders.terms(rng, first + timedelta(days=rng.randint(0, 5)))
    return "\n".join(lines) + "\n"


def under(inputs: Inputs, folder: Path, terms: str) -> Inputs:
    """Return a folder's inputs with the other terms in place of its own."""
    if terms in VARIANTS:
        return replace(inputs, contracts=varied(inputs.contracts, VARIANTS[terms]))
    with TemporaryDirectory() as name:
        text = (folder / terms).read_text()
        (Path(name) / "contracts.toml").write_text(text)
        read = read_contracts(Path(name))
    return replace(
        inputs,
        contracts=read.contracts,
        settings=holidays_of(inputs.settings, read.settings)
        if "holidays" in tomllib.loads(text)
        else inputs.settings,
    )


def holidays_of(own: Settings, other: Settings) -> Settings:
    return replace(own, region_holidays=other.region_holidays, extra_holidays=other.extra_holidays)


def in_words(now: int, then: int) -> str:
    """Write a change in percent, to one decimal, halves up."""
    if now == 0:
        return ""
    if now == then:
        return "0.0%"
    tenths = (abs(then - now) * 2000 + now) // (2 * now)
    return f"{tenths // 10}.{tenths % 10}% {'more' if then > now else 'less'}"


def paid(line: Line) -> int:
    return 0 if line.held else line.amount_pence or 0


def measures(now: Settlement, then: Settlement) -> list[Measure]:
    figures = []
    for one in (now, then):
        held = [line for line in one.lines if line.held]
        figures.append(
            {
                "payable_minutes": sum(n.payable_minutes or 0 for n in one.lines if not n.held),
                "amount_pence": sum(map(paid, one.lines)),
                "held_pence": sum(line.amount_pence or 0 for line in held),
                "lines": len(one.lines),
                "held_lines": len(held),
                "unpriced_lines": sum(line.amount_pence is None for line in held),
            }
        )
    return [
        Measure(name, a, figures[1][name], figures[1][name] - a, in_words(a, figures[1][name]))
        for name, a in figures[0].items()
    ]


def providers(now: Settlement, then: Settlement) -> list[ProviderChange]:
    found = []
    for name in sorted({line.provider_id for line in now.lines}, key=str.encode):
        amounts, minutes, held = [], [], []
        for one in (now, then):
            theirs = [line for line in one.lines if line.provider_id == name]
            amounts.append(sum(map(paid, theirs)))
            minutes.append(sum(line.payable_minutes or 0 for line in theirs if not line.held))
            held.append(sum(line.amount_pence or 0 for line in theirs if line.held))
        found.append(
            ProviderChange(
                provider_id=name,
                amount_pence_now=amounts[0],
                amount_pence_then=amounts[1],
                amount_pence_difference=amounts[1] - amounts[0],
                amount_percent=in_words(*amounts),
                payable_minutes_now=minutes[0],
                payable_minutes_then=minutes[1],
                payable_minutes_difference=minutes[1] - minutes[0],
                payable_minutes_percent=in_words(*minutes),
                held_pence_now=held[0],
                held_pence_then=held[1],
            )
        )
    return found


def bands(now: Settlement, then: Settlement, inputs: Inputs) -> list[BandChange]:
    person_of = {order.order_id: order.person_id for order in inputs.orders}
    planned: Counter[str] = Counter()
    weeks: dict[str, set[date]] = defaultdict(set)
    people = {line.person_id for line in now.lines}
    for line in now.lines:
        if line.planned_minutes is not None:
            planned[line.person_id] += line.planned_minutes
            weeks[line.person_id].add(monday_of(line.service_on))
    for use in now.weekly:
        person = person_of[use.order_id]
        people.add(person)
        planned[person] += use.allowance_minutes
        weeks[person].add(use.week_starting)
    of_band: dict[str, list[str]] = defaultdict(list)
    for person in people:
        days = sum(
            now.period.holds(monday + timedelta(days=n)) for monday in weeks[person] for n in range(7)
        )
        hours = planned[person] * 7 / days / 60 if days else 0
        of_band[next(name for name, end in BANDS if hours < end)].append(person)
    found = []
    for name, _ in BANDS:
        before, after = (
            sum(paid(line) for line in one.lines if line.person_id in of_band[name])
            for one in (now, then)
        )
        people_in = len(of_band[name])
        change_of = (before, after, after - before, in_words(before, after))
        found.append(BandChange(name, people_in, *change_of))
    return found


def lines(now: Sequence[Line], then: Sequence[Line]) -> list[LineChange]:
    others = {line.line_id: line for line in then}
    assert others.keys() == {line.line_id for line in now}
    found = [change(line, others[line.line_id]) for line in now]
    found = [one for one in found if one.amount_pence_difference]
    return sorted(found, key=lambda one: (-abs(one.amount_pence_difference), one.line_id.encode()))


def change(now: Line, then: Line) -> LineChange:
    return LineChange(
        line_id=now.line_id,
        person_id=now.person_id,
        provider_id=now.provider_id,
        service=now.service,
        order_id=now.order_id,
        service_on=now.service_on,
        outcome=now.outcome,
        amount_pence_now=paid(now),
        amount_pence_then=paid(then),
        amount_pence_difference=paid(then) - paid(now),
        held_pence_now=now.amount_pence if now.held else 0,
        held_pence_then=then.amount_pence if then.held else 0,
        payable_minutes_now=now.payable_minutes,
        payable_minutes_then=then.payable_minutes,
        reasons_now=now.reasons,
        reasons_then=then.reasons,
    )


def expected(inputs: Inputs, other: Inputs, period: Period) -> Comparison:
    """Compare two settlements by the plain engine."""
    now, then = (settle(replace(one, invoices=()), period, silent) for one in (inputs, other))
    changing = lines(now.lines, then.lines)
    return Comparison(
        period=period,
        visits=attended(now.lines),
        changed=len(changing),
        measures=measures(now, then),
        providers=providers(now, then),
        bands=bands(now, then, inputs),
        lines=changing,
    )


def attended(every: Iterable[Line]) -> int:
    """Count the visits on lines; status rows are none."""
    return sum(line.outcome in ("delivered", "unplanned") for line in every)


@given(SEEDS)
@settings(max_examples=150)
def test_it_is_what_two_settlements_say(seed: int) -> None:
    rng = Random(seed)
    folder = folders.draw(rng)
    text = other_file(rng, folder.first)
    terms = rng.choice(["other.toml", "other.toml", "other.toml", *VARIANTS])
    period = Period(folder.first, folder.last)
    with folders.written(folder) as path:
        (path / "other.toml").write_text(text)
        given_terms = terms if terms in VARIANTS else str(path / terms)
        asked = whatif.read(path, given_terms, period, silent)
        assert not asked.faults
        inputs = inputs_of(path)
        other = under(inputs, path, terms)
    most = rng.choice([3, compare.MOST_LINES])
    with (
        patch.object(run, "CHUNK", rng.choice([1, run.CHUNK])),
        patch.object(compare, "MOST_LINES", most),
    ):
        found = whatif.compare(asked, period, silent)
    wanted = expected(inputs, other, period)
    assert found == replace(wanted, lines=wanted.lines[:most])

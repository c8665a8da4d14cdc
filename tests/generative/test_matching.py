"""Matching is a true optimum, and what happens far away changes nothing."""

from datetime import timedelta
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from carethread.engine.reference.match import assign
from tests.engines import published, settled
from tests.factories import folders

WINDOWS = st.sampled_from([1, 7, 20, 60, 120, 720])
TIMES = st.lists(st.integers(0, 600), max_size=9).map(sorted)


def cost_of(pairs: list[tuple[int, int]], starts: list[int], check_ins: list[int], window: int) -> int:
    """Return twice the cost of an assignment, so that half a window stays whole."""
    apart = [abs(check_ins[j] - starts[i]) for i, j in pairs]
    assert all(minutes <= window for minutes in apart)
    alone = len(starts) + len(check_ins) - 2 * len(pairs)
    return 2 * sum(apart) + window * alone


def least_cost(starts: list[int], check_ins: list[int], window: int) -> int:
    """Return twice the least cost, by an assignment with a dummy for everything left alone."""
    n, m = len(starts), len(check_ins)
    never = 10**9
    costs = np.full((n + m, n + m), never)
    for i, start in enumerate(starts):
        for j, check_in in enumerate(check_ins):
            if abs(check_in - start) <= window:
                costs[i, j] = 2 * abs(check_in - start)
    costs[:n, m:] = np.where(np.eye(n, dtype=bool), window, never)
    costs[n:, :m] = np.where(np.eye(m, dtype=bool), window, never)
    costs[n:, m:] = 0
    row, column = linear_sum_assignment(costs)
    return int(costs[row, column].sum())


@given(TIMES, TIMES, WINDOWS)
def test_total_cost_is_the_least_there_is(starts: list[int], check_ins: list[int], window: int) -> None:
    pairs = assign(starts, check_ins, window)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert cost_of(pairs, starts, check_ins, window) == least_cost(starts, check_ins, window)


@given(TIMES, TIMES, WINDOWS, st.integers(0, 60), st.sets(st.sampled_from(["slot", "visit"])))
def test_something_far_away_changes_nothing(
    starts: list[int], check_ins: list[int], window: int, further: int, what: set[str]
) -> None:
    slot, visit = "slot" in what, "visit" in what
    before = assign(starts, check_ins, window)
    everything = [*starts, *check_ins, 0]
    later = [max(everything) + window + 1 + further]
    earlier = [min(everything) - window - 1 - further]
    far_later = assign(starts + later * slot, check_ins + later * visit, window)
    far_earlier = assign(earlier * slot + starts, earlier * visit + check_ins, window)
    together = [(len(starts), len(check_ins))] if slot and visit else []
    assert far_later == before + together
    shifted = [(i + slot, j + visit) for i, j in before]
    assert far_earlier == ([(0, 0)] if slot and visit else []) + shifted


@given(st.integers(0, 2**32))
def test_a_weeks_run_and_a_months_run_give_the_same_lines(seed: int) -> None:
    rng = Random(seed)
    folder = folders.draw(rng)
    monday = folder.first - timedelta(days=folder.first.weekday())
    folder.contracts = folder.contracts.replace('pool = "month"', 'pool = "week"')
    with folders.written(folder) as path:
        whole = published(settled(path, monday, monday + timedelta(days=20)))["lines"]
        weeks = [
            line
            for week in range(3)
            for first in [monday + timedelta(days=7 * week)]
            for line in published(settled(path, first, first + timedelta(days=6)))["lines"]
        ]
    assert sorted(weeks, key=lambda line: line["line_id"]) == sorted(
        whole, key=lambda line: line["line_id"]
    )

"""From visit rows to attendances: impossible times, log-ins that are one visit, workers in two places.

Source: settlement §2 (`visits.csv`) and §4.5.
"""

from typing import NamedTuple

import numpy as np

from carethread.engine.columns import says
from carethread.engine.columns.arrays import NONE, Ints, Longs
from carethread.engine.columns.book import Attended, Frame, Orders, Rota, Visits
from carethread.engine.columns.clock import DAY
from carethread.engine.columns.compiled import bare, compiled
from carethread.engine.columns.plan import has_start_between, name_another
from carethread.engine.words import Status

DELIVERED, CANCELLED, FRUSTRATED = (list(Status).index(status) for status in Status)
_GROWS = 2
LOW = 0x7FFFFFFF


@bare
def is_less(visits: Visits, one: int, other: int) -> bool:
    """Say whether a visit's id is less than another's, byte by byte."""
    a, a_end = visits.offsets[visits.text[one]], visits.offsets[visits.text[one] + 1]
    b, b_end = visits.offsets[visits.text[other]], visits.offsets[visits.text[other] + 1]
    while a < a_end and b < b_end:
        if visits.data[a] != visits.data[b]:
            return visits.data[a] < visits.data[b]
        a += 1
        b += 1
    return b < b_end


@bare
def sort_numbers(numbers: Longs, count: int) -> None:
    """Sort the first `count` numbers, as Shell did: a person has few, and the library makes arrays."""
    gap = 1
    while gap < count // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, count):
            number, j = numbers[i], i
            while j >= gap and numbers[j - gap] > number:
                numbers[j] = numbers[j - gap]
                j -= gap
            numbers[j] = number
        gap //= 3


@bare
def sort_by_time(visits: Visits, times: Ints, places: Ints, spare: Longs, count: int) -> None:
    """Sort the first `count` places by (time, visit id)."""
    keys = spare
    for i in range(count):
        keys[i] = (np.int64(times[places[i]]) << 32) | places[i]
    sort_numbers(keys, count)
    for i in range(count):
        places[i] = keys[i] & LOW
    for i in range(1, count):
        if keys[i] >> 32 == keys[i - 1] >> 32:
            _sink(visits, times, places, i)


@bare
def _sink(visits: Visits, times: Ints, places: Ints, i: int) -> None:
    """Put a visit before those of the same time whose ids are greater."""
    visit = places[i]
    while i > 0 and times[places[i - 1]] == times[visit] and is_less(visits, visit, places[i - 1]):
        places[i] = places[i - 1]
        i -= 1
    places[i] = visit


@compiled
def with_room(found: Ints, count: int, more: int) -> Ints:
    """Return the table of findings with room for more rows."""
    if count + more <= len(found):
        return found
    larger = np.empty((max(_GROWS * len(found), count + more), says.WIDTH), np.int32)
    larger[:count] = found[:count]
    return larger


@bare
def note(
    found: Ints, count: int, saying: int, visit: int, order: int, line: int, number: int, other: int
) -> int:
    """Write a finding and return the new count."""
    found[count, 0] = saying
    found[count, 1] = visit
    found[count, 2] = order
    found[count, 3] = line
    found[count, 4] = number
    found[count, 5] = other
    return count + 1


@bare
def _unusable(visits: Visits, visit: int) -> tuple[int, int]:
    """Return why a current row takes no part, or -1, with its number."""
    check_in, check_out = visits.check_in[visit], visits.check_out[visit]
    if check_in == NONE:
        return (says.NO_CHECK_IN if visits.status[visit] == DELIVERED else -1), 0
    if check_out == NONE:
        return -1, 0
    length = check_out - check_in
    if length < 0:
        return says.BAD_TIMES, -length
    if length > DAY:
        return says.TOO_LONG, length
    return -1, 0


@bare
def _is_another(
    visits: Visits,
    orders: Orders,
    rota: Rota,
    person: int,
    first: int,
    visit: int,
    latest: int,
    gap: int,
) -> bool:
    """Say whether a log-in near an earlier one is a visit of its own all the same."""
    provider, service = visits.provider[visit], visits.service[visit]
    one, other = visits.planned_start[first], visits.planned_start[visit]
    if name_another(orders, rota, person, provider, service, one, other):
        return True
    check_in = visits.check_in[visit]
    if check_in < latest - gap:
        return False
    earliest = max(latest - gap, visits.check_in[first] + gap + 1)
    return has_start_between(orders, rota, person, provider, service, earliest, check_in + gap)


class _Runs(NamedTuple):
    """The visits that log-ins can still be joined to, of a person's workers in turn.

    head: the visit; last: its last log-in so far; latest: the latest check-out so far.
    """

    head: Ints
    last: Ints
    latest: Ints


@compiled
def attend(
    visits: Visits,
    orders: Orders,
    rota: Rota,
    frame: Frame,
    attended: Attended,
    first_person: int,
    end_person: int,
) -> Ints:
    """Join the log-ins of persons from first to end; return the findings, at most one a row."""
    rows = visits.begin[end_person] - visits.begin[first_person]
    found = np.empty((rows, says.WIDTH), np.int32)
    most = 1
    for person in range(first_person, end_person):
        most = max(most, visits.begin[person + 1] - visits.begin[person])
    places, spare = np.empty(most, np.int32), np.empty(most, np.int64)
    runs = _Runs(np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int32))
    count = 0
    for person in range(first_person, end_person):
        count = _attend(
            visits, orders, rota, frame.gap, attended, person, places, spare, runs, found, count
        )
    return found[:count].copy()


@bare
def _attend(
    visits: Visits,
    orders: Orders,
    rota: Rota,
    gap: int,
    attended: Attended,
    person: int,
    places: Ints,
    spare: Longs,
    runs: _Runs,
    found: Ints,
    count: int,
) -> int:
    """Join the log-ins of a person; return how many findings there are by now."""
    begin, end = visits.begin[person], visits.begin[person + 1]
    usable, count = _usable(visits, attended, begin, end, places, found, count)
    sort_by_time(visits, visits.check_in, places, spare, usable)
    heads = open_runs = 0
    for i in range(usable):
        visit = places[i]
        run = _run_of(visits, runs, open_runs, visit)
        if run < open_runs and _is_part(visits, orders, rota, person, runs, run, visit, gap):
            _join(visits, attended, runs, run, visit)
            count = note(found, count, says.JOINED, visit, -1, -1, 0, runs.head[run])
            continue
        _begin(visits, attended, visit)
        attended.heads[begin + heads] = visit
        heads += 1
        if visits.check_out[visit] != NONE:
            runs.head[run], runs.last[run] = visit, visit
            runs.latest[run] = visits.check_out[visit]
            open_runs = max(open_runs, run + 1)
    return count


@bare
def _usable(
    visits: Visits, attended: Attended, begin: int, end: int, places: Ints, found: Ints, count: int
) -> tuple[int, int]:
    """Gather a person's delivered visits that take part; note those whose times cannot be."""
    usable = 0
    for visit in range(begin, end):
        attended.head[visit] = -1
        attended.heads[visit] = -1
        attended.overlap[visit] = -1
        attended.next_part[visit] = -1
        if visits.state[visit] != 0:
            continue
        why, number = _unusable(visits, visit)
        if why >= 0:
            visits.state[visit] = 1
            count = note(found, count, why, visit, -1, -1, number, -1)
        elif visits.status[visit] == DELIVERED:
            places[usable] = visit
            usable += 1
    return usable, count


@bare
def _run_of(visits: Visits, runs: _Runs, open_runs: int, visit: int) -> int:
    """Return the place of the run of the visit's worker and care, or the next free place."""
    for run in range(open_runs):
        head = runs.head[run]
        if (
            visits.worker[head] == visits.worker[visit]
            and visits.provider[head] == visits.provider[visit]
            and visits.service[head] == visits.service[visit]
        ):
            return run
    return open_runs


@bare
def _is_part(
    visits: Visits,
    orders: Orders,
    rota: Rota,
    person: int,
    runs: _Runs,
    run: int,
    visit: int,
    gap: int,
) -> bool:
    """Say whether a log-in is part of the visit of its worker's run."""
    if visits.check_out[visit] == NONE or visits.check_in[visit] > runs.latest[run] + gap:
        return False
    head, latest = runs.head[run], runs.latest[run]
    return not _is_another(visits, orders, rota, person, head, visit, latest, gap)


@bare
def _join(visits: Visits, attended: Attended, runs: _Runs, run: int, visit: int) -> None:
    """Join a log-in to a visit: the latest check-out, the first reason, the minutes covered."""
    head, latest = runs.head[run], runs.latest[run]
    check_in, check_out = visits.check_in[visit], visits.check_out[visit]
    attended.head[visit] = head
    attended.next_part[runs.last[run]] = visit
    runs.last[run] = visit
    attended.log_ins[head] += 1
    attended.own[head] += max(0, check_out - max(check_in, latest))
    if check_out > latest:
        runs.latest[run] = check_out
        attended.out[head] = check_out
        attended.out_method[head] = visits.out_method[visit]
    if attended.reason[head] < 0:
        attended.reason[head] = visits.reason[visit]


@bare
def _begin(visits: Visits, attended: Attended, visit: int) -> None:
    """Begin a visit with its first log-in."""
    check_in, check_out = visits.check_in[visit], visits.check_out[visit]
    attended.head[visit] = visit
    attended.out[visit] = check_out
    attended.out_method[visit] = visits.out_method[visit]
    attended.reason[visit] = visits.reason[visit]
    attended.log_ins[visit] = 1
    attended.own[visit] = NONE if check_out == NONE else check_out - check_in


@bare
def _next_stretch(visits: Visits, attended: Attended, part: int) -> tuple[int, int, int]:
    """Return a stretch that begins with a part, and the part that begins the next (-1: none)."""
    begin, end = visits.check_in[part], visits.check_out[part]
    part = attended.next_part[part]
    while part >= 0 and visits.check_in[part] <= end:
        end = max(end, visits.check_out[part])
        part = attended.next_part[part]
    return begin, end, part


@bare
def minutes_together(visits: Visits, attended: Attended, one: int, other: int) -> int:
    """Return the minutes during which both visits were there, gaps not counted.

    Source: settlement §5.1.
    """
    together = 0
    while one >= 0:
        begin, end, one = _next_stretch(visits, attended, one)
        part = other
        while part >= 0:
            other_begin, other_end, part = _next_stretch(visits, attended, part)
            together += max(0, min(end, other_end) - max(begin, other_begin))
    return together


@compiled
def by_worker(visits: Visits, attended: Attended, workers: int) -> tuple[Longs, Longs]:
    """Return the visits with both clocks as check-in and place in one number, worker by worker.

    And where each worker's begin.
    """
    begin = np.zeros(workers + 2, np.int64)
    for visit in range(len(attended.head)):
        if attended.head[visit] == visit and attended.out[visit] != NONE:
            begin[visits.worker[visit] + 2] += 1
    for worker in range(workers):
        begin[worker + 2] += begin[worker + 1]
    keys = np.empty(begin[workers + 1], np.int64)
    for visit in range(len(attended.head)):
        if attended.head[visit] == visit and attended.out[visit] != NONE:
            place = visits.worker[visit] + 1
            keys[begin[place]] = (np.int64(visits.check_in[visit]) << 32) | visit
            begin[place] += 1
    return keys, begin


@compiled
def find_overlaps(
    visits: Visits,
    persons: Ints,
    attended: Attended,
    keys: Longs,
    begin: Longs,
    first_worker: int,
    end_worker: int,
) -> None:
    """Find visits that overlap another of the same provider's same worker at a different person.

    Source: settlement §4.5.
    """
    most = 1
    for worker in range(first_worker, end_worker):
        most = max(most, begin[worker + 1] - begin[worker])
    going_on, until = np.empty(most, np.int32), np.empty(most, np.int32)
    for worker in range(first_worker, end_worker):
        theirs = keys[begin[worker] : begin[worker + 1]]
        theirs.sort()
        _find_overlaps(visits, persons, attended, theirs, going_on, until)


@bare
def _find_overlaps(
    visits: Visits, persons: Ints, attended: Attended, keys: Longs, going_on: Ints, until: Ints
) -> None:
    """Look through one worker's visits, earliest first, with those still going on."""
    count = 0
    for key in keys:
        visit, check_in = np.int32(key & LOW), np.int32(key >> 32)
        check_out = attended.out[visit]
        still = 0
        for i in range(count):
            other = going_on[i]
            if until[i] <= check_in:
                continue
            going_on[still], until[still] = other, until[i]
            still += 1
            if (
                visits.check_in[other] < check_out
                and persons[other] != persons[visit]
                and visits.provider[other] == visits.provider[visit]
            ):
                _keep_least(visits, attended, other, visit)
                _keep_least(visits, attended, visit, other)
        going_on[still], until[still] = visit, check_out
        count = still + 1


@bare
def _keep_least(visits: Visits, attended: Attended, visit: int, other: int) -> None:
    before = attended.overlap[visit]
    if before < 0 or is_less(visits, other, before):
        attended.overlap[visit] = other

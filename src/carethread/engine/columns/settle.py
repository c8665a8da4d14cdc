"""Persons settled one after another in compiled code: what `reference.pipeline` does, in its order.

Source: settlement §3 to §6.
"""

import numpy as np

from carethread.engine.columns.answers import answer, count_heads, explain, gather_statuses
from carethread.engine.columns.arrays import Ints, Longs, Marks
from carethread.engine.columns.book import Absences, Attended, Frame, Orders, Rota, Visits
from carethread.engine.columns.closing import close, put_in_order
from carethread.engine.columns.compiled import bare, compiled
from carethread.engine.columns.desk import Desk, lay, room_for
from carethread.engine.columns.doubts import (
    doubt_statuses,
    doubt_suspensions,
    doubt_teams,
    doubt_visits,
)
from carethread.engine.columns.drafts import (
    count_time_together,
    put_longer_first,
    slot_drafts,
    visit_drafts,
)
from carethread.engine.columns.lines import Lines, no_lines
from carethread.engine.columns.minutes import pay_pools, pay_slots, pay_unplanned
from carethread.engine.columns.notes import Notes, no_notes, with_room_for
from carethread.engine.columns.slots import find_cares, plan_slots
from carethread.engine.columns.tariff import Tariff
from carethread.engine.columns.weeks import clear_weeks, pay_weekly, tell_weeks


@compiled
def settle(
    orders: Orders,
    rota: Rota,
    absences: Absences,
    visits: Visits,
    attended: Attended,
    tariff: Tariff,
    frame: Frame,
    first_person: int,
    end_person: int,
    told: Marks,
) -> tuple[Ints, Longs, Ints, Ints]:
    """Settle the persons from first to end.

    Returns (table of lines, column by row; pence of the lines and of their plans; findings; weeks:
    order code, monday, allowance, used). `told` counts for every visit row how often it is accounted
    for.
    """
    room = room_for(orders, visits, frame, first_person, end_person)
    desk = lay(room, frame, visits.begin[first_person], visits.begin[end_person])
    lines, notes = no_lines(room.lines), no_notes()
    weeks = np.empty((room.weeks, 4), np.int32)
    settled = told_weeks = 0
    for person in range(first_person, end_person):
        notes = with_room_for(notes, len(desk.drafts), len(desk.used))
        settled, told_weeks = _settle(
            orders,
            rota,
            absences,
            visits,
            attended,
            tariff,
            frame,
            person,
            desk,
            lines,
            notes,
            weeks,
            told,
            settled,
            told_weeks,
        )
    found = notes.found[: notes.total[0]]
    return lines.columns[:, :settled], lines.pence[:, :settled], found, weeks[:told_weeks]


@bare
def _settle(
    orders: Orders,
    rota: Rota,
    absences: Absences,
    visits: Visits,
    attended: Attended,
    tariff: Tariff,
    frame: Frame,
    person: int,
    desk: Desk,
    lines: Lines,
    notes: Notes,
    weeks: Ints,
    told: Marks,
    settled: int,
    told_weeks: int,
) -> tuple[int, int]:
    """Settle a person; return how many lines and weeks there are by now."""
    cares = desk.cares[: find_cares(orders, person, desk.cares)]
    slots = desk.slots[: plan_slots(orders, rota, frame, person, cares, desk)]
    first = visits.begin[person]
    heads = attended.heads[first : first + count_heads(visits, attended, person)]
    statuses = desk.statuses[: gather_statuses(visits, person, desk)]
    answer(cares, slots, heads, visits, frame, desk)
    put_longer_first(slots, orders, visits, attended, tariff)
    explain(cares, slots, statuses, visits, frame, notes, told)

    count = slot_drafts(
        person, slots, orders, absences, visits, attended, tariff, frame, desk, notes, told
    )
    planned = desk.drafts[:count]
    count_time_together(slots, planned, visits, attended, tariff)
    count += visit_drafts(
        person, heads, count, orders, visits, attended, tariff, frame, desk, notes, told
    )
    drafts, others = desk.drafts[:count], desk.drafts[len(planned) : count]
    used = desk.used[: clear_weeks(orders, person, desk.used)]
    pay_weekly(others, orders, visits, tariff, frame, person, used)
    put_in_order(drafts, slots, orders, visits, frame, desk.when, settled)

    doubt_teams(slots, drafts, visits, tariff, notes)
    doubt_visits(drafts, slots, orders, visits, attended, tariff, frame, desk, notes)
    doubt_suspensions(drafts, slots, orders, absences, visits, person, notes)
    doubt_statuses(drafts, slots, orders, absences, visits, frame, person, notes)

    pay_slots(planned, slots, orders, absences, visits, tariff, person)
    pay_unplanned(others, tariff)
    pay_pools(planned, orders, tariff, frame, desk.pools, notes)
    told_weeks = tell_weeks(orders, frame, person, used, weeks, told_weeks, notes)
    close(
        desk.when[:count],
        drafts,
        slots,
        orders,
        absences,
        visits,
        attended,
        tariff,
        frame,
        person,
        lines,
        notes,
        told,
    )
    return settled + count, told_weeks

"""Persons settled one after another in one compiled pass: slots, matching, pay, price, lines.

The steps and their order are those of `reference`; each comment names the function there that it
follows.

Source: settlement §3 to §5.
"""

import numpy as np
from numba import njit

from carethread.engine.columns import pay, says
from carethread.engine.columns import tariff as tables
from carethread.engine.columns.arrays import NONE
from carethread.engine.columns.attend import (
    DELIVERED,
    FRUSTRATED,
    is_less,
    minutes_together,
    note,
    sort_by_time,
    with_room,
)
from carethread.engine.columns.clock import instant_on, is_changed, local_day, monday_of
from carethread.engine.columns.match import assign
from carethread.engine.columns.plan import (
    DECEASED,
    HOSPITAL,
    absence_mask,
    hospital_stay_began,
    in_force,
    is_care,
    is_commissioned,
    is_suspended,
    is_wholly_suspended,
    planned_start,
    told_at,
)
from carethread.engine.columns.tariff import terms_on
from carethread.engine.words import HOLDING, CancelledBy, Method, Outcome, Reason

MARGIN = 7
"""Days outside the settled period in which slots and visits take part. Source: settlement §3."""
BY_PROVIDER = list(CancelledBy).index(CancelledBy.PROVIDER)
MANUAL = list(Method).index(Method.MANUAL)
DELIVERED_LINE, MISSED, CALLED_OFF, TURNED_AWAY, SUSPENDED, UNPLANNED = (
    list(Outcome).index(outcome)
    for outcome in (
        Outcome.DELIVERED,
        Outcome.MISSED,
        Outcome.CANCELLED,
        Outcome.FRUSTRATED,
        Outcome.SUSPENDED,
        Outcome.UNPLANNED,
    )
)
NOT_HAD, ANSWERS, EXPLAINS = 1, 2, 4

CAPPED, POOLED, OVER_ALLOWANCE = (
    pay.bit(r) for r in (Reason.CAPPED, Reason.POOLED, Reason.OVER_WEEKLY_ALLOWANCE)
)
FRUSTRATED_PAID, LATE_CANCELLATION, RETAINER = (
    pay.bit(r) for r in (Reason.FRUSTRATED_PAID, Reason.LATE_CANCELLATION, Reason.RETAINER)
)
UNPLANNED_ZERO, NO_ORDER, NO_CONTRACT, NO_TERMS = (
    pay.bit(r) for r in (Reason.UNPLANNED_ZERO, Reason.NO_ORDER, Reason.NO_CONTRACT, Reason.NO_TERMS)
)
IN_SUSPENSION, TOLD_BEFORE, NO_PROOF = (
    pay.bit(r)
    for r in (Reason.VISIT_IN_SUSPENSION, Reason.TOLD_BEFORE_VISIT, Reason.NO_ATTENDANCE_PROOF)
)
NO_CANCELLED_BY, NO_NOTICE_TIME, NO_CHECK_OUT = (
    pay.bit(r) for r in (Reason.NO_CANCELLED_BY, Reason.NO_NOTICE_TIME, Reason.NO_CHECK_OUT)
)
HELD_UNPLANNED, MANUAL_WITHOUT_REASON = (
    pay.bit(r) for r in (Reason.UNPLANNED, Reason.MANUAL_WITHOUT_REASON)
)
SAME_WORKER, WORKER_OVERLAP, SHORT_TEAM, LATE = (
    pay.bit(r)
    for r in (
        Reason.SAME_WORKER,
        Reason.WORKER_OVERLAP,
        Reason.SHORT_TEAM,
        Reason.LATE_TIME_CRITICAL,
    )
)
NO_RATE, AMBIGUOUS = (pay.bit(r) for r in (Reason.NO_RATE, Reason.AMBIGUOUS_RATE))
HOLD_BITS = sum(pay.bit(reason) for reason in HOLDING)
ON_SAME_WORKER, ON_OVERLAP, ON_SHORT_TEAM, ON_LATE = 1, 2, 4, 8
"""The bits of HOLD_ON, in the order of `tariff.DOUBTS`."""

COLUMNS = (
    *("person", "provider", "service", "order", "contract", "slot", "agreed_start"),
    *("planned_start", "planned_minutes", "visit", "check_in", "check_out", "counted_minutes"),
    *("deviation", "outcome", "payable_minutes", "held", "reasons", "service_on", "critical"),
    *("carers", "log_ins", "own_minutes", "terms", "rule", "rule_minutes", "figure_minutes"),
    *("ceiling_minutes", "pooled_minutes", "allowance_minutes", "used_minutes", "told_at"),
    *("notice_minutes", "absence", "stay_from", "percent", "card", "rate", "step_minutes"),
    *("step_pence", "limit_pence", "attended", "version"),
)
"""The columns of settled lines, in the order of the table that `settle` fills. `attended` is 1 where
`visit` is a delivered visit and not a status row; `version` the order version the line is under;
`order` its code, -1 where the line shows none; words and reasons are places and bits."""
(
    PERSON,
    PROVIDER,
    SERVICE,
    ORDER,
    CONTRACT,
    SLOT,
    AGREED,
    PLANNED,
    PLANNED_MINUTES,
    VISIT,
    CHECK_IN,
    CHECK_OUT,
    COUNTED,
    DEVIATION,
    OUTCOME,
    PAYABLE,
    HELD,
    REASONS,
    SERVICE_ON,
    CRITICAL,
    CARERS,
    LOG_INS,
    OWN,
    TERMS,
    RULE,
    RULE_MINUTES,
    FIGURE,
    CEILING,
    POOLED_MINUTES,
    ALLOWANCE,
    USED,
    TOLD_AT,
    NOTICE,
    ABSENCE,
    STAY_FROM,
    PERCENT,
    CARD,
    RATE,
    STEP_MINUTES,
    STEP_PENCE,
    LIMIT_PENCE,
    ATTENDED,
    VERSION,
) = range(43)
NO_PERCENT = -1
"""A share of nothing: the percent of a notice longer than all."""


@njit(cache=True, nogil=True)
def _care_of(providers, services, cares, provider, service):
    for care in range(cares):
        if providers[care] == provider and services[care] == service:
            return care
    providers[cares] = provider
    services[cares] = service
    return cares


@njit(cache=True, nogil=True)
def _first_at(starts, begin, end, start):
    """Return the first place in begin..end of rising starts that is not before `start`."""
    while begin < end:
        middle = (begin + end) // 2
        if starts[middle] < start:
            begin = middle + 1
        else:
            end = middle
    return begin


@njit(cache=True, nogil=True)
def count_lines(orders, visits, frame, first_person, end_person):
    """Return the most lines that persons can have, and the most slots and visits of one of them."""
    lines, slots, rows = 0, 1, 1
    for person in range(first_person, end_person):
        theirs = 0
        for order in range(orders.begin[person], orders.begin[person + 1]):
            if orders.weekly[order]:
                continue
            first = max(frame.first - MARGIN, orders.starts[order])
            last = min(frame.last + MARGIN, orders.ends[order])
            if last >= first:
                theirs += (last - first + 1) * orders.carers[order]
        count = visits.begin[person + 1] - visits.begin[person]
        lines += theirs + count
        slots, rows = max(slots, theirs), max(rows, count)
    return lines, slots, rows


@njit(cache=True, nogil=True)
def settle(  # noqa: C901, PLR0912, PLR0915 -- one pass over a person, as the pipeline goes
    orders,
    rota,
    absences,
    visits,
    attended,
    tariff,
    frame,
    first_person,
    end_person,
    told,
):
    """Settle the persons from first to end.

    Returns (table of lines, column by row; pence of the lines and of their plans; findings; weeks:
    order code, monday, allowance, used). `told` counts for every visit row how often it is accounted
    for.
    """
    most_lines, most_slots, most_rows = count_lines(orders, visits, frame, first_person, end_person)
    out = np.empty((len(COLUMNS), most_lines), np.int32)
    pence = np.empty((2, most_lines), np.int64)
    weeks = np.empty((16, 4), np.int32)
    week_count = 0
    found = np.empty((1024, says.WIDTH), np.int32)
    count = 0
    total = 0
    window = frame.window
    first_wide, last_wide = frame.first - MARGIN, frame.last + MARGIN
    base = (first_wide - 2) * 1440

    keys = np.empty(most_slots, np.int64)
    s_order, s_day = np.empty(most_slots, np.int32), np.empty(most_slots, np.int32)
    s_number, s_care = np.empty(most_slots, np.int32), np.empty(most_slots, np.int32)
    s_agreed, s_planned = np.empty(most_slots, np.int32), np.empty(most_slots, np.int32)
    s_visit, s_status = np.empty(most_slots, np.int32), np.empty(most_slots, np.int32)
    s_draft = np.empty(most_slots, np.int32)
    free, free_start = np.empty(most_slots, np.int32), np.empty(most_slots, np.int32)
    answer = np.empty(most_slots, np.int32)
    rest, rest_in = np.empty(most_rows, np.int32), np.empty(most_rows, np.int32)
    status, spare = np.empty(most_rows, np.int32), np.empty(most_rows, np.int32)
    v_care, v_part = np.empty(most_rows, np.int32), np.empty(most_rows, np.int8)

    drafts = most_slots + most_rows
    d_slot, d_visit = np.empty(drafts, np.int32), np.empty(drafts, np.int32)
    d_order, d_outcome = np.empty(drafts, np.int32), np.empty(drafts, np.int32)
    d_day, d_terms = np.empty(drafts, np.int32), np.empty(drafts, np.int32)
    d_missing, d_counted = np.empty(drafts, np.int32), np.empty(drafts, np.int32)
    d_payable, d_percent = np.empty(drafts, np.int32), np.empty(drafts, np.int32)
    d_steps, d_holds = np.empty(drafts, np.int32), np.empty(drafts, np.int32)
    d_rule, d_rule_minutes = np.empty(drafts, np.int32), np.empty(drafts, np.int32)
    d_figure, d_ceiling = np.empty(drafts, np.int32), np.empty(drafts, np.int32)
    d_pooled, d_allowance = np.empty(drafts, np.int32), np.empty(drafts, np.int32)
    d_used, d_told = np.empty(drafts, np.int32), np.empty(drafts, np.int32)
    d_notice, d_stay = np.empty(drafts, np.int32), np.empty(drafts, np.int32)
    d_share, d_pool = np.empty(drafts, np.int32), np.empty(drafts, np.int32)
    d_when, d_tie = np.empty(drafts, np.int64), np.empty(drafts, np.int64)
    p_order, p_kind = np.empty(drafts, np.int32), np.empty(drafts, np.int32)
    p_start, p_room = np.empty(drafts, np.int32), np.empty(drafts, np.int64)
    rank = np.empty(drafts, np.int32)

    for person in range(first_person, end_person):
        first_order, end_order = orders.begin[person], orders.begin[person + 1]
        first_visit, end_visit = visits.begin[person], visits.begin[person + 1]
        rows = end_visit - first_visit
        has_absences = absences.begin[person + 1] > absences.begin[person]
        providers = np.empty(end_order - first_order + rows, np.int32)
        services = np.empty(end_order - first_order + rows, np.int32)
        cares = 0

        # Plan.slots: every slot of the period and its margins, by care, start, order and number
        slots = 0
        for order in range(first_order, end_order):
            care = _care_of(providers, services, cares, orders.provider[order], orders.service[order])
            cares = max(cares, care + 1)
            if orders.weekly[order]:
                continue
            first = max(first_wide, orders.starts[order])
            last = min(last_wide, orders.ends[order])
            for day in range(first, last + 1):
                if is_commissioned(orders, order, day):
                    agreed = instant_on(day, orders.start_minute[order])
                    start = planned_start(orders, rota, order, day, agreed)
                    key = (np.int64(care) << 50) | (np.int64(start - base) << 24)
                    key |= np.int64(order - first_order) << 2
                    for number in range(1, orders.carers[order] + 1):
                        keys[slots] = key | number
                        slots += 1
        keys[:slots].sort()
        for slot in range(slots):
            key = keys[slot]
            order = first_order + ((key >> 2) & 0x3FFFFF)
            start = ((key >> 24) & 0x3FFFFFF) + base
            day = local_day(start)
            s_care[slot] = key >> 50
            s_order[slot], s_number[slot] = order, key & 3
            s_planned[slot], s_day[slot] = start, day
            s_agreed[slot] = instant_on(day, orders.start_minute[order])
            s_visit[slot] = -1
            s_status[slot] = -1
            s_draft[slot] = -1

        # who takes part: heads by time, with their care; status rows by (planned start, id)
        heads = 0
        while heads < rows and attended.heads[first_visit + heads] >= 0:
            heads += 1
        statuses = 0
        for visit in range(first_visit, end_visit):
            v_part[visit - first_visit] = 0
            if visits.state[visit] == 0 and visits.status[visit] != DELIVERED:
                status[statuses] = visit
                statuses += 1
        sort_by_time(visits, visits.planned_start, status, spare, statuses)
        for i in range(heads):
            visit = attended.heads[first_visit + i]
            care = _care_of(providers, services, cares, visits.provider[visit], visits.service[visit])
            cares = max(cares, care + 1)
            v_care[visit - first_visit] = care

        # match.named and match.timed, care by care
        begin = 0
        for care in range(cares):
            end = begin
            while end < slots and s_care[end] == care:
                end += 1
            waiting = 0
            for i in range(heads):
                visit = attended.heads[first_visit + i]
                if v_care[visit - first_visit] != care:
                    continue
                check_in = visits.check_in[visit]
                day = local_day(check_in)
                if day < first_wide or day > last_wide:
                    continue
                start = visits.planned_start[visit]
                taken = -1
                if start != NONE:
                    place = _first_at(s_planned, begin, end, start)
                    if abs(check_in - start) <= window:
                        while place < end and s_planned[place] == start:
                            if s_visit[place] < 0:
                                taken = place
                                break
                            place += 1
                    if taken < 0:
                        for place in range(begin, end):
                            if s_agreed[place] != start or s_planned[place] == start:
                                continue
                            if s_visit[place] >= 0 or abs(check_in - s_planned[place]) > window:
                                continue
                            if taken < 0 or (s_order[place], s_number[place]) < (
                                s_order[taken],
                                s_number[taken],
                            ):
                                taken = place
                    if taken < 0:
                        v_part[visit - first_visit] |= NOT_HAD
                if taken < 0:
                    rest[waiting] = visit
                    rest_in[waiting] = check_in
                    waiting += 1
                else:
                    s_visit[taken] = visit
            if waiting > 0:
                n = 0
                for slot in range(begin, end):
                    if s_visit[slot] < 0:
                        free[n] = slot
                        free_start[n] = s_planned[slot]
                        n += 1
                assign(free_start, rest_in, n, waiting, window, answer)
                for k in range(n):
                    if answer[k] >= 0:
                        s_visit[free[k]] = rest[answer[k]]
            begin = end

        # drafts.put_longer_first
        for slot in range(slots - 1):
            if s_number[slot] != 1 or s_number[slot + 1] != 2 or s_order[slot] != s_order[slot + 1]:
                continue
            one, two = s_visit[slot], s_visit[slot + 1]
            if one < 0 or two < 0 or attended.own[one] == NONE or attended.own[two] == NONE:
                continue
            terms = _terms_of(orders, tariff, s_order[slot], s_day[slot])
            if terms < 0 or tariff.terms[terms, tables.OVERLAP] == 0:
                continue
            swap = attended.own[two] > attended.own[one]
            if attended.own[two] == attended.own[one]:
                if visits.check_in[two] != visits.check_in[one]:
                    swap = visits.check_in[two] < visits.check_in[one]
                else:
                    swap = is_less(visits, two, one)
            if swap:
                s_visit[slot], s_visit[slot + 1] = two, one

        # match.explained
        found = with_room(found, count, statuses + 2 * heads)
        for i in range(statuses):
            row = status[i]
            start = visits.planned_start[row]
            care = -1
            for c in range(cares):
                if providers[c] == visits.provider[row] and services[c] == visits.service[row]:
                    care = c
            begin = _first_slot_of(s_care, slots, care)
            end = _first_slot_of(s_care, slots, care + 1) if care >= 0 else begin
            taken, named, answered = -1, 0, 0
            place = _first_at(s_planned, begin, end, start)
            while place < end and s_planned[place] == start:
                named += 1
                answered += s_visit[place] >= 0
                if taken < 0 and s_visit[place] < 0 and s_status[place] < 0:
                    taken = place
                place += 1
            as_moved = taken >= 0
            for place in range(begin, end):
                if s_agreed[place] != start or s_planned[place] == start:
                    continue
                named += 1
                answered += s_visit[place] >= 0
                if as_moved or s_visit[place] >= 0 or s_status[place] >= 0:
                    continue
                if taken < 0 or (s_order[place], s_number[place]) < (
                    s_order[taken],
                    s_number[taken],
                ):
                    taken = place
            if taken >= 0:
                s_status[taken] = row
                v_part[row - first_visit] |= EXPLAINS
                continue
            day = local_day(start)
            if day < frame.first or day > frame.last:
                saying = says.PLANNED_OUTSIDE
            elif named > 0 and named == answered:
                saying = says.OVERTAKEN
            else:
                saying = says.WITHOUT_PLAN
            count = note(found, count, saying, row, -1, -1, 0, -1)
            told[row] += 1

        # drafts.slot_drafts, and what belongs to another period
        n = 0
        for slot in range(slots):
            visit, row = s_visit[slot], s_status[slot]
            if visit >= 0:
                v_part[visit - first_visit] |= ANSWERS
            day = s_day[slot]
            if day < frame.first or day > frame.last:
                for other in (visit, row):
                    if other >= 0:
                        count = note(found, count, says.OUTSIDE, other, -1, -1, 0, -1)
                        told[other] += 1
                continue
            s_draft[slot] = n
            d_slot[n], d_order[n], d_day[n] = slot, s_order[slot], day
            d_visit[n] = visit if visit >= 0 else row
            if visit >= 0:
                outcome = DELIVERED_LINE
            elif row < 0:
                suspended = has_absences and is_suspended(
                    absences, orders, person, s_order[slot], s_planned[slot]
                )
                outcome = SUSPENDED if suspended else MISSED
            elif visits.status[row] == FRUSTRATED:
                outcome = TURNED_AWAY
            elif visits.cancelled_by[row] == BY_PROVIDER:
                outcome = MISSED
            else:
                outcome = CALLED_OFF
            d_outcome[n] = outcome
            d_counted[n] = attended.own[visit] if visit >= 0 else NONE
            n += 1
        slot_drafts = n
        for i in range(heads):
            visit = attended.heads[first_visit + i]
            if v_part[visit - first_visit] & ANSWERS:
                continue
            day = local_day(visits.check_in[visit])
            if day < frame.first or day > frame.last:
                count = note(found, count, says.OUTSIDE, visit, -1, -1, 0, -1)
                told[visit] += 1
                continue
            d_slot[n], d_visit[n], d_day[n] = -1, visit, day
            d_outcome[n] = UNPLANNED
            d_counted[n] = attended.own[visit]
            d_order[n] = -1
            for order in range(first_order, end_order):
                if is_care(orders, order, visits.provider[visit], visits.service[visit]):
                    if in_force(orders, order, day):
                        d_order[n] = order
                        break
            n += 1
        drafts = n
        for draft in range(drafts):
            d_payable[draft], d_percent[draft] = NONE, tables.WHOLE
            d_steps[draft], d_holds[draft] = 0, 0
            d_rule[draft], d_rule_minutes[draft] = -1, NONE
            d_figure[draft], d_ceiling[draft] = NONE, NONE
            d_pooled[draft], d_allowance[draft] = NONE, NONE
            d_used[draft], d_told[draft] = NONE, NONE
            d_notice[draft], d_stay[draft] = NONE, NONE
            d_share[draft], d_pool[draft] = 0, -1
            if d_slot[draft] >= 0:
                d_terms[draft], d_missing[draft] = _terms_or_why(
                    orders, tariff, d_order[draft], d_day[draft]
                )

        # weeks.Weeks: visits under weekly hours, earliest first
        first_monday = monday_of(frame.first)
        week_span = (monday_of(frame.last) - first_monday) // 7 + 1
        has_weekly = False
        for order in range(first_order, end_order):
            has_weekly = has_weekly or orders.weekly[order] == 1
        used = np.zeros((end_order - first_order if has_weekly else 0, week_span), np.int64)
        for draft in range(slot_drafts, drafts):
            visit, day = d_visit[draft], d_day[draft]
            chosen, most, chosen_room = -1, -1, np.int64(0)
            monday = monday_of(day)
            if has_weekly:
                for order in range(first_order, end_order):
                    if not orders.weekly[order] or not in_force(orders, order, day):
                        continue
                    if not is_care(orders, order, visits.provider[visit], visits.service[visit]):
                        continue
                    lead = _lead(orders, first_order, order)
                    room = pay.week_allowance(
                        orders,
                        first_order,
                        end_order,
                        orders.code[order],
                        monday,
                        frame.first,
                        frame.last,
                    )
                    room -= used[lead - first_order, (monday - first_monday) // 7]
                    needed = 0
                    terms = _terms_of(orders, tariff, order, day)
                    if terms >= 0 and d_counted[draft] != NONE:
                        needed = pay.figure(tariff, terms, d_counted[draft], NONE)[0]
                    if needed <= room:
                        chosen, chosen_room = order, room
                        break
                    if most < 0 or room > chosen_room:
                        most, chosen_room = order, room
                if chosen < 0:
                    chosen = most
            if chosen < 0:
                d_terms[draft], d_missing[draft] = _terms_or_why(orders, tariff, d_order[draft], day)
                continue
            d_order[draft], d_outcome[draft] = chosen, DELIVERED_LINE
            terms, d_missing[draft] = _terms_or_why(orders, tariff, chosen, day)
            d_terms[draft] = terms
            if terms < 0 or d_counted[draft] == NONE:
                continue
            lead, week = _lead(orders, first_order, chosen), (monday - first_monday) // 7
            d_allowance[draft] = pay.week_allowance(
                orders, first_order, end_order, orders.code[chosen], monday, frame.first, frame.last
            )
            d_used[draft] = used[lead - first_order, week]
            minutes, reason, rule, number = pay.figure(tariff, terms, d_counted[draft], NONE)
            d_payable[draft], d_steps[draft] = minutes, reason
            d_rule[draft], d_rule_minutes[draft], d_figure[draft] = rule, number, minutes
            if minutes > chosen_room:
                d_payable[draft] = chosen_room
                d_steps[draft] |= OVER_ALLOWANCE
            used[lead - first_order, week] += d_payable[draft]

        # drafts.count_time_together and doubts.doubt_teams
        found = with_room(found, count, 12 * drafts)
        line_findings = count
        for slot in range(slots - 1):
            if s_number[slot] != 1 or s_number[slot + 1] != 2 or s_order[slot] != s_order[slot + 1]:
                continue
            one, two = s_draft[slot], s_draft[slot + 1]
            if one < 0 or two < 0:
                continue
            first, second = s_visit[slot], s_visit[slot + 1]
            hold_on = tariff.terms[d_terms[one], tables.HOLD_ON] if d_terms[one] >= 0 else 0
            if first >= 0 and second >= 0:
                if (
                    d_terms[two] >= 0
                    and tariff.terms[d_terms[two], tables.OVERLAP] == 1
                    and attended.own[first] != NONE
                    and attended.own[second] != NONE
                ):
                    d_counted[two] = minutes_together(visits, attended, first, second)
                if visits.worker[first] == visits.worker[second]:
                    for draft in (one, two):
                        count = note(found, count, says.SAME_WORKER, d_visit[draft], -1, draft, 0, -1)
                        if hold_on & ON_SAME_WORKER:
                            d_holds[draft] |= SAME_WORKER
            elif first >= 0 or second >= 0:
                draft, number = (one, 2) if first >= 0 else (two, 1)
                count = note(found, count, says.SHORT_TEAM, d_visit[draft], -1, draft, number, -1)
                if hold_on & ON_SHORT_TEAM:
                    d_holds[draft] |= SHORT_TEAM

        # the rest of doubts, and minutes.pay_slot and pay_unplanned
        pools = 0
        for draft in range(drafts):
            slot, order, row = d_slot[draft], d_order[draft], d_visit[draft]
            outcome, terms = d_outcome[draft], d_terms[draft]
            is_visit = row >= 0 and visits.status[row] == DELIVERED
            if is_visit:
                check_in = visits.check_in[row]
                hold_on = tariff.terms[terms, tables.HOLD_ON] if terms >= 0 else 0
                if attended.overlap[row] >= 0:
                    other = attended.overlap[row]
                    count = note(found, count, says.WORKER_OVERLAP, row, -1, draft, 0, other)
                    if hold_on & ON_OVERLAP:
                        d_holds[draft] |= WORKER_OVERLAP
                if slot >= 0 and orders.critical[order]:
                    late = check_in - s_agreed[slot]
                    if abs(late) > frame.critical:
                        saying = says.LATE if late > 0 else says.EARLY
                        count = note(found, count, saying, row, -1, draft, abs(late), -1)
                        if hold_on & ON_LATE:
                            d_holds[draft] |= LATE
                if attended.out[row] == NONE:
                    count = note(found, count, says.NO_CHECK_OUT, row, -1, draft, check_in, -1)
                    d_holds[draft] |= NO_CHECK_OUT
                if (
                    terms >= 0
                    and attended.reason[row] < 0
                    and (visits.in_method[row] == MANUAL or attended.out_method[row] == MANUAL)
                    and tariff.terms[terms, tables.HOLD_MANUAL] == 1
                ):
                    d_holds[draft] |= MANUAL_WITHOUT_REASON
                suspended = False
                if has_absences:
                    if slot >= 0:
                        suspended = is_suspended(absences, orders, person, order, s_planned[slot])
                    elif outcome == UNPLANNED:
                        suspended = is_wholly_suspended(absences, orders, person, check_in)
                    else:
                        suspended = is_suspended(absences, orders, person, order, check_in)
                if suspended:
                    count = note(found, count, says.IN_SUSPENSION, row, -1, draft, check_in, -1)
                    d_holds[draft] |= IN_SUSPENSION
                if v_part[row - first_visit] & NOT_HAD:
                    count = note(found, count, says.NAMED_NOT_HAD, row, -1, draft, 0, -1)
            if slot < 0:
                if outcome == UNPLANNED and terms >= 0 and d_counted[draft] != NONE:
                    choice = tariff.terms[terms, tables.UNPLANNED]
                    if choice == tables.ZERO:
                        d_payable[draft], d_steps[draft] = 0, UNPLANNED_ZERO
                        d_rule[draft] = pay.ZERO
                    else:
                        minutes, reason, rule, number = pay.figure(
                            tariff, terms, d_counted[draft], NONE
                        )
                        d_payable[draft], d_steps[draft] = minutes, reason
                        d_rule[draft], d_rule_minutes[draft] = rule, number
                        d_figure[draft] = minutes
                        if choice == tables.HOLD:
                            d_holds[draft] |= HELD_UNPLANNED
                continue
            start = s_planned[slot]
            planned = orders.minutes[order]
            told_of = NONE
            if has_absences:
                told_of = told_at(absences, orders, person, order, start)
            if outcome == TURNED_AWAY:
                came = visits.check_in[row]
                if came == NONE:
                    count = note(found, count, says.NO_PROOF, row, -1, draft, 0, -1)
                    d_holds[draft] |= NO_PROOF
                elif abs(came - start) > window:
                    away = abs(came - start)
                    count = note(found, count, says.FAR_PROOF, row, -1, draft, away, -1)
                    d_holds[draft] |= NO_PROOF
                if came != NONE and told_of != NONE and came > told_of:
                    count = note(found, count, says.TOLD_BEFORE, row, -1, draft, told_of, -1)
                    d_holds[draft] |= TOLD_BEFORE
            if outcome == CALLED_OFF:
                if visits.cancelled_by[row] < 0:
                    count = note(found, count, says.NO_CANCELLED_BY, row, -1, draft, 0, -1)
                    d_holds[draft] |= NO_CANCELLED_BY
                if visits.notified_at[row] == NONE:
                    count = note(found, count, says.NO_NOTICE_TIME, row, -1, draft, 0, -1)
                    d_holds[draft] |= NO_NOTICE_TIME
            if terms < 0:
                continue
            if outcome == DELIVERED_LINE:
                if d_counted[draft] == NONE:
                    continue
                minutes, reason, rule, number = pay.figure(tariff, terms, d_counted[draft], planned)
                d_payable[draft], d_steps[draft] = minutes, reason
                d_rule[draft], d_rule_minutes[draft], d_figure[draft] = rule, number, minutes
                over = tariff.terms[terms, tables.CEILING]
                if over != NONE and minutes > planned + over:
                    d_payable[draft] = planned + over
                    d_steps[draft] |= CAPPED
                    d_ceiling[draft] = planned + over
                kind = tariff.terms[terms, tables.POOL]
                if kind != tables.NO_POOL and d_payable[draft] > 0:
                    day = d_day[draft]
                    begins = monday_of(day)
                    if kind == tables.MONTH:
                        begins = tariff.month_first[day - tariff.first_day]
                    pool = pools
                    for p in range(pools - 1, -1, -1):
                        if (
                            p_order[p] == orders.code[order]
                            and p_start[p] == begins
                            and p_kind[p] == kind
                        ):
                            pool = p
                            break
                    if pool == pools:
                        p_order[pool], p_kind[pool] = orders.code[order], kind
                        p_start[pool], p_room[pool] = begins, 0
                        pools += 1
                        ends = begins + 6
                        saying = says.CUT_WEEK
                        if kind == tables.MONTH:
                            ends = tariff.month_last[day - tariff.first_day]
                            saying = says.CUT_MONTH
                        if begins < frame.first or ends > frame.last:
                            count = note(found, count, saying, -1, order, -1, begins, -1)
                    d_pool[draft] = pool
                    p_room[pool] += planned - d_payable[draft]
                continue
            reason = 0
            if outcome == TURNED_AWAY:
                percent, reason = tariff.terms[terms, tables.FRUSTRATED], FRUSTRATED_PAID
            elif outcome == CALLED_OFF:
                notified, notice = visits.notified_at[row], NONE
                if notified != NONE:
                    if told_of != NONE:
                        notified = min(notified, told_of)
                    notice = s_agreed[slot] - notified
                d_told[draft], d_notice[draft] = notified, notice
                percent, reason = pay.notice_percent(tariff, terms, notice), LATE_CANCELLATION
            elif outcome == SUSPENDED:
                percent, reason = NO_PERCENT, RETAINER
                mask = absence_mask(absences, orders, person, order, start)
                if mask & (1 << HOSPITAL) and not mask & (1 << DECEASED):
                    d_stay[draft] = hospital_stay_began(absences, orders, person, order, start)
                    if d_day[draft] - d_stay[draft] < tariff.terms[terms, tables.RETAINER]:
                        percent = tariff.terms[terms, tables.SUSPENDED]
            else:
                percent = tariff.terms[terms, tables.MISSED]
            if percent >= 0 and tariff.percents[percent, 0] == 0:
                percent = NO_PERCENT
            d_percent[draft], d_share[draft] = percent, 1
            d_rule[draft] = pay.SHARE
            if percent == NO_PERCENT:
                d_payable[draft] = 0
            else:
                d_payable[draft] = planned
                d_steps[draft] |= reason

        # minutes.pay_pools: drafts of an order come earliest first
        if pools > 0:
            for draft in range(slot_drafts):
                pool = d_pool[draft]
                if pool >= 0:
                    back = max(0, min(p_room[pool], d_figure[draft] - d_payable[draft]))
                    p_room[pool] -= back
                    if back > 0:
                        d_payable[draft] += back
                        d_steps[draft] |= POOLED
                        d_pooled[draft] = back

        # weeks.table and weeks.cut_weeks
        for order in range(first_order, end_order):
            if not orders.weekly[order] or _lead(orders, first_order, order) != order:
                continue
            code = orders.code[order]
            for week in range(week_span):
                monday = first_monday + 7 * week
                begins, ends = max(monday, frame.first), min(monday + 6, frame.last)
                is_used = False
                for version in range(order, end_order):
                    if orders.code[version] == code:
                        if orders.starts[version] <= ends and orders.ends[version] >= begins:
                            is_used = True
                if not is_used:
                    continue
                if week_count == len(weeks):
                    larger = np.empty((2 * len(weeks), 4), np.int32)
                    larger[:week_count] = weeks
                    weeks = larger
                weeks[week_count, 0], weeks[week_count, 1] = code, monday
                weeks[week_count, 2] = pay.week_allowance(
                    orders, first_order, end_order, code, monday, frame.first, frame.last
                )
                weeks[week_count, 3] = used[order - first_order, week]
                week_count += 1
                if monday < frame.first or monday + 6 > frame.last:
                    found = with_room(found, count, 12 * drafts + 16)
                    count = note(found, count, says.CUT_WEEK, -1, order, -1, monday, -1)

        # lines.close, in the order in which lines are published
        for draft in range(drafts):
            if d_slot[draft] >= 0:
                d_when[draft] = s_planned[d_slot[draft]]
                d_tie[draft] = orders.tie[d_order[draft]] * 4 + s_number[d_slot[draft]]
            else:
                d_when[draft] = visits.check_in[d_visit[draft]]
                d_tie[draft] = np.int64(frame.visit_tie) * 4
        in_order = np.argsort(d_when[:drafts], kind="mergesort")
        for i in range(1, drafts):
            draft = in_order[i]
            j = i
            while j > 0 and _goes_before(visits, d_when, d_tie, d_visit, draft, in_order[j - 1]):
                in_order[j] = in_order[j - 1]
                j -= 1
            in_order[j] = draft
        found = with_room(found, count, 4 * drafts + 16)
        for i in range(drafts):
            draft = in_order[i]
            line = total + i
            rank[draft] = line
            slot, order, row = d_slot[draft], d_order[draft], d_visit[draft]
            outcome, terms, payable = d_outcome[draft], d_terms[draft], d_payable[draft]
            provider, service = -1, -1
            if slot >= 0:
                provider, service = orders.provider[order], orders.service[order]
            else:
                provider, service = visits.provider[row], visits.service[row]
            is_visit = row >= 0 and visits.status[row] == DELIVERED
            about = -1 if row >= 0 else order
            number, start = 0, visits.check_in[row] if slot < 0 else NONE
            if slot >= 0:
                number, start = s_number[slot], s_agreed[slot]
            sixtieths, card, rate = np.int64(-1), -1, -1
            length, price, limit = NONE, NONE, NONE
            if d_missing[draft]:
                saying = says.NO_ORDER
                if d_missing[draft] == NO_CONTRACT:
                    saying = says.NO_CONTRACT
                elif d_missing[draft] == NO_TERMS:
                    saying = says.NO_TERMS
                count = note(found, count, saying, row, about, draft, 0, -1)
            elif payable != NONE:
                split = tariff.terms[terms, tables.SPLIT] == 1
                sixtieths, none, ambiguous, card, rate, length, price, limit = pay.quote(
                    tariff, orders.family[order], d_day[draft], number, start, payable, split
                )
                if none:
                    count = note(found, count, says.NO_RATE, row, about, draft, 0, -1)
                    d_holds[draft] |= NO_RATE
                if ambiguous:
                    count = note(found, count, says.AMBIGUOUS, row, about, draft, 0, -1)
                    d_holds[draft] |= AMBIGUOUS
            if slot >= 0 and is_changed(d_day[draft], orders.start_minute[order]):
                count = note(found, count, says.CLOCK_CHANGE, -1, order, draft, 0, -1)
            held = d_holds[draft] != 0 or d_missing[draft] != 0
            if d_missing[draft]:
                reasons = d_missing[draft]
            elif d_holds[draft] & NO_CHECK_OUT:
                reasons = NO_CHECK_OUT
            else:
                reasons = d_steps[draft] | d_holds[draft]
            amount = np.int64(NONE)
            if sixtieths >= 0 and not d_missing[draft] and not d_holds[draft] & NO_CHECK_OUT:
                amount = np.int64(0)
                if d_percent[draft] >= 0:
                    amount = pay.pence_of(tariff, sixtieths, d_percent[draft])
            pence[0, line] = amount
            pence[1, line] = NONE
            planned = orders.minutes[order] if slot >= 0 else NONE
            if frame.with_plan_pence and slot >= 0 and terms >= 0:
                split = tariff.terms[terms, tables.SPLIT] == 1
                whole = pay.quote(
                    tariff, orders.family[order], d_day[draft], number, start, planned, split
                )[0]
                if whole >= 0:
                    pence[1, line] = pay.pence_of(tariff, whole, tables.WHOLE)
            out[PERSON, line] = person
            out[PROVIDER, line], out[SERVICE, line] = provider, service
            shows_order = order >= 0 and outcome != UNPLANNED
            out[ORDER, line] = orders.code[order] if shows_order else -1
            out[CONTRACT, line] = orders.contract[order] if order >= 0 else -1
            out[SLOT, line] = number if slot >= 0 else NONE
            out[AGREED, line] = start if slot >= 0 else NONE
            out[PLANNED, line] = s_planned[slot] if slot >= 0 else NONE
            out[PLANNED_MINUTES, line] = planned
            out[VISIT, line] = row
            out[CHECK_IN, line], out[CHECK_OUT, line] = NONE, NONE
            out[DEVIATION, line] = NONE
            out[LOG_INS, line], out[OWN, line] = NONE, NONE
            out[ATTENDED, line] = is_visit
            if row >= 0:
                told[row] += 1
                out[CHECK_IN, line] = visits.check_in[row]
                out[CHECK_OUT, line] = attended.out[row] if is_visit else visits.check_out[row]
                if slot >= 0 and visits.check_in[row] != NONE:
                    out[DEVIATION, line] = visits.check_in[row] - s_planned[slot]
                if is_visit:
                    out[LOG_INS, line], out[OWN, line] = attended.log_ins[row], attended.own[row]
            out[COUNTED, line] = d_counted[draft]
            out[OUTCOME, line] = outcome
            out[PAYABLE, line] = payable
            out[HELD, line] = held
            out[REASONS, line] = reasons
            out[SERVICE_ON, line] = d_day[draft]
            out[CRITICAL, line] = orders.critical[order] if slot >= 0 else -1
            out[CARERS, line] = orders.carers[order] if slot >= 0 else NONE
            out[TERMS, line] = terms
            out[RULE, line], out[RULE_MINUTES, line] = d_rule[draft], d_rule_minutes[draft]
            out[FIGURE, line], out[CEILING, line] = d_figure[draft], d_ceiling[draft]
            out[POOLED_MINUTES, line] = d_pooled[draft]
            out[ALLOWANCE, line], out[USED, line] = d_allowance[draft], d_used[draft]
            out[TOLD_AT, line], out[NOTICE, line] = d_told[draft], d_notice[draft]
            out[ABSENCE, line] = 0
            if slot >= 0 and has_absences:
                out[ABSENCE, line] = absence_mask(absences, orders, person, order, s_planned[slot])
            out[STAY_FROM, line] = d_stay[draft]
            out[PERCENT, line] = NONE
            if d_share[draft]:
                out[PERCENT, line] = d_percent[draft]
            out[CARD, line], out[RATE, line] = card, rate
            out[STEP_MINUTES, line], out[STEP_PENCE, line] = length, price
            out[LIMIT_PENCE, line] = limit
            out[VERSION, line] = order
        for i in range(line_findings, count):
            if found[i, 3] >= 0:
                found[i, 3] = rank[found[i, 3]]
        total += drafts
    return out[:, :total], pence[:, :total], found[:count], weeks[:week_count]


@njit(cache=True, nogil=True)
def _first_slot_of(s_care, slots, care):
    """Return the first slot of a care, or where it would be."""
    begin, end = 0, slots
    while begin < end:
        middle = (begin + end) // 2
        if s_care[middle] < care:
            begin = middle + 1
        else:
            end = middle
    return begin


@njit(cache=True, nogil=True)
def _lead(orders, first_order, order):
    """Return the first version of an order version's order: it stands for the whole order."""
    lead = order
    while lead > first_order and orders.code[lead - 1] == orders.code[order]:
        lead -= 1
    return lead


@njit(cache=True, nogil=True)
def _terms_of(orders, tariff, order, day):
    """Return the terms in force for an order on a day, -1 if there are none."""
    contract = orders.contract[order]
    return terms_on(tariff, contract, day) if tariff.known[contract] else -1


@njit(cache=True, nogil=True)
def _terms_or_why(orders, tariff, order, day):
    """Return the terms in force for an order on a day, or -1 and the reason that says why not."""
    if order < 0:
        return -1, NO_ORDER
    contract = orders.contract[order]
    if not tariff.known[contract]:
        return -1, NO_CONTRACT
    terms = terms_on(tariff, contract, day)
    return terms, 0 if terms >= 0 else NO_TERMS


@njit(cache=True, nogil=True)
def _goes_before(visits, d_when, d_tie, d_visit, one, other):
    """Say whether a draft's line stands before another's: by time, then by line id."""
    if d_when[one] != d_when[other]:
        return d_when[one] < d_when[other]
    if d_tie[one] != d_tie[other]:
        return d_tie[one] < d_tie[other]
    return d_visit[one] >= 0 and d_visit[other] >= 0 and is_less(visits, d_visit[one], d_visit[other])

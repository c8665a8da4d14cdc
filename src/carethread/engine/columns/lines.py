"""The table of settled lines: its columns, and how a closed draft is written into it.

Source: settlement §6, `lines.csv` and `workings.csv`.
"""

from typing import NamedTuple

import numpy as np

from carethread.engine.columns import pay
from carethread.engine.columns.arrays import NONE, Ints, Longs
from carethread.engine.columns.book import Absences, Attended, Orders, Visits
from carethread.engine.columns.compiled import bare, compiled
from carethread.engine.columns.desk import Draft, Slot
from carethread.engine.columns.drafts import UNPLANNED
from carethread.engine.columns.notes import answer_of
from carethread.engine.columns.plan import absence_mask

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


class Lines(NamedTuple):
    """The table, a row for each of COLUMNS; and the pence of the lines, and of their plans."""

    columns: Ints
    pence: Longs


@compiled
def no_lines(most: int) -> Lines:
    """Return a table with room for so many lines."""
    return Lines(np.empty((len(COLUMNS), most), np.int32), np.empty((2, most), np.int64))


@bare
def write_slot(line: Ints, slot: Slot, orders: Orders, absences: Absences, person: int) -> None:
    """Write what was planned."""
    line[PROVIDER], line[SERVICE] = orders.provider[slot.order], orders.service[slot.order]
    line[SLOT], line[AGREED], line[PLANNED] = slot.number, slot.agreed, slot.planned
    line[PLANNED_MINUTES] = orders.minutes[slot.order]
    line[CRITICAL], line[CARERS] = orders.critical[slot.order], orders.carers[slot.order]
    line[ABSENCE] = absence_mask(absences, orders, person, slot.order, slot.planned)


@bare
def write_no_slot(line: Ints, visits: Visits, visit: int) -> None:
    """Write whose care it is of which nothing was planned."""
    line[PROVIDER], line[SERVICE] = visits.provider[visit], visits.service[visit]
    line[SLOT] = line[AGREED] = line[PLANNED] = line[PLANNED_MINUTES] = NONE
    line[CRITICAL], line[CARERS], line[ABSENCE] = -1, NONE, 0


@bare
def write_answer(line: Ints, draft: Draft, visits: Visits, attended: Attended) -> None:
    """Write the visit or status row that is on the line; after what was planned."""
    row, visit = answer_of(draft), draft.visit
    line[VISIT], line[ATTENDED] = row, visit >= 0
    line[CHECK_IN] = line[CHECK_OUT] = line[DEVIATION] = line[LOG_INS] = line[OWN] = NONE
    if row >= 0:
        line[CHECK_IN] = visits.check_in[row]
        line[CHECK_OUT] = visits.check_out[row]
        if line[CHECK_IN] != NONE and line[PLANNED] != NONE:
            line[DEVIATION] = line[CHECK_IN] - line[PLANNED]
    if visit >= 0:
        line[CHECK_OUT] = attended.out[visit]
        line[LOG_INS], line[OWN] = attended.log_ins[visit], attended.own[visit]


@bare
def write_pay(line: Ints, draft: Draft, orders: Orders) -> None:
    """Write under which order the line is, and what the steps of pay came to."""
    line[ORDER] = line[CONTRACT] = -1
    if draft.order >= 0:
        line[CONTRACT] = orders.contract[draft.order]
        if draft.outcome != UNPLANNED:
            line[ORDER] = orders.code[draft.order]
    line[VERSION], line[TERMS] = draft.order, draft.terms
    line[OUTCOME], line[SERVICE_ON] = draft.outcome, draft.day
    line[COUNTED], line[PAYABLE] = draft.counted, draft.payable


@bare
def write_working(line: Ints, draft: Draft) -> None:
    """Write the numbers of the steps of pay."""
    line[RULE], line[RULE_MINUTES] = draft.rule, draft.rule_minutes
    line[FIGURE], line[CEILING], line[POOLED_MINUTES] = draft.figure, draft.ceiling, draft.pooled
    line[ALLOWANCE], line[USED] = draft.allowance, draft.used
    line[TOLD_AT], line[NOTICE], line[STAY_FROM] = draft.told_at, draft.notice, draft.stay_from
    line[PERCENT] = draft.percent if draft.rule == pay.SHARE else NONE


@bare
def write_rate(line: Ints, quote: pay.Quote) -> None:
    """Write the rate that the line's price came from."""
    _, _, _, card, rate, step_minutes, step_pence, limit_pence = quote
    line[CARD], line[RATE] = card, rate
    line[STEP_MINUTES], line[STEP_PENCE], line[LIMIT_PENCE] = step_minutes, step_pence, limit_pence

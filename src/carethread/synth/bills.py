"""What an invented provider bills: most of it honest, some of it not, and which is which.

An honest provider bills what its contract pays for the care it recorded, held lines included. Of the
rest, one in four bills forgets something and three in four claim too much.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from carethread.engine.records import InvoiceRow
from carethread.engine.reference.pipeline import planned_pence
from carethread.engine.reference.price import Tariff
from carethread.engine.results import Line
from carethread.engine.units import monday_of
from carethread.engine.words import Outcome
from carethread.synth.council import Round

HONEST, FORGOTTEN, MISSED, DEARER, TWICE, INVENTED = (
    *("honest", "forgotten", "missed_billed", "dearer", "billed_twice", "invented"),
)
FALSE = (MISSED, DEARER, TWICE, INVENTED)


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice row and what is true of it: one of the words above."""

    row: InvoiceRow
    truth: str


def bills(one: Round, lines: Sequence[Line], tariff: Tariff) -> Iterator[Bill]:
    """Bill a round: by person and week, or for every fourth provider by visit."""
    dice = one.dice("bills")
    by_week: dict[tuple[str, str, date], list[Line]] = defaultdict(list)
    for line in lines:
        by_week[line.person_id, line.service, monday_of(line.service_on)].append(line)
    counters: dict[str, int] = defaultdict(int)
    for (_, _, week), theirs in sorted(by_week.items()):
        invoice_id = f"INV-{one.provider:03d}-{week:%d%m%y}-{one.number:05d}"
        by_visit = one.provider % 4 == 3 and dice.random() < 0.9
        parts = [[line] for line in theirs if line.visit_id] if by_visit else [theirs]
        for part in parts:
            for bill in _bill(part, week, tariff, dice, by_visit=by_visit):
                name = invoice_id + ("B" if bill.truth == TWICE else "")
                counters[name] += 1
                numbered = replace(bill.row, invoice_id=name, line_no=counters[name])
                yield Bill(numbered, bill.truth)


def _bill(
    lines: Sequence[Line], week: date, tariff: Tariff, dice: Random, *, by_visit: bool
) -> Iterator[Bill]:
    chance = dice.random() / (8 if by_visit else 1)
    honest = _claim(lines, tariff)
    (minutes, pence), truth = honest, HONEST
    if chance < 0.01:
        (minutes, pence), truth = _claim(_without_one(lines, dice), tariff), FORGOTTEN
    elif chance < 0.02:
        minutes, pence = _claim(lines, tariff, missed=True)
        truth = HONEST if (minutes, pence) == honest else MISSED
    elif chance < 0.027:
        pence, truth = pence * 21 // 20, DEARER
    elif chance < 0.03:
        minutes, pence, truth = minutes + 60, pence + 2384, INVENTED
    if pence == 0:
        return
    row = _row(lines[0], week, minutes, pence, by_visit=by_visit)
    yield Bill(row, truth)
    if 0.03 <= chance < 0.035:
        yield Bill(replace(row, billed_on=row.billed_on + timedelta(days=7)), TWICE)


def _without_one(lines: Sequence[Line], dice: Random) -> list[Line]:
    forgotten = dice.randrange(len(lines))
    return [line for place, line in enumerate(lines) if place != forgotten]


def _claim(lines: Sequence[Line], tariff: Tariff, *, missed: bool = False) -> tuple[int, int]:
    """Return the minutes and pence that lines come to, missed visits as if made if `missed`."""
    minutes = pence = 0
    for line in lines:
        as_planned = missed and line.outcome is Outcome.MISSED
        if as_planned or line.amount_pence is None:
            minutes += line.planned_minutes or 0
            pence += planned_pence(line, tariff) or 0
        else:
            minutes += line.payable_minutes or 0
            pence += line.amount_pence
    return minutes, pence


def _row(line: Line, week: date, minutes: int, pence: int, *, by_visit: bool) -> InvoiceRow:
    return InvoiceRow(
        row=0,
        invoice_id="",
        line_no=0,
        provider_id=line.provider_id,
        person_id=line.person_id,
        service=line.service,
        from_on=line.service_on if by_visit else week,
        to_on=line.service_on if by_visit else week + timedelta(days=6),
        minutes=minutes,
        amount_pence=pence,
        order_id="",
        visit_id=line.visit_id if by_visit else "",
        billed_on=week + timedelta(days=9),
    )

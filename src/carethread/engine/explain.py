"""A settled line in plain English: what was planned, what happened, what it pays and why.

The same sentences are shown to council, provider and person, on the command line and on screens.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from carethread.engine import written
from carethread.engine.findings import CATALOGUE
from carethread.engine.records import Finding
from carethread.engine.results import Line, Working
from carethread.engine.units import hour_change, local_date, london
from carethread.engine.words import HOLDING, Kind, Method, Outcome, Reason


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a line is about, the story of its figure, and what it waits for."""

    heading: str
    story: tuple[str, ...]
    waits_for: tuple[str, ...]
    noted: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it, in order."""
        return (*self.story, *self.waits_for, *self.noted)


def explain(line: Line, working: Working, findings: Iterable[Finding] = ()) -> Explanation:
    """Explain a line, with every step's numbers."""
    story = [*_plan(line, working), *_event(line, working), *_minutes(line, working)]
    story += [*_price(line, working), _result(line)]
    found = list(findings)
    messages = {finding.kind.value: finding.message for finding in found}
    return Explanation(
        heading=_heading(line),
        story=tuple(story),
        waits_for=tuple(
            _wait(reason, messages.get(reason.value)) for reason in line.reasons if reason in HOLDING
        ),
        noted=tuple(_noted(line, found)),
    )


def _heading(line: Line) -> str:
    about = [written.day(line.service_on), f"person {line.person_id}"]
    about += [f"provider {line.provider_id}", f"service {line.service}"]
    if line.order_id:
        about.append(f"order {line.order_id}")
    if line.visit_id:
        about.append(f"visit {line.visit_id}" + (f" by {line.worker_id}" if line.worker_id else ""))
    return ", ".join(about)


def _clock(instant: int, day: date) -> str:
    """Write a time of day, with the date where it is another day's."""
    here = london(instant)
    return f"{here:%H:%M}" + ("" if here.date() == day else f" on {written.day(here.date())}")


def _minutes_of(number: int | None) -> str:
    return written.count(number or 0, "minute")


def _carers(working: Working, line: Line) -> str:
    if working.carers == 1:
        return "one carer"
    return f"two carers, of whom this is the {'first' if line.slot == 1 else 'second'}"


def _plan(line: Line, working: Working) -> Iterator[str]:
    if line.agreed_start is None or line.planned_start is None:
        if line.outcome is Outcome.UNPLANNED:
            yield "Nobody planned this visit."
        else:
            yield "The order buys weekly hours: no time is set for a visit."
        return
    critical = ", time-critical" if working.time_critical else ""
    at = _clock(line.agreed_start, line.service_on)
    yield f"Planned {_minutes_of(line.planned_minutes)} at {at}, {_carers(working, line)}{critical}."
    if line.planned_start != line.agreed_start:
        yield f"The rota moved it to {_clock(line.planned_start, line.service_on)}."
    if working.absence:
        yield f"Care was suspended then: {working.absence.replace(';', ' and ')}."


_BY = {
    Method.PHONE: " by phone",
    Method.APP: " by app",
    Method.TAG: " by tag",
    Method.TOKEN: " by token",
    Method.FILE: "",
    Method.MANUAL: " by hand",
}


def _event(line: Line, working: Working) -> Iterator[str]:
    match line.outcome:
        case Outcome.MISSED if line.visit_id:
            yield "The provider cancelled it, which counts as missed."
        case Outcome.MISSED:
            who = "the second carer" if line.slot == 2 else "anybody"  # noqa: PLR2004
            yield f"No record that can be used shows that {who} came."
        case Outcome.CANCELLED:
            yield _cancellation(working)
        case Outcome.FRUSTRATED if line.check_in is None:
            yield "Reported as frustrated, without a check-in."
        case Outcome.FRUSTRATED:
            at = _clock(line.check_in or 0, line.service_on)
            yield f"A carer came at {at} and could not give the care."
        case Outcome.SUSPENDED:
            yield "Nobody was expected."
        case _:
            yield from _attendance(line, working)


def _attendance(line: Line, working: Working) -> Iterator[str]:
    if line.check_in is None:
        return
    came = _BY[Method(working.in_method)]
    begin = f"Checked in {_clock(line.check_in, line.service_on)}{came}"
    if line.check_out is None:
        yield f"{begin}; no check-out."
        return
    went = "" if working.out_method == working.in_method else _BY[Method(working.out_method)]
    out = f"out {_clock(line.check_out, local_date(line.check_in))}{went}"
    yield f"{begin} and {out}: {_minutes_of(working.own_minutes)}."
    change = hour_change(line.check_in, line.check_out)
    if change:
        yield f"The clocks went {'forward' if change > 0 else 'back'} an hour in between."
    if (working.log_ins or 1) > 1:
        yield f"That is what its {working.log_ins} log-ins cover together."
    if working.reason_code:
        yield f"Reason given for the clock: {working.reason_code}."
    if line.counted_minutes != working.own_minutes:
        yield f"Both carers were there together for {_minutes_of(line.counted_minutes)}."


def _cancellation(working: Working) -> str:
    by = f" by the {working.cancelled_by}" if working.cancelled_by else ""
    if working.told_at is None or working.notice_minutes is None:
        told = "not said when the provider was told, so it counts as told too late"
        return f"Cancelled{by}; {told}."
    told = f"{london(working.told_at):%H:%M} on {written.day(local_date(working.told_at))}"
    notice = written.duration(abs(working.notice_minutes))
    when = "before" if working.notice_minutes >= 0 else "after"
    return f"Cancelled{by}; the provider was told at {told}, {notice} {when} the agreed start."


def _minutes(line: Line, working: Working) -> Iterator[str]:
    if working.rule:
        yield _rule(line, working)
    if working.ceiling_minutes is not None:
        yield f"Cut to at most {_minutes_of(working.ceiling_minutes)}: {working.ceiling_minutes}."
    if working.pooled_minutes is not None:
        yield (
            f"Given back {_minutes_of(working.pooled_minutes)} that other visits of the period left"
            f" unused: {line.payable_minutes}."
        )
    if working.allowance_minutes is not None:
        allowed, used = _minutes_of(working.allowance_minutes), working.used_minutes or 0
        before = f"{used:,} used before" if used else "none used before"
        yield f"The week allows {allowed}, {before}: {line.payable_minutes}."


def _rule(line: Line, working: Working) -> str:  # noqa: PLR0911 -- a sentence for each rule
    figure, number = working.figure_minutes, working.rule_minutes
    match working.rule:
        case "below_minimum" if line.counted_minutes == 0:
            return "A visit of no minutes pays nothing: 0."
        case "below_minimum":
            return f"Shorter than the minimum of {_minutes_of(number)}: 0."
        case "planned":
            return f"The contract pays the planned time: {figure}."
        case "within_tolerance":
            return f"Within {_minutes_of(number)} of the plan, so the planned time counts: {figure}."
        case "band":
            return f"In the band up to {_minutes_of(number)}: {figure}."
        case "round" if number == 1:
            return f"Counted by the minute: {figure}."
        case "round" if working.rounding == "nearest":
            return f"Rounded to the nearest {number}: {figure}."
        case "round":
            return f"Rounded {working.rounding} to a multiple of {number}: {figure}."
        case "zero":
            return "The contract pays nothing for unplanned visits: 0."
        case _:
            return _share(line, working)


def _share(line: Line, working: Working) -> str:
    what = _SHARED[line.outcome]
    if working.stay_from is not None:
        day = (line.service_on - working.stay_from).days + 1
        what += f" on day {day} of the hospital stay that began {written.day(working.stay_from)}"
    if working.percent == "0":
        return f"The contract pays nothing for {what}."
    return f"The contract pays {working.percent} percent of the plan's price for {what}."


_SHARED = {
    Outcome.MISSED: "a missed visit",
    Outcome.CANCELLED: "such a cancellation",
    Outcome.FRUSTRATED: "a frustrated visit",
    Outcome.SUSPENDED: "suspended care",
}


def _price(line: Line, working: Working) -> Iterator[str]:
    if line.amount_pence is None or working.card_from is None:
        return
    card = f"card of {written.short_day(working.card_from)}"
    share = f", of which {working.percent} percent" if working.percent not in ("", "100") else ""
    result = f"{share}: {written.money(line.amount_pence)}."
    if working.pieces:
        pieces = [piece.split("@") for piece in working.pieces.split(";")]
        priced = " and ".join(
            f"{_minutes_of(int(n))} at {written.money(int(rate))} an hour" for n, rate in pieces
        )
        yield f"Each minute at its own rate ({card}): {priced}{result}"
        return
    kind = _kind(working.rate_kind)
    if working.step_minutes is None:
        yield f"Rate {written.money(working.hourly_pence or 0)} an hour ({kind}, {card}){result}"
        return
    ladder = _ladder(line, working)
    if not share and ladder == _step(working):
        result = "."
    yield f"Price by length of visit ({kind}, {card}): {ladder}{result}"


def _step(working: Working) -> str:
    return f"{_minutes_of(working.step_minutes)} cost {written.money(working.step_pence or 0)}"


def _ladder(line: Line, working: Working) -> str:
    step, payable = working.step_minutes or 0, line.payable_minutes or 0
    parts = [_step(working)] if step else []
    if payable > step:
        rate = f"{written.money(working.hourly_pence or 0)} an hour"
        rate += f" ({_kind(working.hourly_kind)})" if working.hourly_kind else ""
        parts.append(f"{'the other ' if step else ''}{_minutes_of(payable - step)} at {rate}")
    if working.limit_pence is not None:
        parts.append(f"never more than the next step's {written.money(working.limit_pence)}")
    return ", ".join(parts)


_DAY_WORDS = {
    "any": "any day",
    "bank_holiday": "bank holiday",
    "saturday": "Saturday",
    "sunday": "Sunday",
}
_SLOT_WORDS = {"slot 1": "first carer", "slot 2": "second carer"}


def _kind(kind: str) -> str:
    """Say what a rate row is for: `weekday 06:00-20:00 slot 2`, or less of it."""
    day, *rest = kind.split(" ")
    said = [_DAY_WORDS.get(day, day)]
    if rest and "-" in rest[0]:
        said.append(rest.pop(0).replace("-", " to "))
    if rest:
        said.append(_SLOT_WORDS[" ".join(rest)])
    return ", ".join(said)


def _result(line: Line) -> str:
    if line.amount_pence is None:
        return "Held: it has no price yet."
    if line.held:
        return f"Held: £{written.money(line.amount_pence)} waits, and is not lost."
    return f"Payable: £{written.money(line.amount_pence)}."


WITHOUT_FINDING = {
    Reason.UNPLANNED: (
        "nobody planned the visit.",
        "Add the order it belongs to if the council accepts it; else refuse it.",
    ),
    Reason.MANUAL_WITHOUT_REASON: (
        "a clock was entered by hand without a reason.",
        "Ask the provider for the visit again, with a reason code and a higher sequence.",
    ),
}
"""What the reasons mean that hold a line without being a finding, and what to do."""


def _wait(reason: Reason, message: str | None) -> str:
    if reason in WITHOUT_FINDING:
        why, to_do = WITHOUT_FINDING[reason]
        return f"Waits ({reason}): {why} {to_do}"
    entry = CATALOGUE[Kind(reason.value)]
    why = f"{entry.means.split('. ')[0].removesuffix('.')}."
    told = f" {message[0].upper()}{message[1:]}." if message else ""
    return f"Waits ({reason}): {why[0].lower()}{why[1:]}{told} {entry.to_do}"


def _noted(line: Line, findings: Iterable[Finding]) -> Iterator[str]:
    held = {reason.value for reason in line.reasons}
    for finding in findings:
        if finding.kind.value not in held:
            yield f"Noted ({finding.kind}): {finding.message}."

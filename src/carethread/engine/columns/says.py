"""What compiled code finds, as numbers, and the words for them.

A finding is a row of six numbers: which saying, the visit it is about (its place, or -1), the order
version it is about (its place, or -1), the line (or -1), and up to two numbers of the saying.
"""

from dataclasses import dataclass

from carethread.engine.words import Kind

SAYING, VISIT, ORDER, LINE, NUMBER, OTHER = range(6)
WIDTH = 6


@dataclass(frozen=True, slots=True)
class Saying:
    """A kind of finding and its message.

    `{number}` is a number, `{instant}` a time, `{day}` a date, `{visit}` another visit's id,
    `{worker}` the visit's worker, `{status}` the visit's status.
    """

    kind: Kind
    message: str


SAYINGS: list[Saying] = []


def _say(kind: Kind, message: str) -> int:
    SAYINGS.append(Saying(kind, message))
    return len(SAYINGS) - 1


SUPERSEDED = _say(Kind.SUPERSEDED, "sequence {number} of this visit is the current one")
REPEATED = _say(Kind.REPEATED_ROW, "the same row again")
NO_CHECK_IN = _say(Kind.NO_CHECK_IN, "delivered, but no check-in")
BAD_TIMES = _say(Kind.BAD_TIMES, "the check-out is {number} minutes before the check-in")
TOO_LONG = _say(Kind.TOO_LONG, "{number} minutes, more than 24 hours")
JOINED = _say(Kind.JOINED, "one visit with {visit}")
OUTSIDE = _say(Kind.OUTSIDE_PERIOD, "belongs to a day that is not settled here")
PLANNED_OUTSIDE = _say(Kind.OUTSIDE_PERIOD, "its planned day is not settled here")
OVERTAKEN = _say(Kind.OVERTAKEN, "{status}, but the planned visit was delivered")
WITHOUT_PLAN = _say(Kind.STATUS_WITHOUT_PLAN, "{status}, but names no visit left to explain")
_LAST_WITHOUT_PART = WITHOUT_PLAN
NAMED_NOT_HAD = _say(
    Kind.NAMED_SLOT_NOT_HAD, "the planned visit it names was not there, taken, or too far away"
)
WORKER_OVERLAP = _say(Kind.WORKER_OVERLAP, "worker {worker} is also recorded on visit {visit}")
SAME_WORKER = _say(Kind.SAME_WORKER, "both slots were logged by worker {worker}")
SHORT_TEAM = _say(Kind.SHORT_TEAM, "slot {number} was not delivered")
LATE = _say(Kind.LATE_TIME_CRITICAL, "{number} minutes late")
EARLY = _say(Kind.LATE_TIME_CRITICAL, "{number} minutes early")
NO_CHECK_OUT = _say(Kind.NO_CHECK_OUT, "checked in {instant}, never out")
IN_SUSPENSION = _say(Kind.VISIT_IN_SUSPENSION, "checked in {instant}")
NO_PROOF = _say(Kind.NO_ATTENDANCE_PROOF, "no check-in")
FAR_PROOF = _say(Kind.NO_ATTENDANCE_PROOF, "the check-in is {number} minutes from the plan")
TOLD_BEFORE = _say(Kind.TOLD_BEFORE_VISIT, "the provider was told {instant}")
NO_CANCELLED_BY = _say(Kind.NO_CANCELLED_BY, "cancelled, but not said by whom")
NO_NOTICE_TIME = _say(Kind.NO_NOTICE_TIME, "cancelled, but not said when the provider was told")
NO_ORDER = _say(Kind.NO_ORDER, "no order of this person, provider and service is in force on the day")
NO_CONTRACT = _say(Kind.NO_CONTRACT, "the contract is not in contracts.toml")
NO_TERMS = _say(Kind.NO_TERMS, "the contract has no terms in force on the day")
NO_RATE = _say(Kind.NO_RATE, "no row of the rate card prices it")
AMBIGUOUS = _say(Kind.AMBIGUOUS_RATE, "two rows of the rate card price it equally well")
CLOCK_CHANGE = _say(Kind.CLOCK_CHANGE, "the agreed start falls in the hour of the clock change")
CUT_WEEK = _say(Kind.PARTIAL_PERIOD, "only part of the week of {day} is settled")
CUT_MONTH = _say(Kind.PARTIAL_PERIOD, "only part of the month of {day} is settled")

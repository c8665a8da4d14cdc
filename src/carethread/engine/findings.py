"""The catalogue of findings: how bad each kind is, what it means, what to do about it.

`docs/findings.md` is generated from this page.
"""

from dataclasses import dataclass

from carethread.engine.records import Finding
from carethread.engine.words import Kind, Severity


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of finding as the catalogue has it."""

    severity: Severity
    means: str
    to_do: str


def _error(means: str, to_do: str) -> Entry:
    return Entry(Severity.ERROR, means, to_do)


def _warning(means: str, to_do: str) -> Entry:
    return Entry(Severity.WARNING, means, to_do)


def _info(means: str, to_do: str) -> Entry:
    return Entry(Severity.INFO, means, to_do)


CATALOGUE: dict[Kind, Entry] = {
    Kind.AMBIGUOUS_RATE: _error(
        "Two rows of the rate card fit the line equally well, so it has no price. The line is held.",
        "Remove one of the two rows from the card, or give the right one a higher priority.",
    ),
    Kind.BAD_ROW: _error(
        "A row of a provider's file that cannot be read. It is kept out; the rest can be settled.",
        "Send the row back to the provider with the message, and settle again when it returns.",
    ),
    Kind.BAD_TIMES: _error(
        "The check-out is before the check-in. The visit takes no part.",
        "Ask the provider for the right times, sent as a higher sequence of the same visit.",
    ),
    Kind.CLOCK_CHANGE: _info(
        "The time falls in the hour that the clock change repeats or leaves out, and says no offset."
        " A repeated time was read as its first occurrence, a missing one moved forward an hour.",
        "Check the time with the sender. Times sent with an offset are never in doubt.",
    ),
    Kind.CONFLICTING_VERSIONS: _error(
        "Two rows have one visit id and one sequence but say different things. Neither is believed.",
        "Ask the provider which is right, sent with a higher sequence.",
    ),
    Kind.JOINED: _info(
        "A second log-in of the same worker shortly after the first: counted as one visit with it.",
        "Nothing to do, unless they were two visits: then each should name its planned visit.",
    ),
    Kind.LATE_TIME_CRITICAL: _warning(
        "A time-critical visit started further from its agreed time than is allowed.",
        "Find out whether the person came to harm; raise it with the provider.",
    ),
    Kind.NAMED_SLOT_NOT_HAD: _warning(
        "The visit says which planned visit it answers, but that one is not there, already taken, or"
        " too far away in time. It was matched by its time instead.",
        "Check the planned start that the provider's system sends.",
    ),
    Kind.NO_ATTENDANCE_PROOF: _warning(
        "A frustrated visit without a check-in near the planned time. The line is held.",
        "Ask the provider for proof that the worker was at the door.",
    ),
    Kind.NO_CANCELLED_BY: _warning(
        "A cancellation that does not say who cancelled. The line is held.",
        "Ask the provider; a visit the provider itself cancelled is missed.",
    ),
    Kind.NO_CHECK_IN: _error(
        "A delivered visit without a check-in. It takes no part.",
        "Ask the provider for the check-in, with the reason why it was not recorded.",
    ),
    Kind.NO_CHECK_OUT: _warning(
        "A visit without a check-out: nobody knows how long it was. The line is held.",
        "Ask the provider for the check-out, with the reason why it was not recorded.",
    ),
    Kind.NO_CONTRACT: _error(
        "The order's contract is not in contracts.toml. The line is held.",
        "Add the contract, or correct the contract id on the order.",
    ),
    Kind.NO_NOTICE_TIME: _warning(
        "A cancellation that does not say when the provider was told. The line is held, and counts as"
        " told too late.",
        "Ask the provider when it was told, and by whom.",
    ),
    Kind.NO_ORDER: _warning(
        "Care for which no order of this person, provider and service is in force. A line is held.",
        "Find the order, or raise one if the care was asked for; otherwise refuse it.",
    ),
    Kind.NO_RATE: _error(
        "No row of the rate card prices this line. The line is held.",
        "Complete the rate card for this service, day, time and length.",
    ),
    Kind.NO_TERMS: _error(
        "The contract has no terms in force on the day. The line is held.",
        "Add terms that begin on or before the day.",
    ),
    Kind.NOT_COMMISSIONED: _warning(
        "The rota plans a visit on a day on which the order has none. The row moves nothing.",
        "Check whether the order should have changed, or whether the rota is wrong.",
    ),
    Kind.OUTSIDE_PERIOD: _info(
        "The row belongs to another period and was left to it.",
        "Nothing to do: it is settled when its period is.",
    ),
    Kind.OVERTAKEN: _info(
        "A cancelled or frustrated row for a planned visit that was delivered after all.",
        "Nothing to do, unless the delivered visit is doubtful.",
    ),
    Kind.PARTIAL_PERIOD: _info(
        "The settled period cuts a week or month: only its days inside count towards the allowance"
        " or the pool.",
        "Settle whole weeks or months where you can.",
    ),
    Kind.REPEATED_ROW: _info(
        "The same row twice. It counts once.",
        "Nothing to do.",
    ),
    Kind.SAME_WORKER: _warning(
        "Both places of a double-up were logged by one worker.",
        "Ask the provider who the second carer was.",
    ),
    Kind.SHORT_TEAM: _warning(
        "Only one of the two carers of a double-up came.",
        "Find out whether the person was moved safely; raise it with the provider.",
    ),
    Kind.STATUS_WITHOUT_PLAN: _warning(
        "A cancelled or frustrated row that names no planned visit still to be explained.",
        "Check the planned start that the provider's system sends.",
    ),
    Kind.SUPERSEDED: _info(
        "An earlier version of a visit that was sent again with a higher sequence.",
        "Nothing to do.",
    ),
    Kind.TOLD_BEFORE_VISIT: _warning(
        "A worker found nobody at home although the provider had been told of the absence. Held.",
        "Decide whether the provider could still have stopped the visit.",
    ),
    Kind.TOO_LONG: _error(
        "The visit lasts more than 24 hours. It takes no part.",
        "Ask the provider for the right times; very often a check-out was forgotten.",
    ),
    Kind.UNKNOWN_COLUMN: _warning(
        "The file has a column that is not part of its layout. It was ignored.",
        "Correct the column's name if it was meant to be read.",
    ),
    Kind.UNKNOWN_PERSON: _warning(
        "A suspension of a person who has no order. It suspends nothing.",
        "Check the person id.",
    ),
    Kind.UNREAD_FILE: _warning(
        "A file whose name is nearly that of a file of the folder. It was not read.",
        "Give it the right name if it was meant to be read.",
    ),
    Kind.VISIT_IN_SUSPENSION: _warning(
        "Care was recorded while the person or the order was suspended. The line is held.",
        "Find out whether the person was at home, and correct the suspension or the visit.",
    ),
    Kind.WORKER_OVERLAP: _warning(
        "One worker is recorded at two people's homes at the same time.",
        "Ask the provider where the worker was.",
    ),
}


def found(  # noqa: PLR0913 -- a finding is a row of seven columns; severity comes with the kind
    kind: Kind,
    message: str,
    *,
    subject: str,
    table: str = "",
    row: int | None = None,
    line_id: str = "",
) -> Finding:
    """Build a finding. `table` is the input table's name; the pipeline turns it into its file's."""
    return Finding(CATALOGUE[kind].severity, kind, table, row, line_id, subject, message)

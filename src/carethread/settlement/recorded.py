"""Lines as the pipeline settled them, from their rows in the books."""

from datetime import UTC, datetime

from carethread.engine import results, words
from carethread.settlement.models import Line
from carethread.visits.versions import instant


def moment(at: int) -> datetime:
    """Return an instant of the engine's as a time."""
    return datetime.fromtimestamp(at * 60, UTC)


def settled_line(line: Line) -> results.Line:
    """Return a line as the pipeline settled it, its provider loaded: before any decision."""
    return results.Line(
        line_id=line.ref,
        provider_id=line.provider.ref,
        person_id=line.person_ref,
        order_id=line.order_ref,
        contract_id=line.contract_ref,
        service=line.service,
        slot=line.slot,
        agreed_start=instant(line.agreed_start),
        planned_start=instant(line.planned_start),
        planned_minutes=line.planned_minutes,
        visit_id=line.visit_ref,
        worker_id=line.worker_ref,
        check_in=instant(line.check_in),
        check_out=instant(line.check_out),
        counted_minutes=line.counted_minutes,
        start_deviation_minutes=line.start_deviation_minutes,
        outcome=words.Outcome(line.outcome),
        payable_minutes=line.payable_minutes,
        amount_pence=line.amount_pence,
        held=line.held,
        reasons=tuple(words.Reason(reason) for reason in line.reasons.split(";") if reason),
        service_on=line.service_on,
    )

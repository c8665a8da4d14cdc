"""One settlement, start to end, in plain records: the engine that faster ones are judged by.

Source: settlement §2 to §7.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from carethread.engine.records import Finding, Inputs, Period, Settings
from carethread.engine.reference import doubts, minutes
from carethread.engine.reference.drafts import Draft, count_time_together, slot_drafts, visit_draft
from carethread.engine.reference.lines import close
from carethread.engine.reference.matching import Attended, Matched, attend, match_period
from carethread.engine.reference.plan import Plan, moves
from carethread.engine.reference.price import Job, Tariff
from carethread.engine.reference.reconcile import Books, reconcile
from carethread.engine.reference.tables import check_visit_rows, summarise
from carethread.engine.reference.weeks import Weeks
from carethread.engine.results import Line, Settlement
from carethread.engine.units import half_up, local_date
from carethread.engine.words import Kind

Progress = Callable[[str, int, int], None]
"""(what is being done, done, of how many) -> None."""


def settle(inputs: Inputs, period: Period, progress: Progress) -> Settlement:
    """Settle a period: every commissioned slot and every recorded visit becomes an explained line.

    Raises:
        VisitRowsDoNotAddUp: if a visit row were lost or counted twice (a defect of carethread).
    """
    progress("Matching visits to plans", 0, 1)
    tariff = Tariff(inputs.contracts, inputs.rates, inputs.settings)
    moved, findings = moves(inputs.rota, inputs.orders)
    plan = Plan(inputs.orders, moved, inputs.suspensions)
    attended = attend(inputs, plan)
    matched = match_period(attended, plan, tariff, period, inputs.settings.window_minutes)
    weeks = Weeks(inputs.orders, tariff, period)
    drafts = _drafts(matched, plan, weeks, tariff)
    _doubt(drafts, matched, attended, plan, inputs.settings)
    for draft in drafts:
        minutes.pay_slot(draft, plan)
        minutes.pay_unplanned(draft)
    findings += [*minutes.pay_pools(drafts, period), *weeks.cut_weeks()]
    closed = []
    for done, draft in enumerate(drafts):
        progress("Pricing lines", done, len(drafts))
        closed.append(close(draft, tariff))
    closed.sort(key=lambda one: _in_order(one.line))
    findings += [*attended.findings, *matched.findings]
    findings += [finding for one in closed for finding in one.findings]
    on_lines = [one.row for one in closed if one.row is not None]
    check_visit_rows((row.row for row in inputs.visits), on_lines, findings)
    lines = [one.line for one in closed]
    progress("Reconciling invoices", 0, len(inputs.invoices))
    books = _books(inputs, lines, attended, period, tariff)
    reconciled = reconcile(inputs.invoices, books)
    return Settlement(
        period=period,
        lines=lines,
        workings=[one.working for one in closed],
        findings=published([*inputs.findings, *findings], inputs.files),
        summary=summarise(lines),
        weekly=weeks.table(),
        invoice_lines=reconciled.invoice_lines,
        claim_groups=reconciled.claim_groups,
        unclaimed=reconciled.unclaimed,
    )


def _in_order(line: Line) -> tuple[str, int, str]:
    """Sort key of lines: person, then when, then line id.

    Source: settlement §6.
    """
    when = line.check_in if line.planned_start is None else line.planned_start
    assert when is not None
    return line.person_id, when, line.line_id


def _drafts(matched: Matched, plan: Plan, weeks: Weeks, tariff: Tariff) -> list[Draft]:
    """Return a line for every slot, and for every visit that answers none, earliest first."""
    drafts = slot_drafts(matched.slots, matched.answers, matched.explanations, tariff)
    count_time_together(drafts, matched.teams)
    for visit in sorted(matched.unslotted, key=lambda visit: (visit.check_in, visit.visit_id)):
        ruling = plan.ruling_order(visit.care, local_date(visit.check_in))
        drafts.append(weeks.draft(visit) or visit_draft(visit, ruling, tariff))
    return drafts


def _doubt(
    drafts: Sequence[Draft], matched: Matched, attended: Attended, plan: Plan, settings: Settings
) -> None:
    """Note on every line what is doubtful about it."""
    overlaps = doubts.worker_overlaps(attended.visits)
    doubts.doubt_teams(drafts, matched.teams)
    for draft in drafts:
        doubts.doubt_visit(draft, overlaps, settings)
        doubts.doubt_suspension(draft, plan)
        doubts.doubt_attendance(draft, settings.window_minutes)
        doubts.doubt_cancellation(draft)
        if draft.visit in matched.not_had:
            say = "the planned visit it names was not there, taken, or too far away"
            draft.doubt(Kind.NAMED_SLOT_NOT_HAD, say, hold=False)


def _books(
    inputs: Inputs, lines: Sequence[Line], attended: Attended, period: Period, tariff: Tariff
) -> Books:
    """Return what invoices are judged against."""
    part_of = {part: visit.visit_id for visit in attended.visits for part in visit.parts}

    def planned(line: Line) -> int | None:
        return planned_pence(line, tariff)

    return Books(lines, inputs.orders, part_of, period, inputs.settings, planned)


def planned_pence(line: Line, tariff: Tariff) -> int | None:
    """Return the price of a line's planned minutes, rounded as a line; None where there is none."""
    terms = tariff.terms(line.contract_id, line.service_on)
    if terms is None or line.planned_minutes is None or line.agreed_start is None:
        return None
    job = Job(line.contract_id, line.service, line.service_on, line.slot, line.agreed_start)
    pence = tariff.quote(job, line.planned_minutes, terms.band_rule).pence
    return None if pence is None else half_up(pence)


def published(findings: Iterable[Finding], files: Mapping[str, str]) -> list[Finding]:
    """Return findings as published: with the file's name for the table's, in order.

    Findings that differ in nothing but row and message go by message first, so that only the row
    column depends on the order of rows in the input.

    Source: settlement §6, `findings.csv`.
    """
    named = [replace(finding, file=files.get(finding.file, finding.file)) for finding in findings]
    return sorted(named, key=lambda f: (f.kind, f.subject, f.line_id, f.file, f.message, f.row or 0))

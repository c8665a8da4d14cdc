"""The chapters of the rule book, in the order of the contract."""

from tests.spec import (
    c1_time,
    c2_visits,
    c3_plans,
    c4_matching,
    c5_absence,
    c5_held,
    c5_payable,
    c5_rates,
    c5_weekly,
    c7_invoices,
)

CHAPTERS = (
    *c1_time.CHAPTERS,
    *c2_visits.CHAPTERS,
    *c3_plans.CHAPTERS,
    *c4_matching.CHAPTERS,
    *c5_payable.CHAPTERS,
    *c5_weekly.CHAPTERS,
    *c5_absence.CHAPTERS,
    *c5_held.CHAPTERS,
    *c5_rates.CHAPTERS,
    *c7_invoices.CHAPTERS,
)

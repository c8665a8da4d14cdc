"""Other ways to do the two main things carethread does: matching by nearest start, and pricing.

All three do the same, so their totals agree. A delivered visit picks the planned visit of its person,
provider and service that begins nearest, if it is within the window; a planned visit keeps the nearest
of those that picked it, as many as it has carers. A visit in several versions is taken in its last.
Then minutes become payable by basis, tolerance, minimum, rounding and cap, and pounds by the card:
kind of day, time band, ladder.

None of them knows visits that name their plan, joined log-ins, suspensions, cancellations, pools,
weekly hours, unplanned visits, held lines, workings, findings or invoices.
"""

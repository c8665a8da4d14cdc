"""Pay, steps 1 to 5: from the minutes of a visit to the minutes that are paid."""

from tests.spec.drawn import Chapter, Example

ROUNDING = Chapter(
    "5.3",
    "From counted to payable minutes",
    """
    What a visit of so many minutes pays depends on the contract's `pay_basis`. With `actual` the
    minutes go through the `bands` if there are any, else they are rounded to `round_to_minutes`.
    `planned` pays the plan. `planned_within_tolerance` pays the plan if the visit was no more than
    `tolerance_minutes` off, else as `actual`.
    """,
    (
        Example(
            "To the nearest quarter hour, halves up",
            "7 minutes round to nothing, 8 to a quarter; 22 to one quarter, 23 to two.",
            source="The boundaries are those of Medicare's table for timed units (MCPM 100-4).",
            terms="""
                round_to_minutes = 15
                cap = "none"
            """,
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 10:00
                O3       | 12:00
                O4       | 14:00
            """,
            visits="""
                check_in | check_out
                08:00    | 08:07
                10:00    | 10:08
                12:00    | 12:22
                14:00    | 14:23
            """,
            lines="""
                order_id | counted_minutes | payable_minutes | amount_pence | reasons
                O1       | 7               | 0               | 0            | rounded_down
                O2       | 8               | 15              | 500          | rounded_up
                O3       | 22              | 15              | 500          | rounded_down
                O4       | 23              | 30              | 1000         | rounded_up
            """,
            explain=("O2|2026-05-11T10:00|1",),
        ),
    ),
)

CHAPTERS = (ROUNDING,)

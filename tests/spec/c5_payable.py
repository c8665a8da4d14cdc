"""Pay, steps 1 to 5: from the minutes of a visit to the minutes that are paid."""

from datetime import date

from tests.spec.drawn import Chapter, Example

COUNTED = Chapter(
    "5.1",
    "The minutes that count",
    """
    Everything starts from the time the carer was there, in whole minutes. Where two carers come
    together, `double_up` says what the second one is paid for: with `each` the own time, with
    `overlap` only the time both were in the home. With `overlap` the one who stayed longer is the
    first carer, whoever arrived first.
    """,
    (
        Example(
            "Seconds are left out before anything is counted",
            "The clocks read 08:00 and 08:20 on the screen, so the visit is 20 minutes, although 19"
            " minutes and 20 seconds lie between the two presses.",
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            visits="""
                check_in | check_out
                08:00:50 | 08:20:10
            """,
            lines="""
                check_in | check_out | counted_minutes | payable_minutes | amount_pence
                08:00    | 08:20     | 20              | 20              | 667
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "Two carers are each paid for their own time",
            "Unless the contract says otherwise each place of a double-up stands for itself.",
            orders="""
                start_time | minutes | carers
                08:00      | 30      | 2
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    | 08:30
                W2        | 08:10    | 08:35
            """,
            lines="""
                slot | worker_id | counted_minutes | payable_minutes | amount_pence
                1    | W1        | 30              | 30              | 1000
                2    | W2        | 25              | 25              | 833
            """,
        ),
        Example(
            "One carer where two were planned is paid as one",
            "The empty place is a missed visit. That the one carer was alone is reported.",
            source="LGSCO 24 021 623 (Brent, 2025): charged although only one of two carers attended.",
            orders="""
                start_time | minutes | carers
                08:00      | 30      | 2
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    | 08:30
            """,
            lines="""
                slot | outcome   | counted_minutes | payable_minutes | amount_pence | held
                1    | delivered | 30              | 30              | 1000         | false
                2    | missed    |                 | 0               | 0            | false
            """,
            findings="""
                kind
                short_team
            """,
        ),
        Example(
            "Paid for the time together",
            "The second carer came ten minutes later and stayed ten minutes longer: 20 minutes are"
            " shared, and those are counted.",
            terms="""
                double_up = "overlap"
            """,
            orders="""
                start_time | minutes | carers
                08:00      | 30      | 2
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    | 08:30
                W2        | 08:10    | 08:40
            """,
            lines="""
                slot | worker_id | counted_minutes | payable_minutes | amount_pence
                1    | W1        | 30              | 30              | 1000
                2    | W2        | 20              | 20              | 667
            """,
            explain=("O1|2026-05-11T08:00|2",),
        ),
        Example(
            "The longer stay comes first, whoever pressed first",
            "W1 was first at the door but left after five minutes. W2's half hour takes the first"
            " place, and W1 is paid for the four minutes they shared.",
            terms="""
                double_up = "overlap"
            """,
            orders="""
                start_time | minutes | carers
                08:00      | 30      | 2
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    | 08:05
                W2        | 08:01    | 08:31
            """,
            lines="""
                slot | worker_id | counted_minutes | payable_minutes | amount_pence
                1    | W2        | 30              | 30              | 1000
                2    | W1        | 4               | 4               | 133
            """,
        ),
        Example(
            "A gap is not time together",
            "W2's phone was off from 08:10 to 08:15. The two parts are one visit, of 25 minutes.",
            terms="""
                double_up = "overlap"
            """,
            orders="""
                start_time | minutes | carers
                08:00      | 30      | 2
            """,
            visits="""
                visit_id | worker_id | check_in | check_out
                V1       | W1        | 08:00    | 08:30
                V2       | W2        | 08:00    | 08:10
                V3       | W2        | 08:15    | 08:30
            """,
            lines="""
                slot | visit_id | counted_minutes | payable_minutes | amount_pence
                1    | V1       | 30              | 30              | 1000
                2    | V2       | 25              | 25              | 833
            """,
            findings="""
                kind   | subject
                joined | V3
            """,
        ),
        Example(
            "Without the first carer's clock the second counts in full",
            "Nobody can say how long they were there together, and the second carer must not suffer"
            " for the first one's forgotten check-out.",
            terms="""
                double_up = "overlap"
            """,
            orders="""
                start_time | minutes | carers
                08:00      | 30      | 2
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    |
                W2        | 08:05    | 08:35
            """,
            lines="""
                slot | counted_minutes | payable_minutes | amount_pence | held  | reasons
                1    |                 |                 |              | true  | no_check_out
                2    | 30              | 30              | 1000         | false |
            """,
        ),
    ),
)

MINIMUM = Chapter(
    "5.2",
    "The shortest visit that is paid",
    """
    A visit that counts fewer than `minimum_minutes` pays nothing, and so does one of 0 minutes
    under any contract. It stays a delivered visit: somebody came, but not for long enough. This is
    looked at first, before the plan, a tolerance or rounding could lift the figure.
    """,
    (
        Example(
            "Below the minimum pays nothing",
            "Nine minutes are too short where ten are asked for; ten are enough.",
            source="LGSCO 19 009 101 (Norfolk, 2020): no more than ten minutes of a half-hour visit.",
            terms="""
                minimum_minutes = 10
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
                O2       | 12:00      | 30
            """,
            visits="""
                check_in | check_out
                08:00    | 08:09
                12:00    | 12:10
            """,
            lines="""
                order_id | outcome   | counted_minutes | payable_minutes | amount_pence | reasons
                O1       | delivered | 9               | 0               | 0            | below_minimum
                O2       | delivered | 10              | 10              | 333          |
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "In and out within one minute is a visit of nothing",
            "No minimum is set and the contract pays the plan, yet 0 minutes pay 0. The visit is"
            " shown as delivered, not as missed.",
            terms="""
                pay_basis = "planned"
            """,
            orders="""
                start_time | minutes
                08:00      | 15
            """,
            visits="""
                check_in | check_out
                08:00:10 | 08:00:50
            """,
            lines="""
                outcome   | counted_minutes | payable_minutes | amount_pence | reasons
                delivered | 0               | 0               | 0            | below_minimum
            """,
        ),
        Example(
            "Paying the plan does not pay three minutes as fifteen",
            "The minimum holds where a contract pays planned time, too.",
            source="LGSCO 20 000 461 (Warrington, 2022): calls of 15 minutes that lasted as little as"
            " 3 while the family paid in full.",
            terms="""
                pay_basis = "planned"
                minimum_minutes = 5
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 15
                O2       | 12:00      | 15
            """,
            visits="""
                check_in | check_out
                08:00    | 08:03
                12:00    | 12:05
            """,
            lines="""
                order_id | counted_minutes | payable_minutes | amount_pence | reasons
                O1       | 3               | 0               | 0            | below_minimum
                O2       | 5               | 15              | 500          |
            """,
        ),
        Example(
            "A tolerance does not reach below the minimum",
            "Eight minutes are within ten of the plan of fifteen, but the minimum is asked first.",
            terms="""
                pay_basis = "planned_within_tolerance"
                tolerance_minutes = 10
                minimum_minutes = 10
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 15
                O2       | 12:00      | 15
            """,
            visits="""
                check_in | check_out
                08:00    | 08:08
                12:00    | 12:10
            """,
            lines="""
                order_id | counted_minutes | payable_minutes | amount_pence | reasons
                O1       | 8               | 0               | 0            | below_minimum
                O2       | 10              | 15              | 500          | within_tolerance
            """,
        ),
        Example(
            "Rounding up does not lift a visit over the minimum",
            "The minutes as counted are measured against the minimum, not the rounded ones.",
            terms="""
                minimum_minutes = 10
                round_to_minutes = 15
                round = "up"
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
                O2       | 12:00      | 30
            """,
            visits="""
                check_in | check_out
                08:00    | 08:09
                12:00    | 12:10
            """,
            lines="""
                order_id | counted_minutes | payable_minutes | amount_pence | reasons
                O1       | 9               | 0               | 0            | below_minimum
                O2       | 10              | 15              | 500          | rounded_up
            """,
        ),
        Example(
            "A second carer is measured by the time together",
            "W2 stayed half an hour but shared only three minutes with W1: too few.",
            terms="""
                double_up = "overlap"
                minimum_minutes = 5
            """,
            orders="""
                start_time | minutes | carers
                08:00      | 30      | 2
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    | 08:30
                W2        | 08:27    | 08:57
            """,
            lines="""
                slot | worker_id | counted_minutes | payable_minutes | amount_pence | reasons
                1    | W1        | 30              | 30              | 1000         |
                2    | W2        | 3               | 0               | 0            | below_minimum
            """,
        ),
    ),
)

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
            "By the minute, unless the contract says otherwise",
            "22 minutes are paid as 22 minutes.",
            source="Harrow, 2008: by the minute, no longer in blocks of ten (Community Care).",
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            visits="""
                check_in | check_out
                08:00    | 08:22
            """,
            lines="""
                counted_minutes | payable_minutes | amount_pence | reasons
                22              | 22              | 733          |
            """,
        ),
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
        Example(
            "Up to the next quarter hour",
            "One minute into the second quarter pays all of it. A visit of exactly one stays one.",
            source="Calderdale, 2012: 16 minutes could cost the council 30 (Halifax Courier).",
            terms="""
                round_to_minutes = 15
                round = "up"
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
                O2       | 12:00      | 30
            """,
            visits="""
                check_in | check_out
                08:00    | 08:15
                12:00    | 12:16
            """,
            lines="""
                order_id | counted_minutes | payable_minutes | amount_pence | reasons
                O1       | 15              | 15              | 500          |
                O2       | 16              | 30              | 1000         | rounded_up
            """,
        ),
        Example(
            "Down to the quarter hours completed",
            "A minute short of the hour pays three quarters.",
            source="Ankota (US) describes programmes in units of 15 minutes where 59 minutes pay 45.",
            terms="""
                round_to_minutes = 15
                round = "down"
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 60
                O2       | 12:00      | 60
            """,
            visits="""
                check_in | check_out
                08:00    | 08:59
                12:00    | 13:00
            """,
            lines="""
                order_id | counted_minutes | payable_minutes | amount_pence | reasons
                O1       | 59              | 45              | 1500         | rounded_down
                O2       | 60              | 60              | 2000         |
            """,
        ),
        Example(
            "In bands",
            "Each band names the longest visit it takes and what it pays. The bands stand in for"
            " rounding, up or down.",
            source="The bands of Ohio Administrative Code 5160-12-05.",
            terms="""
                bands = [[15, 15], [34, 30], [60, 60]]
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
                08:00    | 08:15
                10:00    | 10:16
                12:00    | 12:34
                14:00    | 14:35
            """,
            lines="""
                order_id | counted_minutes | payable_minutes | amount_pence | reasons
                O1       | 15              | 15              | 500          |
                O2       | 16              | 30              | 1000         | rounded_up
                O3       | 34              | 30              | 1000         | rounded_down
                O4       | 35              | 60              | 2000         | rounded_up
            """,
            explain=("O3|2026-05-11T12:00|1",),
        ),
        Example(
            "Above the last band, by rounding",
            "The bands end at an hour. Longer visits go to the nearest quarter: 67 minutes to four"
            " quarters, 68 to five.",
            terms="""
                bands = [[15, 15], [34, 30], [60, 60]]
                round_to_minutes = 15
                cap = "none"
            """,
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 12:00
            """,
            visits="""
                check_in | check_out
                08:00    | 09:07
                12:00    | 13:08
            """,
            lines="""
                order_id | counted_minutes | payable_minutes | amount_pence | reasons
                O1       | 67              | 60              | 2000         | rounded_down
                O2       | 68              | 75              | 2500         | rounded_up
            """,
        ),
        Example(
            "The plan, however long the visit was",
            "A short visit and a long one both pay the half hour that was ordered.",
            source="Hull gave up payment by the minute for planned time (Home Care Insight).",
            terms="""
                pay_basis = "planned"
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
                O2       | 12:00      | 30
            """,
            visits="""
                check_in | check_out
                08:00    | 08:20
                12:00    | 12:45
            """,
            lines="""
                order_id | counted_minutes | payable_minutes | amount_pence | reasons
                O1       | 20              | 30              | 1000         |
                O2       | 45              | 30              | 1000         |
            """,
        ),
        Example(
            "The plan if the visit came close to it",
            "Five minutes more or less still pay the plan. A sixth minute, and the visit is paid by"
            " its own length.",
            terms="""
                pay_basis = "planned_within_tolerance"
                tolerance_minutes = 5
                cap = "none"
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
                O2       | 10:00      | 30
                O3       | 12:00      | 30
                O4       | 14:00      | 30
            """,
            visits="""
                check_in | check_out
                08:00    | 08:24
                10:00    | 10:25
                12:00    | 12:35
                14:00    | 14:36
            """,
            lines="""
                order_id | counted_minutes | payable_minutes | amount_pence | reasons
                O1       | 24              | 24              | 800          |
                O2       | 25              | 30              | 1000         | within_tolerance
                O3       | 35              | 30              | 1000         | within_tolerance
                O4       | 36              | 36              | 1200         |
            """,
        ),
        Example(
            "Outside the tolerance, rounding applies as ever",
            "22 minutes are not close to 30, so they go to the nearest quarter hour.",
            terms="""
                pay_basis = "planned_within_tolerance"
                tolerance_minutes = 5
                round_to_minutes = 15
            """,
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            visits="""
                check_in | check_out
                08:00    | 08:22
            """,
            lines="""
                counted_minutes | payable_minutes | amount_pence | reasons
                22              | 15              | 500          | rounded_down
            """,
        ),
    ),
)

CAP = Chapter(
    "5.4",
    "No more than was ordered",
    """
    With `cap = "planned"`, as it is unless the contract says otherwise, a visit is paid up to its
    planned minutes and `cap_over_minutes` more. With `cap = "none"` there is no such limit.
    """,
    (
        Example(
            "Time beyond the plan is not paid",
            "A quarter of an hour more than ordered is on the record, but it is not paid.",
            source="LGSCO 24 010 548 (Sheffield, 2025): charges for time above the plan.",
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            visits="""
                check_in | check_out
                08:00    | 08:45
            """,
            lines="""
                planned_minutes | counted_minutes | payable_minutes | amount_pence | reasons
                30              | 45              | 30              | 1000         | capped
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "A contract without a cap pays the whole visit",
            "The same visit, all of it paid.",
            terms="""
                cap = "none"
            """,
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            visits="""
                check_in | check_out
                08:00    | 08:45
            """,
            lines="""
                planned_minutes | counted_minutes | payable_minutes | amount_pence | reasons
                30              | 45              | 45              | 1500         |
            """,
        ),
        Example(
            "A few minutes over may be allowed",
            "Ten minutes over the plan are paid, the eleventh is not.",
            terms="""
                cap_over_minutes = 10
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
                O2       | 12:00      | 30
            """,
            visits="""
                check_in | check_out
                08:00    | 08:40
                12:00    | 12:41
            """,
            lines="""
                order_id | counted_minutes | payable_minutes | amount_pence | reasons
                O1       | 40              | 40              | 1333         |
                O2       | 41              | 40              | 1333         | capped
            """,
        ),
        Example(
            "The cap comes after rounding",
            "16 minutes round up to 30, which is more than the 20 that were ordered.",
            terms="""
                round_to_minutes = 15
                round = "up"
            """,
            orders="""
                start_time | minutes
                08:00      | 20
            """,
            visits="""
                check_in | check_out
                08:00    | 08:16
            """,
            lines="""
                counted_minutes | payable_minutes | amount_pence | reasons
                16              | 20              | 667          | rounded_up;capped
            """,
        ),
        Example(
            "Each carer of a double-up has a cap of their own",
            "W1's extra quarter hour does not make up for the ten minutes W2 stayed too short.",
            orders="""
                start_time | minutes | carers
                08:00      | 30      | 2
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    | 08:45
                W2        | 08:00    | 08:20
            """,
            lines="""
                slot | worker_id | counted_minutes | payable_minutes | amount_pence | reasons
                1    | W1        | 45              | 30              | 1000         | capped
                2    | W2        | 20              | 20              | 667          |
            """,
        ),
    ),
)

POOL = Chapter(
    "5.5",
    "Short visits make room for long ones",
    """
    With a `pool`, what short visits of an order left unused in a week or a calendar month pays for
    what the cap cut from long ones. The first visit that was cut is served first. Only visits that
    took place and are paid something leave room behind.
    """,
    (
        Example(
            "Unused time goes to the first visit that was cut",
            "Monday left an hour unused. Tuesday gets it all, so nothing is left for Wednesday.",
            source="The figures of HomeTrak's help page: planned 5, 5 and 5 hours, actual 4, 7 and 6.",
            terms="""
                pool = "week"
            """,
            orders="""
                days    | start_time | minutes
                1110000 | 09:00      | 300
            """,
            visits="""
                check_in  | check_out
                09:00     | 13:00
                Tue 09:00 | Tue 16:00
                Wed 09:00 | Wed 15:00
            """,
            lines="""
                agreed_start | counted_minutes | payable_minutes | amount_pence | reasons
                09:00        | 240             | 240             | 8000         |
                Tue 09:00    | 420             | 360             | 12000        | capped;pooled
                Wed 09:00    | 360             | 300             | 10000        | capped
            """,
            explain=("O1|2026-05-12T09:00|1",),
        ),
        Example(
            "A short visit helps a long one before it",
            "The week is looked at as a whole: Tuesday's ten unused minutes pay for Monday's.",
            terms="""
                pool = "week"
            """,
            orders="""
                days    | start_time | minutes
                1100000 | 08:00      | 30
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:40
                Tue 08:00 | Tue 08:20
            """,
            lines="""
                agreed_start | counted_minutes | payable_minutes | amount_pence | reasons
                08:00        | 40              | 40              | 1333         | capped;pooled
                Tue 08:00    | 20              | 20              | 667          |
            """,
        ),
        Example(
            "Two short days and one long day balance out",
            "25, 25 and 40 minutes come to three half hours, and all of them are paid.",
            source="Hampshire County Council, paying for care at home: planned and actual time should"
            " even out over a week or a month.",
            terms="""
                pool = "week"
            """,
            orders="""
                days    | start_time | minutes
                1110000 | 08:00      | 30
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:25
                Tue 08:00 | Tue 08:25
                Wed 08:00 | Wed 08:40
            """,
            lines="""
                agreed_start | counted_minutes | payable_minutes | amount_pence | reasons
                08:00        | 25              | 25              | 833          |
                Tue 08:00    | 25              | 25              | 833          |
                Wed 08:00    | 40              | 40              | 1333         | capped;pooled
            """,
        ),
        Example(
            "Never more than the visit would have been without the cap",
            "There is room for ten minutes, but only five were cut. The other five stay unused.",
            terms="""
                pool = "week"
            """,
            orders="""
                days    | start_time | minutes
                1100000 | 08:00      | 30
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:20
                Tue 08:00 | Tue 08:35
            """,
            lines="""
                agreed_start | counted_minutes | payable_minutes | amount_pence | reasons
                08:00        | 20              | 20              | 667          |
                Tue 08:00    | 35              | 35              | 1167         | capped;pooled
            """,
        ),
        Example(
            "A missed visit makes no room",
            "Half an hour was ordered and not given on Monday. It does not lengthen Tuesday.",
            terms="""
                pool = "week"
            """,
            orders="""
                days    | start_time | minutes
                1100000 | 08:00      | 30
            """,
            visits="""
                check_in  | check_out
                Tue 08:00 | Tue 08:45
            """,
            lines="""
                agreed_start | outcome   | payable_minutes | amount_pence | reasons
                08:00        | missed    | 0               | 0            |
                Tue 08:00    | delivered | 30              | 1000         | capped
            """,
        ),
        Example(
            "A visit too short to be paid makes no room",
            "Five minutes are below the minimum of ten and pay nothing, so they leave nothing over.",
            terms="""
                pool = "week"
                minimum_minutes = 10
            """,
            orders="""
                days    | start_time | minutes
                1100000 | 08:00      | 30
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:05
                Tue 08:00 | Tue 08:45
            """,
            lines="""
                agreed_start | counted_minutes | payable_minutes | amount_pence | reasons
                08:00        | 5               | 0               | 0            | below_minimum
                Tue 08:00    | 45              | 30              | 1000         | capped
            """,
        ),
        Example(
            "A month's room ends with the month",
            "V2 gets back the six minutes it was cut, from the week before. V3 comes in June and gets"
            " none of what May has left. Settled from 1 May to 30 June.",
            first=date(2026, 5, 1),
            last=date(2026, 6, 30),
            terms="""
                pool = "month"
            """,
            orders="""
                starts_on  | ends_on    | days    | start_time | minutes
                2026-05-22 | 2026-06-05 | 0000100 | 08:00      | 30
            """,
            visits="""
                visit_id | check_in         | check_out
                V1       | 2026-05-22T08:00 | 2026-05-22T08:20
                V2       | 2026-05-29T08:00 | 2026-05-29T08:36
                V3       | 2026-06-05T08:00 | 2026-06-05T08:40
            """,
            lines="""
                visit_id | counted_minutes | payable_minutes | amount_pence | reasons
                V1       | 20              | 20              | 667          |
                V2       | 36              | 36              | 1200         | capped;pooled
                V3       | 40              | 30              | 1000         | capped
            """,
        ),
        Example(
            "Settle whole weeks",
            "Settled from Tuesday, Monday's unused minutes are out of sight and Tuesday stays cut. A"
            " finding says that the week is not whole.",
            first=date(2026, 5, 12),
            terms="""
                pool = "week"
            """,
            orders="""
                days    | start_time | minutes
                1100000 | 08:00      | 30
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | 08:00     | 08:20
                V2       | Tue 08:00 | Tue 08:40
            """,
            lines="""
                visit_id | counted_minutes | payable_minutes | amount_pence | reasons
                V2       | 40              | 30              | 1000         | capped
            """,
            findings="""
                kind           | subject
                outside_period | V1
                partial_period | O1
            """,
        ),
    ),
)

CHAPTERS = (COUNTED, MINIMUM, ROUNDING, CAP, POOL)

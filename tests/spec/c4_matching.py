"""Matching, step 4: which visit answers which plan, and what is doubtful about it."""

from tests.spec.drawn import Chapter, Example

NAMED = Chapter(
    "4.1",
    "Visits that name their plan",
    """
    Some systems send with a visit which planned visit it was for (`planned_start`). Such visits are
    served first, the earliest check-in before the others. A name is believed as long as the carer
    came within the window around the named time (`window_minutes`, two hours unless the settings say
    otherwise). A visit that cannot have what it names is matched by its time, like one without a name.
    """,
    (
        Example(
            "A visit answers the planned visit it names, even if another is nearer",
            "The carer was fifty minutes late for eight o'clock and said so. Nine o'clock is missed.",
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 09:00
            """,
            visits="""
                check_in | check_out | planned_start
                08:50    | 09:20     | 08:00
            """,
            lines="""
                order_id | visit_id | start_deviation_minutes | outcome
                O1       | V1       | 50                      | delivered
                O2       |          |                         | missed
            """,
            findings="kind | subject",
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "A visit that names its plan comes before one that does not",
            "The first visit was on the minute, but the second says it was the one planned.",
            visits="""
                worker_id | check_in | check_out | planned_start
                W1        | 08:00    | 08:30     |
                W2        | 08:40    | 09:10     | 08:00
            """,
            lines="""
                order_id | visit_id | outcome   | held  | reasons
                O1       | V2       | delivered | false |
                         | V1       | unplanned | true  | unplanned
            """,
        ),
        Example(
            "The agreed time still names a visit that the rota has moved",
            """
            The rota moved O1 from eight to half past nine. A visit that names eight o'clock means O1,
            although O2 was planned nearer to its check-in.
            """,
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 09:00
            """,
            planned="""
                order_id | planned_start
                O1       | 09:30
            """,
            visits="""
                check_in | check_out | planned_start
                09:10    | 09:40     | 08:00
            """,
            lines="""
                order_id | planned_start | visit_id | start_deviation_minutes | outcome
                O2       | 09:00         |          |                         | missed
                O1       | 09:30         | V1       | -20                     | delivered
            """,
            findings="kind | subject",
        ),
        Example(
            "Where a name fits a moved and an agreed time, the moved one is meant",
            "Nine o'clock is where the rota put O1, and where O2 was before the rota moved it to ten.",
            orders="""
                order_id | start_time
                O1       | 09:00
                O2       | 08:00
            """,
            planned="""
                order_id | planned_start
                O1       | 10:00
                O2       | 09:00
            """,
            visits="""
                check_in | check_out | planned_start
                09:30    | 10:00     | 09:00
            """,
            lines="""
                order_id | agreed_start | planned_start | visit_id | outcome
                O2       | 08:00        | 09:00         | V1       | delivered
                O1       | 09:00        | 10:00         |          | missed
            """,
        ),
        Example(
            "Visits of one name fill the slots in the order of check-in",
            """
            Two orders have a visit at eight. Who came first has the first order, whatever the row's
            number.
            """,
            orders="""
                order_id
                O1
                O2
            """,
            visits="""
                worker_id | check_in | check_out | planned_start
                W1        | 08:05    | 08:35     | 08:00
                W2        | 08:00    | 08:30     | 08:00
            """,
            lines="""
                order_id | visit_id | check_in
                O1       | V2       | 08:00
                O2       | V1       | 08:05
            """,
        ),
        Example(
            "A name too far from the check-in is not believed",
            """
            Half past ten is two and a half hours after the time it names. The visit is matched by its
            time instead, to eleven o'clock, and the name is reported.
            """,
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 11:00
            """,
            visits="""
                check_in | check_out | planned_start
                10:30    | 11:00     | 08:00
            """,
            lines="""
                order_id | visit_id | start_deviation_minutes | outcome
                O1       |          |                         | missed
                O2       | V1       | -30                     | delivered
            """,
            findings="""
                kind               | subject
                named_slot_not_had | V1
            """,
        ),
        Example(
            "A name that nothing was planned for does no harm",
            """
            Nothing was planned for ten past eight. By its time, the visit still answers eight o'clock.
            """,
            visits="""
                check_in | check_out | planned_start
                08:05    | 08:35     | 08:10
            """,
            lines="""
                order_id | visit_id | outcome   | held
                O1       | V1       | delivered | false
            """,
            findings="""
                kind               | subject
                named_slot_not_had | V1
            """,
        ),
        Example(
            "Two visits cannot both have the one slot they name",
            "The earlier has it. The later finds nothing else near and waits as unplanned.",
            visits="""
                worker_id | check_in | check_out | planned_start
                W1        | 08:00    | 08:30     | 08:00
                W2        | 08:20    | 08:50     | 08:00
            """,
            lines="""
                order_id | visit_id | outcome   | held  | reasons
                O1       | V1       | delivered | false |
                         | V2       | unplanned | true  | unplanned
            """,
            findings="""
                kind               | subject
                named_slot_not_had | V2
            """,
        ),
    ),
)

TIMED = Chapter(
    "4.2",
    "Visits matched by their time",
    """
    The other visits are matched by how far the check-in is from the planned start, for one person,
    provider and service at a time. Every pair costs the minutes between the two, everything left
    without a partner costs half the window (one hour with a window of two), and the whole with the
    smallest total is taken. That is fairer than giving each visit the nearest slot in turn. Where two
    ways of matching cost the same, the earlier slot and the earlier visit are matched.
    """,
    (
        Example(
            "A late morning visit does not take the lunch visit's slot",
            """
            11:40 is nearer to noon than 12:30 is, but giving it noon would leave two without a partner:
            20 + 60 + 60 minutes. Each to its own costs 100 + 30.
            """,
            orders="""
                order_id | start_time
                O1       | 10:00
                O2       | 12:00
            """,
            visits="""
                check_in | check_out
                11:40    | 12:10
                12:30    | 13:00
            """,
            lines="""
                order_id | visit_id | start_deviation_minutes | outcome
                O1       | V1       | 100                     | delivered
                O2       | V2       | 30                      | delivered
            """,
            explain=("O1|2026-05-11T10:00|1",),
        ),
        Example(
            "One good match beats two far-fetched ones",
            """
            Matching both costs 110 + 115 minutes. Matching only the second slot, ten minutes off, and
            leaving one slot and one visit costs 10 + 60 + 60.
            """,
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 10:00
            """,
            visits="""
                check_in | check_out
                09:50    | 10:20
                11:55    | 12:25
            """,
            lines="""
                order_id | visit_id | start_deviation_minutes | outcome   | held
                O1       |          |                         | missed    | false
                O2       | V1       | -10                     | delivered | false
                         | V2       |                         | unplanned | true
            """,
        ),
        Example(
            "A visit exactly at the window's edge still matches",
            """
            Two hours late matches, a minute more does not. At the edge matching costs as much as
            leaving both alone, and then matching comes first.
            """,
            orders="""
                order_id | person_id
                O1       | P1
                O2       | P2
            """,
            visits="""
                person_id | worker_id | check_in | check_out
                P1        | W1        | 10:00    | 10:30
                P2        | W2        | 10:01    | 10:31
            """,
            lines="""
                person_id | order_id | visit_id | start_deviation_minutes | outcome
                P1        | O1       | V1       | 120                     | delivered
                P2        | O2       |          |                         | missed
                P2        |          | V2       |                         | unplanned
            """,
        ),
        Example(
            "Half way between two slots, the earlier one is answered",
            "Nine o'clock is an hour from both.",
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 10:00
            """,
            visits="""
                check_in | check_out
                09:00    | 09:30
            """,
            lines="""
                order_id | visit_id | start_deviation_minutes | outcome
                O1       | V1       | 60                      | delivered
                O2       |          |                         | missed
            """,
        ),
        Example(
            "Of two visits as near to a slot, the earlier answers it",
            "Half an hour early or half an hour late cost the same.",
            orders="""
                order_id | start_time
                O1       | 09:00
            """,
            visits="""
                check_in | check_out
                08:30    | 09:00
                09:30    | 10:00
            """,
            lines="""
                order_id | visit_id | start_deviation_minutes | outcome
                O1       | V1       | -30                     | delivered
                         | V2       |                         | unplanned
            """,
        ),
        Example(
            "Of two orders at one time, the smaller order id is answered",
            "Only one carer came, and nothing else tells the two visits apart.",
            orders="""
                order_id
                O2
                O1
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            lines="""
                order_id | visit_id | outcome
                O1       | V1       | delivered
                O2       |          | missed
            """,
        ),
        Example(
            "A suspended slot is matched like any other",
            """
            The visit is plainly the suspended one, and it is not handed to the next slot to hide that.
            """,
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 10:00
            """,
            suspensions="""
                order_id | from_on    | reason
                O1       | 2026-05-11 | other
            """,
            visits="""
                check_in | check_out
                08:10    | 08:40
            """,
            lines="""
                order_id | visit_id | outcome   | held  | reasons
                O1       | V1       | delivered | true  | visit_in_suspension
                O2       |          | missed    | false |
            """,
        ),
        Example(
            "Another service never matches",
            "A sitting visit (SIT) at eight is not the personal care that was ordered for eight.",
            visits="""
                service | check_in | check_out
                SIT     | 08:00    | 08:30
            """,
            lines="""
                order_id | service | visit_id | outcome   | amount_pence | held  | reasons
                O1       | PC      |          | missed    | 0            | false |
                         | SIT     | V1       | unplanned |              | true  | no_order
            """,
            findings="""
                kind     | subject
                no_order | V1
            """,
        ),
    ),
)

STATUS = Chapter(
    "4.3",
    "Cancelled and frustrated visits",
    """
    A row with status `cancelled` or `frustrated` (the carer came and could not give the care) explains
    why a slot was not attended. It says which one by its `planned_start` and is looked at only after
    all delivered visits have been matched: care that was given counts for more than a word that it
    was not. Every row still ends somewhere, in a line or in a finding.
    """,
    (
        Example(
            "A cancellation explains the slot it names",
            "Called off three days before: nothing to pay, and nothing missed.",
            visits="""
                status    | planned_start | cancelled_by | notified_at
                cancelled | 08:00         | person       | 2026-05-08T08:00
            """,
            lines="""
                visit_id | outcome   | payable_minutes | amount_pence | held  | reasons
                V1       | cancelled | 0               | 0            | false |
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "A frustrated visit is not a missed one",
            "The carer was at the door and nobody opened. This contract pays such a visit in full.",
            visits="""
                status     | planned_start | check_in
                frustrated | 08:00         | 08:02
            """,
            lines="""
                visit_id | outcome    | check_in | payable_minutes | amount_pence | reasons
                V1       | frustrated | 08:02    | 30              | 1000         | frustrated_paid
            """,
        ),
        Example(
            "A visit that its own provider cancelled is missed",
            "Nobody but the provider called it off, however much notice it gave.",
            visits="""
                status    | planned_start | cancelled_by | notified_at
                cancelled | 08:00         | provider     | 2026-05-08T08:00
            """,
            lines="""
                visit_id | outcome | payable_minutes | amount_pence
                V1       | missed  | 0               | 0
            """,
        ),
        Example(
            "A cancelled visit that was made after all is delivered",
            "The cancellation is overtaken by what happened.",
            visits="""
                status    | planned_start | cancelled_by | notified_at | check_in | check_out
                cancelled | 08:00         | person       | 07:00       |          |
                delivered |               |              |             | 08:05    | 08:35
            """,
            lines="""
                order_id | visit_id | outcome   | amount_pence
                O1       | V2       | delivered | 1000
            """,
            findings="""
                kind      | subject
                overtaken | V1
            """,
        ),
        Example(
            "A cancellation of something not planned explains nothing",
            """
            Nothing was planned for nine o'clock. Eight o'clock stays missed: a status row is not
            guessed at.
            """,
            visits="""
                status    | planned_start | cancelled_by | notified_at
                cancelled | 09:00         | person       | 07:00
            """,
            lines="""
                order_id | visit_id | outcome
                O1       |          | missed
            """,
            findings="""
                kind                | subject
                status_without_plan | V1
            """,
        ),
        Example(
            "One slot needs one explanation",
            "The second cancellation finds the slot already explained, by no delivered visit.",
            visits="""
                status    | planned_start | cancelled_by | notified_at
                cancelled | 08:00         | person       | 2026-05-08T08:00
                cancelled | 08:00         | person       | 2026-05-08T08:00
            """,
            lines="""
                order_id | visit_id | outcome
                O1       | V1       | cancelled
            """,
            findings="""
                kind                | subject
                status_without_plan | V2
            """,
        ),
        Example(
            "In a double-up, a status row explains the carer who did not come",
            "One row speaks for one carer: the first was there, the second's place was cancelled.",
            orders="""
                order_id | carers
                O1       | 2
            """,
            visits="""
                status    | planned_start | cancelled_by | notified_at      | check_in | check_out
                cancelled | 08:00         | council      | 2026-05-08T08:00 |          |
                delivered |               |              |                  | 08:00    | 08:30
            """,
            lines="""
                slot | visit_id | outcome   | amount_pence
                1    | V2       | delivered | 1000
                2    | V1       | cancelled | 0
            """,
        ),
        Example(
            "A status row of another period is left to it",
            """
            One cancels the visit of the following Monday, one names the Tuesday after, when nothing is
            planned. Neither says anything about the settled week.
            """,
            visits="""
                status    | planned_start    | cancelled_by | notified_at
                cancelled | 2026-05-18T08:00 | person       | 07:00
                cancelled | 2026-05-19T08:00 | person       | 07:00
            """,
            lines="""
                order_id | visit_id | agreed_start | outcome
                O1       |          | 08:00        | missed
            """,
            findings="""
                kind           | subject
                outside_period | V1
                outside_period | V2
            """,
        ),
    ),
)

DOUBLE_UPS = Chapter(
    "4.4",
    "Double-ups: who is first, who is second",
    """
    With `double_up = "each"` every carer is paid for their own visit. With `"overlap"` the second is
    paid for the time both were there, so it matters who is second: the one with fewer minutes,
    whoever happened to log in first.
    """,
    (
        Example(
            "The longer visit is the first carer's",
            "V2 has 30 minutes and takes slot 1. V1 is paid for 08:05 to 08:20, when both were there.",
            terms='double_up = "overlap"',
            orders="""
                order_id | carers
                O1       | 2
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    | 08:20
                W2        | 08:05    | 08:35
            """,
            lines="""
                slot | visit_id | counted_minutes | payable_minutes | amount_pence
                1    | V2       | 30              | 30              | 1000
                2    | V1       | 15              | 15              | 500
            """,
            explain=("O1|2026-05-11T08:00|2",),
        ),
        Example(
            "Paid each for themselves, the carers stay as they came",
            "The same two visits where the contract does not ask for time together.",
            orders="""
                order_id | carers
                O1       | 2
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    | 08:20
                W2        | 08:05    | 08:35
            """,
            lines="""
                slot | visit_id | counted_minutes | payable_minutes | amount_pence
                1    | V1       | 20              | 20              | 667
                2    | V2       | 30              | 30              | 1000
            """,
        ),
        Example(
            "Of two visits of one length, the earlier is the first carer's",
            """
            V1 names its plan and so is matched first, but it gains nothing by that: V2 came earlier
            and is as long.
            """,
            terms='double_up = "overlap"',
            orders="""
                order_id | carers
                O1       | 2
            """,
            visits="""
                worker_id | check_in | check_out | planned_start
                W1        | 08:05    | 08:35     | 08:00
                W2        | 08:00    | 08:30     |
            """,
            lines="""
                slot | visit_id | counted_minutes | payable_minutes
                1    | V2       | 30              | 30
                2    | V1       | 25              | 25
            """,
        ),
        Example(
            "Gaps do not make a visit longer",
            """
            V1 and V3 are one visit from 08:00 to 08:40, but with 32 minutes logged in it is shorter
            than V2's 35. Both carers were there for 10 and then 17 minutes.
            """,
            terms='double_up = "overlap"',
            orders="""
                order_id | carers | minutes
                O1       | 2      | 45
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    | 08:10
                W2        | 08:00    | 08:35
                W1        | 08:18    | 08:40
            """,
            lines="""
                slot | visit_id | counted_minutes | amount_pence
                1    | V2       | 35              | 1167
                2    | V1       | 27              | 900
            """,
            findings="""
                kind   | subject
                joined | V3
            """,
        ),
        Example(
            "Carers who were never there together are paid for one",
            "The second arrived as the first left: no minute counts for the second.",
            terms='double_up = "overlap"',
            orders="""
                order_id | carers
                O1       | 2
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    | 08:30
                W2        | 08:30    | 09:00
            """,
            lines="""
                slot | visit_id | counted_minutes | payable_minutes | amount_pence | reasons
                1    | V1       | 30              | 30              | 1000         |
                2    | V2       | 0               | 0               | 0            | below_minimum
            """,
        ),
        Example(
            "A visit without a check-out is not compared",
            """
            Nobody knows how long V1 was, so the two stay as they were matched. With nothing to lay it
            against, V2 counts in full.
            """,
            terms='double_up = "overlap"',
            orders="""
                order_id | carers
                O1       | 2
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    |
                W2        | 08:05    | 08:35
            """,
            lines="""
                slot | visit_id | counted_minutes | amount_pence | held  | reasons
                1    | V1       |                 |              | true  | no_check_out
                2    | V2       | 30              | 1000         | false |
            """,
        ),
    ),
)

DOUBTS = Chapter(
    "4.5",
    "Outcomes, and what is doubtful",
    """
    Every line has one outcome. Beside it there may be doubts, reported as findings: a carer in two
    homes at once (`worker_overlap`), one carer in both places of a double-up (`same_worker`), one of
    two carers missing (`short_team`), a visit too early or too late where the time is critical
    (`late_time_critical`). Which of these also hold the money is for the contract to say, in
    `hold_on`; unless it does, the first two hold and the others are only reported.
    """,
    (
        Example(
            "A line has one of six outcomes",
            "One of each; O4 is suspended for the day, and nobody had planned a visit for Tuesday.",
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 11:00
                O3       | 14:00
                O4       | 17:00
                O5       | 20:00
            """,
            suspensions="""
                order_id | from_on    | to_on
                O4       | 2026-05-11 | 2026-05-11
            """,
            visits="""
                status     | planned_start | cancelled_by | notified_at      | check_in  | check_out
                delivered  |               |              |                  | 08:00     | 08:30
                cancelled  | 11:00         | person       | 2026-05-08T09:00 |           |
                frustrated | 14:00         |              |                  | 14:00     |
                delivered  |               |              |                  | Tue 08:00 | Tue 08:30
            """,
            lines="""
                order_id | visit_id | outcome    | payable_minutes | amount_pence | held
                O1       | V1       | delivered  | 30              | 1000         | false
                O2       | V2       | cancelled  | 0               | 0            | false
                O3       | V3       | frustrated | 30              | 1000         | false
                O4       |          | suspended  | 0               | 0            | false
                O5       |          | missed     | 0               | 0            | false
                         | V4       | unplanned  | 30              | 1000         | true
            """,
            findings="kind | subject",
        ),
        Example(
            "Nobody is in two homes at once",
            """
            W1 cannot have been with P1 until half past and with P2 from twenty past. Both lines wait.
            """,
            orders="""
                order_id | person_id | start_time
                O1       | P1        | 08:00
                O2       | P2        | 08:20
            """,
            visits="""
                person_id | check_in | check_out
                P1        | 08:00    | 08:30
                P2        | 08:20    | 08:50
            """,
            lines="""
                order_id | visit_id | worker_id | amount_pence | held | reasons
                O1       | V1       | W1        | 1000         | true | worker_overlap
                O2       | V2       | W1        | 1000         | true | worker_overlap
            """,
            findings="""
                kind           | subject
                worker_overlap | V1
                worker_overlap | V2
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "Out of one home and into the next within one minute is no overlap",
            "Two neighbours: W1 leaves P1 and is with P2 at once.",
            orders="""
                order_id | person_id | start_time
                O1       | P1        | 08:00
                O2       | P2        | 08:30
            """,
            visits="""
                person_id | check_in | check_out
                P1        | 08:00    | 08:30
                P2        | 08:30    | 09:00
            """,
            lines="""
                order_id | visit_id | held
                O1       | V1       | false
                O2       | V2       | false
            """,
            findings="kind | subject",
        ),
        Example(
            "One carer cannot be both carers",
            "W1 came twice to a visit that needed two people together. Both lines wait.",
            orders="""
                order_id | carers
                O1       | 2
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    | 08:15
                W1        | 08:30    | 08:45
            """,
            lines="""
                slot | visit_id | counted_minutes | amount_pence | held | reasons
                1    | V1       | 15              | 500          | true | same_worker
                2    | V2       | 15              | 500          | true | same_worker
            """,
            findings="""
                kind        | subject
                same_worker | V1
                same_worker | V2
            """,
        ),
        Example(
            "One carer where two were ordered is reported, and paid",
            "The carer who came did their work. The finding asks whether it was safe to do it alone.",
            orders="""
                order_id | carers
                O1       | 2
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            lines="""
                slot | visit_id | outcome   | amount_pence | held
                1    | V1       | delivered | 1000         | false
                2    |          | missed    | 0            | false
            """,
            findings="""
                kind       | subject
                short_team | V1
            """,
        ),
        Example(
            "The contract chooses which doubts hold",
            """
            Here a short team holds and an overlap does not. Both are still reported, and the visit that
            has both waits for the one.
            """,
            terms='hold_on = ["short_team"]',
            orders="""
                order_id | person_id | start_time | carers
                O1       | P1        | 08:00      | 2
                O2       | P2        | 08:20      | 1
            """,
            visits="""
                person_id | check_in | check_out
                P1        | 08:00    | 08:30
                P2        | 08:20    | 08:50
            """,
            lines="""
                order_id | slot | visit_id | outcome   | held  | reasons
                O1       | 1    | V1       | delivered | true  | short_team
                O1       | 2    |          | missed    | false |
                O2       | 1    | V2       | delivered | false |
            """,
            findings="""
                kind           | subject
                short_team     | V1
                worker_overlap | V1
                worker_overlap | V2
            """,
        ),
        Example(
            "A time-critical visit may be half an hour off, not a minute more",
            "Two people's morning medicine. Too early is as doubtful as too late.",
            source="Essex County Council, Live at Home: a KPI of plus or minus 30 minutes.",
            orders="""
                order_id | person_id | time_critical
                O1       | P1        | true
                O2       | P2        | true
                O3       | P3        | true
            """,
            visits="""
                person_id | worker_id | check_in | check_out
                P1        | W1        | 08:30    | 09:00
                P2        | W2        | 08:31    | 09:01
                P3        | W3        | 07:29    | 07:59
            """,
            lines="""
                order_id | visit_id | start_deviation_minutes | amount_pence | held
                O1       | V1       | 30                      | 1000         | false
                O2       | V2       | 31                      | 1000         | false
                O3       | V3       | -31                     | 1000         | false
            """,
            findings="""
                kind               | subject
                late_time_critical | V2
                late_time_critical | V3
            """,
        ),
        Example(
            "A rota does not excuse a late time-critical visit",
            "On the minute by the provider's rota, three quarters of an hour after what was agreed.",
            orders="""
                order_id | time_critical
                O1       | true
            """,
            planned="""
                order_id | planned_start
                O1       | 08:45
            """,
            visits="""
                check_in | check_out
                08:45    | 09:15
            """,
            lines="""
                visit_id | agreed_start | planned_start | start_deviation_minutes | held
                V1       | 08:00        | 08:45         | 0                       | false
            """,
            findings="""
                kind               | subject
                late_time_critical | V1
            """,
        ),
    ),
)

CHAPTERS = (NAMED, TIMED, STATUS, DOUBLE_UPS, DOUBTS)

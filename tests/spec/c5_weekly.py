"""Pay, step 6: orders of hours a week."""

from datetime import date

from tests.spec.drawn import Chapter, Example

WEEKLY = Chapter(
    "5.6",
    "So many hours a week",
    """
    An order with basis `weekly_hours` plans no single visit: it allows so many minutes from Monday
    to Sunday, and person and provider agree the times. Each visit is paid by its own length,
    rounded as the contract says, in the order they were made, until the week's minutes are used up.
    A day on which the order is not in force takes a seventh of the allowance away.
    """,
    (
        Example(
            "What is over the week's hours is cut",
            "Three hours are allowed. The first two visits use two of them, so the third, of 80"
            " minutes, is paid for 60.",
            source="Essex Home Support Service: one diary, where only the total of hours is checked.",
            orders="""
                order_id | basis        | weekly_minutes
                O1       | weekly_hours | 180
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | 10:00     | 10:50
                V2       | Wed 15:00 | Wed 16:10
                V3       | Sat 09:00 | Sat 10:20
            """,
            lines="""
                visit_id | counted_minutes | payable_minutes | amount_pence | reasons
                V1       | 50              | 50              | 1667         |
                V2       | 70              | 70              | 2333         |
                V3       | 80              | 60              | 2000         | over_weekly_allowance
            """,
            weekly="""
                order_id | week_starting | allowance_minutes | payable_minutes | unused_minutes
                O1       | 2026-05-11    | 180               | 180             | 0
            """,
            explain=("visit|V3",),
        ),
        Example(
            "A week nobody came is shown as well",
            "Hours that were ordered and not used have a row, so that somebody can ask why.",
            orders="""
                order_id | basis        | weekly_minutes
                O1       | weekly_hours | 180
            """,
            weekly="""
                order_id | week_starting | allowance_minutes | payable_minutes | unused_minutes
                O1       | 2026-05-11    | 180               | 0               | 180
            """,
        ),
        Example(
            "An order that starts on Friday has three sevenths of the week",
            "180 minutes a week are 77 for Friday to Sunday: 77.14, rounded.",
            source="Carmarthenshire, draft charging policy of 2024, appendix 2: a seventh of the weekly"
            " hours for each day.",
            orders="""
                order_id | starts_on  | basis        | weekly_minutes
                O1       | 2026-05-15 | weekly_hours | 180
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | Fri 10:00 | Fri 11:30
            """,
            lines="""
                visit_id | counted_minutes | payable_minutes | amount_pence | reasons
                V1       | 90              | 77              | 2567         | over_weekly_allowance
            """,
            weekly="""
                order_id | week_starting | allowance_minutes | payable_minutes | unused_minutes
                O1       | 2026-05-11    | 77                | 77              | 0
            """,
        ),
        Example(
            "A change on Thursday makes one allowance of the two",
            "90 minutes a week count for three days, 120 for four: 38.57 and 68.57 come to 107.14."
            " The sum is rounded, not its parts, and a visit on Monday may use all of it.",
            orders="""
                order_id | starts_on  | ends_on    | basis        | weekly_minutes
                O1       | 2026-05-11 | 2026-05-13 | weekly_hours | 90
                O1       | 2026-05-14 |            | weekly_hours | 120
            """,
            visits="""
                visit_id | check_in | check_out
                V1       | 10:00    | 12:00
            """,
            lines="""
                visit_id | counted_minutes | payable_minutes | amount_pence | reasons
                V1       | 120             | 107             | 3567         | over_weekly_allowance
            """,
            weekly="""
                order_id | week_starting | allowance_minutes | payable_minutes | unused_minutes
                O1       | 2026-05-11    | 107               | 107             | 0
            """,
        ),
        Example(
            "Minutes are rounded before they use up the week",
            "50 minutes round up to an hour. The first hour leaves 40 of the 100 minutes for the next.",
            terms="""
                round_to_minutes = 15
                round = "up"
            """,
            orders="""
                order_id | basis        | weekly_minutes
                O1       | weekly_hours | 100
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | 10:00     | 10:50
                V2       | Tue 10:00 | Tue 10:50
            """,
            lines="""
                visit_id | counted_minutes | payable_minutes | reasons
                V1       | 50              | 60              | rounded_up
                V2       | 50              | 40              | rounded_up;over_weekly_allowance
            """,
        ),
        Example(
            "A planned visit is served before the weekly hours",
            "V1 answers the visit at 08:00 of O1. Only V2, which answers none, uses the hours of O2.",
            orders="""
                order_id | basis        | start_time | minutes | weekly_minutes
                O1       | visits       | 08:00      | 30      |
                O2       | weekly_hours |            |         | 60
            """,
            visits="""
                visit_id | check_in | check_out
                V1       | 08:05    | 08:35
                V2       | 14:00    | 14:40
            """,
            lines="""
                visit_id | order_id | slot | outcome   | payable_minutes | amount_pence
                V1       | O1       | 1    | delivered | 30              | 1000
                V2       | O2       |      | delivered | 40              | 1333
            """,
            weekly="""
                order_id | week_starting | allowance_minutes | payable_minutes | unused_minutes
                O2       | 2026-05-11    | 60                | 40              | 20
            """,
        ),
        Example(
            "With two orders, the first that has room for the whole visit takes it",
            "O1 has 20 minutes left on Tuesday, too few for 40, so O2 takes the visit. Wednesday's 20"
            " fit into O1 again.",
            orders="""
                order_id | basis        | weekly_minutes
                O1       | weekly_hours | 60
                O2       | weekly_hours | 120
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | 10:00     | 10:40
                V2       | Tue 10:00 | Tue 10:40
                V3       | Wed 10:00 | Wed 10:20
            """,
            lines="""
                visit_id | order_id | counted_minutes | payable_minutes | amount_pence | reasons
                V1       | O1       | 40              | 40              | 1333         |
                V2       | O2       | 40              | 40              | 1333         |
                V3       | O1       | 20              | 20              | 667          |
            """,
            weekly="""
                order_id | week_starting | allowance_minutes | payable_minutes | unused_minutes
                O1       | 2026-05-11    | 60                | 60              | 0
                O2       | 2026-05-11    | 120               | 40              | 80
            """,
        ),
        Example(
            "A visit that fits nowhere goes where most room is",
            "Neither order can take 90 minutes. O2 has more left than O1 and pays what it can; the"
            " rest does not move on to O1.",
            orders="""
                order_id | basis        | weekly_minutes
                O1       | weekly_hours | 30
                O2       | weekly_hours | 60
            """,
            visits="""
                visit_id | check_in | check_out
                V1       | 10:00    | 11:30
            """,
            lines="""
                visit_id | order_id | counted_minutes | payable_minutes | reasons
                V1       | O2       | 90              | 60              | over_weekly_allowance
            """,
            weekly="""
                order_id | week_starting | allowance_minutes | payable_minutes | unused_minutes
                O1       | 2026-05-11    | 30                | 0               | 30
                O2       | 2026-05-11    | 60                | 60              | 0
            """,
        ),
        Example(
            "A visit without a check-out waits and uses no hours",
            "V2 belongs to O1 although its hour is used up, for nothing is to be paid yet. When the"
            " check-out arrives, it is settled with the others.",
            orders="""
                order_id | basis        | weekly_minutes
                O1       | weekly_hours | 60
                O2       | weekly_hours | 60
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | 10:00     | 11:00
                V2       | Tue 10:00 |
            """,
            lines="""
                visit_id | order_id | payable_minutes | amount_pence | held  | reasons
                V1       | O1       | 60              | 2000         | false |
                V2       | O1       |                 |              | true  | no_check_out
            """,
            findings="""
                kind         | subject
                no_check_out | V2
            """,
            weekly="""
                order_id | week_starting | allowance_minutes | payable_minutes | unused_minutes
                O1       | 2026-05-11    | 60                | 60              | 0
                O2       | 2026-05-11    | 60                | 0               | 60
            """,
        ),
        Example(
            "A visit during a suspension is held, and its minutes are set aside",
            "The person was to be away on Tuesday and Wednesday. Until somebody has looked at V1, its"
            " hour is not given to Friday's visit.",
            orders="""
                order_id | basis        | weekly_minutes
                O1       | weekly_hours | 90
            """,
            suspensions="""
                from_on    | to_on      | reason
                2026-05-12 | 2026-05-13 | away
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | Tue 10:00 | Tue 11:00
                V2       | Fri 10:00 | Fri 11:00
            """,
            lines="""
                visit_id | payable_minutes | amount_pence | held  | reasons
                V1       | 60              | 2000         | true  | visit_in_suspension
                V2       | 30              | 1000         | false | over_weekly_allowance
            """,
            weekly="""
                order_id | week_starting | allowance_minutes | payable_minutes | unused_minutes
                O1       | 2026-05-11    | 90                | 90              | 0
            """,
            explain=("visit|V1",),
        ),
        Example(
            "A settled period that ends on Wednesday allows three days",
            "Settled from Monday to Wednesday: 210 minutes a week are 90 for three days, and a finding"
            " says that the week is not whole.",
            last=date(2026, 5, 13),
            orders="""
                order_id | basis        | weekly_minutes
                O1       | weekly_hours | 210
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | 10:00     | 11:00
                V2       | Wed 10:00 | Wed 11:00
            """,
            lines="""
                visit_id | counted_minutes | payable_minutes | amount_pence | reasons
                V1       | 60              | 60              | 2000         |
                V2       | 60              | 30              | 1000         | over_weekly_allowance
            """,
            findings="""
                kind           | subject
                partial_period | O1
            """,
            weekly="""
                order_id | week_starting | allowance_minutes | payable_minutes | unused_minutes
                O1       | 2026-05-11    | 90                | 90              | 0
            """,
        ),
    ),
)

CHAPTERS = (WEEKLY,)

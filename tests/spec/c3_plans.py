"""Planned slots, step 3: what was to be done, when a rota moves it, when it is suspended."""

from datetime import date

from tests.spec.drawn import Chapter, Example

SLOTS = Chapter(
    "3.1",
    "Planned slots",
    """
    An order for visits becomes one planned visit on each of its days. Each carer's place in it is a
    slot, and each slot of the settled period becomes exactly one line, whether anyone came or not.
    To get visits around midnight right, slots and visits of seven days before and after the period
    are matched too; what then belongs to another period is only reported.
    """,
    (
        Example(
            "The day pattern says on which days there is a visit",
            "Seven figures, Monday first: this order has visits on Monday and on Wednesday.",
            orders="""
                order_id | days
                O1       | 1010000
            """,
            lines="""
                order_id | slot | agreed_start | planned_minutes | outcome
                O1       | 1    | 08:00        | 30              | missed
                O1       | 1    | Wed 08:00    | 30              | missed
            """,
            explain=("O1|2026-05-13T08:00|1",),
        ),
        Example(
            "A visit with two carers has two slots",
            "Each carer's place is a line of its own, planned in full.",
            orders="""
                order_id | carers
                O1       | 2
            """,
            lines="""
                order_id | slot | agreed_start | planned_minutes | outcome
                O1       | 1    | 08:00        | 30              | missed
                O1       | 2    | 08:00        | 30              | missed
            """,
        ),
        Example(
            "An order's first and last day both count",
            "A daily order from Tuesday 12 to Thursday 14 May has three visits.",
            orders="""
                order_id | starts_on  | ends_on    | days
                O1       | 2026-05-12 | 2026-05-14 | 1111111
            """,
            lines="""
                order_id | agreed_start
                O1       | Tue 08:00
                O1       | Wed 08:00
                O1       | Thu 08:00
            """,
        ),
        Example(
            "A new version of an order takes over on its first day",
            """
            Until Tuesday half an hour at eight, from Wednesday three quarters at nine; one order
            throughout.
            """,
            orders="""
                order_id | starts_on  | ends_on    | days    | start_time | minutes
                O1       | 2026-05-11 | 2026-05-12 | 0110000 | 08:00      | 30
                O1       | 2026-05-13 |            | 0110000 | 09:00      | 45
            """,
            lines="""
                order_id | agreed_start | planned_minutes
                O1       | Tue 08:00    | 30
                O1       | Wed 09:00    | 45
            """,
        ),
        Example(
            "The settled period picks the days, its last one included",
            "A daily order, settled from Tuesday 12 to Wednesday 13 May.",
            orders="""
                order_id | days
                O1       | 1111111
            """,
            first=date(2026, 5, 12),
            last=date(2026, 5, 13),
            lines="""
                order_id | agreed_start
                O1       | Tue 08:00
                O1       | Wed 08:00
            """,
        ),
        Example(
            "A visit of another period is left to it",
            """
            One visit is of the Monday after the settled week, one of three weeks later. Both are
            reported and neither is paid now, nor does the Monday visit make up for the one missed.
            """,
            visits="""
                check_in         | check_out
                2026-05-18T08:00 | 2026-05-18T08:30
                2026-06-08T08:00 | 2026-06-08T08:30
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
        Example(
            "A visit after midnight belongs to the evening it answers",
            """
            Sunday's late visit began after midnight, twice. The first answers the evening before the
            settled week and belongs there; the second is this week's, though it took place on Monday.
            """,
            orders="""
                order_id | starts_on  | days    | start_time
                O1       | 2026-05-10 | 0000001 | 23:30
            """,
            visits="""
                check_in         | check_out
                00:10            | 00:40
                2026-05-18T00:05 | 2026-05-18T00:35
            """,
            lines="""
                visit_id | agreed_start | check_in                  | outcome   | counted_minutes
                V2       | Sun 23:30    | 2026-05-18T00:05:00+01:00 | delivered | 30
            """,
            findings="""
                kind           | subject
                outside_period | V1
            """,
        ),
    ),
)

ROTAS = Chapter(
    "3.2",
    "Rotas",
    """
    A provider may send its rota, `planned.csv`: at what time it means to make an order's visit of
    that day. A rota shifts a visit within its day and does nothing else. What depends on when the
    carer was due follows the moved time: which visit is meant, whether it was suspended, whether
    the carer was at the door. What depends on what the council bought keeps to the agreed time: the
    rate, the notice of a cancellation, the lateness of a visit whose time is critical.
    """,
    (
        Example(
            "A rota moves a visit to another time of its day",
            """
            Moved to 09:30, the visit is 75 minutes late and well inside the window of two hours; from
            the agreed time it would have been too far away.
            """,
            planned="""
                order_id | planned_start
                O1       | 09:30
            """,
            visits="""
                check_in | check_out
                10:45    | 11:15
            """,
            lines="""
                visit_id | agreed_start | planned_start | start_deviation_minutes | outcome
                V1       | 08:00        | 09:30         | 75                      | delivered
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "A day without a rota row keeps the agreed time",
            "The rota speaks of Monday only, so Tuesday's visit is due at eight as before.",
            orders="""
                order_id | days
                O1       | 1100000
            """,
            planned="""
                order_id | planned_start
                O1       | 09:00
            """,
            lines="""
                order_id | agreed_start | planned_start
                O1       | 08:00        | 09:00
                O1       | Tue 08:00    | Tue 08:00
            """,
        ),
        Example(
            "A rota cannot move a visit into a dearer hour",
            "Evenings from six cost more. The visit was agreed for half past five and is paid as that.",
            orders="""
                order_id | start_time
                O1       | 17:30
            """,
            planned="""
                order_id | planned_start
                O1       | 18:30
            """,
            rates="""
                band_from | band_to | amount_pence
                          |         | 2000
                18:00     | 23:00   | 2600
            """,
            visits="""
                check_in | check_out
                18:30    | 19:00
            """,
            lines="""
                agreed_start | planned_start | payable_minutes | amount_pence
                17:30        | 18:30         | 30              | 1000
            """,
        ),
        Example(
            "A moved visit is suspended by its moved time",
            "The person left at half past eight. At eight they were still at home; at nine nobody was.",
            planned="""
                order_id | planned_start
                O1       | 09:00
            """,
            suspensions="""
                from_on    | from_time
                2026-05-11 | 08:30
            """,
            lines="""
                agreed_start | planned_start | outcome   | amount_pence
                08:00        | 09:00         | suspended | 0
            """,
        ),
        Example(
            "A rota never adds a visit",
            """
            The council bought Monday. The provider planned Tuesday as well and went; that visit is one
            nobody ordered, and it waits.
            """,
            planned="""
                order_id | planned_start
                O1       | Tue 08:00
            """,
            visits="""
                check_in  | check_out
                Tue 08:00 | Tue 08:30
            """,
            lines="""
                order_id | visit_id | planned_start | outcome   | held  | reasons
                O1       |          | 08:00         | missed    | false |
                         | V1       |               | unplanned | true  | unplanned
            """,
            findings="""
                kind             | subject
                not_commissioned | O1
            """,
        ),
        Example(
            "Two rota rows for one day are both set aside",
            "Nobody knows which of them holds, so the agreed time does.",
            planned="""
                order_id | planned_start
                O1       | 09:00
                O1       | 10:00
            """,
            lines="""
                agreed_start | planned_start
                08:00        | 08:00
            """,
            findings="""
                kind    | subject | row
                bad_row | O1      | 2
                bad_row | O1      | 3
            """,
        ),
        Example(
            "An order of weekly hours has no times to move",
            "A rota row for it cannot be right, and neither can one for an order nobody knows.",
            orders="""
                order_id | basis        | weekly_minutes
                O1       | weekly_hours | 300
            """,
            planned="""
                order_id | planned_start
                O1       | 09:00
                O9       | 09:00
            """,
            findings="""
                kind    | subject | row
                bad_row | O1      | 2
                bad_row | O9      | 3
            """,
        ),
    ),
)

SUSPENSIONS = Chapter(
    "3.3",
    "Suspensions",
    """
    While a person is in hospital, in respite or away, the council suspends their care: all of it, or
    one order. A slot that was due during that time and that nobody attended is `suspended` rather
    than `missed`. What the provider still gets for it comes later, with pay.
    """,
    (
        Example(
            "Due at the very start is inside, due at the very end is not",
            """
            Suspended from eight to noon: the visit due at eight falls away, the one due at noon does
            not.
            """,
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 12:00
            """,
            suspensions="""
                from_on    | from_time | to_on      | to_time
                2026-05-11 | 08:00     | 2026-05-11 | 12:00
            """,
            lines="""
                order_id | planned_start | outcome
                O1       | 08:00         | suspended
                O2       | 12:00         | missed
            """,
        ),
        Example(
            "Without times a suspension covers whole days, the last one too",
            "From Tuesday to Wednesday, from the first minute to the last.",
            orders="""
                order_id | days
                O1       | 1111000
            """,
            suspensions="""
                from_on    | to_on
                2026-05-12 | 2026-05-13
            """,
            lines="""
                planned_start | outcome
                08:00         | missed
                Tue 08:00     | suspended
                Wed 08:00     | suspended
                Thu 08:00     | missed
            """,
        ),
        Example(
            "A suspension without an end stays open",
            "The person went in on Wednesday and nobody has said when they come home.",
            orders="""
                order_id | days
                O1       | 0110001
            """,
            suspensions="""
                from_on    | to_on
                2026-05-13 |
            """,
            lines="""
                planned_start | outcome
                Tue 08:00     | missed
                Wed 08:00     | suspended
                Sun 08:00     | suspended
            """,
        ),
        Example(
            "A suspension of one order leaves the others alone",
            "The day centre serves lunch this week; the morning visit goes on.",
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 12:00
            """,
            suspensions="""
                order_id | from_on    | to_on      | reason
                O2       | 2026-05-11 | 2026-05-17 | away
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            lines="""
                order_id | visit_id | outcome   | held
                O1       | V1       | delivered | false
                O2       |          | suspended | false
            """,
        ),
        Example(
            "Care given during a suspension is priced and held",
            """
            Either the person was at home after all or the visit is not true; someone must find out
            which.
            """,
            suspensions="""
                from_on
                2026-05-11
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            lines="""
                visit_id | outcome   | payable_minutes | amount_pence | held | reasons
                V1       | delivered | 30              | 1000         | true | visit_in_suspension
            """,
            findings="""
                kind                | subject
                visit_in_suspension | V1
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "The time the visit was due decides, not the time the carer came",
            "The suspension ends at noon. The visit due then is in order, though the carer was early.",
            orders="""
                order_id | start_time
                O1       | 12:00
            """,
            suspensions="""
                from_on    | to_on      | to_time
                2026-05-11 | 2026-05-11 | 12:00
            """,
            visits="""
                check_in | check_out
                11:50    | 12:20
            """,
            lines="""
                visit_id | planned_start | check_in | outcome   | held
                V1       | 12:00         | 11:50    | delivered | false
            """,
            findings="kind | subject",
        ),
        Example(
            "A cancellation says more than a suspension",
            """
            The person called the visit off an hour before. The slot is `cancelled`, with what the
            contract pays for that, and not `suspended`.
            """,
            suspensions="""
                from_on
                2026-05-11
            """,
            visits="""
                status    | planned_start | cancelled_by | notified_at
                cancelled | 08:00         | person       | 07:00
            """,
            lines="""
                visit_id | outcome   | payable_minutes | amount_pence | held  | reasons
                V1       | cancelled | 30              | 1000         | false | late_cancellation
            """,
        ),
    ),
)

CHAPTERS = (SLOTS, ROTAS, SUSPENSIONS)

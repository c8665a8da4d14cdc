"""Pay, step 7: planned visits at which no care was given."""

from tests.spec.drawn import Chapter, Example

NOBODY = Chapter(
    "5.7",
    "Missed and frustrated visits",
    """
    A planned visit nobody made is missed and pays `missed_percent` of its plan. A carer who came
    and could not get in made a frustrated visit, which pays `frustrated_percent`; the check-in at
    the door is the proof. The percent is taken of the money: the line shows its planned minutes as
    payable, or none if the percent is 0.
    """,
    (
        Example(
            "A missed visit is not paid",
            "Nobody came and nobody said why.",
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            lines="""
                outcome | planned_minutes | payable_minutes | amount_pence | held  | reasons
                missed  | 30              | 0               | 0            | false |
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "A share of the money, not of the minutes",
            "This contract pays a quarter of a missed visit: the half hour stays a half hour, at a"
            " quarter of its price.",
            terms="""
                missed_percent = 25
            """,
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            lines="""
                outcome | planned_minutes | payable_minutes | amount_pence | reasons
                missed  | 30              | 30              | 250          |
            """,
        ),
        Example(
            "A carer at a closed door is paid",
            "The check-in shows that the carer came. How long the wait was does not matter.",
            source="Essex Home Support Service: some missed visits are frustrated ones, because nobody"
            " told the provider, say of a stay in hospital.",
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            visits="""
                status     | planned_start | check_in
                frustrated | 08:00         | 08:05
            """,
            lines="""
                outcome    | payable_minutes | amount_pence | held  | reasons
                frustrated | 30              | 1000         | false | frustrated_paid
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "A closed door needs proof that somebody stood there",
            "Monday has no check-in and Tuesday's is two hours and a minute off, so both are held."
            " Wednesday's is two hours off, just inside the matching window.",
            orders="""
                days    | start_time | minutes
                1110000 | 08:00      | 30
            """,
            visits="""
                status     | planned_start | check_in
                frustrated | 08:00         |
                frustrated | Tue 08:00     | Tue 10:01
                frustrated | Wed 08:00     | Wed 10:00
            """,
            lines="""
                agreed_start | amount_pence | held  | reasons
                08:00        | 1000         | true  | frustrated_paid;no_attendance_proof
                Tue 08:00    | 1000         | true  | frustrated_paid;no_attendance_proof
                Wed 08:00    | 1000         | false | frustrated_paid
            """,
            findings="""
                kind
                no_attendance_proof
                no_attendance_proof
            """,
        ),
        Example(
            "A provider who knew is asked why the carer went",
            "Admitted to hospital at 11:00, the provider told at 15:00: at noon the carer could not"
            " know, at 18:00 somebody should have.",
            orders="""
                order_id | start_time | minutes
                O1       | 12:00      | 30
                O2       | 18:00      | 30
            """,
            suspensions="""
                from_on    | from_time | reason   | told_at
                2026-05-11 | 11:00     | hospital | 15:00
            """,
            visits="""
                status     | planned_start | check_in
                frustrated | 12:00         | 12:05
                frustrated | 18:00         | 18:05
            """,
            lines="""
                order_id | outcome    | amount_pence | held  | reasons
                O1       | frustrated | 1000         | false | frustrated_paid
                O2       | frustrated | 1000         | true  | frustrated_paid;told_before_visit
            """,
            findings="""
                kind
                told_before_visit
            """,
        ),
    ),
)

CANCELLED = Chapter(
    "5.7",
    "Cancelled visits",
    """
    What a cancelled visit pays depends on the notice: the hours from when the provider was told to
    the agreed start. Each row of `cancelled` is a number of hours and the percent that less notice
    than this pays; the row with the fewest hours that fits counts. Notice longer than every row
    pays nothing. A visit the provider cancels is a missed visit.
    """,
    (
        Example(
            "The shorter the notice, the more is paid",
            "One call on Tuesday evening cancels three visits: 12, 36 and 60 hours ahead.",
            source="Gloucestershire asks for 48 hours' notice; the percents are invented.",
            terms="""
                cancelled = [[24, 100], [48, 50]]
            """,
            orders="""
                days    | start_time | minutes
                0011100 | 08:00      | 30
            """,
            visits="""
                status    | planned_start | cancelled_by | notified_at
                cancelled | Wed 08:00     | person       | Tue 20:00
                cancelled | Thu 08:00     | person       | Tue 20:00
                cancelled | Fri 08:00     | person       | Tue 20:00
            """,
            lines="""
                agreed_start | outcome   | payable_minutes | amount_pence | reasons
                Wed 08:00    | cancelled | 30              | 1000         | late_cancellation
                Thu 08:00    | cancelled | 30              | 500          | late_cancellation
                Fri 08:00    | cancelled | 0               | 0            |
            """,
            explain=("O1|2026-05-14T08:00|1",),
        ),
        Example(
            "Exactly the hours asked for is notice enough",
            "24 hours to the minute pay nothing; with a minute less the visit is paid.",
            terms="""
                cancelled = [[24, 100]]
            """,
            orders="""
                days    | start_time | minutes
                0110000 | 08:00      | 30
            """,
            visits="""
                status    | planned_start | cancelled_by | notified_at
                cancelled | Tue 08:00     | person       | 08:00
                cancelled | Wed 08:00     | council      | Tue 08:01
            """,
            lines="""
                agreed_start | payable_minutes | amount_pence | reasons
                Tue 08:00    | 0               | 0            |
                Wed 08:00    | 30              | 1000         | late_cancellation
            """,
        ),
        Example(
            "A rota does not change the notice",
            "The provider moved the visit from 08:00 to 12:00. The call came 26 hours before the moved"
            " time but 22 before the agreed one, and the agreed one counts.",
            terms="""
                cancelled = [[24, 100]]
            """,
            orders="""
                days    | start_time | minutes
                0100000 | 08:00      | 30
            """,
            planned="""
                order_id | planned_start
                O1       | Tue 12:00
            """,
            visits="""
                status    | planned_start | cancelled_by | notified_at
                cancelled | Tue 12:00     | person       | 10:00
            """,
            lines="""
                agreed_start | planned_start | payable_minutes | amount_pence | reasons
                Tue 08:00    | Tue 12:00     | 30              | 1000         | late_cancellation
            """,
        ),
        Example(
            "News of a suspension is notice too",
            "The single visit was cancelled 12 hours ahead, but the provider had heard of the stay in"
            " hospital 14 hours before that.",
            terms="""
                cancelled = [[24, 100]]
            """,
            orders="""
                days    | start_time | minutes
                0100000 | 08:00      | 30
            """,
            suspensions="""
                from_on    | reason   | told_at
                2026-05-12 | hospital | 06:00
            """,
            visits="""
                status    | planned_start | cancelled_by | notified_at
                cancelled | Tue 08:00     | person       | 20:00
            """,
            lines="""
                agreed_start | outcome   | payable_minutes | amount_pence | held  | reasons
                Tue 08:00    | cancelled | 0               | 0            | false |
            """,
        ),
        Example(
            "Without a time of notice it is priced as told too late, and held",
            "Nobody wrote down when the provider was told. What may be due is shown but not paid.",
            terms="""
                cancelled = [[24, 100], [48, 50]]
            """,
            orders="""
                days    | start_time | minutes
                0100000 | 08:00      | 30
            """,
            visits="""
                status    | planned_start | cancelled_by | notified_at
                cancelled | Tue 08:00     | person       |
            """,
            lines="""
                payable_minutes | amount_pence | held | reasons
                30              | 1000         | true | late_cancellation;no_notice_time
            """,
            findings="""
                kind
                no_notice_time
            """,
        ),
        Example(
            "It matters who cancelled",
            "On Tuesday nobody is named, so the line waits for an answer.",
            terms="""
                cancelled = [[24, 100]]
            """,
            orders="""
                days    | start_time | minutes
                1100000 | 08:00      | 30
            """,
            visits="""
                status    | planned_start | cancelled_by | notified_at
                cancelled | 08:00         | person       | 07:00
                cancelled | Tue 08:00     |              | Tue 07:00
            """,
            lines="""
                agreed_start | outcome   | amount_pence | held  | reasons
                08:00        | cancelled | 1000         | false | late_cancellation
                Tue 08:00    | cancelled | 1000         | true  | late_cancellation;no_cancelled_by
            """,
            findings="""
                kind
                no_cancelled_by
            """,
        ),
        Example(
            "A visit the provider cancels is missed",
            "A provider without staff is not paid for saying so, however late.",
            terms="""
                cancelled = [[24, 100]]
            """,
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            visits="""
                status    | planned_start | cancelled_by | notified_at
                cancelled | 08:00         | provider     | 07:00
            """,
            lines="""
                outcome | payable_minutes | amount_pence | held  | reasons
                missed  | 0               | 0            | false |
            """,
        ),
    ),
)

SUSPENDED = Chapter(
    "5.7",
    "Suspended care",
    """
    While care is suspended its planned visits pay nothing, except where the contract keeps a
    provider's staff ready during a stay in hospital: the first `retainer_days` days of the stay pay
    `suspended_percent`. The day of admission is the first.
    """,
    (
        Example(
            "Suspended from the first minute, not at the last",
            "Tuesday's visit starts with the suspension and is in it. Wednesday's starts when it ends"
            " and is an ordinary visit.",
            source="LGSCO 20 008 898 (Lancashire): charges during a stay in hospital.",
            orders="""
                days    | start_time | minutes
                0110000 | 08:00      | 30
            """,
            suspensions="""
                from_on    | from_time | to_on      | to_time | reason
                2026-05-12 | 08:00     | 2026-05-13 | 08:00   | hospital
            """,
            visits="""
                check_in  | check_out
                Wed 08:00 | Wed 08:30
            """,
            lines="""
                agreed_start | outcome   | payable_minutes | amount_pence | held  | reasons
                Tue 08:00    | suspended | 0               | 0            | false |
                Wed 08:00    | delivered | 30              | 1000         | false |
            """,
        ),
        Example(
            "The first days in hospital may be paid",
            "Two days are paid here at half the price. The third pays nothing.",
            source="Leeds proposed in 2018 to pay up to two weeks of a stay; days and percent here are"
            " invented.",
            terms="""
                suspended_percent = 50
                retainer_days = 2
            """,
            orders="""
                days    | start_time | minutes
                1110000 | 08:00      | 30
            """,
            suspensions="""
                from_on    | reason
                2026-05-11 | hospital
            """,
            lines="""
                agreed_start | outcome   | payable_minutes | amount_pence | reasons
                08:00        | suspended | 30              | 500          | retainer
                Tue 08:00    | suspended | 30              | 500          | retainer
                Wed 08:00    | suspended | 0               | 0            |
            """,
            explain=("O1|2026-05-12T08:00|1",),
        ),
        Example(
            "The day of admission counts, even without a visit left that day",
            "Admitted at 15:00 after the morning's visit: Monday is the first of the two days, so only"
            " Tuesday's visit is paid as one of them.",
            terms="""
                suspended_percent = 100
                retainer_days = 2
            """,
            orders="""
                days    | start_time | minutes
                1110000 | 08:00      | 30
            """,
            suspensions="""
                from_on    | from_time | reason
                2026-05-11 | 15:00     | hospital
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            lines="""
                agreed_start | outcome   | payable_minutes | amount_pence | reasons
                08:00        | delivered | 30              | 1000         |
                Tue 08:00    | suspended | 30              | 1000         | retainer
                Wed 08:00    | suspended | 0               | 0            |
            """,
        ),
        Example(
            "Two rows on neighbouring days are one stay",
            "The first row ends on Tuesday and the second begins on Wednesday, as when somebody changes"
            " hospital. The days are counted from Monday.",
            terms="""
                suspended_percent = 100
                retainer_days = 2
            """,
            orders="""
                days    | start_time | minutes
                1110000 | 08:00      | 30
            """,
            suspensions="""
                from_on    | to_on      | reason
                2026-05-11 | 2026-05-12 | hospital
                2026-05-13 |            | hospital
            """,
            lines="""
                agreed_start | outcome   | payable_minutes | amount_pence | reasons
                08:00        | suspended | 30              | 1000         | retainer
                Tue 08:00    | suspended | 30              | 1000         | retainer
                Wed 08:00    | suspended | 0               | 0            |
            """,
        ),
        Example(
            "A day at home begins a new stay",
            "Home on Tuesday, in hospital again from Wednesday: the one paid day is counted anew.",
            terms="""
                suspended_percent = 100
                retainer_days = 1
            """,
            orders="""
                days    | start_time | minutes
                1111000 | 08:00      | 30
            """,
            suspensions="""
                from_on    | to_on      | reason
                2026-05-11 | 2026-05-11 | hospital
                2026-05-13 |            | hospital
            """,
            visits="""
                check_in  | check_out
                Tue 08:00 | Tue 08:30
            """,
            lines="""
                agreed_start | outcome   | payable_minutes | amount_pence | reasons
                08:00        | suspended | 30              | 1000         | retainer
                Tue 08:00    | delivered | 30              | 1000         |
                Wed 08:00    | suspended | 30              | 1000         | retainer
                Thu 08:00    | suspended | 0               | 0            |
            """,
        ),
        Example(
            "Respite is not a stay in hospital",
            "The provider is paid to be ready for a return from hospital, and for nothing else.",
            terms="""
                suspended_percent = 100
                retainer_days = 7
            """,
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            suspensions="""
                from_on    | reason
                2026-05-11 | respite
            """,
            lines="""
                outcome   | payable_minutes | amount_pence | reasons
                suspended | 0               | 0            |
            """,
        ),
        Example(
            "Nothing is paid after a death",
            "The stay in hospital was never closed. From Tuesday the second row stops its pay.",
            source="LGSCO 20 008 898 (Lancashire): charges in hospital and after death.",
            terms="""
                suspended_percent = 100
                retainer_days = 7
            """,
            orders="""
                days    | start_time | minutes
                1110000 | 08:00      | 30
            """,
            suspensions="""
                from_on    | reason
                2026-05-11 | hospital
                2026-05-12 | deceased
            """,
            lines="""
                agreed_start | outcome   | payable_minutes | amount_pence | reasons
                08:00        | suspended | 30              | 1000         | retainer
                Tue 08:00    | suspended | 0               | 0            |
                Wed 08:00    | suspended | 0               | 0            |
            """,
        ),
    ),
)

CHAPTERS = (NOBODY, CANCELLED, SUSPENDED)

"""Words, step 1: what a recorded time means, and how long a visit was."""

from datetime import date

from tests.spec.drawn import Chapter, Example

TIME = Chapter(
    "1",
    "Minutes and London time",
    """
    Everything is worked out in whole minutes and shown in London time. A time may be sent with its
    offset (`+01:00`, or `Z` for Greenwich time), which leaves no doubt which moment is meant, or
    without one: then it is what a clock on a London wall showed. How long a visit lasted is the time
    that truly passed, also in the two nights a year when the clocks change. In 2026 they go forward
    on Sunday 29 March, when 01:00 becomes 02:00, and back on Sunday 25 October, when 02:00 becomes
    01:00 again.
    """,
    (
        Example(
            "Seconds are cut off before minutes are counted",
            """
            Someone who logs in at 08:00:59 and out at 08:30:01 is there from 08:00 to 08:30: half an
            hour, although a stopwatch would show a minute less.
            """,
            visits="""
                check_in | check_out
                08:00:59 | 08:30:01
            """,
            lines="""
                check_in | check_out | counted_minutes | payable_minutes | amount_pence
                08:00    | 08:30     | 30              | 30              | 1000
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "Seconds are never rounded up",
            "A check-out one second before half past is one at 08:29, and the visit has 29 minutes.",
            visits="""
                check_in | check_out
                08:00:00 | 08:29:59
            """,
            lines="""
                check_in | check_out | counted_minutes | payable_minutes | amount_pence
                08:00    | 08:29     | 29              | 29              | 967
            """,
        ),
        Example(
            "A time may come with an offset or without",
            """
            In May London is an hour ahead of Greenwich, so `07:00Z`, `08:00+01:00` and plain 08:00 are
            one moment. Three systems may write it in three ways; what is paid is the same.
            """,
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 12:00
                O3       | 16:00
            """,
            visits="""
                check_in               | check_out
                2026-05-11T07:00Z      | 2026-05-11T07:30Z
                2026-05-11T12:00+01:00 | 2026-05-11T12:30+01:00
                16:00                  | 16:30
            """,
            lines="""
                visit_id | check_in | check_out | counted_minutes
                V1       | 08:00    | 08:30     | 30
                V2       | 12:00    | 12:30     | 30
                V3       | 16:00    | 16:30     | 30
            """,
            findings="kind | subject",
        ),
        Example(
            "A night when the clocks go forward is an hour shorter",
            """
            From ten in the evening to seven in the morning looks like nine hours. In the night to
            29 March 2026 it was eight, and eight are paid.
            """,
            orders="""
                order_id | starts_on  | days    | start_time | minutes
                O1       | 2026-03-23 | 0000010 | 22:00      | 540
            """,
            rates="""
                from_on    | amount_pence
                2026-01-01 | 2000
            """,
            visits="""
                check_in         | check_out
                2026-03-28T22:00 | 2026-03-29T07:00
            """,
            first=date(2026, 3, 23),
            last=date(2026, 3, 29),
            lines="""
                check_in                  | check_out                 | counted_minutes | amount_pence
                2026-03-28T22:00:00+00:00 | 2026-03-29T07:00:00+01:00 | 480             | 16000
            """,
            explain=("O1|2026-03-28T22:00|1",),
        ),
        Example(
            "A night when the clocks go back is an hour longer",
            """
            The same night's work at the end of October is ten hours. This contract has no cap, so all
            ten are paid.
            """,
            terms='cap = "none"',
            orders="""
                order_id | days    | start_time | minutes
                O1       | 0000010 | 22:00      | 540
            """,
            visits="""
                check_in         | check_out
                2026-10-24T22:00 | 2026-10-25T07:00
            """,
            first=date(2026, 10, 19),
            last=date(2026, 10, 25),
            lines="""
                check_in                  | check_out                 | counted_minutes | amount_pence
                2026-10-24T22:00:00+01:00 | 2026-10-25T07:00:00+00:00 | 600             | 20000
            """,
        ),
        Example(
            "A time that happens twice is taken as the first, unless its offset says otherwise",
            """
            On 25 October a clock shows 01:45 twice. Sent plainly it is taken as the first, and someone
            should look; sent with its offset there is nothing to look at.
            """,
            terms='cap = "none"',
            orders="""
                order_id | person_id | days    | start_time | minutes
                O1       | P1        | 0000001 | 00:45      | 60
                O2       | P2        | 0000001 | 00:45      | 60
            """,
            visits="""
                person_id | worker_id | check_in         | check_out
                P1        | W1        | 2026-10-25T00:45 | 2026-10-25T01:45
                P2        | W2        | 2026-10-25T00:45 | 2026-10-25T01:45+00:00
            """,
            first=date(2026, 10, 19),
            last=date(2026, 10, 25),
            lines="""
                visit_id | check_in                  | check_out                 | counted_minutes
                V1       | 2026-10-25T00:45:00+01:00 | 2026-10-25T01:45:00+01:00 | 60
                V2       | 2026-10-25T00:45:00+01:00 | 2026-10-25T01:45:00+00:00 | 120
            """,
            findings="""
                kind         | subject
                clock_change | V1
            """,
        ),
        Example(
            "A time that never happens is taken an hour later",
            """
            On 29 March no clock in London showed 01:30. A sender's clock that was not put forward did:
            what it calls 01:30 is 02:30, an hour after 00:30.
            """,
            orders="""
                order_id | starts_on  | days    | start_time | minutes
                O1       | 2026-03-23 | 0000001 | 00:30      | 60
            """,
            rates="""
                from_on    | amount_pence
                2026-01-01 | 2000
            """,
            visits="""
                check_in         | check_out
                2026-03-29T00:30 | 2026-03-29T01:30
            """,
            first=date(2026, 3, 23),
            last=date(2026, 3, 29),
            lines="""
                check_in                  | check_out                 | counted_minutes
                2026-03-29T00:30:00+00:00 | 2026-03-29T02:30:00+01:00 | 60
            """,
            findings="""
                kind         | subject
                clock_change | V1
            """,
        ),
        Example(
            "A day without an hour is not a time",
            "The row cannot be read and is kept out. With nothing else recorded, the visit is missed.",
            visits="""
                check_in   | check_out
                2026-05-11 | 08:30
            """,
            lines="""
                order_id | visit_id | outcome | amount_pence
                O1       |          | missed  | 0
            """,
            findings="""
                kind    | subject | row
                bad_row | V1      | 2
            """,
        ),
    ),
)

CHAPTERS = (TIME,)

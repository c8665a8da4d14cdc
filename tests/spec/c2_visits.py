"""Visits, step 2: which rows stand, which times cannot be, which log-ins are one visit."""

from tests.spec.drawn import Chapter, Example

VERSIONS = Chapter(
    "2.1",
    "Versions of a visit",
    """
    A provider corrects a visit by sending it again under the same `visit_id` with a higher
    `sequence`; a row without one has sequence 1. The highest stands and the rest are kept as history.
    This is settled first, over everything that was sent, so neither the order of the rows nor the
    time of their arrival matters.
    """,
    (
        Example(
            "The highest sequence stands",
            "The second version says that the carer left ten minutes sooner, and that is what is paid.",
            visits="""
                visit_id | sequence | check_in | check_out
                V1       | 1        | 08:00    | 08:30
                V1       | 2        | 08:00    | 08:20
            """,
            lines="""
                visit_id | counted_minutes | payable_minutes | amount_pence
                V1       | 20              | 20              | 667
            """,
            findings="""
                kind       | subject | row
                superseded | V1      | 2
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "An old version that arrives last changes nothing",
            "The number decides, not the place in the file.",
            visits="""
                visit_id | sequence | check_in | check_out
                V1       | 3        | 08:00    | 08:20
                V1       | 2        | 08:00    | 08:30
            """,
            lines="""
                visit_id | counted_minutes | amount_pence
                V1       | 20              | 667
            """,
            findings="""
                kind       | subject | row
                superseded | V1      | 3
            """,
        ),
        Example(
            "A row sent twice counts once",
            """
            Two rows are the same if they say the same once they are read: an offset, some seconds or a
            sequence that is only implied make no difference.
            """,
            visits="""
                visit_id | sequence | check_in          | check_out
                V1       | 1        | 08:00             | 08:30
                V1       |          | 2026-05-11T07:00Z | 08:30:20
            """,
            lines="""
                visit_id | check_in | check_out | counted_minutes | amount_pence
                V1       | 08:00    | 08:30     | 30              | 1000
            """,
            findings="""
                kind         | subject
                repeated_row | V1
            """,
        ),
        Example(
            "Two stories under one number: neither is believed",
            """
            Nobody can tell which of the two is right, so the visit is missed until the provider says.
            """,
            visits="""
                visit_id | sequence | check_in | check_out
                V1       | 1        | 08:00    | 08:30
                V1       | 1        | 08:00    | 08:15
            """,
            lines="""
                order_id | visit_id | outcome | payable_minutes | amount_pence
                O1       |          | missed  | 0               | 0
            """,
            findings="""
                kind                 | subject | row
                conflicting_versions | V1      | 2
                conflicting_versions | V1      | 3
            """,
        ),
        Example(
            "An older version does not step in for two that disagree",
            "The provider has withdrawn the first version, so it is not paid instead.",
            visits="""
                visit_id | sequence | check_in | check_out
                V1       | 1        | 08:00    | 08:30
                V1       | 2        | 08:00    | 08:20
                V1       | 2        | 08:00    | 08:25
            """,
            lines="""
                order_id | visit_id | outcome | amount_pence
                O1       |          | missed  | 0
            """,
            findings="""
                kind                 | subject | row
                conflicting_versions | V1      | 2
                conflicting_versions | V1      | 3
                conflicting_versions | V1      | 4
            """,
        ),
        Example(
            "A higher sequence ends the disagreement",
            "Once a third row says what happened, the two that disagreed are history like any other.",
            visits="""
                visit_id | sequence | check_in | check_out
                V1       | 1        | 08:00    | 08:30
                V1       | 1        | 08:00    | 08:15
                V1       | 2        | 08:00    | 08:20
            """,
            lines="""
                visit_id | outcome   | counted_minutes | amount_pence
                V1       | delivered | 20              | 667
            """,
            findings="""
                kind       | subject | row
                superseded | V1      | 2
                superseded | V1      | 3
            """,
        ),
        Example(
            "A row that cannot be read replaces nothing",
            "The correction is unreadable, so what was known before still stands.",
            visits="""
                visit_id | sequence | check_in  | check_out
                V1       | 1        | 08:00     | 08:30
                V1       | 2        | eight-ish | 08:20
            """,
            lines="""
                visit_id | outcome   | counted_minutes | amount_pence
                V1       | delivered | 30              | 1000
            """,
            findings="""
                kind    | subject | row
                bad_row | V1      | 3
            """,
        ),
        Example(
            "A readable row replaces the older one even if its times cannot be",
            """
            The provider meant to correct the visit and made a slip. The old times are gone all the
            same.
            """,
            visits="""
                visit_id | sequence | check_in | check_out
                V1       | 1        | 08:00    | 08:30
                V1       | 2        | 08:20    | 08:00
            """,
            lines="""
                order_id | visit_id | outcome | amount_pence
                O1       |          | missed  | 0
            """,
            findings="""
                kind       | subject | row
                bad_times  | V1      | 3
                superseded | V1      | 2
            """,
        ),
    ),
)

TIMES = Chapter(
    "2.2",
    "Times that cannot be",
    """
    A delivered visit needs two clocks, the second not before the first and no more than a day after.
    Where the check-in is missing or the two clocks make no sense, the row takes no part. Where only
    the check-out is missing, someone did come: the visit answers its plan but waits without a price.
    """,
    (
        Example(
            "Without a check-in there is no visit",
            "Nobody knows when the carer came, so nothing is matched and the planned visit is missed.",
            visits="""
                check_in | check_out
                         | 08:30
            """,
            lines="""
                order_id | visit_id | outcome | payable_minutes | amount_pence | held
                O1       |          | missed  | 0               | 0            | false
            """,
            findings="""
                kind        | subject
                no_check_in | V1
            """,
        ),
        Example(
            "Without a check-out the visit waits",
            """
            The carer came, but for how long? The minutes and the money stay empty, and the line is
            held.
            """,
            visits="""
                check_in | check_out
                08:00    |
            """,
            lines="""
                outcome   | counted_minutes | payable_minutes | amount_pence | held | reasons
                delivered |                 |                 |              | true | no_check_out
            """,
            findings="""
                kind         | subject
                no_check_out | V1
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "An unplanned visit without a check-out waits for that alone",
            "What is missing is named once. Whether the visit was asked for is the next question.",
            visits="""
                check_in | check_out
                20:00    |
            """,
            lines="""
                order_id | visit_id | outcome   | payable_minutes | amount_pence | held  | reasons
                O1       |          | missed    | 0               | 0            | false |
                         | V1       | unplanned |                 |              | true  | no_check_out
            """,
            findings="""
                kind         | subject
                no_check_out | V1
            """,
        ),
        Example(
            "Nobody leaves before arriving",
            "A check-out before the check-in is a slip of the clock or the pen; the row takes no part.",
            visits="""
                check_in | check_out
                08:30    | 08:00
            """,
            lines="""
                order_id | visit_id | outcome | amount_pence
                O1       |          | missed  | 0
            """,
            findings="""
                kind      | subject
                bad_times | V1
            """,
        ),
        Example(
            "A visit may last a whole day, not a minute more",
            """
            Exactly 24 hours is live-in care. A minute over, and most likely a check-out was forgotten.
            """,
            orders="""
                order_id | person_id | minutes
                O1       | P1        | 1440
                O2       | P2        | 1440
            """,
            visits="""
                person_id | worker_id | check_in | check_out
                P1        | W1        | 08:00    | Tue 08:00
                P2        | W2        | 08:00    | Tue 08:01
            """,
            lines="""
                order_id | visit_id | outcome   | counted_minutes | amount_pence
                O1       | V1       | delivered | 1440            | 48000
                O2       |          | missed    |                 | 0
            """,
            findings="""
                kind     | subject
                too_long | V2
            """,
        ),
        Example(
            "In and out within one minute is a visit of no minutes",
            "It is on record that the carer came, so the visit is not missed; there is nothing to pay.",
            visits="""
                check_in | check_out
                08:00:05 | 08:00:50
            """,
            lines="""
                visit_id | outcome   | counted_minutes | payable_minutes | amount_pence | reasons
                V1       | delivered | 0               | 0               | 0            | below_minimum
            """,
            findings="kind | subject",
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "An impossible visit does not keep a real one from its plan",
            """
            The first row is out of the way before anything is matched, so the second answers the plan.
            """,
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    | 07:30
                W2        | 09:30    | 10:00
            """,
            lines="""
                order_id | visit_id | outcome   | amount_pence
                O1       | V2       | delivered | 1000
            """,
            findings="""
                kind      | subject
                bad_times | V1
            """,
        ),
    ),
)

JOINING = Chapter(
    "2.3",
    "Log-ins that are one visit",
    """
    A phone dies and the carer logs in again; or the phone line and the app both report. When one
    carer's log-ins with one person follow each other by no more than `join_gap_minutes` (10 unless
    the settings say otherwise), they are one visit: it begins with the first, ends with the latest
    check-out, and has the minutes the carer was logged in. The later log-ins are on the list of
    findings as `joined`, so that none is lost from sight. Log-ins that stand for two planned visits
    are kept apart.
    """,
    (
        Example(
            "A short gap joins two log-ins and is not paid",
            "Ten minutes, five minutes logged out, twenty minutes: one visit of thirty.",
            visits="""
                check_in | check_out
                08:00    | 08:10
                08:15    | 08:35
            """,
            lines="""
                visit_id | check_in | check_out | counted_minutes | payable_minutes | amount_pence
                V1       | 08:00    | 08:35     | 30              | 30              | 1000
            """,
            findings="""
                kind   | subject
                joined | V2
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "A gap of exactly the limit joins, one minute more does not",
            """
            P1's carer was logged out for ten minutes, P2's for eleven. P2 has two visits, and only one
            was planned: the other waits.
            """,
            orders="""
                order_id | person_id
                O1       | P1
                O2       | P2
            """,
            visits="""
                person_id | worker_id | check_in | check_out
                P1        | W1        | 08:00    | 08:10
                P1        | W1        | 08:20    | 08:30
                P2        | W2        | 08:00    | 08:10
                P2        | W2        | 08:21    | 08:31
            """,
            lines="""
                person_id | visit_id | outcome   | counted_minutes | amount_pence | held  | reasons
                P1        | V1       | delivered | 20              | 667          | false |
                P2        | V3       | delivered | 10              | 333          | false |
                P2        | V4       | unplanned | 10              | 333          | true  | unplanned
            """,
            findings="""
                kind   | subject
                joined | V2
            """,
        ),
        Example(
            "One visit reported twice counts its minutes once",
            "The phone line saw the carer from 08:00 to 08:25, the app from 08:05 to 08:30.",
            visits="""
                check_in | check_out | in_method | out_method
                08:00    | 08:25     | phone     | phone
                08:05    | 08:30     | app       | app
            """,
            lines="""
                visit_id | check_in | check_out | counted_minutes | amount_pence
                V1       | 08:00    | 08:30     | 30              | 1000
            """,
            findings="""
                kind   | subject
                joined | V2
            """,
        ),
        Example(
            "Each log-in is measured from the latest check-out so far",
            """
            The third log-in begins 28 minutes after the second ended, but only 8 after the first did.
            All three are one visit, of 30 and 7 minutes.
            """,
            orders="""
                order_id | minutes
                O1       | 45
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
                08:05    | 08:10
                08:38    | 08:45
            """,
            lines="""
                visit_id | check_in | check_out | counted_minutes | amount_pence
                V1       | 08:00    | 08:45     | 37              | 1233
            """,
            findings="""
                kind   | subject
                joined | V2
                joined | V3
            """,
        ),
        Example(
            "Only the first and the last clock say how a joined visit was recorded",
            """
            This contract holds clocks entered by hand without a reason. The two in the middle were, but
            the visit begins and ends with the app.
            """,
            terms='manual = "hold"',
            visits="""
                check_in | check_out | in_method | out_method
                08:00    | 08:10     | app       | manual
                08:15    | 08:30     | manual    | app
            """,
            lines="""
                visit_id | counted_minutes | amount_pence | held  | reasons
                V1       | 25              | 833          | false |
            """,
            findings="""
                kind   | subject
                joined | V2
            """,
        ),
        Example(
            "A reason given with any of the log-ins is good for the visit",
            """
            Both visits begin with a clock entered by hand. P1's carer gave the reason only with the
            second log-in, which is enough; P2's gave none.
            """,
            terms='manual = "hold"',
            orders="""
                order_id | person_id
                O1       | P1
                O2       | P2
            """,
            visits="""
                person_id | worker_id | check_in | check_out | in_method | reason_code
                P1        | W1        | 08:00    | 08:10     | manual    |
                P1        | W1        | 08:15    | 08:30     | app       | no signal
                P2        | W2        | 08:00    | 08:10     | manual    |
                P2        | W2        | 08:15    | 08:30     | app       |
            """,
            lines="""
                visit_id | counted_minutes | amount_pence | held  | reasons
                V1       | 25              | 833          | false |
                V3       | 25              | 833          | true  | manual_without_reason
            """,
            findings="""
                kind   | subject
                joined | V2
                joined | V4
            """,
        ),
        Example(
            "Log-ins that name different planned visits stay apart",
            """
            The carer came to the second visit early, straight after the first, and said which it was.
            """,
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 10:00
            """,
            visits="""
                check_in | check_out | planned_start
                08:00    | 08:30     | 08:00
                08:35    | 09:05     | 10:00
            """,
            lines="""
                order_id | visit_id | outcome   | counted_minutes | amount_pence
                O1       | V1       | delivered | 30              | 1000
                O2       | V2       | delivered | 30              | 1000
            """,
            findings="kind | subject",
        ),
        Example(
            "A planned start close by keeps two log-ins apart",
            """
            Both carers leave at 08:30 and log in again at 08:35. P1's next visit is planned ten minutes
            later, so these are two visits; P2's is a minute beyond that, too far to be meant.
            """,
            orders="""
                order_id | person_id | start_time
                O1       | P1        | 08:00
                O2       | P1        | 08:45
                O3       | P2        | 08:00
                O4       | P2        | 08:46
            """,
            visits="""
                person_id | worker_id | check_in | check_out
                P1        | W1        | 08:00    | 08:30
                P1        | W1        | 08:35    | 09:05
                P2        | W2        | 08:00    | 08:30
                P2        | W2        | 08:35    | 09:05
            """,
            lines="""
                order_id | visit_id | outcome   | counted_minutes | payable_minutes | reasons
                O1       | V1       | delivered | 30              | 30              |
                O2       | V2       | delivered | 30              | 30              |
                O3       | V3       | delivered | 60              | 30              | capped
                O4       |          | missed    |                 | 0               |
            """,
            findings="""
                kind   | subject
                joined | V4
            """,
        ),
        Example(
            "Two carers' log-ins are never one visit",
            "A second carer who takes over made a visit of their own, and nobody had planned it.",
            visits="""
                worker_id | check_in | check_out
                W1        | 08:00    | 08:15
                W2        | 08:20    | 08:35
            """,
            lines="""
                visit_id | worker_id | outcome   | counted_minutes | held  | reasons
                V1       | W1        | delivered | 15              | false |
                V2       | W2        | unplanned | 15              | true  | unplanned
            """,
            findings="kind | subject",
        ),
    ),
)

CHAPTERS = (VERSIONS, TIMES, JOINING)

"""Pay, steps 8 and 9: visits that were not planned, and lines that wait for a person."""

from tests.spec.drawn import Chapter, Example

UNPLANNED = Chapter(
    "5.8",
    "Visits nobody planned",
    """
    A visit that answers no planned one is `unplanned`. It is never dropped. The contract's
    `unplanned` says what becomes of it: `hold` prices it and lets a person decide, `pay` pays it,
    `zero` pays nothing. Having no plan it has no cap, and its own length is what is priced. Its
    contract is that of the person's order with the same provider and service.
    """,
    (
        Example(
            "An extra visit is priced and held",
            "Nobody ordered the call at 14:00. What it would cost is shown, and somebody decides.",
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
            """,
            visits="""
                visit_id | check_in | check_out
                V1       | 08:00    | 08:30
                V2       | 14:00    | 14:20
            """,
            lines="""
                visit_id | order_id | contract_id | outcome   | amount_pence | held  | reasons
                V1       | O1       | C           | delivered | 1000         | false |
                V2       |          | C           | unplanned | 667          | true  | unplanned
            """,
            explain=("visit|V2",),
        ),
        Example(
            "A contract may pay extra visits as they come",
            "There is no plan to hold V2 against, so its 40 minutes are not cut to anything.",
            terms="""
                unplanned = "pay"
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
            """,
            visits="""
                visit_id | check_in | check_out
                V1       | 08:00    | 08:30
                V2       | 14:00    | 14:40
            """,
            lines="""
                visit_id | outcome   | payable_minutes | amount_pence | held  | reasons
                V1       | delivered | 30              | 1000         | false |
                V2       | unplanned | 40              | 1333         | false |
            """,
        ),
        Example(
            "A contract may pay nothing for extra visits",
            "The visit stays on the record with its minutes, at a price of nothing. No rounding is"
            " named, for nothing is left to round.",
            terms="""
                unplanned = "zero"
                round_to_minutes = 15
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
            """,
            visits="""
                visit_id | check_in | check_out
                V1       | 08:00    | 08:30
                V2       | 14:00    | 14:20
            """,
            lines="""
                visit_id | counted_minutes | payable_minutes | amount_pence | held  | reasons
                V1       | 30              | 30              | 1000         | false |
                V2       | 20              | 0               | 0            | false | unplanned_zero
            """,
        ),
        Example(
            "Where the plan is paid, an extra visit is paid by its length",
            "The contract pays planned time, but V2 has none. Its 20 minutes are rounded as a visit's"
            " own minutes would be.",
            terms="""
                pay_basis = "planned"
                round_to_minutes = 15
                round = "up"
                unplanned = "pay"
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 45
            """,
            visits="""
                visit_id | check_in | check_out
                V1       | 08:00    | 08:30
                V2       | 14:00    | 14:20
            """,
            lines="""
                visit_id | counted_minutes | payable_minutes | amount_pence | held  | reasons
                V1       | 30              | 45              | 1500         | false |
                V2       | 20              | 30              | 1000         | false | rounded_up
            """,
        ),
        Example(
            "A visit before there is an order has no price yet",
            "The order begins a week later. Without an order nobody can say which contract applies, so"
            " the line waits, and no setting pays it.",
            source="Tower Hamlets' review of its home care system: urgent responses went ahead without"
            " a purchase order.",
            terms="""
                unplanned = "pay"
            """,
            orders="""
                order_id | starts_on  | start_time | minutes
                O1       | 2026-05-18 | 08:00      | 30
            """,
            visits="""
                visit_id | check_in | check_out
                V1       | 08:00    | 08:30
            """,
            lines="""
                contract_id | counted_minutes | payable_minutes | amount_pence | held | reasons
                            | 30              |                 |              | true | no_order
            """,
            findings="""
                kind     | subject
                no_order | V1
            """,
            explain=("visit|V1",),
        ),
        Example(
            "An extra visit while all care is suspended is held, whatever the setting",
            "The person is in hospital. Even a contract that pays extra visits lets this one wait.",
            terms="""
                unplanned = "pay"
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
            """,
            suspensions="""
                from_on    | reason
                2026-05-11 | hospital
            """,
            visits="""
                visit_id | check_in | check_out
                V1       | 14:00    | 14:30
            """,
            lines="""
                visit_id | outcome   | payable_minutes | amount_pence | held  | reasons
                         | suspended | 0               | 0            | false |
                V1       | unplanned | 30              | 1000         | true  | visit_in_suspension
            """,
            findings="""
                kind                | subject
                visit_in_suspension | V1
            """,
        ),
        Example(
            "An extra visit while another order goes on is not held for that",
            "Only O1 is suspended. O2 is in force, so the visit may well have been wanted.",
            terms="""
                unplanned = "pay"
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
                O2       | 10:00      | 30
            """,
            suspensions="""
                order_id | from_on    | reason
                O1       | 2026-05-11 | other
            """,
            visits="""
                visit_id | check_in | check_out
                V1       | 10:00    | 10:30
                V2       | 14:00    | 14:30
            """,
            lines="""
                order_id | visit_id | outcome   | payable_minutes | amount_pence | held  | reasons
                O1       |          | suspended | 0               | 0            | false |
                O2       | V1       | delivered | 30              | 1000         | false |
                         | V2       | unplanned | 30              | 1000         | false |
            """,
        ),
    ),
)

HELD = Chapter(
    "5.9",
    "What waits for a person",
    """
    A held line is priced as far as it can be and waits until somebody has looked at it: its money
    is neither payable nor lost. The line says why, first what shaped its minutes, then what holds
    it. A line without order, contract or terms, or a visit without a check-out, says that alone.
    """,
    (
        Example(
            "Without a check-out there is nothing to count",
            "The missing time is the only reason shown, though the check-in was typed by hand and this"
            " contract would hold that as well.",
            terms="""
                manual = "hold"
            """,
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            visits="""
                check_in | check_out | in_method
                08:00    |           | manual
            """,
            lines="""
                outcome   | counted_minutes | payable_minutes | amount_pence | held | reasons
                delivered |                 |                 |              | true | no_check_out
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "A contract nobody entered",
            "The order names contract D, which contracts.toml does not know.",
            orders="""
                order_id | contract_id | start_time | minutes
                O1       | D           | 08:00      | 30
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            lines="""
                outcome   | counted_minutes | payable_minutes | amount_pence | held | reasons
                delivered | 30              |                 |              | true | no_contract
            """,
            findings="""
                kind
                no_contract
            """,
        ),
        Example(
            "A day before the terms begin",
            "The contract's first terms begin on Wednesday. Tuesday's visit waits for earlier ones.",
            settings="""
                [[contract]]
                id = "C"

                [[contract.terms]]
                from = 2026-05-13
            """,
            orders="""
                days    | start_time | minutes
                0110000 | 08:00      | 30
            """,
            visits="""
                check_in  | check_out
                Tue 08:00 | Tue 08:30
                Wed 08:00 | Wed 08:30
            """,
            lines="""
                agreed_start | counted_minutes | payable_minutes | amount_pence | held  | reasons
                Tue 08:00    | 30              |                 |              | true  | no_terms
                Wed 08:00    | 30              | 30              | 1000         | false |
            """,
        ),
        Example(
            "A time typed by hand needs a reason",
            "Both check-outs were entered by hand. The one with a reason code is paid.",
            source="CM2000 asks for an exception code with every time not recorded electronically"
            " (CareLineLive help).",
            terms="""
                manual = "hold"
            """,
            orders="""
                days    | start_time | minutes
                1100000 | 08:00      | 30
            """,
            visits="""
                check_in  | check_out | out_method | reason_code
                08:00     | 08:30     | manual     |
                Tue 08:00 | Tue 08:30 | manual     | R1
            """,
            lines="""
                agreed_start | payable_minutes | amount_pence | held  | reasons
                08:00        | 30              | 1000         | true  | manual_without_reason
                Tue 08:00    | 30              | 1000         | false |
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "One carer cannot be both of two",
            "W1 is recorded twice for a visit that needs two people. Both lines are held.",
            orders="""
                start_time | minutes | carers
                08:00      | 30      | 2
            """,
            visits="""
                visit_id | worker_id | check_in | check_out
                V1       | W1        | 08:00    | 08:15
                V2       | W1        | 08:30    | 08:45
            """,
            lines="""
                slot | visit_id | payable_minutes | amount_pence | held | reasons
                1    | V1       | 15              | 500          | true | same_worker
                2    | V2       | 15              | 500          | true | same_worker
            """,
            findings="""
                kind
                same_worker
                same_worker
            """,
        ),
        Example(
            "One carer cannot be in two homes at once",
            "W1 was at P1 until 08:30 and at P2 from 08:20. One of the two cannot be right, so both"
            " are held.",
            orders="""
                order_id | person_id | start_time | minutes
                O1       | P1        | 08:00      | 30
                O2       | P2        | 08:20      | 30
            """,
            visits="""
                person_id | worker_id | check_in | check_out
                P1        | W1        | 08:00    | 08:30
                P2        | W1        | 08:20    | 08:50
            """,
            lines="""
                person_id | payable_minutes | amount_pence | held | reasons
                P1        | 30              | 1000         | true | worker_overlap
                P2        | 30              | 1000         | true | worker_overlap
            """,
        ),
        Example(
            "The contract chooses which of these hold a line",
            "This one holds visits that came too late where the time is critical, and nothing else."
            " 30 minutes late is still in time. The finding about W1 in two homes remains, unheld.",
            source="Essex Live at Home, KPI: time-critical visits start within 30 minutes, both ends"
            " included.",
            terms="""
                hold_on = ["late_time_critical"]
            """,
            orders="""
                order_id | person_id | start_time | minutes | time_critical
                O1       | P1        | 08:00      | 30      | true
                O2       | P2        | 08:00      | 30      | true
            """,
            visits="""
                person_id | worker_id | check_in | check_out
                P1        | W1        | 08:30    | 09:00
                P2        | W1        | 08:31    | 09:01
            """,
            lines="""
                person_id | start_deviation_minutes | amount_pence | held  | reasons
                P1        | 30                      | 1000         | false |
                P2        | 31                      | 1000         | true  | late_time_critical
            """,
            findings="""
                kind
                late_time_critical
                worker_overlap
                worker_overlap
            """,
        ),
        Example(
            "A carer left alone can be a reason to look",
            "Two were ordered and one came. Here the one who came is held; unless a contract says so,"
            " the fact is only reported.",
            terms="""
                hold_on = ["short_team"]
            """,
            orders="""
                start_time | minutes | carers
                08:00      | 30      | 2
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            lines="""
                slot | outcome   | payable_minutes | amount_pence | held  | reasons
                1    | delivered | 30              | 1000         | true  | short_team
                2    | missed    | 0               | 0            | false |
            """,
        ),
        Example(
            "Care given during a stay in hospital is seen first",
            "The visit took the place it was planned for, and is priced, but one of the two records is"
            " wrong.",
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            suspensions="""
                from_on    | reason
                2026-05-11 | hospital
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            lines="""
                outcome   | payable_minutes | amount_pence | held | reasons
                delivered | 30              | 1000         | true | visit_in_suspension
            """,
        ),
        Example(
            "Several reasons stand in one order",
            "What shaped the minutes comes first, then what is doubtful, and a missing price last.",
            terms="""
                manual = "hold"
            """,
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            suspensions="""
                from_on    | reason
                2026-05-11 | hospital
            """,
            rates="""
                day_type | amount_pence
                saturday | 2000
            """,
            visits="""
                check_in | check_out | out_method
                08:00    | 08:45     | manual
            """,
            lines="""
                amount_pence | held | reasons
                             | true | capped;visit_in_suspension;manual_without_reason;no_rate
            """,
            findings="""
                kind
                no_rate
                visit_in_suspension
            """,
        ),
    ),
)

CHAPTERS = (UNPLANNED, HELD)

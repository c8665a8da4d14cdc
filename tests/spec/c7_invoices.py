"""Invoices: what a provider's bill covers, what of it is agreed now, and why not more."""

from tests.spec.drawn import Chapter, Example

COVERING = Chapter(
    "7.1",
    "What an invoice line covers",
    """
    An invoice line covers the settled lines of its provider, person and service that lie in its
    dates: only those of one order if it names an order, and exactly one visit if it names a visit.

    Invoice lines and settled lines that hang together in this way are one *claim group*, and money
    is compared group by group. So nobody has to guess which line of a bill meant which visit. A
    group has the number of its first invoice line.
    """,
    (
        Example(
            "A line covers the care of its dates",
            """
            The first line bills Monday and Tuesday, the second Wednesday. They share no visit, so
            they are two groups.
            """,
            orders="""
                order_id | days
                O1       | 1110000
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:30
                Tue 08:00 | Tue 08:30
                Wed 08:00 | Wed 08:30
            """,
            invoices="""
                line_no | from_on    | to_on      | minutes | amount_pence
                1       | 2026-05-11 | 2026-05-12 | 60      | 2000
                2       | 2026-05-13 | 2026-05-13 | 30      | 1000
            """,
            invoice_lines="""
                line_no | group_id | agreed_pence | verdict
                1       | I1/1     | 2000         | agreed
                2       | I1/2     | 1000         | agreed
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence
                I1/1     | 2000          | 2000
                I1/2     | 1000          | 1000
            """,
        ),
        Example(
            "A line that names an order covers that order alone",
            """
            Both lines bill the whole week of one person, each for one order. They are two groups,
            and the £5.00 too much on the second does not touch the first.
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
                O2       | 12:00      | 60
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
                12:00    | 13:00
            """,
            invoices="""
                line_no | order_id | minutes | amount_pence
                1       | O1       | 30      | 1000
                2       | O2       | 75      | 2500
            """,
            invoice_lines="""
                line_no | group_id | agreed_pence | parked_pence | verdict
                1       | I1/1     | 1000         | 0            | agreed
                2       | I1/2     | 2000         | 500          | over_claimed
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence
                I1/1     | 1000          | 1000
                I1/2     | 2500          | 2000
            """,
        ),
        Example(
            "A line that names a visit covers it whatever its dates say",
            """
            The bill gives Tuesday's date but names Monday's visit. It is held against Monday's
            visit; Tuesday's stays unclaimed.
            """,
            orders="""
                order_id | days    | minutes
                O1       | 1000000 | 30
                O2       | 0100000 | 45
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | 08:00     | 08:30
                V2       | Tue 08:00 | Tue 08:45
            """,
            invoices="""
                line_no | from_on    | to_on      | visit_id | minutes | amount_pence
                1       | 2026-05-12 | 2026-05-12 | V1       | 30      | 1000
            """,
            lines="""
                order_id | visit_id | amount_pence
                O1       | V1       | 1000
                O2       | V2       | 1500
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence
                I1/1     | 1000          | 1000
            """,
            unclaimed="""
                amount_pence
                1500
            """,
        ),
        Example(
            "A log-in that was joined into a visit covers that visit",
            """
            The worker's phone died after ten minutes and she logged in again: the log-ins V1 and V2
            are one visit of 30 minutes, which bears the name V1. The bill names V2 and is held
            against the whole visit.
            """,
            visits="""
                visit_id | check_in | check_out
                V1       | 08:00    | 08:10
                V2       | 08:12    | 08:32
            """,
            invoices="""
                line_no | visit_id | minutes | amount_pence
                1       | V2       | 30      | 1000
            """,
            lines="""
                order_id | visit_id | counted_minutes | amount_pence
                O1       | V1       | 30              | 1000
            """,
            invoice_lines="""
                line_no | group_id | agreed_pence | verdict
                1       | I1/1     | 1000         | agreed
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence
                I1/1     | 1000          | 1000
            """,
        ),
        Example(
            "Lines of the same day are one group, in whatever order they bill its visits",
            """
            Each line covers both of Monday's visits. Which line meant which visit need not be
            known: together they claim what is due.
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
                O2       | 12:00      | 60
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
                12:00    | 13:00
            """,
            invoices="""
                line_no | from_on    | to_on      | minutes | amount_pence
                1       | 2026-05-11 | 2026-05-11 | 60      | 2000
                2       | 2026-05-11 | 2026-05-11 | 30      | 1000
            """,
            invoice_lines="""
                line_no | group_id | agreed_pence | verdict
                1       | I1/1     | 2000         | agreed
                2       | I1/1     | 1000         | agreed
            """,
            claim_groups="""
                group_id | claimed_minutes | claimed_pence | expected_minutes | expected_pence
                I1/1     | 90              | 3000          | 90               | 3000
            """,
        ),
        Example(
            "Lines that share one visit hang together, with all that either covers",
            """
            One line bills Monday and Tuesday, the next Tuesday and Wednesday. Tuesday's visit ties
            them together: one group of three visits, in which Tuesday is billed twice.
            """,
            orders="""
                order_id | days
                O1       | 1110000
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:30
                Tue 08:00 | Tue 08:30
                Wed 08:00 | Wed 08:30
            """,
            invoices="""
                line_no | from_on    | to_on      | minutes | amount_pence
                1       | 2026-05-11 | 2026-05-12 | 60      | 2000
                2       | 2026-05-12 | 2026-05-13 | 60      | 2000
            """,
            invoice_lines="""
                line_no | group_id | agreed_pence | parked_pence | verdict
                1       | I1/1     | 2000         | 0            | agreed
                2       | I1/1     | 1000         | 1000         | over_claimed
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence | due_pence
                I1/1     | 4000          | 3000           | 3000
            """,
        ),
        Example(
            "Lines that name their visits stand alone",
            """
            The visits are those of one day again, but each line says which one it bills. What is
            wrong with one line stays with that line.
            """,
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
                O2       | 12:00      | 60
            """,
            visits="""
                visit_id | check_in | check_out
                V1       | 08:00    | 08:30
                V2       | 12:00    | 13:00
            """,
            invoices="""
                line_no | visit_id | minutes | amount_pence
                1       | V1       | 45      | 1500
                2       | V2       | 60      | 2000
            """,
            invoice_lines="""
                line_no | group_id | agreed_pence | parked_pence | verdict
                1       | I1/1     | 1000         | 500          | over_claimed
                2       | I1/2     | 2000         | 0            | agreed
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence
                I1/1     | 1500          | 1000
                I1/2     | 2000          | 2000
            """,
        ),
        Example(
            "A line that reaches outside the settled days waits, unless it names a visit settled here",
            """
            Both lines run into the next week, which is not settled here. The first joins no group
            and waits. The second names Monday's visit, so it can be judged now.
            """,
            visits="""
                visit_id | check_in | check_out
                V1       | 08:00    | 08:30
            """,
            invoices="""
                line_no | from_on    | to_on      | visit_id | minutes | amount_pence
                1       | 2026-05-11 | 2026-05-24 |          | 60      | 2000
                2       | 2026-05-11 | 2026-05-24 | V1       | 30      | 1000
            """,
            invoice_lines="""
                line_no | group_id | agreed_pence | parked_pence | verdict
                1       |          | 0            | 2000         | outside_period
                2       | I1/2     | 1000         | 0            | agreed
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence
                I1/2     | 1000          | 1000
            """,
        ),
    ),
)

AGREEING = Chapter(
    "7.2",
    "What is agreed now",
    """
    For each claim group, *claimed* is the sum of its invoice lines, credits included; *expected* is
    the sum of its settled lines that are not held. Where claimed is no more than expected, or over
    it by no more than the allowance, every line is agreed as it stands. Where it is more, the
    expected money is given out in the order of the bills, and the rest of each line is *parked*:
    neither paid nor lost.

    The allowance is the larger of so many pence per settled line and a percent of the expected
    money. There is one for claiming too much and one for claiming too little.
    """,
    (
        Example(
            "A difference of exactly the allowance is inside, a penny more is not",
            """
            Two pence are allowed. £10.02 for a visit of £10.00 is paid as billed; of £10.03, £10.00
            is agreed and all three pence wait.
            """,
            settings="""
                [invoice]
                over_pence_per_line = 2
            """,
            orders="""
                order_id | days
                O1       | 1100000
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | 08:00     | 08:30
                V2       | Tue 08:00 | Tue 08:30
            """,
            invoices="""
                line_no | visit_id | minutes | amount_pence
                1       | V1       | 30      | 1002
                2       | V2       | 30      | 1003
            """,
            invoice_lines="""
                line_no | claimed_pence | agreed_pence | parked_pence | verdict
                1       | 1002          | 1002         | 0            | agreed
                2       | 1003          | 1000         | 3            | over_claimed
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence | due_pence
                I1/1     | 1002          | 1000           | 1002
                I1/2     | 1003          | 1000           | 1000
            """,
        ),
        Example(
            "The pence are allowed for every settled line of the group that is not held",
            """
            Three lines stand in the group: two visits and one that was missed. Three times two
            pence are allowed, so £20.06 is paid as billed.
            """,
            settings="""
                [invoice]
                over_pence_per_line = 2
            """,
            orders="""
                order_id | days
                O1       | 1110000
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:30
                Tue 08:00 | Tue 08:30
            """,
            invoices="""
                line_no | minutes | amount_pence
                1       | 60      | 2006
            """,
            lines="""
                planned_start | outcome   | amount_pence
                08:00         | delivered | 1000
                Tue 08:00     | delivered | 1000
                Wed 08:00     | missed    | 0
            """,
            invoice_lines="""
                line_no | claimed_pence | agreed_pence | parked_pence | verdict
                1       | 2006          | 2006         | 0            | agreed
            """,
        ),
        Example(
            "A percent of the expected money is taken exactly, not rounded",
            """
            A quarter of a percent of £10.00 is two and a half pence, which is more than the one
            penny allowed per line. Two pence too much are inside it, three are not.
            """,
            settings="""
                [invoice]
                over_percent = 0.25
            """,
            orders="""
                order_id | days
                O1       | 1100000
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | 08:00     | 08:30
                V2       | Tue 08:00 | Tue 08:30
            """,
            invoices="""
                line_no | visit_id | minutes | amount_pence
                1       | V1       | 30      | 1002
                2       | V2       | 30      | 1003
            """,
            invoice_lines="""
                line_no | claimed_pence | agreed_pence | parked_pence | verdict
                1       | 1002          | 1002         | 0            | agreed
                2       | 1003          | 1000         | 3            | over_claimed
            """,
        ),
        Example(
            "Where nothing is expected, nothing is allowed",
            """
            The visit was missed and pays nothing. Fifty pence would be allowed per line, but not on
            nothing: the twenty pence wait.
            """,
            settings="""
                [invoice]
                over_pence_per_line = 50
            """,
            invoices="""
                line_no | minutes | amount_pence
                1       | 30      | 20
            """,
            invoice_lines="""
                line_no | claimed_pence | agreed_pence | parked_pence | verdict
                1       | 20            | 0            | 20           | nothing_due
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence | due_pence
                I1/1     | 20            | 0              | 0
            """,
        ),
        Example(
            "Too much is claimed: the bills sent first are agreed first",
            """
            Two visits were made, three lines bill a visit each. Invoice I2 was billed first, so it
            is first; then come lines 2 and 10 of I1, as numbers. The third finds nothing left.
            """,
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 12:00
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
                12:00    | 12:30
            """,
            invoices="""
                invoice_id | line_no | minutes | amount_pence | billed_at
                I1         | 10      | 30      | 1000         | 2026-05-20
                I1         | 2       | 30      | 1000         | 2026-05-20
                I2         | 1       | 30      | 1000         | 2026-05-18
            """,
            invoice_lines="""
                invoice_id | line_no | group_id | agreed_pence | parked_pence | verdict
                I1         | 2       | I2/1     | 1000         | 0            | agreed
                I1         | 10      | I2/1     | 0            | 1000         | already_claimed
                I2         | 1       | I2/1     | 1000         | 0            | agreed
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence | due_pence
                I2/1     | 3000          | 2000           | 2000
            """,
        ),
        Example(
            "No line is agreed beyond the care it covers itself",
            """
            Monday's line asks for £25.00 but covers £10.00 of care. The money of Tuesday is not
            given to it, although it comes first: it is left for the line that covers Tuesday.
            """,
            orders="""
                order_id | days
                O1       | 1100000
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:30
                Tue 08:00 | Tue 08:30
            """,
            invoices="""
                line_no | from_on    | to_on      | minutes | amount_pence
                1       | 2026-05-11 | 2026-05-11 | 75      | 2500
                2       | 2026-05-11 | 2026-05-12 | 15      | 500
            """,
            invoice_lines="""
                line_no | group_id | agreed_pence | parked_pence | verdict
                1       | I1/1     | 1000         | 1500         | over_claimed
                2       | I1/1     | 500          | 0            | agreed
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence | due_pence
                I1/1     | 3000          | 2000           | 1500
            """,
        ),
        Example(
            "A credit is agreed in full and makes room for the line it corrects",
            """
            Monday: £15.00 billed and £5.00 credited come to the £10.00 expected, so both stand.
            Tuesday: £20.00 and a credit of £5.00 are £5.00 too much. £15.00 of the bill is agreed,
            which less the credit is what is expected.
            """,
            orders="""
                order_id | days
                O1       | 1100000
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | 08:00     | 08:30
                V2       | Tue 08:00 | Tue 08:30
            """,
            invoices="""
                line_no | visit_id | minutes | amount_pence
                1       | V1       | 45      | 1500
                2       | V1       | -15     | -500
                3       | V2       | 60      | 2000
                4       | V2       | -15     | -500
            """,
            invoice_lines="""
                line_no | group_id | claimed_pence | agreed_pence | parked_pence | verdict
                1       | I1/1     | 1500          | 1500         | 0            | agreed
                2       | I1/1     | -500          | -500         | 0            | agreed
                3       | I1/3     | 2000          | 1500         | 500          | over_claimed
                4       | I1/3     | -500          | -500         | 0            | agreed
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence | due_pence
                I1/1     | 1000          | 1000           | 1000
                I1/3     | 1500          | 1000           | 1000
            """,
        ),
        Example(
            "Too little is claimed: the claim is agreed, and what is missing is said",
            """
            Nobody is paid more than they ask for. Five pence too little are within the allowance
            and not mentioned; six are.
            """,
            settings="""
                [invoice]
                under_pence_per_line = 5
            """,
            orders="""
                order_id | days
                O1       | 1100000
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | 08:00     | 08:30
                V2       | Tue 08:00 | Tue 08:30
            """,
            invoices="""
                line_no | visit_id | minutes | amount_pence
                1       | V1       | 30      | 995
                2       | V2       | 30      | 994
            """,
            invoice_lines="""
                line_no | claimed_pence | agreed_pence | parked_pence | verdict
                1       | 995           | 995          | 0            | agreed
                2       | 994           | 994          | 0            | under_claimed
            """,
            claim_groups="""
                group_id | expected_pence | due_pence | causes
                I1/1     | 1000           | 995       | not_claimed:-5
                I1/2     | 1000           | 994       | not_claimed:-6
            """,
        ),
    ),
)

JUDGING = Chapter(
    "7.3",
    "Verdicts on invoice lines",
    """
    Every invoice line gets one verdict, the first of these that fits. A line that reaches outside
    the settled days is `outside_period`; a credit is `agreed`; a line for care that nobody ordered
    is `no_order`. A line that is agreed in full is `agreed`, or `under_claimed` where its group
    claims too little. One agreed in part is `over_claimed`. One of which nothing is agreed is
    `nothing_due` if the lines it covers pay nothing now, else `already_claimed`.
    """,
    (
        Example(
            "`agreed`: the claim is what is due",
            "The visit is priced at £10.00 and billed at £10.00.",
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            invoices="""
                line_no | minutes | amount_pence
                1       | 30      | 1000
            """,
            invoice_lines="""
                line_no | claimed_minutes | claimed_pence | agreed_pence | parked_pence | verdict
                1       | 30              | 1000          | 1000         | 0            | agreed
            """,
        ),
        Example(
            "`agreed`: a credit is taken as it is sent",
            """
            Nothing is expected for the missed visit, and the provider gives back £2.50 of its own
            accord.
            """,
            invoices="""
                line_no | minutes | amount_pence
                1       | -8      | -250
            """,
            invoice_lines="""
                line_no | claimed_minutes | claimed_pence | agreed_pence | parked_pence | verdict
                1       | -8              | -250          | -250         | 0            | agreed
            """,
        ),
        Example(
            "`under_claimed`: the group claims less than is due",
            "Two visits were made, one was billed. The bill is paid, and the provider should be told.",
            orders="""
                order_id | days
                O1       | 1100000
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:30
                Tue 08:00 | Tue 08:30
            """,
            invoices="""
                line_no | minutes | amount_pence
                1       | 30      | 1000
            """,
            invoice_lines="""
                line_no | claimed_pence | agreed_pence | parked_pence | verdict
                1       | 1000          | 1000         | 0            | under_claimed
            """,
        ),
        Example(
            "`over_claimed`: part of the claim is due",
            "£15.00 is billed for a visit of £10.00. What is due is agreed, the rest waits.",
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            invoices="""
                line_no | minutes | amount_pence
                1       | 45      | 1500
            """,
            invoice_lines="""
                line_no | claimed_pence | agreed_pence | parked_pence | verdict
                1       | 1500          | 1000         | 500          | over_claimed
            """,
        ),
        Example(
            "`already_claimed`: what was due went to earlier lines",
            """
            The same visit is billed again a week later. The care it covers has a price, but it is
            spent.
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            invoices="""
                invoice_id | line_no | minutes | amount_pence | billed_at
                I1         | 1       | 30      | 1000         | 2026-05-20
                I2         | 1       | 30      | 1000         | 2026-05-27
            """,
            invoice_lines="""
                invoice_id | line_no | agreed_pence | parked_pence | verdict
                I1         | 1       | 1000         | 0            | agreed
                I2         | 1       | 0            | 1000         | already_claimed
            """,
        ),
        Example(
            "`nothing_due`: the care it covers pays nothing now",
            """
            Nobody came on Monday. Tuesday's visit was not planned, and its money is held until
            somebody decides. Neither can be paid now.
            """,
            visits="""
                visit_id | check_in  | check_out
                V1       | Tue 08:00 | Tue 08:30
            """,
            invoices="""
                line_no | from_on    | to_on      | minutes | amount_pence
                1       | 2026-05-11 | 2026-05-11 | 30      | 1000
                2       | 2026-05-12 | 2026-05-12 | 30      | 1000
            """,
            lines="""
                outcome   | amount_pence | held
                missed    | 0            | false
                unplanned | 1000         | true
            """,
            invoice_lines="""
                line_no | group_id | agreed_pence | parked_pence | verdict
                1       | I1/1     | 0            | 1000         | nothing_due
                2       | I1/2     | 0            | 1000         | nothing_due
            """,
        ),
        Example(
            "`no_order`: nobody ordered such care",
            """
            P9 has no order. P1 has one that is in force on Wednesday, though it plans no visit
            then: that line covers nothing, but it is not a stranger's.
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            invoices="""
                line_no | person_id | from_on    | to_on      | minutes | amount_pence
                1       | P9        | 2026-05-13 | 2026-05-13 | 30      | 1000
                2       | P1        | 2026-05-13 | 2026-05-13 | 30      | 1000
            """,
            invoice_lines="""
                line_no | group_id | agreed_pence | parked_pence | verdict
                1       | I1/1     | 0            | 1000         | no_order
                2       | I1/2     | 0            | 1000         | nothing_due
            """,
        ),
        Example(
            "`outside_period`: the line waits for a run that holds all its days",
            "The bill is for a whole month, and one week of it is settled here.",
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            invoices="""
                line_no | from_on    | to_on      | minutes | amount_pence
                1       | 2026-05-01 | 2026-05-31 | 120     | 4000
            """,
            invoice_lines="""
                line_no | group_id | agreed_pence | parked_pence | verdict
                1       |          | 0            | 4000         | outside_period
            """,
            claim_groups="group_id",
        ),
    ),
)

CAUSES = Chapter(
    "7.4",
    "Why a claim differs",
    """
    A cause is named only where the figures prove it, and the causes of a group add up exactly to
    what is claimed less what is expected. Too little is `not_claimed`. Too much is looked at in
    this order: lines billed again on another invoice (`repeat`); the right minutes at another price
    (`rate`); then the *candidates*, which say what the provider would have too much if it billed
    the plan: money that is `held`, visits `missed`, `cancelled` (frustrated ones too), `suspended`
    or cut `short`. If some candidates add up to the difference, they are the causes. Otherwise it
    is `not_explained`.

    The candidates are listed in any case, so that a person can judge.
    """,
    (
        Example(
            "Less than is due: not claimed",
            "Two visits were made. One was billed, and a little more.",
            orders="""
                order_id | days
                O1       | 1100000
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:30
                Tue 08:00 | Tue 08:30
            """,
            invoices="""
                line_no | minutes | amount_pence
                1       | 35      | 1150
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence | causes
                I1/1     | 1150          | 2000           | not_claimed:-850
            """,
        ),
        Example(
            "The same line on another invoice: a repeat",
            """
            Two visits of one day are billed on two lines that look the same. That is no repeat:
            they stand on one invoice. The line of invoice I2 is one.
            """,
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 12:00
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
                12:00    | 12:30
            """,
            invoices="""
                invoice_id | line_no | minutes | amount_pence | billed_at
                I1         | 1       | 30      | 1000         | 2026-05-20
                I1         | 2       | 30      | 1000         | 2026-05-20
                I2         | 1       | 30      | 1000         | 2026-05-27
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence | due_pence | causes
                I1/1     | 3000          | 2000           | 2000      | repeat:1000
            """,
        ),
        Example(
            "The minutes agree and the money does not: the rate",
            "Half an hour was given and billed, at £21.50 an hour. The card says £20.00.",
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            invoices="""
                line_no | minutes | amount_pence
                1       | 30      | 1075
            """,
            claim_groups="""
                group_id | claimed_minutes | claimed_pence | expected_minutes | expected_pence | causes
                I1/1     | 30              | 1075          | 30               | 1000           | rate:75
            """,
        ),
        Example(
            "Billed by the plan, paid by what happened: missed, cancelled, suspended, short",
            """
            Five visits of half an hour were planned and are billed, each by its order. O1 was
            missed. O2 was cancelled in time. At O3 nobody opened, which this contract does not pay;
            it counts with the cancelled. O4 was suspended. O5 lasted twenty minutes of thirty.
            """,
            terms="""
                frustrated_percent = 0
            """,
            orders="""
                order_id | start_time
                O1       | 08:00
                O2       | 10:00
                O3       | 12:00
                O4       | 14:00
                O5       | 16:00
            """,
            suspensions="""
                order_id | from_on    | reason
                O4       | 2026-05-11 | respite
            """,
            visits="""
                status     | planned_start | check_in | check_out | cancelled_by | notified_at
                cancelled  | 10:00         |          |           | person       | 2026-05-08T09:00
                frustrated | 12:00         | 12:05    |           |              |
                delivered  |               | 16:00    | 16:20     |              |
            """,
            invoices="""
                line_no | order_id | minutes | amount_pence
                1       | O1       | 30      | 1000
                2       | O2       | 30      | 1000
                3       | O3       | 30      | 1000
                4       | O4       | 30      | 1000
                5       | O5       | 30      | 1000
            """,
            lines="""
                order_id | outcome    | payable_minutes | amount_pence
                O1       | missed     | 0               | 0
                O2       | cancelled  | 0               | 0
                O3       | frustrated | 0               | 0
                O4       | suspended  | 0               | 0
                O5       | delivered  | 20              | 667
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence | causes         | candidates
                I1/1     | 1000          | 0              | missed:1000    | missed:1000
                I1/2     | 1000          | 0              | cancelled:1000 | cancelled:1000
                I1/3     | 1000          | 0              | cancelled:1000 | cancelled:1000
                I1/4     | 1000          | 0              | suspended:1000 | suspended:1000
                I1/5     | 1000          | 667            | short:333      | short:333
            """,
        ),
        Example(
            "Held money is not expected yet, and a candidate",
            """
            Monday's visit has no check-out and so no price: it counts with the price of its plan,
            £10.00. Tuesday's was not planned: it counts with the £15.00 that is held.
            """,
            visits="""
                check_in  | check_out
                08:00     |
                Tue 08:00 | Tue 08:45
            """,
            invoices="""
                line_no | minutes | amount_pence
                1       | 75      | 2500
            """,
            lines="""
                outcome   | amount_pence | held | reasons
                delivered |              | true | no_check_out
                unplanned | 1500         | true | unplanned
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence | due_pence | causes    | candidates
                I1/1     | 2500          | 0              | 0         | held:2500 | held:2500
            """,
        ),
        Example(
            "The fewest candidates that add up are the causes; among equals, the first",
            """
            On both days one visit is missed (£10.00), one cancelled in time (£5.00), one suspended
            (£5.00) and one made. On Monday £10.00 too much is billed: the missed visit alone
            explains it, and the other two together do not come before it. On Tuesday £5.00 too much
            is billed: cancelled comes before suspended.
            """,
            orders="""
                order_id | days    | start_time | minutes
                O1       | 1100000 | 08:00      | 30
                O2       | 1100000 | 10:00      | 15
                O3       | 1100000 | 12:00      | 15
                O4       | 1100000 | 14:00      | 30
            """,
            suspensions="""
                order_id | from_on    | reason
                O3       | 2026-05-11 | respite
            """,
            visits="""
                status    | planned_start | check_in  | check_out | cancelled_by | notified_at
                cancelled | 10:00         |           |           | person       | 2026-05-08T09:00
                delivered |               | 14:00     | 14:30     |              |
                cancelled | Tue 10:00     |           |           | person       | 2026-05-08T09:00
                delivered |               | Tue 14:00 | Tue 14:30 |              |
            """,
            invoices="""
                line_no | from_on    | to_on      | minutes | amount_pence
                1       | 2026-05-11 | 2026-05-11 | 60      | 2000
                2       | 2026-05-12 | 2026-05-12 | 45      | 1500
            """,
            claim_groups="""
                group_id | claimed_pence | causes        | candidates
                I1/1     | 2000          | missed:1000   | missed:1000;cancelled:500;suspended:500
                I1/2     | 1500          | cancelled:500 | missed:1000;cancelled:500;suspended:500
            """,
        ),
        Example(
            "Nothing adds up: not explained, and the candidates are there to look at",
            """
            £5.33 too much is billed. That the visit was cut short would account for £3.33 of it,
            but part of a proof is none.
            """,
            visits="""
                check_in | check_out
                08:00    | 08:20
            """,
            invoices="""
                line_no | minutes | amount_pence
                1       | 30      | 1200
            """,
            claim_groups="""
                group_id | claimed_pence | expected_pence | causes            | candidates
                I1/1     | 1200          | 667            | not_explained:533 | short:333
            """,
        ),
        Example(
            "A repeat that is more than the difference is not named, and neither is the rate",
            """
            Two invoices bill the same quarter of an hour of a half-hour visit. Was it sent twice,
            or did they share the visit between them? The minutes agree with the visit, but with a
            possible repeat among them they prove no wrong price.
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            invoices="""
                invoice_id | line_no | minutes | amount_pence | billed_at
                I1         | 1       | 15      | 600          | 2026-05-20
                I2         | 1       | 15      | 600          | 2026-05-27
            """,
            claim_groups="""
                group_id | claimed_minutes | claimed_pence | expected_pence | causes
                I1/1     | 30              | 1200          | 1000           | not_explained:200
            """,
        ),
    ),
)

UNCLAIMED = Chapter(
    "7.5",
    "Never claimed",
    """
    A settled line with money on it, not held, that no invoice line covers has never been claimed.
    The provider is owed it and should be told.
    """,
    (
        Example(
            "What no invoice line covers is owed to the provider",
            "Only Monday was billed. Tuesday's £15.00 is owed all the same.",
            orders="""
                order_id | days    | minutes
                O1       | 1000000 | 30
                O2       | 0100000 | 45
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:30
                Tue 08:00 | Tue 08:45
            """,
            invoices="""
                line_no | from_on    | to_on      | minutes | amount_pence
                1       | 2026-05-11 | 2026-05-11 | 30      | 1000
            """,
            lines="""
                order_id | planned_start | amount_pence
                O1       | 08:00         | 1000
                O2       | Tue 08:00     | 1500
            """,
            unclaimed="""
                amount_pence
                1500
            """,
        ),
        Example(
            "Lines without money and held lines are not on the list",
            """
            No invoice came. Of the three lines, the missed one pays nothing and the unplanned one
            waits: only the visit that can be paid now is never claimed.
            """,
            orders="""
                order_id | days
                O1       | 1100000
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:30
                Wed 08:00 | Wed 08:45
            """,
            lines="""
                outcome   | amount_pence | held
                delivered | 1000         | false
                missed    | 0            | false
                unplanned | 1500         | true
            """,
            unclaimed="""
                amount_pence
                1000
            """,
        ),
        Example(
            "A claim of too little still covers its lines",
            """
            Both visits are covered by the bill. That it asks for half of them is said by its
            verdict and its cause, not here.
            """,
            orders="""
                order_id | days
                O1       | 1100000
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:30
                Tue 08:00 | Tue 08:30
            """,
            invoices="""
                line_no | minutes | amount_pence
                1       | 30      | 1000
            """,
            invoice_lines="""
                line_no | agreed_pence | verdict
                1       | 1000         | under_claimed
            """,
            unclaimed="amount_pence",
        ),
        Example(
            "A line that waits for its period covers its care",
            "The bill runs into the next week and waits. Monday's visit has been claimed nevertheless.",
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            invoices="""
                line_no | from_on    | to_on      | minutes | amount_pence
                1       | 2026-05-11 | 2026-05-24 | 60      | 2000
            """,
            invoice_lines="""
                line_no | agreed_pence | parked_pence | verdict
                1       | 0            | 2000         | outside_period
            """,
            unclaimed="amount_pence",
        ),
        Example(
            "A bill for one order, service or visit leaves the others unclaimed",
            """
            Three visits on Monday: 30 minutes for O1, 45 for O2, and 60 of another service for O3.
            The bill names O1, so it covers the first alone.
            """,
            orders="""
                order_id | service | start_time | minutes
                O1       | PC      | 08:00      | 30
                O2       | PC      | 12:00      | 45
                O3       | SIT     | 16:00      | 60
            """,
            rates="""
                service | amount_pence
                PC      | 2000
                SIT     | 1800
            """,
            visits="""
                service | check_in | check_out
                PC      | 08:00    | 08:30
                PC      | 12:00    | 12:45
                SIT     | 16:00    | 17:00
            """,
            invoices="""
                line_no | service | order_id | minutes | amount_pence
                1       | PC      | O1       | 30      | 1000
            """,
            lines="""
                order_id | amount_pence
                O1       | 1000
                O2       | 1500
                O3       | 1800
            """,
            unclaimed="""
                amount_pence
                1500
                1800
            """,
        ),
        Example(
            "Invoice lines that share a number are kept out and cover nothing",
            """
            Two lines are both number 1 of invoice I1. Nobody can say which is meant, so neither is
            used, and the visit counts as never claimed until the invoice is sent again.
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            invoices="""
                invoice_id | line_no | minutes | amount_pence
                I1         | 1       | 30      | 1000
                I1         | 1       | 30      | 1050
            """,
            findings="""
                severity | kind    | file         | row | subject
                error    | bad_row | invoices.csv | 2   | I1
                error    | bad_row | invoices.csv | 3   | I1
            """,
            invoice_lines="invoice_id",
            unclaimed="""
                amount_pence
                1000
            """,
        ),
    ),
)

CHAPTERS = (COVERING, AGREEING, JUDGING, CAUSES, UNCLAIMED)

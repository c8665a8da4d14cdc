"""Pay, the last steps: which rate, and what so many minutes cost at it."""

from datetime import date

from tests.spec.drawn import Chapter, Example

WHICH = Chapter(
    "5.10",
    "Which rate",
    """
    The newest rate card that has begun on the day of the visit is used, and nothing of the older
    ones. Of its rows, those that fit the carer's place, the day and the agreed start compete, and
    the most particular wins: a higher priority before all else, then a bank holiday, then Saturday
    or Sunday, then weekend or weekday, then any day; then hours of the day before all day; then a
    carer's place before any.
    """,
    (
        Example(
            "A new card replaces the whole of the old one",
            "The old card had a price for Saturdays. The new one, from Wednesday, has not, so Saturday"
            " is paid like any day.",
            orders="""
                days    | start_time | minutes
                1000010 | 08:00      | 30
            """,
            rates="""
                from_on    | day_type | amount_pence
                2026-04-06 | any      | 2000
                2026-04-06 | saturday | 3000
                2026-05-13 | any      | 2200
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:30
                Sat 08:00 | Sat 08:30
            """,
            lines="""
                agreed_start | payable_minutes | amount_pence
                08:00        | 30              | 1000
                Sat 08:00    | 30              | 1100
            """,
        ),
        Example(
            "A bank holiday has its own price",
            "Monday 25 May 2026 is the spring bank holiday, Tuesday an ordinary day.",
            source="GOV.UK, bank holidays in England. LGSCO 18 019 042 quotes a contract that doubles"
            " its weekday prices on them.",
            first=date(2026, 5, 25),
            last=date(2026, 5, 26),
            orders="""
                days    | start_time | minutes
                1100000 | 08:00      | 30
            """,
            rates="""
                day_type     | amount_pence
                weekday      | 2000
                bank_holiday | 4000
            """,
            visits="""
                visit_id | check_in         | check_out
                V1       | 2026-05-25T08:00 | 2026-05-25T08:30
                V2       | 2026-05-26T08:00 | 2026-05-26T08:30
            """,
            lines="""
                visit_id | payable_minutes | amount_pence
                V1       | 30              | 2000
                V2       | 30              | 1000
            """,
        ),
        Example(
            "A bank holiday without a price is its own day of the week",
            "The council made this Monday a holiday, but the card says nothing of holidays.",
            settings="""
                [holidays]
                extra = [2026-05-11]
            """,
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            rates="""
                day_type | amount_pence
                any      | 2000
                weekday  | 2200
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            lines="""
                payable_minutes | amount_pence
                30              | 1100
            """,
        ),
        Example(
            "The more particular day wins",
            "Saturday has its own price, Sunday takes the weekend's, and Monday is any day.",
            orders="""
                days    | start_time | minutes
                1000011 | 08:00      | 30
            """,
            rates="""
                day_type | amount_pence
                any      | 2000
                weekend  | 2400
                saturday | 2500
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:30
                Sat 08:00 | Sat 08:30
                Sun 08:00 | Sun 08:30
            """,
            lines="""
                agreed_start | payable_minutes | amount_pence
                08:00        | 30              | 1000
                Sat 08:00    | 30              | 1250
                Sun 08:00    | 30              | 1200
            """,
            explain=("O1|2026-05-17T08:00|1",),
        ),
        Example(
            "A priority goes before everything",
            "The row for any day has priority 1, so Saturday's price is not asked.",
            orders="""
                days    | start_time | minutes
                0000010 | 08:00      | 30
            """,
            rates="""
                day_type | priority | amount_pence
                any      | 1        | 1900
                saturday | 0        | 2500
            """,
            visits="""
                check_in  | check_out
                Sat 08:00 | Sat 08:30
            """,
            lines="""
                payable_minutes | amount_pence
                30              | 950
            """,
        ),
        Example(
            "Hours of the day have a beginning and an end",
            "20:00 is the evening's first minute. At 22:00 it is over.",
            source="Brighton & Hove, 2013: a higher rate after 8 pm; the prices are invented.",
            orders="""
                order_id | start_time | minutes
                O1       | 18:00      | 30
                O2       | 20:00      | 30
                O3       | 22:00      | 30
            """,
            rates="""
                band_from | band_to | amount_pence
                          |         | 2000
                20:00     | 22:00   | 2600
            """,
            visits="""
                check_in | check_out
                18:00    | 18:30
                20:00    | 20:30
                22:00    | 22:30
            """,
            lines="""
                order_id | payable_minutes | amount_pence
                O1       | 30              | 1000
                O2       | 30              | 1300
                O3       | 30              | 1000
            """,
        ),
        Example(
            "The agreed time sets the price, not the clock at the door",
            "Agreed for 19:45 and reached at 20:05: it was not ordered as an evening call.",
            orders="""
                start_time | minutes
                19:45      | 30
            """,
            rates="""
                band_from | band_to | amount_pence
                          |         | 2000
                20:00     | 22:00   | 2600
            """,
            visits="""
                check_in | check_out
                20:05    | 20:35
            """,
            lines="""
                agreed_start | check_in | payable_minutes | amount_pence
                19:45        | 20:05    | 30              | 1000
            """,
        ),
        Example(
            "A night may run past midnight",
            "From 22:00 to 06:00 is one band: 23:00 and 05:00 are in it, 06:00 is not.",
            orders="""
                order_id | start_time | minutes
                O1       | 05:00      | 30
                O2       | 06:00      | 30
                O3       | 23:00      | 30
            """,
            rates="""
                band_from | band_to | amount_pence
                          |         | 2000
                22:00     | 06:00   | 2600
            """,
            visits="""
                check_in | check_out
                05:00    | 05:30
                06:00    | 06:30
                23:00    | 23:30
            """,
            lines="""
                order_id | payable_minutes | amount_pence
                O1       | 30              | 1300
                O2       | 30              | 1000
                O3       | 30              | 1300
            """,
        ),
        Example(
            "The day is asked before the hour",
            "Saturday evening fits the row for Saturdays and the row for evenings. Saturday wins.",
            orders="""
                days    | start_time | minutes
                0000010 | 20:00      | 30
            """,
            rates="""
                day_type | band_from | band_to | amount_pence
                any      | 20:00     | 22:00   | 2600
                saturday |           |         | 2500
            """,
            visits="""
                check_in  | check_out
                Sat 20:00 | Sat 20:30
            """,
            lines="""
                payable_minutes | amount_pence
                30              | 1250
            """,
        ),
        Example(
            "A second carer may have another price",
            "The row for place 2 is nearer than the row for any place. V3 has no place at all, so only"
            " the row for any place fits it.",
            terms="""
                unplanned = "pay"
            """,
            orders="""
                start_time | minutes | carers
                08:00      | 30      | 2
            """,
            rates="""
                slot | amount_pence
                any  | 2000
                2    | 1500
            """,
            visits="""
                visit_id | worker_id | check_in | check_out
                V1       | W1        | 08:00    | 08:30
                V2       | W2        | 08:00    | 08:30
                V3       | W2        | 14:00    | 14:30
            """,
            lines="""
                visit_id | slot | payable_minutes | amount_pence
                V1       | 1    | 30              | 1000
                V2       | 2    | 30              | 750
                V3       |      | 30              | 1000
            """,
        ),
        Example(
            "A ladder without an hourly price borrows the next one",
            "Saturday prices only the half hour. The ten minutes above it are paid at the next best"
            " hourly price, the weekend's.",
            orders="""
                days    | start_time | minutes
                0000010 | 08:00      | 40
            """,
            rates="""
                day_type | minutes | amount_pence
                any      |         | 2000
                weekend  |         | 2400
                saturday | 30      | 1500
            """,
            visits="""
                check_in  | check_out
                Sat 08:00 | Sat 08:40
            """,
            lines="""
                payable_minutes | amount_pence
                40              | 1900
            """,
            explain=("O1|2026-05-16T08:00|1",),
        ),
        Example(
            "No price is not a price of nothing",
            "The card prices weekdays only. Saturday's visit is held with its amount left empty.",
            orders="""
                days    | start_time | minutes
                0000110 | 08:00      | 30
            """,
            rates="""
                day_type | amount_pence
                weekday  | 2000
            """,
            visits="""
                check_in  | check_out
                Fri 08:00 | Fri 08:30
                Sat 08:00 | Sat 08:30
            """,
            lines="""
                agreed_start | payable_minutes | amount_pence | held  | reasons
                Fri 08:00    | 30              | 1000         | false |
                Sat 08:00    | 30              |              | true  | no_rate
            """,
            findings="""
                kind
                no_rate
            """,
        ),
        Example(
            "What pays no minutes needs no price",
            "Saturday's visit was missed. That costs nothing on any card.",
            orders="""
                days    | start_time | minutes
                0000010 | 08:00      | 30
            """,
            rates="""
                day_type | amount_pence
                weekday  | 2000
            """,
            lines="""
                outcome | payable_minutes | amount_pence | held  | reasons
                missed  | 0               | 0            | false |
            """,
        ),
        Example(
            "Of two equal prices neither is taken",
            "20:00 lies in both bands and nothing sets one above the other. 18:00 lies in one.",
            orders="""
                order_id | start_time | minutes
                O1       | 18:00      | 30
                O2       | 20:00      | 30
            """,
            rates="""
                band_from | band_to | amount_pence
                18:00     | 22:00   | 2400
                20:00     | 24:00   | 2600
            """,
            visits="""
                check_in | check_out
                18:00    | 18:30
                20:00    | 20:30
            """,
            lines="""
                order_id | payable_minutes | amount_pence | held  | reasons
                O1       | 30              | 1200         | false |
                O2       | 30              |              | true  | ambiguous_rate
            """,
            findings="""
                kind
                ambiguous_rate
            """,
        ),
    ),
)

LADDERS = Chapter(
    "5.11",
    "A price for each length of visit",
    """
    Rows of the card with `minutes` form a ladder: each is the price of a visit of just that length.
    Minutes above a step are added at the hourly price, but a visit never costs more than the next
    longer step; one below the smallest step is paid by the hour and never costs more than that step.
    """,
    (
        Example(
            "A visit on a step costs the step",
            "Half an hour costs 64 % of an hour here, not half. A card with steps alone does for visits"
            " that land on them.",
            source="The weekday prices of LGSCO 18 019 042: £10.50, £14.00 and £16.50.",
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 30
                O2       | 12:00      | 45
                O3       | 18:00      | 60
            """,
            rates="""
                minutes | amount_pence
                30      | 1050
                45      | 1400
                60      | 1650
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
                12:00    | 12:45
                18:00    | 19:00
            """,
            lines="""
                order_id | payable_minutes | amount_pence
                O1       | 30              | 1050
                O2       | 45              | 1400
                O3       | 60              | 1650
            """,
        ),
        Example(
            "Minutes above a step are added by the hour",
            "50 minutes are the step of 45, £20.00, and five minutes at £24.00 an hour, £2.00.",
            source="CareLineLive help, rates: the worked example with these prices.",
            orders="""
                start_time | minutes
                08:00      | 60
            """,
            rates="""
                minutes | amount_pence
                        | 2400
                30      | 1600
                45      | 2000
            """,
            visits="""
                check_in | check_out
                08:00    | 08:50
            """,
            lines="""
                payable_minutes | amount_pence
                50              | 2200
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "Never more than the next step",
            "44 minutes would be £16.00 and 14 minutes at £24.00, £21.60 in all. But 45 minutes cost"
            " £20.00, so that is the limit.",
            orders="""
                start_time | minutes
                08:00      | 60
            """,
            rates="""
                minutes | amount_pence
                        | 2400
                30      | 1600
                45      | 2000
            """,
            visits="""
                check_in | check_out
                08:00    | 08:44
            """,
            lines="""
                payable_minutes | amount_pence
                44              | 2000
            """,
            explain=("O1|2026-05-11T08:00|1",),
        ),
        Example(
            "Below the smallest step, by the hour up to its price",
            "10 minutes at £24.00 an hour are £4.00. 14 would be £5.60, but a quarter costs £5.00.",
            orders="""
                order_id | start_time | minutes
                O1       | 08:00      | 15
                O2       | 12:00      | 15
            """,
            rates="""
                minutes | amount_pence
                        | 2400
                15      | 500
            """,
            visits="""
                check_in | check_out
                08:00    | 08:10
                12:00    | 12:14
            """,
            lines="""
                order_id | payable_minutes | amount_pence
                O1       | 10              | 400
                O2       | 14              | 500
            """,
        ),
        Example(
            "Minutes left over need an hourly price",
            "The card has only a step of 30. 35 minutes leave five that nothing prices, so the line is"
            " held.",
            orders="""
                start_time | minutes
                08:00      | 45
            """,
            rates="""
                minutes | amount_pence
                30      | 1050
            """,
            visits="""
                check_in | check_out
                08:00    | 08:35
            """,
            lines="""
                payable_minutes | amount_pence | held | reasons
                35              |              | true | no_rate
            """,
        ),
        Example(
            "A percent is taken of the step's price",
            "Half of a frustrated half hour is half of £10.50. It is not the price of 15 minutes.",
            terms="""
                frustrated_percent = 50
            """,
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            rates="""
                minutes | amount_pence
                        | 1650
                30      | 1050
            """,
            visits="""
                status     | planned_start | check_in
                frustrated | 08:00         | 08:00
            """,
            lines="""
                outcome    | payable_minutes | amount_pence | reasons
                frustrated | 30              | 525          | frustrated_paid
            """,
        ),
    ),
)

PENCE = Chapter(
    "5.12",
    "Minute by minute, and to the penny",
    """
    A visit that runs from one rate into another is priced by the rate at its agreed start, or, with
    `band_rule = "split"`, each minute by its own. Nothing is rounded on the way: a line is rounded
    once, at its end, to the penny, half a penny up. A total adds up rounded lines.
    """,
    (
        Example(
            "The rate at the start prices the whole visit",
            "A quarter hour of this visit lies in the evening, but it begins before.",
            orders="""
                start_time | minutes
                19:45      | 30
            """,
            rates="""
                band_from | band_to | amount_pence
                          |         | 2000
                20:00     | 22:00   | 2600
            """,
            visits="""
                check_in | check_out
                19:45    | 20:15
            """,
            lines="""
                payable_minutes | amount_pence
                30              | 1000
            """,
        ),
        Example(
            "Split, each minute has its own price",
            "15 minutes at £20.00 are £5.00, 15 at £26.00 are £6.50.",
            source="Brighton & Hove, 2013: a higher rate after 8 pm; the prices are invented.",
            terms="""
                band_rule = "split"
            """,
            orders="""
                start_time | minutes
                19:45      | 30
            """,
            rates="""
                band_from | band_to | amount_pence
                          |         | 2000
                20:00     | 22:00   | 2600
            """,
            visits="""
                check_in | check_out
                19:45    | 20:15
            """,
            lines="""
                payable_minutes | amount_pence
                30              | 1150
            """,
            explain=("O1|2026-05-11T19:45|1",),
        ),
        Example(
            "Split, the minutes run from the agreed start",
            "Coming 20 minutes late does not move the visit into the evening: it is priced as if it had"
            " begun at 19:45.",
            terms="""
                band_rule = "split"
            """,
            orders="""
                start_time | minutes
                19:45      | 30
            """,
            rates="""
                band_from | band_to | amount_pence
                          |         | 2000
                20:00     | 22:00   | 2600
            """,
            visits="""
                check_in | check_out
                20:05    | 20:35
            """,
            lines="""
                check_in | payable_minutes | amount_pence
                20:05    | 30              | 1150
            """,
        ),
        Example(
            "Split at midnight, the new day has its price",
            "15 minutes of Saturday at £24.00 are £6.00, 15 of Sunday at £30.00 are £7.50.",
            terms="""
                band_rule = "split"
            """,
            orders="""
                days    | start_time | minutes
                0000010 | 23:45      | 30
            """,
            rates="""
                day_type | amount_pence
                saturday | 2400
                sunday   | 3000
            """,
            visits="""
                check_in  | check_out
                Sat 23:45 | Sun 00:15
            """,
            lines="""
                payable_minutes | amount_pence
                30              | 1350
            """,
        ),
        Example(
            "A visit keeps its card past midnight",
            "A dearer card begins on Wednesday. A visit that begins on Tuesday night keeps Tuesday's to"
            " its end.",
            terms="""
                band_rule = "split"
            """,
            orders="""
                days    | start_time | minutes
                0100000 | 23:45      | 30
            """,
            rates="""
                from_on    | amount_pence
                2026-04-06 | 2000
                2026-05-13 | 3000
            """,
            visits="""
                check_in  | check_out
                Tue 23:45 | Wed 00:15
            """,
            lines="""
                payable_minutes | amount_pence
                30              | 1000
            """,
        ),
        Example(
            "Split leaves ladders aside",
            "A ladder prices a whole visit, so it cannot price a minute. The half hour is paid at the"
            " hourly price.",
            terms="""
                band_rule = "split"
            """,
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            rates="""
                minutes | amount_pence
                        | 2000
                30      | 1600
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            lines="""
                payable_minutes | amount_pence
                30              | 1000
            """,
        ),
        Example(
            "Each line to the nearest penny",
            "20 minutes at £22.13 an hour are £7.3766…, which is £7.38, each time.",
            source="CareLineLive help, rounding precision: 20 such visits come to £147.60.",
            orders="""
                days    | start_time | minutes
                1100000 | 08:00      | 20
            """,
            rates="""
                amount_pence
                2213
            """,
            visits="""
                check_in  | check_out
                08:00     | 08:20
                Tue 08:00 | Tue 08:20
            """,
            lines="""
                agreed_start | payable_minutes | amount_pence
                08:00        | 20              | 738
                Tue 08:00    | 20              | 738
            """,
        ),
        Example(
            "Half a penny is rounded up",
            "Half an hour at £20.01 is £10.005.",
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            rates="""
                amount_pence
                2001
            """,
            visits="""
                check_in | check_out
                08:00    | 08:30
            """,
            lines="""
                payable_minutes | amount_pence
                30              | 1001
            """,
        ),
        Example(
            "A percent comes before the rounding",
            "Half of £10.005 is £5.0025, so £5.00. Rounded first it would have been half of £10.01 and"
            " a penny more.",
            terms="""
                frustrated_percent = 50
            """,
            orders="""
                start_time | minutes
                08:00      | 30
            """,
            rates="""
                amount_pence
                2001
            """,
            visits="""
                status     | planned_start | check_in
                frustrated | 08:00         | 08:00
            """,
            lines="""
                payable_minutes | amount_pence
                30              | 500
            """,
        ),
        Example(
            "Parts are not rounded, only their sum",
            "10 minutes at £20.00 are £3.33⅓, 10 at £26.00 are £4.33⅓: together £7.66⅔, so £7.67.",
            terms="""
                band_rule = "split"
            """,
            orders="""
                start_time | minutes
                19:50      | 20
            """,
            rates="""
                band_from | band_to | amount_pence
                          |         | 2000
                20:00     | 22:00   | 2600
            """,
            visits="""
                check_in | check_out
                19:50    | 20:10
            """,
            lines="""
                payable_minutes | amount_pence
                20              | 767
            """,
            explain=("O1|2026-05-11T19:50|1",),
        ),
    ),
)

CHAPTERS = (WHICH, LADDERS, PENCE)

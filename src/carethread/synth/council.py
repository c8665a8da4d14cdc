"""Who lives in an invented council, what is commissioned for them, and on what terms.

The shape is Essex's of 2024/25: 7,465 people with 128,000 hours a week, so 17 hours a person.

Source: Essex, home care commissioning intentions, essexproviderhub.org; rates: Essex Live at Home
2023, floor of 23.84 an hour; price ladder in the shape of LGSCO 18 019 042.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from carethread.engine import words
from carethread.engine.records import Contract, OrderVersion, RateRow, Terms

FIRST_MONDAY = date(2026, 5, 4)
"""Four weeks from here hold two bank holidays."""
_BEFORE = date(2026, 1, 5)
_ROUND_SIZE = 12
_PEOPLE_PER_PROVIDER = 60
SERVICES = ("PC", "SIT")


@dataclass(frozen=True, slots=True)
class Council:
    """How large, how long, and which throw of the dice."""

    people: int
    weeks: int
    seed: int

    @property
    def last(self) -> date:
        """The last day, a Sunday."""
        return FIRST_MONDAY + timedelta(days=7 * self.weeks - 1)

    @property
    def providers(self) -> int:
        """How many providers there are: at least one per lot."""
        return max(len(LOTS), self.people // _PEOPLE_PER_PROVIDER)


@dataclass(frozen=True, slots=True)
class Round:
    """A dozen people near each other whom one provider's small team visits."""

    number: int
    provider: int
    people: tuple[int, ...]
    council: Council

    @property
    def provider_id(self) -> str:
        """The provider's id."""
        return f"PROV{self.provider:03d}"

    @property
    def contract_id(self) -> str:
        """The contract of the provider's lot."""
        return LOTS[self.provider % len(LOTS)].contract_id

    def dice(self, what: str) -> Random:
        """Return this round's own dice, the same whatever other rounds do."""
        return Random(f"{self.council.seed} {self.number} {what}")


def rounds(council: Council) -> Iterator[Round]:
    """Yield the rounds of a council; large providers have many, small ones few."""
    dice = Random(f"{council.seed} rounds")
    sizes = [1 / (place + 1) ** 0.6 for place in range(council.providers)]
    starts = range(0, council.people, _ROUND_SIZE)
    for number, start in enumerate(starts):
        if number < council.providers:
            provider = number
        else:
            provider = dice.choices(range(council.providers), sizes)[0]
        people = range(start, min(start + _ROUND_SIZE, council.people))
        yield Round(number, provider, tuple(people), council)


LOTS = (
    Contract(
        "LOT-MINUTE",
        (Terms(from_on=_BEFORE, pool=words.Pool.WEEK, minimum_minutes=5),),
    ),
    Contract(
        "LOT-QUARTER",
        (
            Terms(
                from_on=_BEFORE,
                pay_basis=words.PayBasis.PLANNED_WITHIN_TOLERANCE,
                tolerance_minutes=5,
                round_to_minutes=15,
                double_up=words.DoubleUp.OVERLAP,
                manual=words.Manual.HOLD,
                cancelled=((Fraction(4), Fraction(100)), (Fraction(24), Fraction(50))),
            ),
        ),
    ),
    Contract(
        "LOT-PLANNED",
        (
            Terms(
                from_on=_BEFORE,
                pay_basis=words.PayBasis.PLANNED,
                minimum_minutes=10,
                suspended_percent=Fraction(100),
                retainer_days=2,
                hold_on=frozenset(
                    {words.Kind.SAME_WORKER, words.Kind.WORKER_OVERLAP, words.Kind.SHORT_TEAM}
                ),
            ),
        ),
    ),
)
CONTRACTS_TOML = """\
# Three invented contracts, one for each way of paying.

[match]
window_minutes = 120
join_gap_minutes = 10
time_critical_minutes = 30

[holidays]
region = "ENG"

[[contract]]
id = "LOT-MINUTE"      # by the minute, never above the plan, spare minutes shared inside a week

[[contract.terms]]
from = 2026-01-05
pay_basis = "actual"
minimum_minutes = 5
pool = "week"

[[contract]]
id = "LOT-QUARTER"     # the plan if within five minutes of it, else to the nearest quarter hour

[[contract.terms]]
from = 2026-01-05
pay_basis = "planned_within_tolerance"
tolerance_minutes = 5
round_to_minutes = 15
double_up = "overlap"
manual = "hold"
cancelled = [[4, 100], [24, 50]]

[[contract]]
id = "LOT-PLANNED"     # the plan, with two days' retainer in hospital

[[contract.terms]]
from = 2026-01-05
pay_basis = "planned"
minimum_minutes = 10
suspended_percent = 100
retainer_days = 2
hold_on = ["same_worker", "worker_overlap", "short_team"]
"""


def rate_cards() -> list[RateRow]:
    """Return the cards: by day, evening and bank holiday; by length of visit for the planned lot."""
    day = words.DayType
    hourly = [
        RateRow(0, contract, "", _BEFORE, kind, pence, band)
        for contract in ("LOT-MINUTE", "LOT-QUARTER")
        for kind, pence, band in (
            (day.ANY, 2384, None),
            (day.ANY, 2584, (20 * 60, 6 * 60)),
            (day.WEEKEND, 2584, None),
            (day.BANK_HOLIDAY, 4768, None),
        )
    ]
    ladder = [
        RateRow(0, "LOT-PLANNED", "", _BEFORE, kind, pence * times, minutes=minutes)
        for kind, times in ((day.ANY, 1), (day.BANK_HOLIDAY, 2))
        for minutes, pence in ((15, 750), (30, 1300), (45, 1840), (60, 2384))
    ]
    rest = [RateRow(0, "LOT-PLANNED", "", _BEFORE, day.ANY, 2384)]
    cards = [(row, service) for service in SERVICES for row in (*hourly, *ladder, *rest)]
    return [
        replace(row, row=number, service=service, amount_pence=_price(row, service))
        for number, (row, service) in enumerate(cards, 2)
    ]


def _price(row: RateRow, service: str) -> int:
    """Price sitting at four fifths of personal care."""
    return row.amount_pence if service == "PC" else row.amount_pence * 4 // 5


_CALLS = {
    "M": (7 * 60, 9 * 60 + 30),
    "L": (11 * 60 + 45, 13 * 60),
    "T": (16 * 60, 17 * 60 + 30),
    "B": (19 * 60 + 30, 21 * 60 + 30),
    "N": (22 * 60 + 30, 23 * 60 + 30),
}
_PATTERNS, _SHARES = ("MB", "MTB", "MLB", "MLTB", "MLTBN"), (10, 10, 10, 60, 10)


def orders(one: Round) -> list[OrderVersion]:
    """Invent what is commissioned for the people of a round."""
    dice = one.dice("orders")
    found: list[OrderVersion] = []
    for person in one.people:
        found += _weekly(one, person, dice) if dice.random() < 0.1 else _visits(one, person, dice)
    return found


def _weekly(one: Round, person: int, dice: Random) -> list[OrderVersion]:
    order = _order(one, person, "W", dice)
    minutes = dice.choice([300, 420, 600, 840, 1050])
    return [replace(order, basis=words.Basis.WEEKLY_HOURS, weekly_minutes=minutes)]


def _visits(one: Round, person: int, dice: Random) -> list[OrderVersion]:
    """Give a person their calls of the day, an order each; some need two carers morning and night."""
    calls = dice.choices(_PATTERNS, _SHARES)[0]
    days = dice.choices(["1111111", "1111100", "1010100"], [88, 9, 3])[0]
    carers = 2 if dice.random() < 0.08 else 1
    found: list[OrderVersion] = []
    for call in calls:
        earliest, latest = _CALLS[call]
        order = replace(
            _order(one, person, call, dice),
            days=days,
            start_minute=dice.randrange(earliest, latest + 1, 15),
            minutes=dice.choices([15, 30, 45, 60], [3, 42, 35, 20])[0],
            carers=carers if call in "MB" else 1,
            time_critical=call in "MB" and dice.random() < 0.25,
        )
        found += _changed(order, one.council, dice)
    return found


def _order(one: Round, person: int, call: str, dice: Random) -> OrderVersion:
    """Start an order: long ago for most, inside the weeks for a few."""
    days = (one.council.last - FIRST_MONDAY).days
    late = FIRST_MONDAY + timedelta(days=dice.randint(1, days))
    return OrderVersion(
        row=0,
        order_id=f"O{person:06d}{call}",
        person_id=f"P{person:06d}",
        provider_id=one.provider_id,
        contract_id=one.contract_id,
        service=SERVICES[1] if call == "N" else SERVICES[0],
        starts_on=late if dice.random() < 0.03 else _BEFORE,
        ends_on=None,
        basis=words.Basis.VISITS,
    )


def _changed(order: OrderVersion, council: Council, dice: Random) -> list[OrderVersion]:
    """Let a few orders end, and a few change length from a day on: a version follows a version."""
    assert order.minutes is not None
    days = (council.last - order.starts_on).days
    if days < 2 or dice.random() > 0.07:
        return [order]
    latest = min(days - 1, (council.last - FIRST_MONDAY).days)
    last = council.last - timedelta(days=dice.randint(1, latest))
    ended = replace(order, ends_on=max(last, order.starts_on))
    if dice.random() < 0.4:
        return [ended]
    minutes = max(15, order.minutes + dice.choice([-15, 15, 15]))
    begins = (ended.ends_on or last) + timedelta(days=1)
    return [ended, replace(order, starts_on=begins, minutes=minutes)]

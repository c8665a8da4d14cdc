"""More care never pays less, and a quote is what its parts say."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from carethread.engine.records import Contract, RateRow, Settings, Terms
from carethread.engine.reference import pay
from carethread.engine.reference.price import Job, Tariff
from carethread.engine.units import half_up, instant_on
from carethread.engine.words import BandRule, Cap, DayType, Rounding

MONDAY = date(2026, 5, 25)
"""A bank holiday."""


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Draw terms with basis `actual` and no pool; bands pay no more than rounding goes on with."""
    unit = draw(st.sampled_from([1, 5, 15]))
    way = draw(st.sampled_from(list(Rounding)))
    limits = sorted(draw(st.sets(st.integers(1, 90), max_size=4)))
    bands: list[tuple[int, int]] = []
    for limit in limits:
        most = pay.rounded(limit + 1, unit, way)
        least = bands[-1][1] if bands else 0
        bands.append((limit, draw(st.integers(min(least, most), most))))
    return Terms(
        from_on=date(2026, 1, 1),
        minimum_minutes=draw(st.sampled_from([0, 5, 20])),
        round_to_minutes=unit,
        round=way,
        bands=tuple(bands) if bands == sorted(bands, key=lambda band: band[1]) else (),
        cap=draw(st.sampled_from(list(Cap))),
        cap_over_minutes=draw(st.sampled_from([0, 10])),
        band_rule=draw(st.sampled_from(list(BandRule))),
    )


@st.composite
def cards(draw: st.DrawFn) -> list[RateRow]:
    """Draw a card with an hourly rate for every minute and a ladder that never falls."""
    rows = [RateRow(2, "C", "PC", date(2026, 1, 1), DayType.ANY, draw(st.integers(1000, 4000)))]
    if draw(st.booleans()):
        evening = draw(st.integers(1000, 4000))
        rows.append(RateRow(3, "C", "PC", date(2026, 1, 1), DayType.ANY, evening, band=(600, 660)))
    price = 0
    for minutes in sorted(draw(st.sets(st.sampled_from([10, 15, 30, 45, 60]), max_size=4))):
        price += draw(st.integers(0, 1500))
        kind = DayType.BANK_HOLIDAY
        rows.append(RateRow(4, "C", "PC", date(2026, 1, 1), kind, price, minutes=minutes))
    return rows


@given(terms(), cards(), st.integers(15, 60), st.integers(8 * 60, 12 * 60))
def test_more_care_never_pays_less(terms: Terms, card: list[RateRow], planned: int, start: int) -> None:
    tariff = Tariff([Contract("C", (terms,))], card, Settings())
    job = Job("C", "PC", MONDAY, 1, instant_on(MONDAY, start)[0])
    paid = 0
    for counted in range(100):
        minutes = pay.figure(terms, counted, planned).minutes
        most = pay.ceiling(terms, planned)
        minutes = minutes if most is None else min(minutes, most)
        quote = tariff.quote(job, minutes, terms.band_rule)
        assert quote.pence is not None
        assert half_up(quote.pence) >= paid
        paid = half_up(quote.pence)


@given(st.fractions(min_value=-1000, max_value=1000))
def test_half_up_is_nearest_with_halves_upward(amount: Fraction) -> None:
    rounded = half_up(amount)
    assert Fraction(-1, 2) < rounded - amount <= Fraction(1, 2)


@given(st.integers(0, 10_000), st.integers(1, 60))
def test_rounding_is_between_down_and_up(minutes: int, unit: int) -> None:
    down, nearest, up = (
        pay.rounded(minutes, unit, way) for way in (Rounding.DOWN, Rounding.NEAREST, Rounding.UP)
    )
    assert down % unit == nearest % unit == up % unit == 0
    assert minutes - unit < down <= minutes <= up < minutes + unit
    assert nearest == (up if 2 * (minutes - down) >= unit else down)


def test_a_bank_holiday_is_also_its_own_day_of_the_week() -> None:
    rows = [
        RateRow(2, "C", "PC", date(2026, 1, 1), DayType.WEEKDAY, 2000),
        RateRow(3, "C", "PC", date(2026, 1, 1), DayType.WEEKEND, 3000),
    ]
    tariff = Tariff([Contract("C", ())], rows, Settings())
    for day, pence in ((MONDAY, 2000), (MONDAY - timedelta(days=1), 3000)):
        job = Job("C", "PC", day, 1, instant_on(day, 600)[0])
        assert tariff.quote(job, 60, BandRule.START).pence == pence

"""What an order would cost in a week as planned, by the engine's own rates; and what has no rate."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from carethread.engine.records import OrderVersion, RateRow, Settings
from carethread.engine.reference.price import Job, Tariff
from carethread.engine.units import half_up, instant_on
from carethread.engine.words import BandRule, Basis, DayType, Reason
from carethread.providers.models import ContractTerms, Rate, SettlementRules

WEEK = 7


class Prices:
    """The rates of one contract and service, as the books of the one council in scope have them."""

    def __init__(self, contract: str, service: str) -> None:
        """Read the rate cards, the terms' rules of bands and the council's holidays."""
        self._contract, self._service = contract, service
        self._tariff = Tariff([], _rows(contract, service), _settings())
        terms = ContractTerms.objects.filter(contract__ref=contract).order_by("from_on")
        self._band_rules = list(terms.values_list("from_on", "band_rule"))

    def unpriced(self, order: OrderVersion) -> str:
        """Return the first kind of visit of an order that has no rate, in words; "" if none."""
        for day in _first_week(order):
            if order.basis is Basis.WEEKLY_HOURS:
                problem = self._hours_problem(day)
            else:
                problem = self._visit_problem(order, day)
            if problem:
                return problem
        return ""

    def _visit_problem(self, order: OrderVersion, day: date) -> str:
        at = f"on a {day:%A} at {_clock(order.start_minute or 0)}"
        for slot in range(1, order.carers + 1):
            quote = self._quote(order, day, slot)
            if quote is None or isinstance(quote, Reason):
                who = f" for carer {slot}" if order.carers > 1 else ""
                twice = ": two rates fit alike" if quote is Reason.AMBIGUOUS_RATE else ""
                return f"{at}{who}{twice}"
        return ""

    def _hours_problem(self, day: date) -> str:
        """Weekly hours have no times: that the day has a rate at some time is all that can be asked."""
        _, card = self._tariff.card(self._contract, self._service, day)
        kinds = {DayType.ANY, *_kinds(day)}
        has_rate = any(row.slot is None and row.day_type in kinds for row in card)
        return "" if has_rate else f"on a {day:%A}"

    def weekly_pence(self, order: OrderVersion) -> int | None:
        """Return what a full week costs if all goes as planned, None where that is not known.

        A line is rounded by itself, as settlement does. The week has no bank holiday. Weekly hours are
        known only where the card has one rate for all times.
        """
        if order.basis is Basis.WEEKLY_HOURS:
            return self._weekly_hours_pence(order)
        pence = 0
        for day in _plain_week(order, self._tariff):
            for slot in range(1, order.carers + 1):
                quote = self._quote(order, day, slot)
                if not isinstance(quote, Fraction):
                    return None
                pence += half_up(quote)
        return pence

    def _weekly_hours_pence(self, order: OrderVersion) -> int | None:
        _, card = self._tariff.card(self._contract, self._service, order.starts_on)
        rows = [row for row in card if row.slot is None]
        if len(rows) != 1 or rows[0].band or rows[0].minutes or rows[0].day_type is not DayType.ANY:
            return None
        return half_up(Fraction((order.weekly_minutes or 0) * rows[0].amount_pence, 60))

    def _quote(self, order: OrderVersion, day: date, slot: int) -> Fraction | Reason | None:
        start, _ = instant_on(day, order.start_minute or 0)
        job = Job(self._contract, self._service, day, slot, start)
        quote = self._tariff.quote(job, order.minutes or 0, self._band_rule(day))
        return quote.pence if quote.pence is not None else next(iter(quote.problems), None)

    def _band_rule(self, day: date) -> BandRule:
        dated = [rule for from_on, rule in self._band_rules if from_on <= day]
        return BandRule(dated[-1]) if dated else BandRule.START


def weekly_minutes(order: OrderVersion) -> int:
    """Return the carer-minutes that an order asks for in a full week."""
    if order.basis is Basis.WEEKLY_HOURS:
        return order.weekly_minutes or 0
    return order.days.count("1") * (order.minutes or 0) * order.carers


def _runs(order: OrderVersion, day: date) -> bool:
    return order.basis is Basis.WEEKLY_HOURS or order.days[day.weekday()] == "1"


def _first_week(order: OrderVersion) -> Iterator[date]:
    """Yield the first day of each kind on which the order runs."""
    for number in range(WEEK):
        day = order.starts_on + timedelta(number)
        if order.in_force(day) and _runs(order, day):
            yield day


def _plain_week(order: OrderVersion, tariff: Tariff) -> Iterator[date]:
    """Yield a day for each weekday the order runs, none a bank holiday where that can be helped."""
    for number in range(WEEK):
        day = order.starts_on + timedelta(number)
        if _runs(order, day):
            later = (day + timedelta(WEEK * weeks) for weeks in range(WEEK))
            yield next((one for one in later if not tariff.is_bank_holiday(one)), day)


def _kinds(day: date) -> tuple[DayType, ...]:
    weekdays = {5: (DayType.WEEKEND, DayType.SATURDAY), 6: (DayType.WEEKEND, DayType.SUNDAY)}
    return weekdays.get(day.weekday(), (DayType.WEEKDAY,))


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _rows(contract: str, service: str) -> list[RateRow]:
    rates = Rate.objects.filter(card__contract__ref=contract, card__service=service)
    return [_row(rate, contract, service) for rate in rates.select_related("card").order_by("row")]


def _row(rate: Rate, contract: str, service: str) -> RateRow:
    begin, end = rate.band_from_minute, rate.band_to_minute
    return RateRow(
        rate.row,
        contract,
        service,
        rate.card.from_on,
        DayType(rate.day_type),
        rate.amount_pence,
        None if begin is None or end is None else (begin, end),
        rate.slot,
        rate.minutes,
        rate.priority,
    )


def _settings() -> Settings:
    rules = SettlementRules.objects.first()
    if rules is None:
        return Settings()
    extra = frozenset(date.fromisoformat(day) for day in rules.extra_holidays)
    return Settings(region_holidays=rules.region_holidays, extra_holidays=extra)

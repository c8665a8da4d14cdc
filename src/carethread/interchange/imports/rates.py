"""Rate cards of a file against the books: a card is its contract, service and first day, and is whole.

Source: settlement §2, `rates.csv`, and §5: a new from_on replaces the whole card.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from carethread.engine.faults import rate_faults
from carethread.engine.records import RateRow
from carethread.formats.settlement.layouts import RATES
from carethread.interchange.imports.given import Given
from carethread.interchange.imports.records import Change, Checked, Hand, opened, settled
from carethread.interchange.imports.told import Days, Told, of_faults, too_long
from carethread.interchange.imports.words import Code, Verdict
from carethread.providers.models import Rate, RateCard

_TABLE = RATES.table
_LONGEST = 100
_Card = tuple[str, str, date]
_Rate = tuple[Any, ...]
_COLUMNS = (
    "day_type",
    "band_from_minute",
    "band_to_minute",
    "slot",
    "minutes",
    "amount_pence",
    "priority",
)


def judge_rates(given: Given) -> Checked:
    """Judge the rate cards of a batch: the rows of a card share its verdict."""
    table = opened(given, RATES)
    records: Sequence[RateRow] = table.read.records
    cards: dict[_Card, list[RateRow]] = defaultdict(list)
    for one in records:
        cards[_card(one)].append(one)
    changes = list(_changes(cards, _stored({one.contract_id for one in records})))
    told = [*of_faults(_TABLE, rate_faults(records), Code.DOES_NOT_FIT), *_too_long(records)]
    found, writes = settled(given, RATES, table, changes, told)
    if writes:
        found.days = Days(min(one.record.from_on for one in writes), None)
    return Checked(found, partial(_write, writes))


def _card(one: RateRow) -> _Card:
    return one.contract_id, one.service, one.from_on


def _rate(one: RateRow) -> _Rate:
    begin, end = one.band or (None, None)
    return one.day_type.value, begin, end, one.slot, one.minutes, one.amount_pence, one.priority


def _stored(contracts: set[str]) -> dict[_Card, list[_Rate]]:
    """Return the cards in the books of some contracts."""
    rows = Rate.objects.filter(card__contract__ref__in=contracts).order_by("card_id", "row", "pk")
    found: dict[_Card, list[_Rate]] = defaultdict(list)
    keys = ("card__contract__ref", "card__service", "card__from_on")
    for row in rows.values_list(*keys, *_COLUMNS):
        found[row[0], row[1], row[2]].append(row[len(keys) :])
    return found


def _changes(cards: dict[_Card, list[RateRow]], stored: dict[_Card, list[_Rate]]) -> Iterator[Change]:
    for key, rows in cards.items():
        before, after = stored.get(key), [_rate(one) for one in rows]
        verdict = Verdict.NEW if before is None else Verdict.CHANGED
        if before is not None and sorted(before, key=str) == sorted(after, key=str):
            verdict = Verdict.UNCHANGED
        for one in rows:
            was = None if before is None else {"rates": before}
            yield Change(one.row, key, verdict, was, {"rates": after}, one)


def _too_long(records: Sequence[RateRow]) -> Iterator[Told]:
    for one in records:
        for name in ("contract_id", "service"):
            text = getattr(one, name)
            if len(text) > _LONGEST:
                yield too_long(_TABLE, one.row, name, text, _LONGEST)


def _write(changes: Sequence[Change], hand: Hand) -> None:
    if not changes:
        return
    contracts = hand.contracts(one.record.contract_id for one in changes)
    cards: dict[_Card, RateCard] = {}
    for one in changes:
        card = _card(one.record)
        if card not in cards:
            cards[card] = _whole_card(one, contracts[card[0]], hand)
    rates = [
        Rate(
            council_id=hand.council,
            card=cards[_card(one.record)],
            row=one.row,
            **dict(zip(_COLUMNS, _rate(one.record), strict=True)),
        )
        for one in changes
    ]
    Rate.objects.bulk_create(rates, batch_size=1_000)


def _whole_card(change: Change, contract: int, hand: Hand) -> RateCard:
    """Return a card with no rates yet: a new one, or one whose rates are to be replaced."""
    ref, service, from_on = _card(change.record)
    card: RateCard
    card, is_new = RateCard.objects.get_or_create(
        contract_id=contract,
        service=service,
        from_on=from_on,
        defaults={"council_id": hand.council},
    )
    if not is_new:
        Rate.objects.filter(card=card).delete()
        hand.tell("rate_card.changed", f"rate_card:{ref}/{service}/{from_on}"[:200], change)
    return card

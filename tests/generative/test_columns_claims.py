"""Reconciling in columns gives every figure that reconciling in records gives."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from time import process_time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from carethread.engine.columns import claim_tables, claims
from carethread.engine.columns.arrays import NONE, Ints, Longs, Marks
from carethread.engine.records import InvoiceRow, OrderVersion, Period, Settings
from carethread.engine.reference.causes import Planned, candidates
from carethread.engine.reference.claims import Covers, group, in_order
from carethread.engine.reference.matching import attend
from carethread.engine.reference.pipeline import planned_pence, settle
from carethread.engine.reference.plan import Plan, moves
from carethread.engine.reference.price import Tariff
from carethread.engine.reference.reconcile import Books, Reconciled, reconcile
from carethread.engine.results import ClaimGroup, InvoiceLine, Line, Unclaimed
from carethread.engine.words import Basis, Cause, Outcome, Verdict
from tests.engines import inputs_of, silent
from tests.factories import folders

EPOCH = date(1970, 1, 1)
FIRST = date(2026, 5, 11)
PERIOD = Period(FIRST, FIRST + timedelta(days=13))
PERSONS, PROVIDERS, SERVICES = ("P1", "P2", "P3"), ("A", "B"), ("PC", "SIT")


class Places(dict[str, int]):
    """Numbers texts as they come; the empty text is -1."""

    def __missing__(self, text: str) -> int:
        self[text] = len(self) if text else -1
        return self[text]


@dataclass
class Chunks:
    """Invoices and books as columns: some persons at a time."""

    rows: Sequence[InvoiceRow]
    books: Books

    def __post_init__(self) -> None:
        lines = self.books.lines
        ids = sorted({line.visit_id for line in lines if line.visit_id})
        Random(len(ids)).shuffle(ids)
        self.visit_at = {visit_id: place for place, visit_id in enumerate(ids)}
        self.person_of = {line.visit_id: line.person_id for line in lines if line.visit_id}
        self.persons = sorted({one.person_id for some in (lines, self.rows) for one in some})
        self.providers = {line.provider_id: at for at, line in enumerate(lines)}
        self.services = {line.service: at for at, line in enumerate(lines)}
        self.orders = {line.order_id: at for at, line in enumerate(lines) if line.order_id}
        self.invoices, self.visit_ids = Places(), Places()
        ranked = sorted(self.rows, key=in_order)
        self.rank = {row: place for place, row in enumerate(ranked)}

    def reconciled(self, sizes: Iterable[int]) -> Reconciled:
        """Reconcile so many persons at a time, and return the three tables as they are published."""
        parts, left = [], self.persons
        for size in sizes:
            parts.append(self._some(set(left[:size])))
            left = left[size:]
        assert not left
        return Reconciled(
            sorted(
                (r for p in parts for r in p.invoice_lines), key=lambda r: (r.invoice_id, r.line_no)
            ),
            sorted((group for p in parts for group in p.claim_groups), key=lambda one: one.group_id),
            sorted((line for p in parts for line in p.unclaimed), key=lambda one: one.line_id),
        )

    def _some(self, persons: set[str]) -> Reconciled:
        lines = [line for line in self.books.lines if line.person_id in persons]
        lines.sort(key=lambda line: line.person_id)
        rows = [row for row in self.rows if row.person_id in persons]
        rows.sort(key=lambda row: row.person_id)
        period = self.books.period
        found = claims.reconcile(
            self.lines(lines),
            self.invoice_rows(rows),
            days(period.first_on),
            days(period.last_on),
            claim_tables.Allowances.of(self.books.settings),
        )
        return as_published(lines, rows, found)

    def lines(self, lines: Sequence[Line]) -> claim_tables.Lines:
        """Return lines in columns."""
        return claim_tables.Lines(
            person=ints(self.persons.index(line.person_id) for line in lines),
            provider=ints(self.providers[line.provider_id] for line in lines),
            service=ints(self.services[line.service] for line in lines),
            order=ints(self.orders.get(line.order_id, -1) for line in lines),
            visit=ints(self.visit_at.get(line.visit_id, -1) for line in lines),
            service_on=ints(days(line.service_on) for line in lines),
            outcome=marks(list(Outcome).index(line.outcome) for line in lines),
            planned_minutes=ints(or_none(line.planned_minutes) for line in lines),
            payable_minutes=ints(or_none(line.payable_minutes) for line in lines),
            amount_pence=longs(or_none(line.amount_pence) for line in lines),
            plan_pence=longs(or_none(self.books.planned(line)) for line in lines),
            held=marks(line.held for line in lines),
        )

    def invoice_rows(self, rows: Sequence[InvoiceRow]) -> claim_tables.Rows:
        """Return invoice rows in columns."""
        named = [self.books.part_of.get(row.visit_id, row.visit_id) for row in rows]
        owner = [self.person_of.get(visit_id) for visit_id in named]
        return claim_tables.Rows(
            person=ints(self.persons.index(row.person_id) for row in rows),
            provider=ints(self.providers.get(row.provider_id, -1) for row in rows),
            service=ints(self.services.get(row.service, -1) for row in rows),
            order=ints(place(row.order_id, self.orders) for row in rows),
            visit=ints(
                place(visit_id, self.visit_at if who == row.person_id else {})
                for row, visit_id, who in zip(rows, named, owner, strict=True)
            ),
            visit_id=ints(self.visit_ids[row.visit_id] for row in rows),
            named_elsewhere=marks(
                who is not None and who != row.person_id for row, who in zip(rows, owner, strict=True)
            ),
            from_on=ints(days(row.from_on) for row in rows),
            to_on=ints(days(row.to_on) for row in rows),
            minutes=ints(row.minutes for row in rows),
            pence=longs(row.amount_pence for row in rows),
            rank=longs(self.rank[row] for row in rows),
            invoice=ints(self.invoices[row.invoice_id] for row in rows),
            touched=marks(any(touches(order, row) for order in self.books.orders) for row in rows),
        )


def as_published(
    lines: Sequence[Line], rows: Sequence[InvoiceRow], found: claim_tables.Claims
) -> Reconciled:
    """Return what was found as records, in order of rows, groups and lines."""
    names = [f"{row.invoice_id}/{row.line_no}" for row in rows]
    judged = zip(rows, found.group, found.agreed_pence.tolist(), found.verdict, strict=True)
    listed = zip(found.named_by, found.causes, found.candidates, strict=True)
    return Reconciled(
        [
            InvoiceLine(
                *(row.invoice_id, row.line_no, names[group] if group >= 0 else "", row.minutes),
                *(row.amount_pence, agreed, row.amount_pence - agreed, list(Verdict)[verdict]),
            )
            for row, group, agreed, verdict in judged
        ],
        [
            ClaimGroup(
                group_id=names[row],
                claimed_minutes=int(found.claimed_minutes[number]),
                claimed_pence=int(found.claimed_pence[number]),
                expected_minutes=int(found.expected_minutes[number]),
                expected_pence=int(found.expected_pence[number]),
                due_pence=int(found.due_pence[number]),
                causes=named(Cause, causes),
                candidates=named(claim_tables.LISTED, beside),
            )
            for number, (row, causes, beside) in enumerate(listed)
        ],
        [
            Unclaimed(line.line_id, line.amount_pence)
            for line, covered in zip(lines, found.covered, strict=True)
            if line.amount_pence and not line.held and not covered
        ],
    )


def named(words: Iterable[Cause], pence: Longs) -> tuple[tuple[Cause, int], ...]:
    """Return what is not 0."""
    return tuple((word, p) for word, p in zip(words, pence.tolist(), strict=True) if p)


def days(day: date) -> int:
    return (day - EPOCH).days


def or_none(number: int | None) -> int:
    return NONE if number is None else number


def ints(numbers: Iterable[int]) -> Ints:
    return np.array(list(numbers), np.int32)


def longs(numbers: Iterable[int]) -> Longs:
    return np.array(list(numbers), np.int64)


def marks(numbers: Iterable[int]) -> Marks:
    return np.array(list(numbers), np.int8)


def place(text: str, places: Mapping[str, int]) -> int:
    return places.get(text, claim_tables.UNKNOWN) if text else claim_tables.NOT_GIVEN


def touches(order: OrderVersion, row: InvoiceRow) -> bool:
    ended = order.ends_on is not None and order.ends_on < row.from_on
    return order.care == row.care and order.starts_on <= row.to_on and not ended


def assert_columns_give(expected: Reconciled, rows: Sequence[InvoiceRow], books: Books) -> None:
    """Reconcile in columns, all persons at once and each alone."""
    chunks = Chunks(rows, books)
    many = len(chunks.persons)
    for sizes in ([many], [1] * many, [1, many]):
        assert chunks.reconciled(sizes) == expected


def test_columns_give_what_records_give_for_folders_drawn_by_chance() -> None:
    for seed in range(300):
        folder = folders.draw(Random(seed))
        with folders.written(folder) as path:
            inputs = inputs_of(path)
        period = Period(folder.first, folder.last)
        settlement = settle(inputs, period, silent)
        tariff = Tariff(inputs.contracts, inputs.rates, inputs.settings)
        plan = Plan(inputs.orders, moves(inputs.rota, inputs.orders)[0], inputs.suspensions)
        visits = attend(inputs, plan).visits
        part_of = {part: visit.visit_id for visit in visits for part in visit.parts}

        def planned(line: Line, tariff: Tariff = tariff) -> int | None:
            return planned_pence(line, tariff)

        books = Books(settlement.lines, inputs.orders, part_of, period, inputs.settings, planned)
        expected = Reconciled(settlement.invoice_lines, settlement.claim_groups, settlement.unclaimed)
        assert_columns_give(expected, inputs.invoices, books)


def a_line(number: int, day: int, **changes: object) -> Line:
    """Return a delivered line of 30 minutes for 1000 pence, so many days into the period."""
    line = Line(
        line_id=f"L{number}",
        provider_id="A",
        person_id="P1",
        order_id="O1",
        contract_id="C1",
        service="PC",
        slot=1,
        agreed_start=0,
        planned_start=0,
        planned_minutes=30,
        visit_id=f"V{number}",
        worker_id="W1",
        check_in=0,
        check_out=30,
        counted_minutes=30,
        start_deviation_minutes=0,
        outcome=Outcome.DELIVERED,
        payable_minutes=30,
        amount_pence=1000,
        held=False,
        reasons=(),
        service_on=FIRST + timedelta(days=day),
    )
    return replace(line, **changes)  # type: ignore[arg-type]


def a_row(number: int, day: int, length: int = 1, **changes: object) -> InvoiceRow:
    """Return an invoice row of 30 minutes for 1000 pence, from so many days into the period on."""
    begin = FIRST + timedelta(days=day)
    end = begin + timedelta(days=length - 1)
    row = InvoiceRow(
        number, "I1", number, "A", "P1", "PC", begin, end, 30, 1000, "", "", PERIOD.last_on
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def an_order(care: tuple[str, str, str], first: int, last: int | None) -> OrderVersion:
    person, provider, service = care
    ends = None if last is None else FIRST + timedelta(days=last)
    starts = FIRST + timedelta(days=first)
    return OrderVersion(
        1, "O1", person, provider, "C1", service, starts, ends, Basis.WEEKLY_HOURS, weekly_minutes=60
    )


def planned_price(line: Line) -> int | None:
    """Price planned minutes at so much a minute; what is planned for O2 has no price."""
    if line.planned_minutes is None or line.order_id == "O2":
        return None
    return line.planned_minutes * 100 // 3


def books_of(
    lines: Sequence[Line],
    orders: Sequence[OrderVersion] = (),
    part_of: Mapping[str, str] | None = None,
    council: Settings | None = None,
    planned: Planned = planned_price,
) -> Books:
    return Books(lines, orders, part_of or {}, PERIOD, council or Settings(), planned)


AWKWARD = tuple(
    Fraction(Decimal(percent))
    for percent in (
        *("0", "0", "0.1", "2.5", "12.345678901", "33.33333333333333333333333333", "100"),
        *("0.0000000000000000000000000001", "99.99999999999999999999999999", "66.6666666666666666667"),
    )
)


def a_council(rng: Random) -> Settings:
    return Settings(
        over_pence_per_line=rng.choice([0, 0, 1, 50]),
        over_percent=rng.choice(AWKWARD),
        under_pence_per_line=rng.choice([0, 1, 50]),
        under_percent=rng.choice(AWKWARD),
    )


def some_lines(rng: Random, count: int, span: int) -> list[Line]:
    """Draw lines in any order of days: every outcome, held or not, with and without a price."""
    lines = []
    strange = rng.choice([0, 0.3])
    for number in range(count):
        outcome = rng.choice(list(Outcome))
        planned = None if outcome is Outcome.UNPLANNED else rng.choice([15, 30, 30, 45, None])
        unpaid = rng.random() < 0.15
        minutes = rng.choice([0, 0, 15, 20, 30, 45])
        held = unpaid or rng.random() < 0.2
        line = a_line(number, rng.randrange(span), outcome=outcome, planned_minutes=planned, held=held)
        lines.append(
            replace(
                line,
                person_id=rng.choice(PERSONS[:2]),
                provider_id="B" if rng.random() < strange else "A",
                service="SIT" if rng.random() < strange else "PC",
                order_id=rng.choice(["O1", "O1", "O2", "O3", ""]),
                visit_id=rng.choice([line.visit_id, line.visit_id, ""]),
                payable_minutes=None if unpaid else minutes,
                amount_pence=None if unpaid else minutes * rng.choice([30, 33, 33]),
            )
        )
    return lines


def some_rows(rng: Random, lines: Sequence[Line], count: int, span: int) -> list[InvoiceRow]:
    """Draw rows near lines: by dates, order and visit; honest, free and negative; said again."""
    rows: list[InvoiceRow] = []
    longest, strange = rng.choice([1, 3, span]), rng.choice([0, 0.1])
    by_order, by_visit = rng.choice([0, 0.3]), rng.choice([0, 0.3, 0.9])
    for number in range(count):
        line = rng.choice(lines)
        other = rng.choice(lines) if rng.random() < strange else line
        day = days(line.service_on) - days(FIRST) - rng.choice([0, 0, 0, 1])
        minutes, pence = rng.choice([(30, 1000), (30, 1000), (15, 450), (15, 0), (-30, -700)])
        row = a_row(
            *(number, day, rng.randint(1, longest)),
            person_id="P3" if rng.random() < strange / 2 else other.person_id,
            provider_id="Z" if rng.random() < strange / 2 else other.provider_id,
            service=other.service,
            invoice_id=rng.choice(["I1", "I2", "I3"]),
            billed_on=PERIOD.last_on + timedelta(days=rng.choice([0, 0, 7])),
            order_id=rng.choice([line.order_id, line.order_id, "O9"])
            if rng.random() < by_order
            else "",
            minutes=minutes,
            amount_pence=pence,
        )
        if rng.random() < by_visit:
            row = replace(
                row, visit_id=rng.choice([line.visit_id] * 8 + ["V9999", "part", "other part"])
            )
        rows.append(row)
        while rng.random() < 0.3:
            again = replace(rng.choice(rows[-3:]), row=len(rows), line_no=1000 + len(rows))
            rows.append(replace(again, invoice_id=rng.choice(["I1", "I2", "I3", "I4"])))
    rng.shuffle(rows)
    return rows


def aimed(rng: Random, rows: Sequence[InvoiceRow], books: Books) -> list[InvoiceRow]:
    """Let most groups claim what is due, and some of the candidates, or some pence more or less."""
    covers = Covers(books.lines, books.part_of)
    covered = {row: covers.of(row) for row in rows}
    changed = list(rows)
    for one in group(rows, covered):
        listed = candidates(one.lines, books.planned)
        pence = one.expected_pence - one.claimed_pence + rng.choice([0, 0, 0, 0, -1, 37, -200])
        pence += sum(amount for _, amount in rng.sample(listed, rng.randint(0, len(listed))))
        minutes = sum(line.payable_minutes or 0 for line in one.payable)
        minutes += rng.choice([0, 15]) - sum(row.minutes for row in one.rows)
        row = rng.choice(one.rows)
        if rng.random() < 0.7 and row.amount_pence + pence >= 0:
            at = rows.index(row)
            more = {"minutes": row.minutes + minutes, "amount_pence": row.amount_pence + pence}
            changed[at] = replace(row, **more)  # type: ignore[arg-type]
    return changed


def crowded(seed: int) -> tuple[list[InvoiceRow], Books]:
    """Draw invoices and books where everything collides."""
    rng = Random(seed)
    span = rng.choice([2, 6, 17])
    lines = some_lines(rng, rng.choice([1, 5, 12, 40]), span)
    rows = some_rows(rng, lines, rng.choice([1, 4, 10, 30]), span)
    cares = [(p, a, s) for p in PERSONS for a in PROVIDERS for s in SERVICES]
    orders = [an_order(care, rng.randint(-3, 9), rng.choice([None, 5, 9])) for care in cares[::2]]
    visit_ids = [line.visit_id for line in lines if line.visit_id] or ["V0"]
    part_of = {"part": rng.choice(visit_ids), "other part": rng.choice(visit_ids)}
    books = books_of(lines, orders, part_of, a_council(rng))
    return aimed(rng, rows, books), books


def test_columns_give_what_records_give_where_everything_collides() -> None:
    verdicts: set[Verdict] = set()
    reached: set[tuple[Cause, ...]] = set()
    for seed in range(400):
        rows, books = crowded(seed)
        expected = reconcile(rows, books)
        assert_columns_give(expected, rows, books)
        verdicts |= {line.verdict for line in expected.invoice_lines}
        reached |= {tuple(cause for cause, _ in one.causes) for one in expected.claim_groups}
        reached |= {tuple(cause for cause, _ in one.candidates) for one in expected.claim_groups}
    assert verdicts == set(Verdict)
    assert {cause for causes in reached for cause in causes} == set(Cause)
    assert claim_tables.LISTED in reached
    assert {(Cause.REPEAT, Cause.RATE), (Cause.REPEAT, Cause.NOT_EXPLAINED)} <= reached


def renamed(seed: int) -> tuple[list[Line], list[InvoiceRow]]:
    """Draw crowded lines and rows of persons that no other seed has; some name others' visits."""
    rows, books = crowded(seed)
    lines = [
        replace(
            line,
            line_id=f"{seed} {line.line_id}",
            person_id=f"{seed} {line.person_id}",
            visit_id=f"{seed} {line.visit_id}" if line.visit_id else "",
        )
        for line in books.lines
    ]
    others = [
        replace(
            row,
            row=1000 * seed + number,
            invoice_id=f"{seed} {row.invoice_id}",
            person_id=f"{seed} {row.person_id}",
            visit_id=f"{seed - (number % 20 == 0)} {row.visit_id}" if row.visit_id else "",
        )
        for number, row in enumerate(rows)
    ]
    return lines, others


def test_thousands_of_lines_of_many_persons() -> None:
    drawn = [renamed(seed) for seed in range(300)]
    lines = [line for theirs, _ in drawn for line in theirs]
    rows = [row for _, theirs in drawn for row in theirs]
    books = books_of(lines, [an_order(("7 P1", "A", "PC"), 0, None)])
    assert_columns_give(reconcile(rows, books), rows, books)


def test_one_person_with_as_many_rows_as_lines() -> None:
    rng = Random(0)
    lines = [a_line(number, number % 14, order_id=f"O{number % 3}") for number in range(1500)]
    rows = [
        a_row(number, rng.randrange(14), rng.choice([1, 1, 1, 2]), invoice_id=f"I{number % 7}")
        for number in range(1500)
    ]
    named = [replace(row, visit_id=f"V{rng.randrange(1600)}") for row in rows]
    of_orders = [replace(row, order_id=f"O{rng.randrange(4)}") for row in rows]
    mixed = [rng.choice(three) for three in zip(rows, named, of_orders, strict=True)]
    books = books_of(lines)
    for some in (rows, named, of_orders, mixed):
        assert Chunks(some, books).reconciled([1]) == reconcile(some, books)


def test_a_person_with_very_many_rows_takes_no_longer_for_each() -> None:
    count, rng = 100_000, Random(0)
    zeros, none = ints([0] * count), ints([-1] * count)
    marked, places = marks([0] * count), ints(range(count))
    day = ints(sorted(rng.randrange(300) for _ in range(count)))
    end = ints(one + rng.randrange(3) for one in day.tolist())
    order = ints(rng.randrange(-1, 3) for _ in range(count))
    lines = claim_tables.Lines(
        *(zeros, zeros, zeros, order, places[::-1], day, marked, zeros + 30, zeros + 20),
        *(longs(range(count)), longs(range(count)), marked),
    )
    by_dates = claim_tables.Rows(
        *(zeros, zeros, zeros, none, none, none, marked, day, end, places % 40),
        *(longs(range(1, count + 1)), longs(rng.sample(range(count), count)), places, marked),
    )
    by_order = by_dates._replace(order=np.maximum(order, 0))
    by_visit = by_dates._replace(visit=places, visit_id=places)
    allowances = claim_tables.Allowances.of(Settings())
    claims.reconcile(lines, by_dates, 0, 400, allowances)  # compiles
    begun = process_time()
    for rows in (by_dates, by_order, by_visit):
        found = claims.reconcile(lines, rows, 0, 400, allowances)
        assert (found.causes.sum(axis=1) == found.claimed_pence - found.expected_pence).all()
        assert found.agreed_pence.sum() == found.due_pence.sum()
    assert process_time() - begun < 3


def test_log_ins_of_one_visit_are_not_the_same_scope() -> None:
    lines = [a_line(1, 0)]
    rows = [a_row(1, 0, visit_id="V1"), a_row(2, 0, visit_id="V1b", invoice_id="I2")]
    books = books_of(lines, part_of={"V1b": "V1"})
    expected = reconcile(rows, books)
    assert expected.claim_groups[0].causes == ((Cause.NOT_EXPLAINED, 1000),)
    assert_columns_give(expected, rows, books)


def test_a_named_visit_is_judged_here_whoever_had_it() -> None:
    lines = [a_line(1, 0), a_line(2, 0, person_id="P2"), a_line(3, 0, service="SIT")]
    far = FIRST + timedelta(days=90)
    rows = [
        replace(a_row(number, 0), from_on=far, to_on=far, visit_id=visit_id)
        for number, visit_id in enumerate(["V1", "V2", "V3", "V4", ""])
    ]
    books = books_of(lines)
    expected = reconcile(rows, books)
    assert [line.verdict for line in expected.invoice_lines] == [
        *(Verdict.AGREED, Verdict.NO_ORDER, Verdict.NO_ORDER),
        *(Verdict.OUTSIDE_PERIOD, Verdict.OUTSIDE_PERIOD),
    ]
    assert_columns_give(expected, rows, books)


def test_nothing_gives_nothing_and_lines_without_invoices_are_not_covered() -> None:
    lines = [a_line(number, number) for number in range(3)]
    for books in (books_of([]), books_of(lines)):
        assert_columns_give(reconcile([], books), [], books)


def test_rows_without_lines_stand_alone() -> None:
    rows = [a_row(1, 0), a_row(2, 0, person_id="P2"), a_row(3, 0, amount_pence=-5)]
    for books in (books_of([]), books_of([a_line(1, 0, person_id="P9")])):
        assert_columns_give(reconcile(rows, books), rows, books)


def test_numbers_may_come_wider_narrower_or_with_gaps() -> None:
    rows, books = crowded(7)
    rows.sort(key=lambda row: row.person_id)
    lines = sorted(books.lines, key=lambda line: line.person_id)
    chunks = Chunks(rows, books)
    one, other = chunks.lines(lines), chunks.invoice_rows(rows)
    narrow = one._replace(amount_pence=one.amount_pence.astype(np.int32))
    wide = other._replace(minutes=other.minutes.astype(np.int64), rank=np.repeat(other.rank, 2)[::2])
    period = days(PERIOD.first_on), days(PERIOD.last_on)
    allowed = claim_tables.Allowances.of(books.settings)
    before, after = (
        claims.reconcile(one, other, *period, allowed),
        claims.reconcile(narrow, wide, *period, allowed),
    )
    assert as_published(lines, rows, before) == as_published(lines, rows, after)


FEW = st.integers(-1, 3)


@given(st.tuples(FEW, FEW, FEW, FEW, FEW), st.integers(1, 9))
@settings(max_examples=200)
def test_the_fewest_candidates_are_named_and_among_equals_the_first(
    totals: tuple[int, int, int, int, int], more: int
) -> None:
    held, *others = totals
    outcomes = (Outcome.MISSED, Outcome.FRUSTRATED, Outcome.SUSPENDED, Outcome.DELIVERED)
    price = {f"L{number}": pence for number, pence in enumerate(others)}
    lines = [
        a_line(number, 0, outcome=outcome, payable_minutes=0, amount_pence=0)
        for number, outcome in enumerate(outcomes)
    ]
    lines.append(a_line(4, 0, held=True, amount_pence=held))
    rows = [a_row(1, 0, minutes=1, amount_pence=more)]
    books = books_of(lines, planned=lambda line: price.get(line.line_id))
    assert_columns_give(reconcile(rows, books), rows, books)


PENCE = st.integers(0, 10**9)
PERCENTS = st.one_of(
    st.fractions(0, 100),
    st.decimals(0, 100, places=25).map(Fraction),
    st.sampled_from(AWKWARD),
)


@given(st.lists(PENCE, min_size=1, max_size=4), PERCENTS, st.integers(-1, 1), st.sampled_from([0, 3]))
def test_an_allowance_holds_to_the_penny(
    amounts: list[int], percent: Fraction, beside: int, per_line: int
) -> None:
    lines = [a_line(number, 0, amount_pence=pence) for number, pence in enumerate(amounts)]
    most = sum(amounts) * percent // 100
    council = Settings(
        *(120, 10, 30, True, frozenset()),
        over_pence_per_line=per_line,
        over_percent=percent,
        under_pence_per_line=per_line,
        under_percent=percent,
    )
    books = books_of(lines, council=council)
    for difference in (most + beside, -most - beside, per_line * len(amounts) + beside):
        rows = [a_row(1, 0, amount_pence=max(sum(amounts) + difference, 0))]
        assert_columns_give(reconcile(rows, books), rows, books)


@given(st.fractions(0, 1), st.integers(1, 2**62))
def test_a_share_that_is_cut_to_63_bits_is_the_same_of_every_sum(share: Fraction, pence: int) -> None:
    long = share + Fraction(1, 3**90)
    council = Settings(over_percent=long * 100)
    cut = claim_tables.Allowances.of(council)
    assert cut.over_denominator <= 2**62
    assert pence * cut.over_numerator // cut.over_denominator == pence * long // 1


DAYS = st.integers(0, 15)
LINES = st.lists(
    st.builds(
        lambda day, pence, plan, **changes: a_line(
            *(0, day),
            amount_pence=pence,
            planned_minutes=plan,
            **changes,
        ),
        day=DAYS,
        pence=st.sampled_from([None, 0, 500, 1000]),
        plan=st.sampled_from([None, 15, 30, 45]),
        person_id=st.sampled_from(PERSONS),
        order_id=st.sampled_from(["", "O1", "O2"]),
        outcome=st.sampled_from(Outcome),
        payable_minutes=st.sampled_from([None, 0, 15, 30]),
        held=st.booleans(),
    ),
    max_size=8,
)
ROWS = st.lists(
    st.builds(
        a_row,
        number=st.just(0),
        day=DAYS,
        length=st.integers(1, 5),
        person_id=st.sampled_from(PERSONS),
        order_id=st.sampled_from(["", "", "O1", "O3"]),
        visit_id=st.sampled_from(["", "", "V0", "V1", "V2", "V99", "V1b"]),
        invoice_id=st.sampled_from(["I1", "I2", "I3"]),
        billed_on=st.sampled_from([PERIOD.first_on, PERIOD.last_on]),
        minutes=st.sampled_from([0, 15, 30, 45, 60]),
        amount_pence=st.sampled_from([-1500, -500, 0, 500, 1000, 1500, 2000, 3000]),
    ),
    max_size=8,
)


@given(LINES, ROWS)
@settings(max_examples=300)
def test_columns_give_what_records_give(lines: list[Line], rows: list[InvoiceRow]) -> None:
    lines = [
        replace(line, line_id=f"L{number}", visit_id=f"V{number}" if number % 4 else "")
        for number, line in enumerate(lines)
    ]
    rows = [replace(row, row=number, line_no=number) for number, row in enumerate(rows)]
    books = books_of(lines, [an_order(("P1", "A", "PC"), 2, 6)], {"V1b": "V1"})
    assert_columns_give(reconcile(rows, books), rows, books)

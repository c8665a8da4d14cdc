"""The council's own files: merged by key, refused whole where anything is wrong."""

from pathlib import Path

from carethread.audit.models import Entry
from carethread.councils.models import BookChange
from carethread.interchange.imports.words import Code
from carethread.orders.models import Order, OrderVersion, Suspension
from carethread.people.models import Person
from carethread.providers.models import Contract, ContractTerms, Provider, Rate, SettlementRules
from carethread.wall.scope import reading, scoped
from tests.books.imports import applied, checked, council, problems, written
from tests.databases import Books

ORDERS = (
    "order_id,person_id,provider_id,contract_id,service,starts_on,ends_on,basis,days,start_time,"
    "minutes,funding_source,council_share_percent\n"
)
FIRST = "O1,P1,A,LOT,PC,2026-04-06,,visits,1111111,08:00,30,joint,50\n"
ENDED = FIRST.replace("2026-04-06,,", "2026-04-06,2026-05-03,")
SECOND = "O1,P1,A,LOT,PC,2026-05-04,,visits,1111111,08:00,45,,\n"
RATES = "contract_id,service,from_on,day_type,amount_pence\n"


def test_a_new_version_ends_the_old_one(books: Books, tmp_path: Path) -> None:
    north = council()
    applied(north, written(tmp_path / "a", orders=ORDERS + FIRST))
    refused = checked(north, written(tmp_path / "b", orders=ORDERS + SECOND))
    assert refused.counts["orders"]["rejected"] == 1
    assert ("orders", 2, "starts_on", Code.DOES_NOT_FIT) in problems(refused)
    batch = applied(north, written(tmp_path / "c", orders=ORDERS + ENDED + SECOND))
    assert batch.counts["orders"] == {"new": 1, "changed": 1, "unchanged": 0, "rejected": 0}
    with scoped(reading(north.pk)):
        versions = list(OrderVersion.objects.order_by("starts_on").values_list("minutes", "ends_on"))
        assert [(minutes, str(end)) for minutes, end in versions] == [(30, "2026-05-03"), (45, "None")]
        order = Order.objects.get()
        assert (order.funding_source, order.council_share_percent) == ("joint", 50)
        assert not order.contract.is_stated
        change = BookChange.objects.order_by("number").last()
        assert change is not None
        assert (str(change.first_on), change.last_on) == ("2026-05-04", None)
        entries = Entry.objects.filter(action="order.changed", person_ref="P1")
        assert entries.count() == 2


def test_an_order_changes_as_a_whole_or_not(books: Books, tmp_path: Path) -> None:
    north = council()
    applied(north, written(tmp_path / "a", orders=ORDERS + ENDED + SECOND))
    part = checked(north, written(tmp_path / "b", orders=ORDERS + SECOND.replace("LOT", "NEW")))
    assert part.counts["orders"]["rejected"] == 1
    assert ("orders", 2, "contract_id", Code.DOES_NOT_FIT) in problems(part)
    both = ORDERS + (ENDED + SECOND).replace("LOT", "NEW")
    assert applied(north, written(tmp_path / "c", orders=both)).counts["orders"]["changed"] == 2
    with scoped(reading(north.pk)):
        assert Order.objects.get().contract.ref == "NEW"


def test_one_fault_refuses_the_whole_file(books: Books, tmp_path: Path) -> None:
    north = council()
    bad = FIRST.replace("O1", "O2").replace(",30,", ",zero,")
    batch = checked(north, written(tmp_path / "a", orders=ORDERS + FIRST + bad))
    assert batch.counts["orders"] == {"new": 0, "changed": 0, "unchanged": 0, "rejected": 2}
    assert ("orders", 3, "minutes", Code.UNREADABLE_ROW) in problems(batch)
    assert ("orders", None, "", Code.TABLE_REFUSED) in problems(batch)


def test_coding_is_one_per_order_and_silence_changes_nothing(books: Books, tmp_path: Path) -> None:
    north = council()
    applied(north, written(tmp_path / "a", orders=ORDERS + FIRST))
    silent = FIRST.replace("joint,50", ",")
    same = checked(north, written(tmp_path / "b", orders=ORDERS + silent))
    assert same.counts["orders"]["unchanged"] == 1, problems(same)
    nhs = applied(north, written(tmp_path / "c", orders=ORDERS + FIRST.replace("joint,50", "nhs,")))
    assert nhs.counts["orders"]["changed"] == 1
    assert nhs.first_on is None, "who pays changes no settlement"
    with scoped(reading(north.pk)):
        order = Order.objects.get()
        assert (order.funding_source, order.council_share_percent) == ("nhs", None)
    two = ORDERS + ENDED + SECOND.replace(",,\n", ",council,\n")
    apart = checked(north, written(tmp_path / "d", orders=two))
    assert ("orders", 3, "funding_source", Code.DOES_NOT_FIT) in problems(apart)


def test_suspensions_are_corrected_by_key(books: Books, tmp_path: Path) -> None:
    north = council()
    head = "person_id,order_id,from_on,from_time,to_on,reason\n"
    one = "P1,,2026-05-04,10:00,,hospital\n"
    applied(north, written(tmp_path / "a", orders=ORDERS + FIRST, suspensions=head + one))
    ended = one.replace("10:00,,", "11:00,2026-05-06,")
    batch = applied(north, written(tmp_path / "b", suspensions=head + ended))
    assert batch.counts["suspensions"] == {"new": 0, "changed": 1, "unchanged": 0, "rejected": 0}
    twice = head + ended + "P1,,2026-05-04,20:00,2026-05-07,hospital\n"
    again = applied(north, written(tmp_path / "c", suspensions=twice))
    assert again.counts["suspensions"] == {"new": 1, "changed": 0, "unchanged": 1, "rejected": 0}
    unknown = head + "P1,O9,2026-05-04,,,away\n"
    refused = checked(north, written(tmp_path / "d", suspensions=unknown))
    assert ("suspensions", 2, "order_id", Code.UNKNOWN_ORDER) in problems(refused)
    with scoped(reading(north.pk)):
        assert [one.from_minute for one in Suspension.objects.order_by("from_minute")] == [660, 1200]


def test_a_rate_card_is_replaced_whole(books: Books, tmp_path: Path) -> None:
    north = council()
    two = "LOT,PC,2026-04-06,any,2000\nLOT,PC,2026-04-06,sunday,2400\n"
    applied(north, written(tmp_path / "a", rates=RATES + two + "LOT,NIGHT,2026-04-06,any,1500\n"))
    swapped = RATES + "".join(reversed(two.splitlines(keepends=True)))
    assert checked(north, written(tmp_path / "b", rates=swapped)).counts["rates"]["unchanged"] == 2
    one = RATES + two.splitlines(keepends=True)[0]
    batch = applied(north, written(tmp_path / "c", rates=one))
    assert batch.counts["rates"] == {"new": 0, "changed": 1, "unchanged": 0, "rejected": 0}
    with scoped(reading(north.pk)):
        rates = Rate.objects.order_by("card__service").values_list("card__service", "amount_pence")
        assert list(rates) == [("NIGHT", 1500), ("PC", 2000)]


def test_terms_are_merged_by_contract_and_day(books: Books, tmp_path: Path) -> None:
    north = council()
    text = """
[match]
window_minutes = 90

[[contract]]
id = "LOT"

[[contract.terms]]
from = 2026-04-06
missed_percent = 12.5
"""
    first = applied(north, written(tmp_path / "a", contracts=text))
    assert first.counts["contracts"] == {"new": 3, "changed": 0, "unchanged": 0, "rejected": 0}
    later = text.replace("2026-04-06", "2026-06-01").replace("[match]\nwindow_minutes = 90", "")
    second = applied(north, written(tmp_path / "b", contracts=later))
    assert second.counts["contracts"] == {"new": 1, "changed": 0, "unchanged": 1, "rejected": 0}
    assert (str(second.first_on), second.last_on) == ("2026-06-01", None)
    with scoped(reading(north.pk)):
        assert SettlementRules.objects.get().window_minutes == 90
        assert Contract.objects.get().is_stated
        percents = ContractTerms.objects.values_list("missed_percent", "cancelled")
        assert list(percents) == [("12.5", [["24", "100"]])] * 2
    bad = checked(north, written(tmp_path / "c", contracts=text.replace("12.5", '"x"')))
    assert bad.status == "failed"
    assert ("contracts", 10, "missed_percent", Code.UNREADABLE_FILE) in problems(bad)


def test_people_and_providers_are_brought_up_to_date(books: Books, tmp_path: Path) -> None:
    north = council()
    people = "person_id,given_name,family_name,born_on,nhs_number\n"
    ada = "P1,Ada,Byron,1940-12-10,943 476 5919\n"
    providers = "provider_id,name\nA,Alpha Care\n"
    applied(north, written(tmp_path / "a", people=people + ada, providers=providers))
    batch = applied(north, written(tmp_path / "b", people=people + "P1,Ada,King,,\nP2,,,,\n"))
    assert batch.counts["people"] == {"new": 1, "changed": 1, "unchanged": 0, "rejected": 0}
    with scoped(reading(north.pk)):
        one = Person.objects.get(ref="P1")
        assert (one.family_name, str(one.born_on), one.nhs_number) == (
            "King",
            "1940-12-10",
            "9434765919",
        )
        assert Provider.objects.get().name == "Alpha Care"
        assert Entry.objects.filter(action="person.changed", person_ref="P1").count() == 1
        assert BookChange.objects.count() == 0, "who somebody is changes no settlement"
    wrong = people + ada.replace("5919", "5918") + "P3,X,Y,1950-01-01,\n"
    assert checked(north, written(tmp_path / "c", people=wrong)).counts["people"]["rejected"] == 2


def test_a_rota_moves_orders_that_are_there(books: Books, tmp_path: Path) -> None:
    north = council()
    head = "order_id,planned_start\n"
    rows = "O1,2026-05-04T09:00\nO1,2026-05-05T09:00\nO1,2026-05-05T10:00\nO9,2026-05-05T10:00\n"
    folder = written(tmp_path / "a", orders=ORDERS + FIRST, planned=head + rows)
    first = applied(north, folder)
    assert first.counts["planned"] == {"new": 1, "changed": 0, "unchanged": 0, "rejected": 3}
    assert ("planned", 3, "planned_start", Code.SAID_TWICE) in problems(first)
    assert ("planned", 5, "order_id", Code.UNKNOWN_ORDER) in problems(first)
    moved = head + "O1,2026-05-04T09:30\n"
    second = applied(north, written(tmp_path / "b", planned=moved))
    assert second.counts["planned"]["changed"] == 1
    assert checked(north, written(tmp_path / "c", planned=moved)).counts["planned"]["unchanged"] == 1


def test_invoice_lines_are_by_number(books: Books, tmp_path: Path) -> None:
    north = council()
    head = "invoice_id,line_no,provider_id,person_id,service,from_on,to_on,minutes,amount_pence,"
    head += "billed_at\n"
    one = "I1,1,A,P1,PC,2026-05-04,2026-05-10,60,2000,2026-05-11\n"
    applied(north, written(tmp_path / "a", invoices=head + one))
    other = one.replace("2000", "1900")
    batch = applied(north, written(tmp_path / "b", invoices=head + other))
    assert batch.counts["invoices"]["changed"] == 1
    assert (str(batch.first_on), str(batch.last_on)) == ("2026-05-04", "2026-05-10")
    assert checked(north, written(tmp_path / "c", invoices=head + other)).counts["invoices"][
        "unchanged"
    ]
    taken = checked(north, written(tmp_path / "d", invoices=head + one.replace(",A,", ",B,")))
    assert ("invoices", 2, "invoice_id", Code.ID_TAKEN) in problems(taken)
    twice = checked(north, written(tmp_path / "e", invoices=head + one + other))
    assert twice.counts["invoices"]["rejected"] == 2

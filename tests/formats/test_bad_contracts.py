"""`contracts.toml` with mistakes: each is a fault on its own line, and says what may stand there."""

from pathlib import Path

import pytest

from carethread.cli import main
from tests.formats.breaking import GOOD_LINES, PERIOD, encode, faults, paid, run, swap

GOOD = """\
# The council's contracts

[match]
window_minutes = 120

[[contract]]
id = "C"

[[contract.terms]]
from = 2026-04-06
pay_basis = "planned"
"""
"""Eleven lines."""
SECOND = """
[[contract]]
id = "D"  # line 14

[[contract.terms]]
from = 2026-04-06

[[contract.terms]]
from = 2026-05-06
"""
"""As it follows GOOD: lines 12 to 20."""
Fault = tuple[int | None, str, str]


def write(folder: Path, text: str) -> None:
    (folder / "contracts.toml").write_bytes(text.encode())


def said(folder: Path) -> list[Fault]:
    found = faults(folder)
    assert {fault.file for fault in found} <= {"contracts.toml"}
    return [(fault.row, fault.column, fault.message) for fault in found]


def test_the_folder_without_a_mistake_is_good(folder: Path) -> None:
    write(folder, GOOD + SECOND)
    assert paid(run(folder)) == GOOD_LINES


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("window_minutes = 0", "is 0, but must be between 1 and 720"),
        ("window_minutes = 721", "is 721, but must be between 1 and 720"),
        ("window_minutes = -5", "is -5, but must be between 1 and 720"),
        ('window_minutes = "120"', "must be a whole number, without quotes or decimals"),
        ("window_minutes = 120.0", "must be a whole number, without quotes or decimals"),
        ("window_minutes = true", "must be a whole number, without quotes or decimals"),
        ("join_gap_minutes = 1441", "is 1441, but must be between 0 and 1440"),
        ("time_critical_minutes = [30]", "must be a whole number, without quotes or decimals"),
        ("window_minute = 120", "is not known here; known are window_minutes, join_gap_minutes"),
    ],
)
def test_a_setting_of_match(folder: Path, setting: str, says: str) -> None:
    write(folder, GOOD.replace("window_minutes = 120", setting))
    ((row, key, message),) = said(folder)
    assert (row, key) == (4, setting.split(" ", maxsplit=1)[0])
    assert says in message


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ('region = "SCT"', "is 'SCT'; only ENG is known"),
        ('extra = ["2026-05-04"]', "must be a date without quotes, like 2026-04-06"),
        ("extra = 2026-05-04", "must be a list, in square brackets"),
        ("extra = [2026-05-04T08:00:00]", "must be a date without quotes, like 2026-04-06"),
        ("extra = [0026-05-04]", "outside the years 1900 to 2200"),
        ('none = "yes"', "must be true or false, without quotes"),
        ("substitute = true", "is not known here; known are region, extra, none"),
    ],
)
def test_a_setting_of_holidays(folder: Path, setting: str, says: str) -> None:
    write(folder, f"[holidays]\n{setting}\n{GOOD}")
    ((row, key, message),) = said(folder)
    assert (row, key) == (2, setting.split(" ", maxsplit=1)[0])
    assert says in message


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("over_percent = 100.5", "must be between 0 and 100"),
        ("over_percent = nan", "must be a number"),
        ("under_percent = -0.1", "must be between 0 and 100"),
        ('under_percent = "2"', "must be a number, without quotes"),
        ("over_pence_per_line = 0.5", "must be a whole number, without quotes or decimals"),
        ("over_pence = 1", "is not known here; known are over_pence_per_line, over_percent"),
    ],
)
def test_a_setting_of_invoice(folder: Path, setting: str, says: str) -> None:
    write(folder, f"{GOOD}\n[invoice]\n{setting}\n")
    ((row, key, message),) = said(folder)
    assert (row, key) == (14, setting.split(" ", maxsplit=1)[0])
    assert says in message


@pytest.mark.parametrize(
    ("term", "says"),
    [
        ('cap = "plan"', "is 'plan', not one of planned, none"),
        ('cap = "Planned"', "is 'Planned', not one of planned, none"),
        ("cap = 30", "is 30, not one of planned, none"),
        ('round = "half"', "not one of nearest, up, down"),
        ("round_to_minutes = 0", "is 0, but must be between 1 and 1440"),
        ("tolerance_minutes = -1", "is -1, but must be between 0 and"),
        ("missed_percent = 101", "is 101, but must be between 0 and 100"),
        ('suspended_percent = "40"', "must be a number, without quotes"),
        ("retainer_days = 1.5", "must be a whole number, without quotes or decimals"),
        ("bands = [[30, 30], [15, 15]]", "must rise, but [15, 15] follows [30, 30]"),
        ("bands = [[15, 15], [15, 30]]", "must rise, but [15, 30] follows [15, 15]"),
        ("bands = [15, 30]", "must hold pairs, like [[15, 15], [34, 30]]"),
        ("bands = [[15, 15, 15]]", "must hold pairs, like [[15, 15], [34, 30]]"),
        ("cancelled = [[24, 100], [24, 50]]", "has two rows for one number of hours"),
        ("cancelled = [[24, 101]]", "is 101, but must be between 0 and 100"),
        ("cancelled = 24", "must be a list, in square brackets"),
        ('hold_on = ["late"]', "is 'late', not one of late_time_critical, same_worker"),
        ('hold_on = ["no_rate"]', "is 'no_rate', not one of late_time_critical, same_worker"),
        ('hold_on = "same_worker"', "must be a list, in square brackets"),
        ("minimum = 10", "is not known here; known are from, pay_basis, tolerance_minutes"),
    ],
)
def test_a_term(folder: Path, term: str, says: str) -> None:
    write(folder, f"{GOOD}{term}\n{SECOND}")
    ((row, key, message),) = said(folder)
    assert (row, key) == (12, term.split(" ", maxsplit=1)[0])
    assert says in message


@pytest.mark.parametrize(
    ("old", "new", "row", "key", "says"),
    [
        ('id = "D"', 'id = "C"', 14, "id", "C is there twice"),
        ('id = "D"', 'id = ""', 14, "id", "must be text in quotes, and not empty"),
        ('id = "D"', "id = 4", 14, "id", "must be text in quotes, and not empty"),
        ('id = "D"', 'name = "D"', 13, "id", "is missing: a contract needs its id"),
        ("from = 2026-05-06", "from = 2026-04-06", 20, "from", "2026-04-06 begins two terms"),
        ("from = 2026-05-06", 'from = "2026-05-06"', 20, "from", "must be a date without quotes"),
        ("from = 2026-05-06", "pool = 'week'", 19, "from", "is missing: terms need the date"),
        ("[[contract]]", "[[contracts]]", 13, "contracts", "is not known here; known are contract"),
        ("[[contract.terms]]", "[[contract.term]]", 16, "term", "is not known here"),
        ("[[contract.terms]]", "[[contract.term]]", 16, "term", "terms"),
        ("[[contract.terms]]", "[contract.terms]", 16, "terms", "each written [[contract.terms]]"),
    ],
)
def test_a_second_contract(folder: Path, old: str, new: str, row: int, key: str, says: str) -> None:
    second = SECOND.replace(old, new, 1)
    if old == "[[contract.terms]]":
        second = second.split("\n[[contract.terms]]\n")[0]
    write(folder, GOOD + second)
    told = [one for one in said(folder) if one[1] == key]
    assert [(where, name) for where, name, _ in told] == [(row, key)]
    assert says in told[0][2]


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("match = 5\n", "match", "must be a table, written [match]"),
        ("[[invoice]]\n", "invoice", "must be a table, written [invoice]"),
        ('[contract]\nid = "C"\n', "contract", "must be a list of tables, each written [[contract]]"),
        ("contract = []\nterms = 1\n", "terms", "is not known here; known are contract, holidays"),
        ("[matching]\n", "matching", "is not known here; known are contract, holidays, invoice, match"),
    ],
)
def test_a_table_of_the_wrong_kind(folder: Path, text: str, key: str, says: str) -> None:
    write(folder, f"# first\n{text}")
    ((row, name, message),) = said(folder)
    assert (row, name) == (2 if "terms" not in text else 3, key)
    assert says in message


def test_every_fault_is_listed_with_its_own_line(folder: Path) -> None:
    text = GOOD.replace("= 120", "= 0").replace('"planned"', '"plan"')
    text += SECOND.replace("2026-05-06", "2026-04-06\npool = 'day'\nround = 5")
    write(folder, text)
    assert [(row, key) for row, key, _ in said(folder)] == [
        (4, "window_minutes"),
        (11, "pay_basis"),
        (20, "from"),
        (21, "pool"),
        (22, "round"),
    ]


BEFORE = {
    "a blank line": "\n",
    "a list over several lines": "cancelled = [\n  [24, 100],\n  [48, 50],\n]\n",
    "bands over several lines": "bands = [[15, 15],\n         [34, 30]]\n",
    "dates over several lines": "hold_on = [\n  'same_worker',  # from = here\n]\n",
    "a comment that looks like a key": "# cap = 'plan'\n#[[contract]]\n",
    "a comment with a line separator": "# pasted\u2028from a letter\n",
    "a comment with a next-line mark": "# pasted\x85from a letter\n",
    "a quoted key": '"pool" = "week"\n',
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE.keys())
def test_what_stands_before_a_mistake_does_not_shift_its_line(
    folder: Path, before: str, ends: str
) -> None:
    text = GOOD + before + 'cap = "plan"\n'
    line = text.split("\n").index('cap = "plan"') + 1
    write(folder, text.replace("\n", ends))
    assert [(row, key) for row, key, _ in said(folder)] == [(line, "cap")]


OTHERWISE = {
    "a dotted key": ("# one line\nmatch.window_minutes = 0\n", 2, "window_minutes"),
    "an inline table": ("# one line\nmatch = { window_minutes = 0 }\n", 2, "window_minutes"),
    "inline terms": (
        '[[contract]]\nid = "C"\nterms = [{ from = 2026-04-06, cap = "x" }]\n',
        *(3, "cap"),
    ),
    "inline contracts": ('contract = [\n  { id = "C" },\n  { id = "C" },\n]\n', 3, "id"),
}


@pytest.mark.parametrize(("text", "row", "key"), OTHERWISE.values(), ids=OTHERWISE.keys())
def test_mistakes_in_other_ways_to_write_toml_have_a_line(
    folder: Path, text: str, row: int, key: str
) -> None:
    """The line of the key, or at least of the table it stands in."""
    write(folder, text)
    ((where, name, _),) = said(folder)
    assert name == key
    assert where is not None
    assert 1 <= where <= row


@pytest.mark.parametrize(
    ("old", "new", "row"),
    [
        ("[match]", "[match", 3),
        ("window_minutes = 120", "window_minutes = ", 4),
        ("window_minutes = 120", "window_minutes = 120\nwindow_minutes = 60", 5),
        ('id = "C"', "id = C", 7),
        ('id = "C"', 'id = "C', 7),
        ("from = 2026-04-06", "from = 2026-02-31", 10),
        ("from = 2026-04-06", "from = 6 April 2026", 10),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_what_is_no_toml_is_named_with_its_line(
    folder: Path, old: str, new: str, row: int, ends: str
) -> None:
    write(folder, GOOD.replace(old, new).replace("\n", ends))
    ((where, _, message),) = said(folder)
    assert where == row
    assert message.startswith("the file is not valid TOML: ")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le"])
def test_another_encoding_is_named_and_the_cure_said(folder: Path, encoding: str) -> None:
    swap(folder, "contracts.toml", 'id = "C"', 'id = "C"  # the café')
    encode(folder, "contracts.toml", encoding)
    ((_, _, message),) = said(folder)
    assert "UTF-8" in message
    assert "save it as UTF-8" in message


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_byte_order_mark_is_read_over(folder: Path, ends: str) -> None:
    write(folder, "\ufeff" + GOOD.replace("\n", ends))
    assert paid(run(folder)) == GOOD_LINES
    write(folder, "\ufeff" + GOOD.replace('"planned"', '"plan"').replace("\n", ends))
    assert [(row, key) for row, key, _ in said(folder)] == [(11, "pay_basis")]


def test_settle_says_file_line_and_key(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, GOOD.replace("window_minutes = 120", "window_minutes = 721"))
    out = folder.with_name("out")
    assert main(["settle", str(folder), *PERIOD, "--out", str(out), "--quiet"]) == 2
    first, *_ = capsys.readouterr().err.splitlines()
    assert first == "contracts.toml line 4, window_minutes: is 721, but must be between 1 and 720"
    assert not out.exists()

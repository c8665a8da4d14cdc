"""A zip of a folder is unpacked, or refused for what it would do."""

import zipfile
from pathlib import Path

import pytest

from carethread.formats.settlement.read import read
from carethread.formats.sheets import zips
from carethread.formats.sheets.receive import receive
from tests.engines import silent
from tests.formats.breaking import CASE
from tests.formats.sheets.test_workbooks import workbook


def zipped(folder: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / "sent.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return folder / "sent.zip"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.mark.parametrize("inside", ["", "council/"])
def test_a_zip_of_a_folder_is_that_folder(tmp_path: Path, out: Path, inside: str) -> None:
    members = {f"{inside}{path.name}": path.read_bytes() for path in CASE.iterdir() if path.is_file()}
    members |= {"__MACOSX/._orders.csv": b"x", f"{inside}.DS_Store": b"x", f"{inside}._a": b"x"}
    assert receive(zipped(tmp_path, members), out) == []
    reading, there = read(out, silent), read(CASE, silent)
    assert (reading.faults, reading.inputs, reading.rows) == (there.faults, there.inputs, there.rows)


@pytest.mark.parametrize(
    ("name", "say"),
    [
        ("../orders.csv", "'../orders.csv' would be written outside the folder"),
        ("a/../../orders.csv", "would be written outside the folder"),
        ("/etc/orders.csv", "would be written outside the folder"),
        ("a/b/orders.csv", "'a/b/orders.csv' lies deeper than one folder"),
        ("..\\orders.csv", "has a name with signs that no file name needs"),
        ("C:orders.csv", "has a name with signs that no file name needs"),
        ("orders\n.csv", "has a name with signs that no file name needs"),
        ("inner.zip", "is a zip inside the zip"),
    ],
)
def test_names_that_lead_astray_are_refused(tmp_path: Path, out: Path, name: str, say: str) -> None:
    faults = receive(zipped(tmp_path, {"visits.csv": b"x", name: b"x"}), out)
    assert any(say in fault.message for fault in faults)
    assert {fault.file for fault in faults} == {"sent.zip"}
    assert list(tmp_path.rglob("*.csv")) == []


def test_two_folders_and_two_of_a_name_are_refused(tmp_path: Path, out: Path) -> None:
    faults = receive(zipped(tmp_path, {"a/orders.csv": b"x", "b/Orders.csv": b"x"}), out)
    assert [fault.message for fault in faults] == [
        "the zip has files in more than one folder; send one folder's",
        "'orders.csv' is in the zip twice",
    ]


def test_an_empty_zip_is_refused(tmp_path: Path, out: Path) -> None:
    (fault,) = receive(zipped(tmp_path, {}), out)
    assert fault.message == "the zip is empty"


def test_a_link_is_refused(tmp_path: Path, out: Path) -> None:
    info = zipfile.ZipInfo("orders.csv")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "sent.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    (fault,) = receive(tmp_path / "sent.zip", out)
    assert fault.message == "'orders.csv' is a link, not a file"


def test_a_password_is_refused(tmp_path: Path, out: Path) -> None:
    content = bytearray(zipped(tmp_path, {"orders.csv": b"x"}).read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    (tmp_path / "sent.zip").write_bytes(content)
    (fault,) = receive(tmp_path / "sent.zip", out)
    assert fault.message == "the zip has a password; send it without one, over a safe channel"


def test_what_would_grow_too_large_is_refused(tmp_path: Path, out: Path) -> None:
    bomb = zipped(tmp_path, {"orders.csv": b"0" * (51 * 2**20)})
    (fault,) = zips.unpack(bomb, out)
    assert fault.message.startswith("the zip unpacks to over 200 times its size")
    (fault, _) = zips.unpack(bomb, out, zips.Limits(unpacked_mib=50))
    assert fault.message == "the zip unpacks to 51 MiB; at most 50 MiB are taken"
    many = zipped(tmp_path, {f"{n}.csv": b"" for n in range(11)})
    (fault,) = zips.unpack(many, out, zips.Limits(members=10))
    assert fault.message == "the zip has 11 members; at most 10 are taken"
    assert list(out.iterdir()) == []


def test_a_size_that_lies_is_found_out_and_nothing_is_left(tmp_path: Path, out: Path) -> None:
    source = zipped(tmp_path, {"a.csv": b"good", "orders.csv": b"0" * 100_000})
    content = bytearray(source.read_bytes())
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = (10).to_bytes(4, "little")
    source.write_bytes(content)
    (fault,) = receive(source, out)
    assert "the file cannot be read as a zip: Bad CRC-32" in fault.message
    assert list(out.iterdir()) == []
    (fault,) = zips.check(source, zips.LIMITS)
    assert "Bad CRC-32" in fault.message


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path, out: Path) -> None:
    (out / "orders.csv").write_text("mine")
    (fault,) = receive(zipped(tmp_path, {"orders.csv": b"theirs"}), out)
    assert fault.message == "orders.csv is there already"
    assert (out / "orders.csv").read_text() == "mine"


def test_a_workbook_in_a_zip_becomes_its_table(tmp_path: Path, out: Path) -> None:
    content = workbook(tmp_path / "orders.xlsx", {"S": {1: ["order_id"]}}).read_bytes()
    assert receive(zipped(tmp_path, {"orders.xlsx": content}), out) == []
    assert [path.name for path in out.iterdir()] == ["orders.csv"]


def test_a_workbook_beside_its_csv_is_refused(tmp_path: Path, out: Path) -> None:
    content = workbook(tmp_path / "orders.xlsx", {"S": {1: ["order_id"]}}).read_bytes()
    (fault,) = receive(zipped(tmp_path, {"orders.xlsx": content, "orders.csv": b"x"}), out)
    assert fault.message == "orders.xlsx and orders.csv are both there; send one"


def test_a_bomb_that_calls_itself_a_workbook_is_refused(tmp_path: Path, out: Path) -> None:
    source = zipped(tmp_path, {"xl/workbook.xml": b"0" * (51 * 2**20)})
    (fault,) = receive(source, out)
    assert "200 times its size" in fault.message


def test_a_zip_that_only_looks_like_a_workbook_is_a_fault(tmp_path: Path, out: Path) -> None:
    (fault,) = receive(zipped(tmp_path, {"xl/workbook.xml": b"<no"}), out)
    assert "the file cannot be read as a workbook" in fault.message


@pytest.mark.parametrize(
    ("name", "say"),
    [("xl/workbook.bin", "an .xlsb workbook"), ("content.xml", "an OpenDocument sheet")],
)
def test_other_sheets_are_named(tmp_path: Path, out: Path, name: str, say: str) -> None:
    (fault,) = receive(zipped(tmp_path, {name: b"x"}), out)
    assert fault.message == f"the file is {say}; save it as .xlsx or CSV"

"""The compiled engine gives what the reference gives, to the byte, whatever the folder."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carethread.batch.local import settle_tables
from carethread.cli import main
from carethread.engine.columns import run as columns
from carethread.engine.columns.build import NeedsReference
from carethread.engine.columns.given import tables_of
from carethread.engine.columns.tariff import CannotBeTabled
from carethread.engine.records import Inputs, Period
from carethread.engine.reference.pipeline import settle
from carethread.engine.reference.tables import digest
from carethread.formats.settlement.read_tables import read_tables
from carethread.formats.settlement.write import write
from tests.engines import inputs_of, silent
from tests.factories import folders

SEEDS = st.integers(0, 2**32)
WIDTHS = st.sampled_from((1, 60, columns.CHUNK))
"""How many visits are settled at once: a person at a time, some, all."""


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def is_equal(path: Path, inputs: Inputs, period: Period, form: str) -> None:
    """Settle with both engines; hold their files and figures equal."""
    with TemporaryDirectory() as name:
        plain, fast = Path(name, "plain"), Path(name, "fast")
        plain.mkdir()
        fast.mkdir()
        settlement = settle(inputs, period, silent)
        write(settlement, plain, form, silent)
        figures = settle_tables(read_tables(path, silent).tables, period, fast, form, silent)
        assert files_of(fast) == files_of(plain)
        assert figures == digest(settlement, inputs.visits)


@given(SEEDS, WIDTHS, st.sampled_from(("csv", "parquet")))
def test_all_files_are_equal(seed: int, width: int, form: str) -> None:
    folder = folders.draw(Random(seed))
    with folders.written(folder) as path, pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "CHUNK", width)
        is_equal(path, inputs_of(path), Period(folder.first, folder.last), form)


def test_it_would_be_noticed_if_they_were_not() -> None:
    folder = folders.draw(Random(3))
    with folders.written(folder) as path:
        inputs = inputs_of(path)
        other = replace(inputs.settings, window_minutes=1)
        with pytest.raises(AssertionError):
            is_equal(path, replace(inputs, settings=other), Period(folder.first, folder.last), "csv")


def test_records_can_be_settled_as_columns() -> None:
    folder = folders.draw(Random(5))
    with folders.written(folder) as path:
        inputs, period = inputs_of(path), Period(folder.first, folder.last)
        read = read_tables(path, silent).tables
    with TemporaryDirectory() as name:
        made = []
        for place, tables in enumerate((tables_of(inputs), read)):
            out = Path(name, str(place))
            out.mkdir()
            settle_tables(tables, period, out, "csv", silent)
            made.append(files_of(out))
    assert made[0] == made[1]


@pytest.mark.parametrize("order_id", ["O|1", "visit"])
def test_order_ids_that_make_line_ids_alike_are_left_to_the_reference(order_id: str) -> None:
    folder = folders.draw(Random(7))
    for table in ("orders", "planned", "suspensions", "invoices"):
        for row in folder.tables[table]:
            if row.get("order_id") == "O0":
                row["order_id"] = order_id
    with folders.written(folder) as path:
        tables, inputs = read_tables(path, silent).tables, inputs_of(path)
        period = Period(folder.first, folder.last)
        with pytest.raises(NeedsReference):
            columns.Run(tables, period)
        made = []
        for engine in ("columns", "reference"):
            out = path / engine
            dates = ["--from", str(folder.first), "--to", str(folder.last)]
            assert main(["settle", str(path), *dates, "--out", str(out), "--engine", engine]) == 0
            made.append(files_of(out))
    assert made[0] == made[1]
    assert any(order.order_id == order_id for order in inputs.orders)


def test_percents_too_fine_for_whole_numbers_are_left_to_the_reference() -> None:
    folder = folders.draw(Random(9))
    with folders.written(folder) as path:
        inputs = inputs_of(path)
    fine = [
        replace(
            contract,
            terms=tuple(replace(one, missed_percent=Fraction(1, 10**9)) for one in contract.terms),
        )
        for contract in inputs.contracts
    ]
    with pytest.raises(CannotBeTabled):
        columns.Run(tables_of(replace(inputs, contracts=fine)), Period(folder.first, folder.last))


@pytest.mark.slow
def test_a_month_of_a_council_is_equal_to_the_byte(tmp_path: Path) -> None:
    folder = tmp_path / "council"
    synth = ["synth", str(folder), "--people", "2200", "--weeks", "4", "--seed", "11"]
    assert main([*synth, "--format", "parquet", "--quiet"]) == 0
    made = {}
    for engine in ("columns", "reference"):
        out = tmp_path / engine
        period = ["--from", "2026-05-04", "--to", "2026-05-31"]
        settled = ["settle", str(folder), *period, "--out", str(out), "--engine", engine, "--quiet"]
        assert main(settled) == 0
        made[engine] = files_of(out)
    assert made["columns"] == made["reference"]

"""What is written of contracts is read back the same."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random

from carethread.engine.records import Contract, Settings, Terms
from carethread.engine.words import DoubleUp, Kind, Pool
from carethread.formats.settlement.contracts import read_contracts
from carethread.formats.settlement.write_contracts import write_contracts
from carethread.synth.council import CONTRACTS_TOML
from tests.factories.folders import contracts as drawn

ODD = (
    Contract('LOT "1"', (Terms(date(2026, 1, 1)),)),
    Contract("a\\b\n\x7f[c] žluťoučký 'd'"),
    Contract(
        "LOT 3",
        (
            Terms(
                date(2026, 1, 1),
                bands=((15, 15), (34, 30)),
                cancelled=((Fraction("0.25"), Fraction("12.5")), (Fraction(48), Fraction(100))),
                hold_on=frozenset({Kind.SHORT_TEAM}),
                pool=Pool.MONTH,
                double_up=DoubleUp.OVERLAP,
                missed_percent=Fraction("0.000000000000000000000000000001"),
            ),
            Terms(date(2026, 5, 1), cancelled=(), hold_on=frozenset()),
        ),
    ),
)
SETTINGS = Settings(
    window_minutes=45,
    region_holidays=False,
    extra_holidays=frozenset({date(2026, 5, 4), date(2026, 1, 2)}),
    under_percent=Fraction("2.5"),
)


def both(contracts: tuple[Contract, ...], settings: Settings, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    write_contracts(contracts, settings, folder)
    again = read_contracts(folder)
    assert not again.faults
    assert tuple(again.contracts) == contracts
    assert again.settings == settings


def test_odd_contracts_and_settings_come_back(tmp_path: Path) -> None:
    both(ODD, SETTINGS, tmp_path)
    both((), Settings(), tmp_path)
    both((ODD[0],), replace(SETTINGS, region_holidays=True), tmp_path)


def test_drawn_and_invented_contracts_come_back(tmp_path: Path) -> None:
    rng = Random(4)
    for text in [CONTRACTS_TOML, *(drawn(rng, date(2026, 5, 11)) for _ in range(40))]:
        (tmp_path / "contracts.toml").write_text(text)
        read = read_contracts(tmp_path)
        assert not read.faults
        both(tuple(read.contracts), read.settings, tmp_path / "again")

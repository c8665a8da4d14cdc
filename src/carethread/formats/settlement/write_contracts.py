"""`contracts.toml` written: what `contracts.read_contracts` reads back the same.

Source: settlement §2.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

from carethread.engine.records import Contract, Settings, Terms
from carethread.formats.settlement.contracts import FILE, INVOICE, MATCH

_DELETE = "\x7f"
"""The one control character that JSON lets stand in a text and TOML does not."""


def write_contracts(contracts: Iterable[Contract], settings: Settings, folder: Path) -> None:
    """Write a council's terms and settings into a folder."""
    text = "\n".join([*_settings(settings), *_contracts(contracts)]) + "\n"
    (folder / FILE).write_text(text, encoding="utf-8")


def _settings(settings: Settings) -> Iterator[str]:
    yield "[match]"
    yield from (f"{name} = {_value(getattr(settings, name))}" for name in MATCH)
    yield "\n[holidays]"
    yield f"none = {_value(not settings.region_holidays)}"
    yield f"extra = {_value(sorted(settings.extra_holidays))}"
    yield "\n[invoice]"
    yield from (f"{name} = {_value(getattr(settings, name))}" for name in INVOICE)


def _contracts(contracts: Iterable[Contract]) -> Iterator[str]:
    for contract in contracts:
        yield f"\n[[contract]]\nid = {_value(contract.contract_id)}"
        for terms in contract.terms:
            yield "\n[[contract.terms]]"
            yield from _terms(terms)


def _terms(terms: Terms) -> Iterator[str]:
    for field in fields(terms):
        key = "from" if field.name == "from_on" else field.name
        yield f"{key} = {_value(getattr(terms, field.name))}"


def _value(value: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value.value if isinstance(value, Enum) else value)
    if isinstance(value, Fraction):
        return number(value)
    if isinstance(value, frozenset):
        return _value(sorted(value))
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return str(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace(_DELETE, "\\u007f")


def number(amount: Fraction) -> str:
    """Return a number exactly, as decimals: files and books hold no other.

    >>> number(Fraction(25, 2)), number(Fraction(100)), number(Fraction(1, 8))
    ('12.5', '100', '0.125')
    """
    places = 0
    while (amount * 10**places).denominator != 1:
        places += 1
        assert places <= _MOST_PLACES, f"{amount} was read from no decimal"
    return f"{Decimal(int(amount * 10**places)).scaleb(-places):f}"


_MOST_PLACES = 10_000

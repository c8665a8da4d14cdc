"""Single values that only the books have: NHS numbers, postcodes, percents.

As in `settlement.values`: every reader takes stripped, non-empty text and raises ValueError with
words for the person who has to mend the cell.
"""

import re
from decimal import Decimal

from carethread.formats.settlement.values import quoted

_NHS = re.compile(r"\d{3}[ -]?\d{3}[ -]?\d{4}", re.ASCII)
_POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})", re.ASCII)
_PERCENT = re.compile(r"\d{1,3}(?:\.\d{1,4})?", re.ASCII)
_ELEVEN = 11
_WHOLE = 100


def nhs_number(cell: str) -> str:
    """Return an NHS number as ten digits; spaces or hyphens between 3, 3 and 4 digits are let pass.

    The tenth digit checks the others: their sum, weighted 10 to 2, taken from 11, modulo 11.

    >>> nhs_number("943 476 5919")
    '9434765919'

    Source: NHS Data Model and Dictionary, NHS NUMBER, the Modulus 11 algorithm.
    """
    if not _NHS.fullmatch(cell):
        message = f"{quoted(cell)} is not an NHS number; write its ten digits"
        raise ValueError(message)
    digits = [int(sign) for sign in cell if sign.isdigit()]
    weighted = sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False))
    if (_ELEVEN - weighted % _ELEVEN) % _ELEVEN != digits[-1]:
        message = f"{quoted(cell)} is not an NHS number: its last digit does not check the others"
        raise ValueError(message)
    return "".join(map(str, digits))


def postcode(cell: str) -> str:
    """Return a postcode in capitals with its one space, whatever was written.

    >>> postcode("sw1a1aa"), postcode("M1 1AE")
    ('SW1A 1AA', 'M1 1AE')

    Source: BS 7666; Royal Mail, the formats of outward and inward codes.
    """
    parts = _POSTCODE.fullmatch("".join(cell.upper().split()))
    if parts is None:
        message = f"{quoted(cell)} is not a postcode; write it like SW1A 1AA"
        raise ValueError(message)
    return f"{parts[1]} {parts[2]}"


def percent(cell: str) -> Decimal:
    """Return an exact percent from 0 to 100, with at most four decimals."""
    if not _PERCENT.fullmatch(cell) or Decimal(cell) > _WHOLE:
        message = f"{quoted(cell)} is not a percent from 0 to 100; write it like 50 or 33.33"
        raise ValueError(message)
    return Decimal(cell)

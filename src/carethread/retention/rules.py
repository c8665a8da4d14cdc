"""How long a record of care is kept. Pure.

Source: NHSX Records Management Code of Practice 2021, adult social care records: 8 years from the end
of care.
"""

from datetime import date

YEARS = 8


def kept_until(ended_on: date) -> date:
    """Return the last day that the record of care that ended on a day is kept for.

    >>> kept_until(date(2018, 3, 31))
    datetime.date(2026, 3, 31)
    """
    try:
        return ended_on.replace(year=ended_on.year + YEARS)
    except ValueError:  # 29 February before a year that has none
        return date(ended_on.year + YEARS, 3, 1)

"""Ready-made other terms for a what-if: each changes what it is about, in every contract, no more.

Source: settlement §2, `contracts.toml`, and §5.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from carethread.engine.records import Contract
from carethread.engine.words import Cap, PayBasis, Pool, Rounding


@dataclass(frozen=True, slots=True)
class Variant:
    """Other terms in words, and the terms' fields (minutes, words) that they set."""

    says: str
    sets: Mapping[str, Any]


VARIANTS: Mapping[str, Variant] = {
    "per-minute": Variant(
        "pay each recorded minute, without rounding or bands",
        {"pay_basis": PayBasis.ACTUAL, "round_to_minutes": 1, "bands": ()},
    ),
    "quarter-hours": Variant(
        "pay recorded minutes, rounded to the nearest 15",
        {
            "pay_basis": PayBasis.ACTUAL,
            "round_to_minutes": 15,
            "round": Rounding.NEAREST,
            "bands": (),
        },
    ),
    "planned": Variant(
        "pay the planned minutes of every delivered visit",
        {"pay_basis": PayBasis.PLANNED},
    ),
    "weekly-pool": Variant(
        "pay recorded minutes up to the plan, and give back what short visits of the order's week left"
        " unused to its long ones; rounding and bands stay",
        {
            "pay_basis": PayBasis.ACTUAL,
            "cap": Cap.PLANNED,
            "cap_over_minutes": 0,
            "pool": Pool.WEEK,
        },
    ),
}


def varied(contracts: Iterable[Contract], variant: Variant) -> list[Contract]:
    """Return the contracts with the variant in all their terms."""
    return [
        Contract(one.contract_id, tuple(replace(terms, **variant.sets) for terms in one.terms))
        for one in contracts
    ]

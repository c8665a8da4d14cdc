"""The vocabularies of the books."""

from enum import StrEnum


class FundingSource(StrEnum):
    """Who bears the cost of an order.

    Source: the founding papers of Croydon (NHS claims by scheme) and Leicestershire (joint funding).
    """

    COUNCIL = "council"
    NHS = "nhs"
    JOINT = "joint"
    SELF = "self"

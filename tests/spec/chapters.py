"""The chapters of the rule book, in the order of the contract."""

from tests.spec import c5_payable

CHAPTERS = (*c5_payable.CHAPTERS,)

"""A table of statuses: what may become what, by which deed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

Status = TypeVar("Status", bound=StrEnum)


class CannotBecome(Exception):
    """A deed that a thing's status does not allow."""


@dataclass(frozen=True, slots=True)
class States(Generic[Status]):
    """first: what a thing begins as. moves: deed -> {status before: status after}."""

    first: Status
    moves: Mapping[str, Mapping[Status, Status]]

    def after(self, status: Status, deed: str) -> Status:
        """Return the status after a deed.

        Raises:
            CannotBecome: if the status does not allow it; the text says which would.
        """
        moves = self.moves[deed]
        if status not in moves:
            message = f"it is {status}; only what is {' or '.join(moves)} can be {deed}"
            raise CannotBecome(message)
        return moves[status]

    def allows(self, status: Status, deed: str) -> bool:
        """Say whether the status allows a deed."""
        return status in self.moves[deed]

    def reachable(self) -> set[Status]:
        """Return every status that a thing can come to."""
        found, new = {self.first}, {self.first}
        while new:
            new = {to for moves in self.moves.values() for at, to in moves.items() if at in new} - found
            found |= new
        return found

    def final(self) -> set[Status]:
        """Return the statuses that nothing leads out of."""
        left = {at for moves in self.moves.values() for at in moves}
        return {one for one in type(self.first) if one not in left}

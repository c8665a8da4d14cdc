"""What came in and went out: files imported, and what is exchanged with other systems."""

from carethread.interchange.models.imports import Batch, Problem, Profile

__all__ = ["Batch", "Problem", "Profile"]

"""What came in and went out: files imported, and what is exchanged with other systems."""

from carethread.interchange.models.boundary import (
    Acknowledgement,
    ControlTotal,
    DropFile,
    DropFolder,
    Outgoing,
    Package,
    Return,
    SystemCase,
)
from carethread.interchange.models.imports import Batch, Problem, Profile

__all__ = [
    "Acknowledgement",
    "Batch",
    "ControlTotal",
    "DropFile",
    "DropFolder",
    "Outgoing",
    "Package",
    "Problem",
    "Profile",
    "Return",
    "SystemCase",
]

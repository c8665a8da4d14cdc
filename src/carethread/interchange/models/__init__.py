"""What came in and went out."""

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

__all__ = [
    "Acknowledgement",
    "ControlTotal",
    "DropFile",
    "DropFolder",
    "Outgoing",
    "Package",
    "Return",
    "SystemCase",
]

"""The chain of a council's decisions and money: each entry's digest holds the one before. Pure."""

import json
from datetime import UTC, datetime
from hashlib import sha256

BEGINNING = "0" * 64
"""What the first entry has before it."""


def digest(
    previous: str, place: int, at: datetime, told: tuple[str, str, str, str], values: bytes | memoryview
) -> str:
    """Return an entry's digest: SHA-256, hexadecimal.

    Args:
        previous: The digest of the entry before, or BEGINNING.
        place: Its place in the chain, from 1.
        at: When.
        told: Who, what was done, to what, whose record.
        values: As packed, sealed or not.
    """
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [previous, place, moment, *told, sha256(bytes(values)).hexdigest()]
    return sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()

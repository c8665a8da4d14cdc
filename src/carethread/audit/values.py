"""What an entry holds, packed: the reason, what was before and after. Encrypted where it is a person's.

A person's values are encrypted with a key of their own (AES-256-GCM), which is stored wrapped by the
installation's master key. Destroying the key makes every value unreadable; digests are of the packed
bytes, so the chain verifies all the same.

Source: NIST SP 800-38D; ICO guidance on putting personal data beyond use.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_PLAIN, _SEALED = b"\x00", b"\x01"
_NONCE = 12


class MasterKeyIsWrong(Exception):
    """The installation's master key is not the one that the keys were wrapped with."""


class ValuesWereChanged(Exception):
    """An entry's values are not what was sealed."""


@dataclass(frozen=True, slots=True)
class Values:
    """Why, and what was there before and after; None where there was nothing."""

    why: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def packed(values: Values, key: bytes | None) -> bytes:
    """Return values as bytes, sealed if there is a key."""
    content = {"why": values.why, "before": values.before, "after": values.after}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return _PLAIN + text.encode() if key is None else _SEALED + _seal(key, text.encode(), b"")


def unpacked(data: bytes | memoryview, key: bytes | None) -> Values | None:
    """Return what was packed; None where it was sealed and the key is no more.

    Raises:
        ValuesWereChanged: if they were sealed with another key, or are not what was sealed.
    """
    content = bytes(data)
    if content[:1] == _SEALED:
        if key is None:
            return None
        try:
            content = _PLAIN + _open(key, content[1:], b"")
        except (InvalidTag, ValueError):
            message = "an entry's values are not what was sealed"
            raise ValuesWereChanged(message) from None
    return Values(**json.loads(content[1:]))


def sealed(content: bytes, key: bytes) -> bytes:
    """Return content that only the key opens."""
    return _seal(key, content, b"")


def opened(data: bytes | memoryview, key: bytes) -> bytes:
    """Return what was sealed with the key."""
    return _open(key, bytes(data), b"")


def new_key() -> bytes:
    """Make a key for a person's values."""
    return AESGCM.generate_key(256)


def wrapped(key: bytes, owner: str) -> bytes:
    """Return a key as it is stored; it can be unwrapped for the same owner only."""
    return _seal(_master(), key, owner.encode())


def unwrapped(data: bytes, owner: str, master_key: str | None = None) -> bytes:
    """Return a stored key.

    Raises:
        MasterKeyIsWrong: if it was wrapped with another.
    """
    try:
        return _open(_master(master_key), bytes(data), owner.encode())
    except (InvalidTag, ValueError):
        message = "CARETHREAD_MASTER_KEY is not the one that the audited values were sealed with"
        raise MasterKeyIsWrong(message) from None


def rewrapped(data: bytes, owner: str, new_owner: str, master_key: str | None = None) -> bytes:
    """Return a stored key for a new owner; `master_key` is what it was wrapped with, if not ours.

    Raises:
        MasterKeyIsWrong: if it was wrapped with another.
    """
    return wrapped(unwrapped(data, owner, master_key), new_owner)


def _master(told: str | None = None) -> bytes:
    return sha256((told or settings.MASTER_KEY).encode()).digest()


def _seal(key: bytes, content: bytes, owner: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, owner)


def _open(key: bytes, data: bytes, owner: bytes) -> bytes:
    return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], owner)

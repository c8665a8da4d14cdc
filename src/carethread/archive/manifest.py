"""What an archive holds, file by file, so that whoever opens it knows that it is whole."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import IO, Any

FORMAT = 1
"""Goes up when an archive of before could not be read as one of after."""
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class File:
    """A file of an archive; rows is None for what is not a table."""

    size: int
    sha256: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself: key is the council's there."""

    format: int
    version: str
    council: str
    key: int
    at: datetime
    chain_place: int
    chain_digest: str
    files: Mapping[str, File]

    def text(self) -> str:
        """Return it as JSON."""
        told = {**asdict(self), "at": self.at.isoformat()}
        return json.dumps(told, indent=1, sort_keys=True) + "\n"


def read(text: str | bytes) -> Manifest:
    """Read one.

    Raises:
        ValueError, KeyError, TypeError: if it is none.
    """
    told: dict[str, Any] = json.loads(text)
    files = {name: File(**file) for name, file in told.pop("files").items()}
    return Manifest(**{**told, "at": datetime.fromisoformat(told["at"]), "files": files})


def of_file(path: Path, rows: int | None) -> File:
    """Return what the manifest says of a file."""
    with path.open("rb") as file:
        return File(path.stat().st_size, digest(file), rows)


def digest(file: IO[bytes]) -> str:
    """Return the SHA-256 of what is left to read, hexadecimal."""
    return file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]

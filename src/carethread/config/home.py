"""Where an installation keeps what it keeps: the environment, and a folder of its own.

Environment:
    CARETHREAD_HOME: the folder; `~/.local/share/carethread` unless told.
    CARETHREAD_DATABASE_URL: the books, as the application's role; SQLite in the folder unless told.
    CARETHREAD_OWNER_DATABASE_URL: the same PostgreSQL as the role that owns the tables and migrates.
    CARETHREAD_SECRET_KEY, CARETHREAD_MASTER_KEY: else made once and kept in the folder.
    CARETHREAD_HOSTS: names that the server answers to, with commas.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """An installation's folder; only its owner may look inside."""

    folder: Path

    @property
    def files(self) -> Path:
        """Where files that came in, and those made for sending, are kept."""
        return self._made(self.folder / "files")

    @property
    def database_url(self) -> str:
        """The books, as the application sees them."""
        return os.environ.get("CARETHREAD_DATABASE_URL") or f"sqlite:///{self.folder / 'books.sqlite3'}"

    @property
    def owner_url(self) -> str:
        """The books, as their owner sees them."""
        return os.environ.get("CARETHREAD_OWNER_DATABASE_URL") or self.database_url

    def secret(self, name: str) -> str:
        """Return a secret: from the environment, or from the folder, where it is made once."""
        given = os.environ.get(f"CARETHREAD_{name.upper()}")
        if given:
            return given
        path = self._made(self.folder) / f"{name}.txt"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
        return path.read_text().strip()

    def _made(self, folder: Path) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder


def home() -> Home:
    """Return this installation's."""
    told = os.environ.get("CARETHREAD_HOME")
    return Home(Path(told).absolute() if told else Path.home() / ".local" / "share" / "carethread")

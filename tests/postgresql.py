"""A PostgreSQL for the tests: the one that answers, or one of their own.

`python -m tests.postgresql` gets what is missing, where it may, or says what to install.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

TOLD = "CARETHREAD_TEST_POSTGRESQL"
_USUAL = "postgresql://postgres@127.0.0.1:5432/postgres"
_PROGRAMS = Path("/usr/lib/postgresql")
_INSTALL = "PostgreSQL 15 or later is needed: install it (Debian: apt install postgresql), or name one"


class NoPostgreSql(Exception):
    """None answers, and none can be started."""


def is_good(url: str) -> bool:
    """Say whether a superuser can be reached there."""
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            found = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            return bool((found.fetchone() or [False])[0]) and connection.info.server_version >= 150_000
    except psycopg.OperationalError:
        return False


@contextmanager
def server() -> Iterator[str]:
    """Give the address of a PostgreSQL, as its superuser.

    Raises:
        NoPostgreSql: if there is none to be had.
    """
    told = os.environ.get(TOLD)
    for url in [told] if told else [_USUAL]:
        if is_good(url):
            yield url
            return
    if told:
        message = f"{TOLD} names no PostgreSQL 15 or later that a superuser can reach"
        raise NoPostgreSql(message)
    with tempfile.TemporaryDirectory(prefix="carethread-pg-") as name, _own(Path(name)) as url:
        yield url


def programs() -> Path | None:
    """Return where initdb and postgres are, the newest."""
    found = shutil.which("initdb")
    places = (
        sorted(_PROGRAMS.glob("*/bin"), key=lambda path: int(path.parent.name)) if not found else []
    )
    return Path(found).parent if found else (places[-1] if places else None)


@contextmanager
def _own(folder: Path) -> Iterator[str]:
    """Start a server that listens on a socket in the folder only; stop it afterwards."""
    where = programs()
    if where is None:
        message = f"{_INSTALL} in {TOLD}"
        raise NoPostgreSql(message)
    as_user: list[str | Path] = []
    if os.geteuid() == 0:  # which PostgreSQL refuses to run as
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    books, log = folder / "books", folder / "log"
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    start: list[str | Path] = ["-D", books, "-l", log, "-o", options, "-w", "start"]
    initdb: list[str | Path] = [
        where / "initdb",
        "-D",
        books,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
    ]
    subprocess.run([*as_user, *initdb], check=True, capture_output=True, cwd=folder)
    subprocess.run([*as_user, where / "pg_ctl", *start], check=True, capture_output=True, cwd=folder)
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        stop: list[str | Path] = [*as_user, where / "pg_ctl", "-D", books, "-m", "immediate", "stop"]
        subprocess.run(stop, check=True, capture_output=True, cwd=folder)


def main() -> int:
    """Make sure that there is one: the system's, or apt's."""
    if is_good(os.environ.get(TOLD) or _USUAL) or programs() is not None:
        return 0
    apt = shutil.which("apt-get")
    if apt is not None and os.geteuid() == 0:
        get = [apt, "install", "--yes", "--quiet", "--no-install-recommends", "postgresql"]
        subprocess.run([apt, "update", "--quiet"], check=False)
        if subprocess.run(get, check=False).returncode == 0:
            return 0
    print(f"{_INSTALL} in {TOLD}", file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())

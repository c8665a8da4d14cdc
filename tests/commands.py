"""Running the command line as its users do."""

import subprocess
import sys
from pathlib import Path

PERIOD = ("--from", "2026-05-04", "--to", "2026-05-31")
COMMAND = (sys.executable, "-m", "carethread.cli")


def carethread(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)


def contents(folder: Path) -> dict[str, bytes]:
    """Return a folder's files."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}

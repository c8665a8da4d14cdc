"""The command line in a process of its own that halts where a test wants: killed there, or let go.

`python -m tests.books.halting WHERE FLAG carethread's arguments`: at WHERE the file FLAG is made, and
nothing goes on until FLAG.go is there.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carethread.config.settings")


def halted(deed: Callable[..., Any], flag: Path) -> Callable[..., Any]:
    """Return a function that halts once it has done its deed."""

    def done(*args: Any, **options: Any) -> Any:
        result = deed(*args, **options)
        halt(flag)
        return result

    return done


def halt(flag: Path) -> None:
    flag.touch()
    while not flag.with_suffix(".go").exists():
        time.sleep(0.05)


def counted(flag: Path) -> Callable[[datetime], None]:
    """Return a timed deed that notes when it begins and ends."""

    def do(_at: datetime) -> None:
        for word in ("begin", "end"):
            with flag.open("a") as file:
                file.write(f"{word} {os.getpid()}\n")
            time.sleep(0.1)

    return do


def main() -> int:
    """Halt there, or do the timed deed; the rest is the command's."""
    where, flag, *arguments = sys.argv[1:]
    import django  # noqa: PLC0415

    django.setup()
    from carethread.cli import main as carethread  # noqa: PLC0415
    from carethread.clockwork import deeds  # noqa: PLC0415
    from carethread.settlement import settling  # noqa: PLC0415
    from carethread.wall import bulk  # noqa: PLC0415

    path = Path(flag)
    if where == "deed":
        deeds.register("a deed of the test", timedelta(seconds=0.5), counted(path))
    else:
        module: Any = bulk if where == "write" else settling
        setattr(module, where, halted(getattr(module, where), path))
    return carethread(arguments)


if __name__ == "__main__":
    sys.exit(main())

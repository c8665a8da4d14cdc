"""Running a program and measuring it from outside: wall time, peak memory, and who else was busy."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.common import ROOT

_EVERY_SECONDS = 0.1
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that ran to its end.

    `others` is the share of the machine's processors that was busy with something else.
    """

    seconds: float
    peak_mb: float
    others: float
    output: str


class Failed(Exception):
    """A program ended badly; the message is the end of what it said."""


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Ran:
    """Run a program to its end.

    Peak memory is the most that its processes held together: of one process what the kernel counted,
    of several the largest sum of their shares (Pss) seen, ten times a second.

    Raises:
        Failed: if it does not end well.
    """
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as warned:
        busy, begun = _busy_seconds(), time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 -- the benchmark runs its own programs
            command, stdout=said, stderr=warned, cwd=ROOT, env={**os.environ, **(environment or {})}
        )
        peak = _Peak(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        together = peak.end()
        busy = _busy_seconds() - busy - usage.ru_utime - usage.ru_stime
        said.seek(0)
        output = said.read()
        warned.seek(0)
        if process.returncode:
            raise Failed(warned.read()[-2_000:])
    others = max(0.0, busy / (seconds * (os.cpu_count() or 1)))
    return Ran(seconds, max(usage.ru_maxrss, together) / 1024, others, output)


class _Peak:
    """Watches the memory of a process and all below it, while there is more than one."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> int:
        """Return the most, in kilobytes; 0 if there was one process only."""
        self._ended.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            family = list(_family(self._pid))
            if len(family) > 1:
                self._most = max(self._most, sum(map(_share, family)))


def _family(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield pid
    try:
        for children in (_PROC / str(pid) / "task").glob("*/children"):
            for child in children.read_text().split():
                yield from _family(int(child))
    except OSError:
        return


def _share(pid: int) -> int:
    """Return a process's memory in kilobytes, pages shared with others in part."""
    try:
        text = (_PROC / str(pid) / "smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


def _busy_seconds() -> float:
    """Return for how many seconds all processors together were not idle."""
    times = [int(word) for word in (_PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]]
    _idle, _waiting = times[3], times[4]
    return (sum(times) - _idle - _waiting) / os.sysconf("SC_CLK_TCK")

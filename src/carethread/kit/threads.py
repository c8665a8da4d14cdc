"""Work shared out among this machine's processors."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

THREADS = "CARETHREAD_THREADS"
"""Set to use fewer processors than there are."""


def threads() -> int:
    """Return how many processors to use."""
    return int(os.environ.get(THREADS, "0")) or os.cpu_count() or 1


def in_turn(pool: ThreadPoolExecutor, ahead: int) -> Callable[..., Iterator[Any]]:
    """Return a `map` that works `ahead` of whoever takes the results, and gives them in order."""

    def each(do: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        waiting: deque[Future[Any]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(do, item))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    return each

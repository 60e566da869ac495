"""What the tests need of threads; the twin is `_async/primitives.py`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def together(*works: Callable[[], None]) -> None:
    """Do several things at once; the first error of any is raised."""
    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(work) for work in works]:
            future.result(timeout=20)


def until(predicate: Callable[[], bool]) -> None:
    """Wait until something is so; the test's own time-out bounds it."""
    while not predicate():
        time.sleep(0.001)


pause = time.sleep


class Flag:
    """Something that happens once."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.raise_ = self._event.set
        self.is_raised = self._event.is_set

    def wait(self) -> None:
        assert self._event.wait(10)


WORKERS = 1
"""How many threads an open connection has."""


def workers() -> list[str]:
    """Return the names of the threads that the SDK began and that are still there."""
    names = {thread.name for thread in threading.enumerate()}
    names.discard("cartesia closer")  # of HTTP: one for the process, which stays
    return sorted(name for name in names if name.startswith("cartesia "))

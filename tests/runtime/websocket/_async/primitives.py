"""What the tests need of asyncio; the twin is `_sync/primitives.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def together(*works: Callable[[], Awaitable[None]]) -> None:
    """Do several things at once; the first error of any is raised."""
    await asyncio.wait_for(asyncio.gather(*(work() for work in works)), 20)


async def until(predicate: Callable[[], bool]) -> None:
    """Wait until something is so; the test's own time-out bounds it."""
    while not predicate():  # noqa: ASYNC110 # what is waited for knows nothing of events
        await asyncio.sleep(0.001)


pause = asyncio.sleep


class Flag:
    """Something that happens once."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.raise_ = self._event.set
        self.is_raised = self._event.is_set

    async def wait(self) -> None:
        await asyncio.wait_for(self._event.wait(), 10)


WORKERS = 0
"""How many tasks an open connection has."""


def workers() -> list[str]:
    """Return the names of the tasks that the SDK began and that are still there."""
    names = (task.get_name() for task in asyncio.all_tasks())
    return [name for name in names if name.startswith("cartesia ")]

"""What a socket needs of asyncio: the twin of `_sync/socket/io.py`, by hand, same names."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import nullcontext
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from collections.abc import Coroutine

Guard = nullcontext
"""Held around each call into the session. Tasks of one loop do not interrupt each other there."""

Lock = asyncio.Lock
"""Held while a message is sent, so that messages leave in the order in which they were made."""


class Bell:
    """Wakes the one task that waits for an inbox.

    Args:
        guard: The guard of the session; needed by threads only.
    """

    __slots__ = ("_waiter",)

    def __init__(self, guard: object) -> None:
        del guard
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wake the waiter, if there is one."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def wait_for(self, predicate: Callable[[], bool], timeout: float | None) -> bool:
        """Wait until something is so.

        Args:
            predicate: Tells whether it is; asked after each ring.
            timeout: Seconds to wait at most; None for no limit.

        Returns:
            Whether it is so now.
        """
        loop = asyncio.get_running_loop()
        expired = False

        def expire() -> None:
            nonlocal expired
            expired = True
            self.ring()

        timer = None if timeout is None else loop.call_later(timeout, expire)
        try:
            while not (ready := predicate()) and not expired:
                self._waiter = loop.create_future()
                await self._waiter
            return ready
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()


class Worker:
    """A task beside the caller's own: the reader of a connection, for one.

    Args:
        work: What it does.
        name: Its name, for whoever looks at a list of tasks.
    """

    __slots__ = ("_task",)

    def __init__(self, work: Callable[[], Coroutine[object, object, None]], name: str) -> None:
        self._task = asyncio.get_running_loop().create_task(work(), name=name)

    @property
    def is_alive(self) -> bool:
        """Whether it still works."""
        return not self._task.done()

    async def join(self, timeout: float) -> None:
        """Wait until it is done, for some seconds at most."""
        if self._task is not asyncio.current_task():
            await asyncio.wait({self._task}, timeout=timeout)


async def settle(result: object, function: object) -> object:
    """Give what a function of the caller's gave; wait for it, if that takes waiting.

    Args:
        result: What it returned.
        function: The function; needed by threads only.
    """
    del function
    return await result if inspect.isawaitable(result) else result

"""Cancellation of asyncio tasks that cannot leak a connection of httpcore's pool.

httpcore awaits something at points where a connection is assigned to a request that has not begun
to use it, or is on its way back to the pool. A task that is cancelled there leaves the connection
in the pool for good: https://github.com/encode/httpcore/issues/1093. At these points nothing is
left to wait for: they are checkpoints, or what they waited for has happened. So a cancellation that
arrives at such an await is deferred to the next one that blocks, or to the next cancellation. What
remains is for httpcore to fix: a task that waits for a free connection, and is assigned one just
after its cancellation; and one that is cancelled again while it cleans up after a cancelled read.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Generator
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")


class DeferredCancellation(Generic[T]):
    """Awaits something, and defers a cancellation that arrives while that is not blocked.

    Args:
        awaitable: What to await.
    """

    def __init__(self, awaitable: Awaitable[T]) -> None:
        self._awaitable = awaitable
        self.pending: asyncio.CancelledError | None = None
        """The cancellation that arrived after the last await that blocked, if one did."""

    def __await__(self) -> Generator[object, None, T]:
        steps = self._awaitable.__await__()
        error: BaseException | None = None
        while True:
            try:
                future: object = steps.send(None) if error is None else steps.throw(error)
            except StopIteration as end:
                result: T = end.value
                return result
            except Exception:
                self.raise_pending()
                raise
            error = None
            if future is not None and self.pending is not None:
                if (task := asyncio.current_task()) is not None:
                    if sys.version_info >= (3, 11):
                        task.uncancel()  # it is the same one, counted by `asyncio.timeout`
                    task.cancel(*self.pending.args)
                self.pending = None
            try:
                yield future
            except asyncio.CancelledError as cancelled:
                # A checkpoint yields None; when a wait is interrupted, its future is cancelled. A
                # second cancellation is not deferred: anyio's checkpoints go on until one arrives.
                is_waiting = asyncio.isfuture(future) and (not future.done() or future.cancelled())
                if is_waiting or self.pending is not None:
                    error, self.pending = cancelled, None
                else:
                    self.pending = cancelled
            except BaseException as raised:  # noqa: BLE001  # thrown into the awaitable above
                error = raised

    def raise_pending(self) -> None:
        """Raise the cancellation that is still deferred, if there is one."""
        if self.pending is not None:
            raise self.pending


class DeferredCancellationStream:
    """The body of a response, whose connection goes back to the pool even if that is cancelled.

    Args:
        stream: The body.
    """

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._stream.__aiter__()

    async def aclose(self) -> None:
        """Return the connection to the pool, or close it."""
        closing = DeferredCancellation(self._stream.aclose())
        await closing
        closing.raise_pending()

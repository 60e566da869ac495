"""Cancellation of asyncio tasks that cannot leak a connection of httpcore's pool.

httpcore awaits something at points where a connection is assigned to a request that has not begun
to use it, or is on its way back to the pool. A task that is cancelled there leaves the connection
in the pool for good: https://github.com/encode/httpcore/issues/1093. At these points nothing is
left to wait for: they are checkpoints, or what they waited for has happened. So a cancellation that
arrives at such an await is deferred to the next one that blocks, or to the next cancellation. What
remains is for httpcore to fix: a task that waits for a free connection, and is assigned one just
after its cancellation.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Generator
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import httpx
    from typing_extensions import Self

T = TypeVar("T")


class DeferredCancellation(Generic[T]):
    """Awaits something, and defers a cancellation that arrives while that is not blocked.

    Args:
        awaitable: What to await.
        raises: Whether a cancellation that is still deferred at the end is raised then.
    """

    def __init__(self, awaitable: Awaitable[T], *, raises: bool = True) -> None:
        self._awaitable = awaitable
        self._raises = raises
        self.pending: asyncio.CancelledError | None = None
        """The cancellation that arrived after the last await that blocked, if one did."""

    def __await__(self) -> Generator[object, None, T]:
        steps = self._awaitable.__await__()
        error: BaseException | None = None
        while True:
            try:
                future: object = steps.send(None) if error is None else steps.throw(error)
            except StopIteration as end:
                if self._raises and self.pending is not None:
                    raise self.pending from None
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
            except BaseException as raised:  # noqa: BLE001  # thrown into the awaitable above
                # A checkpoint yields None; when a wait is interrupted, its future is cancelled. A
                # second cancellation is not deferred: anyio's checkpoints go on until one arrives.
                is_waiting = asyncio.isfuture(future) and (not future.done() or future.cancelled())
                is_deferred = self.pending is None and not is_waiting
                if is_deferred and isinstance(raised, asyncio.CancelledError):
                    self.pending = raised
                else:
                    error, self.pending = raised, None

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

    def __aiter__(self) -> Self:
        self._pieces = self._stream.__aiter__()
        return self

    def __anext__(self) -> Awaitable[bytes]:
        # A read that is cancelled returns the connection, which another cancellation may not stop.
        return DeferredCancellation(self._pieces.__anext__())

    async def aclose(self) -> None:
        """Return the connection to the pool, or close it."""
        await DeferredCancellation(self._stream.aclose())

"""Cancellation under asyncio that strikes only where a task waits for something.

Libraries beneath give way to other tasks at points where they wait for nothing ("checkpoints"). The
connection pool counts a connection as taken for ever when a task is cancelled at such a point while
it takes the connection, or gives it back. So what comes there is kept for the next real wait.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Generator

T = TypeVar("T")


class Undisturbed(Generic[T]):
    """Awaits something, and keeps a cancellation back while it waits for nothing.

    Args:
        awaited: What to await.
    """

    __slots__ = ("_awaited", "_kept")

    def __init__(self, awaited: Awaitable[T]) -> None:
        self._awaited = awaited
        self._kept: asyncio.CancelledError | None = None

    def __await__(self) -> Generator[object, None, T]:
        steps = self._awaited.__await__()
        error: BaseException | None = None
        while True:
            try:
                future: object = steps.send(None) if error is None else steps.throw(error)
            except StopIteration as end:
                result: T = end.value
                return result
            except Exception:
                self.strike()
                raise
            error = None
            if future is not None and self._kept is not None:
                _cancel_again(self._kept)
                self._kept = None
            try:
                yield future
            except asyncio.CancelledError as cancelled:
                if future is None:
                    self._kept = cancelled
                else:
                    error = cancelled
            except BaseException as raised:  # noqa: BLE001  # handed on to where it belongs
                error = raised

    def strike(self) -> None:
        """Let the cancellation through that was kept back to the end, if there is one."""
        if self._kept is not None:
            raise self._kept

    @property
    def is_cancelled(self) -> bool:
        """Whether there is one."""
        return self._kept is not None


def _cancel_again(cancelled: asyncio.CancelledError) -> None:
    """Cancel the current task once more, which counts as the same cancellation."""
    task = asyncio.current_task()
    if task is None:
        return
    uncancel = getattr(task, "uncancel", None)  # from Python 3.11 on, for `asyncio.timeout`
    if uncancel is not None:
        uncancel()
    task.cancel(*cancelled.args)


class UndisturbedStream(httpx.AsyncByteStream):
    """The body of an answer, whose connection is given back whatever happens.

    Args:
        stream: The body.
    """

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._stream.__aiter__()

    async def aclose(self) -> None:
        """Give the connection back."""
        closing = Undisturbed(self._stream.aclose())
        await closing
        closing.strike()

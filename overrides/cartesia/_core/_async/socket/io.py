"""What a socket needs of asyncio: the twin of `_sync/socket/io.py`, by hand, same names."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterable, Iterable
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Callable, ClassVar, cast

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator
    from typing import Union

    Transcript = Union[str, Iterable[str], AsyncIterable[str]]

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


class Feeder:
    """A task that works for somebody until it is stopped, from anywhere.

    Args:
        work: What it does.
        name: Its name, for whoever looks at a list of tasks.

    Attributes:
        is_stopped: Whether it should come to its end.
    """

    # The loop holds tasks weakly, and whoever began one may be gone before it.
    _running: ClassVar[set[asyncio.Task[None]]] = set()

    __slots__ = ("_loop", "_task", "is_stopped")

    def __init__(
        self, work: Callable[[Feeder], Coroutine[object, object, None]], name: str
    ) -> None:
        self.is_stopped = False
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(work(self), name=name)
        self._running.add(self._task)
        self._task.add_done_callback(self._running.discard)

    def stop(self) -> None:
        """Have it end. Waits for nothing and takes no lock, so that finalizers may call it."""
        self.is_stopped = True
        with suppress(RuntimeError):  # the loop is closed, and with it the task is over
            self._loop.call_soon_threadsafe(self._task.cancel)

    async def rest(self) -> None:
        """Wait to be stopped; for the work to call."""
        if not self.is_stopped:
            await self._loop.create_future()

    async def join(self, timeout: float) -> None:
        """Wait until it is done, for some seconds at most."""
        await asyncio.wait({self._task}, timeout=timeout)


def check_transcript(transcript: object) -> None:
    """See that a transcript can be said.

    Raises:
        TypeError: It is neither a text nor an iterator of texts.
        ValueError: It is empty.
    """
    if isinstance(transcript, str):
        if not transcript.strip():
            raise ValueError("transcript is empty: there is nothing to say")
    elif isinstance(transcript, (bytes, bytearray)) or not isinstance(
        transcript, (Iterable, AsyncIterable)
    ):
        raise TypeError(
            "transcript must be a str, an iterator of str, or an async iterator of str, "
            f"not {transcript!r:.80}"
        )


_END = object()


class TextSource:
    """The pieces of a text. An iterator that is not async may block, so a thread waits for it.

    Args:
        transcript: The iterator.
    """

    def __init__(self, transcript: Iterable[str] | AsyncIterable[str]) -> None:
        self._transcript = transcript
        self._async_iterator: AsyncIterator[str] | None = None
        self._iterator: Iterator[str] | None = None
        self._stepping = threading.Lock()
        self._is_closed = False

    async def next(self) -> str | None:
        """Give the next piece; None at the end.

        Raises:
            TypeError: It is no text.
        """
        piece = await self._pull()
        if piece is _END:
            return None
        if not isinstance(piece, str):
            raise TypeError(f"transcript must give str, not {piece!r:.80}")
        return piece

    async def close(self) -> None:
        """Close the iterator, if that can be done; one that is at work is closed after it."""
        if self._async_iterator is not None:
            aclose = getattr(self._async_iterator, "aclose", None)
            if aclose is not None:
                await aclose()
        else:
            self._is_closed = True
            self._shut()

    async def _pull(self) -> object:
        if isinstance(self._transcript, AsyncIterable):
            if self._async_iterator is None:
                self._async_iterator = self._transcript.__aiter__()
            try:
                return await self._async_iterator.__anext__()
            except StopAsyncIteration:
                return _END
        if isinstance(self._transcript, (list, tuple)):
            return self._step()
        return await asyncio.to_thread(self._step)

    def _step(self) -> object:
        try:
            with self._stepping:
                if self._iterator is None:
                    self._iterator = iter(cast("Iterable[str]", self._transcript))
                return next(self._iterator, _END)
        finally:
            if self._is_closed:
                self._shut()

    def _shut(self) -> None:
        """Close the iterator, unless somebody is at work with it, who does it when he is done."""
        if self._stepping.acquire(blocking=False):
            try:
                close = getattr(self._iterator, "close", None)
                if close is not None:
                    close()
            finally:
                self._stepping.release()

"""What a WebSocket needs of asyncio; `_sync` holds the same names for threads."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterable, Iterable
from contextlib import nullcontext, suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Callable, ClassVar, TypeVar

from cartesia._runtime.errors import CartesiaError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator
    from typing import Union

    Transcript = Union[str, Iterable[str], AsyncIterable[str]]

T = TypeVar("T")

Guard = nullcontext
"""Held around each call into the session. Tasks of one loop do not interrupt each other there."""

Lock = asyncio.Lock
"""Held while a message is sent, so that messages leave in the order in which they were made."""


class Home:
    """Where a connection may be used: the event loop in which it was made."""

    __slots__ = ("_loop",)

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def check(self) -> None:
        """See that it is used there.

        Raises:
            CartesiaError: It is not.
        """
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            raise CartesiaError(
                "this connection was opened in an event loop: use it there, in an `async def`"
            ) from None
        if running is not self._loop:
            raise CartesiaError(
                "this connection was opened in another event loop: open one in each event loop"
            )

    def may_close(self) -> bool:
        """Tell whether there is anything to close: a loop that is over took it along.

        Raises:
            CartesiaError: The other loop still runs, and must close it.
        """
        if self._loop.is_running():
            self.check()
            return True
        return False


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
    """The pieces of a text.

    Args:
        transcript: The iterator.
    """

    def __init__(self, transcript: Iterable[str] | AsyncIterable[str]) -> None:
        self._iterator: AsyncIterator[object] = (
            transcript.__aiter__()
            if isinstance(transcript, AsyncIterable)
            else _Threaded(transcript)
        )

    async def next(self) -> str | None:
        """Give the next piece; None at the end.

        Raises:
            TypeError: It is no text.
        """
        try:
            piece = await self._iterator.__anext__()
        except StopAsyncIteration:
            return None
        if not isinstance(piece, str):
            raise TypeError(f"transcript must give str, not {piece!r:.80}")
        return piece

    async def close(self) -> None:
        """Close the iterator, if that can be done."""
        aclose = getattr(self._iterator, "aclose", None)
        if aclose is not None:
            await aclose()


class _Threaded:
    """An iterator that may block, in a thread of its own: the loop goes on, and may even end.

    Args:
        iterable: The iterator.
    """

    def __init__(self, iterable: Iterable[object]) -> None:
        self._iterable = iterable
        self._iterator: Iterator[object] | None = None
        self._loop = asyncio.get_running_loop()
        self._asked: SimpleQueue[asyncio.Future[object] | None] = SimpleQueue()
        threading.Thread(target=self._work, name="cartesia text", daemon=True).start()

    def __aiter__(self) -> _Threaded:
        return self

    async def __anext__(self) -> object:
        future: asyncio.Future[object] = self._loop.create_future()
        self._asked.put(future)
        item = await future
        if item is _END:
            raise StopAsyncIteration
        return item

    async def aclose(self) -> None:
        """Have it closed, once it goes on; nobody can interrupt a thread."""
        self._asked.put(None)

    def _work(self) -> None:
        while (future := self._asked.get()) is not None:
            self._step(future)
        close: Callable[[], object] | None = getattr(self._iterator, "close", None)
        if close is not None:
            close()

    def _step(self, future: asyncio.Future[object]) -> None:
        try:
            if self._iterator is None:
                self._iterator = iter(self._iterable)
            item = next(self._iterator, _END)
        except BaseException as error:  # noqa: BLE001 # it is for the one who asked
            self._answer(future, error, future.set_exception)
        else:
            self._answer(future, item, future.set_result)

    def _answer(
        self, future: asyncio.Future[object], value: T, settle: Callable[[T], object]
    ) -> None:
        def answer() -> None:
            if not future.done():  # whoever asked may have been cancelled
                settle(value)

        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(answer)

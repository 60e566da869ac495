"""What a WebSocket needs of asyncio; `_sync` holds the same names for threads."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterable
from concurrent.futures import Future
from contextlib import nullcontext, suppress
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Callable, ClassVar, Optional, Union

from cartesia._runtime.errors import CartesiaError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Coroutine, Generator, Iterable

    Transcript = Union[str, Iterable[Optional[str]], AsyncIterable[Optional[str]]]
    BackgroundWork = Callable[["BackgroundTask"], Coroutine[object, object, None]]

Guard = nullcontext
"""Held around each call into the session. Tasks of one loop do not interrupt each other there."""

Lock = asyncio.Lock
"""Held while a message is sent, so that messages leave in the order in which they were made."""


class LoopAffinity:
    """Where a connection may be used: the event loop in which it was made."""

    def __init__(self) -> None:
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            raise CartesiaError(
                "the WebSockets of AsyncCartesia need the event loop of asyncio; elsewhere, as "
                "under trio, use those of Cartesia in a thread"
            ) from None

    def check(self) -> None:
        """Check that the caller is there.

        Raises:
            CartesiaError: It is not.
        """
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is not self._loop:
            raise CartesiaError(
                "this connection belongs to another event loop: use it there, or open another here"
            )

    def may_close(self) -> bool:
        """Return whether there is anything to close: a loop that ended took it along.

        Raises:
            CartesiaError: The other loop still runs, and must close it.
        """
        if self._loop.is_running():
            self.check()
            return True
        return False


class Notifier:
    """Wakes the one task that waits for something.

    Args:
        _guard: The guard of the session, which threads need.
    """

    def __init__(self, _guard: object) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[bool] | None = None

    def notify(self) -> None:
        """Wake the waiter, if there is one."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(True)

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None) -> Awaitable[bool]:
        """Wait until something is so.

        A future, not a coroutine: this is done for each event, and is half as expensive so.

        Args:
            predicate: Tells whether it is so now; each notification says that it has come.
            timeout: Seconds to wait at most; None for no limit.

        Returns:
            Whether it is so.
        """
        self._waiter = waiter = self._loop.create_future()
        if predicate():
            waiter.set_result(True)
        elif timeout is not None:
            timer = self._loop.call_later(timeout, _expire, waiter)
            waiter.add_done_callback(lambda _: timer.cancel())
        return waiter


def _expire(waiter: asyncio.Future[bool]) -> None:
    if not waiter.done():
        waiter.set_result(False)


class BackgroundTask:
    """A task beside the caller's own, until it ends or is stopped, from anywhere.

    Args:
        work: What it does; it is given this object.
        name: Its name, in lists of tasks.

    Attributes:
        is_stopped: Whether it should come to its end.
    """

    # The loop holds tasks weakly, and the object that began one may be gone before it.
    _running: ClassVar[set[asyncio.Task[None]]] = set()

    def __init__(self, work: BackgroundWork, name: str) -> None:
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

    async def wait_stopped(self) -> None:
        """Wait to be stopped; for the work to call."""
        if not self.is_stopped:
            await self._loop.create_future()

    async def join(self, timeout: float | None, *, stop: bool = False) -> None:
        """Wait until it has ended, unless it calls this itself.

        Args:
            timeout: Seconds to wait at most; None for no limit.
            stop: Whether to stop it first.
        """
        if self._task is not asyncio.current_task():
            if stop:
                self.stop()
            await asyncio.wait({self._task}, timeout=timeout)


async def finish_call(result: object) -> object:
    """Return what a function of the caller's returned; await it, if it is awaitable.

    Args:
        result: What it returned.
    """
    return await result if inspect.isawaitable(result) else result


_END = object()


def iterate_text(
    transcript: Iterable[str | None] | AsyncIterable[str | None],
) -> AsyncIterator[object]:
    """Iterate over the pieces of a text; an iterator that may block gets a thread of its own."""
    if isinstance(transcript, AsyncIterable):
        return transcript.__aiter__()
    return _ThreadedIterator(transcript)


class _ThreadedIterator:
    """An iterator that may block, in a thread: the loop goes on, and may even end.

    Args:
        iterable: The iterator.
    """

    def __init__(self, iterable: Iterable[object]) -> None:
        self._iterator = _iterate(iterable)
        self._asked: SimpleQueue[Future[object] | None] = SimpleQueue()
        # The iterator sees the context variables of its caller, such as the id of a request.
        work = partial(copy_context().run, self._work)
        threading.Thread(target=work, name="cartesia text", daemon=True).start()

    def __aiter__(self) -> _ThreadedIterator:
        return self

    async def __anext__(self) -> object:
        future: Future[object] = Future()
        future.set_running_or_notify_cancel()  # its caller alone can be cancelled
        self._asked.put(future)
        item = await asyncio.wrap_future(future)
        if item is _END:
            raise StopAsyncIteration
        return item

    async def aclose(self) -> None:
        """Have it closed once it returns; a thread cannot be interrupted."""
        self._asked.put(None)

    def _work(self) -> None:
        while (future := self._asked.get()) is not None:
            self._step(future)
        self._iterator.close()

    def _step(self, future: Future[object]) -> None:
        try:
            future.set_result(next(self._iterator, _END))
        except BaseException as error:  # noqa: BLE001 # it is raised where the piece is awaited
            future.set_exception(error)


def _iterate(iterable: Iterable[object]) -> Generator[object, None, None]:
    """Iterate in a generator: its `close` closes what it iterates over, if that can be closed.

    And a StopIteration out of `iter`, which no future takes, becomes a RuntimeError.
    """
    yield from iterable

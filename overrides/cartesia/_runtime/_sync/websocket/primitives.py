"""What a WebSocket needs of threads; `_async` holds the same names for asyncio."""

from __future__ import annotations

import inspect
import os
import threading
import time
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Callable, Optional, Union

from cartesia._runtime.errors import CartesiaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Transcript = Union[str, Iterable[Optional[str]]]
    BackgroundWork = Callable[["BackgroundTask"], None]

# It is held for microseconds only.
_GUARD_TIMEOUT = 5.0

Guard = threading.Lock
"""Held around each call into the session, which several threads share."""

Lock = threading.Lock
"""Held while a message is sent, so that messages leave in the order in which they were made."""


class LoopAffinity:
    """Where a connection may be used: the process in which it was made."""

    def __init__(self) -> None:
        self._process = os.getpid()

    def check(self) -> None:
        """Check that the caller is there.

        Raises:
            CartesiaError: It is not.
        """
        if os.getpid() != self._process:
            raise CartesiaError("this connection belongs to the process that forked: open another")

    def may_close(self) -> bool:
        """Return whether there is anything to close: what a fork copied is the other process's."""
        return os.getpid() == self._process


class Notifier:
    """Wakes the threads that wait for something. Both are done with the guard held.

    It is no `threading.Condition`, since a KeyboardInterrupt in one of those may leave the lock
    released, or held for ever: https://github.com/python/cpython/issues/118433.

    Args:
        guard: The guard of the session; given back while a thread waits.
    """

    def __init__(self, guard: threading.Lock) -> None:
        self._guard = guard
        self._waiters: list[threading.Lock] = []

    def notify(self) -> None:
        """Wake those who wait, if there are any."""
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                waiter.release()

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None) -> bool:
        """Wait until something is so.

        Args:
            predicate: Tells whether it is; asked after each notification.
            timeout: Seconds to wait at most; None for no limit.

        Returns:
            Whether it is so now.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not (ready := predicate()):
            left = -1.0 if deadline is None else deadline - time.monotonic()
            if deadline is not None and left <= 0:
                break
            self._wait(left)
        return ready

    def _wait(self, seconds: float) -> None:
        waiter = threading.Lock()
        waiter.acquire()
        self._waiters.append(waiter)
        try:
            self._guard.release()
            waiter.acquire(timeout=seconds)
        finally:
            # Bounded, for a KeyboardInterrupt just before it was released.
            self._guard.acquire(timeout=_GUARD_TIMEOUT)
            if waiter in self._waiters:
                self._waiters.remove(waiter)


class BackgroundTask:
    """A thread beside the caller's own, until it ends or is stopped, from anywhere.

    Args:
        work: What it does; it is given this object.
        name: Its name, in lists of threads.

    Attributes:
        is_stopped: Whether it should come to its end.
    """

    def __init__(self, work: BackgroundWork, name: str) -> None:
        self.is_stopped = False
        # Of all things that wake a thread, this one alone may be used in a finalizer.
        self._stops: SimpleQueue[None] = SimpleQueue()
        # A daemon: a connection that was not closed must not keep the process from ending.
        # It may run code of the caller, which sees the context variables of the caller.
        run = partial(copy_context().run, work, self)
        self._thread = threading.Thread(target=run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Have it end. Waits for nothing and takes no lock, so that finalizers may call it."""
        self.is_stopped = True
        self._stops.put(None)

    def wait_stopped(self) -> None:
        """Wait to be stopped; for the work to call."""
        if not self.is_stopped:
            self._stops.get()

    def join(self, timeout: float | None, *, stop: bool = False) -> None:
        """Wait until it has ended, unless it calls this itself.

        Args:
            timeout: Seconds to wait at most; None for no limit.
            stop: Whether to stop it first.
        """
        if self._thread is not threading.current_thread():
            if stop:
                self.stop()
            self._thread.join(timeout)


def finish_call(result: object) -> object:
    """Return what a function of the caller's returned.

    Args:
        result: What it returned.

    Raises:
        TypeError: It is a coroutine function, which nothing here would await.
    """
    if inspect.iscoroutine(result):
        result.close()
        name = result.__qualname__
        raise TypeError(f"{name} is a coroutine function, which only the async client calls")
    return result


def iterate_text(transcript: Iterable[str | None]) -> Iterator[object]:
    """Iterate over the pieces of a text; a StopIteration out of `iter` becomes a RuntimeError."""
    yield from transcript

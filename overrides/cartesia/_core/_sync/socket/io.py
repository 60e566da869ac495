"""What a socket needs of threads: the twin of `_async/socket/io.py`, by hand, same names."""

from __future__ import annotations

import inspect
import threading
from typing import Callable

Guard = threading.Lock
"""Held around each call into the session, which several threads share."""

Lock = threading.Lock
"""Held while a message is sent, so that messages leave in the order in which they were made."""


class Bell:
    """Wakes the one thread that waits for an inbox. It rings and waits with the guard held.

    Args:
        guard: The guard of the session; given back while a thread waits.
    """

    __slots__ = ("_condition",)

    def __init__(self, guard: threading.Lock) -> None:
        self._condition = threading.Condition(guard)

    def ring(self) -> None:
        """Wake the waiter, if there is one."""
        self._condition.notify()

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None) -> bool:
        """Wait until something is so.

        Args:
            predicate: Tells whether it is; asked after each ring.
            timeout: Seconds to wait at most; None for no limit.

        Returns:
            Whether it is so now.
        """
        return self._condition.wait_for(predicate, timeout)


class Worker:
    """A thread beside the caller's own: the reader of a connection, for one.

    Args:
        work: What it does.
        name: Its name, for whoever looks at a list of threads.
    """

    __slots__ = ("_thread",)

    def __init__(self, work: Callable[[], None], name: str) -> None:
        # A daemon: a connection that nobody closed must not keep the process from ending.
        self._thread = threading.Thread(target=work, name=name, daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether it still works."""
        return self._thread.is_alive()

    def join(self, timeout: float) -> None:
        """Wait until it is done, for some seconds at most."""
        if self._thread is not threading.current_thread():
            self._thread.join(timeout)


def settle(result: object, function: object) -> object:
    """Give what a function of the caller's gave.

    Args:
        result: What it returned.
        function: The function.

    Raises:
        TypeError: It is a coroutine function, of which nobody would wait for the end.
    """
    if inspect.iscoroutine(result):
        result.close()
        raise TypeError(f"{function!r} is a coroutine function, which only the async client calls")
    return result

"""What a WebSocket needs of threads; `_async` holds the same names for asyncio."""

from __future__ import annotations

import inspect
import os
import threading
from collections.abc import Iterable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Callable

from cartesia._runtime.errors import CartesiaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Union

    Transcript = Union[str, Iterable[str]]

Guard = threading.Lock
"""Held around each call into the session, which several threads share."""

Lock = threading.Lock
"""Held while a message is sent, so that messages leave in the order in which they were made."""


class Home:
    """Where a connection may be used: the process in which it was made."""

    __slots__ = ("_process",)

    def __init__(self) -> None:
        self._process = os.getpid()

    def check(self) -> None:
        """See that it is used there.

        Raises:
            CartesiaError: It is not.
        """
        if os.getpid() != self._process:
            raise CartesiaError(
                "this connection was opened before this process was forked: "
                "open another one in the new process"
            )

    def may_close(self) -> bool:
        """Tell whether closing it is ours: what a fork left behind belongs to the other process."""
        return os.getpid() == self._process


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


class Feeder:
    """A thread that works for somebody until it is stopped, from anywhere.

    Args:
        work: What it does.
        name: Its name, for whoever looks at a list of threads.

    Attributes:
        is_stopped: Whether it should come to its end.
    """

    __slots__ = ("_stops", "_thread", "is_stopped")

    def __init__(self, work: Callable[[Feeder], None], name: str) -> None:
        self.is_stopped = False
        # Of all things that wake a thread, this one alone may be used in a finalizer.
        self._stops: SimpleQueue[None] = SimpleQueue()
        self._thread = threading.Thread(target=work, args=(self,), name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Have it end. Waits for nothing and takes no lock, so that finalizers may call it."""
        self.is_stopped = True
        self._stops.put(None)

    def rest(self) -> None:
        """Wait to be stopped; for the work to call."""
        if not self.is_stopped:
            self._stops.get()

    def join(self, timeout: float) -> None:
        """Wait until it is done, for some seconds at most."""
        self._thread.join(timeout)


def check_transcript(transcript: object) -> None:
    """See that a transcript can be said.

    Raises:
        TypeError: It is neither a text nor an iterator of texts.
        ValueError: It is empty.
    """
    if isinstance(transcript, str):
        if not transcript.strip():
            raise ValueError("transcript is empty: there is nothing to say")
    elif isinstance(transcript, (bytes, bytearray)) or not isinstance(transcript, Iterable):
        raise TypeError(f"transcript must be a str or an iterator of str, not {transcript!r:.80}")


_END = object()


class TextSource:
    """The pieces of a text.

    Args:
        transcript: The iterator.
    """

    def __init__(self, transcript: Iterable[str]) -> None:
        self._transcript = transcript
        self._iterator: Iterator[str] | None = None

    def next(self) -> str | None:
        """Give the next piece; None at the end.

        Raises:
            TypeError: It is no text.
        """
        if self._iterator is None:
            self._iterator = iter(self._transcript)
        piece: object = next(self._iterator, _END)
        if piece is _END:
            return None
        if not isinstance(piece, str):
            raise TypeError(f"transcript must give str, not {piece!r:.80}")
        return piece

    def close(self) -> None:
        """Close the iterator, if that can be done."""
        close = getattr(self._iterator, "close", None)
        if close is not None:
            close()

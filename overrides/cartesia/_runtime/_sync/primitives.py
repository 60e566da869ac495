"""What differs between async and sync HTTP; the hand-written twin is ``_async/primitives.py``."""

from __future__ import annotations

import atexit
import os
import socket
import sys
import threading
from contextlib import suppress
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Callable, TypeVar

from cartesia._runtime.errors import CartesiaError

if TYPE_CHECKING:
    from collections.abc import Generator
    from concurrent.futures import Future

    import httpx

T = TypeVar("T")

_CLOSING_SECONDS = 5.0
_EXIT_SECONDS = 1.0
_closers: dict[int, SimpleQueue[Callable[[], None]]] = {}
"""What to run soon, for each process: a fork does not copy the thread that runs it."""


def sleep(seconds: float) -> None:
    """Wait.

    Args:
        seconds: How long.
    """
    import time

    time.sleep(seconds)


def current_loop() -> object:
    """Give the event loop that connections opened now belong to.

    Returns:
        Always the same: there is no event loop.
    """
    return "threads"


def run_in_thread(run: Callable[[], None]) -> None:
    """Run something; in async code it is run in a thread.

    Args:
        run: What to run.
    """
    run()


def is_closed_loop(loop: object) -> bool:
    """Tell whether an event loop was closed.

    Args:
        loop: What `current_loop` gave.

    Returns:
        False: there is no event loop.
    """
    del loop
    return False


def is_interrupt(error: BaseException) -> bool:
    """Tell whether a signal handler may have raised an error in the middle of a library's code.

    Args:
        error: The error.

    Returns:
        Whether it may.
    """
    return not isinstance(error, (CartesiaError, TypeError, ValueError))


def run_soon(loop: object, run: Callable[[], None]) -> None:
    """Run something in another thread soon. Takes no lock, so that finalizers may call it.

    Args:
        loop: What `current_loop` gave.
        run: What to run.
    """
    del loop
    # The one of all things that wake a thread that may be used in a finalizer. The thread was
    # started together with the first HTTP client, since a finalizer must not start one.
    closer = _closers.get(os.getpid())
    if closer is not None:
        closer.put(run)


def _run_next(closer: SimpleQueue[Callable[[], None]]) -> None:
    run = closer.get()

    def close() -> None:
        with suppress(Exception):
            run()

    # In a thread of its own: after an interrupt it may wait for a lock for good.
    closing = threading.Thread(target=close, name="cartesia closing", daemon=True)
    with suppress(RuntimeError):  # at the exit of the interpreter, no thread can be started
        closing.start()
        closing.join(_CLOSING_SECONDS)


def _close_for_ever(closer: SimpleQueue[Callable[[], None]]) -> None:
    while True:
        _run_next(closer)


def _close_before_exit() -> None:
    if os.getpid() in _closers:
        done = threading.Event()
        run_soon(None, done.set)
        done.wait(_EXIT_SECONDS)


def close_when_dropped(http: httpx.Client) -> Generator[None, None, None]:
    """Have connections closed even if the client never is: once started, a generator is finalized.

    Args:
        http: The HTTP client.

    Returns:
        The generator, to be kept as long as the HTTP client is in use.
    """

    def wait() -> Generator[None, None, None]:
        try:
            yield
        finally:
            if sys.is_finalizing():  # there are no other threads any more
                http.close()
            elif not http.is_closed:
                run_soon(None, http.close)

    closer: SimpleQueue[Callable[[], None]] = SimpleQueue()
    if _closers.setdefault(os.getpid(), closer) is closer:
        threading.Thread(
            target=_close_for_ever, args=(closer,), name="cartesia closer", daemon=True
        ).start()
        atexit.register(_close_before_exit)
    finalizer = wait()
    next(finalizer)
    return finalizer


def send(http: httpx.Client, request: httpx.Request, seconds: float | None) -> httpx.Response:
    """Send a request, without redirects.

    Args:
        http: The HTTP client.
        request: The request.
        seconds: The limit of the time until the head of the response has come; None for no limit.

    Returns:
        The response, of which only the head has been read.

    Raises:
        TimeoutError: The time is up.
    """
    if seconds is None:
        return http.send(request, stream=True, follow_redirects=False)
    # Nothing interrupts a thread that reads a head which never ends, so the caller's does not.
    import concurrent.futures
    from contextvars import copy_context

    future: Future[httpx.Response] = concurrent.futures.Future()

    def work() -> None:
        try:
            future.set_result(http.send(request, stream=True, follow_redirects=False))
        except BaseException as error:  # noqa: BLE001  # it is raised where the result is awaited
            future.set_exception(error)

    name = "cartesia sending"
    threading.Thread(target=copy_context().run, args=(work,), name=name, daemon=True).start()
    try:
        return future.result(seconds)
    except BaseException as error:
        future.add_done_callback(_close_late)
        if isinstance(error, concurrent.futures.TimeoutError):  # before Python 3.11 its own class
            raise TimeoutError from None
        raise


def _close_late(future: Future[httpx.Response]) -> None:
    with suppress(Exception):
        future.result().close()


class ReadLimit:
    """A limit of the time in which a response is read; what goes on after it must be closed.

    Nothing but the end of its connection interrupts a thread that reads, so a timer shuts the
    connection down. Where the socket is not known, or HTTP/2 shares it between responses, only the
    read time-out limits the reading.

    Args:
        seconds: The limit.
        response: The response.
    """

    def __init__(self, seconds: float, response: httpx.Response) -> None:
        self._end = monotonic() + seconds
        self._timer: threading.Timer | None = None
        stream = response.extensions.get("network_stream")
        connection = None if stream is None else stream.get_extra_info("socket")
        if response.http_version != "HTTP/2" and isinstance(connection, socket.socket):
            self._timer = threading.Timer(max(0.0, seconds), _shut_down, (response, connection))
            self._timer.daemon = True
            self._timer.start()

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return monotonic() >= self._end

    def run(self, read: Callable[[], T]) -> T:
        """Read.

        Args:
            read: Reads from the response.

        Returns:
            What it returned.

        Raises:
            TimeoutError: The time is up.
        """
        if self.passed:
            raise TimeoutError
        return read()

    def cancel(self) -> None:
        """End the limit."""
        if self._timer is not None:
            self._timer.cancel()


def _shut_down(response: httpx.Response, connection: socket.socket) -> None:
    # httpx marks the response as closed before it reuses the connection.
    if not response.is_closed:
        with suppress(OSError):
            # Not the method of a TLS socket, which would drop the TLS state that the reader uses.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)

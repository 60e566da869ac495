"""What differs between async and sync HTTP; the hand-written twin is ``_async/primitives.py``."""

from __future__ import annotations

import _thread
import atexit
import socket
import threading
from contextlib import suppress
from time import monotonic
from time import sleep as sleep  # noqa: PLC0414  # offered from here
from typing import TYPE_CHECKING, Callable, TypeVar

from cartesia._runtime.errors import CartesiaError

if TYPE_CHECKING:
    from collections.abc import Generator
    from concurrent.futures import Future

    import httpx

    from cartesia._runtime.retry import Deadline

T = TypeVar("T")

_EXIT_SECONDS = 1.0
_running: list[Callable[[], None]] = []
"""What `run_soon` began, and has not ended."""


def current_loop() -> object:
    """Return the event loop that connections opened now belong to.

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


def is_interrupt(error: BaseException) -> bool:
    """Return whether a signal handler may have raised an error in the middle of a library's code.

    Args:
        error: The error.

    Returns:
        Whether it may.
    """
    return not isinstance(error, (CartesiaError, TypeError, ValueError))


def run_soon(_loop: object, run: Callable[[], None]) -> None:
    """Run something in another thread soon. Takes no lock, so that finalizers may call it.

    Args:
        _loop: What `current_loop` gave.
        run: What to run. It may wait for a lock for good.
    """
    _running.append(run)
    try:
        # Not by `threading`, which has a lock that a finalizer may have interrupted.
        _thread.start_new_thread(_run, (run,))
    except RuntimeError:  # at the exit of the interpreter, when there are no other threads
        _run(run)


def _run(run: Callable[[], None]) -> None:
    with suppress(Exception):
        run()
    _running.remove(run)


@atexit.register
def _wait_for_running() -> None:
    end = monotonic() + _EXIT_SECONDS
    while _running and monotonic() < end:
        sleep(0.001)


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
            if not http.is_closed:
                run_soon(None, http.close)

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

    _thread.start_new_thread(copy_context().run, (work,))
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


def end_reading(response: httpx.Response) -> None:
    """End a read of a response in another thread: nothing but the end of its connection does.

    Where the socket is not known, or HTTP/2 shares it between responses, only the read time-out
    ends the read.

    Args:
        response: The response.
    """
    stream = response.extensions.get("network_stream")
    connection = None if stream is None else stream.get_extra_info("socket")
    if response.http_version != "HTTP/2" and isinstance(connection, socket.socket):
        with suppress(OSError):
            # Not the method of a TLS socket, which would drop the TLS state of the reader.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)


class ReadLimit:
    """A limit of the time in which a response is read; what goes on after it must be closed.

    Another thread ends the read then, as far as `end_reading` can.

    Args:
        deadline: The limit.
        response: The response.
    """

    def __init__(self, deadline: Deadline, response: httpx.Response) -> None:
        self.deadline = deadline
        # A lock alone: where an interrupt comes while a `threading.Timer` starts, it raises another
        # error.
        self._open = threading.Lock()
        self._open.acquire()
        _thread.start_new_thread(self._end_late, (response,))

    def run(self, read: Callable[[], T]) -> T:
        """Read.

        Args:
            read: Reads from the response.

        Returns:
            What it returned.

        Raises:
            TimeoutError: The time is up.
        """
        if self.deadline.left() <= 0:
            raise TimeoutError
        return read()

    def cancel(self) -> None:
        """End the limit."""
        if self._open.locked():
            self._open.release()

    def _end_late(self, response: httpx.Response) -> None:
        is_cancelled = self._open.acquire(timeout=max(0.0, self.deadline.left()))
        # httpx marks the response as closed before it reuses the connection.
        if not (is_cancelled or response.is_closed):
            end_reading(response)

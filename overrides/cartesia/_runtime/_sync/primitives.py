"""What truly differs between the two worlds; the hand-written twin is ``_async/primitives.py``."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Callable, TypeVar

from cartesia._runtime._sync.pages import SyncCursorIDPage

if TYPE_CHECKING:
    from collections.abc import Generator

    import httpx

T = TypeVar("T")

Paginator = SyncCursorIDPage
"""A list in pages: where calls block, it is its first page."""


def paginate(fetch: Callable[[], SyncCursorIDPage[T]]) -> Paginator[T]:
    """Give a list in pages.

    Args:
        fetch: Gets the first page.

    Returns:
        The first page.
    """
    return fetch()


def sleep(seconds: float) -> None:
    """Wait.

    Args:
        seconds: How long.
    """
    import time

    time.sleep(seconds)


def current_loop() -> object:
    """Give the event loop that connections made now belong to.

    Returns:
        None: there is no event loop.
    """
    return None


def is_over(loop: object) -> bool:
    """Say whether connections are dead for want of their event loop.

    Args:
        loop: What `current_loop` gave.

    Returns:
        False: there is no event loop.
    """
    del loop
    return False


def receive_head(response: httpx.Response) -> httpx.Response:
    """Give an answer on: where calls block, nobody can cancel them.

    Args:
        response: The answer, of which only the head has been read.

    Returns:
        The same.
    """
    return response


def _closing(http: httpx.Client) -> Generator[None, None, None]:
    try:
        yield
    finally:
        http.close()


def guard(http: httpx.Client) -> Generator[None, None, None] | None:
    """See that connections are closed, even where nobody does it.

    The collector may finish the generator: nobody can be inside of a pool that nobody holds.

    Args:
        http: What holds the connections.

    Returns:
        A generator that closes them when it is closed, or dropped.
    """
    generator = _closing(http)
    next(generator)
    return generator


def _break_off(response: httpx.Response, connection: socket.socket) -> None:
    # httpx marks the answer before it gives the connection to others.
    if not response.is_closed:
        with suppress(OSError):
            # Not by the method of a TLS socket, which would take its state from under the reader.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)


def limited(seconds: float, response: httpx.Response, read: Callable[[], object]) -> None:
    """Read from an answer, for a limited time; an answer that has not ended then must be closed.

    Nothing interrupts a thread that reads but the end of its connection, so that is what it gets.
    Where the connection is unknown, or others share it, only the read time-out limits the reading.

    Args:
        seconds: The limit.
        response: The answer.
        read: Reads from it.
    """
    import threading

    stream = response.extensions.get("network_stream")
    connection = None if stream is None else stream.get_extra_info("socket")
    if response.http_version == "HTTP/2" or not isinstance(connection, socket.socket):
        read()
        return
    timer = threading.Timer(seconds, _break_off, (response, connection))
    timer.daemon = True
    timer.start()
    try:
        read()
    finally:
        timer.cancel()

"""What differs between async and sync HTTP; the hand-written twin is ``_async/primitives.py``."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    import httpx


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


def is_closed_loop(loop: object) -> bool:
    """Tell whether an event loop was closed.

    Args:
        loop: What `current_loop` gave.

    Returns:
        False: there is no event loop.
    """
    del loop
    return False


def send(http: httpx.Client, request: httpx.Request) -> httpx.Response:
    """Send a request, without redirects.

    Args:
        http: The HTTP client.
        request: The request.

    Returns:
        The response, of which only the head has been read.
    """
    return http.send(request, stream=True, follow_redirects=False)


def _shut_down(response: httpx.Response, connection: socket.socket) -> None:
    # httpx marks the response as closed before it reuses the connection.
    if not response.is_closed:
        with suppress(OSError):
            # Not the method of a TLS socket, which would drop the TLS state that the reader uses.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)


def read_within(seconds: float, response: httpx.Response, read: Callable[[], object]) -> None:
    """Read from a response for a limited time; if it has not ended by then, it must be closed.

    Nothing but the end of its connection interrupts a thread that reads, so a timer shuts the
    connection down. Where the socket is not known, or HTTP/2 shares it between responses, only the
    read time-out limits the reading.

    Args:
        seconds: The limit.
        response: The response.
        read: Reads from it.
    """
    import threading

    stream = response.extensions.get("network_stream")
    connection = None if stream is None else stream.get_extra_info("socket")
    if response.http_version == "HTTP/2" or not isinstance(connection, socket.socket):
        read()
        return
    timer = threading.Timer(seconds, _shut_down, (response, connection))
    timer.daemon = True
    timer.start()
    try:
        read()
    finally:
        timer.cancel()

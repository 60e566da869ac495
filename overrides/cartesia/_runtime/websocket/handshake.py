"""How an opening handshake fails, in our own words, whatever library was shaking hands."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cartesia._runtime.errors import APIConnectionError, APITimeoutError, CartesiaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx


class HandshakeRefused(Exception):  # noqa: N818 # never reaches the caller
    """The server answered the handshake with a status code.

    Args:
        status: The status code.
        headers: The headers of the answer.
        body: Its body.
    """

    def __init__(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.headers = headers
        self.body = body


class NoSocketAddress(Exception):  # noqa: N818 # never reaches the caller
    """The address is none of a WebSocket."""


def handshake_error(url: str, error: Exception) -> CartesiaError:
    """Give our error for a connection that could not be opened.

    Args:
        url: Where to.
        error: What was raised.
    """
    import httpx

    if isinstance(error, CartesiaError):
        return error
    if isinstance(error, NoSocketAddress):
        return CartesiaError(
            f"{url!r} is no WebSocket address: check base_url and websocket_base_url"
        )
    host = urlsplit(url).netloc
    request = httpx.Request("GET", url)
    if isinstance(error, HandshakeRefused):
        return _refused(error, request)
    if isinstance(error, (TimeoutError, socket.timeout)):
        return APITimeoutError(request, message=f"{host} did not open a WebSocket in time: {error}")
    if isinstance(error, OSError):
        return APIConnectionError(message=f"cannot reach {host}: {error}", request=request)
    return APIConnectionError(message=f"{host} did not open a WebSocket: {error}", request=request)


def _refused(refusal: HandshakeRefused, request: httpx.Request) -> CartesiaError:
    """Give the error for a handshake that was answered with a status, as an HTTP call would."""
    import httpx

    from cartesia._runtime.failures import explain_status
    from cartesia._runtime.retry import RetryPolicy

    content = refusal.body
    answer = httpx.Response(
        refusal.status, headers=list(refusal.headers), content=content, request=request
    )
    asked = RetryPolicy(max_retries=0, cautious=True).asked_wait(answer.headers)
    return explain_status(answer, content, credentials="", retry_after=asked)

"""What the `websockets` library raises and logs, in our own words."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidURI

from cartesia._core.errors import APIConnectionError, APITimeoutError, CartesiaError
from cartesia._core.socket.errors import Close

if TYPE_CHECKING:
    import httpx
    from websockets.http11 import Response


class HandshakeRefused(Exception):  # noqa: N818 # never reaches the caller
    """The server answered the handshake with a status code.

    Args:
        response: The answer.
    """

    def __init__(self, response: Response) -> None:
        super().__init__(f"status {response.status_code}")
        self.response = response


class QuietLogger(logging.LoggerAdapter):  # type: ignore[type-arg] # generic only from Python 3.11 on
    """A logger that prints no traffic: at debug level the library writes headers, key and all."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 # the name is logging's
        """Refuse whatever is less than a warning."""
        return level >= logging.WARNING and super().isEnabledFor(level)


LOGGER = QuietLogger(logging.getLogger("cartesia.socket"), {})


def close_of(error: ConnectionClosed) -> Close:
    """Tell how a connection ended.

    Args:
        error: What the library raised.
    """
    if error.rcvd is not None:
        return Close(error.rcvd.code, error.rcvd.reason, "server", error)
    if error.sent is not None:
        # Our side gave up first: a message too large, a ping without answer.
        return Close(error.sent.code, error.sent.reason, "client", error)
    return Close(1006, str(error.__cause__ or ""), "server", error)


def handshake_error(url: str, error: Exception) -> CartesiaError:
    """Give our error for a connection that could not be opened.

    Args:
        url: Where to.
        error: What the library raised.
    """
    import httpx

    if isinstance(error, InvalidURI):
        return CartesiaError(
            f"{url!r} is no WebSocket address: check base_url and websocket_base_url"
        )
    host = urlsplit(url).netloc
    request = httpx.Request("GET", url)
    if isinstance(error, HandshakeRefused):
        return _refused(error.response, request)
    if isinstance(error, (TimeoutError, socket.timeout)):
        return APITimeoutError(request, message=f"{host} did not open a WebSocket in time: {error}")
    if isinstance(error, OSError):
        return APIConnectionError(message=f"cannot reach {host}: {error}", request=request)
    return APIConnectionError(message=f"{host} did not open a WebSocket: {error}", request=request)


def _refused(response: Response, request: httpx.Request) -> CartesiaError:
    """Give the error for a handshake that was answered with a status, as an HTTP call would."""
    import httpx

    from cartesia._core.failures import explain_status
    from cartesia._core.retry import RetryPolicy

    content = bytes(response.body or b"")
    headers = list(response.headers.raw_items())
    answer = httpx.Response(response.status_code, headers=headers, content=content, request=request)
    asked = RetryPolicy(max_retries=0, cautious=True).asked_wait(answer.headers)
    return explain_status(answer, content, credentials="", retry_after=asked)

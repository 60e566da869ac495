"""What the `websockets` library raises and logs, in our own words."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from cartesia._runtime.websocket.errors import Close, HandshakeRefused

if TYPE_CHECKING:
    from websockets.exceptions import ConnectionClosed, InvalidStatus

    from cartesia._runtime.errors import CartesiaError
    from cartesia._runtime.websocket.options import ConnectionOptions


class QuietLogger(logging.LoggerAdapter):  # type: ignore[type-arg] # generic only from Python 3.11 on
    """A logger that prints no traffic: at debug level the library writes headers, key and all."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 # the name is logging's
        """Refuse whatever is less than a warning."""
        return level >= logging.WARNING and super().isEnabledFor(level)


LOGGER = QuietLogger(logging.getLogger("cartesia.socket"), {})


# `Any`: the library's functions take arguments of many types.
def connect_options(options: ConnectionOptions) -> dict[str, Any]:
    """Pick what the library itself has to know to open a connection; the rest is ours.

    Args:
        options: How the connection is opened.
    """
    own = ("extensions", "subprotocols", "compression", "max_size", "open_timeout")
    return {name: value for name, value in options.items() if name in own}


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


def opening_error(url: str, error: Exception) -> CartesiaError:
    """Give our error for a connection that the library could not open.

    Args:
        url: Where to.
        error: What it raised.
    """
    from cartesia._runtime.explain import explain_handshake

    return explain_handshake(url, error)


def refusal_of(error: InvalidStatus) -> HandshakeRefused:
    """Tell what the server answered instead of opening a WebSocket.

    Args:
        error: What the library raised.
    """
    answer = error.response
    return HandshakeRefused(
        answer.status_code, list(answer.headers.raw_items()), bytes(answer.body or b"")
    )

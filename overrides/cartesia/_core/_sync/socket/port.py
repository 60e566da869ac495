# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_core/_async/socket/port.py
# Do not edit: change that file instead.
"""One connection over the `websockets` library; only this module knows how it is called."""

from __future__ import annotations

import socket
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.protocol import State
from websockets.sync.client import ClientConnection, connect

from cartesia._core._sync.socket.io import Worker
from cartesia._core.socket.errors import PortClosed
from cartesia._core.socket.wire import LOGGER, HandshakeRefused, close_of, handshake_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cartesia._core.socket.options import ConnectionOptions


class _Connection(ClientConnection):
    """The library's connection, for which a redirect is a refusal.

    Some of its versions follow redirects, and some of those carry the key to another host.
    """

    # `Any`: the arguments are the library's, and differ between its versions.
    def handshake(self, *arguments: Any, **named: Any) -> None:
        try:
            super().handshake(*arguments, **named)
        except InvalidStatus as error:
            raise HandshakeRefused(error.response) from error


class Port:
    """Moves whole messages over one open WebSocket; knows nothing of what they say.

    Args:
        websocket: The library's connection.
        close_timeout: Seconds that closing may take.
    """

    __slots__ = ("_close_timeout", "_websocket")

    def __init__(self, websocket: ClientConnection, close_timeout: float) -> None:
        self._websocket = websocket
        self._close_timeout = close_timeout

    def receive(self) -> bytes:
        """Give the next message.

        Raises:
            PortClosed: There is none: the connection is closed.
        """
        try:
            # Text stays UTF-8: the JSON decoder wants bytes.
            return self._websocket.recv(decode=False)
        except ConnectionClosed as error:
            raise PortClosed(close_of(error), written=False) from error

    def send(self, data: bytes | bytearray | memoryview, *, text: bool) -> None:
        """Send one message.

        Args:
            data: The message.
            text: Whether it goes as a text frame.

        Raises:
            PortClosed: The connection is closed.
        """
        written = self._websocket.state is State.OPEN
        try:
            self._websocket.send(data, text=text)
        except ConnectionClosed as error:
            raise PortClosed(close_of(error), written=written) from error

    def close(self, code: int, reason: str) -> None:
        """Close the connection, within the bound.

        Args:
            code: The close code.
            reason: The close reason.
        """
        # The library waits for a sender that is stuck in a full socket; we do not.
        closer = Worker(partial(self._websocket.close, code, reason), "cartesia socket closer")
        closer.join(self._close_timeout)
        if closer.is_alive:
            self.abort()

    def abort(self) -> None:
        """Cut the connection, without a close frame."""
        with suppress(OSError):  # it may be closed already
            self._websocket.socket.shutdown(socket.SHUT_RDWR)


def open_port(url: str, headers: Sequence[tuple[str, str]], options: ConnectionOptions) -> Port:
    """Connect and shake hands.

    Args:
        url: Where to.
        headers: The headers of the handshake.
        options: How; every option that has a default is there.

    Raises:
        APIStatusError: The server refused, by its status code.
        APIConnectionError: It could not be reached.
        APITimeoutError: It did not answer in time.
        CartesiaError: The address is no WebSocket address.
    """
    settings = options.copy()
    settings.pop("write_limit", None)  # a thread waits for each message to leave anyway
    try:
        websocket = connect(
            url,
            additional_headers=headers,
            user_agent_header=None,
            logger=LOGGER,
            create_connection=_Connection,
            **settings,
        )
        # Does nothing but tell the library that somebody will close it.
        websocket.__enter__()
    except Exception as error:
        raise handshake_error(url, error) from error
    return Port(websocket, options.get("close_timeout", 2.0))

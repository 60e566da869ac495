"""The transport beneath a response, to cut the connection against the rules of its protocol."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import NoReturn

from starlette.types import Message, Receive, Scope

_KEY = "cartesia_mock.transport"
_DELIVERY_SECONDS = 0.05
_LINGER_ZERO = struct.pack("ii", 1, 0)
_DISCONNECTS = {"http.disconnect", "websocket.disconnect"}


class ConnectionCutError(OSError):
    """The connection was cut by a fault; for handlers it is a disconnected client."""


class FaultyTransport:
    """The connection of one request or WebSocket.

    Args:
        scope: The ASGI scope, with the transport that the mock's server adds.
        receive: Receives ASGI messages.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        transport: asyncio.Transport | None = scope.get("state", {}).get(_KEY)
        if transport is None:
            raise RuntimeError("faults need the mock's own server, which exposes its transports")
        self.was_cut = False
        self.is_disconnected = False
        self._transport: asyncio.Transport = transport
        self._receive = receive

    @staticmethod
    def scope_state(transport: asyncio.Transport) -> dict[str, object]:
        """Return the state that a server adds to each ASGI scope."""
        return {_KEY: transport}

    async def cut(self, how: str) -> NoReturn:
        """Cut the connection.

        Args:
            how: `close` after buffered data was sent, `reset`, or `stall` until the client
                disconnects.

        Raises:
            ConnectionCutError: Always.
        """
        self.was_cut = True
        if how == "stall":
            await self.wait_disconnected()
        elif how == "reset":
            # A reset discards data in flight: it has to arrive before.
            await asyncio.sleep(_DELIVERY_SECONDS)
            self.reset()
        else:
            self.close()
        raise ConnectionCutError("the connection was cut by a fault")

    def close(self) -> None:
        """Close the connection after buffered data was sent."""
        self._transport.close()

    def reset(self) -> None:
        """Reset the connection immediately."""
        connection: socket.socket | None = self._transport.get_extra_info("socket")
        if connection is not None and not self._transport.is_closing():
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self._transport.abort()

    def pause(self) -> None:
        """Stop reading."""
        if not self._transport.is_closing():
            self._transport.pause_reading()

    async def wait_disconnected(self) -> None:
        """Wait until the client has disconnected."""
        while not self.is_disconnected:
            await self.receive()

    async def receive(self) -> Message:
        """Receive an ASGI message."""
        message = await self._receive()
        self.is_disconnected = message["type"] in _DISCONNECTS
        return message

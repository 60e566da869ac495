"""The connection beneath an answer, for cutting it where HTTP and WebSocket would not."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import NoReturn

from starlette.types import Message, Receive, Scope

_KEY = "cartesia_mock.transport"
_ARRIVAL_SECONDS = 0.05
_RESET = struct.pack("ii", 1, 0)
_GONE = {"http.disconnect", "websocket.disconnect"}


class Severed(OSError):  # noqa: N818  it says what the connection is
    """The connection was cut on purpose; handlers take it for a client that left."""


class Line:
    """The connection of one request or socket.

    Args:
        scope: The ASGI scope; the mock's own server has put the transport into it.
        receive: Gives what the client sends.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        transport: asyncio.Transport | None = scope.get("state", {}).get(_KEY)
        if transport is None:
            raise RuntimeError("faults need the mock's own server: it hands over its connections")
        self.is_cut = False
        self.is_gone = False
        self._transport: asyncio.Transport = transport
        self._receive = receive

    @staticmethod
    def hand_over(transport: asyncio.Transport) -> dict[str, object]:
        """Give what a server puts into the state of each scope."""
        return {_KEY: transport}

    async def cut(self, how: str) -> NoReturn:
        """Cut it for good.

        Args:
            how: `close` it after what was written has been sent, `reset` it, or `stall` until the
                client leaves.

        Raises:
            Severed: Always.
        """
        self.is_cut = True
        if how == "stall":
            await self.until_gone()
        elif how == "reset":
            # What was written is to arrive: a reset throws away what is still under way.
            await asyncio.sleep(_ARRIVAL_SECONDS)
            self.reset()
        else:
            self.close()
        raise Severed("the connection was cut on purpose")

    def close(self) -> None:
        """Close it after what was written has been sent."""
        self._transport.close()

    def reset(self) -> None:
        """Reset it at once."""
        connection: socket.socket | None = self._transport.get_extra_info("socket")
        if connection is not None and not self._transport.is_closing():
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()

    def pause(self) -> None:
        """Read nothing more from it."""
        if not self._transport.is_closing():
            self._transport.pause_reading()

    async def until_gone(self) -> None:
        """Wait until the client has left, or the connection is no more."""
        while not self.is_gone:
            await self.receive()

    async def receive(self) -> Message:
        """Give what the client sends."""
        message = await self._receive()
        self.is_gone = message["type"] in _GONE
        return message

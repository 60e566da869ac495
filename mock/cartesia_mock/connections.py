"""The two protocols of the server, with what uvicorn's own do not do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from cartesia_mock.faults.line import Line

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent


class Connection(H11Protocol):
    """An HTTP connection that faults can cut; a WebSocket on it can be cut too."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, **Line.hand_over(transport)}


class SocketConnection(WebSocketsSansIOProtocol):
    """A WebSocket connection whose refused handshake is not logged as a mistake."""

    async def send(self, message: ASGISendEvent) -> None:
        """Send an ASGI message."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True

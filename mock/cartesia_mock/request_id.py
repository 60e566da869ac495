"""The identifier of each request, which every answer carries as `x-request-id`."""

from __future__ import annotations

import uuid

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_KEY = "cartesia_mock.request_id"
_STARTS = {"http.response.start", "websocket.accept", "websocket.http.response.start"}


def request_id(connection: HTTPConnection) -> str:
    """Give the identifier of a request or a socket (UUID)."""
    return str(connection.scope[_KEY])


class RequestID:
    """Middleware that names every request and puts the name on its answer.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        scope[_KEY] = str(uuid.uuid4())

        async def send_named(message: Message) -> None:
            if message["type"] in _STARTS:
                header = (b"x-request-id", scope[_KEY].encode())
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        await self._app(scope, receive, send_named)

"""The identifier of each request, sent with every response as `x-request-id`."""

from __future__ import annotations

import uuid

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_KEY = "cartesia_mock.request_id"
_RESPONSE_STARTS = {"http.response.start", "websocket.accept", "websocket.http.response.start"}


def request_id(connection: HTTPConnection) -> str:
    """Return the identifier of a request or a WebSocket (UUID)."""
    return str(connection.scope[_KEY])


class RequestIDMiddleware:
    """ASGI middleware that assigns the identifier and adds the header.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        scope[_KEY] = str(uuid.uuid4())

        async def send_with_header(message: Message) -> None:
            if message["type"] in _RESPONSE_STARTS:
                header = (b"x-request-id", scope[_KEY].encode())
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        await self._app(scope, receive, send_with_header)

"""Sending errors: in the shape of the request's API version, over HTTP or to a handshake."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.request_id import request_id
from cartesia_mock.api.versions import error_version

if TYPE_CHECKING:
    from typing import TypeAlias  # new in Python 3.10

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


def error_response(connection: HTTPConnection, error: HTTPError, default_version: str) -> Response:
    """Build the response for an error.

    Args:
        connection: The request, or the WebSocket before it is accepted.
        error: The error.
        default_version: API version of requests that name no valid one.

    Returns:
        The response.
    """
    return error.response(error_version(connection, default_version), request_id(connection))


def with_error_responses(endpoint: Endpoint, default_version: str) -> Endpoint:
    """Wrap an endpoint that is not part of the document, so that an HTTPError is answered."""

    async def respond(request: Request) -> Response:
        try:
            return await endpoint(request)
        except HTTPError as error:
            return error_response(request, error, default_version)

    return respond


async def send_response(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a response over HTTP, or as the refusal of a WebSocket handshake."""
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).send_denial_response(response)
    else:
        await response(scope, receive, send)

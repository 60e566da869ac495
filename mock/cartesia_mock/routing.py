"""Routes made from the document: each path finds its operation, and each operation its handler."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from cartesia_mock.auth import authenticate
from cartesia_mock.call import Call, Handler, Mock, SocketCall, SocketHandler
from cartesia_mock.document import DocumentError, Operation
from cartesia_mock.errors import APIError, internal_error
from cartesia_mock.request_id import request_id
from cartesia_mock.validation import read_body, read_content, read_parameters
from cartesia_mock.versions import QUERY, Version, asked_version, version_text

_log = logging.getLogger("cartesia_mock")


def make_routes(
    mock: Mock,
    handlers: Mapping[str, Handler],
    sockets: Mapping[str, SocketHandler],
) -> list[BaseRoute]:
    """Make the routes of every operation of the document.

    Args:
        mock: The server's parts.
        handlers: What answers each operation, by operationId.
        sockets: What runs each WebSocket, by operationId.

    Returns:
        The routes; fixed segments of a path win over parameters.

    Raises:
        DocumentError: An operation has no handler; it is named.
    """
    paths: dict[str, dict[str, Operation]] = {}
    for operation in mock.document.operations:
        if operation.id not in (sockets if operation.socket else handlers):
            raise DocumentError(
                f"nothing answers the operation {operation.id!r} ({operation.method} "
                f"{operation.path}): give it an example of its answer in the document, or "
                "register a handler for it in cartesia_mock/app.py"
            )
        paths.setdefault(operation.path, {})[operation.method] = operation
    routes: list[BaseRoute] = []
    for path in sorted(paths, key=_precedence):
        operations = paths[path]
        routes.append(Route(path, _Path(mock, operations, handlers)))
        routes += [
            WebSocketRoute(path, _Socket(mock, operation, sockets[operation.id]))
            for operation in operations.values()
            if operation.socket
        ]
    return routes


class NotFound:
    """Answers what no route answers.

    Args:
        mock: The server's parts.
    """

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 404, over HTTP or to a handshake."""
        connection = HTTPConnection(scope)
        error = APIError(404, "Not found", f"there is nothing at {connection.url.path}")
        response = _respond(self._mock, connection, error)
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(response)
        else:
            await response(scope, receive, send)


@dataclass(frozen=True)
class _Path:
    """Everything that can be asked of one path over HTTP."""

    mock: Mock
    operations: Mapping[str, Operation]
    handlers: Mapping[str, Handler]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except APIError as error:
            response = _respond(self.mock, request, error)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001  whatever it is, the client is told
            _log.exception("%s %s failed", request.method, request.url.path)
            response = _respond(self.mock, request, internal_error(error))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        mock = self.mock
        content = await read_content(request, mock.settings.max_body_bytes)
        operation = self.operations.get(request.method)
        if operation is None:
            allowed = ", ".join(sorted(self.operations))
            message = f"{request.method} {request.url.path}: allowed are {allowed}"
            raise APIError(405, "Method not allowed", message, headers={"allow": allowed})
        version = _admit(mock, request, operation)
        if operation.socket is not None:
            headers = {"upgrade": "websocket", "connection": "upgrade"}
            message = f"open {request.url.path} as a WebSocket"
            raise APIError(426, HTTPStatus(426).phrase, message, headers=headers)
        parameters = read_parameters(request, operation, mock.schemas)
        if content is None:
            limit = mock.settings.max_body_bytes
            raise APIError(413, "Request too large", f"the body has more than {limit} bytes")
        body, files = await read_body(request, content, operation.body, mock.schemas)
        call = Call(
            mock=mock,
            request=request,
            operation=operation,
            version=version,
            request_id=request_id(request),
            path=parameters["path"],
            query=parameters["query"],
            body=body,
            files=files,
        )
        return await self.handlers[operation.id](call)


@dataclass(frozen=True)
class _Socket:
    """One WebSocket operation."""

    mock: Mock
    operation: Operation
    handler: SocketHandler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        try:
            version = _admit(self.mock, websocket, self.operation)
            query = read_parameters(websocket, self.operation, self.mock.schemas)["query"]
            call = SocketCall(
                mock=self.mock,
                websocket=websocket,
                operation=self.operation,
                version=version,
                request_id=request_id(websocket),
                query=query,
            )
            await self.handler(call)
        except APIError as error:  # A handler raises one only before it accepts the socket.
            await websocket.send_denial_response(_respond(self.mock, websocket, error))


def _precedence(path: str) -> list[tuple[bool, str]]:
    return [(segment.startswith("{"), segment) for segment in path.split("/")]


def _admit(mock: Mock, connection: HTTPConnection, operation: Operation) -> Version:
    """Check credentials and version; give the version that the request speaks."""
    if operation.secured:
        authenticate(connection, mock.settings.api_key, mock.tokens, operation.grant)
    text = version_text(connection)
    if not text:
        if not operation.secured:
            return Version.parse(mock.document.version)
        way = f"send the header `Cartesia-Version: {mock.document.version}`"
        if connection.scope["type"] == "websocket":
            way += f" or the query parameter `{QUERY}`"
        raise APIError(400, "Missing API version", way)
    try:
        return Version.parse(text)
    except ValueError as error:
        raise APIError(400, "Invalid API version", f"Cartesia-Version: {error}") from None


def _respond(mock: Mock, connection: HTTPConnection, error: APIError) -> Response:
    """Give an error in the shape of the request's version, or of the document's if it has none."""
    version = asked_version(connection, mock.document.version)
    return error.response(version, request_id(connection))

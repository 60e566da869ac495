"""Routes from the document: from a path to its operation, and from an operation to its handler."""

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

from cartesia_mock.api.error_responses import error_response, send_response
from cartesia_mock.api.http_errors import HTTPError, internal_error
from cartesia_mock.api.jsontypes import JSONFields
from cartesia_mock.api.request_id import request_id
from cartesia_mock.api.versions import Version, request_version
from cartesia_mock.document.openapi_document import APIDocument, APIOperation, InvalidDocumentError
from cartesia_mock.http.api_request import (
    APIRequest,
    Handler,
    Mock,
    WebSocketHandler,
    WebSocketRequest,
)
from cartesia_mock.http.authentication import authenticate
from cartesia_mock.http.request_validation import (
    check_known_values,
    parse_body,
    parse_parameters,
    read_request_content,
)
from cartesia_mock.speech import SpeechTooLongError

_log = logging.getLogger("cartesia_mock")


def make_routes(
    mock: Mock,
    handlers: Mapping[str, Handler],
    sockets: Mapping[str, WebSocketHandler],
) -> list[BaseRoute]:
    """Create the routes of every operation of the document.

    Args:
        mock: The server's components.
        handlers: Handlers of HTTP operations, by operationId.
        sockets: Handlers of WebSocket operations, by operationId.

    Returns:
        The routes; literal path segments take precedence over parameters.

    Raises:
        InvalidDocumentError: An operation has no handler.
    """
    check_served(mock.document, handlers, sockets)
    paths: dict[str, dict[str, APIOperation]] = {}
    for operation in mock.document.operations:
        paths.setdefault(operation.path, {})[operation.method] = operation
    routes: list[BaseRoute] = []
    for path in sorted(paths, key=_precedence):
        operations = paths[path]
        # With and without a slash at the end, unlike the API, which wants that of the document:
        # clients do not agree on it.
        for spelling in {path, path.rstrip("/") or "/", f"{path.rstrip('/')}/"}:
            routes.append(Route(spelling, _HTTPEndpoint(mock, operations, handlers)))
            routes += [
                WebSocketRoute(spelling, _WebSocketEndpoint(mock, operation, sockets[operation.id]))
                for operation in operations.values()
                if operation.socket
            ]
    return routes


def check_served(
    document: APIDocument, handlers: Mapping[str, object], sockets: Mapping[str, object]
) -> None:
    """Check that every operation has a handler.

    Args:
        document: The document.
        handlers: Handlers of HTTP operations, by operationId.
        sockets: Handlers of WebSocket operations, by operationId.

    Raises:
        InvalidDocumentError: An operation has none.
    """
    for operation in document.operations:
        if operation.id not in (sockets if operation.socket else handlers):
            what = "its messages" if operation.socket else "its answer"
            raise InvalidDocumentError(
                f"nothing answers the operation {operation.id!r} ({operation.method} "
                f"{operation.path}): give it an example of {what} in the document, or "
                "register a handler for it in cartesia_mock/handlers/__init__.py"
            )


class NotFoundApp:
    """Responds with 404 to a request or handshake that no route matches.

    Args:
        mock: The server's components.
    """

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        connection = HTTPConnection(scope)
        error = HTTPError(404, "Not found", f"there is nothing at {connection.url.path}")
        response = error_response(connection, error, self._mock.document.version)
        await send_response(response, scope, receive, send)


@dataclass(frozen=True)
class _HTTPEndpoint:
    """All HTTP operations of one path."""

    mock: Mock
    operations: Mapping[str, APIOperation]
    handlers: Mapping[str, Handler]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        default_version = self.mock.document.version
        try:
            response = await self._respond(request)
        except HTTPError as error:
            response = error_response(request, error, default_version)
        except SpeechTooLongError as error:
            too_long = HTTPError(400, "Transcript too long", str(error))
            response = error_response(request, too_long, default_version)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001  every failure is reported to the client
            _log.exception("%s %s failed", request.method, request.url.path)
            response = error_response(request, internal_error(error), default_version)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        mock = self.mock
        content = await read_request_content(request, mock.settings.max_body_bytes)
        operation = self.operations.get(request.method)
        if operation is None:
            allowed = ", ".join(sorted(self.operations))
            message = f"{request.method} {request.url.path}: allowed are {allowed}"
            raise HTTPError(405, "Method not allowed", message, headers={"allow": allowed})
        version = _admit(mock, request, operation)
        if operation.socket is not None:
            headers = {"upgrade": "websocket", "connection": "upgrade"}
            message = f"open {request.url.path} as a WebSocket"
            raise HTTPError(426, HTTPStatus(426).phrase, message, headers=headers)
        parameters = parse_parameters(request, operation, mock.schemas)
        if content is None:
            limit = mock.settings.max_body_bytes
            raise HTTPError(413, "Request too large", f"the body has more than {limit} bytes")
        body, files = await parse_body(request, content, operation.body, mock.schemas)
        api_request = APIRequest(
            mock=mock,
            http=request,
            operation=operation,
            version=version,
            id=request_id(request),
            path=parameters["path"],
            query=parameters["query"],
            body=body,
            files=files,
        )
        if not mock.settings.examples:  # Otherwise any id exists, and any model.
            check_known_values(body, api_request.field_schemas, mock)
        return await self.handlers[operation.id](api_request)


@dataclass(frozen=True)
class _WebSocketEndpoint:
    """One WebSocket operation."""

    mock: Mock
    operation: APIOperation
    handler: WebSocketHandler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        try:
            request = WebSocketRequest(
                mock=self.mock,
                websocket=websocket,
                operation=self.operation,
                version=_admit(self.mock, websocket, self.operation),
                id=request_id(websocket),
                parse_query=lambda: self._parse_query(websocket),
            )
            await self.handler(request)
        except HTTPError as error:  # Handlers raise it only before they accept the WebSocket.
            response = error_response(websocket, error, self.mock.document.version)
            await websocket.send_denial_response(response)

    def _parse_query(self, websocket: WebSocket) -> JSONFields:
        query = parse_parameters(websocket, self.operation, self.mock.schemas)["query"]
        schemas = {each.name: each.schema for each in self.operation.parameters}
        check_known_values(query, schemas, self.mock)
        return query


def _precedence(path: str) -> list[tuple[bool, str]]:
    return [(segment.startswith("{"), segment) for segment in path.split("/")]


def _admit(mock: Mock, connection: HTTPConnection, operation: APIOperation) -> Version:
    """Check the credentials, and return the API version that the request is served by."""
    if operation.secured:
        authenticate(connection, mock.settings.api_key, mock.tokens, operation.grant)
    return request_version(connection, mock.default_date, mock.dates, required=operation.secured)

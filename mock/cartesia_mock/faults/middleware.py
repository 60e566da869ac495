"""The middleware that applies faults to requests; handlers are not involved."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from cartesia_mock.api.error_responses import error_response, send_response
from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.faults import http_faults
from cartesia_mock.faults.fault_types import FAULT_TYPES, FaultSpec, parse_faults
from cartesia_mock.faults.faulty_transport import ConnectionCutError, FaultyTransport
from cartesia_mock.faults.registry import FaultRegistry
from cartesia_mock.faults.sse_faults import filter_events
from cartesia_mock.faults.websocket_faults import filter_messages

FAULT_HEADER = "x-mock-fault"
_ADMIN_PREFIX = "/_mock/"

_Wrap = Callable[[FaultSpec, ASGIApp, FaultyTransport], ASGIApp]
_HTTP_FAULTS: dict[str, _Wrap] = {
    "status": http_faults.replace_with_status,
    "delay": http_faults.delay,
    "drop": http_faults.drop,
    "cut": http_faults.cut,
    "body": http_faults.change_body,
    "media": http_faults.change_type,
    "gzip": http_faults.compress,
    "hang-up": http_faults.close_afterwards,
}


class FaultMiddleware:
    """ASGI middleware that applies the faults of the request header, and armed ones.

    Several faults are applied in sequence, each to the output of the one before.

    Args:
        app: The application.
        registry: The armed faults.
        default_version: API version of errors for requests that name none.
    """

    def __init__(self, app: ASGIApp, registry: FaultRegistry, default_version: str) -> None:
        self._app = app
        self._registry = registry
        self._default_version = default_version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        kind = scope["type"]
        if kind not in {"http", "websocket"} or scope["path"].startswith(_ADMIN_PREFIX):
            await self._app(scope, receive, send)
            return
        try:
            faults = _requested_faults(scope)
        except ValueError as error:
            failure = HTTPError(400, "Invalid fault", f"{FAULT_HEADER}: {error}")
            response = error_response(HTTPConnection(scope), failure, self._default_version)
            await send_response(response, scope, receive, send)
            return
        faults += self._registry.take(kind, scope.get("method", "GET"), scope["path"])
        if faults:
            await _run(self._app, faults, scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _run(
    app: ASGIApp, faults: list[FaultSpec], scope: Scope, receive: Receive, send: Send
) -> None:
    transport = FaultyTransport(scope, receive)
    for fault in faults:
        app = _wrapper(fault)(fault, app, transport)
    try:
        await app(scope, transport.receive, send)
    except (ConnectionCutError, ClientDisconnect, WebSocketDisconnect):
        if not transport.was_cut:
            raise
    if transport.was_cut and not transport.is_disconnected:
        await transport.wait_disconnected()


def _wrapper(fault: FaultSpec) -> _Wrap:
    if fault.name.startswith("sse-"):
        return filter_events
    return filter_messages if fault.name.startswith("socket-") else _HTTP_FAULTS[fault.name]


def _requested_faults(scope: Scope) -> list[FaultSpec]:
    """Parse the faults in the header of a request."""
    faults = parse_faults(",".join(Headers(scope=scope).getlist(FAULT_HEADER)))
    for fault in faults:
        if scope["type"] not in fault.fault_type.where:
            fitting = [name for name, each in FAULT_TYPES.items() if scope["type"] in each.where]
            raise ValueError(f"{fault.name} does not happen here; use one of {', '.join(fitting)}")
    return faults

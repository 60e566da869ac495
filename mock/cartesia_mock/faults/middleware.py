"""The middleware that lets requests run into faults; handlers know nothing of it."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from cartesia_mock.errors import APIError
from cartesia_mock.request_id import request_id
from cartesia_mock.versions import asked_version

from . import answers
from .desk import Desk
from .kinds import KINDS, Fault, parse_faults
from .line import Line, Severed
from .sockets import disturb_socket
from .streams import disturb_stream

HEADER = "x-mock-fault"
ADMIN = "/_mock/"
"""What paths begin with that are no part of the API."""

_Apply = Callable[[Fault, ASGIApp, Line], ASGIApp]
_ANSWERS: dict[str, _Apply] = {
    "status": answers.answer_status,
    "delay": answers.delay,
    "drop": answers.drop,
    "cut": answers.cut,
    "body": answers.change_body,
    "media": answers.change_type,
    "gzip": answers.compress,
    "hang-up": answers.hang_up,
}


class Faults:
    """Lets requests run into what they ask for, or what was armed for them.

    Several faults follow each other: each disturbs what the one before has left.

    Args:
        app: The application.
        desk: Where faults are armed.
        version: API version of errors for requests that name none.
    """

    def __init__(self, app: ASGIApp, desk: Desk, version: str) -> None:
        self._app = app
        self._desk = desk
        self._version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        kind = scope["type"]
        if kind not in {"http", "websocket"} or scope["path"].startswith(ADMIN):
            await self._app(scope, receive, send)
            return
        try:
            faults = _asked_for(scope)
        except ValueError as error:
            await self._refuse(scope, receive, send, error)
            return
        faults += self._desk.take(kind, scope.get("method", "GET"), scope["path"])
        if faults:
            await _run(self._app, faults, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, error: ValueError) -> None:
        connection = HTTPConnection(scope)
        failure = APIError(400, "Invalid fault", f"{HEADER}: {error}")
        version = asked_version(connection, self._version)
        response = failure.response(version, request_id(connection))
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(response)
        else:
            await response(scope, receive, send)


async def _run(
    app: ASGIApp, faults: list[Fault], scope: Scope, receive: Receive, send: Send
) -> None:
    line = Line(scope, receive)
    for fault in faults:
        app = _apply(fault)(fault, app, line)
    try:
        await app(scope, line.receive, send)
    except (Severed, ClientDisconnect, WebSocketDisconnect):
        if not line.is_cut:
            raise
    if line.is_cut and not line.is_gone:
        await line.until_gone()


def _apply(fault: Fault) -> _Apply:
    if fault.name.startswith("sse-"):
        return disturb_stream
    return disturb_socket if fault.name.startswith("socket-") else _ANSWERS[fault.name]


def _asked_for(scope: Scope) -> list[Fault]:
    """Read the faults that a request asks for itself."""
    faults = parse_faults(",".join(Headers(scope=scope).getlist(HEADER)))
    for fault in faults:
        if scope["type"] not in fault.kind.where:
            fitting = [name for name, kind in KINDS.items() if scope["type"] in kind.where]
            raise ValueError(f"{fault.name} does not happen here; use one of {', '.join(fitting)}")
    return faults

"""HTTP faults: responses with another status, body or type, delayed, or cut."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
from collections.abc import Awaitable, Callable, Iterable
from email.utils import format_datetime

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cartesia_mock.api.error_responses import send_response
from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.request_id import request_id
from cartesia_mock.api.versions import Version, error_version
from cartesia_mock.faults.fault_types import FaultSpec
from cartesia_mock.faults.faulty_transport import FaultyTransport

_START, _BODY = "http.response.start", "http.response.body"
_HEADS = {_START, "websocket.accept", "websocket.http.response.start"}
_CHUNKS = {_BODY, "websocket.send"}
_STRUCTURED_VERSION = "2026-03-01"
_HTML_PAGE = "<!DOCTYPE html><html><head><title>Oops</title></head><body>" + "<p>Oops.</p>" * 400
_BODIES: dict[str, tuple[str, bytes]] = {
    "broken": ("application/json", b'{"title": "broken'),
    "text": ("text/plain; charset=utf-8", b"Something went wrong."),
    "html": ("text/html; charset=utf-8", f"{_HTML_PAGE}</body></html>".encode()),
    "empty": ("text/plain; charset=utf-8", b""),
    "latin1": ("text/plain; charset=utf-8", "Das hätte nicht sein dürfen.".encode("latin-1")),
    "charset": ("text/plain; charset=x-nonsense", b"Something went wrong."),
    "binary": ("application/octet-stream", bytes(range(256)) * 4),
}
_EMPTY_STATUSES = {204, 304}


def replace_with_status(fault: FaultSpec, app: ASGIApp, transport: FaultyTransport) -> ASGIApp:
    """Respond with a status instead of running the application."""
    del app, transport

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        response = _status_response(fault, HTTPConnection(scope))
        if scope["type"] == "http":
            await _read_all(receive)
        await send_response(response, scope, receive, send)

    return run


def drop(fault: FaultSpec, app: ASGIApp, transport: FaultyTransport) -> ASGIApp:
    """Cut the connection instead of running the application."""
    del app

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        del send
        if scope["type"] == "http":
            await _read_all(receive)
        await transport.cut(fault.text("how"))

    return run


def delay(fault: FaultSpec, app: ASGIApp, transport: FaultyTransport) -> ASGIApp:
    """Delay the head and each chunk of the response."""
    del transport
    head, chunk = fault.number("head"), fault.number("chunk")

    async def send_delayed(message: Message, send: Send) -> None:
        if message["type"] in _HEADS:
            await asyncio.sleep(head)
        elif message["type"] in _CHUNKS:
            await asyncio.sleep(chunk)
        await send(message)

    return _with_send(app, send_delayed)


def change_type(fault: FaultSpec, app: ASGIApp, transport: FaultyTransport) -> ASGIApp:
    """Change the content type."""
    del transport

    async def send_typed(message: Message, send: Send) -> None:
        if message["type"] == _START:
            MutableHeaders(scope=message)["content-type"] = fault.text("type")
        await send(message)

    return _with_send(app, send_typed)


def change_body(fault: FaultSpec, app: ASGIApp, transport: FaultyTransport) -> ASGIApp:
    """Replace the body."""
    del transport
    _, body = _BODIES[fault.text("is")]

    async def send_changed(message: Message, send: Send) -> None:
        if message["type"] == _START:
            headers = MutableHeaders(scope=message)
            headers["content-length"] = str(len(body))
            if fault.text("type"):
                headers["content-type"] = fault.text("type")
            await send(message)
        elif not message.get("more_body"):
            await send({"type": _BODY, "body": body})

    return _with_send(app, send_changed)


def compress(fault: FaultSpec, app: ASGIApp, transport: FaultyTransport) -> ASGIApp:
    """Compress the body."""
    del transport

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        head: Message = {}
        pieces: list[bytes] = []

        async def send_compressed(message: Message) -> None:
            if message["type"] == _START:
                head.update(message)
                return
            pieces.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = gzip.compress(b"".join(pieces))
            if fault.text("broken") == "yes":
                body = body[: len(body) // 2]
            headers = MutableHeaders(scope=head)
            headers["content-encoding"] = "gzip"
            headers["content-length"] = str(len(body))
            await send(head)
            await send({"type": _BODY, "body": body})

        await app(scope, receive, send_compressed)

    return run


def close_afterwards(fault: FaultSpec, app: ASGIApp, transport: FaultyTransport) -> ASGIApp:
    """Close the connection after the response."""
    del fault

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)
        transport.close()

    return run


def cut(fault: FaultSpec, app: ASGIApp, transport: FaultyTransport) -> ASGIApp:
    """Cut the body off."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, _BodyCutter(fault, transport, send).send)

    return run


class BodyTerminator:
    """Ends a body early.

    Args:
        transport: The connection.
        send: Sends ASGI messages.
    """

    def __init__(self, transport: FaultyTransport, send: Send) -> None:
        self.is_over = False
        self._transport = transport
        self._send = send

    async def end(self, how: str, last: bytes = b"") -> None:
        """Send the last bytes, and end the body.

        Args:
            how: `end` the response regularly, or cut as `FaultyTransport.cut` does.
            last: The last bytes.
        """
        self.is_over = True
        await self._send({"type": _BODY, "body": last, "more_body": how != "end"})
        if how != "end":
            await self._transport.cut(how)


class _BodyCutter:
    """Passes a number of bytes on, and ends the body after them."""

    def __init__(self, fault: FaultSpec, transport: FaultyTransport, send: Send) -> None:
        self._left = fault.count("after")
        self._how = fault.text("how")
        self._framing = "chunked" if self._how == "end" else fault.text("framing")
        self._send = send
        self._terminator = BodyTerminator(transport, send)
        self._head: Message = {}
        self._buffered: list[bytes] = []

    async def send(self, message: Message) -> None:
        if self._terminator.is_over:
            return
        if message["type"] == _START:
            await self._begin(message)
            return
        body, is_last = message.get("body", b""), not message.get("more_body")
        if self._framing != "length":
            await self._pass(body, is_last=is_last)
            return
        self._buffered.append(body)
        if is_last:
            whole = b"".join(self._buffered)
            MutableHeaders(scope=self._head)["content-length"] = str(len(whole))
            await self._send(self._head)
            await self._pass(whole, is_last=True)

    async def _begin(self, message: Message) -> None:
        if self._framing == "length":
            self._head = message
            return
        if self._framing == "chunked":
            del MutableHeaders(scope=message)["content-length"]
        await self._send(message)

    async def _pass(self, body: bytes, *, is_last: bool) -> None:
        if is_last or len(body) > self._left:
            await self._terminator.end(self._how, body[: self._left])
            return
        self._left -= len(body)
        await self._send({"type": _BODY, "body": body, "more_body": True})


def _with_send(app: ASGIApp, handle: Callable[[Message, Send], Awaitable[None]]) -> ASGIApp:
    """Wrap an application so that each message that it sends is handled first."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, lambda message: handle(message, send))

    return run


def _status_response(fault: FaultSpec, connection: HTTPConnection) -> Response:
    status, shape = fault.count("code"), fault.text("body")
    headers = dict(_retry_headers(fault))
    if status in _EMPTY_STATUSES:
        return Response(status_code=status, headers=headers)
    if shape in _BODIES:
        media, body = _BODIES[shape]
        return Response(body, status, headers, media)
    error = HTTPError(
        status,
        "Fault on demand",
        "this response was requested",
        code="concurrency_limited" if status == 429 else None,  # noqa: PLR2004  as the API does
        headers=headers,
    )
    requested = error_version(connection, _STRUCTURED_VERSION)
    version = Version.parse(_STRUCTURED_VERSION) if shape == "json" else requested
    return error.response(version, request_id(connection))


def _retry_headers(fault: FaultSpec) -> Iterable[tuple[str, str]]:
    for name, header in (
        ("retry-after", "retry-after"),
        ("retry-after-ms", "retry-after-ms"),
        ("should-retry", "x-should-retry"),
        ("location", "location"),
    ):
        text = fault.text(name)
        if text:
            yield header, text
    if fault.text("retry-after-date"):
        moment = dt.datetime.now(dt.timezone.utc)
        moment += dt.timedelta(seconds=fault.number("retry-after-date"))
        yield "retry-after", format_datetime(moment, usegmt=True)


async def _read_all(receive: Receive) -> None:
    """Read the body of a request: a client that is still sending reads no response."""
    while (await receive()).get("more_body"):
        pass

"""Faults of answers over HTTP: another status, body or type, late, or cut."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
from collections.abc import Iterable
from email.utils import format_datetime

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from cartesia_mock.errors import APIError
from cartesia_mock.request_id import request_id
from cartesia_mock.versions import Version, asked_version

from .kinds import Fault
from .line import Line

_START, _BODY = "http.response.start", "http.response.body"
_HEADS = {_START, "websocket.accept", "websocket.http.response.start"}
_PIECES = {_BODY, "websocket.send"}
_STRUCTURED = "2026-03-01"
_PAGE = "<!DOCTYPE html><html><head><title>Oops</title></head><body>" + "<p>Oops.</p>" * 400
_BODIES: dict[str, tuple[str, bytes]] = {
    "broken": ("application/json", b'{"title": "broken'),
    "text": ("text/plain; charset=utf-8", b"Something went wrong."),
    "html": ("text/html; charset=utf-8", f"{_PAGE}</body></html>".encode()),
    "empty": ("text/plain; charset=utf-8", b""),
    "latin1": ("text/plain; charset=utf-8", "Das hätte nicht sein dürfen.".encode("latin-1")),
    "charset": ("text/plain; charset=x-nonsense", b"Something went wrong."),
    "binary": ("application/octet-stream", bytes(range(256)) * 4),
}
_EMPTY_STATUSES = {204, 304}


def answer_status(fault: Fault, app: ASGIApp, line: Line) -> ASGIApp:
    """Answer with a status in place of an application."""
    del app, line

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        response = _status_response(fault, HTTPConnection(scope))
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(response)
            return
        await _read_all(receive)
        await response(scope, receive, send)

    return run


def drop(fault: Fault, app: ASGIApp, line: Line) -> ASGIApp:
    """Cut the connection in place of an application."""
    del app

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        del send
        if scope["type"] == "http":
            await _read_all(receive)
        await line.cut(fault.text("how"))

    return run


def delay(fault: Fault, app: ASGIApp, line: Line) -> ASGIApp:
    """Send the head and each piece of an application's answer later."""
    del line
    head, piece = fault.number("head"), fault.number("chunk")

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_late(message: Message) -> None:
            if message["type"] in _HEADS:
                await asyncio.sleep(head)
            elif message["type"] in _PIECES:
                await asyncio.sleep(piece)
            await send(message)

        await app(scope, receive, send_late)

    return run


def change_type(fault: Fault, app: ASGIApp, line: Line) -> ASGIApp:
    """Say another content-type."""
    del line

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_typed(message: Message) -> None:
            if message["type"] == _START:
                MutableHeaders(scope=message)["content-type"] = fault.text("type")
            await send(message)

        await app(scope, receive, send_typed)

    return run


def change_body(fault: Fault, app: ASGIApp, line: Line) -> ASGIApp:
    """Send another body."""
    del line
    _, body = _BODIES[fault.text("is")]

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_changed(message: Message) -> None:
            if message["type"] == _START:
                headers = MutableHeaders(scope=message)
                headers["content-length"] = str(len(body))
                if fault.text("type"):
                    headers["content-type"] = fault.text("type")
                await send(message)
            elif not message.get("more_body"):
                await send({"type": _BODY, "body": body})

        await app(scope, receive, send_changed)

    return run


def compress(fault: Fault, app: ASGIApp, line: Line) -> ASGIApp:
    """Compress the body."""
    del line

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


def hang_up(fault: Fault, app: ASGIApp, line: Line) -> ASGIApp:
    """Close the connection after the answer."""
    del fault

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)
        line.close()

    return run


def cut(fault: Fault, app: ASGIApp, line: Line) -> ASGIApp:
    """Cut the body."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, _Cut(fault, line, send).send)

    return run


class Ending:
    """The end of a body before its time.

    Args:
        line: The connection.
        send: Sends the answer.
    """

    def __init__(self, line: Line, send: Send) -> None:
        self.is_over = False
        self._line = line
        self._send = send

    async def end(self, how: str, last: bytes = b"") -> None:
        """Send the last bytes, and end.

        Args:
            how: `end` the answer as if that were all, or as `Line.cut`.
            last: The last bytes.
        """
        self.is_over = True
        await self._send({"type": _BODY, "body": last, "more_body": how != "end"})
        if how != "end":
            await self._line.cut(how)


class _Cut:
    """Lets a number of bytes through."""

    def __init__(self, fault: Fault, line: Line, send: Send) -> None:
        self._left = fault.count("after")
        self._how = fault.text("how")
        self._framing = "chunked" if self._how == "end" else fault.text("framing")
        self._send = send
        self._ending = Ending(line, send)
        self._head: Message = {}
        self._kept: list[bytes] = []

    async def send(self, message: Message) -> None:
        if self._ending.is_over:
            return
        if message["type"] == _START:
            await self._begin(message)
            return
        body, is_last = message.get("body", b""), not message.get("more_body")
        if self._framing != "length":
            await self._pass(body, is_last=is_last)
            return
        self._kept.append(body)
        if is_last:
            whole = b"".join(self._kept)
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
            await self._ending.end(self._how, body[: self._left])
            return
        self._left -= len(body)
        await self._send({"type": _BODY, "body": body, "more_body": True})


def _status_response(fault: Fault, connection: HTTPConnection) -> Response:
    status, shape = fault.count("code"), fault.text("body")
    headers = dict(_retry_headers(fault))
    if status in _EMPTY_STATUSES:
        return Response(status_code=status, headers=headers)
    if shape in _BODIES:
        media, body = _BODIES[shape]
        return Response(body, status, headers, media)
    error = APIError(
        status,
        "Fault on demand",
        "this answer was asked for",
        code="concurrency_limited" if status == 429 else None,  # noqa: PLR2004  as the API does
        headers=headers,
    )
    asked = asked_version(connection, _STRUCTURED)
    version = Version.parse(_STRUCTURED) if shape == "json" else asked
    return error.response(version, request_id(connection))


def _retry_headers(fault: Fault) -> Iterable[tuple[str, str]]:
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
    """Read the body of a request: who is still sending would not see the answer."""
    while (await receive()).get("more_body"):
        pass

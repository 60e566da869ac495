"""Faults of server-sent events: cut, ended too early, or with events that should not be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cartesia_mock.jsontypes import JSONObject

from .answers import Ending
from .kinds import Fault
from .line import Line

_END = b"\n\n"


class _Events:
    """Passes an event stream on event by event, and does something after a number of them."""

    def __init__(self, fault: Fault, line: Line, send: Send) -> None:
        self.fault = fault
        self.line = line
        self.ending = Ending(line, send)
        self._left = fault.count("after")
        self._act: _Act | None = _ACTS[fault.name]
        self._send = send
        self._is_stream = False
        self._rest = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            self._is_stream = headers.get("content-type", "").startswith("text/event-stream")
            if self._is_stream:
                del headers["content-length"]
            await self._send(message)
        elif not self._is_stream:
            await self._send(message)
        elif not self.ending.is_over:
            await self._read(message.get("body", b""), is_last=not message.get("more_body"))

    async def write(self, data: bytes) -> None:
        """Send a piece of the stream."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def _read(self, data: bytes, *, is_last: bool) -> None:
        *events, self._rest = (self._rest + data).split(_END)
        for event in events:
            await self._pass(event + _END)
            if self.ending.is_over:
                return
        if is_last:
            await self.ending.end("end", self._rest)

    async def _pass(self, event: bytes) -> None:
        if self._left == 0 and self._act is not None:
            act, self._act = self._act, None
            await act(self, event)
            if self.ending.is_over:
                return
        self._left -= 1
        await self.write(event)


_Act = Callable[[_Events, bytes], Awaitable[None]]


def disturb_stream(fault: Fault, app: ASGIApp, line: Line) -> ASGIApp:
    """Disturb an application's events."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, _Events(fault, line, send).send)

    return run


async def _cut(events: _Events, event: bytes) -> None:
    await events.ending.end(events.fault.text("how"), event[: len(event) // 2])


async def _end(events: _Events, _: bytes) -> None:
    await events.ending.end("end")


async def _error(events: _Events, _: bytes) -> None:
    data: JSONObject = {
        "type": "error",
        "done": True,
        "status_code": events.fault.count("code"),
        "title": "Fault on demand",
        "message": "this event was asked for",
        "request_id": "00000000-0000-4000-8000-000000000000",
    }
    await events.ending.end("end", _event("error", data))


async def _comments(events: _Events, _: bytes) -> None:
    gone = asyncio.ensure_future(events.line.until_gone())
    try:
        while not gone.done():
            await events.write(b": keep-alive\n\n")
            await asyncio.wait([gone], timeout=events.fault.number("every"))
    finally:
        gone.cancel()
    await events.line.cut("close")


async def _malformed(events: _Events, _: bytes) -> None:
    await events.write(b'event: chunk\ndata: {"type": "chunk", "data":\n\n')


async def _unknown(events: _Events, _: bytes) -> None:
    await events.write(_event("mock_unknown", {"type": "mock_unknown", "done": False}))


async def _untyped(events: _Events, _: bytes) -> None:
    await events.write(b'data: {"done": false, "note": "no type"}\n\n')


async def _huge(events: _Events, _: bytes) -> None:
    filling = "x" * events.fault.count("bytes")
    await events.write(_event("mock_unknown", {"type": "mock_unknown", "filling": filling}))


def _event(name: str, data: JSONObject) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


_ACTS: dict[str, _Act] = {
    "sse-cut": _cut,
    "sse-end": _end,
    "sse-error": _error,
    "sse-comments": _comments,
    "sse-malformed": _malformed,
    "sse-unknown": _unknown,
    "sse-untyped": _untyped,
    "sse-huge": _huge,
}

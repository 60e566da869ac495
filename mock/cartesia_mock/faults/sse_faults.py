"""SSE faults: streams that are cut, end early, or contain unexpected events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cartesia_mock.api.event_stream import EVENT_STREAM, encode_event
from cartesia_mock.api.jsontypes import JSONObject
from cartesia_mock.faults.fault_types import FaultSpec
from cartesia_mock.faults.faulty_transport import FaultyTransport
from cartesia_mock.faults.http_faults import BodyTerminator

_END = b"\n\n"


class _EventFilter:
    """Passes events on one by one, and performs an action after a number of them."""

    def __init__(self, fault: FaultSpec, transport: FaultyTransport, send: Send) -> None:
        self.fault = fault
        self.transport = transport
        self.terminator = BodyTerminator(transport, send)
        self._left = fault.count("after")
        self._action: _Action | None = _ACTIONS[fault.name]
        self._send = send
        self._is_stream = False
        self._rest = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            self._is_stream = headers.get("content-type", "").startswith(EVENT_STREAM)
            if self._is_stream:
                del headers["content-length"]
            await self._send(message)
        elif not self._is_stream:
            await self._send(message)
        elif not self.terminator.is_over:
            await self._read(message.get("body", b""), is_last=not message.get("more_body"))

    async def write(self, data: bytes) -> None:
        """Send a part of the stream."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def _read(self, data: bytes, *, is_last: bool) -> None:
        *events, self._rest = (self._rest + data).split(_END)
        for event in events:
            await self._pass(event + _END)
            if self.terminator.is_over:
                return
        if is_last:
            await self.terminator.end("end", self._rest)

    async def _pass(self, event: bytes) -> None:
        if self._left == 0 and self._action is not None:
            action, self._action = self._action, None
            await action(self, event)
            if self.terminator.is_over:
                return
        self._left -= 1
        await self.write(event)


_Action = Callable[[_EventFilter, bytes], Awaitable[None]]


def filter_events(fault: FaultSpec, app: ASGIApp, transport: FaultyTransport) -> ASGIApp:
    """Apply a fault to the events of an application."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, _EventFilter(fault, transport, send).send)

    return run


async def _cut(events: _EventFilter, event: bytes) -> None:
    await events.terminator.end(events.fault.text("how"), event[: len(event) // 2])


async def _end(events: _EventFilter, _: bytes) -> None:
    await events.terminator.end("end")


async def _error(events: _EventFilter, _: bytes) -> None:
    data: JSONObject = {
        "type": "error",
        "done": True,
        "status_code": events.fault.count("code"),
        "title": "Fault on demand",
        "message": "this event was requested",
        "request_id": "00000000-0000-4000-8000-000000000000",
    }
    await events.terminator.end("end", encode_event(data))


async def _comments(events: _EventFilter, _: bytes) -> None:
    disconnected = asyncio.ensure_future(events.transport.wait_disconnected())
    try:
        while not disconnected.done():
            await events.write(b": keep-alive\n\n")
            await asyncio.wait([disconnected], timeout=events.fault.number("every"))
    finally:
        disconnected.cancel()
    await events.transport.cut("close")


async def _malformed(events: _EventFilter, _: bytes) -> None:
    await events.write(b'event: chunk\ndata: {"type": "chunk", "data":\n\n')


async def _unknown(events: _EventFilter, _: bytes) -> None:
    await events.write(encode_event({"type": "mock_unknown", "done": False}))


async def _untyped(events: _EventFilter, _: bytes) -> None:
    await events.write(b'data: {"done": false, "note": "no type"}\n\n')


async def _huge(events: _EventFilter, _: bytes) -> None:
    filling = "x" * events.fault.count("bytes")
    await events.write(encode_event({"type": "mock_unknown", "filling": filling}))


_ACTIONS: dict[str, _Action] = {
    "sse-cut": _cut,
    "sse-end": _end,
    "sse-error": _error,
    "sse-comments": _comments,
    "sse-malformed": _malformed,
    "sse-unknown": _unknown,
    "sse-untyped": _untyped,
    "sse-huge": _huge,
}

"""WebSocket faults: connections that drop, close, go silent, freeze, or send unexpected frames."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cartesia_mock.api.jsontypes import JSONFields, JSONObject, as_object, parse_json
from cartesia_mock.faults.fault_types import FaultSpec
from cartesia_mock.faults.faulty_transport import FaultyTransport

_UNKNOWN_CONTEXT = "00000000-0000-4000-8000-00000000dead"
_CHUNK: JSONObject = {
    "type": "chunk",
    "status_code": 206,
    "done": False,
    "data": "AAAA",
    "step_time": 1.0,
}


class _MessageFilter:
    """Passes messages on, and performs an action after a number of them."""

    def __init__(
        self, fault: FaultSpec, transport: FaultyTransport, receive: Receive, send: Send
    ) -> None:
        self.fault = fault
        self.transport = transport
        self.is_silent = False
        self.frozen_until: float | None = None
        self.last: JSONObject = {}
        self._left = fault.count("after")
        self._action: _Action | None = _ACTIONS.get(fault.name)
        self._chunks: dict[str, JSONObject] = {}
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        message = await self._receive()
        if self.frozen_until is not None and message["type"] == "websocket.receive":
            # uvicorn resumes reading after each message: pause it again while frozen.
            self.transport.pause()
            await asyncio.sleep(self.frozen_until - asyncio.get_running_loop().time())
            return await self._receive()
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.accept":
            await self._send(message)
        elif message["type"] == "websocket.send":
            if self.is_silent:
                return
            await self._send(message)
            self._left -= 1
            await self._inspect(message.get("text") or "")
        elif self.frozen_until is None:
            await self._send(message)
            return
        if self._left == 0 and self._action is not None:
            action, self._action = self._action, None
            await action(self)

    async def write(self, event: JSONObject) -> None:
        """Send an additional event."""
        await self._send({"type": "websocket.send", "text": json.dumps(event)})

    async def write_raw(self, data: str | bytes) -> None:
        """Send an additional frame that is not an event."""
        key = "bytes" if isinstance(data, bytes) else "text"
        await self._send({"type": "websocket.send", key: data})

    async def close(self, code: int, reason: str) -> None:
        """Close the WebSocket."""
        self.is_silent = True
        await self._send({"type": "websocket.close", "code": code, "reason": reason})

    def identifiers(self) -> JSONObject:
        """Return the identifiers of the last event."""
        return {name: self.last[name] for name in ("context_id", "request_id") if name in self.last}

    async def _inspect(self, text: str) -> None:
        """Inspect an event that was sent."""
        try:
            self.last = as_object(parse_json(text))
        except ValueError:
            return  # An earlier fault has inserted it.
        event = JSONFields(self.last)
        kind, context = event.text("type"), event.text("context_id")
        if self.fault.name == "socket-double" and kind == self.fault.text("type"):
            await self.write(self.last)
        elif self.fault.name == "socket-late" and kind == "chunk":
            self._chunks[context] = self.last
        elif self.fault.name == "socket-late" and kind == "done" and context in self._chunks:
            await self.write(self._chunks[context])


_Action = Callable[[_MessageFilter], Awaitable[None]]


def filter_messages(fault: FaultSpec, app: ASGIApp, transport: FaultyTransport) -> ASGIApp:
    """Apply a fault to the messages of an application."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        messages = _MessageFilter(fault, transport, receive, send)
        await app(scope, messages.receive, messages.send)

    return run


async def _drop(messages: _MessageFilter) -> None:
    await messages.transport.cut(messages.fault.text("how"))


async def _close(messages: _MessageFilter) -> None:
    await messages.close(messages.fault.count("code"), messages.fault.text("reason"))


async def _silence(messages: _MessageFilter) -> None:
    messages.is_silent = True


async def _freeze(messages: _MessageFilter) -> None:
    messages.is_silent = True
    loop = asyncio.get_running_loop()
    messages.frozen_until = loop.time() + messages.fault.number("seconds")
    messages.transport.pause()
    loop.call_at(messages.frozen_until, messages.transport.reset)


async def _malformed(messages: _MessageFilter) -> None:
    await messages.write_raw('{"type": "chunk", "data": ')


async def _binary(messages: _MessageFilter) -> None:
    await messages.write_raw(bytes(range(256)))


async def _unknown(messages: _MessageFilter) -> None:
    await messages.write({"type": "mock_unknown", **messages.identifiers()})


async def _untyped(messages: _MessageFilter) -> None:
    await messages.write({"note": "no type", **messages.identifiers()})


async def _unknown_context(messages: _MessageFilter) -> None:
    await messages.write({**(messages.last or _CHUNK), "context_id": _UNKNOWN_CONTEXT})


async def _error(messages: _MessageFilter) -> None:
    code = messages.fault.count("code")
    title, message = "Fault on demand", "this event was requested"
    about: JSONObject = {"title": title, "message": message, "error": f"{title}: {message}"}
    await messages.write({"type": "error", "done": True, "status_code": code, **about})


async def _huge(messages: _MessageFilter) -> None:
    filling = "x" * messages.fault.count("bytes")
    await messages.write({"type": "mock_unknown", **messages.identifiers(), "filling": filling})


_ACTIONS: dict[str, _Action] = {
    "socket-drop": _drop,
    "socket-close": _close,
    "socket-silence": _silence,
    "socket-freeze": _freeze,
    "socket-malformed": _malformed,
    "socket-binary": _binary,
    "socket-unknown": _unknown,
    "socket-untyped": _untyped,
    "socket-unknown-context": _unknown_context,
    "socket-error": _error,
    "socket-huge": _huge,
}

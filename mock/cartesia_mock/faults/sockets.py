"""Faults of WebSockets: dropped, closed, silent, frozen, or with frames that should not be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cartesia_mock.jsontypes import Fields, JSONObject, as_object, parse_json

from .kinds import Fault
from .line import Line

_STRANGER = "00000000-0000-4000-8000-00000000dead"
_CHUNK: JSONObject = {
    "type": "chunk",
    "status_code": 206,
    "done": False,
    "data": "AAAA",
    "step_time": 1.0,
}


class _Messages:
    """Passes a socket's messages on, and does something after a number of them."""

    def __init__(self, fault: Fault, line: Line, receive: Receive, send: Send) -> None:
        self.fault = fault
        self.line = line
        self.is_silent = False
        self.thaw_at: float | None = None
        self.last: JSONObject = {}
        self._left = fault.count("after")
        self._act: _Act | None = _ACTS.get(fault.name)
        self._chunks: dict[str, JSONObject] = {}
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        message = await self._receive()
        if self.thaw_at is not None and message["type"] == "websocket.receive":
            # The server reads on when it has given out what it read: not while it is frozen.
            self.line.pause()
            await asyncio.sleep(self.thaw_at - asyncio.get_running_loop().time())
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
            await self._look(message.get("text") or "")
        elif self.thaw_at is None:
            await self._send(message)
            return
        if self._left == 0 and self._act is not None:
            act, self._act = self._act, None
            await act(self)

    async def write(self, event: JSONObject) -> None:
        """Send an event that should not be."""
        await self._send({"type": "websocket.send", "text": json.dumps(event)})

    async def write_raw(self, data: str | bytes) -> None:
        """Send a frame that is no event."""
        key = "bytes" if isinstance(data, bytes) else "text"
        await self._send({"type": "websocket.send", key: data})

    async def close(self, code: int, reason: str) -> None:
        """Close the socket."""
        self.is_silent = True
        await self._send({"type": "websocket.close", "code": code, "reason": reason})

    def names(self) -> JSONObject:
        """Give the identifiers that events carry here."""
        return {name: self.last[name] for name in ("context_id", "request_id") if name in self.last}

    async def _look(self, text: str) -> None:
        """Look at an event that has been sent."""
        try:
            self.last = as_object(parse_json(text))
        except ValueError:
            return  # An earlier fault has slipped it in.
        event = Fields(self.last)
        kind, context = event.text("type"), event.text("context_id")
        if self.fault.name == "socket-double" and kind == self.fault.text("type"):
            await self.write(self.last)
        elif self.fault.name == "socket-late" and kind == "chunk":
            self._chunks[context] = self.last
        elif self.fault.name == "socket-late" and kind == "done" and context in self._chunks:
            await self.write(self._chunks[context])


_Act = Callable[[_Messages], Awaitable[None]]


def disturb_socket(fault: Fault, app: ASGIApp, line: Line) -> ASGIApp:
    """Disturb an application's messages."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        messages = _Messages(fault, line, receive, send)
        await app(scope, messages.receive, messages.send)

    return run


async def _drop(messages: _Messages) -> None:
    await messages.line.cut(messages.fault.text("how"))


async def _close(messages: _Messages) -> None:
    await messages.close(messages.fault.count("code"), messages.fault.text("reason"))


async def _silence(messages: _Messages) -> None:
    messages.is_silent = True


async def _freeze(messages: _Messages) -> None:
    messages.is_silent = True
    loop = asyncio.get_running_loop()
    messages.thaw_at = loop.time() + messages.fault.number("seconds")
    messages.line.pause()
    loop.call_at(messages.thaw_at, messages.line.reset)


async def _malformed(messages: _Messages) -> None:
    await messages.write_raw('{"type": "chunk", "data": ')


async def _binary(messages: _Messages) -> None:
    await messages.write_raw(bytes(range(256)))


async def _unknown(messages: _Messages) -> None:
    await messages.write({"type": "mock_unknown", **messages.names()})


async def _untyped(messages: _Messages) -> None:
    await messages.write({"note": "no type", **messages.names()})


async def _stranger(messages: _Messages) -> None:
    await messages.write({**(messages.last or _CHUNK), "context_id": _STRANGER})


async def _error(messages: _Messages) -> None:
    code = messages.fault.count("code")
    title, message = "Fault on demand", "this event was asked for"
    about: JSONObject = {"title": title, "message": message, "error": f"{title}: {message}"}
    await messages.write({"type": "error", "done": True, "status_code": code, **about})


async def _huge(messages: _Messages) -> None:
    filling = "x" * messages.fault.count("bytes")
    await messages.write({"type": "mock_unknown", **messages.names(), "filling": filling})


_ACTS: dict[str, _Act] = {
    "socket-drop": _drop,
    "socket-close": _close,
    "socket-silence": _silence,
    "socket-freeze": _freeze,
    "socket-malformed": _malformed,
    "socket-binary": _binary,
    "socket-unknown": _unknown,
    "socket-untyped": _untyped,
    "socket-stranger": _stranger,
    "socket-error": _error,
    "socket-huge": _huge,
}

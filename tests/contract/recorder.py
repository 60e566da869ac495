"""A server that keeps every request as it arrived, and answers with the examples of the document."""

from __future__ import annotations

import io
import json
import threading
import wave
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from cartesia_mock.server import Server, listen
from scripts.bundle import JSON
from tests.contract.operations import Called, examples, operations

_READY_SECONDS = 30


@dataclass(frozen=True)
class File:
    """A file that arrived in a form."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True)
class Arrived:
    """A request, or the handshake of a socket, taken apart but not interpreted."""

    method: str
    segments: list[str]
    """The path between its slashes, decoded."""
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes = b""
    form: list[tuple[str, str | File]] = field(default_factory=list)


class Recorder:
    """The server's application, and what it saw."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.heard: list[str | bytes] = []
        """The messages of clients, from the sockets since it was cleared."""
        self.says: list[str] = []
        """What a socket says; then it closes."""
        self.listens_first = False
        """Whether it waits for a message of the client before."""
        self.ended = threading.Event()
        """Set when a socket has ended and all that it heard is noted."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or converse on one socket."""
        if scope["type"] == "websocket":
            await self._converse(WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        body = await request.body()
        form: list[tuple[str, str | File]] = []
        if request.headers.get("content-type", "").startswith("multipart/"):
            async with request.form(max_part_size=1 << 24) as parts:
                for name, part in parts.multi_items():
                    if isinstance(part, str):
                        form.append((name, part))
                    else:
                        content = await part.read()
                        kind = part.content_type or ""
                        form.append((name, File(part.filename or "", content, kind)))
        arrived = _taken_apart(scope, request.method, request.headers, body, form)
        self.arrived.append(arrived)
        status, kind, answer = answered(called(arrived))
        headers = [(b"content-type", kind.encode())] if answer else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _converse(self, socket: WebSocket) -> None:
        self.arrived.append(_taken_apart(socket.scope, "GET", socket.headers))
        await socket.accept()
        try:
            if self.says and self.listens_first:
                await self._listen(socket)
            for message in self.says:
                await socket.send_text(message)
            if self.says:
                await socket.close()
            while await self._listen(socket):
                pass
        finally:
            self.ended.set()

    async def _listen(self, socket: WebSocket) -> bool:
        """Note the next message; tell whether there was one."""
        frame = await socket.receive()
        if frame["type"] == "websocket.disconnect":
            return False
        text = frame.get("text")
        self.heard.append(frame["bytes"] if text is None else text)
        return True

    def forget(self) -> None:
        """Begin anew."""
        self.arrived.clear()
        self.heard.clear()
        self.ended.clear()


def _taken_apart(
    scope: Scope,
    method: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    form: list[tuple[str, str | File]] | None = None,
) -> Arrived:
    path = scope["raw_path"].decode("ascii")
    query = parse_qsl(scope["query_string"].decode("ascii"), keep_blank_values=True)
    segments = [unquote(segment, errors="strict") for segment in path.split("/")]
    return Arrived(method, segments, query, dict(headers), body, form or [])


def called(arrived: Arrived) -> Called:
    """Find the operation that a request asks for: the one with the most fixed segments."""
    fitting = [
        operation
        for operation in operations().values()
        if operation.raw.method.upper() == arrived.method and _fits(operation, arrived)
    ]
    return max(fitting, key=lambda operation: -operation.raw.path.count("{"))


def _fits(operation: Called, arrived: Arrived) -> bool:
    template = operation.raw.path.split("/")
    return len(template) == len(arrived.segments) and all(
        part.startswith("{") or part == segment
        for part, segment in zip(template, arrived.segments, strict=True)
    )


def answered(operation: Called) -> tuple[int, str, bytes]:
    """Return status, media type and body of the answer that the document shows."""
    status, content = operation.answer
    for kind, media in content.items():
        if kind.startswith("audio/"):
            return status, kind, audio()
        shown = examples(media)
        if kind == "text/event-stream":
            return status, kind, b"".join(_event(value) for value in shown)
        text = shown[0] if isinstance(shown[0], str) else json.dumps(shown[0])
        return status, kind, text.encode()
    return status, "", b""


def audio() -> bytes:
    """Return a short WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
        writer.writeframes(bytes(range(64)))
    return file.getvalue()


def _event(value: JSON) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


@contextmanager
def recording() -> Iterator[tuple[Recorder, str]]:
    """Run the server on the loopback, in a thread of its own.

    Yields:
        What it records, and its base URL.
    """
    recorder = Recorder()
    ready = threading.Event()
    server = Server(recorder, listen("127.0.0.1", 0), lambda _: ready.set())
    thread = threading.Thread(target=server.run, name="recorder", daemon=True)
    thread.start()
    assert ready.wait(_READY_SECONDS), "the recording server did not start"
    try:
        yield recorder, server.url
    finally:
        server.should_exit = True
        thread.join()
